#ifndef RESOURCE_ADMISSION_APPLICATIONS_H
#define RESOURCE_ADMISSION_APPLICATIONS_H

#include "resource/registry.h"
#include "rules/admission/transitions.h"

/* Once the case waits for its decision, its papers are what the agency decides on. */
bool application_is_open(enum case_status status);

#endif
