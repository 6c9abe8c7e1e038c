#ifndef RESOURCE_CONTRACTS_BILLED_H
#define RESOURCE_CONTRACTS_BILLED_H

#include "resource/registry.h"
#include "rules/services/course.h"

#define AMOUNT_FIELD(m, ...)                                                                       \
	INTEGER_FIELD(struct billed, m, -FIELD_INTEGER_MAX, FIELD_INTEGER_MAX, __VA_ARGS__)
/* What lines and items tell alike; a correction's are differences. */
#define BILLED_FIELDS                                                                              \
	ENUM_FIELD(struct billed, service, service_kind,                                           \
		   .flags = SHOWN | REQUIRED | FILTER | SORT, .about = "The service.",             \
		   .example = "consultation"),                                                     \
		TEXT_FIELD(struct billed, month, 7, .flags = SHOWN | REQUIRED | FILTER | SORT,     \
			   .format = FORMAT_MONTH, .about = "Month of the acts.",                  \
			   .example = "2018-03"),                                                  \
		FLAG_FIELD(struct billed, correction, .flags = SHOWN | REQUIRED | FILTER,          \
			   .about =                                                                \
				   "Whether it changes what was billed of an earlier month: then " \
				   "the numbers are differences.",                                 \
			   .example = "false"),                                                    \
		AMOUNT_FIELD(acts, .flags = SHOWN | REQUIRED, .about = "Acts.", .example = "4"),   \
		AMOUNT_FIELD(minutes, .flags = SHOWN | REQUIRED, .about = "Minutes.",              \
			     .example = "240"),                                                    \
		AMOUNT_FIELD(days, .flags = SHOWN | REQUIRED,                                      \
			     .about = "Nights of stays, days of escorts.", .example = "0"),        \
		AMOUNT_FIELD(pieces, .flags = SHOWN | REQUIRED, .about = "Pieces.",                \
			     .example = "4"),                                                      \
		AMOUNT_FIELD(cents, .flags = SHOWN,                                                \
			     .about = "Price; null while there is no rate and no own cost.",       \
			     .example = "9960")

/* A line, or an item of one. */
struct billed {
	struct record record;
	struct text statement_id;
	enum service_kind service;
	struct text month;
	enum flag correction;
	struct number acts;
	struct number minutes;
	struct number days;
	struct number pieces;
	struct number cents;
	struct number people;
	struct date unpriced_on;
	struct text act;
	struct text act_id;
	struct date day;
};

#endif
