#include "engine/engine.h"
#include "demo.h"

#include "core/buf.h"
#include "core/uuid.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Enough for one call, which dies with it. */
#define CALL_ARENA ((size_t)8 * 1024 * 1024)

struct signed_in {
	struct text access_token, token_type, refresh_token, session_id;
	struct number expires_in;
};

static const struct field signed_in_fields[] = {
	TEXT_FIELD(struct signed_in, access_token, TOKEN_MAX, .flags = REQUIRED),
	TEXT_FIELD(struct signed_in, token_type, 10),
	INTEGER_FIELD(struct signed_in, expires_in, 1, 3600),
	TEXT_FIELD(struct signed_in, refresh_token, 200),
	ID_FIELD(struct signed_in, session_id),
};

__attribute__((format(printf, 2, 0))) static int body_make(struct arena *arena, const char *format,
							   va_list arguments, struct text *ret)
{
	char *plain = NULL;
	int len = vasprintf(&plain, format, arguments);
	struct buf buf;

	if (len < 0)
		arena_out_of_memory(strlen(format));
	buf_init(&buf, arena);
	for (int i = 0; i < len; i++) {
		if (plain[i] == '"')
			buf_putc(&buf, '\\');
		buf_putc(&buf, plain[i] == '\'' ? '"' : plain[i]);
	}
	free(plain);
	return buf_text(&buf, ret);
}

/* Answers in ctx' arena. */
static int demo_call(struct demo *demo, struct ctx *ctx, enum method method, const char *path,
		     struct call *call, struct answer *answer)
{
	struct route_match match;
	int rc = router_find(demo->router, ctx->arena, text_of(path), &match);

	if (rc != 0 || match.route->kind != ROUTE_SERVICE)
		return fault(ctx, ENOENT, "no_such_path", text_of(path));
	call->method = method;
	call->path = text_of(path);
	call->endpoint = match.route->endpoints[method];
	call->resource = call->endpoint != NULL ? NULL : match.route->resource;
	call->item = match.route->item;
	memcpy(call->ids, match.ids, sizeof(call->ids));
	call->id_count = match.id_count;
	call->number = match.number;
	if (call->endpoint == NULL && call->resource == NULL)
		return fault(ctx, ENOENT, "no_such_path", text_of(path));
	rc = service_call(ctx, &demo->server.service, call, answer);
	if (rc != 0)
		fprintf(stderr, "atbalsts: demo: %s %.*s\n", path, (int)call->body.len,
			call->body.ptr);
	return rc;
}

static void row_etag(struct demo_row *row, struct text etag)
{
	snprintf(row->etag, sizeof(row->etag), "%.*s", (int)etag.len, etag.ptr);
}

static void row_take(struct demo_row *row, const struct answer *answer)
{
	struct text location = answer->location;
	size_t at = location.len >= UUID_SIZE - 1 ? location.len - (UUID_SIZE - 1) : 0;

	snprintf(row->path, sizeof(row->path), "%.*s", (int)location.len, location.ptr);
	snprintf(row->id, sizeof(row->id), "%.*s", (int)(location.len - at), location.ptr + at);
	row_etag(row, answer->etag);
}

/* The problem must outlive the call's arena: it is told where it was met. */
static int call_told(const struct ctx *ctx, int rc)
{
	if (rc > 0) {
		command_fail(ctx, rc);
		return -EPROTO;
	}
	return rc;
}

int demo_post(struct demo *demo, enum demo_account who, const char *path, struct demo_row *row,
	      const char *format, ...)
{
	struct call call = { .bearer = text_of(demo->accounts[who].token) };
	struct answer answer;
	struct arena arena;
	struct ctx ctx;
	va_list arguments;
	int rc;

	arena_init(&arena, CALL_ARENA);
	command_ctx(&ctx, &arena);
	call.idempotency_key = uuid_text(&arena);
	va_start(arguments, format);
	rc = body_make(&arena, format, arguments, &call.body);
	va_end(arguments);
	if (rc == 0)
		rc = demo_call(demo, &ctx, METHOD_POST, path, &call, &answer);
	if (rc == 0 && row != NULL)
		row_take(row, &answer);
	rc = call_told(&ctx, rc);
	arena_done(&arena);
	return rc;
}

int demo_patch(struct demo *demo, enum demo_account who, struct demo_row *row, const char *format,
	       ...)
{
	struct call call = { .bearer = text_of(demo->accounts[who].token),
			     .if_match = text_of(row->etag) };
	struct answer answer;
	struct arena arena;
	struct ctx ctx;
	va_list arguments;
	int rc;

	arena_init(&arena, CALL_ARENA);
	command_ctx(&ctx, &arena);
	va_start(arguments, format);
	rc = body_make(&arena, format, arguments, &call.body);
	va_end(arguments);
	if (rc == 0)
		rc = demo_call(demo, &ctx, METHOD_PATCH, row->path, &call, &answer);
	if (rc == 0)
		row_etag(row, answer.etag);
	rc = call_told(&ctx, rc);
	arena_done(&arena);
	return rc;
}

int demo_put(struct demo *demo, enum demo_account who, const char *path, struct text body)
{
	struct call call = { .bearer = text_of(demo->accounts[who].token), .body = body };
	struct answer answer;
	struct arena arena;
	struct ctx ctx;
	int rc;

	arena_init(&arena, CALL_ARENA);
	command_ctx(&ctx, &arena);
	rc = demo_call(demo, &ctx, METHOD_PUT, path, &call, &answer);
	rc = call_told(&ctx, rc);
	arena_done(&arena);
	return rc;
}

int demo_sign_in(struct demo *demo, enum demo_account who, const char *email)
{
	struct call call = { .client_address = TEXT("127.0.0.1") };
	struct signed_in tokens = { 0 };
	struct answer answer;
	struct arena arena;
	struct ctx ctx;
	uint64_t given;
	int rc;

	arena_init(&arena, CALL_ARENA);
	command_ctx(&ctx, &arena);
	call.body = arena_format(&arena, "{\"email\": \"%s\", \"password\": \"%s\"}", email,
				 demo->accounts[who].password);
	rc = demo_call(demo, &ctx, METHOD_POST, "/v1/sessions", &call, &answer);
	if (rc == 0)
		rc = read_object(&ctx, answer.body, FIELDS(signed_in_fields), READ_CREATE, &tokens,
				 &given);
	if (rc == 0)
		demo->accounts[who].token = arena_strdup(demo->ctx->arena, tokens.access_token);
	rc = call_told(&ctx, rc);
	arena_done(&arena);
	return rc;
}
