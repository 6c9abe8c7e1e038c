#include "resource/services/consultations.h"

#include "resource/usage.h"

static const struct field consultation_fields[] = {
	ENUM_FIELD(struct consultation, specialist_kind, specialist_kind,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "Who consults, by profession.",
		   .example = "psychologist"),
	ID_FIELD(struct consultation, specialist_id, .flags = FILTER | IN_LIST,
		 .references = "users", .about = "Who consults; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUM_FIELD(struct consultation, entitlement, entitlement,
		   .flags = REQUIRED | FILTER | IN_LIST, .about = "What it is given under.",
		   .example = "course"),
	ID_FIELD(struct consultation, family_member_id, .flags = FILTER | IN_LIST,
		 .references = "family_members",
		 .about = "The family member it is for; null: the client.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	INSTANT_FIELD(struct consultation, starts_at, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		      .about = "When it begins.", .example = "2018-02-28T09:30:00Z"),
	INTEGER_FIELD(struct consultation, minutes, 1, ACT_MINUTES_MAX, .flags = REQUIRED | IN_LIST,
		      .about = "How long it lasts.", .example = "60"),
	INSTANT_FIELD(struct consultation, ends_at, .flags = READ_ONLY, .about = "When it ends.",
		      .example = "2018-02-28T10:30:00Z"),
	FLAG_FIELD(struct consultation, joint,
		   .about =
			   "Whether several are consulted together: joint sessions do not collide.",
		   .example = "false"),
	ENUM_FIELD(struct consultation, mode, consultation_mode, .flags = FILTER | IN_LIST,
		   .about = "How; in_person unless told.", .example = "in_person"),
	ENUM_FIELD(struct consultation, place, consultation_place,
		   .about = "Kind of place, never an address.", .example = "provider_office"),
	TEXT_FIELD(struct consultation, language, 2, .format = FORMAT_LANGUAGE,
		   .about = "Language spoken (ISO 639-1).", .example = "lv"),
	ENUM_FIELD(struct consultation, outcome, consultation_outcome, .flags = FILTER | IN_LIST,
		   .about = "planned unless told; held, no_show and cancelled are final (R19).",
		   .example = "held"),
	TEXT_FIELD(struct consultation, outcome_reason, 2000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it was cancelled or missed.",
		   .example = "The client was ill."),
	FLAG_FIELD(struct consultation, declined_by_client, .flags = FILTER | IN_LIST,
		   .about = "Whether the client declined the service offered.", .example = "false"),
	ENUM_FIELD(struct consultation, funding, funding, .flags = FILTER | IN_LIST,
		   .about = "Who pays: state unless told; rules and limits refuse only state.",
		   .example = "state"),
	TEXT_FIELD(struct consultation, topic, 1000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What it is about, for the case's team.",
		   .example = "Residence permit"),
	TEXT_FIELD(struct consultation, notes, 20000, .flags = SEALED, .sight = SIGHT_PROFESSIONAL,
		   .about = "The specialist's own notes, null to other professions; may be written "
			    "after the fact.",
		   .example = "Sleeps better since the move."),
	ID_FIELD(struct consultation, corrects_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "consultations",
		 .about = "The final record that this one corrects (R19).",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8060"),
	FLAG_FIELD(struct consultation, superseded, .flags = READ_ONLY | FILTER | IN_LIST,
		   .about = "Whether a correction stands in its place.", .example = "false"),
};

enum {
	FACT_CASE,
	FACT_LIMITS,
	FACT_HOLDINGS,
	FACT_USES,
	FACT_CONTRACTS,
	FACT_SUPPORTS,
	FACT_CLIENT,
	FACT_MEMBER,
	FACT_CORRECTED,
	FACT_COUNT
};

struct client_fact {
	struct date birth_date;
};

static const struct field client_fields[] = {
	DATE_FIELD(struct client_fact, birth_date, .flags = SEALED, .sight = SIGHT_IDENTITY),
};

struct member_fact {
	enum flag in_latvia;
};

static const struct field member_fields[] = {
	FLAG_FIELD(struct member_fact, in_latvia),
};

static const struct field corrected_fields[] = {
	ENUM_FIELD(struct consultation, outcome, consultation_outcome),
	FLAG_FIELD(struct consultation, superseded),
};

static const struct facts consultation_facts[FACT_COUNT] = {
	[FACT_CASE] = FACTS_CASE,
	[FACT_LIMITS] = FACTS_LIMITS,
	[FACT_HOLDINGS] = FACTS_HOLDINGS,
	[FACT_USES] = FACTS_USES,
	[FACT_CONTRACTS] = FACTS_CONTRACTS,
	[FACT_SUPPORTS] = FACTS_SUPPORTS,
	[FACT_CLIENT] = { .view = "case_clients",
			  .fields = client_fields,
			  .field_count = 1,
			  .size = sizeof(struct client_fact),
			  .keys = CASE_KEY,
			  .sealed_table = "clients",
			  .sealed_row = "id" },
	[FACT_MEMBER] = { .view = "family_members",
			  .fields = member_fields,
			  .field_count = 1,
			  .size = sizeof(struct member_fact),
			  .keys = { { "id", "family_member_id" } } },
	[FACT_CORRECTED] = { .view = "consultations",
			     .fields = corrected_fields,
			     .field_count = 2,
			     .size = sizeof(struct consultation),
			     .keys = { { "id", "corrects_id" }, { "case_id", "case_id" } } },
};

static struct consultation_terms consultation_terms(const struct consultation *row)
{
	return (struct consultation_terms){
		.act = { row->funding, row->starts_at, row->minutes },
		.entitlement = row->entitlement,
		.specialist = row->specialist_kind,
		.outcome = row->outcome,
		.family_member_id = row->family_member_id,
	};
}

static void consultation_defaults(struct consultation *row, const struct actor *actor)
{
	bool consults = actor->role == role_case_worker || actor->role == role_specialist;

	if (row->specialist_id.ptr == NULL && consults && row->record.version.set == false)
		row->specialist_id = actor->user_id;
	if (row->mode == consultation_mode_none)
		row->mode = consultation_mode_in_person;
	if (row->outcome == consultation_outcome_none)
		row->outcome = consultation_outcome_planned;
	if (row->funding == funding_none)
		row->funding = funding_state;
	if (row->joint == FLAG_NONE)
		row->joint = FLAG_NO;
	if (row->declined_by_client == FLAG_NONE)
		row->declined_by_client = FLAG_NO;
	row->ends_at.us = row->starts_at.us + row->minutes.value * INSTANT_MINUTE;
}

/* R19 leaves a final record as it is; only the specialist's own notes may still grow. */
static bool consultation_only_notes(const struct consultation *before,
				    const struct consultation *after)
{
	for (size_t i = 0; i < sizeof(consultation_fields) / sizeof(consultation_fields[0]); i++)
		if (strcmp(consultation_fields[i].name, "notes") != 0 &&
		    !field_same(&consultation_fields[i], before, after))
			return false;
	return true;
}

static int consultation_check_correction(struct ctx *ctx, const struct change *change)
{
	const struct consultation *row = change->after;
	const struct consultation *corrected = change->facts[FACT_CORRECTED].rows;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	if (change->facts[FACT_CORRECTED].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/corrects_id", TEXT("consultation"));
	return correction_check(ctx, corrected->outcome, corrected->superseded);
}

static int consultation_check_rules(struct ctx *ctx, const struct change *change,
				    const struct consultation_terms *terms)
{
	const struct client_fact *client = change->facts[FACT_CLIENT].rows;
	const struct member_fact *member = change->facts[FACT_MEMBER].rows;
	const struct consultation *row = change->after;
	struct limit_uses uses = { change->facts[FACT_USES].rows, change->facts[FACT_USES].count };
	struct contract_terms contracts = { change->facts[FACT_CONTRACTS].rows,
					    change->facts[FACT_CONTRACTS].count };
	struct support_periods supports = { change->facts[FACT_SUPPORTS].rows,
					    change->facts[FACT_SUPPORTS].count };
	struct consultation_facts facts = {
		.facts = change->facts[FACT_CASE].rows,
		.limits = change->facts[FACT_LIMITS].rows,
		.limit_count = change->facts[FACT_LIMITS].count,
		.supports = &supports,
		.contracts = &contracts,
	};

	if (row->family_member_id.ptr != NULL && change->facts[FACT_MEMBER].count == 0)
		return fail_at(ctx, P_UNKNOWN_REFERENCE, "/family_member_id",
			       TEXT("family member"));
	/* What this row or the one it corrects holds already would count twice: the ledger judges
	 * these. */
	if (change->before == NULL && row->corrects_id.ptr == NULL)
		facts.uses = &uses;
	if (change->facts[FACT_CLIENT].count > 0)
		facts.client_birth_on = client->birth_date;
	if (change->facts[FACT_MEMBER].count > 0)
		facts.member_in_latvia = member->in_latvia;
	return consultation_check(ctx, &facts, terms);
}

static int consultation_row_check(struct ctx *ctx, struct change *change)
{
	const struct consultation *before = change->before;
	struct consultation *row = change->after;
	struct consultation_terms terms;
	int rc;

	if (before != NULL && before->outcome != consultation_outcome_planned &&
	    consultation_only_notes(before, row))
		return 0;
	consultation_defaults(row, change->actor);
	terms = consultation_terms(row);
	rc = consultation_outcome_check(
		ctx, before != NULL ? before->outcome : consultation_outcome_none, &terms,
		change->now);
	if (rc == 0)
		rc = consultation_check_correction(ctx, change);
	return rc != 0 ? rc : consultation_check_rules(ctx, change, &terms);
}

static struct usage_act consultation_act(const struct consultation *row)
{
	return (struct usage_act){ row->entitlement, row->starts_at, row->minutes.value, true };
}

static bool consultation_same_use(const struct consultation *a, const struct consultation *b)
{
	return a->entitlement == b->entitlement && a->starts_at.us == b->starts_at.us &&
	       a->minutes.value == b->minutes.value && a->funding == b->funding;
}

static int consultation_effects(struct ctx *ctx, const struct change *change,
				struct effects *effects)
{
	const struct case_facts *facts = change->facts[FACT_CASE].rows;
	const struct consultation *before = change->before;
	const struct consultation *row = change->after;
	struct consultation_terms terms = consultation_terms(row);
	struct usage_act act = consultation_act(row);
	bool takes = consultation_consumes(&terms, facts->no_show_consumes);
	bool took = false;
	int rc = 0;

	if (before != NULL) {
		terms = consultation_terms(before);
		took = consultation_consumes(&terms, facts->no_show_consumes) &&
		       before->superseded != FLAG_YES;
	} else if (row->corrects_id.ptr != NULL) {
		rc = usage_supersede(ctx, &resource_consultations, row->corrects_id, effects);
	}
	if (rc != 0 || (took && takes && consultation_same_use(before, row)))
		return rc;
	if (took)
		effect_give(effects, TEXT_NULL);
	if (!takes || row->superseded == FLAG_YES)
		return 0;
	return usage_take(ctx, &act, &change->facts[FACT_LIMITS], &change->facts[FACT_HOLDINGS],
			  effects);
}

static const enum problem consultation_problems[] = {
	P_NOT_GRANTED,
	P_OUTSIDE_COURSE,
	P_NO_CONTRACT,
	P_LIMIT_MISSING,
	P_COURSE_NOT_ENDED,
	P_AFTERCARE_EXHAUSTED,
	P_AFTERCARE_EXPIRED,
	P_AFTERCARE_TOO_LONG,
	P_CRIMINAL_SUPPORT_ACTIVE,
	P_NO_SUPPORT_BASIS,
	P_YEARLY_LIMIT_REACHED,
	P_SPECIALIST_NOT_COVERED,
	P_NOT_A_MINOR,
	P_NOT_IN_LATVIA,
	P_FAMILY_LIMIT_REACHED,
	P_OVERLAP,
	P_ALREADY_FINAL,
	P_NOT_FINAL,
	P_UNKNOWN_REFERENCE,
	P_IN_THE_FUTURE,
	P_LIMIT_REACHED,
	P_CONFLICT,
	P_NONE,
};

const struct resource resource_consultations = {
	.name = "consultations",
	.singular = "consultation",
	.about = "Consultations of lawyers, social workers, psychologists and others.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(consultation_fields),
	.size = sizeof(struct consultation),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-starts_at",
	.profession_member = "specialist_kind",
	.facts = consultation_facts,
	.fact_count = FACT_COUNT,
	.check = consultation_row_check,
	.effects = consultation_effects,
	.problems = consultation_problems,
};
