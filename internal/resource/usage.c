/* How acts take units of limits (the ledger), and the facts that every resource with limits
 * reads. */

#include "resource/usage.h"

#include <errno.h>

const struct field usage_case_fields[] = {
	ID_FIELD(struct case_facts, case_id),
	ENUM_FIELD(struct case_facts, status, case_status),
	DATE_FIELD(struct case_facts, received_on),
	DATE_FIELD(struct case_facts, granted_on),
	DATE_FIELD(struct case_facts, course_start),
	DATE_FIELD(struct case_facts, course_end),
	INTEGER_FIELD(struct case_facts, suspended_days, 0, INT64_MAX),
	INTEGER_FIELD(struct case_facts, course_days, 0, INT64_MAX),
	DATE_FIELD(struct case_facts, aftercare_until),
	INTEGER_FIELD(struct case_facts, aftercare_minutes, 0, INT64_MAX),
	FLAG_FIELD(struct case_facts, no_show_consumes),
	FLAG_FIELD(struct case_facts, witness_supported),
	FLAG_FIELD(struct case_facts, interpreter_only_where_none),
};
_Static_assert(sizeof(usage_case_fields) / sizeof(struct field) == USAGE_CASE_FIELDS, "count");

const struct field usage_limit_fields[] = {
	ID_FIELD(struct limit_terms, id),
	ENUM_FIELD(struct limit_terms, code, limit_code),
	TEXT_FIELD(struct limit_terms, service, 40),
	ENUM_FIELD(struct limit_terms, unit, limit_unit),
	INTEGER_FIELD(struct limit_terms, amount, 0, INT64_MAX),
	ENUM_FIELD(struct limit_terms, per, limit_holder),
	ENUM_FIELD(struct limit_terms, period, limit_period),
	ENUM_FIELD(struct limit_terms, enforcement, enforcement),
	ID_FIELD(struct limit_terms, contract_id),
	DATE_FIELD(struct limit_terms, starts_on),
	DATE_FIELD(struct limit_terms, ends_on),
};
_Static_assert(sizeof(usage_limit_fields) / sizeof(struct field) == USAGE_LIMIT_FIELDS, "count");

const struct field usage_holding_fields[] = {
	ID_FIELD(struct limit_holding, counter_id),
	ID_FIELD(struct limit_holding, holder_id),
	ID_FIELD(struct limit_holding, own_holder_id),
};
_Static_assert(sizeof(usage_holding_fields) / sizeof(struct field) == USAGE_HOLDING_FIELDS,
	       "count");

const struct field usage_use_fields[] = {
	ID_FIELD(struct limit_use, limit_id),
	TEXT_FIELD(struct limit_use, period, 10),
	INTEGER_FIELD(struct limit_use, used, 0, INT64_MAX),
};
_Static_assert(sizeof(usage_use_fields) / sizeof(struct field) == USAGE_USE_FIELDS, "count");

const struct field usage_contract_fields[] = {
	ID_FIELD(struct contract_term, contract_id),
	{ .name = "starts_on",
	  .type = FIELD_DATE,
	  .offset = FIELD_OFFSET(struct contract_term, from, struct date) },
	{ .name = "ends_on",
	  .type = FIELD_DATE,
	  .offset = FIELD_OFFSET(struct contract_term, to, struct date) },
};
_Static_assert(sizeof(usage_contract_fields) / sizeof(struct field) == USAGE_CONTRACT_FIELDS,
	       "count");

const struct field usage_support_fields[] = {
	{ .name = "starts_on",
	  .type = FIELD_DATE,
	  .offset = FIELD_OFFSET(struct support_period, from, struct date) },
	{ .name = "ends_on",
	  .type = FIELD_DATE,
	  .offset = FIELD_OFFSET(struct support_period, to, struct date) },
	ENUM_FIELD(struct support_period, basis, support_basis),
};
_Static_assert(sizeof(usage_support_fields) / sizeof(struct field) == USAGE_SUPPORT_FIELDS,
	       "count");

/* The refusal of a limit, by the entitlement that it bounds. */
static enum problem usage_problem(struct text service)
{
	if (text_is(service, "aftercare"))
		return P_AFTERCARE_EXHAUSTED;
	if (text_is(service, "family"))
		return P_FAMILY_LIMIT_REACHED;
	if (text_is(service, "criminal_support"))
		return P_YEARLY_LIMIT_REACHED;
	return P_LIMIT_REACHED;
}

/* The take of one claim, without its holder. */
static int usage_take_of(struct ctx *ctx, const struct limit_terms *limit,
			 const struct limit_holding *holding, const struct limit_claim *claim,
			 struct limit_take *ret)
{
	struct limit_take take = {
		.counter_id = holding->counter_id,
		.period = limit_claim_period(ctx, claim),
		.units = claim->units,
		.amount = limit->amount.value,
		.block = limit->enforcement != enforcement_warn,
		.problem = usage_problem(limit->service),
		.words = { arena_format(ctx->arena, "%lld", (long long)limit->amount.value) },
	};

	take.words[1] = take.period;
	/* Only the counter knows what is left when it refuses: less than was asked for. */
	take.words[2] = arena_format(ctx->arena, "< %lld", (long long)take.units);
	if (take.period.ptr == NULL || take.words[0].ptr == NULL || take.words[2].ptr == NULL)
		return -ENOMEM;
	*ret = take;
	return 0;
}

/* Of a limit that clients share, an act takes units of the shared counter and of the client's own:
 * what the own client used before the system stands in the own one alone. */
static int usage_take_claim(struct ctx *ctx, const struct limit_terms *limit,
			    const struct limit_holding *holding, const struct limit_claim *claim,
			    struct effects *effects)
{
	struct limit_take take;
	int rc = usage_take_of(ctx, limit, holding, claim, &take);

	if (rc != 0)
		return rc;
	take.holder_id = holding->holder_id;
	effect_take(effects, &take);
	if (text_eq(holding->holder_id, holding->own_holder_id))
		return 0;
	take.holder_id = holding->own_holder_id;
	effect_take(effects, &take);
	return 0;
}

int usage_take_opening(struct ctx *ctx, const struct limit_terms *limit,
		       const struct limit_holding *holding, const struct limit_claim *claim,
		       struct effects *effects)
{
	struct limit_take take;
	int rc = usage_take_of(ctx, limit, holding, claim, &take);

	if (rc != 0)
		return rc;
	take.holder_id = holding->own_holder_id;
	take.always = true;
	effect_take(effects, &take);
	return 0;
}

static int usage_take_limit(struct ctx *ctx, const struct usage_act *act,
			    const struct limit_terms *limit, const struct limit_holding *holding,
			    struct effects *effects)
{
	struct limit_claim claims[LIMIT_CLAIMS_MAX];
	size_t count = limit_claim(limit, act->start, act->minutes, claims);
	int rc = 0;

	for (size_t i = 0; i < count && rc == 0; i++)
		rc = usage_take_claim(ctx, limit, holding, &claims[i], effects);
	return rc;
}

int usage_take(struct ctx *ctx, const struct usage_act *act, const struct fact_rows *limits,
	       const struct fact_rows *holdings, struct effects *effects)
{
	struct text service = enumeration_name(&entitlement_values, (int)act->entitlement);
	const struct limit_holding *holding = holdings->rows;
	const struct limit_terms *limit = limits->rows;
	struct limit_set set = { limits->rows, limits->count };
	struct date day = instant_date(act->start);
	int rc = entitlement_check_limits(ctx, act->entitlement, &set, day);

	for (size_t i = 0; rc == 0 && i < limits->count; i++) {
		if (!text_eq(limit[i].service, service) || !limit_in_force(&limit[i], day) ||
		    (limit[i].unit == limit_unit_consultations && !act->consultation))
			continue;
		rc = usage_take_limit(ctx, act, &limit[i], &holding[i], effects);
	}
	return rc;
}

int usage_supersede(struct ctx *ctx, const struct resource *resource, struct text corrects_id,
		    struct effects *effects)
{
	static const char *const members[] = { "superseded", NULL };
	static const enum flag yes = FLAG_YES;
	int index = field_find(resource->fields, resource->field_count, TEXT("superseded"));
	void *corrected = arena_alloc(ctx->arena, resource->size);

	if (corrected == NULL)
		return -ENOMEM;
	field_copy(&resource->fields[index], &yes, corrected);
	effect_give(effects, corrects_id);
	effect_set(effects, resource, corrects_id, corrected, members);
	return 0;
}
