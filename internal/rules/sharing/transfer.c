/* Who may ask for and answer a transfer. Enter at transfer_request_check and
 * transfer_answer_check. Pure. */

#include "rules/sharing/transfer.h"

#include "rules/steps.h"
#include "rules/words.h"

ENUM_DEFINE(transfer_state, TRANSFER_STATES)
ENUM_DEFINE(transfer_answer, TRANSFER_ANSWERS)

/* Before the grant nothing has been used and no days run: the client applies where they choose. */
static int transfer_status_check(struct ctx *ctx, enum case_status status)
{
	if (case_is_running(status) || status == case_status_aftercare)
		return 0;
	return fail(ctx, P_NOT_TRANSFERABLE, enumeration_name(&case_status_values, (int)status));
}

bool consent_in_force(const struct notes_consent *consent, struct date day)
{
	if (consent->given_on.day > day.day)
		return false;
	if (consent->withdrawn_on.day != 0 && consent->withdrawn_on.day <= day.day)
		return false;
	return consent->valid_until.day == 0 || consent->valid_until.day >= day.day;
}

static int transfer_consent_check(struct ctx *ctx, const struct transfer_request *request)
{
	const struct notes_consent *consent = request->consent;

	if (!request->with_notes)
		return 0;
	if (consent != NULL && consent->for_notes && text_eq(consent->to, request->to) &&
	    consent_in_force(consent, request->requested_on))
		return 0;
	return fail_at(ctx, P_CONSENT_MISSING, "/notes_consent_id",
		       TEXT("notes_transfer, to_provider_id"));
}

int transfer_request_check(struct ctx *ctx, const struct transfer_request *request)
{
	int rc = transfer_status_check(ctx, request->status);

	if (rc != 0)
		return rc;
	if (text_eq(request->from, request->to))
		return fail_at(ctx, P_CONSTRAINT, "/to_provider_id",
			       TEXT("to_provider_id <> provider_id"));
	if (request->to_active != FLAG_YES ||
	    contract_find(request->contracts, request->requested_on) == NULL)
		return fail_at(ctx, P_PROVIDER_NOT_CONTRACTED, "/to_provider_id",
			       words_date(ctx, request->requested_on));
	return transfer_consent_check(ctx, request);
}

int transfer_step_check(struct ctx *ctx, enum transfer_state from, enum transfer_state to)
{
	static const struct step revoking = { transfer_state_requested, transfer_state_revoked };
	static const struct steps steps = { &transfer_state_values, "/state", &revoking, 1 };

	if (from != transfer_state_requested && to != from)
		return fail(ctx, P_ALREADY_FINAL);
	return steps_check(ctx, &steps, (int)from, (int)to);
}

int transfer_answer_check(struct ctx *ctx, enum transfer_state state, enum transfer_answer answer,
			  enum case_status status)
{
	if (state != transfer_state_requested)
		return fail(ctx, P_ALREADY_FINAL);
	return answer == transfer_answer_accepted ? transfer_status_check(ctx, status) : 0;
}
