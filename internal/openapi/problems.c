/* Which problems an operation may answer with, and their responses in the document. Enter at
 * problem_set_operation, problem_set_endpoint, parts_problems and parts_responses. */

#include "openapi/doc.h"
#include "openapi/parts.h"

#include <stdio.h>

static const enum problem any_problems[] = { P_BAD_REQUEST,	P_BAD_FRAMING,
					     P_BAD_PARAMETER,	P_NOT_ACCEPTABLE,
					     P_URI_TOO_LONG,	P_HEADERS_TOO_LARGE,
					     P_REQUEST_TIMEOUT, P_INTERNAL,
					     P_UNAVAILABLE,	P_BUSY,
					     P_SCHEMA,		0 };
static const enum problem token_problems[] = { P_UNAUTHENTICATED, P_FORBIDDEN, P_BAD_PURPOSE, 0 };
static const enum problem restriction_problems[] = { P_PASSWORD_CHANGE_REQUIRED, P_NOT_APPROVED,
						     0 };
static const enum problem id_problems[] = { P_NOT_FOUND, 0 };
static const enum problem body_problems[] = {
	P_MALFORMED, P_NOT_AN_OBJECT, P_VALIDATION_FAILED, P_TOO_LARGE, P_UNSUPPORTED_MEDIA_TYPE, 0
};
static const enum problem bytes_problems[] = { P_TOO_LARGE, P_UNSUPPORTED_MEDIA_TYPE, 0 };
static const enum problem write_problems[] = { P_IN_DOUBT, 0 };
static const enum problem key_problems[] = { P_KEY_REQUIRED, P_KEY_REUSED, P_KEY_IN_USE, 0 };
static const enum problem match_problems[] = { P_MATCH_REQUIRED, P_STALE, 0 };
static const enum problem data_problems[] = { P_UNKNOWN_REFERENCE, P_CONFLICT, P_CONSTRAINT, 0 };
static const enum problem list_problems[] = { P_BAD_CURSOR, 0 };
static const enum problem read_problems[] = { P_ANSWER_TOO_LARGE, 0 };
static const enum problem delete_problems[] = { P_IN_USE, 0 };

static const char *const operation_names[OPERATION_COUNT] = {
	[OPERATION_LIST] = "list",     [OPERATION_READ] = "read",     [OPERATION_CREATE] = "create",
	[OPERATION_UPDATE] = "update", [OPERATION_DELETE] = "delete",
};

void problem_set_add(struct problem_set *set, const enum problem *problems)
{
	for (; problems != NULL && *problems != P_NONE; problems++)
		set->has[*problems] = true;
}

void problem_set_operation(struct problem_set *set, enum operation operation)
{
	problem_set_add(set, any_problems);
	problem_set_add(set, token_problems);
	problem_set_add(set, restriction_problems);
	problem_set_add(set, id_problems);
	if (operation == OPERATION_LIST)
		problem_set_add(set, list_problems);
	if (operation == OPERATION_LIST || operation == OPERATION_READ)
		problem_set_add(set, read_problems);
	if (operation == OPERATION_CREATE)
		problem_set_add(set, key_problems);
	if (operation == OPERATION_UPDATE || operation == OPERATION_DELETE)
		problem_set_add(set, match_problems);
	if (operation == OPERATION_CREATE || operation == OPERATION_UPDATE) {
		problem_set_add(set, body_problems);
		problem_set_add(set, data_problems);
	}
	if (operation == OPERATION_DELETE)
		problem_set_add(set, delete_problems);
	if (operation >= OPERATION_CREATE)
		problem_set_add(set, write_problems);
}

void problem_set_endpoint(struct problem_set *set, const struct endpoint *endpoint)
{
	problem_set_add(set, any_problems);
	if (!endpoint->public)
		problem_set_add(set, token_problems);
	if (!endpoint->public && !endpoint->restricted)
		problem_set_add(set, restriction_problems);
	if (strchr(endpoint->path, '{') != NULL)
		problem_set_add(set, id_problems);
	if (endpoint->request != NULL || endpoint->request_schema != NULL)
		problem_set_add(set, body_problems);
	if (endpoint->request_media != NULL)
		problem_set_add(set, bytes_problems);
	if (endpoint->idempotent)
		problem_set_add(set, key_problems);
	if (endpoint->if_match)
		problem_set_add(set, match_problems);
	if (endpoint->method != METHOD_GET)
		problem_set_add(set, write_problems);
	problem_set_add(set, endpoint->problems);
}

static bool set_has_status(const struct problem_set *set, int status)
{
	for (int i = P_NONE + 1; i < P_COUNT; i++)
		if (set->has[i] && problem_texts[i].status == status)
			return true;
	return false;
}

static bool set_same_status(const struct problem_set *a, const struct problem_set *b, int status)
{
	for (int i = P_NONE + 1; i < P_COUNT; i++)
		if (problem_texts[i].status == status && a->has[i] != b->has[i])
			return false;
	return true;
}

/* A line for each code with what it means; violations of the body have no status of their own. */
static void problem_description(struct buf *buf, const struct problem_set *set, int status)
{
	struct text text = TEXT_NULL;
	struct buf lines;

	buf_init(&lines, buf->arena);
	for (int i = P_NONE + 1; i < P_COUNT; i++)
		if (set->has[i] && problem_texts[i].status == status)
			buf_printf(&lines, "%s- `%s`: %s", lines.len > 0 ? "\n" : "",
				   problem_texts[i].code, problem_texts[i].title[LANGUAGE_EN]);
	if (buf_text(&lines, &text) != 0)
		buf->failed = true;
	doc_text(buf, "description", text);
}

static void problem_headers(struct buf *buf, int status)
{
	const char *names[5] = { "X-Request-Id" };
	size_t count = 1;

	if (status == 401)
		names[count++] = "WWW-Authenticate";
	if (status == 412)
		names[count++] = "ETag";
	if (status == 416)
		names[count++] = "Content-Range";
	if (status == 429 || status == 503)
		names[count++] = "Retry-After";
	if (status == 429)
		names[count++] = "RateLimit";
	parts_answer_headers(buf, names);
}

static void problem_answer(struct buf *buf, const char *key, const struct problem_set *set,
			   int status)
{
	doc_open(buf, key, '{');
	problem_description(buf, set, status);
	problem_headers(buf, status);
	parts_content(buf, "application/problem+json", "problem");
	doc_close(buf, '}');
}

void parts_problems(struct buf *buf, const struct problem_set *set, const enum operation *shared)
{
	struct problem_set own = { 0 };
	char key[12];

	if (shared != NULL)
		problem_set_operation(&own, *shared);
	for (int status = 400; status < 600; status++) {
		if (!set_has_status(set, status))
			continue;
		snprintf(key, sizeof(key), "%d", status);
		if (shared != NULL && set_same_status(set, &own, status)) {
			struct text prefix =
				arena_format(buf->arena, "%s_", operation_names[*shared]);

			doc_ref(buf, key, "responses", prefix.ptr != NULL ? prefix.ptr : "", key);
		} else {
			problem_answer(buf, key, set, status);
		}
	}
}

static void operation_responses(struct buf *buf, enum operation operation)
{
	struct problem_set set = { 0 };
	char key[32];

	problem_set_operation(&set, operation);
	for (int status = 400; status < 600; status++) {
		if (!set_has_status(&set, status))
			continue;
		snprintf(key, sizeof(key), "%s_%d", operation_names[operation], status);
		problem_answer(buf, key, &set, status);
	}
}

void parts_responses(struct buf *buf)
{
	doc_open(buf, "responses", '{');
	for (enum operation i = OPERATION_LIST; i < OPERATION_COUNT; i++)
		operation_responses(buf, i);
	doc_close(buf, '}');
}
