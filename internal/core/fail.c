/* Collects a request's problem and violations in struct ctx. Enter at fail, fail_at, violate,
 * violations_close and fault. The words belong to the arena of ctx. */

#include "core/fail.h"
#include "core/buf.h"
#include "core/log/log.h"

#include <errno.h>

const struct problem_text problem_texts[P_COUNT] = {
	[P_NONE] = { "", 0, { "", "" }, { "", "" } },
#define PROBLEM(id, code, status, title_en, title_lv, detail_en, detail_lv)                        \
	[id] = { code, status, { title_en, title_lv }, { detail_en, detail_lv } },
#include "core/problems.def"
#undef PROBLEM
};

/* At the arena's maximum the words are lost, but the problem is still reported. */
static void words_copy(struct arena *arena, struct text to[3], const struct text from[3])
{
	for (int i = 0; i < 3; i++)
		to[i] = arena_copy(arena, from[i]);
}

int fail_words(struct ctx *ctx, enum problem problem, const struct text words[3])
{
	/* A problem without a status is only ever a violation inside another problem. */
	if (problem_texts[problem].status == 0)
		problem = P_VALIDATION_FAILED;
	ctx->problem = problem;
	words_copy(ctx->arena, ctx->words, words);
	return (int)problem;
}

int fail_at_words(struct ctx *ctx, enum problem problem, const char *pointer,
		  const struct text words[3])
{
	violate_words(ctx, problem, text_of(pointer), words);
	if (ctx->violations == NULL)
		ctx->violation_count = 0;
	return fail_words(ctx, problem, words);
}

void violate_words(struct ctx *ctx, enum problem problem, struct text pointer,
		   const struct text words[3])
{
	struct violation *violation;

	if (ctx->violation_count == 0)
		ctx->violations = arena_alloc(ctx->arena, VIOLATIONS_MAX * sizeof(*violation));
	if (ctx->violations == NULL || ctx->violation_count >= VIOLATIONS_MAX) {
		ctx->violation_count++;
		return;
	}
	violation = &ctx->violations[ctx->violation_count++];
	violation->problem = problem;
	violation->pointer = arena_copy(ctx->arena, pointer);
	words_copy(ctx->arena, violation->words, words);
}

int violations_close(struct ctx *ctx, enum problem problem)
{
	if (ctx->violation_count == 0)
		return 0;
	/* Not even the first violation could be stored: set the count to 0, so that nobody reads
	 * the list. */
	if (ctx->violations == NULL) {
		ctx->violation_count = 0;
		return -ENOMEM;
	}
	return fail(ctx, problem, TEXT_NULL);
}

void ctx_clear(struct ctx *ctx)
{
	ctx->problem = P_NONE;
	memset(ctx->words, 0, sizeof(ctx->words));
	ctx->violations = NULL;
	ctx->violation_count = 0;
	ctx->retry_after = 0;
	ctx->etag = TEXT_NULL;
	ctx->allow = TEXT_NULL;
	ctx->more = TEXT_NULL;
	ctx->unreadable = 0;
}

bool ref_is(struct text text)
{
	return text.len > 2 && text.len <= REF_MAX + 2 && text.ptr[0] == '{' &&
	       text.ptr[text.len - 1] == '}';
}

const struct ref *ref_find(const struct ctx *ctx, struct text text)
{
	struct text name = { text.ptr + 1, text.len - 2 };

	for (size_t i = 0; i < ctx->ref_count; i++)
		if (text_eq(ctx->refs[i].name, name))
			return &ctx->refs[i];
	return NULL;
}

/* In parentheses: for clang-tidy fail.h makes a macro of it. */
int(fault)(const struct ctx *ctx, int error, const char *event, struct text what)
{
	struct log_member members[4];
	size_t count = 0;
	const char *name = strerrorname_np(error);

	if (ctx != NULL && ctx->request_id.ptr != NULL)
		members[count++] = LOG_TEXT("request_id", ctx->request_id);
	members[count++] = LOG_NUMBER("errno", error);
	if (name != NULL)
		members[count++] = LOG_TEXT("error", text_of(name));
	if (what.ptr != NULL)
		members[count++] = LOG_TEXT("what", what);
	log_write(LOG_LEVEL_ERROR, event, members, count);
	return -error;
}

int problem_detail(struct arena *arena, const char *detail, const struct text words[3],
		   struct text *ret)
{
	struct buf buf;

	buf_init(&buf, arena);
	while (*detail != '\0') {
		if (detail[0] == '{' && detail[1] >= '0' && detail[1] <= '2' && detail[2] == '}') {
			buf_put_text(&buf, words[detail[1] - '0']);
			detail += 3;
		} else {
			buf_putc(&buf, *detail++);
		}
	}
	return buf_text(&buf, ret);
}
