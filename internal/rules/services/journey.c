/* Journeys, travellers and escorts. Enter at journey_state_check, traveller_check and
 * escort_check. Pure. */

#include "rules/services/journey.h"

#include "rules/steps.h"
#include "rules/words.h"

ENUM_DEFINE(journey_state, JOURNEY_STATES)
ENUM_DEFINE(journey_direction, JOURNEY_DIRECTIONS)
ENUM_DEFINE(transport, TRANSPORTS)
ENUM_DEFINE(traveller_kind, TRAVELLER_KINDS)
ENUM_DEFINE(escort_reason, ESCORT_REASONS)

struct instant journey_start(struct instant departed_at, struct instant planned_departure_at,
			     struct instant recorded_at)
{
	if (departed_at.us != 0)
		return departed_at;
	return planned_departure_at.us != 0 ? planned_departure_at : recorded_at;
}

int journey_state_check(struct ctx *ctx, enum journey_state from, enum journey_state to)
{
	static const struct step items[] = {
		{ journey_state_none, journey_state_planned },
		{ journey_state_none, journey_state_under_way },
		{ journey_state_none, journey_state_completed }, /* recorded afterwards */
		{ journey_state_planned, journey_state_under_way },
		{ journey_state_planned, journey_state_cancelled },
		{ journey_state_under_way, journey_state_completed },
		{ journey_state_under_way, journey_state_cancelled },
	};
	static const struct steps steps = { &journey_state_values, "/state", items,
					    sizeof(items) / sizeof(items[0]) };

	if (from != to && (from == journey_state_completed || from == journey_state_cancelled))
		return fail_at(ctx, P_ALREADY_FINAL, "/state");
	return steps_check(ctx, &steps, (int)from, (int)to);
}

int traveller_check(struct ctx *ctx, const struct traveller_act *act)
{
	if (act->funding != funding_state || act->kind != traveller_kind_child)
		return 0;
	if (age_is_adult(&act->age, act->day))
		return fail(ctx, P_NOT_A_MINOR, words_date(ctx, act->day));
	if (act->with_client == FLAG_NO)
		return fail_at(ctx, P_NOT_WITH_CLIENT, "/with_client");
	return 0;
}

int escort_check(struct ctx *ctx, const struct escort_act *act)
{
	if (act->funding != funding_state)
		return 0;
	if (act->reason == escort_reason_none)
		return fail_at(ctx, P_REASON_MISSING, "/reason");
	if (act->reason == escort_reason_minor && age_is_adult(&act->client_age, act->day))
		return fail_at(ctx, P_NOT_A_MINOR, "/reason", words_date(ctx, act->day));
	return 0;
}
