/* The giver's side of a change of provider (R20). The client asks and revokes; the receiver
 * answers through an endpoint (feature/transfers/transfers.c). */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/people/representatives.h"
#include "resource/usage.h"
#include "rules/sharing/transfer.h"

struct transfer {
	struct record record;
	struct text to_provider_id;
	struct date requested_on;
	enum mandate_giver requested_by;
	struct text representative_id;
	struct text reason;
	struct text notes_consent_id;
	enum transfer_state state;
	struct date revoked_on;
	enum mandate_giver revoked_by;
	struct date answered_on;
	struct text rejection_reason;
	enum flag notes_travelled;
};

static const struct field transfer_fields[] = {
	ID_FIELD(struct transfer, to_provider_id,
		 .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST, .references = "providers",
		 .about = "Provider that the client chooses.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct transfer, requested_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Day on which the client asked for it.", .example = "2018-03-01"),
	ENUM_FIELD(struct transfer, requested_by, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Who asked: never the provider.", .example = "client"),
	ID_FIELD(struct transfer, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives",
		 .about = "The representative, where one asked for it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	TEXT_FIELD(struct transfer, reason, 4000, .flags = CREATE_ONLY | SEALED,
		   .sight = SIGHT_NARRATIVE,
		   .about = "Why, if the client wants to say; the receiver does not see it.",
		   .example = "Moves to Rīga, closer to her son's school."),
	ID_FIELD(struct transfer, notes_consent_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "consents",
		 .about = "Consent to the transfer of notes that names the receiver; without it "
			  "notes and narratives stay.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	ENUM_FIELD(struct transfer, state, transfer_state, .flags = FILTER | IN_LIST,
		   .about = "requested until the receiver answers, or the client revokes it.",
		   .example = "revoked"),
	DATE_FIELD(struct transfer, revoked_on, .flags = IN_LIST,
		   .about = "Day on which the client revoked it; today unless told.",
		   .example = "2018-03-02"),
	ENUM_FIELD(struct transfer, revoked_by, mandate_giver, .flags = IN_LIST,
		   .about = "Who revoked it: never the provider.", .example = "client"),
	DATE_FIELD(struct transfer, answered_on, .flags = READ_ONLY | IN_LIST,
		   .about = "Day of the receiver's answer; the case's last day when accepted.",
		   .example = "2018-03-05"),
	TEXT_FIELD(struct transfer, rejection_reason, 4000, .flags = READ_ONLY | SEALED,
		   .sight = SIGHT_DECISION, .about = "Why the receiver rejected it.",
		   .example = "No shelter is free before April."),
	FLAG_FIELD(struct transfer, notes_travelled, .flags = READ_ONLY | IN_LIST,
		   .about = "Whether notes went along: the consent was still in force.",
		   .example = "false"),
};

struct provider_fact {
	enum flag active;
};

static const struct field provider_fields[] = {
	FLAG_FIELD(struct provider_fact, active),
};

struct consent_fact {
	struct text scope;
	struct notes_consent consent;
};

#define CONSENT_ROW(column, member, t, T)                                                          \
	{                                                                                          \
		.name = (column), .type = (t),                                                     \
		.offset = FIELD_OFFSET(struct consent_fact, member, T)                             \
	}
static const struct field consent_fields[] = {
	CONSENT_ROW("scope", scope, FIELD_TEXT, struct text),
	CONSENT_ROW("recipient_provider_id", consent.to, FIELD_ID, struct text),
	CONSENT_ROW("given_on", consent.given_on, FIELD_DATE, struct date),
	CONSENT_ROW("valid_until", consent.valid_until, FIELD_DATE, struct date),
	CONSENT_ROW("withdrawn_on", consent.withdrawn_on, FIELD_DATE, struct date),
};

enum {
	FACT_CASE,
	FACT_PROVIDER,
	FACT_CONTRACTS,
	FACT_CONSENT,
	FACT_REPRESENTATIVE,
	FACT_WARD,
	FACT_COUNT
};

static const struct facts transfer_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_PROVIDER] = { .view = "providers",
			    .fields = provider_fields,
			    .field_count = 1,
			    .size = sizeof(struct provider_fact),
			    .keys = { { "id", "to_provider_id" } } },
	/* Of the receiver, not of the one that writes. */
	[FACT_CONTRACTS] = { .view = "provider_contracts",
			     .fields = usage_contract_fields,
			     .field_count = USAGE_CONTRACT_FIELDS,
			     .size = sizeof(struct contract_term),
			     .keys = { { "provider_id", "to_provider_id" } } },
	[FACT_CONSENT] = { .view = "consents",
			   .fields = consent_fields,
			   .field_count = sizeof(consent_fields) / sizeof(consent_fields[0]),
			   .size = sizeof(struct consent_fact),
			   .keys = { { "id", "notes_consent_id" } } },
	[FACT_REPRESENTATIVE] = FACTS_REPRESENTATIVE,
	[FACT_WARD] = FACTS_WARD_OF_CASE,
};

static void transfer_check_revocation(struct ctx *ctx, const struct transfer *row,
				      struct date today)
{
	bool revoked = row->state == transfer_state_revoked;

	check_present(ctx, !revoked || row->revoked_by != mandate_giver_none, "/revoked_by");
	if (!revoked && row->revoked_by != mandate_giver_none)
		violate(ctx, P_CONSTRAINT, TEXT("/revoked_by"), TEXT("state = revoked"));
	if (!revoked && row->revoked_on.day != 0)
		violate(ctx, P_CONSTRAINT, TEXT("/revoked_on"), TEXT("state = revoked"));
	check_not_future(ctx, row->revoked_on, today, "/revoked_on");
	check_period(ctx, row->requested_on, row->revoked_on, "/revoked_on");
}

static int transfer_check_request(struct ctx *ctx, const struct change *change,
				  struct transfer *row)
{
	const struct case_facts *facts = change->facts[FACT_CASE].rows;
	const struct provider_fact *provider = change->facts[FACT_PROVIDER].rows;
	struct contract_terms contracts = { change->facts[FACT_CONTRACTS].rows,
					    change->facts[FACT_CONTRACTS].count };
	struct transfer_request request = { .status = facts->status,
					    .from = row->record.provider_id,
					    .to = row->to_provider_id,
					    .contracts = &contracts,
					    .requested_on = row->requested_on,
					    .with_notes = row->notes_consent_id.ptr != NULL };
	struct consent_fact named;
	int rc;

	if (row->state != transfer_state_none && row->state != transfer_state_requested)
		violate(ctx, P_NOT_IN_LIST, TEXT("/state"), TEXT("requested"));
	row->state = transfer_state_requested;
	transfer_check_revocation(ctx, row, change->today);
	check_giver(ctx, row->requested_by == mandate_giver_representative, row->representative_id,
		    "requested_by");
	check_not_future(ctx, row->requested_on, change->today, "/requested_on");
	rc = violations_close(ctx, P_VALIDATION_FAILED);
	if (rc == 0)
		rc = signature_check(ctx, &change->facts[FACT_REPRESENTATIVE],
				     &change->facts[FACT_WARD], row->representative_id,
				     row->requested_on);
	if (rc != 0)
		return rc;
	if (change->facts[FACT_PROVIDER].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/to_provider_id", TEXT("provider"));
	request.to_active = provider->active;
	if (change->facts[FACT_CONSENT].count > 0) {
		named = *(const struct consent_fact *)change->facts[FACT_CONSENT].rows;
		named.consent.for_notes = text_is(named.scope, "notes_transfer");
		request.consent = &named.consent;
	}
	return transfer_request_check(ctx, &request);
}

/* Nothing else of it changes: the request is the client's word. */
static int transfer_check_revoked(struct ctx *ctx, const struct change *change,
				  struct transfer *row)
{
	const struct transfer *before = change->before;
	int rc = transfer_step_check(ctx, before->state, row->state);

	if (rc != 0)
		return rc;
	if (before->state != transfer_state_requested &&
	    !change_only(&resource_transfers, change, (const char *const[]){ NULL }))
		return fail(ctx, P_ALREADY_FINAL);
	if (row->state == transfer_state_revoked && row->revoked_on.day == 0)
		row->revoked_on = change->today;
	transfer_check_revocation(ctx, row, change->today);
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int transfer_check(struct ctx *ctx, struct change *change)
{
	struct transfer *row = change->after;

	if (change->before != NULL)
		return transfer_check_revoked(ctx, change, row);
	/* Without its case there is no such place, which is told before any rule. */
	return change->facts[FACT_CASE].count == 0 ? 0 : transfer_check_request(ctx, change, row);
}

static const enum problem transfer_problems[] = {
	P_NOT_TRANSFERABLE,
	P_PROVIDER_NOT_CONTRACTED,
	P_CONSENT_MISSING,
	P_NOT_IN_OFFICE,
	P_NOT_A_MINOR,
	P_ALREADY_FINAL,
	P_ILLEGAL_TRANSITION,
	P_UNKNOWN_REFERENCE,
	P_CONSTRAINT,
	P_CONFLICT,
	P_IN_THE_FUTURE,
	P_END_BEFORE_START,
	P_NONE,
};

const struct resource resource_transfers = {
	.name = "transfers",
	.singular = "transfer",
	.about = "Changes of provider that the client asked for: revoked by the client alone.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(transfer_fields),
	.size = sizeof(struct transfer),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = transfer_facts,
	.fact_count = FACT_COUNT,
	.check = transfer_check,
	.problems = transfer_problems,
};
