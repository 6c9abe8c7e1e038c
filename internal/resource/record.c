/* The members that all records have in common (struct record), and the resources that their ids
 * name. Enter at record_fields. Data only. */

#include "engine/rows.h"

#define RECORD_ID(m, ...)                                                                          \
	ID_FIELD(struct record, m, .flags = READ_ONLY | IN_LIST | FILTER, __VA_ARGS__)

const struct field record_fields[] = {
	ID_FIELD(struct record, id, .flags = REQUIRED | READ_ONLY | IN_LIST,
		 .about = "Identifier (UUID version 7)."),
	RECORD_ID(provider_id, .references = "providers",
		  .about = "Provider that the record belongs to."),
	RECORD_ID(client_id, .references = "clients", .about = "Client that the record is about."),
	RECORD_ID(case_id, .references = "cases", .about = "Case that the record belongs to."),
	INSTANT_FIELD(struct record, created_at, .flags = REQUIRED | READ_ONLY | SORT | FILTER,
		      .about = "When it was recorded."),
	ID_FIELD(struct record, created_by, .flags = READ_ONLY, .references = "users",
		 .about = "Who recorded it; null for the service itself."),
	INSTANT_FIELD(struct record, updated_at, .flags = REQUIRED | READ_ONLY,
		      .about = "When it was changed last."),
	ID_FIELD(struct record, updated_by, .flags = READ_ONLY, .references = "users",
		 .about = "Who changed it last; null for the service itself."),
	INTEGER_FIELD(struct record, version, 1, INT64_MAX, .flags = REQUIRED | READ_ONLY | IN_LIST,
		      .about = "Number of the version, as in the ETag."),
};
const size_t record_field_count = sizeof(record_fields) / sizeof(record_fields[0]);
