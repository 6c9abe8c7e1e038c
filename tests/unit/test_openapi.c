#include "openapi/openapi.h"

#include "model/endpoint.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The document of the real registry, as the server shows it. */

struct made {
	struct arena arena;
	struct ctx ctx;
	struct text document;
	json_t *root;
	json_t *ids;
};

static int make(void **state)
{
	struct made *made = calloc(1, sizeof(*made));

	if (made == NULL)
		return -1;
	arena_init(&made->arena, 64 << 20);
	made->ctx.arena = &made->arena;
	if (openapi_document(&made->ctx, &made->document) != 0)
		return -1;
	made->root =
		json_loadb(made->document.ptr, made->document.len, JSON_REJECT_DUPLICATES, NULL);
	made->ids = json_object();
	*state = made;
	return made->root != NULL ? 0 : -1;
}

static int unmake(void **state)
{
	struct made *made = *state;

	json_decref(made->root);
	json_decref(made->ids);
	arena_done(&made->arena);
	free(made);
	return 0;
}

static json_t *at(json_t *json, const char *pointer)
{
	struct text rest = text_of(pointer);
	char name[200];

	text_cut(&rest, '/');
	while (rest.ptr != NULL) {
		struct text part = text_cut(&rest, '/');

		snprintf(name, sizeof(name), "%.*s", (int)part.len, part.ptr);
		json = json_object_get(json, name);
	}
	return json;
}

static void each_object(struct made *made, json_t *json, void (*visit)(struct made *, json_t *))
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_object(json))
		visit(made, json);
	json_object_foreach(json, key, value) each_object(made, value, visit);
	if (json_is_array(json))
		json_array_foreach(json, i, value) each_object(made, value, visit);
}

static void reference_leads_somewhere(struct made *made, json_t *object)
{
	const char *reference = json_string_value(json_object_get(object, "$ref"));

	if (reference != NULL && at(made->root, reference + 1) == NULL)
		fail_msg("%s leads nowhere", reference);
}

static void every_reference_leads_somewhere(void **state)
{
	struct made *made = *state;

	each_object(made, made->root, reference_leads_somewhere);
}

static void operation_is_whole(struct made *made, json_t *object)
{
	json_t *id = json_object_get(object, "operationId");

	if (id == NULL)
		return;
	if (json_object_get(made->ids, json_string_value(id)) != NULL)
		fail_msg("%s stands twice", json_string_value(id));
	json_object_set(made->ids, json_string_value(id), id);
	if (json_object_get(object, "security") == NULL &&
	    json_object_size(json_object_get(object, "x-roles")) == 0)
		fail_msg("%s is open to nobody", json_string_value(id));
	assert_true(json_object_size(json_object_get(object, "responses")) > 1);
	assert_non_null(json_object_get(object, "summary"));
}

static void every_operation_has_its_own_name_a_role_and_answers(void **state)
{
	struct made *made = *state;

	each_object(made, made->root, operation_is_whole);
	assert_true(json_object_size(made->ids) > registry_count);
}

static void every_endpoint_is_in_the_document(void **state)
{
	struct made *made = *state;

	for (size_t i = 0; i < endpoint_count; i++)
		if (json_object_get(json_object_get(made->root, "paths"), endpoints[i]->path) ==
		    NULL)
			fail_msg("%s is missing", endpoints[i]->path);
}

static void read_only_members_are_in_no_body(void **state)
{
	struct made *made = *state;
	json_t *schemas = at(made->root, "/components/schemas");

	assert_true(json_is_true(at(schemas, "/client/properties/number/readOnly")));
	assert_null(at(schemas, "/client_create/properties/number"));
	assert_null(at(schemas, "/client_create/properties/id"));
	assert_null(at(schemas, "/client_update/required"));
	assert_true(json_is_true(at(schemas, "/client_create/properties/given_name/x-sealed")));
	assert_true(json_is_false(at(schemas, "/client_create/additionalProperties")));
}

static void each_write_names_the_conventions(void **state)
{
	struct made *made = *state;
	json_t *paths = json_object_get(made->root, "paths");
	json_t *create = json_object_get(json_object_get(paths, "/v1/clients"), "post");
	json_t *update =
		json_object_get(json_object_get(paths, "/v1/clients/{client_id}"), "patch");

	assert_non_null(at(create, "/responses/201/headers/Location"));
	assert_non_null(at(create, "/responses/409"));
	assert_non_null(at(update, "/responses/412"));
	assert_non_null(at(update, "/responses/428"));
	assert_string_equal(json_string_value(at(create, "/x-roles/case_worker")), "own");
	assert_null(at(create, "/x-roles/auditor"));
}

static void the_same_bytes_come_again(void **state)
{
	struct made *made = *state;
	struct text again;

	assert_int_equal(openapi_document(&made->ctx, &again), 0);
	assert_true(text_eq(made->document, again));
	assert_int_equal(again.ptr[again.len - 1], '\n');
	assert_true(text_is_utf8(again));
}

static void a_full_arena_is_a_fault(void **state)
{
	(void)state;
	for (size_t maximum = 1; maximum < 2 << 20; maximum = maximum * 2) {
		struct arena arena;
		struct ctx ctx = { .arena = &arena };
		struct text document;

		arena_init(&arena, maximum);
		assert_true(openapi_document(&ctx, &document) < 0);
		arena_done(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reference_leads_somewhere),
		cmocka_unit_test(every_operation_has_its_own_name_a_role_and_answers),
		cmocka_unit_test(every_endpoint_is_in_the_document),
		cmocka_unit_test(read_only_members_are_in_no_body),
		cmocka_unit_test(each_write_names_the_conventions),
		cmocka_unit_test(the_same_bytes_come_again),
		cmocka_unit_test(a_full_arena_is_a_fault),
	};

	return cmocka_run_group_tests_name("openapi", tests, make, unmake);
}
