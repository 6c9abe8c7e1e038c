#include "resource/cases.h"
#include "resource/changes.h"
#include "resource/checks.h"
#include "rules/commission.h"

#include <errno.h>

struct identification {
	struct record record;
	enum identified_by identified_by;
	struct date held_on;
	struct text language;
	enum flag interpreter_present;
	struct text issuer;
	struct text document_number;
	struct date issued_on;
	struct texts acts;
	struct texts means;
	struct texts purposes;
	enum flag minor_then;
	struct text findings;
	enum conclusion conclusion;
	struct date closed_on;
};

static const struct field identification_fields[] = {
	ENUM_FIELD(struct identification, identified_by, identified_by,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Who identifies: the provider's commission, or an authority by its "
			    "document.",
		   .example = "commission"),
	DATE_FIELD(struct identification, held_on, .flags = IN_LIST,
		   .about = "Day of the commission's sitting.", .example = "2018-01-22"),
	TEXT_FIELD(struct identification, language, 2, .format = FORMAT_LANGUAGE,
		   .about = "Language of the sitting (ISO 639-1).", .example = "lv"),
	FLAG_FIELD(struct identification, interpreter_present,
		   .about = "Whether an interpreter was there.", .example = "false"),
	TEXT_FIELD(struct identification, issuer, 200, .flags = IN_LIST,
		   .about = "Authority, where it is none of the provider's commission.",
		   .example = "Valsts policija"),
	TEXT_FIELD(struct identification, document_number, 60, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of the authority's document.",
		   .example = "20/9-1-12/41"),
	DATE_FIELD(struct identification, issued_on, .flags = IN_LIST,
		   .about = "Day of the authority's document.", .example = "2018-01-12"),
	ENUMS_FIELD(struct identification, acts, trafficking_act, .sight = SIGHT_PROTOCOL,
		    .about = "What was done (Criminal Law 154.2).", .example = "recruitment"),
	ENUMS_FIELD(struct identification, means, trafficking_means, .sight = SIGHT_PROTOCOL,
		    .about = "By which means; not needed where a minor was the victim (R11).",
		    .example = "deceit"),
	ENUMS_FIELD(struct identification, purposes, trafficking_purpose, .sight = SIGHT_PROTOCOL,
		    .about = "For which exploitation.", .example = "forced_labour"),
	FLAG_FIELD(struct identification, minor_then, .sight = SIGHT_PROTOCOL,
		   .about = "Whether the person was a minor when it happened; null is unknown.",
		   .example = "false"),
	TEXT_FIELD(struct identification, findings, 20000, .flags = SEALED, .sight = SIGHT_PROTOCOL,
		   .about = "What the protocol says.",
		   .example = "Promised work in a hotel, passport taken on arrival."),
	ENUM_FIELD(struct identification, conclusion, conclusion, .flags = FILTER | IN_LIST,
		   .about =
			   "Whether the person meets the criteria; the commission's is its vote's.",
		   .example = "meets"),
	DATE_FIELD(struct identification, closed_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was closed with its conclusion; nothing changes after that.",
		   .example = "2018-01-22"),
};

/* A sitting's members as the rules see them; their names are sealed with the client's key. */
static const struct field member_fact_fields[] = {
	ID_FIELD(struct commission_member, user_id),
	TEXT_FIELD(struct commission_member, name, 200, .flags = SEALED),
	ENUM_FIELD(struct commission_member, profession, profession),
	ENUM_FIELD(struct commission_member, vote, conclusion),
};

static const struct facts identification_facts[] = {
	{ .view = "identification_members",
	  .fields = member_fact_fields,
	  .field_count = sizeof(member_fact_fields) / sizeof(member_fact_fields[0]),
	  .size = sizeof(struct commission_member),
	  .keys = { { "identification_id", "id" } },
	  .order_by = "created_at, id",
	  .sealed_table = "identification_members",
	  .sealed_row = "id" },
};

static int identification_check_members(struct ctx *ctx, const struct identification *row,
					struct date today)
{
	bool closed = row->closed_on.day != 0;
	bool authority = row->identified_by != identified_by_commission;

	check_not_future(ctx, row->issued_on, today, "/issued_on");
	check_not_future(ctx, row->closed_on, today, "/closed_on");
	check_period(ctx, row->held_on, row->closed_on, "/closed_on");
	check_period(ctx, row->issued_on, row->closed_on, "/closed_on");
	check_present(ctx, !closed || row->conclusion != conclusion_none, "/conclusion");
	check_present(ctx, !closed || !authority || row->issuer.ptr != NULL, "/issuer");
	check_present(ctx, !closed || !authority || row->issued_on.day != 0, "/issued_on");
	check_present(ctx, !closed || authority || row->held_on.day != 0, "/held_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int identification_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	struct commission_members members = { change->facts[0].rows, change->facts[0].count };
	const struct identification *before = change->before;
	struct identification *row = change->after;
	struct protocol protocol;
	int rc;

	if (before != NULL && before->closed_on.day != 0)
		return change_only(&resource_identifications, change, nothing)
			       ? 0
			       : fail(ctx, P_ALREADY_FINAL);
	row->acts.set = row->means.set = row->purposes.set = true;
	rc = identification_check_members(ctx, row, change->today);
	if (rc != 0 || row->closed_on.day == 0)
		return rc;
	protocol = (struct protocol){ row->identified_by, row->conclusion, row->acts,
				      row->means,	  row->purposes,   row->minor_then };
	return protocol_check(ctx, &members, &protocol);
}

static const enum problem identification_problems[] = {
	P_COMMISSION_INCOMPLETE,
	P_CONCLUSION_MISMATCH,
	P_CRITERIA_NOT_MET,
	P_ALREADY_FINAL,
	P_IN_THE_FUTURE,
	P_END_BEFORE_START,
	P_NONE,
};

const struct resource resource_identifications = {
	.name = "identifications",
	.singular = "identification",
	.about = "Identifications: sittings of the commission, and what authorities have found.",
	.tag = "Admission",
	.parent = &resource_cases,
	.fields = FIELDS(identification_fields),
	.size = sizeof(struct identification),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = identification_facts,
	.fact_count = 1,
	.check = identification_check,
	.problems = identification_problems,
};

struct identification_member {
	struct record record;
	struct text identification_id;
	struct text user_id;
	struct text name;
	struct text organisation;
	enum profession profession;
	enum conclusion vote;
	struct instant voted_at;
	struct text voted_by;
	enum flag open;
};

static const struct field identification_member_fields[] = {
	ID_FIELD(struct identification_member, identification_id,
		 .flags = PARENT | READ_ONLY | IN_LIST, .references = "identifications",
		 .about = "The sitting.", .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct identification_member, user_id,
		 .flags = CREATE_ONLY | FILTER | IN_LIST | OUTSIDE, .references = "users",
		 .about =
			 "The member's account: own staff or an outside commission member. At most "
			 "one member of a sitting has none.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct identification_member, name, 200, .flags = SEALED,
		   .sight = SIGHT_PROTOCOL, .about = "Name of a member without an account.",
		   .example = "Andris Bērziņš"),
	TEXT_FIELD(struct identification_member, organisation, 200, .flags = IN_LIST,
		   .about = "Whom the member stands for.", .example = "Valsts policija"),
	ENUM_FIELD(struct identification_member, profession, profession,
		   .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Profession the member sits for; an account's own.",
		   .example = "police_officer"),
	ENUM_FIELD(
		struct identification_member, vote, conclusion, .flags = IN_LIST,
		.about = "The member's vote, given from the own account. For the member without "
			 "one, a user enters it who does not vote in this sitting. A cast vote "
			 "stays, and the member with it; the own account may replace it until the "
			 "sitting is closed.",
		.example = "meets"),
	INSTANT_FIELD(struct identification_member, voted_at, .flags = READ_ONLY | IN_LIST,
		      .about = "When it was given.", .example = "2018-01-22T10:30:00Z"),
	ID_FIELD(struct identification_member, voted_by, .flags = READ_ONLY | IN_LIST,
		 .references = "users",
		 .about = "The account that gave it: the member's own, or the one that entered it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	FLAG_FIELD(struct identification_member, open, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether the sitting is still open.", .example = "true"),
};

struct sitting_fact {
	enum identified_by identified_by;
	struct date closed_on;
};

static const struct field sitting_fields[] = {
	ENUM_FIELD(struct sitting_fact, identified_by, identified_by),
	DATE_FIELD(struct sitting_fact, closed_on),
};

/* Without the names: an outside member votes without the client's key. */
static const struct field seat_fields[] = {
	ID_FIELD(struct commission_member, id),
	ID_FIELD(struct commission_member, user_id),
	ENUM_FIELD(struct commission_member, profession, profession),
	ENUM_FIELD(struct commission_member, vote, conclusion),
	ID_FIELD(struct commission_member, voted_by),
};

static const struct facts identification_member_facts[] = {
	{ .view = "identifications",
	  .fields = sitting_fields,
	  .field_count = 2,
	  .size = sizeof(struct sitting_fact),
	  .keys = { { "id", "identification_id" } } },
	{ .view = "identification_members",
	  .fields = seat_fields,
	  .field_count = sizeof(seat_fields) / sizeof(seat_fields[0]),
	  .size = sizeof(struct commission_member),
	  .keys = { { "identification_id", "identification_id" } },
	  .order_by = "created_at, id" },
};

static struct commission_member member_seat(const struct identification_member *row)
{
	return (struct commission_member){ .id = row->record.id,
					   .user_id = row->user_id,
					   .profession = row->profession,
					   .vote = row->vote };
}

/* Nobody votes for someone who can vote alone. */
static int member_check_vote(struct ctx *ctx, const struct change *change,
			     const struct commission_members *members,
			     struct identification_member *row)
{
	const struct identification_member *before = change->before;
	const struct actor *actor = change->actor;
	struct commission_member seat = member_seat(row);
	int rc;

	seat.vote = before != NULL ? before->vote : conclusion_none;
	if (row->vote == seat.vote)
		return 0;
	if (row->user_id.ptr != NULL && !text_eq(row->user_id, actor->user_id))
		return fail_at(ctx, P_FORBIDDEN, "/vote",
			       enumeration_name(&role_values, (int)actor->role));
	rc = commission_vote_check(ctx, members, &seat, row->vote, actor->user_id);
	row->voted_at = change->now;
	row->voted_by = actor->user_id;
	return rc;
}

/* Who only sits votes, and changes nothing else: neither of the own row nor of another's. */
static int member_check_caller(struct ctx *ctx, const struct change *change,
			       const struct identification_member *row)
{
	static const char *const vote[] = { "vote", NULL };
	const struct actor *actor = change->actor;

	if (actor->role != role_commission_member && actor->role != role_specialist)
		return 0;
	if (text_eq(row->user_id, actor->user_id) &&
	    change_only(&resource_identification_members, change, vote))
		return 0;
	return fail(ctx, P_FORBIDDEN, enumeration_name(&role_values, (int)actor->role));
}

/* Who votes is known by the member's row: with a cast vote it is as it was. */
static int member_check_seat(struct ctx *ctx, const struct change *change,
			     const struct commission_members *members,
			     const struct identification_member *row)
{
	static const char *const vote[] = { "vote", NULL };
	const struct identification_member *before = change->before;
	const struct identification_member *known = before != NULL ? before : row;
	struct commission_member seat;
	int rc;

	if (known == NULL)
		return fault(ctx, EINVAL, "change_of_nothing", TEXT("identification_members"));
	seat = member_seat(known);
	if (before == NULL)
		return commission_join_check(ctx, members, &seat);
	if (row == NULL)
		return commission_leave_check(ctx, members, &seat);
	rc = member_check_caller(ctx, change, row);
	if (rc != 0 || change_only(&resource_identification_members, change, vote))
		return rc;
	if (seat.vote != conclusion_none || row->profession != before->profession)
		rc = commission_leave_check(ctx, members, &seat);
	return rc;
}

static int identification_member_check(struct ctx *ctx, struct change *change)
{
	const struct sitting_fact *sitting = change->facts[0].rows;
	struct commission_members members = { change->facts[1].rows, change->facts[1].count };
	struct identification_member *row = change->after;
	int rc;

	if (change->facts[0].count > 0 && sitting->closed_on.day != 0)
		return fail(ctx, P_ALREADY_FINAL);
	if (row != NULL && change->facts[0].count > 0 &&
	    sitting->identified_by != identified_by_commission)
		return fail(ctx, P_CONSTRAINT, TEXT("identified_by = commission"));
	rc = member_check_seat(ctx, change, &members, row);
	if (rc == 0 && row != NULL)
		rc = member_check_vote(ctx, change, &members, row);
	if (rc != 0 || row == NULL)
		return rc;
	check_present(ctx, row->user_id.ptr != NULL || row->name.ptr != NULL, "/name");
	if (change->before == NULL)
		row->open = FLAG_YES;
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem identification_member_problems[] = {
	P_ALREADY_FINAL, P_CONSTRAINT, P_UNKNOWN_REFERENCE,   P_CONFLICT, P_ONE_WITHOUT_ACCOUNT,
	P_MEMBERS_FIXED, P_VOTE_CAST,  P_NEEDS_SECOND_PERSON, P_NONE,
};

const struct resource resource_identification_members = {
	.name = "identification_members",
	.segment = "members",
	.singular = "identification_member",
	.about = "Members of a sitting and their votes.",
	.tag = "Admission",
	.parent = &resource_identifications,
	.fields = FIELDS(identification_member_fields),
	.size = sizeof(struct identification_member),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = identification_member_facts,
	.fact_count = 2,
	.check = identification_member_check,
	.problems = identification_member_problems,
};
