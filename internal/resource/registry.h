#ifndef RESOURCE_REGISTRY_H
#define RESOURCE_REGISTRY_H

#include "engine/rows.h"

/* Every resource of the API, parents before their children: X(plans) stands for resource_plans in
 * plans.c, in the folder of its chapter (tests/check/resources.py).
 * The words say how it takes part in transfers, the work list, attachments, the case file, the demo
 * data, the account and statistics (model/participation.h). */
#define RESOURCES(X)                                                                               \
	X(contracts, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)              \
	X(contract_parties, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)       \
	X(contract_rates, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)         \
	X(contract_limits, STAYS, WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)           \
	X(planned_volumes, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)     \
	X(statements, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)             \
	X(statement_lines, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)     \
	X(statement_items, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)     \
	X(providers, STAYS, WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)                 \
	X(rulesets, STAYS, WORK, NO_PAPERS, UNFILED, DEMO, ACCOUNT, UNCOUNTED)                     \
	X(ruleset_limits, STAYS, WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)            \
	X(users, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)                  \
	X(persons, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)             \
	X(person_matches, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)      \
	X(clients, TRAVELS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                  \
	X(accesses, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)            \
	X(representatives, TRAVELS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)     \
	X(family_members, TRAVELS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)           \
	X(trafficking_profiles, TRAVELS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)     \
	X(cases, TRAVELS, WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                          \
	X(case_team, STAYS, WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)                   \
	X(case_transitions, STAYS, WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                 \
	X(entitlements, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)          \
	X(opening_usages, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)        \
	X(applications, STAYS, NO_WORK, PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                  \
	X(application_documents, STAYS, NO_WORK, PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)         \
	X(identifications, STAYS, NO_WORK, PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                  \
	X(identification_members, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)   \
	X(decisions, STAYS, NO_WORK, PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                     \
	X(journeys, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                      \
	X(journey_travellers, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)         \
	X(escorts, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                       \
	X(assessments, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                   \
	X(plans, STAYS, WORK, PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                            \
	X(plan_services, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)              \
	X(plan_tasks, STAYS, WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)                  \
	X(plan_duties, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)              \
	X(plan_evaluations, STAYS, WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)            \
	X(consultations, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, ACCOUNT, COUNTED)                 \
	X(accommodations, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)             \
	X(accommodation_occupants, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, COUNTED) \
	X(interpretations, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)            \
	X(legal_documents, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)            \
	X(trainings, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)                  \
	X(goods, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)                      \
	X(case_notes, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)            \
	X(case_tasks, STAYS, WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)               \
	X(case_flags, TRAVELS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)          \
	X(attachments, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, UNCOUNTED)              \
	X(criminal_proceedings, TRAVELS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, COUNTED)  \
	X(support_periods, TRAVELS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, COUNTED)       \
	X(hearings, STAYS, NO_WORK, PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)                 \
	X(powers_of_attorney, STAYS, WORK, PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)          \
	X(representations, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, ACCOUNT, COUNTED)            \
	X(consents, STAYS, NO_WORK, PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)                 \
	X(reflection_periods, TRAVELS, WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, COUNTED)       \
	X(transfers, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                  \
	X(incoming_transfers, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)  \
	X(privacy_notices, STAYS, NO_WORK, NO_PAPERS, FILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)       \
	X(complaints, STAYS, NO_WORK, NO_PAPERS, FILED, DEMO, NO_ACCOUNT, COUNTED)                 \
	X(worklist, STAYS, NO_WORK, NO_PAPERS, UNFILED, NO_DEMO, NO_ACCOUNT, UNCOUNTED)            \
	X(worklist_settings, STAYS, WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)         \
	X(audit_events, STAYS, NO_WORK, NO_PAPERS, UNFILED, DEMO, NO_ACCOUNT, UNCOUNTED)

/* Members of a view: told, and written by nobody. */
#define SHOWN (READ_ONLY | IN_LIST)

/* Each word is named, so that a row with one too few does not compile. */
#define RESOURCE_DECLARE(name, transfer, worklist, attachments, casefile, demo, account,           \
			 statistics)                                                               \
	extern const struct resource resource_##name;
RESOURCES(RESOURCE_DECLARE)

#endif
