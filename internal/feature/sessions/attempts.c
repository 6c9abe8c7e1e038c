/* Counts failed sign-ins by account and network. Enter at attempt_admit, attempt_succeed,
 * attempt_fail and attempt_forgive. The rows are locked in the database only. */

#include "feature/sessions/attempts.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Failures without a delay: people mistype, and one address may serve a whole office. */
#define ACCOUNT_FREE "5"
#define ADDRESS_FREE "30"
/* Seconds after the last free one, doubling with each further failure up to the longest. */
#define DELAY_FIRST "5"
#define DELAY_LONGEST "900"
/* Without a failure for so long, counting starts anew. */
#define ACCOUNT_FORGET "interval '1 day'"
#define ADDRESS_FORGET "interval '1 hour'"

/* Longest time from admission to verdict: the wait for a core, hashing, the database. */
#define PENDING_LAPSE "interval '10 seconds'"

#define KNOWN(forget) "CASE WHEN a.last_failed_at < now() - " forget " THEN 0 ELSE a.failures END"
#define BLOCKED_UNTIL(failures, free)                                                              \
	"CASE WHEN " failures " < " free " THEN '-infinity' ELSE now() + interval '1 second' * "   \
	"least(" DELAY_LONGEST ", " DELAY_FIRST " * 2 ^ least(" failures " - " free ", 20)) END"
#define CHARGE(forget, free)                                                                       \
	" ON CONFLICT (kind, key) DO UPDATE SET last_failed_at = now(),"                           \
	" failures = " KNOWN(forget) " + 1, pending = greatest(a.pending - 1, 0),"                 \
				     " blocked_until = " BLOCKED_UNTIL("(" KNOWN(forget) " + 1)",  \
								       free)

#define PENDING "CASE WHEN a.pending_until > now() THEN a.pending ELSE 0 END"

/* The conflicting row is locked first, so that parallel attempts are counted one by one. One
 * without a verdict holds a place: as many run at once as might fail without a delay, or one. */
static const char ADMIT_SQL[] =
	"INSERT INTO sign_in_attempts AS a (kind, key, failures, pending, pending_until)"
	" SELECT 'account', $1, 0, 1, now() + " PENDING_LAPSE
	" WHERE NOT EXISTS (SELECT FROM sign_in_attempts"
	" WHERE kind = 'address' AND key = $2 AND blocked_until > now())"
	" ON CONFLICT (kind, key) DO UPDATE SET pending = " PENDING " + 1,"
	" pending_until = now() + " PENDING_LAPSE " WHERE a.blocked_until <= now() AND (" PENDING
	" = 0"
	" OR " PENDING " + " KNOWN(ACCOUNT_FORGET) " < " ACCOUNT_FREE ")";

static const char WAIT_SQL[] =
	"SELECT ceil(extract(epoch FROM max(blocked_until) - now()))::int FROM sign_in_attempts"
	" WHERE (kind, key) IN (('account', $1::bytea), ('address', $2::bytea))"
	" AND blocked_until > now()";

static const char SUCCEED_SQL[] =
	"DELETE FROM sign_in_attempts WHERE kind = 'account' AND key = $1";

static const char FAIL_ACCOUNT_SQL[] =
	"INSERT INTO sign_in_attempts AS a (kind, key, failures) VALUES ('account', $1, 1)" CHARGE(
		ACCOUNT_FORGET, ACCOUNT_FREE);

static const char FAIL_ADDRESS_SQL[] =
	"INSERT INTO sign_in_attempts AS a (kind, key, failures) VALUES ('address', $1, 1)" CHARGE(
		ADDRESS_FORGET, ADDRESS_FREE);

/* Each failure makes at most two rows and removes up to ten: the table cannot grow for ever. */
static const char SWEEP_SQL[] =
	"DELETE FROM sign_in_attempts WHERE (kind, key) IN (SELECT kind, key FROM sign_in_attempts"
	" WHERE last_failed_at < now() - " ACCOUNT_FORGET
	" AND (pending = 0 OR pending_until < now())"
	" ORDER BY last_failed_at LIMIT 10 FOR UPDATE SKIP LOCKED)";

static const char FORGIVE_SQL[] = "UPDATE sign_in_attempts SET pending = greatest(pending - 1, 0)"
				  " WHERE kind = 'account' AND key = $1";

/* A client with one IPv6 address has its whole /64. */
static struct text network_of(struct text address, char printed[INET6_ADDRSTRLEN])
{
	struct in6_addr ip;

	if (address.ptr == NULL || address.len >= INET6_ADDRSTRLEN)
		return address;
	memcpy(printed, address.ptr, address.len);
	printed[address.len] = '\0';
	if (inet_pton(AF_INET6, printed, &ip) != 1)
		return address;
	if (IN6_IS_ADDR_V4MAPPED(&ip)) {
		inet_ntop(AF_INET, &ip.s6_addr[12], printed, INET6_ADDRSTRLEN);
	} else {
		memset(&ip.s6_addr[8], 0, 8);
		inet_ntop(AF_INET6, &ip, printed, INET6_ADDRSTRLEN);
	}
	return text_of(printed);
}

static int key_make(struct ctx *ctx, const struct keyring *keyring, const char *label,
		    struct text what, struct text *ret)
{
	unsigned char hash[32];

	keyed_hash(keyring, label, what, hash);
	return bytea_text(ctx->arena, hash, sizeof(hash), ret);
}

int attempt_make(struct ctx *ctx, const struct keyring *keyring, struct text account,
		 struct text client_address, struct attempt *ret)
{
	char printed[INET6_ADDRSTRLEN];
	int rc;

	ret->pending = false;
	rc = key_make(ctx, keyring, "attempt.account", account, &ret->keys[0]);
	if (rc != 0)
		return rc;
	return key_make(ctx, keyring, "attempt.address", network_of(client_address, printed),
			&ret->keys[1]);
}

void attempt_admit(const struct attempt *attempt, struct query queries[ATTEMPT_ADMIT])
{
	queries[0] = (struct query){ TEXT(ADMIT_SQL), attempt->keys, 2 };
	queries[1] = (struct query){ TEXT(WAIT_SQL), attempt->keys, 2 };
}

int attempt_admitted(struct ctx *ctx, struct attempt *attempt,
		     const struct reply replies[ATTEMPT_ADMIT])
{
	int64_t seconds;

	attempt->pending = reply_touched(replies[0]) != 0;
	if (attempt->pending)
		return 0;
	if (text_to_int64(reply_cell(replies[1], 0, 0), &seconds) != 0)
		seconds = 1; /* no block: it ended just now, or others await their verdict */
	ctx->retry_after = (int)seconds;
	return fail(ctx, P_TOO_MANY_ATTEMPTS);
}

struct query attempt_succeed(const struct attempt *attempt)
{
	return (struct query){ TEXT(SUCCEED_SQL), &attempt->keys[0], 1 };
}

void attempt_fail(struct attempt *attempt, struct query queries[ATTEMPT_FAIL])
{
	attempt->pending = false;
	queries[0] = (struct query){ TEXT(FAIL_ACCOUNT_SQL), &attempt->keys[0], 1 };
	queries[1] = (struct query){ TEXT(FAIL_ADDRESS_SQL), &attempt->keys[1], 1 };
	queries[2] = (struct query){ TEXT(SWEEP_SQL), NULL, 0 };
}

int attempt_forgive(struct ctx *ctx, struct engine *engine, struct attempt *attempt, int rc)
{
	struct conn *conn __attribute__((cleanup(conn_release))) = NULL;
	struct query query = { TEXT(FORGIVE_SQL), &attempt->keys[0], 1 };
	/* Keep the problem of the failed attempt; an error here is only logged. */
	struct ctx own = { .arena = ctx->arena, .request_id = ctx->request_id };
	struct reply reply;

	if (!attempt->pending)
		return rc;
	attempt->pending = false;
	if (store_acquire(&own, engine->store, &conn) == 0)
		(void)conn_run(&own, conn, &query, 1, &reply);
	return rc;
}
