/* Basis documents of an application (R9). More may always be added; those that the agency
 * decided on stay as they are. */

#include "resource/admission/applications.h"
#include "resource/changes.h"
#include "resource/usage.h"
#include "rules/admission/application.h"

struct application_document {
	struct record record;
	struct text application_id;
	enum basis_kind kind;
	struct text issuer;
	struct text country;
	struct text number;
	struct date issued_on;
	enum flag original;
	struct text remarks;
};

static const struct field document_fields[] = {
	ID_FIELD(struct application_document, application_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "applications", .about = "The application that it came with.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ENUM_FIELD(struct application_document, kind, basis_kind,
		   .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What it proves; a foreign certificate does not suffice alone (R9).",
		   .example = "law_enforcement_certificate"),
	TEXT_FIELD(struct application_document, issuer, 200, .flags = REQUIRED | IN_LIST,
		   .about = "Authority that issued it.", .example = "Valsts policija"),
	TEXT_FIELD(struct application_document, country, 2, .format = FORMAT_COUNTRY,
		   .about = "Country of that authority (ISO 3166-1).", .example = "LV"),
	TEXT_FIELD(struct application_document, number, 60, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of the document.",
		   .example = "20/9-1-12/41"),
	DATE_FIELD(struct application_document, issued_on, .flags = REQUIRED | IN_LIST,
		   .about = "Day of the document.", .example = "2018-01-12"),
	FLAG_FIELD(struct application_document, original,
		   .about = "Whether the original was seen; null is unknown.", .example = "true"),
	TEXT_FIELD(struct application_document, remarks, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What else to know of it.",
		   .example = "A translation is ordered."),
};

static const struct facts document_facts[] = { FACTS_CASE };

/* More papers may always come; those that the agency decided on stay as they are. */
static int document_check(struct ctx *ctx, struct change *change)
{
	static const char *const remarks[] = { "remarks", "original", NULL };
	const struct case_facts *facts = change->facts[0].rows;
	const struct application_document *row = change->after;

	if (row != NULL && row->issued_on.day > change->today.day)
		return fail_at(ctx, P_IN_THE_FUTURE, "/issued_on");
	if (change->before == NULL || change->facts[0].count == 0 ||
	    application_is_open(facts->status))
		return 0;
	if (row != NULL && change_only(&resource_application_documents, change, remarks))
		return 0;
	return fail(ctx, P_ALREADY_FINAL);
}

static const enum problem document_problems[] = { P_IN_THE_FUTURE, P_ALREADY_FINAL, P_NONE };

const struct resource resource_application_documents = {
	.name = "application_documents",
	.segment = "documents",
	.singular = "application_document",
	.about = "Basis documents of an application.",
	.tag = "Admission",
	.parent = &resource_applications,
	.fields = FIELDS(document_fields),
	.size = sizeof(struct application_document),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = document_facts,
	.fact_count = 1,
	.check = document_check,
	.problems = document_problems,
};
