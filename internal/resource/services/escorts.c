/* Who escorts a journey, and why (R14). An escort is final with its journey and is corrected
 * there (R19). */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/services/journeys.h"
#include "resource/services/services.h"

struct escort {
	struct record record;
	struct text journey_id;
	struct text user_id;
	struct text name;
	struct text organisation;
	enum escort_reason reason;
	struct text reason_words;
	struct text from_country;
	struct text from_place;
	struct text to_country;
	struct text to_place;
	struct number cost_cents;
	enum funding funding;
	struct text remarks;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field escort_fields[] = {
	ID_FIELD(struct escort, journey_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "journeys", .about = "The journey that is escorted.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct escort, user_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who escorts, of the own staff.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct escort, name, 200, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Name of an escort without an account.", .example = "Anna Liepa"),
	TEXT_FIELD(struct escort, organisation, 200, .flags = IN_LIST,
		   .about = "Whom that escort works for.", .example = "Ruhama, Dublin"),
	ENUM_FIELD(struct escort, reason, escort_reason, .flags = FILTER | IN_LIST,
		   .about = "Why the client is escorted; the state pays for none without (R14).",
		   .example = "cannot_travel_alone"),
	TEXT_FIELD(struct escort, reason_words, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "The reason in words.", .example = "Panic attacks in crowds."),
	TEXT_FIELD(struct escort, from_country, 2, .flags = IN_LIST, .format = FORMAT_COUNTRY,
		   .about = "Where the escort begins (ISO 3166-1).", .example = "IE"),
	TEXT_FIELD(struct escort, from_place, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "The place where it begins.", .example = "Dublin airport"),
	TEXT_FIELD(struct escort, to_country, 2, .flags = IN_LIST, .format = FORMAT_COUNTRY,
		   .about = "Where it ends (ISO 3166-1).", .example = "LV"),
	TEXT_FIELD(struct escort, to_place, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "The place where it ends.", .example = "The provider's office"),
	INTEGER_FIELD(struct escort, cost_cents, 0, 100000000, .flags = IN_LIST,
		      .about = "Cost of the escort in cents.", .example = "21300"),
	ENUM_FIELD(struct escort, funding, funding, .flags = FILTER | IN_LIST,
		   .about = "Who pays: as for the journey unless told; rules refuse only state.",
		   .example = "state"),
	TEXT_FIELD(struct escort, remarks, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else to know.", .example = "Stays for the first evening."),
	SERVICE_RECORD_FIELDS(struct escort, "escorts"),
};

enum { FACT_CASE, FACT_CONTRACTS, FACT_JOURNEY, FACT_CLIENT, FACT_CORRECTED };

struct client_fact {
	struct date birth_date;
};

static const struct field client_fields[] = {
	DATE_FIELD(struct client_fact, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY),
};

struct corrected_fact {
	enum flag superseded;
};

static const struct field corrected_fields[] = {
	FLAG_FIELD(struct corrected_fact, superseded),
};

static const struct facts escort_facts[] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_CONTRACTS] = FACTS_CONTRACTS,
	[FACT_JOURNEY] = FACTS_JOURNEY,
	[FACT_CLIENT] = { .view = "case_clients",
			  .fields = client_fields,
			  .field_count = 1,
			  .size = sizeof(struct client_fact),
			  .keys = CASE_KEY,
			  .sealed_table = "clients",
			  .sealed_row = "id" },
	[FACT_CORRECTED] = { .view = "escorts",
			     .fields = corrected_fields,
			     .field_count = 1,
			     .size = sizeof(struct corrected_fact),
			     .keys = { { "id", "corrects_id" }, { "journey_id", "journey_id" } } },
};

/* R19 */
static int escort_check_final(struct ctx *ctx, const struct change *change)
{
	static const char *const members[] = { "remarks", "cost_cents", NULL };
	const struct escort *before = change->before;
	const struct escort *row = change->after;

	if (row != NULL && change_only(&resource_escorts, change, members) &&
	    bill_may_change(before->cost_cents, row->cost_cents, before->superseded))
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}

static int escort_check_rules(struct ctx *ctx, const struct change *change,
			      const struct journey_fact *journey)
{
	struct contract_terms contracts = { change->facts[FACT_CONTRACTS].rows,
					    change->facts[FACT_CONTRACTS].count };
	const struct client_fact *client = change->facts[FACT_CLIENT].rows;
	const struct escort *row = change->after;
	struct service_act service = { row->funding,
				       instant_date(journey_start(journey->departed_at,
								  journey->planned_departure_at,
								  journey->created_at)) };
	struct escort_act act = { .funding = row->funding,
				  .reason = row->reason,
				  .day = service.day,
				  .can_travel_alone = journey->can_travel_alone };
	int rc;

	if (change->facts[FACT_CLIENT].count > 0)
		act.client_age.birth_on = client->birth_date;
	rc = escort_check(ctx, &act);
	return rc != 0 ? rc
		       : start_up_check(ctx, service_kind_escort, change->facts[FACT_CASE].rows,
					&contracts, &service, "/funding");
}

/* R19: an escort is final with its journey, and is corrected there. */
static int escort_check_correction(struct ctx *ctx, const struct change *change,
				   const struct journey_fact *journey)
{
	const struct corrected_fact *corrected = change->facts[FACT_CORRECTED].rows;
	const struct escort *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[FACT_CORRECTED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("escort"));
	return correction_check(ctx,
				journey_is_final(journey->state) ? consultation_outcome_held
								 : consultation_outcome_planned,
				corrected->superseded);
}

static int escort_row_check(struct ctx *ctx, struct change *change)
{
	const struct journey_fact *journey = change->facts[FACT_JOURNEY].rows;
	struct escort *row = change->after;
	int rc;

	if (change->facts[FACT_JOURNEY].count == 0)
		return 0;
	if (change->before != NULL && journey_is_final(journey->state))
		return escort_check_final(ctx, change);
	if (row == NULL)
		return 0;
	if (journey->superseded == FLAG_YES)
		return fail(ctx, P_ALREADY_FINAL);
	if (row->funding == funding_none)
		row->funding = journey->funding;
	if (row->declined_by_client == FLAG_NONE)
		row->declined_by_client = FLAG_NO;
	check_present(ctx, row->user_id.ptr != NULL || row->name.ptr != NULL, "/name");
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc == 0)
		rc = escort_check_correction(ctx, change, journey);
	return rc != 0 ? rc : escort_check_rules(ctx, change, journey);
}

static int escort_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct escort *row = change->after;

	if (row == NULL || change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_escorts, row->corrects_id, effects);
}

static const enum problem escort_problems[] = {
	P_REASON_MISSING, P_NOT_A_MINOR, P_NO_CONTRACT, P_UNKNOWN_REFERENCE,
	P_ALREADY_FINAL,  P_NOT_FINAL,	 P_CONFLICT,	P_NONE,
};

const struct resource resource_escorts = {
	.name = "escorts",
	.singular = "escort",
	.about = "Who escorts a journey, from where to where, and why.",
	.tag = "Travel",
	.parent = &resource_journeys,
	.fields = FIELDS(escort_fields),
	.size = sizeof(struct escort),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = escort_facts,
	.fact_count = sizeof(escort_facts) / sizeof(escort_facts[0]),
	.check = escort_row_check,
	.effects = escort_effects,
	.problems = escort_problems,
};
