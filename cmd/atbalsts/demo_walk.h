#ifndef CMD_DEMO_WALK_H
#define CMD_DEMO_WALK_H

#include "demo.h"

/* One person's way through the system. */

enum demo_found { COMMISSION, POLICE, BOTH, ABROAD };

/* The phases of a case in their order; REFUSED, WITHDRAWN and SUSPENDED leave it. */
enum demo_phase {
	INQUIRY,
	APPLIED,
	UNDER_ASSESSMENT,
	WITHDRAWN,
	AWAITING_DECISION,
	REFUSED,
	GRANTED,
	IN_COURSE,
	SUSPENDED,
	AFTERCARE,
	CLOSED,
};

struct demo_human {
	const char *given, *family, *birth, *sex, *citizenship, *country, *language;
	int provider;
	enum demo_found found;
	enum demo_phase phase;
	const char *start, *purpose;
};

struct walk {
	struct demo *demo;
	const struct demo_human *human;
	int number; /* of the person, from 0 */
	struct date start;
	enum demo_account worker, lawyer, psychologist, social;
	struct demo_row client, kase, application;
	struct demo_row child; /* along with the person; no path: there is none */
	char day[DATE_SIZE];
};

/* A day by its distance from the course's first day; valid until the next call. */
const char *walk_day(struct walk *walk, int32_t days);

/* The collection below a row; returns path. */
const char *walk_below(const struct demo_row *row, const char *segment, char path[512]);

/* Assessments, the plan with its parts and evaluations: of an ended course up to the final ones.
 * The case is in its course. */
int walk_plan(struct walk *walk);

#endif
