/* Identification of a victim: a sitting of the commission, or an authority's document (R11). A
 * closed one is final; its conclusion must follow from votes and criteria. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/admission/commission.h"

struct identification {
	struct record record;
	enum identified_by identified_by;
	struct date held_on;
	struct text language;
	enum flag interpreter_present;
	struct text issuer;
	struct text document_number;
	struct date issued_on;
	struct texts acts;
	struct texts means;
	struct texts purposes;
	enum flag minor_then;
	struct text findings;
	enum conclusion conclusion;
	struct date closed_on;
};

static const struct field identification_fields[] = {
	ENUM_FIELD(struct identification, identified_by, identified_by,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Who identifies: the provider's commission, or an authority by its "
			    "document.",
		   .example = "commission"),
	DATE_FIELD(struct identification, held_on, .flags = IN_LIST,
		   .about = "Day of the commission's sitting.", .example = "2018-01-22"),
	TEXT_FIELD(struct identification, language, 2, .format = FORMAT_LANGUAGE,
		   .about = "Language of the sitting (ISO 639-1).", .example = "lv"),
	FLAG_FIELD(struct identification, interpreter_present,
		   .about = "Whether an interpreter was there.", .example = "false"),
	TEXT_FIELD(struct identification, issuer, 200, .flags = IN_LIST,
		   .about = "Authority, where it is none of the provider's commission.",
		   .example = "Valsts policija"),
	TEXT_FIELD(struct identification, document_number, 60, .flags = SEALED,
		   .sight = SIGHT_IDENTITY, .about = "Number of the authority's document.",
		   .example = "20/9-1-12/41"),
	DATE_FIELD(struct identification, issued_on, .flags = IN_LIST,
		   .about = "Day of the authority's document.", .example = "2018-01-12"),
	ENUMS_FIELD(struct identification, acts, trafficking_act, .sight = SIGHT_PROTOCOL,
		    .about = "What was done (Criminal Law 154.2).", .example = "recruitment"),
	ENUMS_FIELD(struct identification, means, trafficking_means, .sight = SIGHT_PROTOCOL,
		    .about = "By which means; not needed where a minor was the victim (R11).",
		    .example = "deceit"),
	ENUMS_FIELD(struct identification, purposes, trafficking_purpose, .sight = SIGHT_PROTOCOL,
		    .about = "For which exploitation.", .example = "forced_labour"),
	FLAG_FIELD(struct identification, minor_then, .sight = SIGHT_PROTOCOL,
		   .about = "Whether the person was a minor when it happened; null is unknown.",
		   .example = "false"),
	TEXT_FIELD(struct identification, findings, 20000, .flags = SEALED, .sight = SIGHT_PROTOCOL,
		   .about = "What the protocol says.",
		   .example = "Promised work in a hotel, passport taken on arrival."),
	ENUM_FIELD(struct identification, conclusion, conclusion, .flags = FILTER | IN_LIST,
		   .about =
			   "Whether the person meets the criteria; the commission's is its vote's.",
		   .example = "meets"),
	DATE_FIELD(struct identification, closed_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was closed with its conclusion; nothing changes after that.",
		   .example = "2018-01-22"),
};

/* A sitting's members as the rules see them; their names are sealed with the client's key. */
static const struct field member_fact_fields[] = {
	ID_FIELD(struct commission_member, user_id),
	TEXT_FIELD(struct commission_member, name, 200, .flags = SEALED, .sight = SIGHT_PROTOCOL),
	ENUM_FIELD(struct commission_member, profession, profession),
	ENUM_FIELD(struct commission_member, vote, conclusion),
};

static const struct facts identification_facts[] = {
	{ .view = "identification_members",
	  .fields = member_fact_fields,
	  .field_count = sizeof(member_fact_fields) / sizeof(member_fact_fields[0]),
	  .size = sizeof(struct commission_member),
	  .keys = { { "identification_id", "id" } },
	  .order_by = "created_at, id",
	  .sealed_table = "identification_members",
	  .sealed_row = "id" },
};

static int identification_check_members(struct ctx *ctx, const struct identification *row,
					struct date today)
{
	bool closed = row->closed_on.day != 0;
	bool authority = row->identified_by != identified_by_commission;

	check_not_future(ctx, row->issued_on, today, "/issued_on");
	check_not_future(ctx, row->closed_on, today, "/closed_on");
	check_period(ctx, row->held_on, row->closed_on, "/closed_on");
	check_period(ctx, row->issued_on, row->closed_on, "/closed_on");
	check_present(ctx, !closed || row->conclusion != conclusion_none, "/conclusion");
	check_present(ctx, !closed || !authority || row->issuer.ptr != NULL, "/issuer");
	check_present(ctx, !closed || !authority || row->issued_on.day != 0, "/issued_on");
	check_present(ctx, !closed || authority || row->held_on.day != 0, "/held_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int identification_check(struct ctx *ctx, struct change *change)
{
	static const char *const nothing[] = { NULL };
	struct commission_members members = { change->facts[0].rows, change->facts[0].count };
	const struct identification *before = change->before;
	struct identification *row = change->after;
	struct protocol protocol;
	int rc;

	if (before != NULL && before->closed_on.day != 0)
		return change_only(&resource_identifications, change, nothing)
			       ? 0
			       : fail(ctx, P_ALREADY_FINAL);
	row->acts.set = row->means.set = row->purposes.set = true;
	rc = identification_check_members(ctx, row, change->today);
	if (rc != 0 || row->closed_on.day == 0)
		return rc;
	protocol = (struct protocol){ row->identified_by, row->conclusion, row->acts,
				      row->means,	  row->purposes,   row->minor_then };
	return protocol_check(ctx, &members, &protocol);
}

static const enum problem identification_problems[] = {
	P_COMMISSION_INCOMPLETE,
	P_CONCLUSION_MISMATCH,
	P_CRITERIA_NOT_MET,
	P_ALREADY_FINAL,
	P_IN_THE_FUTURE,
	P_END_BEFORE_START,
	P_NONE,
};

const struct resource resource_identifications = {
	.name = "identifications",
	.singular = "identification",
	.about = "Identifications: sittings of the commission, and what authorities have found.",
	.tag = "Admission",
	.parent = &resource_cases,
	.fields = FIELDS(identification_fields),
	.size = sizeof(struct identification),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT | IS_SITTING,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.facts = identification_facts,
	.fact_count = 1,
	.check = identification_check,
	.problems = identification_problems,
};
