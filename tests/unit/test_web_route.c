#include "core/buf.h"
#include "web/problem.h"
#include "web/route.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ID "0190aaaa-0000-7000-8000-00000000000a"

struct kit {
	struct arena arena;
	struct router *router;
};

static int kit_open(void **state)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	arena_init(&kit->arena, 1 << 22);
	assert_int_equal(router_new(&kit->arena, &kit->router), 0);
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

/* A template with an id in the place of each parameter. */
static struct text path_of(struct kit *kit, const char *template)
{
	struct text rest = text_of(template);
	struct text path;
	struct buf buf;

	buf_init(&buf, &kit->arena);
	text_cut(&rest, '/');
	while (rest.ptr != NULL) {
		struct text segment = text_cut(&rest, '/');

		buf_putc(&buf, '/');
		if (text_is(segment, "{code}"))
			buf_puts(&buf, "not_found");
		else if (text_is(segment, "{number}"))
			buf_puts(&buf, "7");
		else if (segment.ptr[0] == '{')
			buf_puts(&buf, ID);
		else
			buf_put_text(&buf, segment);
	}
	assert_int_equal(buf_text(&buf, &path), 0);
	return path;
}

static void every_route_is_found_by_its_own_path(void **state)
{
	struct kit *kit = *state;
	struct route_match match;

	for (size_t i = 1; i < router_count(kit->router); i++) {
		const struct route *route = router_at(kit->router, i);

		assert_int_equal(router_find(kit->router, &kit->arena,
					     path_of(kit, route->template), &match),
				 0);
		assert_ptr_equal(match.route, route);
		assert_int_equal(route->index, i);
		assert_true(route->methods != 0);
	}
}

static void every_resource_and_endpoint_has_its_route(void **state)
{
	struct kit *kit = *state;
	size_t resources = 0;
	size_t found = 0;

	for (size_t i = 0; i < registry_count; i++) {
		resources += (registry[i]->actions & (ACTION_LIST | ACTION_CREATE)) != 0;
		resources +=
			(registry[i]->actions & (ACTION_READ | ACTION_UPDATE | ACTION_DELETE)) != 0;
	}
	for (size_t i = 1; i < router_count(kit->router); i++)
		found += router_at(kit->router, i)->resource != NULL;
	assert_int_equal(found, resources);
	for (size_t i = 0; i < endpoint_count; i++) {
		struct route_match match;
		struct text path = path_of(kit, endpoints[i]->path);

		assert_int_equal(router_find(kit->router, &kit->arena, path, &match), 0);
		assert_ptr_equal(match.route->endpoints[endpoints[i]->method], endpoints[i]);
	}
}

static void ids_are_whole_uuids_and_become_lower_case(void **state)
{
	static const char *const bad[] = {
		"/v1/clients/1",	   "/v1/clients/" ID "a",
		"/v1/clients/{client_id}", "/v1/clients/0190aaaa000070008000000000000000a",
		"/v1/clients/" ID "/" ID,  NULL
	};
	struct kit *kit = *state;
	struct route_match match;
	struct text path = TEXT("/v1/clients/0190AAAA-0000-7000-8000-00000000000A/family_members");

	assert_int_equal(router_find(kit->router, &kit->arena, path, &match), 0);
	assert_string_equal(match.route->template, "/v1/clients/{client_id}/family_members");
	assert_int_equal(match.id_count, 1);
	assert_true(text_is(match.ids[0], ID));
	for (size_t i = 0; bad[i] != NULL; i++)
		assert_int_equal(router_find(kit->router, &kit->arena, text_of(bad[i]), &match),
				 -ENOENT);
}

static void a_path_that_only_begins_like_a_route_is_none(void **state)
{
	static const char *const bad[] = { "/",
					   "/v1",
					   "/v1/",
					   "v1/clients",
					   "/v1/client",
					   "/v1/clientss",
					   "/v1/Clients",
					   "/v1/clients/",
					   "/v1/me/x",
					   "/problems/a/b",
					   "",
					   NULL };
	struct kit *kit = *state;
	struct route_match match;

	for (size_t i = 0; bad[i] != NULL; i++)
		assert_int_equal(router_find(kit->router, &kit->arena, text_of(bad[i]), &match),
				 -ENOENT);
}

static void head_comes_with_get_and_options_with_all(void **state)
{
	struct kit *kit = *state;
	struct route_match match;

	assert_int_equal(router_find(kit->router, &kit->arena, TEXT("/v1/openapi.json"), &match),
			 0);
	assert_true(text_is(route_allow(match.route, &kit->arena), "GET, HEAD, OPTIONS"));
	assert_int_equal(method_find(TEXT("HEAD")), METHOD_HEAD);
	assert_int_equal(method_find(TEXT("head")), METHOD_NONE);
	assert_int_equal(method_find(TEXT("OTHER")), METHOD_NONE);
}

static const struct text *header_find(const struct response *response, const char *name)
{
	for (size_t i = 0; i < response->header_count; i++) {
		if (text_is(text_of(name), response->headers[i].name))
			return &response->headers[i].value;
	}
	return NULL;
}

static void a_problem_carries_the_headers_of_its_status(void **state)
{
	struct kit *kit = *state;
	struct ctx ctx = { .arena = &kit->arena,
			   .request_id = TEXT("id"),
			   .language = LANGUAGE_LV };
	struct response response;

	ctx.etag = TEXT("\"8\"");
	response_of_problem(&ctx, &kit->arena, P_STALE, true, &response);
	assert_int_equal(response.status, 412);
	assert_true(text_is(*header_find(&response, "ETag"), "\"8\""));
	assert_true(text_is(*header_find(&response, "Content-Language"), "lv"));
	ctx.retry_after = 7;
	response_of_problem(&ctx, &kit->arena, P_TOO_MANY_ATTEMPTS, false, &response);
	assert_int_equal(response.status, 429);
	assert_true(text_is(*header_find(&response, "Retry-After"), "7"));
	assert_true(text_is(*header_find(&response, "RateLimit"), "\"attempts\";r=0;t=7"));
	response_of_problem(&ctx, &kit->arena, P_UNAUTHENTICATED, true, &response);
	assert_true(text_is(*header_find(&response, "WWW-Authenticate"),
			    "Bearer realm=\"atbalsts\", error=\"invalid_token\""));
	assert_null(header_find(&response, "Retry-After"));
}

static void a_problem_lists_its_violations(void **state)
{
	struct kit *kit = *state;
	struct ctx ctx = { .arena = &kit->arena, .request_id = TEXT("id") };
	struct response response;

	violate(&ctx, P_TOO_LONG, TEXT("/a~1b"), TEXT("10"));
	response_of_problem(&ctx, &kit->arena,
			    (enum problem)violations_close(&ctx, P_VALIDATION_FAILED), false,
			    &response);
	assert_int_equal(response.status, 422);
	assert_non_null(strstr(response.body.ptr,
			       "\"errors\":[{\"pointer\":\"/a~1b\",\"code\":\"too_long\","
			       "\"detail\":\"At most 10 characters are allowed.\"}]}"));
}

static void a_problem_without_room_becomes_an_internal_error(void **state)
{
	struct kit *kit = *state;
	struct ctx ctx = { .arena = &kit->arena, .request_id = TEXT("id") };
	struct response response;
	struct arena none;

	arena_init(&none, 1);
	response_of_problem(&ctx, &none, P_NOT_FOUND, false, &response);
	assert_int_equal(response.status, 500);
	assert_non_null(strstr(response.body.ptr, "\"code\":\"internal_error\""));
	arena_done(&none);
}

#define WEB_TEST(f) cmocka_unit_test_setup_teardown(f, kit_open, kit_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WEB_TEST(every_route_is_found_by_its_own_path),
		WEB_TEST(every_resource_and_endpoint_has_its_route),
		WEB_TEST(ids_are_whole_uuids_and_become_lower_case),
		WEB_TEST(a_path_that_only_begins_like_a_route_is_none),
		WEB_TEST(head_comes_with_get_and_options_with_all),
		WEB_TEST(a_problem_carries_the_headers_of_its_status),
		WEB_TEST(a_problem_lists_its_violations),
		WEB_TEST(a_problem_without_room_becomes_an_internal_error),
	};

	return cmocka_run_group_tests_name("web_route", tests, NULL, NULL);
}
