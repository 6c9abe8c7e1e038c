#ifndef ENGINE_CALL_H
#define ENGINE_CALL_H

#include "auth/seal.h"
#include "auth/token.h"
#include "model/endpoint.h"
#include "store/store.h"

/* The use cases behind every request. Knows no HTTP library: web turns a request into a struct call
 * and a struct answer into a response. */

struct engine {
	struct store *store;
	const struct keyring *keyring;
	struct token_config token;
	int session_days;    /* a session's longest life without use of its refresh token */
	struct text openapi; /* the document, made at start */
};

struct param {
	struct text name; /* decoded: "created_at" with operator "gte" in op, or op null */
	struct text op;
	struct text value; /* decoded */
};

#define CALL_IDS_MAX 5
#define CALL_PARAMS_MAX 32

struct router; /* the listener's (web/route.h) */

/* One request after routing; texts live as long as the request. */
struct call {
	enum method method;		 /* HEAD comes as GET */
	const struct resource *resource; /* or */
	const struct endpoint *endpoint;
	bool item; /* the path ends with an id: GET, PATCH, DELETE; else collection */
	struct text ids[CALL_IDS_MAX]; /* path ids, outermost first */
	size_t id_count;
	int64_t number;	  /* the path's {number}, from 1 on */
	struct text path; /* as sent, without query */
	struct param params[CALL_PARAMS_MAX];
	size_t param_count;
	struct text body;
	struct text bearer;   /* null when none was sent */
	struct text if_match; /* header values; null when absent */
	struct text if_none_match;
	struct text range; /* null beside GET */
	struct text if_range;
	struct text idempotency_key;
	struct text purpose;
	struct text client_address;
	struct text new_id; /* of the row that a POST makes; null: a fresh one */
	/* A batch's open transaction: the write runs in it and leaves BEGIN, session, key and
	 * COMMIT to the batch. NULL: its own. */
	struct conn *lent;
	/* For paths that stand in a body: fills resource or endpoint, item, ids and number by the
	 * call's method and path. P_NOT_FOUND, P_METHOD_NOT_ALLOWED. */
	int (*route)(struct ctx *ctx, const struct router *router, struct call *call);
	const struct router *router;
	struct actor actor; /* set by the engine: token first, then the session row */
};

/* A body that is made while it is sent, long after the call: owns all that it needs. */
struct stream {
	int64_t size;	       /* bytes of the whole */
	int64_t first, length; /* of what is sent */
	/* Up to max bytes from offset on, counted from first; *ret > 0 while offset < length. A
	 * problem or a fault ends the body too early, which its reader sees by its length. */
	int (*read)(struct stream *stream, uint64_t offset, char *buf, size_t max, size_t *ret);
	void (*free)(struct stream *stream);
};

struct answer {
	int status;
	struct text body; /* null: none */
	struct text etag; /* with quotes */
	struct text location;
	struct stream *stream;	/* instead of body, the receiver's to free; NULL: none */
	struct text media_type; /* of the stream */
	struct text file_name;
	struct text sha256;    /* of the whole, in base64 */
	struct text next;      /* relative URI of the next page, for Link */
	struct text client_id; /* whom a written row is about; null: nobody */
	bool cacheable;	       /* else Cache-Control: no-store */
	bool idempotent_replay;
};

/* RFC 9110, 13.1.2: weak comparison; the header may hold several tags or "*". */
bool etag_listed(struct text header, struct text etag);

/* RFC 9110, 13.1.1: strong tags; "*" would let a stale writer pass and is refused.
 * P_MATCH_REQUIRED without If-Match; P_STALE when it does not name etag, which is told with it. */
int match_require(struct ctx *ctx, const struct call *call);
int match_check(struct ctx *ctx, const struct call *call, struct text etag);

/* What an act gives back to be begun anew; engine_call alone does so, nobody else sees them. */
enum {
	/* The session row tells another role or provider than the token did: call->actor has them
	 * now. Once. */
	AUTHORIZE_AGAIN = P_COUNT + 1,
	/* PostgreSQL rolled the transaction back so that another could go on. A few times. */
	ACT_UNDONE,
};

/* rc of an act over conn (NULL: it got none): ACT_UNDONE where PostgreSQL undid it for another's
 * sake. Before the connection is released. */
int act_end(int rc, const struct conn *conn);

/* Everything: authenticate, authorise, act, answer. Problem, fault or 0. */
int engine_call(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);

/* The pieces, one file each. */
int crud_read(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);
int crud_list(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);
int crud_create(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);
int crud_update(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);
int crud_delete(struct ctx *ctx, struct engine *engine, struct call *call, struct answer *ret);

/* Ready to serve: database reachable, schema known, registry equal to the database. */
int engine_check(struct ctx *ctx, struct engine *engine, struct conn *conn);

#endif
