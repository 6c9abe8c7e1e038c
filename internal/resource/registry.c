/* The list of all resources, in the order of registry.h. */

#include "resource/registry.h"

#define RESOURCE_ENTRY(name, transfer, worklist, attachments, casefile, demo, account, statistics) \
	&resource_##name,
#define RESOURCE_PART(name, transfer, worklist, attachments, casefile, demo, account, statistics)  \
	{                                                                                          \
		TRANSFER_##transfer,	WORKLIST_##worklist, ATTACHMENTS_##attachments,            \
		CASEFILE_##casefile,	DEMO_##demo,	     ACCOUNT_##account,                    \
		STATISTICS_##statistics                                                            \
	},

const struct resource *const registry[] = { RESOURCES(RESOURCE_ENTRY) };
const struct participation registry_participations[] = { RESOURCES(RESOURCE_PART) };
const size_t registry_count = sizeof(registry) / sizeof(registry[0]);
