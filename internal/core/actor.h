#ifndef CORE_ACTOR_H
#define CORE_ACTOR_H

#include "core/enumeration.h"
#include "core/fail.h"

#define ROLES(X)                                                                                   \
	X(role, ministry_officer)                                                                  \
	X(role, statistician)                                                                      \
	X(role, agency_officer)                                                                    \
	X(role, provider_manager)                                                                  \
	X(role, case_worker)                                                                       \
	X(role, specialist)                                                                        \
	X(role, commission_member)                                                                 \
	X(role, auditor)                                                                           \
	X(role, system_admin)                                                                      \
	X(role, integration)
ENUM_DECLARE(role, ROLES)
#define ROLE_COUNT 11 /* role_none included */

#define PROFESSIONS(X)                                                                             \
	X(profession, social_worker)                                                               \
	X(profession, psychologist)                                                                \
	X(profession, lawyer)                                                                      \
	X(profession, police_officer)                                                              \
	X(profession, other)
ENUM_DECLARE(profession, PROFESSIONS)

#define PURPOSES(X)                                                                                \
	X(purpose, case_management)                                                                \
	X(purpose, decision)                                                                       \
	X(purpose, identification)                                                                 \
	X(purpose, contract_control)                                                               \
	X(purpose, statistics)                                                                     \
	X(purpose, audit)                                                                          \
	X(purpose, administration)                                                                 \
	X(purpose, data_subject_request)                                                           \
	X(purpose, emergency)                                                                      \
	X(purpose, integration)
ENUM_DECLARE(purpose, PURPOSES)

/* The acting user, as the session row says now; the texts live as long as the request. */
struct actor {
	struct text user_id;
	struct text session_id;
	enum role role;
	struct text provider_id; /* null for the agency, the ministry, auditors and operators */
	enum profession profession;
	enum purpose purpose;
	enum problem restriction; /* if not P_NONE, only the own account is open, for this reason */
};

#endif
