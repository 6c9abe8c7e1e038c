/* Reflection periods of third-country nationals, 30 days unless told (Law on Residence of a
 * Victim of Trafficking in Human Beings). */

#include "resource/checks.h"
#include "resource/registry.h"

#define REFLECTION_GRANTERS(X)                                                                     \
	X(reflection_granter, police)                                                              \
	X(reflection_granter, border_guard)                                                        \
	X(reflection_granter, prosecutor)                                                          \
	X(reflection_granter, other)
ENUM_DECLARE(reflection_granter, REFLECTION_GRANTERS)
ENUM_DEFINE(reflection_granter, REFLECTION_GRANTERS)

/* Law on Residence of a Victim of Trafficking in Human Beings in the Republic of Latvia. */
#define REFLECTION_DAYS 30

struct reflection_period {
	struct record record;
	struct date starts_on;
	struct date ends_on;
	enum reflection_granter granted_by;
	struct text document_number;
	struct text remarks;
};

static const struct field reflection_period_fields[] = {
	DATE_FIELD(struct reflection_period, starts_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Day it was granted.", .example = "2018-02-01"),
	DATE_FIELD(struct reflection_period, ends_on, .flags = FILTER | IN_LIST,
		   .about = "Last day; 30 days on unless told.", .example = "2018-03-03"),
	ENUM_FIELD(struct reflection_period, granted_by, reflection_granter,
		   .flags = REQUIRED | IN_LIST, .about = "Authority that granted it.",
		   .example = "police"),
	TEXT_FIELD(struct reflection_period, document_number, 60, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of its document.",
		   .example = "20/9-1-12/12"),
	TEXT_FIELD(struct reflection_period, remarks, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it was prolonged or cut short.",
		   .example = "Took part in the investigation of her own will."),
};

/* The days on which the client's nationality moves freely; null without such a country. */
struct nationality_fact {
	struct date starts_on;
	struct date ends_on;
};

static const struct field nationality_fields[] = {
	DATE_FIELD(struct nationality_fact, starts_on),
	DATE_FIELD(struct nationality_fact, ends_on),
};

static const struct facts reflection_period_facts[] = {
	{ .view = "client_nationalities",
	  .fields = nationality_fields,
	  .field_count = 2,
	  .size = sizeof(struct nationality_fact),
	  .keys = { { "client_id", "client_id" } } },
};

/* Not knowing the nationality refuses nothing. */
static bool reflection_period_needed(const struct nationality_fact *nationality, struct date day)
{
	return nationality->starts_on.day == 0 || day.day < nationality->starts_on.day ||
	       (nationality->ends_on.day != 0 && day.day > nationality->ends_on.day);
}

static int reflection_period_check(struct ctx *ctx, struct change *change)
{
	struct reflection_period *row = change->after;

	if (row->ends_on.day == 0)
		row->ends_on = date_add_days(row->starts_on, REFLECTION_DAYS);
	check_not_future(ctx, row->starts_on, change->today, "/starts_on");
	check_period(ctx, row->starts_on, row->ends_on, "/ends_on");
	if (change->before == NULL && change->facts[0].count > 0 &&
	    !reflection_period_needed(change->facts[0].rows, row->starts_on))
		return fail(ctx, P_CONSTRAINT, TEXT("citizenship"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem reflection_period_problems[] = { P_CONSTRAINT, P_IN_THE_FUTURE,
							   P_END_BEFORE_START, P_OVERLAP, P_NONE };

const struct resource resource_reflection_periods = {
	.name = "reflection_periods",
	.singular = "reflection_period",
	.about = "Time in which a third-country national decides whether to cooperate.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(reflection_period_fields),
	.size = sizeof(struct reflection_period),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.facts = reflection_period_facts,
	.fact_count = 1,
	.check = reflection_period_check,
	.problems = reflection_period_problems,
};
