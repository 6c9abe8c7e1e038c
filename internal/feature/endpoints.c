#include "feature/files/attachments.h"
#include "feature/batch/batch.h"
#include "feature/casefile/casefile.h"
#include "feature/account/contract_usage.h"
#include "feature/sessions/sessions.h"
#include "feature/transfers/transfers.h"

/* Every endpoint that is no resource; the router and OpenAPI know no other. */
const struct endpoint *const endpoints[] = {
	&session_create_endpoint,
	&session_refresh_endpoint,
	&session_end_endpoint,
	&me_endpoint,
	&me_password_endpoint,
	&user_password_endpoint,
	&user_approval_endpoint,
	&case_file_endpoint,
	&attachment_part_endpoint,
	&attachment_completion_endpoint,
	&attachment_content_endpoint,
	&transfer_answer_endpoint,
	&batch_endpoint,
	&contract_usage_endpoint,
};
const size_t endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]);
