#ifndef RESOURCE_SERVICES_JOURNEYS_H
#define RESOURCE_SERVICES_JOURNEYS_H

#include "resource/registry.h"
#include "rules/services/journey.h"

/* A journey as those below it know it: travellers and escorts. */
struct journey_fact {
	enum journey_state state;
	enum funding funding;
	struct instant planned_departure_at;
	struct instant departed_at;
	struct instant created_at;
	enum flag can_travel_alone;
	enum flag superseded;
};

#define JOURNEY_FACT_FIELDS 7
extern const struct field journey_fact_fields[JOURNEY_FACT_FIELDS];
#define FACTS_JOURNEY                                                                              \
	{                                                                                          \
		.view = "journeys", .fields = journey_fact_fields,                                 \
		.field_count = JOURNEY_FACT_FIELDS, .size = sizeof(struct journey_fact), .keys = { \
			{ "id", "journey_id" }                                                     \
		}                                                                                  \
	}

/* R19: a bill that comes later is still entered, once, and not where a correction stands. */
bool bill_may_change(struct number before, struct number after, enum flag superseded);

/* Completed or cancelled: what belongs to it is not edited away (R19). */
bool journey_is_final(enum journey_state state);

#endif
