/* Services that a plan foresees, within the plan's days. */

#include "resource/checks.h"
#include "resource/plans/plans.h"
#include "rules/services/course.h"

#define PLAN_UNITS(X)                                                                              \
	X(plan_unit, consultations)                                                                \
	X(plan_unit, hours)                                                                        \
	X(plan_unit, days)                                                                         \
	X(plan_unit, times)                                                                        \
	X(plan_unit, items)
ENUM_DECLARE(plan_unit, PLAN_UNITS)
ENUM_DEFINE(plan_unit, PLAN_UNITS)

struct plan_service {
	struct record record;
	struct text plan_id;
	enum service_kind service;
	struct number volume;
	enum plan_unit unit;
	struct date starts_on;
	struct date ends_on;
	struct text description;
};

static const struct field plan_service_fields[] = {
	PLAN_ID_FIELD(struct plan_service),
	ENUM_FIELD(struct plan_service, service, service_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What is planned.", .example = "consultation"),
	INTEGER_FIELD(struct plan_service, volume, 1, 100000, .flags = IN_LIST,
		      .about = "How much of it; with its unit.", .example = "24"),
	ENUM_FIELD(struct plan_service, unit, plan_unit, .flags = IN_LIST,
		   .about = "What the volume counts.", .example = "consultations"),
	DATE_FIELD(struct plan_service, starts_on, .flags = IN_LIST,
		   .about = "First day, within the plan; null: as the plan.",
		   .example = "2018-02-05"),
	DATE_FIELD(struct plan_service, ends_on, .flags = IN_LIST,
		   .about = "Last day, within the plan; null: as the plan.",
		   .example = "2018-07-30"),
	TEXT_FIELD(struct plan_service, description, 4000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What exactly, and by whom.",
		   .example = "Psychologist, weekly, at the shelter."),
};

static void service_check_within(struct ctx *ctx, const struct plan_fact *plan, struct date day,
				 const char *pointer)
{
	if (day.day == 0)
		return;
	if (day.day < plan->starts_on.day)
		violate(ctx, P_CONSTRAINT, text_of(pointer), TEXT("plan.starts_on"));
	if (plan->ends_on.day != 0 && day.day > plan->ends_on.day)
		violate(ctx, P_CONSTRAINT, text_of(pointer), TEXT("plan.ends_on"));
}

static int plan_service_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	const struct plan_fact *plan = change->facts[0].rows;
	const struct plan_service *row = change->after;
	int rc = plan_part_check(ctx, &resource_plan_services, change, nothing);

	if (rc != 0 || row == NULL)
		return rc;
	check_present(ctx, row->volume.set || row->unit == plan_unit_none, "/volume");
	check_present(ctx, !row->volume.set || row->unit != plan_unit_none, "/unit");
	check_period(ctx, row->starts_on, row->ends_on, "/ends_on");
	service_check_within(ctx, plan, row->starts_on, "/starts_on");
	service_check_within(ctx, plan, row->ends_on, "/ends_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem plan_service_problems[] = { P_ALREADY_FINAL, P_END_BEFORE_START,
						      P_CONSTRAINT, P_NONE };

static const struct facts plan_service_facts[] = { FACTS_PLAN };

const struct resource resource_plan_services = {
	.name = "plan_services",
	.segment = "services",
	.singular = "plan_service",
	.about = "Services that a plan foresees, with volume and days.",
	.tag = "Plans",
	.parent = &resource_plans,
	.fields = FIELDS(plan_service_fields),
	.size = sizeof(struct plan_service),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "created_at",
	.facts = plan_service_facts,
	.fact_count = 1,
	.check = plan_service_check,
	.problems = plan_service_problems,
};
