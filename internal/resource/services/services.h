#ifndef RESOURCE_SERVICES_SERVICES_H
#define RESOURCE_SERVICES_SERVICES_H

#include "resource/registry.h"
#include "resource/usage.h"
#include "rules/services/course.h"

/* What the delivered services share: their facts, their rules by entitlement,
 * their units of limits, and corrections (R19). */

#define SERVICE_OUTCOMES(X)                                                                        \
	X(service_outcome, planned)                                                                \
	X(service_outcome, delivered)                                                              \
	X(service_outcome, cancelled)
ENUM_DECLARE(service_outcome, SERVICE_OUTCOMES)

#define SERVICE_FUNDING_FIELD(S)                                                                   \
	ENUM_FIELD(S, funding, funding, .flags = FILTER | IN_LIST,                                 \
		   .about = "Who pays: state unless told; rules and limits refuse only state.",    \
		   .example = "state")
#define SERVICE_OUTCOME_FIELD(S)                                                                   \
	ENUM_FIELD(S, outcome, service_outcome, .flags = FILTER | IN_LIST,                         \
		   .about = "planned unless told; delivered and cancelled are final (R19).",       \
		   .example = "delivered")
/* The same three of every service; what: the resource. */
#define SERVICE_RECORD_FIELDS(S, what) SERVICE_DECLINED_FIELD(S), SERVICE_CORRECTION_FIELDS(S, what)
#define SERVICE_DECLINED_FIELD(S)                                                                  \
	FLAG_FIELD(S, declined_by_client, .flags = FILTER | IN_LIST,                               \
		   .about = "Whether the client declined the service offered.",                    \
		   .example = "false")
#define SERVICE_CORRECTION_FIELDS(S, what)                                                         \
	ID_FIELD(S, corrects_id, .flags = CREATE_ONLY | IN_LIST, .references = (what),             \
		 .about = "The final record that this one corrects (R19).",                        \
		 .example = "01890a5d-ac96-774b-bcce-b302099a8060"),                               \
		FLAG_FIELD(S, superseded, .flags = READ_ONLY | FILTER | IN_LIST,                   \
			   .about = "Whether a correction stands in its place.",                   \
			   .example = "false")

/* The record that a correction names, as it is read from each service's own table. */
struct service_corrected {
	struct text id;
	struct text outcome; /* the column named outcome, or state of a stay */
	enum flag superseded;
};

/* Facts of every service, first in its table; its own may follow. */
enum {
	SERVICE_CASE,
	SERVICE_LIMITS,
	SERVICE_HOLDINGS,
	SERVICE_USES,
	SERVICE_CONTRACTS,
	SERVICE_SUPPORTS,
	SERVICE_CORRECTED,
	SERVICE_FACT_COUNT
};

#define SERVICE_CORRECTED_FIELDS 3
extern const struct field service_corrected_fields[SERVICE_CORRECTED_FIELDS];
extern const struct field service_corrected_stay_fields[SERVICE_CORRECTED_FIELDS];

#define SERVICE_FACTS(table, columns)                                                              \
	[SERVICE_CASE] = FACTS_CASE, [SERVICE_LIMITS] = FACTS_LIMITS,                              \
	[SERVICE_HOLDINGS] = FACTS_HOLDINGS, [SERVICE_USES] = FACTS_USES,                          \
	[SERVICE_CONTRACTS] = FACTS_CONTRACTS, [SERVICE_SUPPORTS] = FACTS_SUPPORTS,                \
	[SERVICE_CORRECTED] = { .view = (table),                                                   \
				.fields = (columns),                                               \
				.field_count = SERVICE_CORRECTED_FIELDS,                           \
				.size = sizeof(struct service_corrected),                          \
				.keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } }

/* One service as its rules and limits see it. */
struct service_terms {
	enum service_kind kind;
	enum entitlement entitlement;
	enum funding funding;
	enum service_outcome outcome;
	struct instant start;
	struct number minutes; /* null: takes no units */
	enum flag superseded;
	bool consultation;   /* limits in consultations count it */
	const char *pointer; /* of the day that rules refuse */
};

/* The start of a service that is dated by its day. */
struct instant service_start(struct date day);

/* Nulls become state, planned, and no. outcome: NULL where the service has outcomes of its own. */
void service_defaults(enum funding *funding, enum service_outcome *outcome, enum flag *declined);

/* R19: whether the change is over: 1 what is final changes only in the members that may still grow
 * (ends with NULL), 0 it is not final yet, else P_ALREADY_FINAL. final: of the row before. */
int service_final(struct ctx *ctx, const struct resource *resource, const struct change *change,
		  bool final, const char *const *members, bool *ret_done);

/* A consultation, or an act with a consultation's outcomes, as its limits see it. What counts
 * against none (consultation_consumes) is as cancelled. */
struct service_terms service_of_consultation(const struct consultation_terms *terms,
					     enum flag superseded, enum flag no_show_consumes);

/* R19: a correction names a final record of the case that no other corrects. what: the record in
 * words. open: the outcome of what is not final yet, beside open_too (NULL for none).
 * P_UNKNOWN_REFERENCE, P_NOT_FINAL, P_CONFLICT at /corrects_id. */
int service_check_correction(struct ctx *ctx, const struct change *change, struct text corrects_id,
			     const char *what, const char *open, const char *open_too);

/*
 * Rules of the entitlement for what the state pays and was not cancelled: start_up R13, course R13
 * and R2, criminal_support R4; aftercare and family know consultations only. What is delivered lies
 * not in the future.
 */
int service_check_rules(struct ctx *ctx, const struct change *change,
			const struct service_terms *terms);

/* Gives back and takes units as the change needs; a correction supersedes what it corrects. before
 * may be NULL. */
int service_effects(struct ctx *ctx, const struct resource *resource, const struct change *change,
		    const struct service_terms *before, const struct service_terms *after,
		    struct text corrects_id, struct effects *effects);

/* Every problem that the functions above and the conventions of services raise; ends with P_NONE.
 */
extern const enum problem service_problems[];

#endif
