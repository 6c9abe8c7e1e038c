#ifndef RESOURCE_PLANS_PLANS_H
#define RESOURCE_PLANS_PLANS_H

#include "resource/registry.h"
#include "rules/services/plan.h"

/* What the parts of a plan know of it: whether it may still be edited, and its days. */
struct plan_fact {
	enum plan_status status;
	struct date starts_on;
	struct date ends_on;
	struct date activated_on;
};

extern const struct field plan_fact_fields[];
#define PLAN_FACT_FIELDS 4
#define FACTS_PLAN                                                                                 \
	{                                                                                          \
		.view = "plans", .fields = plan_fact_fields, .field_count = PLAN_FACT_FIELDS,      \
		.size = sizeof(struct plan_fact), .keys = {                                        \
			{ "id", "plan_id" }                                                        \
		}                                                                                  \
	}

/* Services, tasks and duties are the text of a plan. It is agreed as a whole, so they change with
 * drafts only. Each has this field, and FACTS_PLAN as its first fact. */
#define PLAN_ID_FIELD(S)                                                                           \
	ID_FIELD(S, plan_id, .flags = PARENT | READ_ONLY | IN_LIST, .references = "plans",         \
		 .about = "The plan that it belongs to.",                                          \
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057")

/* Whether a part may change. progress (ends with NULL): the members that may change while the plan
 * is active. P_NOT_FOUND without the plan, else as plan_edit_check. */
int plan_part_check(struct ctx *ctx, const struct resource *resource, const struct change *change,
		    const char *const *progress);

#endif
