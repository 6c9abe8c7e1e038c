#ifndef RESOURCE_PEOPLE_REPRESENTATIVES_H
#define RESOURCE_PEOPLE_REPRESENTATIVES_H

#include "resource/registry.h"

/* A representative as what they sign needs to know them. */
struct representative_fact {
	struct text client_id;
	struct date starts_on;
	struct date ends_on; /* null: until the client is 18 */
};

/* Whom they represent. */
struct ward_fact {
	struct text id;
	struct date birth_date;
};

#define REPRESENTATIVE_FACT_FIELDS 3
#define WARD_FACT_FIELDS 2
extern const struct field representative_fact_fields[REPRESENTATIVE_FACT_FIELDS];
extern const struct field ward_fact_fields[WARD_FACT_FIELDS];

/* Rows for a facts table of what has representative_id. */
#define FACTS_REPRESENTATIVE                                                                       \
	{                                                                                          \
		.view = "representatives", .fields = representative_fact_fields,                   \
		.field_count = REPRESENTATIVE_FACT_FIELDS,                                         \
		.size = sizeof(struct representative_fact), .keys = {                              \
			{ "id", "representative_id" }                                              \
		}                                                                                  \
	}
#define FACTS_WARD_OF(rows, key, member)                                                           \
	{                                                                                          \
		.view = (rows), .fields = ward_fact_fields, .field_count = WARD_FACT_FIELDS,       \
		.size = sizeof(struct ward_fact), .keys = { { (key), (member) } },                 \
		.sealed_table = "clients", .sealed_row = "id"                                      \
	}
#define FACTS_WARD FACTS_WARD_OF("clients", "id", "client_id") /* of what lies below a client */
#define FACTS_WARD_OF_CASE FACTS_WARD_OF("case_clients", "case_id", "case_id")

/*
 * Who signs in a client's place does so while in office, and until the client is of age (Civil Law
 * 177, 219; R6). Nothing to do where representative_id is null; an unknown birth refuses nothing.
 * P_UNKNOWN_REFERENCE, P_NOT_IN_OFFICE, P_NOT_A_MINOR at /representative_id.
 */
int signature_check(struct ctx *ctx, const struct fact_rows *representative,
		    const struct fact_rows *ward, struct text representative_id, struct date day);

#endif
