#ifndef RESOURCE_PLANS_H
#define RESOURCE_PLANS_H

#include "resource/registry.h"
#include "rules/plan.h"

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

#endif
