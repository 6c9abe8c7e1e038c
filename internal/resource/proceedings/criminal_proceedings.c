/* Criminal proceedings of a client; the document must fit the role: a decision for an injured
 * party, a certificate for a witness. */

#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/proceedings/criminal.h"

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
