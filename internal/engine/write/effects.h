#ifndef ENGINE_WRITE_EFFECTS_H
#define ENGINE_WRITE_EFFECTS_H

#include "model/resource.h"

/* What a change does beside its own row, in the same transaction. Built by a resource's effects
 * hook. */

#define EFFECTS_MAX 24
#define EFFECT_MEMBERS_MAX 12

enum effect_kind { EFFECT_SET, EFFECT_TAKE, EFFECT_GIVE };

/* Units of a limit: counter and ledger entry. */
struct limit_take {
	struct text counter_id; /* the limit on whose counter it counts */
	struct text holder_id;	/* case, client, person or contract, as the limit's per says */
	struct text period;	/* "whole", "2018" … */
	int64_t units;		/* > 0 */
	int64_t amount;
	bool block;	      /* refuse beyond amount; else only count */
	bool always;	      /* count even beyond amount: what was used before the system */
	enum problem problem; /* the refusal */
	struct text words[3];
};

struct effect {
	enum effect_kind kind;
	/* SET: these members of values become columns of the resource's row with this id, version +
	 * 1 */
	const struct resource *resource;
	struct text id;				     /* GIVE: the act's */
	const char *members[EFFECT_MEMBERS_MAX + 1]; /* ends with NULL */
	const void *values;			     /* a struct of the resource */
	struct limit_take take;
};

struct effects {
	struct effect items[EFFECTS_MAX + 1]; /* the last for what is too many */
	size_t count; /* beyond EFFECTS_MAX they are counted only, and the change is a fault */
};

/* values must live as long as the request; members ends with NULL. Asserts against
 * EFFECT_MEMBERS_MAX. Sealed members cannot be set this way. */
void effect_set(struct effects *effects, const struct resource *resource, struct text id,
		const void *values, const char *const *members);

/* The ledger entry names the changed row. Takes are done in the order of counter_id, so that two
 * acts never wait for each other crosswise. */
void effect_take(struct effects *effects, const struct limit_take *take);

/* Gives back what an act has taken (cancelled, no_show, corrected): the changed row's own where
 * act_id is null. Done before any take. */
void effect_give(struct effects *effects, struct text act_id);

#endif
