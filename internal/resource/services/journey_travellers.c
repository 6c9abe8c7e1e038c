/* Who travels on a journey: the client, and children of the family. */

#include "resource/services/journeys.h"

struct journey_traveller {
	struct record record;
	struct text journey_id;
	enum traveller_kind kind;
	struct text family_member_id;
	enum flag with_client;
};

static const struct field journey_traveller_fields[] = {
	ID_FIELD(struct journey_traveller, journey_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "journeys", .about = "The journey.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct journey_traveller, kind, traveller_kind,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "The client, or a child along.",
		   .example = "child"),
	ID_FIELD(struct journey_traveller, family_member_id, .flags = FILTER | IN_LIST,
		 .references = "family_members", .about = "The child; null for the client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	FLAG_FIELD(
		struct journey_traveller, with_client, .flags = IN_LIST,
		.about =
			"Whether the child is with the client; as its own record says unless told.",
		.example = "true"),
};

enum { FACT_JOURNEY, FACT_CHILD };

/* The day of birth is sealed with the child's own key; year and minority are kept in step with it.
 */
struct child_fact {
	struct number birth_year;
	enum flag minor;
	enum flag with_client;
};

static const struct field child_fields[] = {
	INTEGER_FIELD(struct child_fact, birth_year, 1900, 2200),
	FLAG_FIELD(struct child_fact, minor),
	FLAG_FIELD(struct child_fact, with_client),
};

static const struct facts journey_traveller_facts[] = {
	[FACT_JOURNEY] = FACTS_JOURNEY,
	[FACT_CHILD] = { .view = "case_family_members",
			 .fields = child_fields,
			 .field_count = sizeof(child_fields) / sizeof(child_fields[0]),
			 .size = sizeof(struct child_fact),
			 .keys = { { "case_id", "case_id" }, { "id", "family_member_id" } } },
};

static int traveller_check_child(struct ctx *ctx, const struct change *change,
				 struct journey_traveller *row)
{
	const struct child_fact *child = change->facts[FACT_CHILD].rows;
	const struct journey_fact *journey = change->facts[FACT_JOURNEY].rows;
	struct traveller_act act = { journey->funding,
				     row->kind,
				     instant_date(journey_start(journey->departed_at,
								journey->planned_departure_at,
								journey->created_at)),
				     { .birth_year = { 0 } },
				     row->with_client };

	if (change->facts[FACT_CHILD].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/family_member_id",
			       TEXT("family member"));
	if (row->with_client == FLAG_NONE)
		row->with_client = act.with_client = child->with_client;
	act.age.birth_year = child->birth_year;
	act.age.minor = child->minor;
	return traveller_check(ctx, &act);
}

static int journey_traveller_check(struct ctx *ctx, struct change *change)
{
	const struct journey_fact *journey = change->facts[FACT_JOURNEY].rows;
	struct journey_traveller *row = change->after;
	bool child;

	if (change->facts[FACT_JOURNEY].count == 0)
		return 0;
	if (row == NULL)
		return journey_is_final(journey->state) ? fail(ctx, P_ALREADY_FINAL) : 0;
	if (journey->superseded == FLAG_YES)
		return fail(ctx, P_ALREADY_FINAL);
	child = row->kind == traveller_kind_child;
	if (child && row->family_member_id.ptr == NULL)
		violate(ctx, P_REQUIRED, TEXT("/family_member_id"));
	if (!child && row->family_member_id.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/family_member_id"), TEXT("kind = child"));
	if (ctx->violation_count > 0)
		return violations_close(ctx, P_VALIDATION_FAILED);
	return child ? traveller_check_child(ctx, change, row) : 0;
}

static const enum problem journey_traveller_problems[] = {
	P_NOT_A_MINOR, P_NOT_WITH_CLIENT, P_UNKNOWN_REFERENCE,
	P_CONSTRAINT,  P_CONFLICT,	  P_ALREADY_FINAL,
	P_NONE,
};

const struct resource resource_journey_travellers = {
	.name = "journey_travellers",
	.segment = "travellers",
	.singular = "journey_traveller",
	.about = "Who travels: the client and minor children along.",
	.tag = "Travel",
	.parent = &resource_journeys,
	.fields = FIELDS(journey_traveller_fields),
	.size = sizeof(struct journey_traveller),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = journey_traveller_facts,
	.fact_count = sizeof(journey_traveller_facts) / sizeof(journey_traveller_facts[0]),
	.check = journey_traveller_check,
	.problems = journey_traveller_problems,
};
