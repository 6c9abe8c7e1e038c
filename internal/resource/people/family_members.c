/* Family of a client. Year of birth and minority follow from a known day of birth, and must not
 * contradict it. */

#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/age.h"

#define RELATIONS(X)                                                                               \
	X(relation, child)                                                                         \
	X(relation, parent)                                                                        \
	X(relation, spouse)                                                                        \
	X(relation, partner)                                                                       \
	X(relation, sibling)                                                                       \
	X(relation, grandparent)                                                                   \
	X(relation, guardian)                                                                      \
	X(relation, other)
ENUM_DECLARE(relation, RELATIONS)
ENUM_DEFINE(relation, RELATIONS)

struct family_member {
	struct record record;
	enum relation relation;
	struct text given_name;
	struct text family_name;
	struct date birth_date;
	struct number birth_year;
	enum flag minor;
	enum flag in_latvia;
	enum flag with_client;
	struct text country;
	enum flag safe_to_contact;
	struct text phone;
	struct text email;
	struct text address;
	struct texts languages;
	struct text remarks;
};

static const struct field family_member_fields[] = {
	ENUM_FIELD(struct family_member, relation, relation, .flags = REQUIRED | IN_LIST,
		   .about = "What the member is to the client.", .example = "child"),
	TEXT_FIELD(struct family_member, given_name, 100, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Given name.", .example = "Emīls"),
	TEXT_FIELD(struct family_member, family_name, 100, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Family name.", .example = "Kalniņš"),
	DATE_FIELD(struct family_member, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Day of birth, where it is known.", .example = "2012-04-02"),
	INTEGER_FIELD(struct family_member, birth_year, 1900, 2200,
		      .about = "Year of birth; taken from the day of birth where that is known.",
		      .example = "2012"),
	FLAG_FIELD(struct family_member, minor, .flags = IN_LIST,
		   .about = "Whether the member is under 18, as told or as the day of birth says.",
		   .example = "true"),
	FLAG_FIELD(struct family_member, in_latvia, .flags = IN_LIST,
		   .about = "Whether the member is in Latvia; null is unknown.",
		   .example = "false"),
	FLAG_FIELD(struct family_member, with_client, .flags = IN_LIST,
		   .about = "Whether the member is with the client now; null is unknown.",
		   .example = "true"),
	TEXT_FIELD(struct family_member, country, 2, .format = FORMAT_COUNTRY,
		   .about = "Where the member is (ISO 3166-1).", .example = "IE"),
	FLAG_FIELD(
		struct family_member, safe_to_contact, .flags = IN_LIST,
		.about =
			"Whether contact is safe: a parent may be the trafficker. Null is unknown.",
		.example = "true"),
	TEXT_FIELD(struct family_member, phone, 16, .flags = SEALED, .format = FORMAT_PHONE,
		   .sight = SIGHT_IDENTITY, .about = "Phone number (E.164).",
		   .example = "+37120000004"),
	TEXT_FIELD(struct family_member, email, 254, .flags = SEALED, .format = FORMAT_EMAIL,
		   .sight = SIGHT_IDENTITY, .about = "E-mail address.",
		   .example = "gimene@example.org"),
	TEXT_FIELD(struct family_member, address, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Address.", .example = "Brīvības iela 1-2, Rēzekne"),
	TEXTS_FIELD(struct family_member, languages, 10, .format = FORMAT_LANGUAGE,
		    .about = "Languages spoken (ISO 639-1).", .example = "lv"),
	TEXT_FIELD(struct family_member, remarks, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else to know.", .example = "Goes to school in Dublin."),
};

/* A known day of birth says the year and whether the member is a minor; what is told must not
 * contradict it. */
static void family_member_birth(struct ctx *ctx, struct family_member *member, struct date today)
{
	enum flag minor;
	int year, month, day;

	if (member->birth_date.day == 0 || member->birth_date.day > today.day)
		return;
	date_split(member->birth_date, &year, &month, &day);
	minor = date_age(member->birth_date, today) < AGE_OF_MAJORITY ? FLAG_YES : FLAG_NO;
	if (member->birth_year.set && member->birth_year.value != year)
		violate(ctx, P_CONSTRAINT, TEXT("/birth_year"), TEXT("birth_date"));
	member->birth_year = (struct number){ year, true };
	member->minor = minor;
}

static int family_member_check(struct ctx *ctx, struct change *change)
{
	struct family_member *member = change->after;

	if (member == NULL)
		return 0;
	texts_present(&member->languages);
	check_not_future(ctx, member->birth_date, change->today, "/birth_date");
	family_member_birth(ctx, member, change->today);
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem family_member_problems[] = { P_IN_THE_FUTURE, P_CONSTRAINT, P_NONE };

const struct resource resource_family_members = {
	.name = "family_members",
	.singular = "family_member",
	.about = "Family of a client: minor children who come along, and a minor client's family.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(family_member_fields),
	.size = sizeof(struct family_member),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_OWN,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.check = family_member_check,
	.problems = family_member_problems,
};
