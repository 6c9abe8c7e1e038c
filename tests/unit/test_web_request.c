#include "web/negotiate.h"
#include "web/query.h"
#include "web/request.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct kit {
	struct arena arena;
	struct ctx ctx;
	char head[4096]; /* as the library keeps it: NUL for the colon and for each byte of a line
			    end */
	size_t len;
};

static int kit_open(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	arena_init(&kit->arena, 1 << 20);
	kit->ctx.arena = &kit->arena;
	*state = kit;
	return 0;
}

static int kit_close(void **state)
{
	struct kit *kit = *state;

	arena_done(&kit->arena);
	free(kit);
	return 0;
}

static const char *put(struct kit *kit, const char *text, size_t nuls)
{
	char *at = kit->head + kit->len;

	assert_true(kit->len + strlen(text) + nuls <= sizeof(kit->head));
	memcpy(at, text, strlen(text));
	memset(at + strlen(text), 0, nuls);
	kit->len += strlen(text) + nuls;
	return at;
}

/* A request as a good client sends it. */
static struct request request_of(struct kit *kit, const char *verb, const char *target)
{
	struct request request = {
		.method = METHOD_GET,
		.verb = text_of(verb),
		.target = text_of(target),
		.version = TEXT("HTTP/1.1"),
	};
	const char *at;

	if (text_is(request.verb, "POST"))
		request.method = METHOD_POST;
	kit->len = 0;
	put(kit, verb, 1);
	at = put(kit, target, 1);
	put(kit, "HTTP/1.1", 2);
	request_locate(&request, at, sizeof(kit->head));
	return request;
}

static void header(struct kit *kit, struct request *request, const char *name, const char *value)
{
	const char *at = put(kit, name, 1);
	const char *value_at = put(kit, " ", 0) + 1;

	put(kit, value, 2);
	assert_int_equal(request_add_header(request, &kit->arena, (struct text){ at, strlen(name) },
					    (struct text){ value_at, strlen(value) }),
			 0);
}

static int check(struct kit *kit, struct request *request)
{
	request->head_end = (uintptr_t)(kit->head + kit->len + 2);
	ctx_clear(&kit->ctx);
	return request_check(&kit->ctx, request);
}

/* What libmicrohttpd 0.9.75 makes of a line: NUL over its end. */
static char *next_line(char **rest)
{
	char *line = *rest;
	char *end = line;

	while (*end != '\n' && !(end[0] == '\r' && end[1] == '\n'))
		end++;
	*rest = end + (*end == '\r' ? 2 : 1);
	memset(end, 0, (size_t)(*rest - end));
	return line;
}

/* A GET with these header lines, read as the library reads them. */
static int check_lines(struct kit *kit, struct text lines)
{
	struct request request = request_of(kit, "GET", "/v1/me");
	char *rest = kit->head + kit->len;

	memcpy(rest, lines.ptr, lines.len);
	request.head_end = (uintptr_t)(rest + lines.len);
	for (char *line = next_line(&rest); *line != '\0'; line = next_line(&rest)) {
		char *value = strchr(line, ':');

		*value++ = '\0';
		value += strspn(value, " \t");
		assert_int_equal(
			request_add_header(&request, &kit->arena, text_of(line), text_of(value)),
			0);
	}
	ctx_clear(&kit->ctx);
	return request_check(&kit->ctx, &request);
}

static void a_target_is_split_at_its_question_mark(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/clients?a=1&b=2");

	header(kit, &request, "Host", "a");
	assert_int_equal(check(kit, &request), 0);
	assert_true(text_is(request.path, "/v1/clients"));
	assert_true(text_is(request.query, "a=1&b=2"));

	request = request_of(kit, "GET", "http://a:80/v1/me");
	header(kit, &request, "Host", "a");
	assert_int_equal(check(kit, &request), 0);
	assert_true(text_is(request.path, "/v1/me"));
	assert_null(request.query.ptr);
}

static void each_byte_of_the_head_is_accounted_for(void **state)
{
	static const struct text good[] = {
		TEXT("Host: a\r\n\r\n"),
		TEXT("Host:a\r\nX:1\r\nY:\r\nZ: \t\r\n\r\n"),
		TEXT("Host: \t a \t\r\n\r\n"),
		TEXT_NULL,
	};
	static const struct text bad[] = {
		TEXT("Host: a\n\r\n"),
		TEXT("Host: a\r\n\n"),
		TEXT("Host: a\0b\r\n\r\n"),
		TEXT("Host: \0a\r\n\r\n"),
		TEXT("Host:a\r\nX:1\r\nX:1\r\nX:1\r\nX:1\r\nContent-Length: 0\0999\r\n\r\n"),
		TEXT("Host:a\r\nX: 1\nY: 1\r\n\r\n"),
		TEXT("Host:a\r\nX:\t1\n\n"),
		TEXT("Host: a\r\n\0hidden\r\n\r\n"),
		TEXT_NULL,
	};
	struct kit *kit = *state;

	for (size_t i = 0; good[i].ptr != NULL; i++)
		assert_int_equal(check_lines(kit, good[i]), 0);
	for (size_t i = 0; bad[i].ptr != NULL; i++)
		assert_int_equal(check_lines(kit, bad[i]), P_BAD_FRAMING);
}

/* The library moves a name whose line is folded, or appends the fold to it where it stands. */
static void a_line_elsewhere_is_refused(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");
	const char *name, *value;

	header(kit, &request, "Host", "a");
	assert_int_equal(request_add_header(&request, &kit->arena, TEXT("Xb"), TEXT("a")), 0);
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);

	request = request_of(kit, "GET", "/v1/me");
	header(kit, &request, "Host", "a");
	name = put(kit, "Xb", 1);
	value = name + 1;
	assert_int_equal(request_add_header(&request, &kit->arena, (struct text){ name, 2 },
					    (struct text){ value, 1 }),
			 0);
	kit->len = (size_t)(value + 3 - kit->head);
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);

	request = request_of(kit, "GET", "/v1/me");
	header(kit, &request, "Host", "a");
	name = put(kit, "X", 1);
	value = put(kit, "bc a", 2) + 3;
	assert_int_equal(request_add_header(&request, &kit->arena, (struct text){ name, 1 },
					    (struct text){ value, 1 }),
			 0);
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);
}

static void a_head_of_unknown_place_is_refused(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");

	request_locate(&request, NULL, 0);
	header(kit, &request, "Host", "a");
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);

	request = request_of(kit, "GET", "/v1/me");
	request.version = TEXT("HTTP/1.0");
	request.next_line = request.head_end = 0;
	ctx_clear(&kit->ctx);
	assert_int_equal(request_check(&kit->ctx, &request), P_BAD_FRAMING);
}

static void a_single_value_comes_once_and_lists_are_joined(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");

	header(kit, &request, "host", "a");
	header(kit, &request, "Accept", "text/html");
	header(kit, &request, "ACCEPT", " application/json ");
	assert_true(text_is(request.headers[HEADER_ACCEPT], "text/html,application/json"));
	assert_int_equal(check(kit, &request), 0);
	header(kit, &request, "Host", "a");
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);
}

static void names_are_tokens_and_values_have_no_controls(void **state)
{
	static const char *const bad[][2] = { { "Content-Length ", "1" },
					      { "", "1" },
					      { "X(", "1" },
					      { "X", "a\x01" },
					      { "X", "a\x7f" } };
	struct kit *kit = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct request request = request_of(kit, "GET", "/v1/me");

		header(kit, &request, "Host", "a");
		header(kit, &request, bad[i][0], bad[i][1]);
		assert_int_equal(check(kit, &request), P_BAD_FRAMING);
	}
}

static void more_than_64_headers_are_refused(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");

	header(kit, &request, "Host", "a");
	for (int i = 1; i < HEADERS_MAX; i++)
		header(kit, &request, "X", "1");
	assert_int_equal(check(kit, &request), 0);
	header(kit, &request, "X", "1");
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);
}

static void a_body_is_for_post_patch_and_put(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");

	header(kit, &request, "Host", "a");
	header(kit, &request, "Content-Length", "0");
	assert_int_equal(check(kit, &request), 0);
	request = request_of(kit, "GET", "/v1/me");
	header(kit, &request, "Host", "a");
	header(kit, &request, "Content-Length", "1");
	assert_int_equal(check(kit, &request), P_BAD_FRAMING);
	request = request_of(kit, "POST", "/v1/me");
	header(kit, &request, "Host", "a");
	header(kit, &request, "Content-Length", "1");
	assert_int_equal(check(kit, &request), 0);
}

static void a_post_has_a_content_type(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "POST", "/v1/clients");

	request.body = TEXT("{}");
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL),
			 P_UNSUPPORTED_MEDIA_TYPE);
	header(kit, &request, "Content-Type", "application/JSON; charset=\"UTF-8\"");
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL), 0);
	request.body.len = BODY_MAX + 1;
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL), P_TOO_LARGE);
	request.body.len = 2;
	header(kit, &request, "Content-Encoding", "br");
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL),
			 P_UNSUPPORTED_MEDIA_TYPE);
}

static void only_patch_takes_a_merge_patch(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "POST", "/v1/clients");

	request.body = TEXT("{}");
	header(kit, &request, "Content-Type", "application/merge-patch+json");
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL),
			 P_UNSUPPORTED_MEDIA_TYPE);
	request.method = METHOD_PATCH;
	assert_int_equal(request_check_content(&kit->ctx, &request, NULL), 0);
}

static void a_bearer_token_is_found_whatever_the_schemes_case(void **state)
{
	struct kit *kit = *state;
	struct request request = request_of(kit, "GET", "/v1/me");

	assert_null(request_bearer(&request).ptr);
	header(kit, &request, "Authorization", "bEARER  abc");
	assert_true(text_is(request_bearer(&request), "abc"));
	request.headers[HEADER_AUTHORIZATION] = TEXT("Basic abc");
	assert_null(request_bearer(&request).ptr);
	request.headers[HEADER_AUTHORIZATION] = TEXT("Bearer");
	assert_null(request_bearer(&request).ptr);
}

static void accept_follows_the_most_specific_range(void **state)
{
	static const char *const yes[] = { "*/*",
					   "application/*",
					   "Application/JSON;q=0.001",
					   "text/html,*/*;q=0.1",
					   "application/json; v=1",
					   "*/*;q=0, application/json",
					   "",
					   NULL };
	static const char *const no[] = { "text/html",
					  "application/json;q=0",
					  "*/*, application/json;q=0",
					  "application/jsonx",
					  "*/*;q=2",
					  "application/json;q=abc",
					  NULL };

	(void)state;
	assert_true(accept_allows_json(TEXT_NULL));
	for (size_t i = 0; yes[i] != NULL; i++)
		assert_true(accept_allows_json(text_of(yes[i])));
	for (size_t i = 0; no[i] != NULL; i++)
		assert_false(accept_allows_json(text_of(no[i])));
}

static void the_language_with_the_highest_weight_wins(void **state)
{
	(void)state;
	assert_int_equal(accept_language(TEXT_NULL), LANGUAGE_EN);
	assert_int_equal(accept_language(TEXT("lv-LV, en;q=0.9")), LANGUAGE_LV);
	assert_int_equal(accept_language(TEXT("lv;q=0.8, en;q=0.81")), LANGUAGE_EN);
	assert_int_equal(accept_language(TEXT("lv;q=0")), LANGUAGE_EN);
	assert_int_equal(accept_language(TEXT("ru, LV;q=0.1")), LANGUAGE_LV);
	assert_int_equal(accept_language(TEXT("lvx, lve-LV")), LANGUAGE_EN);
}

static void a_query_is_decoded_and_split(void **state)
{
	struct kit *kit = *state;
	struct param params[CALL_PARAMS_MAX];
	size_t count;

	assert_int_equal(query_parse(&kit->ctx, TEXT_NULL, params, &count), 0);
	assert_int_equal(count, 0);
	assert_int_equal(query_parse(&kit->ctx, TEXT("a=b%20c+d&day%5Bgte%5D=%2B1&n[in]=1,2&e=&f"),
				     params, &count),
			 0);
	assert_int_equal(count, 5);
	assert_true(text_is(params[0].value, "b c d"));
	assert_null(params[0].op.ptr);
	assert_true(text_is(params[1].name, "day"));
	assert_true(text_is(params[1].op, "gte"));
	assert_true(text_is(params[1].value, "+1"));
	assert_true(text_is(params[2].op, "in"));
	assert_int_equal(params[3].value.len, 0);
	assert_int_equal(params[4].value.len, 0);
}

static void a_parameter_comes_once_per_operator(void **state)
{
	struct kit *kit = *state;
	struct param params[CALL_PARAMS_MAX];
	size_t count;

	assert_int_equal(query_parse(&kit->ctx, TEXT("a[gte]=1&a[lte]=2&a=3"), params, &count), 0);
	assert_int_equal(query_parse(&kit->ctx, TEXT("a[gte]=1&a[gte]=2"), params, &count),
			 P_BAD_PARAMETER);
	assert_int_equal(kit->ctx.violation_count, 1);
	assert_true(text_is(kit->ctx.violations[0].pointer, "query:a"));
}

static void bad_escapes_nul_and_other_encodings_are_refused(void **state)
{
	static const char *const bad[] = { "%",	  "%1",	       "%g1",	 "%00",
					   "%ff", "%ed%a0%80", "%c0%af", NULL };
	struct kit *kit = *state;
	struct text text;

	for (size_t i = 0; bad[i] != NULL; i++)
		assert_int_equal(percent_decode(&kit->arena, text_of(bad[i]), true, &text),
				 -EINVAL);
	assert_int_equal(percent_decode(&kit->arena, TEXT("%C4%81+%2b"), false, &text), 0);
	assert_true(text_is(text, "ā++"));
}

#define WEB_TEST(f) cmocka_unit_test_setup_teardown(f, kit_open, kit_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(a_target_is_split_at_its_question_mark),
		WEB_TEST(each_byte_of_the_head_is_accounted_for),
		WEB_TEST(a_line_elsewhere_is_refused),
		WEB_TEST(a_head_of_unknown_place_is_refused),
		WEB_TEST(a_single_value_comes_once_and_lists_are_joined),
		WEB_TEST(names_are_tokens_and_values_have_no_controls),
		WEB_TEST(more_than_64_headers_are_refused),
		WEB_TEST(a_body_is_for_post_patch_and_put),
		WEB_TEST(a_post_has_a_content_type),
		WEB_TEST(only_patch_takes_a_merge_patch),
		WEB_TEST(a_bearer_token_is_found_whatever_the_schemes_case),
		WEB_TEST(accept_follows_the_most_specific_range),
		WEB_TEST(the_language_with_the_highest_weight_wins),
		WEB_TEST(a_query_is_decoded_and_split),
		WEB_TEST(a_parameter_comes_once_per_operator),
		WEB_TEST(bad_escapes_nul_and_other_encodings_are_refused),
	};

	return cmocka_run_group_tests_name("web_request", tests, NULL, NULL);
}
