/* What a consultation must fulfil and which limits it draws on. Enter at consultation_check and
 * consultation_limits. Pure. */

#include "rules/services/consultation.h"

#include "rules/services/course.h"

ENUM_DEFINE(specialist_kind, SPECIALIST_KINDS)
ENUM_DEFINE(entitlement, ENTITLEMENTS)
ENUM_DEFINE(consultation_mode, CONSULTATION_MODES)
ENUM_DEFINE(consultation_place, CONSULTATION_PLACES)
ENUM_DEFINE(consultation_outcome, CONSULTATION_OUTCOMES)

bool consultation_consumes(const struct consultation_terms *terms, enum flag no_show_consumes)
{
	if (terms->act.funding != funding_state)
		return false;
	switch (terms->outcome) {
	case consultation_outcome_planned:
	case consultation_outcome_held:
		return true;
	case consultation_outcome_no_show:
		return no_show_consumes == FLAG_YES;
	default:
		return false;
	}
}

size_t consultation_limits(const struct consultation_terms *terms, const struct limit_terms *limits,
			   size_t count, const struct limit_terms **ret, size_t max)
{
	struct text service = enumeration_name(&entitlement_values, (int)terms->entitlement);
	size_t found = 0;

	for (size_t i = 0; i < count && found < max; i++)
		if (text_eq(limits[i].service, service))
			ret[found++] = &limits[i];
	return found;
}

static const struct limit_terms *consultation_limit(const struct consultation_facts *facts,
						    enum limit_code code)
{
	struct limit_set limits = { facts->limits, facts->limit_count };

	return limit_of_ruleset(&limits, code);
}

int entitlement_check_limits(struct ctx *ctx, enum entitlement entitlement,
			     const struct limit_set *limits, struct date day)
{
	switch (entitlement) {
	case entitlement_start_up:
	case entitlement_course:
		return 0;
	case entitlement_criminal_support:
		return limits_check(ctx, limits, limit_code_criminal_support_minutes,
				    limit_code_criminal_support_consultations, day);
	case entitlement_aftercare:
		return limits_check(ctx, limits, limit_code_aftercare, limit_code_none, day);
	case entitlement_family:
		return limits_check(ctx, limits, limit_code_family, limit_code_none, day);
	default:
		return limit_missing(ctx, "/funding", TEXT_NULL);
	}
}

static int consultation_check_member(struct ctx *ctx, const struct consultation_terms *terms)
{
	bool family = terms->entitlement == entitlement_family;

	if (family == (terms->family_member_id.ptr != NULL))
		return 0;
	violate(ctx, family ? P_REQUIRED : P_NOT_FOR_FAMILY, TEXT("/family_member_id"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int consultation_check_support(struct ctx *ctx, const struct consultation_facts *facts,
				      const struct consultation_terms *terms)
{
	const struct limit_terms *limits[CONSULTATION_LIMITS_MAX];
	struct support_act act = { terms->act.funding, terms->act.start, terms->act.minutes, true };
	struct support_facts support = { .facts = facts->facts,
					 .supports = facts->supports,
					 .limits = limits,
					 .uses = facts->uses,
					 .contracts = facts->contracts };

	if (terms->specialist == specialist_kind_other)
		return fail_at(ctx, P_SPECIALIST_NOT_COVERED, "/specialist_kind");
	support.limit_count = consultation_limits(terms, facts->limits, facts->limit_count, limits,
						  CONSULTATION_LIMITS_MAX);
	return support_check(ctx, &support, &act, "/starts_at");
}

static int consultation_check_aftercare(struct ctx *ctx, const struct consultation_facts *facts,
					const struct consultation_terms *terms)
{
	const struct aftercare_facts aftercare = { .facts = facts->facts,
						   .limit = consultation_limit(
							   facts, limit_code_aftercare),
						   .uses = facts->uses,
						   .supports = facts->supports,
						   .contracts = facts->contracts };

	return aftercare_check(ctx, &aftercare, &terms->act, "/starts_at");
}

static int consultation_check_family(struct ctx *ctx, const struct consultation_facts *facts,
				     const struct consultation_terms *terms)
{
	const struct family_facts family = { .facts = facts->facts,
					     .client_birth_on = facts->client_birth_on,
					     .member_in_latvia = facts->member_in_latvia,
					     .limit = consultation_limit(facts, limit_code_family),
					     .uses = facts->uses,
					     .contracts = facts->contracts };

	return family_check(ctx, &family, &terms->act, "/starts_at");
}

int consultation_check(struct ctx *ctx, const struct consultation_facts *facts,
		       const struct consultation_terms *terms)
{
	struct service_act paid = { terms->act.funding, instant_date(terms->act.start) };
	int rc;

	rc = consultation_check_member(ctx, terms);
	if (rc != 0)
		return rc;
	if (!consultation_consumes(terms, facts->facts->no_show_consumes))
		return 0;
	switch (terms->entitlement) {
	case entitlement_course:
		return course_service_check(ctx, facts->facts, facts->contracts, &paid,
					    "/starts_at");
	case entitlement_criminal_support:
		return consultation_check_support(ctx, facts, terms);
	case entitlement_aftercare:
		return consultation_check_aftercare(ctx, facts, terms);
	case entitlement_family:
		return consultation_check_family(ctx, facts, terms);
	default: /* start-up: the social worker's talks are case management (seed) */
		return start_up_check(ctx,
				      terms->specialist == specialist_kind_social_worker
					      ? service_kind_case_management
					      : service_kind_consultation,
				      facts->facts, facts->contracts, &paid, "/starts_at");
	}
}

int consultation_outcome_check(struct ctx *ctx, enum consultation_outcome before,
			       const struct consultation_terms *after, struct instant now)
{
	bool happened = after->outcome == consultation_outcome_held ||
			after->outcome == consultation_outcome_no_show;

	if (before != consultation_outcome_none && before != consultation_outcome_planned)
		return fail(ctx, P_ALREADY_FINAL);
	if (happened && after->act.start.us > now.us)
		return fail_at(ctx, P_IN_THE_FUTURE, "/outcome");
	return 0;
}

int correction_check(struct ctx *ctx, enum consultation_outcome corrected, enum flag has_correction)
{
	if (corrected == consultation_outcome_none || corrected == consultation_outcome_planned)
		return fail_at(ctx, P_NOT_FINAL, "/corrects_id");
	if (has_correction == FLAG_YES)
		return fail_at(ctx, P_CONFLICT, "/corrects_id", TEXT("correction"));
	return 0;
}
