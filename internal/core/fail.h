#ifndef CORE_FAIL_H
#define CORE_FAIL_H

#include "core/arena.h"

/*
 * Errors have a sign. 0: done, all ret_ parameters set. Positive: a problem the caller of the API
 * must know, an id of problems.def, told in struct ctx. Negative: a fault (-errno), logged where it
 * was born and passed on unchanged. On any error ret_ parameters are untouched.
 */
enum problem {
	P_NONE,
#define PROBLEM(id, code, status, title_en, title_lv, detail_en, detail_lv) id,
#include "core/problems.def"
#undef PROBLEM
	P_COUNT
};

enum language { LANGUAGE_EN, LANGUAGE_LV };

struct problem_text {
	const char *code;
	int status;	       /* 0: only ever a violation inside another problem */
	const char *title[2];  /* by enum language */
	const char *detail[2]; /* {0}, {1} … stand for the words */
};
extern const struct problem_text problem_texts[P_COUNT];

/* One violated expectation: which, where (RFC 6901 pointer, "query:name" or "header:Name"), its
 * words. */
struct violation {
	enum problem problem;
	struct text pointer;
	struct text words[3];
};

#define VIOLATIONS_MAX 100

#define REF_MAX 64 /* bytes of a name */

/* A name that stands for an id where a body's member holds one ("{visit}"). */
struct ref {
	struct text name;
	struct text id;
};

/* The state that a request carries through all layers. Owned by the request; lives as long as its
 * arena. */
struct ctx {
	struct arena *arena;
	enum language language;
	struct text request_id;
	enum problem problem;
	struct text words[3];
	struct violation *violations; /* in the arena */
	size_t violation_count;
	int retry_after;   /* seconds; 0 for none */
	struct text etag;  /* the current one, told with 412 */
	struct text allow; /* told with 405 */
	struct text more;  /* further members of the problem: "\"results\":[…]"; null: none */
	const struct ref *refs; /* known to this operation of a batch, the batch's; else none */
	size_t ref_count;
	int64_t size;	   /* of what a range was asked of, told with 416 */
	size_t unreadable; /* sealed cells that do not open and were answered as null */
};

/* Sets the problem with up to three words (struct text, copied into the arena) and returns its id;
 * a problem without a status of its own becomes P_VALIDATION_FAILED. */
int fail_words(struct ctx *ctx, enum problem problem, const struct text words[3]);
#define fail(ctx, problem, ...) fail_words(ctx, problem, (const struct text[3]){ __VA_ARGS__ })

/* The same with one violation at a pointer, both with the same words. */
int fail_at_words(struct ctx *ctx, enum problem problem, const char *pointer,
		  const struct text words[3]);
#define fail_at(ctx, problem, pointer, ...)                                                        \
	fail_at_words(ctx, problem, pointer, (const struct text[3]){ __VA_ARGS__ })

/* Adds a violation and goes on. Beyond VIOLATIONS_MAX violations are only counted. pointer is
 * copied. */
void violate_words(struct ctx *ctx, enum problem problem, struct text pointer,
		   const struct text words[3]);
#define violate(ctx, problem, pointer, ...)                                                        \
	violate_words(ctx, problem, pointer, (const struct text[3]){ __VA_ARGS__ })

/* 0 without violations; else sets and returns the problem (P_VALIDATION_FAILED for bodies).
 * -ENOMEM when the arena had no room for the violations. */
int violations_close(struct ctx *ctx, enum problem problem);

/* Whether a text is a reference, "{visit}"; the ref that it names, or NULL. */
bool ref_is(struct text text);
const struct ref *ref_find(const struct ctx *ctx, struct text text);

/* Forgets problem and violations, for a second try; language, request and refs stay. */
void ctx_clear(struct ctx *ctx);

/* Logs a fault where it occurs (event in snake_case, what without personal data); returns -error.
 * error > 0. */
int fault(const struct ctx *ctx, int error, const char *event, struct text what);

/* Replaces {0} … {2} in a detail text by the words. -ENOMEM at the arena's maximum. */
int problem_detail(struct arena *arena, const char *detail, const struct text words[3],
		   struct text *ret);

/* clang-tidy sees one file at a time. Tell it that a problem or a fault is never 0: otherwise it
 * believes that a caller uses the outputs of a function that failed. */
#ifdef __clang_analyzer__
static inline int not_zero(int rc)
{
	if (rc == 0)
		__builtin_unreachable();
	return rc;
}
#undef fail
#undef fail_at
#define fail(ctx, problem, ...)                                                                    \
	not_zero(fail_words(ctx, problem, (const struct text[3]){ __VA_ARGS__ }))
#define fail_at(ctx, problem, pointer, ...)                                                        \
	not_zero(fail_at_words(ctx, problem, pointer, (const struct text[3]){ __VA_ARGS__ }))
#define fault(ctx, error, event, what) not_zero((fault)(ctx, error, event, what))
#endif

#endif
