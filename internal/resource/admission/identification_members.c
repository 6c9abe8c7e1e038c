/* Members of a sitting and their votes (R10). Each votes from the own account; after a vote, the
 * member's row stays as it is. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/admission/commission.h"

#include <errno.h>

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
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT | NAMES_SITTING,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "-created_at",
	.facts = identification_member_facts,
	.fact_count = 2,
	.check = identification_member_check,
	.problems = identification_member_problems,
};
