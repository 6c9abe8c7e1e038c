/* What was done to a client, in the codes of the Human Trafficking Case Data Standard 2.0. A
 * known age decides whether the client was a minor. */

#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/age.h"

/* Codes of the Human Trafficking Case Data Standard 2.0; sham_marriage and forced_criminality are
 * local and leave as its Other. */
#define EXPLOITATION_FORMS(X)                                                                      \
	X(exploitation_form, forced_labour)                                                        \
	X(exploitation_form, domestic_servitude)                                                   \
	X(exploitation_form, sexual_exploitation)                                                  \
	X(exploitation_form, forced_begging)                                                       \
	X(exploitation_form, forced_marriage)                                                      \
	X(exploitation_form, sham_marriage)                                                        \
	X(exploitation_form, forced_criminality)                                                   \
	X(exploitation_form, slavery)                                                              \
	X(exploitation_form, organ_removal)                                                        \
	X(exploitation_form, illegal_adoption)                                                     \
	X(exploitation_form, armed_conflict)                                                       \
	X(exploitation_form, other)
ENUM_DECLARE(exploitation_form, EXPLOITATION_FORMS)
ENUM_DEFINE(exploitation_form, EXPLOITATION_FORMS)

#define RECRUITER_RELATIONS(X)                                                                     \
	X(recruiter_relation, intimate_partner)                                                    \
	X(recruiter_relation, family)                                                              \
	X(recruiter_relation, friend)                                                              \
	X(recruiter_relation, acquaintance)                                                        \
	X(recruiter_relation, employer)                                                            \
	X(recruiter_relation, agency)                                                              \
	X(recruiter_relation, stranger)                                                            \
	X(recruiter_relation, other)
ENUM_DECLARE(recruiter_relation, RECRUITER_RELATIONS)
ENUM_DEFINE(recruiter_relation, RECRUITER_RELATIONS)

#define CONTROL_MEANS(X)                                                                           \
	X(control_means, debt_bondage)                                                             \
	X(control_means, takes_earnings)                                                           \
	X(control_means, restricts_finances)                                                       \
	X(control_means, threats)                                                                  \
	X(control_means, threat_of_authorities)                                                    \
	X(control_means, psychological_abuse)                                                      \
	X(control_means, physical_abuse)                                                           \
	X(control_means, sexual_abuse)                                                             \
	X(control_means, false_promises)                                                           \
	X(control_means, psychoactive_substances)                                                  \
	X(control_means, restricts_movement)                                                       \
	X(control_means, restricts_medical_care)                                                   \
	X(control_means, excessive_hours)                                                          \
	X(control_means, uses_children)                                                            \
	X(control_means, withholds_necessities)                                                    \
	X(control_means, withholds_documents)                                                      \
	X(control_means, other)
ENUM_DECLARE(control_means, CONTROL_MEANS)
ENUM_DEFINE(control_means, CONTROL_MEANS)

#define EXIT_WAYS(X)                                                                               \
	X(exit_way, escaped)                                                                       \
	X(exit_way, released)                                                                      \
	X(exit_way, police)                                                                        \
	X(exit_way, helped)                                                                        \
	X(exit_way, other)
ENUM_DECLARE(exit_way, EXIT_WAYS)
ENUM_DEFINE(exit_way, EXIT_WAYS)

struct trafficking_profile {
	struct record record;
	struct texts exploitation_forms;
	struct text recruitment_country;
	struct texts transit_countries;
	struct texts exploitation_countries;
	struct text sector;
	enum recruiter_relation recruiter_relation;
	enum flag recruited_online;
	struct texts means_of_control;
	struct number age_then;
	enum flag minor_then;
	struct date started_on;
	struct date ended_on;
	enum exit_way exited_how;
	struct text narrative;
};

static const struct field trafficking_profile_fields[] = {
	ENUMS_FIELD(struct trafficking_profile, exploitation_forms, exploitation_form,
		    .flags = IN_LIST, .about = "Forms of exploitation.",
		    .example = "forced_labour"),
	TEXT_FIELD(struct trafficking_profile, recruitment_country, 2, .format = FORMAT_COUNTRY,
		   .about = "Country of recruitment (ISO 3166-1).", .example = "LV"),
	TEXTS_FIELD(struct trafficking_profile, transit_countries, 20, .format = FORMAT_COUNTRY,
		    .about = "Countries passed through.", .example = "DE"),
	TEXTS_FIELD(struct trafficking_profile, exploitation_countries, 20, .flags = IN_LIST,
		    .format = FORMAT_COUNTRY, .about = "Countries of exploitation.",
		    .example = "IE"),
	TEXT_FIELD(struct trafficking_profile, sector, 4, .format = FORMAT_ISIC,
		   .about = "Economic sector of the exploitation (ISIC).", .example = "A"),
	ENUM_FIELD(struct trafficking_profile, recruiter_relation, recruiter_relation,
		   .about = "What the recruiter was to the client.", .example = "acquaintance"),
	FLAG_FIELD(struct trafficking_profile, recruited_online,
		   .about = "Whether the recruiting began online.", .example = "true"),
	ENUMS_FIELD(struct trafficking_profile, means_of_control, control_means,
		    .about = "How the client was controlled.", .example = "withholds_documents"),
	INTEGER_FIELD(struct trafficking_profile, age_then, 0, 120, .about = "Age when it began.",
		      .example = "23"),
	FLAG_FIELD(struct trafficking_profile, minor_then,
		   .about = "Whether the client was under 18 when it happened.",
		   .example = "false"),
	DATE_FIELD(struct trafficking_profile, started_on,
		   .about = "When it began, as far as known.", .example = "2017-05-01"),
	DATE_FIELD(struct trafficking_profile, ended_on, .about = "When it ended, as far as known.",
		   .example = "2017-12-20"),
	ENUM_FIELD(struct trafficking_profile, exited_how, exit_way,
		   .about = "How the client got out.", .example = "escaped"),
	TEXT_FIELD(
		struct trafficking_profile, narrative, 20000, .flags = SEALED,
		.sight = SIGHT_NARRATIVE, .about = "What happened, in words.",
		.example =
			"Was promised work on a mushroom farm; the passport was taken on arrival."),
};

/* A known age says whether the client was a minor; what is told must not contradict it. */
static void profile_age(struct ctx *ctx, struct trafficking_profile *profile)
{
	enum flag minor;

	if (!profile->age_then.set)
		return;
	minor = profile->age_then.value < AGE_OF_MAJORITY ? FLAG_YES : FLAG_NO;
	if (profile->minor_then == FLAG_NONE)
		profile->minor_then = minor;
	else if (profile->minor_then == FLAG_NO && minor == FLAG_YES)
		violate(ctx, P_CONSTRAINT, TEXT("/minor_then"), TEXT("age_then"));
}

static int profile_check(struct ctx *ctx, struct change *change)
{
	struct trafficking_profile *profile = change->after;

	if (profile == NULL)
		return 0;
	texts_present(&profile->exploitation_forms);
	texts_present(&profile->transit_countries);
	texts_present(&profile->exploitation_countries);
	texts_present(&profile->means_of_control);
	profile_age(ctx, profile);
	check_not_future(ctx, profile->started_on, change->today, "/started_on");
	check_period(ctx, profile->started_on, profile->ended_on, "/ended_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem profile_problems[] = { P_IN_THE_FUTURE, P_END_BEFORE_START, P_CONSTRAINT,
						 P_NONE };

const struct resource resource_trafficking_profiles = {
	.name = "trafficking_profiles",
	.singular = "trafficking_profile",
	.about = "What was done to a client: forms, places, recruiter and means of control.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(trafficking_profile_fields),
	.size = sizeof(struct trafficking_profile),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.check = profile_check,
	.problems = profile_problems,
};
