#include "resource/checks.h"
#include "resource/registry.h"
#include "resource/usage.h"

#define PROCEEDING_STATES(X)                                                                       \
	X(proceeding_state, investigation)                                                         \
	X(proceeding_state, prosecution)                                                           \
	X(proceeding_state, court)                                                                 \
	X(proceeding_state, terminated)                                                            \
	X(proceeding_state, completed)
ENUM_DECLARE(proceeding_state, PROCEEDING_STATES)
ENUM_DEFINE(proceeding_state, PROCEEDING_STATES)

#define PROCEEDING_ROLES(X)                                                                        \
	X(proceeding_role, injured_party)                                                          \
	X(proceeding_role, witness)
ENUM_DECLARE(proceeding_role, PROCEEDING_ROLES)
ENUM_DEFINE(proceeding_role, PROCEEDING_ROLES)

#define HEARING_OUTCOMES(X)                                                                        \
	X(hearing_outcome, planned)                                                                \
	X(hearing_outcome, held)                                                                   \
	X(hearing_outcome, postponed)                                                              \
	X(hearing_outcome, cancelled)
ENUM_DECLARE(hearing_outcome, HEARING_OUTCOMES)
ENUM_DEFINE(hearing_outcome, HEARING_OUTCOMES)

struct criminal_proceeding {
	struct record record;
	struct text authority;
	struct text number;
	enum proceeding_state state;
	enum proceeding_role client_role;
	enum support_basis basis_kind;
	struct text basis_number;
	struct date basis_on;
	struct date opened_on;
	struct date closed_on;
	struct text remarks;
};

static const struct field proceeding_fields[] = {
	TEXT_FIELD(struct criminal_proceeding, authority, 200, .flags = REQUIRED | IN_LIST,
		   .about = "Authority that conducts it now.", .example = "Valsts policija"),
	TEXT_FIELD(struct criminal_proceeding, number, 60, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Number of the proceedings.", .example = "11816000118"),
	ENUM_FIELD(struct criminal_proceeding, state, proceeding_state, .flags = FILTER | IN_LIST,
		   .about = "How far it is; investigation unless told.",
		   .example = "investigation"),
	ENUM_FIELD(struct criminal_proceeding, client_role, proceeding_role,
		   .flags = FILTER | IN_LIST,
		   .about = "What the client is in it; null while nobody has decided.",
		   .example = "injured_party"),
	ENUM_FIELD(struct criminal_proceeding, basis_kind, support_basis, .flags = IN_LIST,
		   .about = "Document that gives the role: a decision, or a certificate.",
		   .example = "injured_party_decision"),
	TEXT_FIELD(struct criminal_proceeding, basis_number, 60, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of that document.",
		   .example = "20/9-1-12/77"),
	DATE_FIELD(struct criminal_proceeding, basis_on, .flags = IN_LIST,
		   .about = "Day of that document.", .example = "2018-02-12"),
	DATE_FIELD(struct criminal_proceeding, opened_on, .flags = REQUIRED | IN_LIST,
		   .about = "Day the proceedings began.", .example = "2018-02-05"),
	DATE_FIELD(struct criminal_proceeding, closed_on, .flags = IN_LIST,
		   .about = "Day they ended; terminated and completed ones have it.",
		   .example = "2019-11-29"),
	TEXT_FIELD(struct criminal_proceeding, remarks, 4000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What else the case's team should know.",
		   .example = "The recruiter is a co-accused."),
};

/* The document fits the role: an injured party's is a decision, a witness's a certificate. */
static bool proceeding_basis_fits(const struct criminal_proceeding *row)
{
	if (row->basis_kind == support_basis_injured_party_decision)
		return row->client_role == proceeding_role_injured_party;
	if (row->basis_kind == support_basis_witness_certificate)
		return row->client_role == proceeding_role_witness;
	return true;
}

static int proceeding_check(struct ctx *ctx, struct change *change)
{
	struct criminal_proceeding *row = change->after;
	bool ended;

	if (row->state == proceeding_state_none)
		row->state = proceeding_state_investigation;
	ended = row->state == proceeding_state_terminated ||
		row->state == proceeding_state_completed;
	check_not_future(ctx, row->opened_on, change->today, "/opened_on");
	check_not_future(ctx, row->basis_on, change->today, "/basis_on");
	check_not_future(ctx, row->closed_on, change->today, "/closed_on");
	check_period(ctx, row->opened_on, row->closed_on, "/closed_on");
	check_present(ctx, !ended || row->closed_on.day != 0, "/closed_on");
	check_present(ctx, row->basis_kind == support_basis_none || row->basis_on.day != 0,
		      "/basis_on");
	if (!proceeding_basis_fits(row))
		violate(ctx, P_CONSTRAINT, TEXT("/basis_kind"), TEXT("client_role"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem proceeding_problems[] = { P_IN_THE_FUTURE, P_END_BEFORE_START,
						    P_CONSTRAINT, P_NONE };

const struct resource resource_criminal_proceedings = {
	.name = "criminal_proceedings",
	.singular = "criminal_proceeding",
	.about = "Criminal proceedings in which a client is an injured party or a witness.",
	.tag = "Proceedings",
	.parent = &resource_cases,
	.fields = FIELDS(proceeding_fields),
	.size = sizeof(struct criminal_proceeding),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.check = proceeding_check,
	.problems = proceeding_problems,
};

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

struct hearing {
	struct record record;
	struct text criminal_proceeding_id;
	struct instant starts_at;
	struct text court;
	enum hearing_outcome outcome;
	enum flag client_attended;
	struct text remarks;
};

static const struct field hearing_fields[] = {
	ID_FIELD(struct hearing, criminal_proceeding_id, .flags = PARENT | READ_ONLY | IN_LIST,
		 .references = "criminal_proceedings", .about = "The proceedings.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	INSTANT_FIELD(struct hearing, starts_at,
		      .flags = REQUIRED | CREATE_ONLY | FILTER | SORT | IN_LIST,
		      .about = "When it begins; a moved one is postponed, and a new one recorded.",
		      .example = "2018-09-12T07:30:00Z"),
	TEXT_FIELD(struct hearing, court, 200, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "Court and room.", .example = "Rīgas pilsētas tiesa, 12. zāle"),
	ENUM_FIELD(struct hearing, outcome, hearing_outcome, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; the others are final (R19).", .example = "held"),
	FLAG_FIELD(struct hearing, client_attended, .flags = IN_LIST,
		   .about = "Whether the client was there.", .example = "true"),
	TEXT_FIELD(struct hearing, remarks, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What came of it.", .example = "Heard behind closed doors."),
};

static int hearing_check(struct ctx *ctx, struct change *change)
{
	const struct hearing *before = change->before;
	struct hearing *row = change->after;

	if (row->outcome == hearing_outcome_none)
		row->outcome = hearing_outcome_planned;
	if (before != NULL && before->outcome != hearing_outcome_planned &&
	    before->outcome != row->outcome)
		return fail(ctx, P_ALREADY_FINAL);
	if (row->outcome == hearing_outcome_held && row->starts_at.us > change->now.us)
		return fail_at(ctx, P_IN_THE_FUTURE, "/outcome");
	return 0;
}

static const enum problem hearing_problems[] = { P_ALREADY_FINAL, P_IN_THE_FUTURE, P_NONE };

const struct resource resource_hearings = {
	.name = "hearings",
	.singular = "hearing",
	.about = "Hearings of the proceedings.",
	.tag = "Proceedings",
	.parent = &resource_criminal_proceedings,
	.fields = FIELDS(hearing_fields),
	.size = sizeof(struct hearing),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.check = hearing_check,
	.problems = hearing_problems,
};
