#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "core/fail.h"

#define PASSWORD_MIN 12	 /* code points */
#define PASSWORD_MAX 256 /* bytes */
#define PASSWORD_HASH_SIZE 129

/* argon2id, 19 MiB, 2 passes (libsodium). At most two run at once in the process. A third waits
 * for up to a second, then P_BUSY (503, Retry-After); P_BUSY too if there is not enough memory. */
int password_hash(struct ctx *ctx, struct text password, char ret[PASSWORD_HASH_SIZE]);

/* 0 if the password is right. P_SIGN_IN_FAILED only if it was hashed and differs. hash NULL (no
 * such account) takes the same time and fails. P_BUSY as above. A stored hash that cannot be
 * parsed is a fault. */
int password_verify(struct ctx *ctx, struct text password, const char *hash);

/* P_PASSWORD_WEAK with a violation at pointer: too short, too long, or among the most common
 * ones. */
int password_check(struct ctx *ctx, struct text password, const char *pointer);

#endif
