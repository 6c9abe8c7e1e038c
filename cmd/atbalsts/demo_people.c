/* Takes the 23 people of 2018 through the system. Enter at demo_people. */

#include "demo_walk.h"

#include "core/clock.h"

#include <errno.h>
#include <stdio.h>

static const struct demo_human humans[] = {
#define PERSON(given, family, birth, sex, citizenship, country, language, provider, found, phase,  \
	       start, purpose)                                                                     \
	{ given,    family,   birth, sex,   citizenship, country,                                  \
	  language, provider, found, phase, start,	 purpose },
#include "demo_people.def"
#undef PERSON
};

const char *walk_day(struct walk *walk, int32_t days)
{
	date_print(date_add_days(walk->start, days), walk->day);
	return walk->day;
}

const char *walk_below(const struct demo_row *row, const char *segment, char path[512])
{
	snprintf(path, 512, "%s/%s", row->path, segment);
	return path;
}

static int walk_step(struct walk *walk, const char *to, int32_t on, const char *more)
{
	char path[512];

	return demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "transitions", path),
			 NULL, "{'to': '%s', 'happened_on': '%s'%s}", to, walk_day(walk, on), more);
}

static int walk_client(struct walk *walk)
{
	const struct demo_human *human = walk->human;
	char code[64] = "";

	if (strcmp(human->citizenship, "LV") == 0)
		snprintf(code, sizeof(code), ", 'personal_code': '%.2s%.2s%.2s-1%04d'",
			 human->birth + 8, human->birth + 5, human->birth + 2,
			 1203 + walk->number * 37);
	return demo_post(
		walk->demo, walk->worker, "/v1/clients", &walk->client,
		"{'given_name': '%s', 'family_name': '%s', 'birth_date': '%s', 'sex': '%s',"
		" 'citizenship': '%s', 'current_country': '%s', 'languages': ['%s'],"
		" 'phone': '+37120000%03d', 'first_contact_on': '%s', 'referrer': '%s',"
		" 'safe_contact_channel': 'sms', 'safe_contact_times': 'darbdienās 10.00–12.00',"
		" 'safe_contact_words': 'Zvana bibliotēka.', 'interpreter_wanted': %s%s}",
		human->given, human->family, human->birth, human->sex, human->citizenship,
		human->country, human->language, 100 + walk->number, walk_day(walk, -40),
		human->found == POLICE || human->found == BOTH ? "police"
		: human->found == ABROAD		       ? "embassy"
							       : "hotline",
		strcmp(human->language, "lv") == 0 ? "false" : "true", code);
}

static int walk_profile(struct walk *walk)
{
	const struct demo_human *human = walk->human;
	bool labour = strstr(human->purpose, "forced") != NULL;
	char path[512];

	return demo_post(walk->demo, walk->worker,
			 walk_below(&walk->client, "trafficking_profiles", path), NULL,
			 "{'exploitation_forms': ['%s'], 'recruitment_country': '%s',"
			 " 'exploitation_countries': ['%s'], 'recruiter_relation': '%s',"
			 " 'recruited_online': %s, 'means_of_control': ['false_promises',"
			 " 'withholds_documents'], 'started_on': '%s', 'ended_on': '%s',"
			 " 'exited_how': 'helped',"
			 " 'narrative': 'Solīts darbs, bet dokumenti pēc ierašanās atņemti.'}",
			 labour ? "forced_labour" : "sexual_exploitation", human->citizenship,
			 human->country, labour ? "agency" : "acquaintance",
			 labour ? "false" : "true", "2017-06-01", "2017-12-15");
}

static int walk_case(struct walk *walk)
{
	const enum demo_account team[] = { walk->lawyer, walk->psychologist };
	char path[512];
	int rc = demo_post(walk->demo, walk->worker, "/v1/cases", &walk->kase,
			   "{'client_id': '%s', 'opened_on': '%s', 'risk_level': '%s',"
			   " 'summary': 'Lūdz palīdzību un vēlas droši dzīvot Latvijā.'}",
			   walk->client.id, walk_day(walk, -40),
			   walk->number % 3 == 0 ? "high" : "medium");

	for (size_t i = 0; i < sizeof(team) / sizeof(team[0]) && rc == 0; i++)
		rc = demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "team", path),
			       NULL, "{'user_id': '%s'}", walk->demo->accounts[team[i]].id);
	return rc;
}

/* A minor's parent, and the children of some who come from abroad. */
static int walk_family(struct walk *walk)
{
	const struct demo_human *human = walk->human;
	bool minor = strcmp(human->birth, "2000-12-31") > 0;
	bool mother = walk->number % 6 == 0 && strcmp(human->sex, "female") == 0 &&
		      strcmp(human->country, "LV") != 0;
	char path[512];

	if (!minor && !mother)
		return 0;
	return demo_post(
		walk->demo, walk->worker, walk_below(&walk->client, "family_members", path),
		mother ? &walk->child : NULL,
		"{'relation': '%s', 'given_name': '%s', 'family_name': '%s',"
		" 'birth_date': '%s', 'with_client': %s, 'safe_to_contact': true,"
		" 'languages': ['%s']}",
		mother ? "child" : "parent", mother ? "Emīls" : "Ilga", human->family,
		mother ? "2013-05-17" : "1975-02-08", mother ? "true" : "false", human->language);
}

/* The travellers of a journey: the client and the child. */
static int walk_travellers(struct walk *walk, const struct demo_row *journey)
{
	char path[512];
	int rc = demo_post(walk->demo, walk->worker, walk_below(journey, "travellers", path), NULL,
			   "{'kind': 'client'}");

	if (rc != 0 || walk->child.path[0] == '\0')
		return rc;
	return demo_post(walk->demo, walk->worker, path, NULL,
			 "{'kind': 'child', 'family_member_id': '%s', 'with_client': true}",
			 walk->child.id);
}

/* The journey from abroad to the provider, with an escort if somebody cannot travel alone; still
 * planned for a person who has only called. */
static int walk_journey(struct walk *walk)
{
	const struct demo_human *human = walk->human;
	bool done = human->phase > UNDER_ASSESSMENT && human->phase != WITHDRAWN;
	struct demo_row journey;
	char path[512];
	int rc;

	rc = demo_post(
		walk->demo, walk->worker, walk_below(&walk->kase, "journeys", path), &journey,
		"{'direction': 'to_service', 'from_country': '%s', 'to_country': 'LV',"
		" 'from_place': 'Lidosta', 'to_place': 'Rīga', 'transport': 'air',"
		" 'planned_departure_at': '%sT08:00:00Z', 'can_travel_alone': %s}",
		human->country, walk_day(walk, -22), walk->number % 2 == 0 ? "false" : "true");
	if (rc == 0)
		rc = walk_travellers(walk, &journey);
	if (rc == 0 && walk->number % 2 == 0)
		rc = demo_post(walk->demo, walk->worker, walk_below(&journey, "escorts", path),
			       NULL,
			       "{'user_id': '%s', 'reason': 'cannot_travel_alone',"
			       " 'from_country': '%s', 'to_country': 'LV', 'cost_cents': 18600,"
			       " 'funding': 'state'}",
			       walk->demo->accounts[walk->social].id, human->country);
	if (rc == 0 && done)
		rc = demo_patch(walk->demo, walk->worker, &journey,
				"{'state': 'under_way', 'departed_at': '%sT08:10:00Z'}",
				walk_day(walk, -22));
	if (rc == 0 && done)
		rc = demo_patch(walk->demo, walk->worker, &journey,
				"{'state': 'completed', 'arrived_at': '%sT12:40:00Z',"
				" 'cost_cents': 21450}",
				walk_day(walk, -22));
	return rc;
}

/* An identification by an authority, with its document. */
static int walk_authority(struct walk *walk, const char *by, const char *issuer, int32_t on)
{
	char path[512], issued[DATE_SIZE];

	memcpy(issued, walk_day(walk, on), sizeof(issued));
	return demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "identifications", path),
			 NULL,
			 "{'identified_by': '%s', 'issuer': '%s', 'document_number': '%d/18',"
			 " 'issued_on': '%s', 'acts': ['recruitment', 'conveyance'],"
			 " 'means': ['deceit'], 'purposes': ['%s'], 'minor_then': false,"
			 " 'conclusion': 'meets', 'closed_on': '%s'}",
			 by, issuer, 400 + walk->number, issued, walk->human->purpose, issued);
}

static int walk_document(struct walk *walk, const char *kind, const char *issuer,
			 const char *country)
{
	char path[512];

	return demo_post(walk->demo, walk->worker,
			 walk_below(&walk->application, "documents", path), NULL,
			 "{'kind': '%s', 'issuer': '%s', 'country': '%s', 'number': '%d/18',"
			 " 'issued_on': '%s', 'original': true}",
			 kind, issuer, country, 400 + walk->number, walk_day(walk, -20));
}

static int walk_apply(struct walk *walk)
{
	enum demo_found found = walk->human->found;
	char path[512];
	int rc;

	rc = demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "applications", path),
		       &walk->application,
		       "{'received_on': '%s', 'channel': 'in_person', 'chosen_provider_id': '%s',"
		       " 'language': '%s'}",
		       walk_day(walk, -17), walk->demo->providers[walk->human->provider],
		       walk->human->language);
	if (rc == 0 && (found == POLICE || found == BOTH))
		rc = walk_document(walk, "victim_decision", "Valsts policija", "LV");
	if (rc == 0 && found == ABROAD)
		rc = walk_document(walk, "foreign_certificate", "National Referral Mechanism",
				   walk->human->country);
	/* A foreign certificate does not suffice alone (R9). */
	if (rc == 0 && found == ABROAD)
		rc = walk_document(walk, "law_enforcement_certificate", "Valsts policija", "LV");
	return rc != 0 ? rc : walk_step(walk, "applied", -17, "");
}

/* The application on paper, scanned as a text. Announced, sent in its one part, and completed. */
static int walk_attach(struct walk *walk)
{
	static const char content[] =
		"Iesniegums sociālās rehabilitācijas pakalpojuma saņemšanai.\n"
		"Izvēlētais pakalpojuma sniedzējs norādīts. Paraksts.\n";
	struct demo_row row;
	char path[512];
	int rc = demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "attachments", path),
			   &row,
			   "{'kind': 'application', 'name': 'iesniegums.txt', 'media_type':"
			   " 'text/plain', 'size': %zu, 'sha256': '%s'}",
			   sizeof(content) - 1,
			   "06242eb687b5b5a837566aed54dd2a336f66d4d823a36b2b68dc04b89732d891");

	if (rc == 0)
		rc = demo_put(walk->demo, walk->worker, walk_below(&row, "parts/1", path),
			      (struct text){ content, sizeof(content) - 1 });
	if (rc == 0)
		rc = demo_put(walk->demo, walk->worker, walk_below(&row, "completion", path),
			      TEXT_NULL);
	return rc;
}

/* The provider's commission sits, each member votes with the own account, and the sitting closes.
 * */
static int walk_commission(struct walk *walk)
{
	const struct {
		enum demo_account who;
		const char *profession;
	} members[] = { { walk->worker, "social_worker" },
			{ walk->psychologist, "psychologist" },
			{ walk->lawyer, "lawyer" },
			{ DEMO_POLICE, "police_officer" } };
	struct demo_row sitting, member;
	char path[512];
	int rc;

	rc = demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "identifications", path),
		       &sitting,
		       "{'identified_by': 'commission', 'held_on': '%s', 'language': 'lv',"
		       " 'interpreter_present': false, 'findings': 'Uzklausīta sēdē.'}",
		       walk_day(walk, -12));
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && rc == 0; i++) {
		rc = demo_post(walk->demo, walk->worker, walk_below(&sitting, "members", path),
			       &member, "{'user_id': '%s', 'profession': '%s'}",
			       walk->demo->accounts[members[i].who].id, members[i].profession);
		if (rc == 0)
			rc = demo_patch(walk->demo, members[i].who, &member, "{'vote': 'meets'}");
	}
	if (rc != 0)
		return rc;
	return demo_patch(walk->demo, walk->worker, &sitting,
			  "{'acts': ['recruitment', 'conveyance'], 'means': ['deceit',"
			  " 'state_of_vulnerability'], 'purposes': ['%s'], 'minor_then': false,"
			  " 'conclusion': 'meets', 'closed_on': '%s'}",
			  walk->human->purpose, walk_day(walk, -12));
}

static int walk_assess(struct walk *walk)
{
	bool sits = walk->human->found == COMMISSION || walk->human->found == BOTH;
	int rc = walk_step(walk, "under_assessment", -16, "");

	return rc == 0 && sits ? walk_commission(walk) : rc;
}

static int walk_decide(struct walk *walk)
{
	enum demo_account officer = walk->number % 2 == 0 ? DEMO_AGENCY : DEMO_AGENCY_SECOND;
	char path[512], start[DATE_SIZE], end[DATE_SIZE];
	int number = ++walk->demo->decisions;

	walk_below(&walk->kase, "decisions", path);
	if (walk->human->phase == REFUSED)
		return demo_post(
			walk->demo, officer, path, NULL,
			"{'kind': 'refusal', 'number': 'SIVA-2018-%03d',"
			" 'decided_on': '%s', 'reasons': 'Persona tādu pašu pakalpojumu jau"
			" saņem citā valstī.'}",
			number, walk_day(walk, -3));
	memcpy(start, walk_day(walk, 0), sizeof(start));
	memcpy(end, walk_day(walk, 179), sizeof(end));
	return demo_post(walk->demo, officer, path, NULL,
			 "{'kind': 'grant', 'number': 'SIVA-2018-%03d', 'decided_on': '%s',"
			 " 'course_start': '%s', 'course_end': '%s'}",
			 number, walk_day(walk, -3), start, end);
}

/* Consultations are hours apart, so that no specialist has two at once. */
static int walk_consult(struct walk *walk, enum demo_account who, const char *kind,
			const char *entitlement, int32_t on, const char *outcome)
{
	char path[512];

	return demo_post(walk->demo, who, walk_below(&walk->kase, "consultations", path), NULL,
			 "{'specialist_kind': '%s', 'entitlement': '%s', 'minutes': 50,"
			 " 'starts_at': '%sT%02d:%02d:00Z', 'outcome': '%s', 'language': '%s',"
			 " 'place': 'provider_office', 'topic': 'Tiesības un nākamie soļi'}",
			 kind, entitlement, walk_day(walk, on), 6 + walk->number % 10,
			 walk->number < 12 ? 0 : 5, outcome, walk->human->language);
}

/* Each provider has one client who asks for a transfer to the other provider and waits for its
 * answer. */
static bool walk_moves(const struct walk *walk)
{
	return strcmp(walk->human->family, "Zīlīte") == 0 ||
	       strcmp(walk->human->family, "Mežale") == 0;
}

static int walk_transfer(struct walk *walk)
{
	char path[512];

	return demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "transfers", path), NULL,
			 "{'to_provider_id': '%s', 'requested_on': '%s', 'requested_by': 'client',"
			 " 'reason': 'Vēlas dzīvot tuvāk māsai.'}",
			 walk->demo->providers[1 - walk->human->provider], walk_day(walk, 28));
}

/* The first person missed the appointment on the tenth day, says why, and is answered. */
static int walk_complain(struct walk *walk)
{
	enum demo_account manager = demo_staff_of(walk->human->provider, STAFF_MANAGER);
	struct demo_row complaint;
	char path[512];
	int rc = demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "complaints", path),
			   &complaint,
			   "{'service': 'consultation', 'made_by': 'client', 'received_on': '%s',"
			   " 'about_user_id': '%s',"
			   " 'text': 'Psihologs vizītes laiku mainīja divas reizes.'}",
			   walk_day(walk, 11), walk->demo->accounts[walk->psychologist].id);

	if (rc == 0)
		rc = demo_patch(walk->demo, manager, &complaint,
				"{'state': 'examined', 'examined_on': '%s',"
				" 'findings': 'Par vienu no izmaiņām klientam nav paziņots.'}",
				walk_day(walk, 13));
	if (rc == 0)
		rc = demo_patch(walk->demo, manager, &complaint,
				"{'state': 'answered', 'answered_on': '%s',"
				" 'answer': 'Atvainojamies; turpmāk par izmaiņām ziņosim īsziņā.'}",
				walk_day(walk, 15));
	return rc;
}

static int walk_course(struct walk *walk)
{
	int rc = walk_step(walk, "in_course", 0, "");

	if (rc == 0)
		rc = walk_consult(walk, walk->psychologist, "psychologist", "course", 3, "held");
	if (rc == 0)
		rc = walk_consult(walk, walk->lawyer, "lawyer", "course", 5, "held");
	if (rc == 0)
		rc = walk_consult(walk, walk->worker, "social_worker", "course", 8, "held");
	if (rc == 0)
		rc = walk_consult(walk, walk->psychologist, "psychologist", "course", 10,
				  walk->number % 4 == 0 ? "no_show" : "held");
	if (rc == 0 && walk->number == 0)
		rc = walk_complain(walk);
	if (rc == 0)
		rc = walk_plan(walk);
	if (rc == 0 && walk->human->phase == SUSPENDED)
		rc = walk_step(
			walk, "suspended", 30,
			", 'suspended_until': '2018-08-31', 'reason': 'Ārstēšanās slimnīcā.'");
	if (rc == 0 && walk_moves(walk))
		rc = walk_attach(walk);
	return rc == 0 && walk_moves(walk) ? walk_transfer(walk) : rc;
}

static int walk_after(struct walk *walk)
{
	int rc = walk_step(walk, "aftercare", 180, "");

	if (rc == 0)
		rc = walk_consult(walk, walk->psychologist, "psychologist", "aftercare", 195,
				  "held");
	if (rc == 0 && walk->number % 2 == 0)
		rc = walk_consult(walk, walk->lawyer, "lawyer", "aftercare", 220, "held");
	if (rc == 0 && walk->human->phase == CLOSED)
		rc = walk_step(walk, "closed", 240, ", 'close_reason': 'completed'");
	return rc;
}

static int walk_begin(struct walk *walk)
{
	enum demo_found found = walk->human->found;
	int rc = walk_client(walk);

	if (rc == 0)
		rc = walk_case(walk);
	if (rc == 0)
		rc = walk_profile(walk);
	if (rc == 0)
		rc = walk_family(walk);
	if (rc == 0 && found == ABROAD)
		rc = walk_authority(walk, "foreign_authority", "National Referral Mechanism", -45);
	if (rc == 0 && (found == POLICE || found == BOTH))
		rc = walk_authority(walk, "police", "Valsts policija", -42);
	if (rc == 0 && strcmp(walk->human->country, "LV") != 0)
		rc = walk_journey(walk);
	return rc;
}

static int walk_all(struct walk *walk)
{
	enum demo_phase phase = walk->human->phase;
	int rc = walk_begin(walk);

	if (rc == 0 && phase >= APPLIED)
		rc = walk_apply(walk);
	if (rc == 0 && phase >= UNDER_ASSESSMENT)
		rc = walk_assess(walk);
	if (rc == 0 && phase == WITHDRAWN)
		return walk_step(walk, "withdrawn", -8,
				 ", 'reason': 'Paliek ārvalstī pie ģimenes.'");
	if (rc == 0 && phase >= AWAITING_DECISION)
		rc = walk_step(walk, "awaiting_decision", -10, "");
	if (rc == 0 && phase >= REFUSED)
		rc = walk_decide(walk);
	if (rc == 0 && phase >= IN_COURSE)
		rc = walk_course(walk);
	return rc == 0 && phase >= AFTERCARE ? walk_after(walk) : rc;
}

/* Sets numbers and days that the server took from its clock to those of 2018. */
static int people_date(struct demo *demo)
{
	const struct query queries[] = {
		{ TEXT("BEGIN"), NULL, 0 },
		{ TEXT("SELECT set_config('app.actor', 'cli', true)"), NULL, 0 },
		{ TEXT("UPDATE clients c SET number = '2018-' || lpad(o.place::text, 4, '0')"
		       " FROM (SELECT id, row_number() OVER (PARTITION BY provider_id"
		       "  ORDER BY first_contact_on, id) AS place FROM clients) o WHERE o.id = "
		       "c.id"),
		  NULL, 0 },
		{ TEXT("UPDATE cases c SET number = l.number || '-1' FROM clients l"
		       " WHERE l.id = c.client_id"),
		  NULL, 0 },
		{ TEXT("DELETE FROM client_numbers"), NULL, 0 },
		{ TEXT("INSERT INTO client_numbers (provider_id, year, last)"
		       " SELECT provider_id, 2018, count(*) FROM clients GROUP BY provider_id"),
		  NULL, 0 },
	};
	struct reply replies[sizeof(queries) / sizeof(queries[0])];

	return conn_commit(demo->ctx, demo->owner, queries, sizeof(queries) / sizeof(queries[0]),
			   replies);
}

int demo_people(struct demo *demo)
{
	int rc = 0;

	for (size_t i = 0; i < sizeof(humans) / sizeof(humans[0]) && rc == 0; i++) {
		struct walk walk = { .demo = demo, .human = &humans[i], .number = (int)i };
		int provider = humans[i].provider;

		if (date_parse(text_of(humans[i].start), &walk.start) != 0)
			return fault(demo->ctx, EINVAL, "no_such_day", text_of(humans[i].start));
		walk.worker = demo_staff_of(provider, STAFF_WORKER);
		walk.lawyer = demo_staff_of(provider, STAFF_LAWYER);
		walk.psychologist = demo_staff_of(provider, STAFF_PSYCHOLOGIST);
		walk.social = demo_staff_of(provider, STAFF_SOCIAL_WORKER);
		rc = walk_all(&walk);
	}
	return rc != 0 ? rc : people_date(demo);
}
