/* Writes effects as statements: ledger entries, counters, columns of other rows. Enter at
 * apply_effects, apply_refusal and apply_check. Locks all counters in one order first. */

#include "engine/write/apply.h"

#include "core/uuid.h"

#include <assert.h>
#include <errno.h>

_Static_assert(2 * EFFECTS_MAX + 3 <= TRIP_MAX, "takes, their counters, lock, key and row");

/* The number of effects depends on the configured limits; an excess is counted and becomes a
 * fault. */
static struct effect *effect_new(struct effects *effects, enum effect_kind kind)
{
	size_t at = effects->count < EFFECTS_MAX ? effects->count : EFFECTS_MAX;
	struct effect *effect = &effects->items[at];

	effects->count++;
	*effect = (struct effect){ .kind = kind };
	return effect;
}

void effect_set(struct effects *effects, const struct resource *resource, struct text id,
		const void *values, const char *const *members)
{
	struct effect *effect = effect_new(effects, EFFECT_SET);

	effect->resource = resource;
	effect->id = id;
	effect->values = values;
	for (size_t i = 0; members[i] != NULL; i++) {
		assert(i < EFFECT_MEMBERS_MAX);
		effect->members[i] = members[i];
	}
}

void effect_take(struct effects *effects, const struct limit_take *take)
{
	effect_new(effects, EFFECT_TAKE)->take = *take;
}

void effect_give(struct effects *effects, struct text act_id)
{
	effect_new(effects, EFFECT_GIVE)->id = act_id;
}

static struct text apply_number(struct trip *trip, int64_t value)
{
	struct text text = arena_format(trip->arena, "%lld", (long long)value);

	if (text.ptr == NULL)
		trip->rc = -ENOMEM;
	return text;
}

static struct text apply_uuid(struct trip *trip)
{
	struct text text = uuid_text(trip->arena);

	if (text.ptr == NULL)
		trip->rc = -ENOMEM;
	return text;
}

static void apply_values(struct sql *sql, const struct text *values, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			sql_puts(sql, ", ");
		sql_param(sql, values[i]);
	}
}

static void apply_counter(struct sql *sql, const struct limit_take *take)
{
	sql_puts(sql, " WHERE u.limit_id = ");
	sql_param(sql, take->counter_id);
	sql_puts(sql, " AND u.holder_id = ");
	sql_param(sql, take->holder_id);
	sql_puts(sql, " AND u.period = ");
	sql_param(sql, take->period);
}

static void apply_take_row(struct trip *trip, const struct limit_take *take, const struct act *act)
{
	struct text values[] = { apply_uuid(trip),
				 take->counter_id,
				 take->holder_id,
				 act->provider_id,
				 act->client_id,
				 act->case_id,
				 take->period,
				 apply_number(trip, take->amount),
				 take->block ? TEXT("block") : TEXT("warn") };
	struct sql *sql = trip_add(trip, NULL);

	sql_puts(sql, "INSERT INTO limit_usages (id, limit_id, holder_id, provider_id, client_id,"
		      " case_id, period, amount, enforcement) VALUES (");
	apply_values(sql, values, sizeof(values) / sizeof(values[0]));
	sql_puts(sql, ") ON CONFLICT (limit_id, holder_id, period) DO NOTHING");
}

static struct text apply_given(const struct effect *effect, const struct act *act)
{
	return effect->id.ptr != NULL ? effect->id : act->id;
}

/* Make and lock all counters of the act first, in one order for all acts, so that two acts never
 * deadlock. A statement that waits for a lock continues with the snapshot from before its wait. So
 * count in a later statement, or two acts would get the same number. */
static void apply_lock(struct trip *trip, const struct effects *effects, const struct act *act,
		       const struct applied *applied)
{
	const char *glue = "SELECT u.id FROM limit_usages u WHERE u.id IN (";
	struct sql *sql;

	for (size_t i = 0; i < applied->take_count; i++)
		apply_take_row(trip, &applied->take_of[i]->take, act);
	sql = trip_add(trip, NULL);
	for (size_t i = 0; i < effects->count; i++) {
		if (effects->items[i].kind != EFFECT_GIVE)
			continue;
		sql_puts(sql, glue);
		sql_puts(sql, "SELECT e.usage_id FROM limit_entries e"
			      " WHERE e.given_back_at IS NULL AND e.act_id = ");
		sql_param(sql, apply_given(&effects->items[i], act));
		glue = " UNION ALL ";
	}
	for (size_t i = 0; i < applied->take_count; i++) {
		sql_puts(sql, glue);
		sql_puts(sql, "SELECT u.id FROM limit_usages u");
		apply_counter(sql, &applied->take_of[i]->take);
		glue = " UNION ALL ";
	}
	sql_puts(sql, ") ORDER BY u.limit_id, u.period, u.holder_id FOR NO KEY UPDATE");
}

/* Rule sets share counters: each act sets its own amount and enforcement. An effect with always
 * must not violate the counter's CHECK, which the next act sets again. */
static void apply_amount(struct sql *sql, const struct limit_take *take, struct text amount,
			 struct text units)
{
	if (take->always) {
		sql_puts(sql, "amount = greatest(u.amount, u.used + ");
		sql_param(sql, units);
		sql_puts(sql, ")");
		return;
	}
	sql_puts(sql, "amount = ");
	sql_param(sql, amount);
	sql_puts(sql, take->block ? ", enforcement = 'block'" : ", enforcement = 'warn'");
}

static void apply_take(struct trip *trip, const struct limit_take *take, const struct act *act,
		       size_t *ret_index)
{
	struct text amount = apply_number(trip, take->amount);
	struct text units = apply_number(trip, take->units);
	struct sql *sql;

	sql = trip_add(trip, ret_index);
	sql_puts(sql, "WITH taken AS (UPDATE limit_usages u SET ");
	apply_amount(sql, take, amount, units);
	sql_puts(sql, ", used = u.used + ");
	sql_param(sql, units);
	apply_counter(sql, take);
	if (take->block && !take->always) {
		sql_puts(sql, " AND u.used + ");
		sql_param(sql, units);
		sql_puts(sql, " <= ");
		sql_param(sql, amount);
	}
	/* No counter row, no usage_id: the constraint limit_entries_taken refuses the entry. */
	sql_puts(sql,
		 " RETURNING u.id) INSERT INTO limit_entries (id, provider_id, client_id, case_id,"
		 " act, act_id, units, usage_id, number) VALUES (");
	struct text values[] = { apply_uuid(trip),   act->provider_id, act->client_id, act->case_id,
				 text_of(act->name), act->id,	       units };

	apply_values(sql, values, sizeof(values) / sizeof(values[0]));
	sql_puts(sql, ", (SELECT id FROM taken)");
	if (take->units != 1 || !take->block || take->always) {
		sql_puts(sql, ", NULL)");
		return;
	}
	sql_puts(sql, ", limit_number((SELECT id FROM taken), ");
	sql_param(sql, amount);
	sql_puts(sql, "))");
}

static void apply_give(struct trip *trip, struct text act_id)
{
	struct sql *sql = trip_add(trip, NULL);

	sql_puts(sql, "WITH given AS (UPDATE limit_entries SET given_back_at = now(), number = NULL"
		      " WHERE given_back_at IS NULL AND act_id = ");
	sql_param(sql, act_id);
	sql_puts(sql,
		 " RETURNING usage_id, units) UPDATE limit_usages u SET used = u.used - g.units"
		 " FROM (SELECT usage_id, sum(units)::bigint AS units FROM given GROUP BY "
		 "usage_id) g"
		 " WHERE u.id = g.usage_id");
}

static void apply_set(struct trip *trip, const struct effect *effect, size_t *ret_index)
{
	const struct resource *resource = effect->resource;
	struct sql *sql = trip_add(trip, ret_index);

	sql_puts(sql, "UPDATE ");
	sql_puts(sql, resource_table(resource));
	sql_puts(sql,
		 " t SET updated_at = now(), updated_by = app_user(), version = t.version + 1");
	for (size_t i = 0; effect->members[i] != NULL; i++) {
		int index = field_find(resource->fields, resource->field_count,
				       text_of(effect->members[i]));
		struct text value = TEXT_NULL;
		int rc;

		assert(index >= 0 && !(resource->fields[index].flags & SEALED));
		rc = field_to_sql(&resource->fields[index], effect->values, trip->arena, &value);
		if (rc != 0)
			trip->rc = rc;
		sql_puts(sql, ", ");
		sql_puts(sql, effect->members[i]);
		sql_puts(sql, " = ");
		sql_param(sql, value);
	}
	sql_puts(sql, " WHERE t.id = ");
	sql_param(sql, effect->id);
}

/* The effects' takes by counter_id: one order for all acts. */
static void apply_order(const struct effects *effects, struct applied *applied)
{
	for (size_t i = 0; i < effects->count; i++) {
		const struct effect *effect = &effects->items[i];
		struct text counter = effect->take.counter_id;
		size_t at = applied->take_count;

		if (effect->kind != EFFECT_TAKE)
			continue;
		while (at > 0 && memcmp(applied->take_of[at - 1]->take.counter_id.ptr, counter.ptr,
					counter.len) > 0) {
			applied->take_of[at] = applied->take_of[at - 1];
			at--;
		}
		applied->take_of[at] = effect;
		applied->take_count++;
	}
}

void apply_effects(struct trip *trip, const struct effects *effects, const struct act *act,
		   struct applied *ret)
{
	size_t gives = 0;

	*ret = (struct applied){ 0 };
	apply_order(effects, ret);
	for (size_t i = 0; i < effects->count; i++)
		gives += effects->items[i].kind == EFFECT_GIVE;
	if (gives + ret->take_count > 0)
		apply_lock(trip, effects, act, ret);
	for (size_t i = 0; i < effects->count; i++)
		if (effects->items[i].kind == EFFECT_GIVE)
			apply_give(trip, apply_given(&effects->items[i], act));
	for (size_t i = 0; i < ret->take_count; i++)
		apply_take(trip, &ret->take_of[i]->take, act, &ret->take_at[i]);
	for (size_t i = 0; i < effects->count; i++)
		if (effects->items[i].kind == EFFECT_SET)
			apply_set(trip, &effects->items[i], &ret->set_at[ret->set_count++]);
}

int apply_refusal(struct ctx *ctx, const struct applied *applied, size_t failed_at, int rc)
{
	if (rc != P_LIMIT_REACHED)
		return rc;
	for (size_t i = 0; i < applied->take_count; i++)
		if (applied->take_at[i] == failed_at) {
			ctx_clear(ctx);
			return fail_words(ctx, applied->take_of[i]->take.problem,
					  applied->take_of[i]->take.words);
		}
	return rc;
}

int apply_check(struct ctx *ctx, const struct applied *applied, const struct trip *trip)
{
	for (size_t i = 0; i < applied->set_count; i++)
		if (reply_touched(trip->replies[applied->set_at[i]]) != 1)
			return fault(ctx, ENOENT, "effect_without_row",
				     trip->queries[applied->set_at[i]].sql);
	return 0;
}
