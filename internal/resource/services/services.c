/* What the delivered services share: defaults, final records and corrections (R19), the rules of
 * each entitlement, and units of limits. */

#include "resource/services/services.h"

#include "resource/changes.h"

ENUM_DEFINE(service_outcome, SERVICE_OUTCOMES)

const struct field service_corrected_fields[SERVICE_CORRECTED_FIELDS] = {
	ID_FIELD(struct service_corrected, id),
	TEXT_FIELD(struct service_corrected, outcome, 20),
	FLAG_FIELD(struct service_corrected, superseded),
};

const struct field service_corrected_stay_fields[SERVICE_CORRECTED_FIELDS] = {
	ID_FIELD(struct service_corrected, id),
	{ .name = "state",
	  .type = FIELD_TEXT,
	  .offset = FIELD_OFFSET(struct service_corrected, outcome, struct text) },
	FLAG_FIELD(struct service_corrected, superseded),
};

struct instant service_start(struct date day)
{
	return day.day != 0 ? date_start(day) : (struct instant){ 0 };
}

void service_defaults(enum funding *funding, enum service_outcome *outcome, enum flag *declined)
{
	if (*funding == funding_none)
		*funding = funding_state;
	if (outcome != NULL && *outcome == service_outcome_none)
		*outcome = service_outcome_planned;
	if (*declined == FLAG_NONE)
		*declined = FLAG_NO;
}

struct service_terms service_of_consultation(const struct consultation_terms *terms,
					     enum flag superseded, enum flag no_show_consumes)
{
	return (struct service_terms){
		.entitlement = terms->entitlement,
		.funding = terms->act.funding,
		.outcome = consultation_consumes(terms, no_show_consumes)
				   ? service_outcome_planned
				   : service_outcome_cancelled,
		.start = terms->act.start,
		.minutes = terms->act.minutes,
		.superseded = superseded,
		.pointer = "/starts_at",
	};
}

int service_final(struct ctx *ctx, const struct resource *resource, const struct change *change,
		  bool final, const char *const *members, bool *ret_done)
{
	*ret_done = change->before != NULL && final;
	if (!*ret_done || (change->after != NULL && change_only(resource, change, members)))
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}

int service_check_correction(struct ctx *ctx, const struct change *change, struct text corrects_id,
			     const char *what, const char *open, const char *open_too)
{
	const struct service_corrected *corrected = change->facts[SERVICE_CORRECTED].rows;
	bool is_open;

	if (change->before != NULL || corrects_id.ptr == NULL)
		return 0;
	if (change->facts[SERVICE_CORRECTED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", text_of(what));
	is_open = text_is(corrected->outcome, open) ||
		  (open_too != NULL && text_is(corrected->outcome, open_too));
	return correction_check(ctx,
				is_open ? consultation_outcome_planned : consultation_outcome_held,
				corrected->superseded);
}

static int service_check_support(struct ctx *ctx, const struct change *change,
				 const struct service_terms *terms)
{
	const struct limit_terms *limits[CONSULTATION_LIMITS_MAX];
	struct consultation_terms bounded = { .entitlement = terms->entitlement };
	struct support_act act = { terms->funding, terms->start, terms->minutes, false };
	struct limit_uses uses = { change->facts[SERVICE_USES].rows,
				   change->facts[SERVICE_USES].count };
	struct contract_terms contracts = { change->facts[SERVICE_CONTRACTS].rows,
					    change->facts[SERVICE_CONTRACTS].count };
	struct support_periods supports = { change->facts[SERVICE_SUPPORTS].rows,
					    change->facts[SERVICE_SUPPORTS].count };
	struct support_facts facts = { .facts = change->facts[SERVICE_CASE].rows,
				       .supports = &supports,
				       .limits = limits,
				       .contracts = &contracts };

	facts.limit_count = consultation_limits(&bounded, change->facts[SERVICE_LIMITS].rows,
						change->facts[SERVICE_LIMITS].count, limits,
						CONSULTATION_LIMITS_MAX);
	/* What this row, or the one it corrects, holds already would count twice: the ledger judges
	 * these. */
	if (change->before == NULL && change->facts[SERVICE_CORRECTED].count == 0 &&
	    terms->minutes.set)
		facts.uses = &uses;
	return support_check(ctx, &facts, &act, terms->pointer);
}

int service_check_rules(struct ctx *ctx, const struct change *change,
			const struct service_terms *terms)
{
	const struct case_facts *facts = change->facts[SERVICE_CASE].rows;
	struct contract_terms contracts = { change->facts[SERVICE_CONTRACTS].rows,
					    change->facts[SERVICE_CONTRACTS].count };
	struct service_act act = { terms->funding, instant_date(terms->start) };

	if (terms->outcome == service_outcome_delivered && terms->start.us > change->now.us)
		return fail_at(ctx, P_IN_THE_FUTURE, "/outcome");
	if (terms->outcome == service_outcome_cancelled || terms->funding != funding_state)
		return 0;
	switch (terms->entitlement) {
	case entitlement_start_up:
		return start_up_check(ctx, terms->kind, facts, &contracts, &act, terms->pointer);
	case entitlement_course:
		return course_service_check(ctx, facts, &contracts, &act, terms->pointer);
	case entitlement_criminal_support:
		return service_check_support(ctx, change, terms);
	default:
		return fail_at(ctx, P_NOT_IN_LIST, "/entitlement",
			       TEXT("start_up, course, criminal_support"));
	}
}

static bool service_takes(const struct service_terms *terms)
{
	return terms != NULL && terms->funding == funding_state && terms->minutes.set &&
	       terms->outcome != service_outcome_cancelled && terms->superseded != FLAG_YES;
}

static bool service_same_use(const struct service_terms *a, const struct service_terms *b)
{
	return a->entitlement == b->entitlement && a->start.us == b->start.us &&
	       a->minutes.value == b->minutes.value;
}

int service_effects(struct ctx *ctx, const struct resource *resource, const struct change *change,
		    const struct service_terms *before, const struct service_terms *after,
		    struct text corrects_id, struct effects *effects)
{
	struct usage_act act = { after->entitlement, after->start, after->minutes.value,
				 after->consultation };
	bool took = service_takes(before);
	bool takes = service_takes(after);
	int rc = 0;

	if (before == NULL && corrects_id.ptr != NULL)
		rc = usage_supersede(ctx, resource, corrects_id, effects);
	if (rc != 0 || (took && takes && service_same_use(before, after)))
		return rc;
	if (took)
		effect_give(effects, TEXT_NULL);
	if (!takes)
		return 0;
	return usage_take(ctx, &act, &change->facts[SERVICE_LIMITS],
			  &change->facts[SERVICE_HOLDINGS], effects);
}

const enum problem service_problems[] = {
	P_NOT_GRANTED,
	P_OUTSIDE_COURSE,
	P_NO_CONTRACT,
	P_LIMIT_MISSING,
	P_COURSE_NOT_ENDED,
	P_NO_SUPPORT_BASIS,
	P_YEARLY_LIMIT_REACHED,
	P_LIMIT_REACHED,
	P_INTERPRETER_PROVIDED,
	P_UNKNOWN_REFERENCE,
	P_CONSTRAINT,
	P_END_BEFORE_START,
	P_IN_THE_FUTURE,
	P_ALREADY_FINAL,
	P_NOT_FINAL,
	P_OVERLAP,
	P_CONFLICT,
	P_NONE,
};
