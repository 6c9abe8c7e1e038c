#include "service/attachments.h"
#include "service/batch.h"
#include "service/casefile.h"
#include "service/contract_usage.h"
#include "service/sessions.h"
#include "service/transfers.h"

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
