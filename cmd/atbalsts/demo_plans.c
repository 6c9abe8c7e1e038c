/* Assessments, plans and evaluations of the demonstration. Enter at walk_plan. */

#include "demo_walk.h"

#include "core/clock.h"

#include <stdio.h>

/* Days of a plan, counted from the course's first. */
enum {
	ASSESSED = 1,
	DRAWN = 2,
	AGREED = 4,
	ACTIVE = 5,
	FIRST_EVALUATION = 28,
	EVALUATION_EVERY = 30,
	SUSPENDED_ON = 30,
	LAST_DAY = 179,
};

/* Things after this day have not happened yet. */
#define DEMO_TODAY TEXT("2018-12-21")

static const struct {
	const char *service, *unit, *description;
	int volume;
} services[] = {
	{ "case_management", "hours", "Sociālais darbinieks, reizi nedēļā.", 26 },
	{ "consultation", "consultations", "Psihologs, divas reizes mēnesī.", 12 },
	{ "consultation", "consultations", "Jurists, pēc vajadzības.", 6 },
	{ "training", "hours", "Darba meklēšana un digitālās prasmes.", 20 },
};

static const struct {
	const char *title;
	int due, done;
} tasks[] = {
	{ "Pieteikties jaunai personas apliecībai", 20, 14 },
	{ "Reģistrēties pie ģimenes ārsta", 25, 21 },
	{ "Atrast dzīvesvietu un darbu", 150, 140 },
};

static const char *const duties[] = {
	"Ierodas uz norunātajām konsultācijām.",
	"Ziņo darbiniekam, ja mainās dzīvesvieta vai tālruņa numurs.",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct planned {
	struct demo_row plan, tasks[COUNT(tasks)], duties[COUNT(duties)];
	bool ended;
	int32_t last; /* last day of the course that has happened in the demo */
};

/* difficulty: of the hardest domains; the others are two levels easier. */
static int plan_assess(struct walk *walk, const char *kind, int32_t on, int difficulty,
		       const char *findings)
{
	int other = walk->number % 2;
	int easier = difficulty > 2 ? difficulty - 2 : 0;
	char path[512];

	return demo_post(
		walk->demo, walk->worker, walk_below(&walk->kase, "assessments", path), NULL,
		"{'kind': '%s', 'assessed_on': '%s', 'housing': %d, 'safety': %d,"
		" 'physical_health': %d, 'mental_health': %d, 'self_care': 0,"
		" 'social_network': %d, 'education_work': %d, 'finances': %d,"
		" 'legal': %d, 'findings': '%s',"
		" 'needs': 'Droša dzīvesvieta, dokumenti, darbs un psihologa atbalsts.'}",
		kind, walk_day(walk, on), difficulty - other, easier, easier,
		difficulty - 1 + other, easier, difficulty - 1, difficulty, easier, findings);
}

static int plan_draw(struct walk *walk, struct planned *planned)
{
	char path[512], drawn[DATE_SIZE], starts[DATE_SIZE], ends[DATE_SIZE];

	memcpy(drawn, walk_day(walk, DRAWN), sizeof(drawn));
	memcpy(starts, walk_day(walk, ACTIVE), sizeof(starts));
	memcpy(ends, walk_day(walk, LAST_DAY), sizeof(ends));
	return demo_post(walk->demo, walk->worker, walk_below(&walk->kase, "plans", path),
			 &planned->plan,
			 "{'drawn_on': '%s', 'starts_on': '%s', 'ends_on': '%s',"
			 " 'needs': 'Droša dzīvesvieta, dokumenti, darbs, juridiska palīdzība.',"
			 " 'goal': 'Dzīvo un strādā patstāvīgi.'}",
			 drawn, starts, ends);
}

static int plan_fill(struct walk *walk, struct planned *planned)
{
	char path[512];
	int rc = 0;

	walk_below(&planned->plan, "services", path);
	for (size_t i = 0; i < COUNT(services) && rc == 0; i++)
		rc = demo_post(walk->demo, walk->worker, path, NULL,
			       "{'service': '%s', 'volume': %d, 'unit': '%s', 'description': '%s'}",
			       services[i].service, services[i].volume, services[i].unit,
			       services[i].description);
	walk_below(&planned->plan, "tasks", path);
	for (size_t i = 0; i < COUNT(tasks) && rc == 0; i++)
		rc = demo_post(walk->demo, walk->worker, path, &planned->tasks[i],
			       "{'title': '%s', 'responsible_id': '%s', 'due_on': '%s'}",
			       tasks[i].title, walk->demo->accounts[walk->worker].id,
			       walk_day(walk, tasks[i].due));
	walk_below(&planned->plan, "duties", path);
	for (size_t i = 0; i < COUNT(duties) && rc == 0; i++)
		rc = demo_post(walk->demo, walk->worker, path, &planned->duties[i],
			       "{'duty': '%s'}", duties[i]);
	return rc;
}

static int plan_begin(struct walk *walk, struct planned *planned)
{
	int rc = demo_patch(walk->demo, walk->worker, &planned->plan,
			    "{'status': 'agreed', 'client_agreed': true, 'agreed_on': '%s'}",
			    walk_day(walk, AGREED));

	if (rc != 0)
		return rc;
	return demo_patch(walk->demo, walk->worker, &planned->plan,
			  "{'status': 'active', 'activated_on': '%s'}", walk_day(walk, ACTIVE));
}

static int plan_progress(struct walk *walk, struct planned *planned)
{
	int rc = 0;

	for (size_t i = 0; i < COUNT(tasks) && rc == 0; i++)
		if (tasks[i].done <= planned->last)
			rc = demo_patch(walk->demo, walk->worker, &planned->tasks[i],
					"{'status': 'done', 'done_on': '%s'}",
					walk_day(walk, tasks[i].done));
	for (size_t i = 0; i < COUNT(duties) && rc == 0; i++)
		if (planned->last >= FIRST_EVALUATION)
			rc = demo_patch(walk->demo, walk->worker, &planned->duties[i],
					"{'fulfilled': %s}",
					(walk->number + (int)i) % 4 == 0 ? "false" : "true");
	return rc;
}

static int plan_evaluate(struct walk *walk, const struct planned *planned)
{
	char path[512];
	int rc = 0;

	walk_below(&planned->plan, "evaluations", path);
	for (int32_t on = FIRST_EVALUATION; on <= planned->last && rc == 0; on += EVALUATION_EVERY)
		rc = demo_post(walk->demo, on % 4 == 0 ? walk->worker : walk->psychologist, path,
			       NULL, "{'evaluated_on': '%s', 'progress': '%s', 'findings': '%s'}",
			       walk_day(walk, on), on == FIRST_EVALUATION ? "little" : "good",
			       on == FIRST_EVALUATION ? "Jūtas drošāk; dokumenti vēl nav saņemti."
						      : "Dokumenti ir; meklē darbu.");
	return rc;
}

static int plan_end(struct walk *walk, struct planned *planned)
{
	char path[512];
	int rc = plan_assess(walk, "final", LAST_DAY, 2, "Dzīvo patstāvīgi un strādā.");

	if (rc == 0)
		rc = demo_patch(walk->demo, walk->worker, &planned->plan,
				"{'status': 'completed', 'completed_on': '%s'}",
				walk_day(walk, LAST_DAY));
	if (rc != 0)
		return rc;
	return demo_post(walk->demo, walk->worker, walk_below(&planned->plan, "evaluations", path),
			 NULL,
			 "{'evaluated_on': '%s', 'progress': '%s', 'final': true,"
			 " 'findings': 'Ir dzīvesvieta un darbs; zina, kur meklēt palīdzību.'}",
			 walk_day(walk, LAST_DAY), walk->number % 3 == 0 ? "good" : "reached");
}

static int plan_last_day(const struct walk *walk, int32_t *ret)
{
	struct date today;
	int rc = date_parse(DEMO_TODAY, &today);

	*ret = LAST_DAY - EVALUATION_EVERY;
	if (walk->human->phase == SUSPENDED)
		*ret = SUSPENDED_ON;
	else if (rc == 0 && walk->human->phase == IN_COURSE && today.day - walk->start.day < *ret)
		*ret = today.day - walk->start.day;
	return rc;
}

int walk_plan(struct walk *walk)
{
	struct planned planned = { .ended = walk->human->phase >= AFTERCARE };
	int rc = plan_last_day(walk, &planned.last);

	if (rc == 0)
		rc = plan_assess(walk, "initial", ASSESSED, 4, "Slikti guļ; nav dokumentu.");
	if (rc == 0)
		rc = plan_draw(walk, &planned);
	if (rc == 0)
		rc = plan_fill(walk, &planned);
	if (rc == 0)
		rc = plan_begin(walk, &planned);
	if (rc == 0)
		rc = plan_progress(walk, &planned);
	if (rc == 0)
		rc = plan_evaluate(walk, &planned);
	return rc == 0 && planned.ended ? plan_end(walk, &planned) : rc;
}
