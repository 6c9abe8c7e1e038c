#ifndef RESOURCE_OVERSIGHT_WORKLIST_H
#define RESOURCE_OVERSIGHT_WORKLIST_H

#include "resource/registry.h"

#define WORK_KINDS(X)                                                                              \
	X(work_kind, plan_due)                                                                     \
	X(work_kind, evaluation_due)                                                               \
	X(work_kind, decision_due)                                                                 \
	X(work_kind, aftercare_closing)                                                            \
	X(work_kind, course_ending)                                                                \
	X(work_kind, year_limit)                                                                   \
	X(work_kind, power_of_attorney_expiring)                                                   \
	X(work_kind, case_task)                                                                    \
	X(work_kind, plan_task)                                                                    \
	X(work_kind, reflection_ending)
ENUM_DECLARE(work_kind, WORK_KINDS)

#endif
