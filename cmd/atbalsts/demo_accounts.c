/* Providers, contracts and accounts of the demonstration. Enter at demo_accounts. */

#include "engine/engine.h"
#include "demo.h"

#include "core/uuid.h"

#include <stdio.h>

#define PASSPHRASE_WORDS 5

static const char *const words[] = {
#include "demo_words.def"
};
_Static_assert(sizeof(words) / sizeof(words[0]) == 128, "each word is seven bits");

static const struct demo_person {
	const char *email;
	const char *name;
	const char *role;
	const char *profession;
	const char *organisation;
} people[DEMO_COUNT] = {
	[DEMO_ADMIN] = { "admin@atbalsts.example", "Artis Sistēmnieks", "system_admin", NULL,
			 NULL },
	[DEMO_MINISTRY] = { "ministry@lm.example", "Inese Līgumniece", "ministry_officer", NULL,
			    "Labklājības ministrija" },
	[DEMO_STATISTICIAN] = { "statistics@lm.example", "Oskars Skaitlis", "statistician", NULL,
				"Labklājības ministrija" },
	[DEMO_AGENCY] = { "officer@siva.example", "Daina Lēmēja", "agency_officer", NULL,
			  "Sociālās integrācijas valsts aģentūra" },
	[DEMO_AGENCY_SECOND] = { "officer2@siva.example", "Uldis Lēmējs", "agency_officer", NULL,
				 "Sociālās integrācijas valsts aģentūra" },
	[DEMO_AUDITOR] = { "auditor@atbalsts.example", "Vita Sargātāja", "auditor", NULL, NULL },
	[DEMO_INTEGRATION] = { "machine@lm.example", "Ministrijas sistēma", "integration", NULL,
			       "Labklājības ministrija" },
	[DEMO_POLICE] = { "police@vp.example", "Gatis Izmeklētājs", "commission_member",
			  "police_officer", "Valsts policija" },
#define STAFF(place, domain, suffix)                                                               \
	[DEMO_STAFF + (place)*STAFF_COUNT +                                                        \
		STAFF_MANAGER] = { "manager@" domain, "Laima Vadītāja" suffix, "provider_manager", \
				   NULL, NULL },                                                   \
		[DEMO_STAFF + (place)*STAFF_COUNT +                                                \
			STAFF_WORKER] = { "worker@" domain, "Anna Darbiniece" suffix,              \
					  "case_worker", "social_worker", NULL },                  \
		[DEMO_STAFF + (place)*STAFF_COUNT +                                                \
			STAFF_LAWYER] = { "lawyer@" domain, "Juris Tiesnieks" suffix,              \
					  "specialist", "lawyer", NULL },                          \
		[DEMO_STAFF + (place)*STAFF_COUNT +                                                \
			STAFF_PSYCHOLOGIST] = { "psychologist@" domain, "Māra Klausītāja" suffix,  \
						"specialist", "psychologist", NULL },              \
		[DEMO_STAFF + (place)*STAFF_COUNT +                                                \
			STAFF_SOCIAL_WORKER] = { "social@" domain, "Elza Palīdze" suffix,          \
						 "specialist", "social_worker", NULL },
	STAFF(0, "marta.example", "") STAFF(1, "drosamaja.example", "-Kalna")
};

static const char *const provider_names[DEMO_PROVIDERS] = { "marta", "drosa_maja" };

static const char *const provider_bodies[DEMO_PROVIDERS] = {
	"{'name': 'biedrība \"Resursu centrs sievietēm \"Marta\"\"',"
	" 'register_number': '40008053478', 'addresses': ['Matīsa iela 49-3, Rīga'],"
	" 'phones': ['+37167378539', '+37180002012'], 'email': 'centrs@marta.lv',"
	" 'languages': ['lv', 'ru', 'en'], 'active': true}",
	"{'name': 'biedrība \"Patvērums \"Drošā māja\"\"',"
	" 'register_number': '40008117945', 'addresses': ['Lāčplēša iela 75-9/10, Rīga'],"
	" 'phones': ['+37167898343', '+37128612120'], 'email': 'drosa.maja@gmail.com',"
	" 'languages': ['lv', 'ru', 'en'], 'active': true}",
};

static int passphrase_make(struct demo *demo, enum demo_account who)
{
	unsigned char random[PASSPHRASE_WORDS + 1];
	char *password = demo->accounts[who].password;
	size_t len = 0;

	random_bytes(random, sizeof(random));
	for (int i = 0; i < PASSPHRASE_WORDS; i++)
		len += (size_t)snprintf(password + len, sizeof(demo->accounts[who].password) - len,
					"%s-", words[random[i] % 128]);
	snprintf(password + len, sizeof(demo->accounts[who].password) - len, "%d",
		 100 + random[PASSPHRASE_WORDS]);
	return password_check(demo->ctx, text_of(password), "/password");
}

static int account_insert(struct demo *demo, enum demo_account who, const char *provider_id)
{
	const struct demo_person *person = &people[who];
	char hash[PASSWORD_HASH_SIZE];
	int rc = passphrase_make(demo, who);

	if (rc == 0)
		rc = password_hash(demo->ctx, text_of(demo->accounts[who].password), hash);
	if (rc != 0)
		return rc;
	uuid_new(demo->accounts[who].id);
	struct text user[] = { text_of(demo->accounts[who].id),
			       text_of(person->email),
			       text_of(person->name),
			       text_of(person->role),
			       text_of(provider_id),
			       text_of(person->profession),
			       text_of(person->organisation) };
	struct text credential[] = { user[0], text_of(hash) };
	struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ TEXT("INSERT INTO users (id, email, name, role, provider_id, profession,"
		       " organisation, enrolled_at, approved_at)"
		       " VALUES ($1, $2, $3, $4, $5, $6, $7, now(), now())"),
		  user, 7 },
		{ TEXT("INSERT INTO credentials (user_id, hash) VALUES ($1, $2)"), credential, 2 },
	};
	struct reply replies[4];

	return conn_commit(demo->ctx, demo->owner, queries, 4, replies);
}

static int account_make(struct demo *demo, enum demo_account who, int provider)
{
	int rc = account_insert(demo, who, provider >= 0 ? demo->providers[provider] : NULL);

	if (rc == 0)
		rc = demo_sign_in(demo, who, people[who].email);
	conn_forget(demo->owner);
	if (rc == 0)
		printf("%s %s %s %s\n", people[who].email, demo->accounts[who].password,
		       people[who].role, provider >= 0 ? provider_names[provider] : "-");
	return rc;
}

static int providers_make(struct demo *demo)
{
	int rc = 0;

	for (int i = 0; i < DEMO_PROVIDERS && rc == 0; i++) {
		struct demo_row row;

		rc = demo_post(demo, DEMO_ADMIN, "/v1/providers", &row, "%s", provider_bodies[i]);
		if (rc == 0)
			memcpy(demo->providers[i], row.id, sizeof(row.id));
	}
	return rc;
}

static int contract_rates(struct demo *demo, const struct demo_row *contract, const char *from,
			  const char *to)
{
	static const struct {
		const char *service, *unit;
		int cents;
	} rates[] = {
		{ "commission", "piece", 21000 },
		{ "journey", "piece", 35000 },
		{ "escort", "day", 9800 },
		{ "accommodation_abroad", "day", 4200 },
		{ "case_management", "month", 12400 },
		{ "interpretation", "hour", 2600 },
		{ "accommodation", "day", 1850 },
		{ "assessment", "piece", 4300 },
		{ "consultation", "hour", 2490 },
		{ "legal_document", "hour", 2490 },
		{ "training", "hour", 1200 },
	};
	char path[256];
	int rc = 0;

	snprintf(path, sizeof(path), "%.200s/rates", contract->path);
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]) && rc == 0; i++)
		rc = demo_post(demo, DEMO_MINISTRY, path, NULL,
			       "{'service': '%s', 'unit': '%s', 'cents': %d, 'starts_on': '%s',"
			       " 'ends_on': '%s'}",
			       rates[i].service, rates[i].unit, rates[i].cents, from, to);
	return rc;
}

static int contract_make(struct demo *demo, const char *number, const char *title, const char *from,
			 const char *to, struct demo_row *ret)
{
	char path[256];
	int rc = demo_post(demo, DEMO_MINISTRY, "/v1/contracts", ret,
			   "{'number': '%s', 'title': '%s', 'ministry': 'Labklājības ministrija',"
			   " 'starts_on': '%s', 'ends_on': '%s', 'planned_clients': 24,"
			   " 'remarks': 'The unit rates are invented for demonstration.'}",
			   number, title, from, to);

	snprintf(path, sizeof(path), "%.200s/parties", ret->path);
	for (int i = 0; i < DEMO_PROVIDERS && rc == 0; i++)
		rc = demo_post(demo, DEMO_MINISTRY, path, NULL, "{'provider_id': '%s'}",
			       demo->providers[i]);
	return rc != 0 ? rc : contract_rates(demo, ret, from, to);
}

static int contracts_make(struct demo *demo)
{
	struct demo_row contract = { 0 };
	char path[256];
	int rc = contract_make(demo, "DEMO-2025/1", "Izdomāts līgums demonstrācijai", "2019-01-01",
			       "2030-12-31", &contract);

	if (rc == 0)
		rc = contract_make(
			demo, "LRLM2016/28-3-02/25",
			"Sociālā rehabilitācija un atbalsts kriminālprocesa laikā cilvēku"
			" tirdzniecības upuriem",
			"2017-01-01", "2018-12-31", &contract);
	if (rc != 0)
		return rc;
	memcpy(demo->contract, contract.id, sizeof(contract.id));
	snprintf(path, sizeof(path), "%.200s/limits", contract.path);
	return demo_post(demo, DEMO_MINISTRY, path, NULL,
			 "{'code': 'criminal_support_consultations', 'service': 'criminal_support',"
			 " 'unit': 'consultations', 'amount': 150, 'per': 'person',"
			 " 'period': 'calendar_year', 'enforcement': 'block'}");
}

int demo_accounts(struct demo *demo)
{
	int rc = 0;

	for (int who = 0; who < DEMO_STAFF && rc == 0; who++)
		rc = account_make(demo, (enum demo_account)who, -1);
	if (rc == 0)
		rc = providers_make(demo);
	if (rc == 0)
		rc = contracts_make(demo);
	for (int i = 0; i < DEMO_COUNT - DEMO_STAFF && rc == 0; i++)
		rc = account_make(demo, (enum demo_account)(DEMO_STAFF + i), i / STAFF_COUNT);
	return rc;
}
