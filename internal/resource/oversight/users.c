/* Accounts of people. Nobody changes the own role, profession or organisation; approval (R32) is
 * a trigger's (schema/10_accounts.sql). */

#include "resource/checks.h"
#include "resource/registry.h"

#define USER_LANGUAGES(X)                                                                          \
	X(user_language, lv)                                                                       \
	X(user_language, en)
ENUM_DECLARE(user_language, USER_LANGUAGES)
ENUM_DEFINE(user_language, USER_LANGUAGES)

struct user {
	struct record record;
	struct text email;
	struct text name;
	enum role role;
	struct text provider_id;
	enum profession profession;
	struct text organisation;
	struct text phone;
	enum user_language language;
	enum flag active;
	enum flag approved;
	struct instant approved_at;
	struct text approved_by;
	struct instant enrolled_at;
};

static const struct field user_fields[] = {
	TEXT_FIELD(struct user, email, 254, .flags = REQUIRED | FILTER | IN_LIST,
		   .format = FORMAT_ACCOUNT,
		   .about = "E-mail address, with which one signs in; case does not matter, it is"
			    " kept in lower case.",
		   .example = "anna.berzina@marta.lv"),
	TEXT_FIELD(struct user, name, 200, .flags = REQUIRED | SORT | IN_LIST,
		   .about = "Given and family name.", .example = "Anna Bērziņa"),
	ENUM_FIELD(struct user, role, role, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What the user may do.", .example = "case_worker"),
	ID_FIELD(struct user, provider_id, .flags = CREATE_ONLY | FILTER | IN_LIST,
		 .references = "providers",
		 .about = "The provider whose staff the user is; null for all others.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct user, profession, profession, .flags = FILTER | IN_LIST,
		   .about = "Profession; specialists and members of commissions have one.",
		   .example = "psychologist"),
	TEXT_FIELD(struct user, organisation, 200,
		   .about = "Organisation of those who belong to no provider.",
		   .example = "Valsts policija"),
	TEXT_FIELD(struct user, phone, 16, .format = FORMAT_PHONE,
		   .about = "Phone number at work (E.164).", .example = "+37167378539"),
	ENUM_FIELD(struct user, language, user_language,
		   .about = "Language of messages, lv unless told.", .example = "lv"),
	FLAG_FIELD(struct user, active, .flags = FILTER | IN_LIST,
		   .about = "Whether the user may sign in, true unless told.", .example = "true"),
	FLAG_FIELD(struct user, approved, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether a second person has approved the account as it is now (R32);"
			    " until then it opens nothing.",
		   .example = "true"),
	INSTANT_FIELD(struct user, approved_at, .flags = READ_ONLY, .about = "When that was.",
		      .example = "2018-01-08T09:30:00Z"),
	ID_FIELD(struct user, approved_by, .flags = READ_ONLY, .references = "users",
		 .about = "Who that was; null: the operator, on the server.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	INSTANT_FIELD(struct user, enrolled_at, .flags = READ_ONLY | IN_LIST,
		      .about = "When the user replaced a given password by an own one; null:"
			       " not yet.",
		      .example = "2018-01-08T09:00:00Z"),
};

static bool role_is_staff(enum role role)
{
	return role == role_provider_manager || role == role_case_worker || role == role_specialist;
}

static void user_check_role(struct ctx *ctx, const struct user *user)
{
	bool staff = role_is_staff(user->role);

	if (staff)
		check_present(ctx, user->provider_id.ptr != NULL, "/provider_id");
	else if (user->provider_id.ptr != NULL)
		violate(ctx, P_NOT_WITH_ROLE, TEXT("/provider_id"),
			enumeration_name(&role_values, (int)user->role));
	if (user->role == role_specialist || user->role == role_commission_member)
		check_present(ctx, user->profession != profession_none, "/profession");
}

/* Nobody gives themselves a role, another organisation or a life after being closed (domain.md). */
static bool user_raises(const struct user *before, const struct user *after)
{
	return before->role != after->role || before->profession != after->profession ||
	       before->active != after->active || !text_eq(before->provider_id, after->provider_id);
}

static int user_check(struct ctx *ctx, struct change *change)
{
	const struct user *before = change->before;
	struct user *user = change->after;

	if (user == NULL)
		return 0;
	if (user->language == user_language_none)
		user->language = user_language_lv;
	if (user->active == FLAG_NONE)
		user->active = FLAG_YES;
	if (before != NULL && text_eq(user->record.id, change->actor->user_id) &&
	    user_raises(before, user))
		return fail(ctx, P_SELF_APPROVAL);
	user_check_role(ctx, user);
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem user_problems[] = { P_NOT_WITH_ROLE, P_UNKNOWN_REFERENCE, P_SELF_APPROVAL,
					      P_CONFLICT, P_NONE };

const struct resource resource_users = {
	.name = "users",
	.singular = "user",
	.about = "People who use the service, with their role and organisation.",
	.tag = "Organisations",
	.fields = FIELDS(user_fields),
	.size = sizeof(struct user),
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.check = user_check,
	.problems = user_problems,
};
