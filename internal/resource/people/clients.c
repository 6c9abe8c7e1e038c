/* Clients of a provider: identity and contact data, sealed with the client's own key. The status
 * follows the client's cases; no caller writes it. */

#include "resource/checks.h"
#include "resource/registry.h"

#define SEXES(X)                                                                                   \
	X(sex, female)                                                                             \
	X(sex, male)                                                                               \
	X(sex, other)
ENUM_DECLARE(sex, SEXES)
ENUM_DEFINE(sex, SEXES)

#define CLIENT_STATUSES(X)                                                                         \
	X(client_status, potential)                                                                \
	X(client_status, active)                                                                   \
	X(client_status, former)
ENUM_DECLARE(client_status, CLIENT_STATUSES)
ENUM_DEFINE(client_status, CLIENT_STATUSES)

/* non_citizen is Latvia's own status (nepilsonis). */
#define RESIDENCE_STATUSES(X)                                                                      \
	X(residence_status, citizen)                                                               \
	X(residence_status, non_citizen)                                                           \
	X(residence_status, eu_citizen)                                                            \
	X(residence_status, permanent)                                                             \
	X(residence_status, temporary)                                                             \
	X(residence_status, visa)                                                                  \
	X(residence_status, asylum_seeker)                                                         \
	X(residence_status, protected)                                                             \
	X(residence_status, reflection_period)                                                     \
	X(residence_status, irregular)                                                             \
	X(residence_status, other)
ENUM_DECLARE(residence_status, RESIDENCE_STATUSES)
ENUM_DEFINE(residence_status, RESIDENCE_STATUSES)

#define TRAVEL_DOCUMENTS(X)                                                                        \
	X(travel_document, passport)                                                               \
	X(travel_document, identity_card)                                                          \
	X(travel_document, return_certificate)                                                     \
	X(travel_document, other)                                                                  \
	X(travel_document, none_held)
ENUM_DECLARE(travel_document, TRAVEL_DOCUMENTS)
ENUM_DEFINE(travel_document, TRAVEL_DOCUMENTS)

#define CONTACT_CHANNELS(X)                                                                        \
	X(contact_channel, phone)                                                                  \
	X(contact_channel, sms)                                                                    \
	X(contact_channel, messenger)                                                              \
	X(contact_channel, email)                                                                  \
	X(contact_channel, post)                                                                   \
	X(contact_channel, in_person)                                                              \
	X(contact_channel, through_other)
ENUM_DECLARE(contact_channel, CONTACT_CHANNELS)
ENUM_DEFINE(contact_channel, CONTACT_CHANNELS)

#define REFERRERS(X)                                                                               \
	X(referrer, self)                                                                          \
	X(referrer, family_or_friend)                                                              \
	X(referrer, police)                                                                        \
	X(referrer, prosecutor)                                                                    \
	X(referrer, border_guard)                                                                  \
	X(referrer, embassy)                                                                       \
	X(referrer, social_service)                                                                \
	X(referrer, orphans_court)                                                                 \
	X(referrer, health_care)                                                                   \
	X(referrer, school)                                                                        \
	X(referrer, hotline)                                                                       \
	X(referrer, non_governmental)                                                              \
	X(referrer, foreign_organisation)                                                          \
	X(referrer, other)
ENUM_DECLARE(referrer, REFERRERS)
ENUM_DEFINE(referrer, REFERRERS)

struct client {
	struct record record;
	struct text number;
	enum client_status status;
	struct text given_name;
	struct text family_name;
	struct text personal_code;
	struct date birth_date;
	enum sex sex;
	struct text citizenship;
	enum residence_status residence_status;
	struct date residence_until;
	struct text declared_address;
	struct text correspondence_address;
	struct text phone;
	struct text email;
	struct text emergency_contact;
	enum travel_document travel_document;
	struct text travel_document_number;
	struct date travel_document_until;
	enum contact_channel safe_contact_channel;
	struct text safe_contact_times;
	struct text safe_contact_words;
	enum flag do_not_contact;
	struct texts languages;
	enum flag interpreter_wanted;
	enum sex interpreter_sex;
	struct text health_needs;
	struct text threats;
	struct number dependants;
	struct text current_country;
	enum referrer referrer;
	struct text referred_by;
	struct date first_contact_on;
};

static const struct field client_fields[] = {
	TEXT_FIELD(struct client, number, 20, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Pseudonymous number at the provider, used everywhere else.",
		   .example = "2018-0007"),
	ENUM_FIELD(struct client, status, client_status, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "potential until the service is granted, former when no case is open.",
		   .example = "potential"),
	TEXT_FIELD(struct client, given_name, 100, .flags = REQUIRED | SEALED | FILTER,
		   .blind = BLIND_NAME, .sight = SIGHT_IDENTITY, .about = "Given name or names.",
		   .example = "Ilze"),
	TEXT_FIELD(struct client, family_name, 100, .flags = SEALED | FILTER, .blind = BLIND_NAME,
		   .sight = SIGHT_IDENTITY, .about = "Family name.", .example = "Kalniņa"),
	TEXT_FIELD(struct client, personal_code, 12, .flags = SEALED | FILTER,
		   .format = FORMAT_PERSONAL_CODE, .blind = BLIND_CODE, .sight = SIGHT_IDENTITY,
		   .about = "Latvian personal code.", .example = "150694-12345"),
	DATE_FIELD(struct client, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Day of birth.", .example = "1994-06-15"),
	ENUM_FIELD(struct client, sex, sex, .about = "Sex; null is unknown.", .example = "female"),
	TEXT_FIELD(struct client, citizenship, 2, .format = FORMAT_COUNTRY,
		   .about = "Citizenship (ISO 3166-1).", .example = "LV"),
	ENUM_FIELD(struct client, residence_status, residence_status,
		   .about = "On what ground the client stays in Latvia.", .example = "citizen"),
	DATE_FIELD(struct client, residence_until, .about = "Last day of the residence permit.",
		   .example = "2018-12-31"),
	TEXT_FIELD(struct client, declared_address, 300, .flags = SEALED, .sight = SIGHT_ADDRESS,
		   .about = "Declared place of residence.",
		   .example = "Brīvības iela 1-2, Rēzekne"),
	TEXT_FIELD(struct client, correspondence_address, 300, .flags = SEALED,
		   .sight = SIGHT_ADDRESS, .about = "Address for letters.",
		   .example = "Pasta nodaļa, Rēzekne, pēc pieprasījuma"),
	TEXT_FIELD(struct client, phone, 16, .flags = SEALED | FILTER, .format = FORMAT_PHONE,
		   .blind = BLIND_PHONE, .sight = SIGHT_IDENTITY, .about = "Phone number (E.164).",
		   .example = "+37120000001"),
	TEXT_FIELD(struct client, email, 254, .flags = SEALED | FILTER, .format = FORMAT_EMAIL,
		   .blind = BLIND_EMAIL, .sight = SIGHT_IDENTITY, .about = "E-mail address.",
		   .example = "ilze.k@example.org"),
	TEXT_FIELD(struct client, emergency_contact, 300, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Whom to call in an emergency.",
		   .example = "Sister Liene, +37120000002"),
	ENUM_FIELD(struct client, travel_document, travel_document,
		   .about = "Document that the client can travel with.",
		   .example = "return_certificate"),
	TEXT_FIELD(struct client, travel_document_number, 40, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of that document.",
		   .example = "LV1234567"),
	DATE_FIELD(struct client, travel_document_until, .about = "Last day of that document.",
		   .example = "2018-03-31"),
	ENUM_FIELD(struct client, safe_contact_channel, contact_channel,
		   .about = "Channel over which it is safe to reach the client.", .example = "sms"),
	TEXT_FIELD(struct client, safe_contact_times, 300, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "When it is safe.", .example = "Weekdays 10:00–12:00"),
	TEXT_FIELD(struct client, safe_contact_words, 300, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "Words to use, and not to use.",
		   .example = "Say that the library calls."),
	FLAG_FIELD(struct client, do_not_contact, .flags = IN_LIST,
		   .about = "Whether the client must not be contacted at all; false unless told.",
		   .example = "false"),
	TEXTS_FIELD(struct client, languages, 10, .format = FORMAT_LANGUAGE,
		    .about = "Languages that the client speaks, best first (ISO 639-1).",
		    .example = "lv"),
	FLAG_FIELD(struct client, interpreter_wanted, .about = "Whether an interpreter is wanted.",
		   .example = "true"),
	ENUM_FIELD(struct client, interpreter_sex, sex, .about = "Of which sex, if that matters.",
		   .example = "female"),
	TEXT_FIELD(struct client, health_needs, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "Health needs that must be met.", .example = "Insulin twice a day."),
	TEXT_FIELD(struct client, threats, 4000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "Threats against the client or those close.",
		   .example = "The recruiter knows where the mother lives."),
	INTEGER_FIELD(struct client, dependants, 0, 50,
		      .about = "How many people depend on the client.", .example = "2"),
	TEXT_FIELD(struct client, current_country, 2, .flags = IN_LIST, .format = FORMAT_COUNTRY,
		   .about = "Where the client is now (ISO 3166-1).", .example = "IE"),
	ENUM_FIELD(struct client, referrer, referrer, .about = "Who brought the client.",
		   .example = "embassy"),
	TEXT_FIELD(struct client, referred_by, 300, .flags = SEALED, .sight = SIGHT_IDENTITY,
		   .about = "The referring person and how to reach them.",
		   .example = "Consul in Dublin, consular section"),
	DATE_FIELD(struct client, first_contact_on, .flags = IN_LIST,
		   .about = "Day of the first contact; today unless told.",
		   .example = "2018-01-08"),
};

static int client_check(struct ctx *ctx, struct change *change)
{
	struct client *client = change->after;

	if (client == NULL)
		return 0;
	texts_present(&client->languages);
	if (client->do_not_contact == FLAG_NONE)
		client->do_not_contact = FLAG_NO;
	if (client->first_contact_on.day == 0)
		client->first_contact_on = change->today;
	check_not_future(ctx, client->first_contact_on, change->today, "/first_contact_on");
	check_not_future(ctx, client->birth_date, change->today, "/birth_date");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem client_problems[] = { P_IN_THE_FUTURE, P_CONFLICT, P_NONE };

const struct resource resource_clients = {
	.name = "clients",
	.singular = "client",
	.about = "Clients and potential clients of a provider.",
	.tag = "Clients",
	.fields = FIELDS(client_fields),
	.size = sizeof(struct client),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_OWN | IS_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_EFFECT,
	.sort = "-created_at",
	.identity = { "given_name", "family_name", "birth_date" },
	.check = client_check,
	.problems = client_problems,
};
