#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include "core/actor.h"
#include "core/clock.h"
#include "core/fail.h"

/* Access tokens: JWT (RFC 7519) signed with HS256, kid in the header, iss, aud, sub, sid, iat,
 * exp, role and provider_id as hints. The only user of libjwt; all that libjwt 1.10 does not
 * check is checked here. */

#define TOKEN_KEY_SIZE 32
#define TOKEN_KEYS_MAX 4
#define TOKEN_MAX 4096	/* bytes of a token */
#define TOKEN_LEEWAY 60 /* seconds */

struct token_key {
	char kid[33]; /* [A-Za-z0-9_-]+ */
	unsigned char secret[TOKEN_KEY_SIZE];
};

/* keys[0] signs, all verify. Read-only after start. */
struct token_config {
	struct token_key keys[TOKEN_KEYS_MAX];
	size_t key_count;
	struct text issuer;
	struct text audience;
	int lifetime; /* seconds */
};

/* Reads the keys from a file of lines "kid hex64"; the first signs. Permissions and errors as
 * keyring_load. */
int token_keys_load(struct token_config *config, const char *path);

/* Signs; *ret is in ctx' arena. actor's user_id, session_id, role, provider_id are told. */
int token_sign(struct ctx *ctx, const struct token_config *config, const struct actor *actor,
	       struct instant now, struct text *ret);

/* Verifies syntax, header (alg HS256 exactly, typ, known kid, no crit), signature and claims. Sets
 * user_id, session_id, role and provider_id in *ret (arena). P_UNAUTHENTICATED if the token is
 * bad. A lack of memory, ours or a library's, is a fault and says nothing about the token. */
int token_verify(struct ctx *ctx, const struct token_config *config, struct text token,
		 struct instant now, struct actor *ret);

#endif
