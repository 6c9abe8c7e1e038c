/* Stays in a safe place: abroad until the return (start-up), or in Latvia (course; R2, R13). An
 * open stay has no last day yet. */

#include "resource/services/accommodations.h"

#include "resource/checks.h"
#include "resource/services/services.h"

#define STAY_PLACES(X)                                                                             \
	X(stay_place, abroad)                                                                      \
	X(stay_place, in_latvia)
ENUM_DECLARE(stay_place, STAY_PLACES)
ENUM_DEFINE(stay_place, STAY_PLACES)
ENUM_DEFINE(stay_state, STAY_STATES)

struct accommodation {
	struct record record;
	enum stay_place place;
	struct text place_code;
	struct text country;
	struct text address;
	struct date starts_on;
	struct date ends_on;
	struct number nights;
	enum flag cooperation;
	struct text cooperation_body;
	enum funding funding;
	enum stay_state state;
	struct text remarks;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field accommodation_fields[] = {
	ENUM_FIELD(struct accommodation, place, stay_place, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "A safe place abroad until the return, or shelter in Latvia.",
		   .example = "in_latvia"),
	TEXT_FIELD(struct accommodation, place_code, 40, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "The provider's code of the place: never a name or an address.",
		   .example = "R-2"),
	TEXT_FIELD(struct accommodation, country, 2, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_COUNTRY, .about = "Country (ISO 3166-1): LV in Latvia.",
		   .example = "LV"),
	TEXT_FIELD(struct accommodation, address, 300, .flags = SEALED | ITEM_ONLY,
		   .sight = SIGHT_ADDRESS,
		   .about = "Where it is: read one by one, in no list even where it is asked for.",
		   .example = "Ziedu iela 1-2, Rīga"),
	DATE_FIELD(struct accommodation, starts_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "First night.", .example = "2018-02-01"),
	DATE_FIELD(struct accommodation, ends_on, .flags = FILTER | IN_LIST,
		   .about = "Day of leaving: no night any more. Null: still open.",
		   .example = "2018-03-01"),
	INTEGER_FIELD(struct accommodation, nights, 1, 36500, .flags = READ_ONLY | IN_LIST,
		      .about = "Nights from the first to the day of leaving.", .example = "28"),
	FLAG_FIELD(struct accommodation, cooperation, .flags = FILTER | IN_LIST,
		   .about = "Whether law enforcement cooperates in it; no unless told.",
		   .example = "false"),
	TEXT_FIELD(struct accommodation, cooperation_body, 200,
		   .about = "Which body of law enforcement.", .example = "Valsts policija"),
	SERVICE_FUNDING_FIELD(struct accommodation),
	ENUM_FIELD(struct accommodation, state, stay_state, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; ended and cancelled are final (R19).",
		   .example = "occupied"),
	TEXT_FIELD(struct accommodation, remarks, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else to know.", .example = "Wants a room to the yard."),
	SERVICE_RECORD_FIELDS(struct accommodation, "accommodations"),
};

static const struct facts accommodation_facts[SERVICE_FACT_COUNT] = {
	SERVICE_FACTS("accommodations", service_corrected_stay_fields),
};

bool stay_is_final(enum stay_state state)
{
	return state == stay_state_ended || state == stay_state_cancelled;
}

static void stay_defaults(struct accommodation *row)
{
	service_defaults(&row->funding, NULL, &row->declined_by_client);
	if (row->state == stay_state_none)
		row->state = stay_state_planned;
	if (row->cooperation == FLAG_NONE)
		row->cooperation = FLAG_NO;
	row->nights = (struct number){ row->ends_on.day - row->starts_on.day,
				       row->ends_on.day > row->starts_on.day };
}

static int stay_check_members(struct ctx *ctx, const struct change *change,
			      const struct accommodation *row)
{
	bool latvia = row->place == stay_place_in_latvia;
	bool cooperates = row->cooperation == FLAG_YES;

	if (latvia != text_is(row->country, "LV"))
		violate(ctx, P_CONSTRAINT, TEXT("/country"), TEXT("place"));
	if (cooperates != (row->cooperation_body.ptr != NULL))
		violate(ctx, cooperates ? P_REQUIRED : P_CONSTRAINT, TEXT("/cooperation_body"),
			TEXT("cooperation"));
	if (row->state == stay_state_ended && row->ends_on.day == 0)
		violate(ctx, P_REQUIRED, TEXT("/ends_on"));
	if (row->state == stay_state_ended)
		check_not_future(ctx, row->ends_on, change->today, "/ends_on");
	if (row->state == stay_state_occupied)
		check_not_future(ctx, row->starts_on, change->today, "/starts_on");
	if (row->ends_on.day != 0 && !row->nights.set)
		check_period(ctx, date_add_days(row->starts_on, 1), row->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* R13, R2 for one night. A safe place abroad is start-up; shelter in Latvia is part of the course.
 */
static int stay_check_night(struct ctx *ctx, const struct change *change,
			    const struct accommodation *row, struct date night, const char *pointer)
{
	struct service_terms terms = { .kind = service_kind_accommodation_abroad,
				       .entitlement = entitlement_start_up,
				       .funding = row->funding,
				       .start = service_start(night),
				       .pointer = pointer };

	if (row->place == stay_place_in_latvia) {
		terms.kind = service_kind_accommodation;
		terms.entitlement = entitlement_course;
	}
	if (row->state == stay_state_cancelled)
		terms.outcome = service_outcome_cancelled;
	return service_check_rules(ctx, change, &terms);
}

static int accommodation_check(struct ctx *ctx, struct change *change)
{
	static const char *const growing[] = { "remarks", NULL };
	const struct accommodation *before = change->before;
	struct accommodation *row = change->after;
	bool done;
	int rc = service_final(ctx, &resource_accommodations, change,
			       before != NULL && stay_is_final(before->state), growing, &done);

	if (rc != 0 || done)
		return rc;
	stay_defaults(row);
	rc = stay_check_members(ctx, change, row);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "final record",
					      "planned", "occupied");
	if (rc == 0)
		rc = stay_check_night(ctx, change, row, row->starts_on, "/starts_on");
	if (rc == 0 && row->nights.set)
		rc = stay_check_night(ctx, change, row, date_add_days(row->ends_on, -1),
				      "/ends_on");
	return rc;
}

static int accommodation_effects(struct ctx *ctx, const struct change *change,
				 struct effects *effects)
{
	const struct accommodation *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_accommodations, row->corrects_id, effects);
}

const struct resource resource_accommodations = {
	.name = "accommodations",
	.singular = "accommodation",
	.about = "Stays in a safe place: abroad until the return, or sheltered in Latvia.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(accommodation_fields),
	.size = sizeof(struct accommodation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_on",
	.facts = accommodation_facts,
	.fact_count = SERVICE_FACT_COUNT,
	.check = accommodation_check,
	.effects = accommodation_effects,
	.problems = service_problems,
};
