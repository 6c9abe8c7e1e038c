#include "auth_help.h"

#include "auth/access.h"

static struct access may(enum role role, const char *name)
{
	const struct resource resource = { .name = name };

	return access_of(role, &resource);
}

static void assert_may(enum role role, const char *name, enum scope scope, unsigned actions)
{
	struct access access = may(role, name);

	assert_int_equal(access.scope, scope);
	assert_int_equal(access.actions, actions);
}

#define READS (ACTION_LIST | ACTION_READ)
#define WRITES (READS | ACTION_CREATE | ACTION_UPDATE)

static void the_columns_stand_under_their_roles(void **state)
{
	(void)state;
	assert_may(role_ministry_officer, "contracts", SCOPE_ALL, WRITES);
	assert_may(role_statistician, "contracts", SCOPE_ALL, READS);
	assert_may(role_agency_officer, "decisions", SCOPE_ALL, WRITES);
	assert_may(role_provider_manager, "clients", SCOPE_OWN, WRITES);
	assert_may(role_case_worker, "clients", SCOPE_OWN, WRITES);
	assert_may(role_specialist, "clients", SCOPE_TEAM, READS | ACTION_EFFECT);
	assert_may(role_commission_member, "identifications", SCOPE_NAMED, READS | ACTION_EFFECT);
	assert_may(role_auditor, "audit_events", SCOPE_ALL, READS);
	assert_may(role_system_admin, "users", SCOPE_ALL, WRITES);
	assert_may(role_integration, "providers", SCOPE_ALL, READS);
}

static void roles_that_never_see_a_case_never_see_a_client(void **state)
{
	static const enum role outside[] = { role_none,		role_ministry_officer,
					     role_statistician, role_commission_member,
					     role_auditor,	role_system_admin,
					     role_integration };
	static const char *const inside[] = { "clients",       "cases",	   "plans",
					      "consultations", "journeys", "family_members",
					      "assessments" };

	(void)state;
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++) {
		for (size_t j = 0; j < sizeof(inside) / sizeof(inside[0]); j++)
			assert_may(outside[i], inside[j], SCOPE_NONE, 0);
	}
}

static void a_resource_without_a_row_is_closed_to_everybody(void **state)
{
	(void)state;
	for (int role = 0; role < ROLE_COUNT; role++)
		assert_may((enum role)role, "spaceships", SCOPE_NONE, 0);
}

static void all_rows_are_found_by_index(void **state)
{
	struct access access = { SCOPE_SELF, 99 };
	const char *name;
	size_t rows = 0;

	(void)state;
	for (; (name = access_entry(role_auditor, rows, &access)) != NULL; rows++) {
		struct access same = may(role_auditor, name);

		assert_int_equal(access.scope, same.scope);
		assert_int_equal(access.actions, same.actions);
		/* A role either reaches nothing, or some rows in some way. */
		assert_int_equal(access.scope == SCOPE_NONE, access.actions == 0);
	}
	assert_in_range(rows, 30, 100);
	access = (struct access){ SCOPE_SELF, 99 };
	assert_null(access_entry(role_auditor, rows, &access));
	assert_int_equal(access.actions, 99);
}

static void no_row_is_seen_wider_than_its_parent(void **state)
{
	static const struct {
		const char *above, *parent, *child;
		enum role role;
		enum scope expected;
	} rows[] = {
		/* users are OWN and contracts ALL to staff; clients and cases OWN, or TEAM. */
		{ NULL, "cases", "users", role_specialist, SCOPE_TEAM },
		{ NULL, "cases", "contracts", role_specialist, SCOPE_TEAM },
		{ NULL, "cases", "contracts", role_case_worker, SCOPE_OWN },
		{ NULL, "users", "cases", role_specialist, SCOPE_TEAM },
		{ "cases", "users", "contracts", role_specialist, SCOPE_TEAM },
		{ NULL, "contracts", "users", role_system_admin, SCOPE_ALL },
		/* A role that never reaches the parent is held by the child's own scope. */
		{ NULL, "clients", "audit_events", role_auditor, SCOPE_ALL },
		{ "cases", "identifications", "identification_members", role_commission_member,
		  SCOPE_NAMED },
		/* Rows below a sitting do not have the columns that name its members. */
		{ NULL, "identifications", "providers", role_commission_member, SCOPE_NONE },
		{ NULL, "providers", "audit_events", role_specialist, SCOPE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct resource above = { .name = rows[i].above };
		struct resource parent = { .name = rows[i].parent,
					   .parent = rows[i].above != NULL ? &above : NULL };
		struct resource child = { .name = rows[i].child, .parent = &parent };
		struct access access = access_of(rows[i].role, &child);

		assert_int_equal(access.scope, rows[i].expected);
		assert_int_equal(access.scope == SCOPE_NONE, access.actions == 0);
	}
}

static unsigned seers(enum sight sight)
{
	unsigned roles = 0;

	for (int role = 1; role < ROLE_COUNT; role++) {
		if (access_sees((enum role)role, sight))
			roles |= 1u << role;
	}
	return roles;
}

#define AGENCY (1u << role_agency_officer)
#define MANAGER (1u << role_provider_manager)
#define CARERS (1u << role_case_worker | 1u << role_specialist)
#define COMMISSION (1u << role_commission_member)

static void content_is_seen_by_those_who_need_it(void **state)
{
	(void)state;
	assert_int_equal(seers(SIGHT_PLAIN), (1u << ROLE_COUNT) - 2);
	assert_int_equal(seers(SIGHT_IDENTITY), AGENCY | MANAGER | CARERS);
	assert_int_equal(seers(SIGHT_ADDRESS), AGENCY | MANAGER | CARERS);
	assert_int_equal(seers(SIGHT_NARRATIVE), MANAGER | CARERS);
	assert_int_equal(seers(SIGHT_PROTOCOL), MANAGER | CARERS | COMMISSION);
	assert_int_equal(seers(SIGHT_DECISION), AGENCY | MANAGER | CARERS);
	assert_int_equal(seers(SIGHT_PROFESSIONAL), CARERS);
}

static void fields_are_chosen_by_sight(void **state)
{
	static const struct field fields[] = {
		{ .name = "number", .sight = SIGHT_PLAIN },
		{ .name = "family_name", .sight = SIGHT_IDENTITY },
		{ .name = "notes", .sight = SIGHT_PROFESSIONAL },
		{ .name = "threats", .sight = SIGHT_NARRATIVE },
	};
	const struct resource full = { .name = "clients", .fields = fields, .field_count = 4 };

	(void)state;
	assert_int_equal(access_fields(role_case_worker, &full), 15);
	assert_int_equal(access_fields(role_provider_manager, &full), 11);
	assert_int_equal(access_fields(role_agency_officer, &full), 3);
	assert_int_equal(access_fields(role_auditor, &full), 1);
}

static void notes_are_open_to_their_profession_and_to_no_other_specialist(void **state)
{
	const struct actor lawyer = { .role = role_specialist, .profession = profession_lawyer };
	const struct actor nobody = { .role = role_specialist };
	const struct actor worker = { .role = role_case_worker,
				      .profession = profession_social_worker };
	const struct resource told = { .profession_member = "specialist_kind" };
	const struct resource lawyers = { .profession = profession_lawyer };
	const struct resource unknown = { .name = "forgotten" };

	(void)state;
	assert_true(access_reads_notes(&lawyer, &told, TEXT("lawyer")));
	assert_false(access_reads_notes(&lawyer, &told, TEXT("psychologist")));
	assert_false(access_reads_notes(&lawyer, &told, TEXT_NULL));
	assert_false(access_reads_notes(&nobody, &told, TEXT_NULL));
	assert_true(access_reads_notes(&lawyer, &lawyers, TEXT_NULL));
	assert_false(access_reads_notes(&nobody, &lawyers, TEXT_NULL));
	assert_false(access_reads_notes(&lawyer, &unknown, TEXT_NULL));
	assert_false(access_reads_notes(&nobody, &unknown, TEXT_NULL));
	assert_true(access_reads_notes(&worker, &told, TEXT("psychologist")));
}

static void every_role_has_its_own_purpose(void **state)
{
	static const enum purpose expected[ROLE_COUNT] = {
		[role_ministry_officer] = purpose_contract_control,
		[role_statistician] = purpose_statistics,
		[role_agency_officer] = purpose_decision,
		[role_provider_manager] = purpose_case_management,
		[role_case_worker] = purpose_case_management,
		[role_specialist] = purpose_case_management,
		[role_commission_member] = purpose_identification,
		[role_auditor] = purpose_audit,
		[role_system_admin] = purpose_administration,
		[role_integration] = purpose_integration,
	};

	(void)state;
	for (int role = 0; role < ROLE_COUNT; role++)
		assert_int_equal(access_default_purpose((enum role)role), expected[role]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_columns_stand_under_their_roles),
		cmocka_unit_test(roles_that_never_see_a_case_never_see_a_client),
		cmocka_unit_test(a_resource_without_a_row_is_closed_to_everybody),
		cmocka_unit_test(all_rows_are_found_by_index),
		cmocka_unit_test(no_row_is_seen_wider_than_its_parent),
		cmocka_unit_test(content_is_seen_by_those_who_need_it),
		cmocka_unit_test(fields_are_chosen_by_sight),
		cmocka_unit_test(notes_are_open_to_their_profession_and_to_no_other_specialist),
		cmocka_unit_test(every_role_has_its_own_purpose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
