#ifndef CMD_DEMO_H
#define CMD_DEMO_H

#include "start.h"
#include "web/route.h"

/* Demo data: made through the engine by accounts that have signed in, so that every rule and the
 * audit hold for it. */

enum demo_account {
	DEMO_ADMIN,
	DEMO_MINISTRY,
	DEMO_STATISTICIAN,
	DEMO_AGENCY,
	DEMO_AGENCY_SECOND,
	DEMO_AUDITOR,
	DEMO_INTEGRATION,
	DEMO_POLICE,
	DEMO_STAFF, /* the first provider's five, in the order of demo_staff, then the second's */
	DEMO_COUNT = DEMO_STAFF + 10,
};

enum demo_staff {
	STAFF_MANAGER,
	STAFF_WORKER,
	STAFF_LAWYER,
	STAFF_PSYCHOLOGIST,
	STAFF_SOCIAL_WORKER,
	STAFF_COUNT,
};

#define DEMO_PROVIDERS 2
#define DEMO_ID 37

struct demo {
	struct server server;
	struct ctx *ctx; /* lives as long as the command */
	struct conn *owner;
	struct router *router;
	struct {
		char id[DEMO_ID];
		char password[64];
		char *token;
	} accounts[DEMO_COUNT];
	char providers[DEMO_PROVIDERS][DEMO_ID];
	char contract[DEMO_ID]; /* of 2017–2018 */
	int decisions;		/* made so far, for their numbers */
};

/* A row that was made, with its path and etag for a change. */
struct demo_row {
	char path[256];
	char id[DEMO_ID];
	char etag[32];
};

/* The account of a provider's staff. */
static inline enum demo_account demo_staff_of(int provider, enum demo_staff staff)
{
	return (enum demo_account)(DEMO_STAFF + provider * STAFF_COUNT + (int)staff);
}

/* POST and PATCH in this process. The body is JSON written with ' for the quotes and " where a
 * text holds a quote. row may be NULL for a POST; a PATCH uses and renews its etag. If the engine
 * refuses, the problem is printed to standard error. */
int demo_post(struct demo *demo, enum demo_account who, const char *path, struct demo_row *row,
	      const char *format, ...) __attribute__((format(printf, 5, 6)));
int demo_patch(struct demo *demo, enum demo_account who, struct demo_row *row, const char *format,
	       ...) __attribute__((format(printf, 4, 5)));
/* PUT of these bytes, as they are. */
int demo_put(struct demo *demo, enum demo_account who, const char *path, struct text body);
/* The account's access token, by POST /v1/sessions. */
int demo_sign_in(struct demo *demo, enum demo_account who, const char *email);

/* Accounts, providers and contracts; prints "email password role provider" a line. */
int demo_accounts(struct demo *demo);

/* The 23 people of 2018. */
int demo_people(struct demo *demo);

/* The first months of 2018 as the providers bill them: accepted, submitted, drafted. */
int demo_statements(struct demo *demo);

/* count clients with a case each, by COPY as the owner, over the two providers. */
int demo_volume(struct ctx *ctx, const struct keyring *keyring, struct conn *conn, int64_t count);

#endif
