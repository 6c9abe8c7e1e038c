#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include "core/fail.h"

#define PASSWORD_MIN 12	 /* code points */
#define PASSWORD_MAX 256 /* bytes */
#define PASSWORD_HASH_SIZE 129

/* argon2id, 19 MiB, 2 passes (libsodium). At most two run at once in the process; a third waits
 * up to a second, then P_BUSY (503, Retry-After); P_BUSY too when the memory is not to be had. */
int password_hash(struct ctx *ctx, struct text password, char ret[PASSWORD_HASH_SIZE]);

/* 0 when it fits. P_SIGN_IN_FAILED only when it was hashed and differs; hash NULL (no such account)
 * burns the same time and fails. P_BUSY as above; a stored hash that is none is a fault. */
int password_verify(struct ctx *ctx, struct text password, const char *hash);

/* P_PASSWORD_WEAK with a violation at pointer: too short, too long, or among the most common
 * ones. */
int password_check(struct ctx *ctx, struct text password, const char *pointer);

#endif
