/* Legal representatives of a client who is a minor (Civil Law 177, 219). signature_check:
 * whether a representative may sign on a day; consents, applications, powers of attorney and
 * transfers use it. */

#include "resource/people/representatives.h"

#include "resource/checks.h"
#include "rules/age.h"
#include "rules/words.h"

#define REPRESENTATIVE_KINDS(X)                                                                    \
	X(representative_kind, parent)                                                             \
	X(representative_kind, guardian)                                                           \
	X(representative_kind, orphans_court)
ENUM_DECLARE(representative_kind, REPRESENTATIVE_KINDS)
ENUM_DEFINE(representative_kind, REPRESENTATIVE_KINDS)

struct representative {
	struct record record;
	enum representative_kind kind;
	struct text given_name;
	struct text family_name;
	struct text organisation;
	struct text personal_code;
	struct text address;
	struct text phone;
	struct text email;
	struct texts languages;
	struct text basis;
	struct date starts_on;
	struct date ends_on;
	enum flag conflict_of_interest;
	struct text conflict_note;
};

static const struct field representative_fields[] = {
	ENUM_FIELD(struct representative, kind, representative_kind, .flags = REQUIRED | IN_LIST,
		   .about = "Why this person may act for the minor.", .example = "guardian"),
	TEXT_FIELD(struct representative, given_name, 100, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Given name.", .example = "Maija"),
	TEXT_FIELD(struct representative, family_name, 100, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Family name.", .example = "Ozola"),
	TEXT_FIELD(struct representative, organisation, 200, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "The orphan's court or institution.",
		   .example = "Rīgas bāriņtiesa"),
	TEXT_FIELD(struct representative, personal_code, 12, .flags = SEALED,
		   .format = FORMAT_PERSONAL_CODE, .sight = SIGHT_IDENTITY,
		   .about = "Latvian personal code.", .example = "010170-12345"),
	TEXT_FIELD(struct representative, address, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Address.", .example = "Liepu iela 3, Ogre"),
	TEXT_FIELD(struct representative, phone, 16, .flags = SEALED, .format = FORMAT_PHONE,
		   .sight = SIGHT_IDENTITY, .about = "Phone number (E.164).",
		   .example = "+37120000003"),
	TEXT_FIELD(struct representative, email, 254, .flags = SEALED, .format = FORMAT_EMAIL,
		   .sight = SIGHT_IDENTITY, .about = "E-mail address.",
		   .example = "maija@example.org"),
	TEXTS_FIELD(struct representative, languages, 10, .format = FORMAT_LANGUAGE,
		    .about = "Languages spoken (ISO 639-1).", .example = "lv"),
	TEXT_FIELD(struct representative, basis, 300, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Document that gives the right to act.",
		   .example = "Bāriņtiesas lēmums Nr. 1-6/12, 2018-01-10"),
	DATE_FIELD(struct representative, starts_on, .flags = REQUIRED | IN_LIST,
		   .about = "First day of the representation.", .example = "2018-01-10"),
	DATE_FIELD(struct representative, ends_on, .flags = IN_LIST,
		   .about = "Last day; null until the client is 18.", .example = "2019-06-14"),
	FLAG_FIELD(struct representative, conflict_of_interest, .flags = IN_LIST,
		   .about = "Whether the representative's interests run against the minor's.",
		   .example = "false"),
	TEXT_FIELD(struct representative, conflict_note, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What the conflict is.",
		   .example = "The mother lives with the recruiter."),
};

const struct field representative_fact_fields[] = {
	ID_FIELD(struct representative_fact, client_id),
	DATE_FIELD(struct representative_fact, starts_on),
	DATE_FIELD(struct representative_fact, ends_on),
};

const struct field ward_fact_fields[] = {
	ID_FIELD(struct ward_fact, id),
	DATE_FIELD(struct ward_fact, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY),
};

static const struct facts representative_facts[] = { FACTS_WARD };

static bool ward_is_of_age(struct date birth, struct date day)
{
	return day.day != 0 && age_is_adult(&(struct age_fact){ .birth_on = birth }, day);
}

int signature_check(struct ctx *ctx, const struct fact_rows *representative,
		    const struct fact_rows *ward, struct text representative_id, struct date day)
{
	const struct representative_fact *office = representative->rows;
	const struct ward_fact *client = ward->rows;

	if (representative_id.ptr == NULL)
		return 0;
	if (representative->count == 0 || ward->count == 0 ||
	    !text_eq(office->client_id, client->id))
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/representative_id",
			       TEXT("representative"));
	if (!date_within(day, office->starts_on, office->ends_on))
		return fail_at(ctx, P_NOT_IN_OFFICE, "/representative_id", words_date(ctx, day));
	if (ward_is_of_age(client->birth_date, day))
		return fail_at(ctx, P_NOT_A_MINOR, "/representative_id", words_date(ctx, day));
	return 0;
}

static void representative_check_day(struct ctx *ctx, struct date birth, struct date day,
				     const char *pointer)
{
	if (ward_is_of_age(birth, day))
		violate(ctx, P_NOT_A_MINOR, text_of(pointer), words_date(ctx, day));
}

/* Legal representation ends at 18 (Civil Law 177, 219). Without a known birth nothing is refused.
 */
static int representative_check(struct ctx *ctx, struct change *change)
{
	struct representative *representative = change->after;
	const struct ward_fact *birth = change->facts[0].rows;

	if (representative == NULL)
		return 0;
	texts_present(&representative->languages);
	check_period(ctx, representative->starts_on, representative->ends_on, "/ends_on");
	if (change->facts[0].count > 0) {
		representative_check_day(ctx, birth->birth_date, representative->starts_on,
					 "/starts_on");
		representative_check_day(ctx, birth->birth_date, representative->ends_on,
					 "/ends_on");
	}
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem representative_problems[] = { P_END_BEFORE_START, P_NOT_A_MINOR, P_NONE };

const struct resource resource_representatives = {
	.name = "representatives",
	.singular = "representative",
	.about = "Legal representatives, who sign for a client who is a minor.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(representative_fields),
	.size = sizeof(struct representative),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_OWN,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.facts = representative_facts,
	.fact_count = 1,
	.check = representative_check,
	.problems = representative_problems,
};
