#ifndef ENGINE_KEYS_H
#define ENGINE_KEYS_H

#include "auth/seal.h"
#include "store/store.h"

/* Whether a master key file is this database's own, tried on what it must open and not told by its
 * names: each master key that wraps a living data key is in the ring and opens one of its three
 * oldest, and each line of the ring that was used here before has the fingerprint of then. Costs an
 * index look-up for each id, however many data keys there are.
 *
 * P_MASTER_KEYS: a violation for each line that fails, its id as pointer; all ids in words[0].
 * remember, for who seals from now on: blind and the first key, where they were never used, get
 * their fingerprints stored (schema/30_persons.sql decides). Of two that do so at once with
 * different keys one is refused.
 */
int keys_check(struct ctx *ctx, struct conn *conn, const struct keyring *keyring, bool remember);

/* After P_MASTER_KEYS: whether this id is one of those that fail. */
bool keys_failed(const struct ctx *ctx, struct text id);

#endif
