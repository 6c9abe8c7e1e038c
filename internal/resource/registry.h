#ifndef RESOURCE_REGISTRY_H
#define RESOURCE_REGISTRY_H

#include "engine/rows.h"

/* Every resource of the API, parents before their children: X(plans) stands for resource_plans in
 * plans.c, in the folder of its chapter (tests/check/resources.py). */
#define RESOURCES(X)                                                                               \
	X(contracts)                                                                               \
	X(contract_parties)                                                                        \
	X(contract_rates)                                                                          \
	X(contract_limits)                                                                         \
	X(planned_volumes)                                                                         \
	X(statements)                                                                              \
	X(statement_lines)                                                                         \
	X(statement_items)                                                                         \
	X(providers)                                                                               \
	X(rulesets)                                                                                \
	X(ruleset_limits)                                                                          \
	X(users)                                                                                   \
	X(persons)                                                                                 \
	X(person_matches)                                                                          \
	X(clients)                                                                                 \
	X(accesses)                                                                                \
	X(representatives)                                                                         \
	X(family_members)                                                                          \
	X(trafficking_profiles)                                                                    \
	X(cases)                                                                                   \
	X(case_team)                                                                               \
	X(case_transitions)                                                                        \
	X(entitlements)                                                                            \
	X(opening_usages)                                                                          \
	X(applications)                                                                            \
	X(application_documents)                                                                   \
	X(identifications)                                                                         \
	X(identification_members)                                                                  \
	X(decisions)                                                                               \
	X(journeys)                                                                                \
	X(journey_travellers)                                                                      \
	X(escorts)                                                                                 \
	X(assessments)                                                                             \
	X(plans)                                                                                   \
	X(plan_services)                                                                           \
	X(plan_tasks)                                                                              \
	X(plan_duties)                                                                             \
	X(plan_evaluations)                                                                        \
	X(consultations)                                                                           \
	X(accommodations)                                                                          \
	X(accommodation_occupants)                                                                 \
	X(interpretations)                                                                         \
	X(legal_documents)                                                                         \
	X(trainings)                                                                               \
	X(goods)                                                                                   \
	X(case_notes)                                                                              \
	X(case_tasks)                                                                              \
	X(case_flags)                                                                              \
	X(attachments)                                                                             \
	X(criminal_proceedings)                                                                    \
	X(support_periods)                                                                         \
	X(hearings)                                                                                \
	X(powers_of_attorney)                                                                      \
	X(representations)                                                                         \
	X(consents)                                                                                \
	X(reflection_periods)                                                                      \
	X(transfers)                                                                               \
	X(incoming_transfers)                                                                      \
	X(privacy_notices)                                                                         \
	X(worklist)                                                                                \
	X(worklist_settings)                                                                       \
	X(audit_events)

/* Members of a view: told, and written by nobody. */
#define SHOWN (READ_ONLY | IN_LIST)

#define RESOURCE_DECLARE(name) extern const struct resource resource_##name;
RESOURCES(RESOURCE_DECLARE)

#endif
