#include "model/resource.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_trait_of_one_stands_on_one_resource(void **state)
{
	static const struct {
		enum traits trait;
		const char *name;
	} expected[] = {
		{ IS_PROVIDER, "providers" }, { IS_CLIENT, "clients" },
		{ IS_CASE, "cases" },	      { IS_SITTING, "identifications" },
		{ NAMES_TEAM, "case_team" },  { NAMES_SITTING, "identification_members" },
	};
	unsigned seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		size_t count = 0;

		for (size_t j = 0; j < registry_count; j++)
			count += (registry[j]->traits & expected[i].trait) != 0;
		assert_int_equal(count, 1);
		assert_string_equal(registry_of(expected[i].trait)->name, expected[i].name);
		seen |= expected[i].trait;
	}
	assert_int_equal(seen, TRAITS_OF_ONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_trait_of_one_stands_on_one_resource),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
