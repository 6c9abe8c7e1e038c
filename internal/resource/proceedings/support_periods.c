/* Periods of support in criminal proceedings (R4), each within what its document allows; they
 * suspend aftercare (R3). */

#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"

struct support_period_row {
	struct record record;
	struct text proceeding_id;
	struct date starts_on;
	struct date ends_on;
	enum support_basis basis;
	struct text reason;
};

static const struct field support_period_fields[] = {
	ID_FIELD(struct support_period_row, proceeding_id,
		 .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		 .references = "criminal_proceedings", .about = "The proceedings.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct support_period_row, starts_on, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "First day of support; not before the document it rests on.",
		   .example = "2018-08-01"),
	DATE_FIELD(struct support_period_row, ends_on, .flags = FILTER | IN_LIST,
		   .about = "Last day; null while it goes on.", .example = "2019-11-29"),
	ENUM_FIELD(struct support_period_row, basis, support_basis, .flags = CREATE_ONLY | IN_LIST,
		   .about = "What it rests on; the proceedings' document unless told.",
		   .example = "injured_party_decision"),
	TEXT_FIELD(struct support_period_row, reason, 4000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it begins or ends.",
		   .example = "The trial begins in autumn."),
};

enum { FACT_CASE, FACT_PROCEEDING, FACT_COUNT };

static const struct field basis_fields[] = {
	ENUM_FIELD(struct support_document, basis_kind, support_basis),
	DATE_FIELD(struct support_document, basis_on),
};

static const struct facts support_period_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_PROCEEDING] = { .view = "criminal_proceedings",
			      .fields = basis_fields,
			      .field_count = 2,
			      .size = sizeof(struct support_document),
			      .keys = { { "id", "proceeding_id" }, { "case_id", "case_id" } } },
};

static int support_period_check(struct ctx *ctx, struct change *change)
{
	const struct support_document *document = change->facts[FACT_PROCEEDING].rows;
	const struct support_period_row *before = change->before;
	struct support_period_row *row = change->after;
	struct support_period period;

	if (change->facts[FACT_PROCEEDING].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/proceeding_id",
			       TEXT("criminal proceeding"));
	check_period(ctx, row->starts_on, row->ends_on, "/ends_on");
	if (row->basis == support_basis_none)
		row->basis = document->basis_kind;
	/* A period that stands may end, also after the client's role has changed. */
	if (ctx->violation_count > 0 ||
	    (before != NULL && before->starts_on.day == row->starts_on.day))
		return violations_close(ctx, P_VALIDATION_FAILED);
	period = (struct support_period){ row->starts_on, row->ends_on, row->basis };
	return support_period_basis_check(ctx, change->facts[FACT_CASE].rows, document, &period);
}

static const enum problem support_period_problems[] = { P_UNKNOWN_REFERENCE, P_NO_SUPPORT_BASIS,
							P_END_BEFORE_START, P_OVERLAP, P_NONE };

const struct resource resource_support_periods = {
	.name = "support_periods",
	.singular = "support_period",
	.about = "Periods of support in criminal proceedings (R4); they suspend aftercare (R3).",
	.tag = "Proceedings",
	.parent = &resource_cases,
	.fields = FIELDS(support_period_fields),
	.size = sizeof(struct support_period_row),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = support_period_facts,
	.fact_count = FACT_COUNT,
	.check = support_period_check,
	.problems = support_period_problems,
};
