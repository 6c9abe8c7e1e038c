/* A provider's monthly account of a contract: drafted, submitted, returned or accepted. The
 * database freezes lines and items in the statement that submits it (schema/86_statements.sql). */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/contracts/statement.h"
#include "rules/words.h"

struct statement {
	struct record record;
	struct text contract_id;
	struct text month;
	enum statement_state state;
	struct text reason;
	struct number cents;
	struct instant submitted_at;
	struct text submitted_by;
	struct instant decided_at;
	struct text decided_by;
};

static const struct field statement_fields[] = {
	ID_FIELD(struct statement, contract_id, .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		 .references = "contracts", .about = "The contract that pays.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXT_FIELD(struct statement, month, 7,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,
		   .format = FORMAT_MONTH,
		   .about = "The month that it bills; what changed of earlier ones is corrected.",
		   .example = "2018-03"),
	ENUM_FIELD(struct statement, state, statement_state, .flags = FILTER | IN_LIST,
		   .about = "drafted is computed anew at each read; submitted is frozen; returned "
			    "may be submitted again or drafted; accepted is final.",
		   .example = "drafted"),
	TEXT_FIELD(struct statement, reason, 2000,
		   .about = "Why the ministry returned it; told with that step.",
		   .example = "The nights of 14 March stand twice."),
	INTEGER_FIELD(struct statement, cents, -FIELD_INTEGER_MAX, FIELD_INTEGER_MAX,
		      .flags = READ_ONLY | IN_LIST,
		      .about = "Sum of its lines once it is submitted; null while it is drafted.",
		      .example = "418250"),
	INSTANT_FIELD(struct statement, submitted_at, .flags = READ_ONLY | IN_LIST,
		      .about = "When it was submitted last.", .example = "2018-04-05T08:00:00Z"),
	ID_FIELD(struct statement, submitted_by, .flags = READ_ONLY, .references = "users",
		 .about = "Who submitted it.", .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	INSTANT_FIELD(struct statement, decided_at, .flags = READ_ONLY,
		      .about = "When the ministry returned or accepted it last.",
		      .example = "2018-04-12T09:30:00Z"),
	ID_FIELD(struct statement, decided_by, .flags = READ_ONLY, .references = "users",
		 .about = "Who returned or accepted it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
};

struct party_fact {
	struct date starts_on;
};

static const struct field party_fields[] = { DATE_FIELD(struct party_fact, starts_on) };

/* The first act without a price. */
struct gap_fact {
	struct text service;
	struct date unpriced_on;
};

static const struct field gap_fields[] = {
	TEXT_FIELD(struct gap_fact, service, 40),
	DATE_FIELD(struct gap_fact, unpriced_on),
};

enum { FACT_PARTY, FACT_GAP };

static const struct facts statement_facts[] = {
	[FACT_PARTY] = { .view = "provider_contracts",
			 .fields = party_fields,
			 .field_count = 1,
			 .size = sizeof(struct party_fact),
			 .keys = { { "contract_id", "contract_id" },
				   { "provider_id", "provider_id" } } },
	[FACT_GAP] = { .view = "statement_gaps",
		       .fields = gap_fields,
		       .field_count = 2,
		       .size = sizeof(struct gap_fact),
		       .keys = { { "statement_id", "id" } } },
};

/* The contract's first month until the present one. After its last month there may be corrections
 * to bill. */
static int statement_check_new(struct ctx *ctx, const struct change *change, struct statement *row)
{
	const struct party_fact *party = change->facts[FACT_PARTY].rows;
	struct date start = { 0 }, last;
	int rc;

	if (row->state == statement_state_none)
		row->state = statement_state_drafted;
	rc = statement_state_check(ctx, change->actor->role, statement_state_none, row->state);
	if (rc != 0)
		return rc;
	if (change->facts[FACT_PARTY].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/contract_id", TEXT("contract"));
	if (row->reason.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/reason"), TEXT("state"));
	(void)month_parse(row->month, &start);
	last = date_add_days(date_add_months(start, 1), -1);
	check_not_future(ctx, start, change->today, "/month");
	if (last.day < party->starts_on.day)
		violate(ctx, P_END_BEFORE_START, TEXT("/month"), words_date(ctx, party->starts_on));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int statement_check_submission(struct ctx *ctx, const struct change *change,
				      struct statement *row)
{
	const struct gap_fact *gap = change->facts[FACT_GAP].rows;
	int rc = statement_month_check(ctx, row->month, change->today);

	if (rc != 0)
		return rc;
	if (change->facts[FACT_GAP].count > 0)
		return fail(ctx, P_RATE_MISSING, gap->service, words_date(ctx, gap->unpriced_on));
	row->submitted_at = change->now;
	row->submitted_by = change->actor->user_id;
	return 0;
}

/* R12 in spirit: nobody decides on what they submitted, also not in another role. */
static int statement_check_decision(struct ctx *ctx, const struct change *change,
				    struct statement *row)
{
	bool returned = row->state == statement_state_returned;

	if (text_eq(row->submitted_by, change->actor->user_id))
		return fail(ctx, P_SELF_APPROVAL);
	check_present(ctx, !returned || row->reason.ptr != NULL, "/reason");
	row->decided_at = change->now;
	row->decided_by = change->actor->user_id;
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* The one thing that is said to a statement is its next step, and why it is returned. */
static int statement_check_step(struct ctx *ctx, const struct change *change, struct statement *row)
{
	const struct statement *before = change->before;
	bool returned = row->state == statement_state_returned && row->state != before->state;
	int rc;

	check_present(ctx, row->state != statement_state_none, "/state");
	if (!returned && !text_eq(row->reason, before->reason))
		violate(ctx, P_CONSTRAINT, TEXT("/reason"), TEXT("state"));
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc == 0)
		rc = statement_state_check(ctx, change->actor->role, before->state, row->state);
	if (rc != 0 || row->state == before->state)
		return rc;
	if (row->state == statement_state_drafted)
		return 0;
	return row->state == statement_state_submitted
		       ? statement_check_submission(ctx, change, row)
		       : statement_check_decision(ctx, change, row);
}

static int statement_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	const struct statement *before = change->before;

	if (before == NULL)
		return statement_check_new(ctx, change, change->after);
	if (before->state == statement_state_accepted &&
	    !change_only(&resource_statements, change, nothing))
		return fail(ctx, P_ALREADY_FINAL);
	return statement_check_step(ctx, change, change->after);
}

static const enum problem statement_problems[] = {
	P_ILLEGAL_TRANSITION, P_ALREADY_FINAL,	   P_SELF_APPROVAL, P_STATEMENT_ORDER,
	P_MONTH_NOT_OVER,     P_RATE_MISSING,	   P_IN_THE_FUTURE, P_END_BEFORE_START,
	P_CONSTRAINT,	      P_UNKNOWN_REFERENCE, P_CONFLICT,	    P_NONE,
};

const struct resource resource_statements = {
	.name = "statements",
	.singular = "statement",
	.about = "A provider's monthly accounts of a contract, for the ministry to pay.",
	.tag = "Contracts",
	.fields = FIELDS(statement_fields),
	.size = sizeof(struct statement),
	.traits = OF_PROVIDER,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-month",
	.facts = statement_facts,
	.fact_count = sizeof(statement_facts) / sizeof(statement_facts[0]),
	.check = statement_check,
	.problems = statement_problems,
};
