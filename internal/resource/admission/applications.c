/* Applications for the service. A written one gives its case the day received and, with it, the
 * rule set; while the agency decides, it stays as it is. */

#include "resource/admission/applications.h"

#include "resource/changes.h"
#include "resource/people/cases.h"
#include "resource/people/representatives.h"
#include "resource/usage.h"
#include "rules/admission/application.h"

#include <errno.h>

#define APPLICATION_CHANNELS(X)                                                                    \
	X(application_channel, in_person)                                                          \
	X(application_channel, post)                                                               \
	X(application_channel, email)                                                              \
	X(application_channel, through_other)
ENUM_DECLARE(application_channel, APPLICATION_CHANNELS)
ENUM_DEFINE(application_channel, APPLICATION_CHANNELS)

struct application {
	struct record record;
	struct date received_on;
	enum application_channel channel;
	enum flag written;
	struct text chosen_provider_id;
	struct text representative_id;
	struct text language;
	struct text remarks;
};

static const struct field application_fields[] = {
	DATE_FIELD(struct application, received_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day it was received: the rule set of that day holds for the case.",
		   .example = "2018-01-15"),
	ENUM_FIELD(struct application, channel, application_channel, .about = "How it came.",
		   .example = "in_person"),
	FLAG_FIELD(struct application, written, .flags = IN_LIST,
		   .about = "Whether it is in writing, true unless told; a spoken one waits until "
			    "it is.",
		   .example = "true"),
	ID_FIELD(struct application, chosen_provider_id, .flags = REQUIRED | FILTER | IN_LIST,
		 .references = "providers",
		 .about = "The provider that the client has freely chosen.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct application, representative_id, .flags = IN_LIST,
		 .references = "representatives",
		 .about = "The legal representative who signed it; null: the client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct application, language, 2, .format = FORMAT_LANGUAGE,
		   .about = "Language it is written in (ISO 639-1).", .example = "lv"),
	TEXT_FIELD(struct application, remarks, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else to know of it.",
		   .example = "Filled in with the consul's help."),
};

enum { FACT_CASE, FACT_PROVIDER, FACT_CONTRACTS, FACT_REPRESENTATIVE, FACT_WARD, FACT_COUNT };

struct provider_fact {
	enum flag active;
};

static const struct field provider_fields[] = {
	FLAG_FIELD(struct provider_fact, active),
};

static const struct facts application_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_PROVIDER] = { .view = "providers",
			    .fields = provider_fields,
			    .field_count = 1,
			    .size = sizeof(struct provider_fact),
			    .keys = { { "id", "chosen_provider_id" } } },
	/* Of the provider that was chosen, not of the one that writes. */
	[FACT_CONTRACTS] = { .view = "provider_contracts",
			     .fields = usage_contract_fields,
			     .field_count = USAGE_CONTRACT_FIELDS,
			     .size = sizeof(struct contract_term),
			     .keys = { { "provider_id", "chosen_provider_id" } } },
	[FACT_REPRESENTATIVE] = FACTS_REPRESENTATIVE,
	[FACT_WARD] = FACTS_WARD_OF_CASE,
};

bool application_is_open(enum case_status status)
{
	return status == case_status_inquiry || status == case_status_applied ||
	       status == case_status_under_assessment;
}

static int application_check_open(struct ctx *ctx, const struct change *change)
{
	static const char *const remarks[] = { "remarks", NULL };
	const struct case_facts *facts = change->facts[FACT_CASE].rows;

	if (change->facts[FACT_CASE].count == 0 || application_is_open(facts->status))
		return 0;
	if (change->before != NULL && change->after != NULL &&
	    change_only(&resource_applications, change, remarks))
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}

static int application_row_check(struct ctx *ctx, struct change *change)
{
	const struct provider_fact *provider = change->facts[FACT_PROVIDER].rows;
	struct contract_terms contracts = { change->facts[FACT_CONTRACTS].rows,
					    change->facts[FACT_CONTRACTS].count };
	struct application *row = change->after;
	int rc = application_check_open(ctx, change);

	if (rc != 0)
		return rc;
	if (row->written == FLAG_NONE)
		row->written = FLAG_YES;
	if (row->received_on.day > change->today.day)
		return fail_at(ctx, P_IN_THE_FUTURE, "/received_on");
	if (change->facts[FACT_PROVIDER].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/chosen_provider_id", TEXT("provider"));
	rc = application_check(ctx, provider->active, &contracts, row->received_on);
	if (rc != 0)
		return rc;
	return signature_check(ctx, &change->facts[FACT_REPRESENTATIVE], &change->facts[FACT_WARD],
			       row->representative_id, row->received_on);
}

/* The case carries the day of its written application; with it comes the day's rule set. */
static int application_effects(struct ctx *ctx, const struct change *change,
			       struct effects *effects)
{
	static const char *const members[] = { "received_on", NULL };
	const struct application *before = change->before;
	const struct application *row = change->after;
	const struct case_facts *facts = change->facts[FACT_CASE].rows;
	bool counted = before != NULL && before->written == FLAG_YES;
	struct case_row *values = arena_alloc(ctx->arena, sizeof(*values));

	if (values == NULL)
		return -ENOMEM;
	if (!application_is_open(facts->status) || (row->written != FLAG_YES && !counted))
		return 0;
	if (row->written == FLAG_YES)
		values->received_on = row->received_on;
	effect_set(effects, &resource_cases, row->record.case_id, values, members);
	return 0;
}

static const enum problem application_problems[] = {
	P_PROVIDER_NOT_CONTRACTED, P_UNKNOWN_REFERENCE, P_NOT_IN_OFFICE, P_NOT_A_MINOR,
	P_IN_THE_FUTURE,	   P_ALREADY_FINAL,	P_NONE,
};

const struct resource resource_applications = {
	.name = "applications",
	.singular = "application",
	.about = "Applications for the service, with the provider that the client chose.",
	.tag = "Admission",
	.parent = &resource_cases,
	.fields = FIELDS(application_fields),
	.size = sizeof(struct application),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = application_facts,
	.fact_count = FACT_COUNT,
	.check = application_row_check,
	.effects = application_effects,
	.problems = application_problems,
};
