/* Journeys to the place of service and back (R13). Completed and cancelled are final; a late
 * bill may still be entered once (R19). */

#include "resource/services/journeys.h"

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/services/services.h"

struct journey {
	struct record record;
	enum journey_direction direction;
	enum journey_state state;
	struct text from_country;
	struct text from_place;
	struct text to_country;
	struct text to_place;
	enum transport transport;
	struct instant planned_departure_at;
	struct instant planned_arrival_at;
	struct instant departed_at;
	struct instant arrived_at;
	enum flag can_travel_alone;
	struct text booking;
	struct number cost_cents;
	enum funding funding;
	struct text cancelled_because;
	struct text remarks;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field journey_fields[] = {
	ENUM_FIELD(struct journey, direction, journey_direction,
		   .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "To the place of service, or back.", .example = "to_service"),
	ENUM_FIELD(struct journey, state, journey_state, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; completed and cancelled are final (R19).",
		   .example = "planned"),
	TEXT_FIELD(struct journey, from_country, 2, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_COUNTRY, .about = "Country it starts in (ISO 3166-1).",
		   .example = "IE"),
	TEXT_FIELD(struct journey, from_place, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Where it starts.", .example = "Embassy of Latvia, Dublin"),
	TEXT_FIELD(struct journey, to_country, 2, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_COUNTRY, .about = "Country it ends in (ISO 3166-1).",
		   .example = "LV"),
	TEXT_FIELD(struct journey, to_place, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Where it ends.", .example = "The provider's office"),
	ENUM_FIELD(struct journey, transport, transport, .flags = IN_LIST,
		   .about = "By what means.", .example = "air"),
	INSTANT_FIELD(struct journey, planned_departure_at, .flags = IN_LIST,
		      .about = "When it should start.", .example = "2018-01-12T08:15:00Z"),
	INSTANT_FIELD(struct journey, planned_arrival_at, .flags = IN_LIST,
		      .about = "When it should end.", .example = "2018-01-12T13:40:00Z"),
	INSTANT_FIELD(struct journey, departed_at, .flags = IN_LIST,
		      .about = "When it started; the moment it is set under_way unless told.",
		      .example = "2018-01-12T08:20:00Z"),
	INSTANT_FIELD(struct journey, arrived_at, .flags = IN_LIST,
		      .about = "When it ended; the moment it is set completed unless told.",
		      .example = "2018-01-12T13:45:00Z"),
	FLAG_FIELD(
		struct journey, can_travel_alone,
		.about =
			"Whether the client can travel alone; null is unknown and refuses nothing.",
		.example = "false"),
	TEXT_FIELD(struct journey, booking, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Carrier, flight or line, and the booking's code.",
		   .example = "BT 662, code K7Q2XM"),
	INTEGER_FIELD(struct journey, cost_cents, 0, 100000000, .flags = IN_LIST,
		      .about = "Cost in cents, without escorts'; kept when it is cancelled.",
		      .example = "18450"),
	ENUM_FIELD(struct journey, funding, funding, .flags = FILTER | IN_LIST,
		   .about = "Who pays: state unless told; rules refuse only state.",
		   .example = "state"),
	TEXT_FIELD(struct journey, cancelled_because, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it was cancelled.",
		   .example = "The client was in hospital."),
	TEXT_FIELD(struct journey, remarks, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else to know.", .example = "Is met at the gate."),
	SERVICE_RECORD_FIELDS(struct journey, "journeys"),
};

const struct field journey_fact_fields[JOURNEY_FACT_FIELDS] = {
	ENUM_FIELD(struct journey_fact, state, journey_state),
	ENUM_FIELD(struct journey_fact, funding, funding),
	INSTANT_FIELD(struct journey_fact, planned_departure_at),
	INSTANT_FIELD(struct journey_fact, departed_at),
	INSTANT_FIELD(struct journey_fact, created_at),
	FLAG_FIELD(struct journey_fact, can_travel_alone),
	FLAG_FIELD(struct journey_fact, superseded),
};

enum { FACT_CASE, FACT_CONTRACTS, FACT_CORRECTED };

static const struct facts journey_facts[] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_CONTRACTS] = FACTS_CONTRACTS,
	[FACT_CORRECTED] = { .view = "journeys",
			     .fields = journey_fact_fields,
			     .field_count = JOURNEY_FACT_FIELDS,
			     .size = sizeof(struct journey_fact),
			     .keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } },
};

bool journey_is_final(enum journey_state state)
{
	return state == journey_state_completed || state == journey_state_cancelled;
}

/* A step taken now is dated now; one that is recorded afterwards tells its own time. */
static void journey_time(struct ctx *ctx, const struct change *change, bool needed,
			 struct instant *instant, const char *pointer)
{
	if (needed && instant->us == 0 && change->before != NULL)
		*instant = change->now;
	check_present(ctx, !needed || instant->us != 0, pointer);
	if (instant->us > change->now.us)
		violate(ctx, P_IN_THE_FUTURE, text_of(pointer));
}

static void journey_order(struct ctx *ctx, struct instant from, struct instant to,
			  const char *pointer)
{
	char buf[INSTANT_SIZE];

	if (from.us == 0 || to.us == 0 || from.us <= to.us)
		return;
	instant_print(from, buf);
	violate(ctx, P_END_BEFORE_START, text_of(pointer), text_of(buf));
}

static int journey_check_times(struct ctx *ctx, const struct change *change, struct journey *row)
{
	bool done = row->state == journey_state_completed;
	bool gone = done || row->state == journey_state_under_way;

	journey_time(ctx, change, gone, &row->departed_at, "/departed_at");
	journey_time(ctx, change, done, &row->arrived_at, "/arrived_at");
	journey_order(ctx, row->planned_departure_at, row->planned_arrival_at,
		      "/planned_arrival_at");
	journey_order(ctx, row->departed_at, row->arrived_at, "/arrived_at");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

bool bill_may_change(struct number before, struct number after, enum flag superseded)
{
	if (before.set == after.set && (!before.set || before.value == after.value))
		return true;
	return !before.set && superseded != FLAG_YES;
}

static int journey_check_final(struct ctx *ctx, const struct change *change)
{
	static const char *const members[] = { "remarks", "cost_cents", NULL };
	const struct journey *before = change->before;
	const struct journey *row = change->after;

	if (bill_may_change(before->cost_cents, row->cost_cents, before->superseded) &&
	    change_only(&resource_journeys, change, members))
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}

static int journey_check_correction(struct ctx *ctx, const struct change *change)
{
	const struct journey_fact *corrected = change->facts[FACT_CORRECTED].rows;
	const struct journey *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[FACT_CORRECTED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("journey"));
	return correction_check(ctx,
				journey_is_final(corrected->state) ? consultation_outcome_held
								   : consultation_outcome_planned,
				corrected->superseded);
}

static void journey_defaults(struct journey *row)
{
	service_defaults(&row->funding, NULL, &row->declined_by_client);
	if (row->state == journey_state_none)
		row->state = journey_state_planned;
}

static int journey_check(struct ctx *ctx, struct change *change)
{
	struct contract_terms contracts = { change->facts[FACT_CONTRACTS].rows,
					    change->facts[FACT_CONTRACTS].count };
	const struct journey *before = change->before;
	struct journey *row = change->after;
	struct instant start;
	struct service_act act;
	int rc;

	if (before != NULL && journey_is_final(before->state))
		return journey_check_final(ctx, change);
	journey_defaults(row);
	rc = journey_state_check(ctx, before != NULL ? before->state : journey_state_none,
				 row->state);
	if (rc == 0)
		rc = journey_check_correction(ctx, change);
	if (rc == 0)
		rc = journey_check_times(ctx, change, row);
	/* What was cancelled is not delivered, but what it cost stays as it was agreed. */
	if (rc != 0 || row->state == journey_state_cancelled)
		return rc;
	start = journey_start(row->departed_at, row->planned_departure_at,
			      before != NULL ? before->record.created_at : change->now);
	act = (struct service_act){ row->funding, instant_date(start) };
	return start_up_check(ctx, service_kind_journey, change->facts[FACT_CASE].rows, &contracts,
			      &act,
			      row->departed_at.us != 0 ? "/departed_at" : "/planned_departure_at");
}

static int journey_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct journey *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_journeys, row->corrects_id, effects);
}

static const enum problem journey_problems[] = {
	P_ILLEGAL_TRANSITION, P_ALREADY_FINAL,	  P_NO_CONTRACT,
	P_IN_THE_FUTURE,      P_END_BEFORE_START, P_NOT_FINAL,
	P_UNKNOWN_REFERENCE,  P_CONFLICT,	  P_NONE,
};

const struct resource resource_journeys = {
	.name = "journeys",
	.singular = "journey",
	.about = "Journeys to the place of service and back, also of potential clients.",
	.tag = "Travel",
	.parent = &resource_cases,
	.fields = FIELDS(journey_fields),
	.size = sizeof(struct journey),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = journey_facts,
	.fact_count = sizeof(journey_facts) / sizeof(journey_facts[0]),
	.check = journey_check,
	.effects = journey_effects,
	.problems = journey_problems,
};
