/* Help with drawing up legal documents. */

#include "resource/checks.h"
#include "resource/services/services.h"

#define LEGAL_DOCUMENT_KINDS(X)                                                                    \
	X(legal_document_kind, application)                                                        \
	X(legal_document_kind, complaint)                                                          \
	X(legal_document_kind, claim)                                                              \
	X(legal_document_kind, appeal)                                                             \
	X(legal_document_kind, power_of_attorney)                                                  \
	X(legal_document_kind, contract)                                                           \
	X(legal_document_kind, translation)                                                        \
	X(legal_document_kind, other)
ENUM_DECLARE(legal_document_kind, LEGAL_DOCUMENT_KINDS)
ENUM_DEFINE(legal_document_kind, LEGAL_DOCUMENT_KINDS)

struct legal_document {
	struct record record;
	enum legal_document_kind kind;
	enum entitlement entitlement;
	struct text addressee;
	struct date drafted_on;
	struct date filed_on;
	struct number minutes;
	enum funding funding;
	enum service_outcome outcome;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field legal_document_fields[] = {
	ENUM_FIELD(struct legal_document, kind, legal_document_kind,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "What was drawn up.",
		   .example = "complaint"),
	ENUM_FIELD(struct legal_document, entitlement, entitlement,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "What it is given under.",
		   .example = "course"),
	TEXT_FIELD(struct legal_document, addressee, 300, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "To whom it goes.", .example = "Rīgas apgabaltiesa"),
	DATE_FIELD(struct legal_document, drafted_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day of drafting.", .example = "2018-02-28"),
	DATE_FIELD(struct legal_document, filed_on, .flags = IN_LIST,
		   .about = "Day of filing; may be told after the fact.", .example = "2018-03-02"),
	INTEGER_FIELD(struct legal_document, minutes, 1, ACT_MINUTES_MAX,
		      .flags = REQUIRED | IN_LIST, .about = "Time spent on it.", .example = "90"),
	SERVICE_FUNDING_FIELD(struct legal_document),
	SERVICE_OUTCOME_FIELD(struct legal_document),
	SERVICE_RECORD_FIELDS(struct legal_document, "legal_documents"),
};

static const struct facts legal_document_facts[SERVICE_FACT_COUNT] = {
	SERVICE_FACTS("legal_documents", service_corrected_fields),
};

static struct service_terms legal_document_terms(const struct legal_document *row)
{
	return (struct service_terms){ .kind = service_kind_legal_document,
				       .entitlement = row->entitlement,
				       .funding = row->funding,
				       .outcome = row->outcome,
				       .start = service_start(row->drafted_on),
				       .minutes = row->minutes,
				       .superseded = row->superseded,
				       .pointer = "/drafted_on" };
}

static int legal_document_check(struct ctx *ctx, struct change *change)
{
	static const char *const growing[] = { "filed_on", NULL };
	const struct legal_document *before = change->before;
	struct legal_document *row = change->after;
	struct service_terms terms;
	bool done;
	int rc;

	check_period(ctx, row->drafted_on, row->filed_on, "/filed_on");
	check_not_future(ctx, row->filed_on, change->today, "/filed_on");
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc != 0)
		return rc;
	rc = service_final(ctx, &resource_legal_documents, change,
			   before != NULL && before->outcome != service_outcome_planned, growing,
			   &done);
	if (rc != 0 || done)
		return rc;
	service_defaults(&row->funding, &row->outcome, &row->declined_by_client);
	terms = legal_document_terms(row);
	rc = service_check_correction(ctx, change, row->corrects_id, "final record", "planned",
				      NULL);
	return rc != 0 ? rc : service_check_rules(ctx, change, &terms);
}

static int legal_document_effects(struct ctx *ctx, const struct change *change,
				  struct effects *effects)
{
	const struct legal_document *row = change->after;
	struct service_terms after = legal_document_terms(row);
	struct service_terms before;

	if (change->before != NULL)
		before = legal_document_terms(change->before);
	return service_effects(ctx, &resource_legal_documents, change,
			       change->before != NULL ? &before : NULL, &after, row->corrects_id,
			       effects);
}

const struct resource resource_legal_documents = {
	.name = "legal_documents",
	.singular = "legal_document",
	.about = "Help with drawing up legal documents.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(legal_document_fields),
	.size = sizeof(struct legal_document),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-drafted_on",
	.facts = legal_document_facts,
	.fact_count = SERVICE_FACT_COUNT,
	.check = legal_document_check,
	.effects = legal_document_effects,
	.problems = service_problems,
};
