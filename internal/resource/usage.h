#ifndef RESOURCE_USAGE_H
#define RESOURCE_USAGE_H

#include "engine/rows.h"
#include "rules/services/consultation.h"

/* Facts that every service with limits reads, and how its act takes units of them. */

/* Of a row of case_limits beside its terms: whose counters it counts on. */
struct limit_holding {
	struct text counter_id; /* the limit that it counts on: one for all rule sets */
	struct text holder_id;
	struct text own_holder_id; /* the client's own counter; holder_id where nobody shares it */
};

extern const struct field usage_case_fields[];
extern const struct field usage_limit_fields[];
extern const struct field usage_holding_fields[];
extern const struct field usage_use_fields[];
extern const struct field usage_contract_fields[];
extern const struct field usage_support_fields[];

/* Rows for a resource's facts table. Limits and holdings are the same rows in the same order. */
#define CASE_KEY                                                                                   \
	{                                                                                          \
		{                                                                                  \
			"case_id", "case_id"                                                       \
		}                                                                                  \
	}
#define FACTS_CASE                                                                                 \
	{                                                                                          \
		.view = "case_facts", .fields = usage_case_fields,                                 \
		.field_count = USAGE_CASE_FIELDS, .size = sizeof(struct case_facts),               \
		.keys = CASE_KEY                                                                   \
	}
#define FACTS_LIMITS                                                                               \
	{                                                                                          \
		.view = "case_limits", .fields = usage_limit_fields,                               \
		.field_count = USAGE_LIMIT_FIELDS, .size = sizeof(struct limit_terms),             \
		.keys = CASE_KEY, .order_by = "id"                                                 \
	}
#define FACTS_HOLDINGS                                                                             \
	{                                                                                          \
		.view = "case_limits", .fields = usage_holding_fields,                             \
		.field_count = USAGE_HOLDING_FIELDS, .size = sizeof(struct limit_holding),         \
		.keys = CASE_KEY, .order_by = "id"                                                 \
	}
#define FACTS_USES                                                                                 \
	{                                                                                          \
		.view = "case_limit_uses", .fields = usage_use_fields,                             \
		.field_count = USAGE_USE_FIELDS, .size = sizeof(struct limit_use),                 \
		.keys = CASE_KEY                                                                   \
	}
#define FACTS_CONTRACTS                                                                            \
	{                                                                                          \
		.view = "provider_contracts", .fields = usage_contract_fields,                     \
		.field_count = USAGE_CONTRACT_FIELDS, .size = sizeof(struct contract_term),        \
		.keys = {                                                                          \
			{ "provider_id", "provider_id" }                                           \
		}                                                                                  \
	}
#define FACTS_SUPPORTS                                                                             \
	{                                                                                          \
		.view = "case_supports", .fields = usage_support_fields,                           \
		.field_count = USAGE_SUPPORT_FIELDS, .size = sizeof(struct support_period),        \
		.keys = CASE_KEY, .order_by = "starts_on, id"                                      \
	}
#define USAGE_CASE_FIELDS 13
#define USAGE_LIMIT_FIELDS 11
#define USAGE_HOLDING_FIELDS 3
#define USAGE_USE_FIELDS 3
#define USAGE_CONTRACT_FIELDS 3
#define USAGE_SUPPORT_FIELDS 3

/* An act that draws on the limits of an entitlement. */
struct usage_act {
	enum entitlement entitlement;
	struct instant start;
	int64_t minutes;
	bool consultation; /* limits in consultations count only these */
};

/* Adds a take for every limit that the act counts against, in force on its day. P_LIMIT_MISSING at
 * /funding where one that it is to have is missing (R31); -ENOMEM. */
int usage_take(struct ctx *ctx, const struct usage_act *act, const struct fact_rows *limits,
	       const struct fact_rows *holdings, struct effects *effects);

/* Adds the take of what was used before the system: on the client's own counter alone, and even
 * beyond the limit. claim->units > 0. 0 or -ENOMEM. */
int usage_take_opening(struct ctx *ctx, const struct limit_terms *limit,
		       const struct limit_holding *holding, const struct limit_claim *claim,
		       struct effects *effects);

/* R19: the record that a correction names gives its units back and is marked superseded. 0 or
 * -ENOMEM. */
int usage_supersede(struct ctx *ctx, const struct resource *resource, struct text corrects_id,
		    struct effects *effects);

#endif
