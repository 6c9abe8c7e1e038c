#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/representatives.h"
#include "resource/registry.h"
#include "rules/criminal.h"

#define CONSENT_SCOPES(X)                                                                          \
	X(consent_scope, notes_transfer)                                                           \
	X(consent_scope, law_enforcement)                                                          \
	X(consent_scope, authorities)                                                              \
	X(consent_scope, health_care)                                                              \
	X(consent_scope, abroad)                                                                   \
	X(consent_scope, family_contact)                                                           \
	X(consent_scope, research)                                                                 \
	X(consent_scope, publicity)                                                                \
	X(consent_scope, other)
ENUM_DECLARE(consent_scope, CONSENT_SCOPES)
ENUM_DEFINE(consent_scope, CONSENT_SCOPES)

/* What one must be told before one can consent: European Data Protection Board, Guidelines 05/2020,
 * paragraph 64. */
#define CONSENT_POINTS(X)                                                                          \
	X(consent_point, controller)                                                               \
	X(consent_point, purposes)                                                                 \
	X(consent_point, data_types)                                                               \
	X(consent_point, right_to_withdraw)                                                        \
	X(consent_point, automated_decisions)                                                      \
	X(consent_point, transfer_risks)
ENUM_DECLARE(consent_point, CONSENT_POINTS)
ENUM_DEFINE(consent_point, CONSENT_POINTS)

#define CONSENT_POINT_COUNT 6

struct consent {
	struct record record;
	enum consent_scope scope;
	struct text purpose;
	struct text recipient;
	struct text recipient_provider_id;
	struct texts informed_of;
	struct text language;
	struct date given_on;
	enum mandate_giver given_by;
	struct text representative_id;
	struct date valid_until;
	struct date withdrawn_on;
	struct text remarks;
};

static const struct field consent_fields[] = {
	ENUM_FIELD(struct consent, scope, consent_scope,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "What is consented to.", .example = "notes_transfer"),
	TEXT_FIELD(struct consent, purpose, 500, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "What for.", .example = "Care goes on at the new provider"),
	TEXT_FIELD(struct consent, recipient, 200, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Who receives the data.", .example = "Drošā māja"),
	ID_FIELD(struct consent, recipient_provider_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "providers",
		 .about = "The receiving provider; a consent to the transfer of notes names it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUMS_FIELD(struct consent, informed_of, consent_point, .flags = REQUIRED | CREATE_ONLY,
		    .about = "What the client was told before; a consent needs all six points.",
		    .example = "right_to_withdraw"),
	TEXT_FIELD(struct consent, language, 2, .flags = CREATE_ONLY, .format = FORMAT_LANGUAGE,
		   .about = "Language in which it was explained (ISO 639-1).", .example = "lv"),
	DATE_FIELD(struct consent, given_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Day it was given.", .example = "2018-02-01"),
	ENUM_FIELD(struct consent, given_by, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST, .about = "Who gave it.",
		   .example = "client"),
	ID_FIELD(struct consent, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives", .about = "The representative, where one gave it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct consent, valid_until, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Last day; null until it is withdrawn.", .example = "2018-12-31"),
	DATE_FIELD(struct consent, withdrawn_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was withdrawn; final, a new consent is a new record.",
		   .example = "2018-05-02"),
	TEXT_FIELD(struct consent, remarks, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else was said.", .example = "Not to her brother."),
};

enum { FACT_REPRESENTATIVE, FACT_WARD, FACT_COUNT };

static const struct facts consent_facts[FACT_COUNT] = {
	[FACT_REPRESENTATIVE] = FACTS_REPRESENTATIVE,
	[FACT_WARD] = FACTS_WARD,
};

static int consent_check(struct ctx *ctx, struct change *change)
{
	static const char *const remarks[] = { "remarks", NULL };
	const struct consent *before = change->before;
	const struct consent *row = change->after;

	if (before != NULL && before->withdrawn_on.day != 0 &&
	    !change_only(&resource_consents, change, remarks))
		return fail(ctx, P_ALREADY_FINAL);
	if (row->informed_of.count < CONSENT_POINT_COUNT)
		violate(ctx, P_TOO_FEW_ITEMS, TEXT("/informed_of"), TEXT("6"));
	check_giver(ctx, row->given_by == mandate_giver_representative, row->representative_id,
		    "given_by");
	check_not_future(ctx, row->given_on, change->today, "/given_on");
	check_not_future(ctx, row->withdrawn_on, change->today, "/withdrawn_on");
	check_period(ctx, row->given_on, row->valid_until, "/valid_until");
	check_period(ctx, row->given_on, row->withdrawn_on, "/withdrawn_on");
	if (ctx->violation_count > 0 || before != NULL)
		return violations_close(ctx, P_VALIDATION_FAILED);
	return signature_check(ctx, &change->facts[FACT_REPRESENTATIVE], &change->facts[FACT_WARD],
			       row->representative_id, row->given_on);
}

static const enum problem consent_problems[] = { P_ALREADY_FINAL,     P_IN_THE_FUTURE,
						 P_END_BEFORE_START,  P_CONSTRAINT,
						 P_UNKNOWN_REFERENCE, P_NOT_IN_OFFICE,
						 P_NOT_A_MINOR,	      P_NONE };

const struct resource resource_consents = {
	.name = "consents",
	.singular = "consent",
	.about = "Consents of a client, with what they were told, and withdrawals.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(consent_fields),
	.size = sizeof(struct consent),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.facts = consent_facts,
	.fact_count = FACT_COUNT,
	.check = consent_check,
	.problems = consent_problems,
};

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
