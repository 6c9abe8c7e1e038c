#ifndef RULES_SERVICES_JOURNEY_H
#define RULES_SERVICES_JOURNEY_H

#include "rules/age.h"
#include "rules/facts.h"

#define JOURNEY_STATES(X)                                                                          \
	X(journey_state, planned)                                                                  \
	X(journey_state, under_way)                                                                \
	X(journey_state, completed)                                                                \
	X(journey_state, cancelled)
ENUM_DECLARE(journey_state, JOURNEY_STATES)

#define JOURNEY_DIRECTIONS(X)                                                                      \
	X(journey_direction, to_service)                                                           \
	X(journey_direction, return )
ENUM_DECLARE(journey_direction, JOURNEY_DIRECTIONS)

#define TRANSPORTS(X)                                                                              \
	X(transport, air)                                                                          \
	X(transport, road)                                                                         \
	X(transport, rail)                                                                         \
	X(transport, sea)                                                                          \
	X(transport, other)
ENUM_DECLARE(transport, TRANSPORTS)

#define TRAVELLER_KINDS(X)                                                                         \
	X(traveller_kind, client)                                                                  \
	X(traveller_kind, child)
ENUM_DECLARE(traveller_kind, TRAVELLER_KINDS)

#define ESCORT_REASONS(X)                                                                          \
	X(escort_reason, cannot_travel_alone)                                                      \
	X(escort_reason, minor)                                                                    \
	X(escort_reason, safety)                                                                   \
	X(escort_reason, health)
ENUM_DECLARE(escort_reason, ESCORT_REASONS)

struct traveller_act {
	enum funding funding;
	enum traveller_kind kind;
	struct date day; /* of travel */
	struct age_fact age;
	enum flag with_client; /* null: unknown */
};

struct escort_act {
	enum funding funding;
	enum escort_reason reason;
	struct date day;
	struct age_fact client_age;
	enum flag can_travel_alone; /* null: unknown; never asked for */
};

/* When a journey is, for what the state pays and by which contract: its departure, as it was or as
 * it is planned, else when it was recorded. The account says the same (schema/15_rules.sql). */
struct instant journey_start(struct instant departed_at, struct instant planned_departure_at,
			     struct instant recorded_at);

/*
 * planned → under_way → completed, and cancelled from the first two. P_ILLEGAL_TRANSITION at
 * /state; P_ALREADY_FINAL from a completed or cancelled one (R19): its cost stays.
 */
int journey_state_check(struct ctx *ctx, enum journey_state from, enum journey_state to);

/* R14 (seed): a child who travels at the state's cost is a minor on that day and with the client.
 * P_NOT_A_MINOR, P_NOT_WITH_CLIENT at /with_client. */
int traveller_check(struct ctx *ctx, const struct traveller_act *act);

/*
 * R14 (seed): a state-funded escort has a reason; "minor" needs one who is not certainly of age.
 * Whether the client could travel alone is often not known, and never refuses. P_REASON_MISSING,
 * P_NOT_A_MINOR at /reason.
 */
int escort_check(struct ctx *ctx, const struct escort_act *act);

#endif
