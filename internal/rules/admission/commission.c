/* Who sits in a commission, how it votes and what it concludes. Enter at commission_vote_check,
 * commission_conclude and protocol_check. Pure. */

#include "rules/admission/commission.h"

#include "rules/words.h"

ENUM_DEFINE(identified_by, IDENTIFIED_BY)
ENUM_DEFINE(conclusion, CONCLUSIONS)
ENUM_DEFINE(trafficking_act, TRAFFICKING_ACTS)
ENUM_DEFINE(trafficking_means, TRAFFICKING_MEANS)
ENUM_DEFINE(trafficking_purpose, TRAFFICKING_PURPOSES)

#define CONCLUSION_COUNT (conclusion_more_information + 1)

static bool member_is_same(const struct commission_member *a, const struct commission_member *b)
{
	if (a->user_id.ptr != NULL && b->user_id.ptr != NULL)
		return text_eq(a->user_id, b->user_id);
	return a->name.ptr != NULL && text_eq(a->name, b->name);
}

/* A person who stands in the list twice sits for one profession and votes once. */
static bool member_is_repeated(const struct commission_members *members, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (member_is_same(&members->items[i], &members->items[index]))
			return true;
	return false;
}

static bool voting_has_begun(const struct commission_members *members)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].vote != conclusion_none)
			return true;
	return false;
}

static bool profession_sits(const struct commission_members *members, enum profession profession)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].profession == profession)
			return true;
	return false;
}

int commission_join_check(struct ctx *ctx, const struct commission_members *members,
			  const struct commission_member *joins)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].user_id.ptr == NULL && joins->user_id.ptr == NULL)
			return fail_at(ctx, P_ONE_WITHOUT_ACCOUNT, "/user_id");
	if (!voting_has_begun(members))
		return 0;
	if (joins->profession == profession_other || profession_sits(members, joins->profession))
		return fail_at(ctx, P_MEMBERS_FIXED, "/profession");
	return 0;
}

int commission_leave_check(struct ctx *ctx, const struct commission_members *members,
			   const struct commission_member *leaves)
{
	if (leaves->vote != conclusion_none)
		return fail(ctx, P_VOTE_CAST);
	return voting_has_begun(members) ? fail(ctx, P_MEMBERS_FIXED) : 0;
}

int commission_vote_check(struct ctx *ctx, const struct commission_members *members,
			  const struct commission_member *member, enum conclusion to,
			  struct text voter)
{
	bool replaces = member->vote != conclusion_none;

	if (replaces && (to == conclusion_none || member->user_id.ptr == NULL))
		return fail_at(ctx, P_VOTE_CAST, "/vote");
	for (size_t i = 0; i < members->count; i++) {
		const struct commission_member *other = &members->items[i];

		if (text_eq(other->voted_by, voter) && !text_eq(other->id, member->id))
			return fail_at(ctx, P_NEEDS_SECOND_PERSON, "/vote");
	}
	return 0;
}

static bool profession_voted(const struct commission_members *members, enum profession profession)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct commission_member *member = &members->items[i];

		if (member->profession != profession || member->vote == conclusion_none)
			continue;
		if (!member_is_repeated(members, i))
			return true;
	}
	return false;
}

/* Names the professions that nobody voted for; returns how many. */
static size_t professions_missing(const struct commission_members *members, struct buf *missing)
{
	static const enum profession professions[] = {
		profession_social_worker,
		profession_psychologist,
		profession_lawyer,
		profession_police_officer,
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof(professions) / sizeof(professions[0]); i++) {
		if (profession_voted(members, professions[i]))
			continue;
		words_append(missing, enumeration_name(&profession_values, (int)professions[i]));
		count++;
	}
	return count;
}

/* Names the members, beyond the four too, who have not voted; returns how many. */
static size_t votes_missing(const struct commission_members *members, struct buf *missing)
{
	size_t count = 0;

	for (size_t i = 0; i < members->count; i++) {
		const struct commission_member *member = &members->items[i];

		if (member->vote != conclusion_none || member_is_repeated(members, i))
			continue;
		words_append(missing,
			     enumeration_name(&profession_values, (int)member->profession));
		count++;
	}
	return count;
}

static enum conclusion votes_conclude(const struct commission_members *members)
{
	size_t votes[CONCLUSION_COUNT] = { 0 };
	size_t total = 0;

	for (size_t i = 0; i < members->count; i++) {
		if (member_is_repeated(members, i))
			continue;
		votes[members->items[i].vote]++;
		total++;
	}
	if (votes[conclusion_meets] * 2 > total)
		return conclusion_meets;
	if (votes[conclusion_does_not_meet] * 2 > total)
		return conclusion_does_not_meet;
	return conclusion_more_information;
}

int commission_conclude(struct ctx *ctx, const struct commission_members *members,
			enum conclusion *ret_conclusion)
{
	struct buf missing;

	buf_init(&missing, ctx->arena);
	if (professions_missing(members, &missing) > 0 || votes_missing(members, &missing) > 0)
		return fail_at(ctx, P_COMMISSION_INCOMPLETE, "/conclusion", words_end(&missing));
	*ret_conclusion = votes_conclude(members);
	return 0;
}

/* 1 when nothing is named for this member of the protocol. */
static size_t criterion_missing(struct ctx *ctx, struct buf *missing, const struct texts *named,
				const char *member)
{
	if (named->count > 0)
		return 0;
	violate(ctx, P_CRITERIA_NOT_MET, arena_format(ctx->arena, "/%s", member), text_of(member));
	words_append(missing, text_of(member));
	return 1;
}

int criteria_check(struct ctx *ctx, const struct protocol *protocol)
{
	struct buf missing;
	size_t count;

	if (protocol->conclusion != conclusion_meets)
		return 0;
	buf_init(&missing, ctx->arena);
	count = criterion_missing(ctx, &missing, &protocol->acts, "acts");
	if (protocol->minor_then != FLAG_YES)
		count += criterion_missing(ctx, &missing, &protocol->means, "means");
	count += criterion_missing(ctx, &missing, &protocol->purposes, "purposes");
	if (count == 0)
		return 0;
	return fail(ctx, P_CRITERIA_NOT_MET, words_end(&missing));
}

int protocol_check(struct ctx *ctx, const struct commission_members *members,
		   const struct protocol *protocol)
{
	enum conclusion voted;
	int rc;

	if (protocol->identified_by != identified_by_commission)
		return 0;
	rc = commission_conclude(ctx, members, &voted);
	if (rc != 0)
		return rc;
	if (protocol->conclusion != voted)
		return fail_at(ctx, P_CONCLUSION_MISMATCH, "/conclusion",
			       enumeration_name(&conclusion_values, (int)voted));
	return criteria_check(ctx, protocol);
}
