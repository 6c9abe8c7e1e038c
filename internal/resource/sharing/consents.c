/* Consents of a client: one needs all six points of information (EDPB Guidelines 05/2020, 64). A
 * withdrawn consent is final. */

#include "resource/changes.h"
#include "resource/checks.h"
#include "resource/people/representatives.h"
#include "rules/proceedings/criminal.h"

#define CONSENT_SCOPES(X)                                                                          \
	X(consent_scope, notes_transfer)                                                           \
	X(consent_scope, law_enforcement)                                                          \
	X(consent_scope, authorities)                                                              \
	X(consent_scope, health_care)                                                              \
	X(consent_scope, abroad)                                                                   \
	X(consent_scope, family_contact)                                                           \
	X(consent_scope, research)                                                                 \
	X(consent_scope, publicity)                                                                \
	X(consent_scope, other)
ENUM_DECLARE(consent_scope, CONSENT_SCOPES)
ENUM_DEFINE(consent_scope, CONSENT_SCOPES)

/* What one must be told before one can consent: European Data Protection Board, Guidelines 05/2020,
 * paragraph 64. */
#define CONSENT_POINTS(X)                                                                          \
	X(consent_point, controller)                                                               \
	X(consent_point, purposes)                                                                 \
	X(consent_point, data_types)                                                               \
	X(consent_point, right_to_withdraw)                                                        \
	X(consent_point, automated_decisions)                                                      \
	X(consent_point, transfer_risks)
ENUM_DECLARE(consent_point, CONSENT_POINTS)
ENUM_DEFINE(consent_point, CONSENT_POINTS)

#define CONSENT_POINT_COUNT 6

struct consent {
	struct record record;
	enum consent_scope scope;
	struct text purpose;
	struct text recipient;
	struct text recipient_provider_id;
	struct texts informed_of;
	struct text language;
	struct date given_on;
	enum mandate_giver given_by;
	struct text representative_id;
	struct date valid_until;
	struct date withdrawn_on;
	struct text remarks;
};

static const struct field consent_fields[] = {
	ENUM_FIELD(struct consent, scope, consent_scope,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "What is consented to.", .example = "notes_transfer"),
	TEXT_FIELD(struct consent, purpose, 500, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "What for.", .example = "Care goes on at the new provider"),
	TEXT_FIELD(struct consent, recipient, 200, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Who receives the data.", .example = "Drošā māja"),
	ID_FIELD(struct consent, recipient_provider_id, .flags = CREATE_ONLY | IN_LIST,
		 .references = "providers",
		 .about = "The receiving provider; a consent to the transfer of notes names it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ENUMS_FIELD(struct consent, informed_of, consent_point, .flags = REQUIRED | CREATE_ONLY,
		    .about = "What the client was told before; a consent needs all six points.",
		    .example = "right_to_withdraw"),
	TEXT_FIELD(struct consent, language, 2, .flags = CREATE_ONLY, .format = FORMAT_LANGUAGE,
		   .about = "Language in which it was explained (ISO 639-1).", .example = "lv"),
	DATE_FIELD(struct consent, given_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Day it was given.", .example = "2018-02-01"),
	ENUM_FIELD(struct consent, given_by, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST, .about = "Who gave it.",
		   .example = "client"),
	ID_FIELD(struct consent, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives", .about = "The representative, where one gave it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	DATE_FIELD(struct consent, valid_until, .flags = CREATE_ONLY | IN_LIST,
		   .about = "Last day; null until it is withdrawn.", .example = "2018-12-31"),
	DATE_FIELD(struct consent, withdrawn_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was withdrawn; final, a new consent is a new record.",
		   .example = "2018-05-02"),
	TEXT_FIELD(struct consent, remarks, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What else was said.", .example = "Not to her brother."),
};

enum { FACT_REPRESENTATIVE, FACT_WARD, FACT_COUNT };

static const struct facts consent_facts[FACT_COUNT] = {
	[FACT_REPRESENTATIVE] = FACTS_REPRESENTATIVE,
	[FACT_WARD] = FACTS_WARD,
};

static int consent_check(struct ctx *ctx, struct change *change)
{
	static const char *const remarks[] = { "remarks", NULL };
	const struct consent *before = change->before;
	const struct consent *row = change->after;

	if (before != NULL && before->withdrawn_on.day != 0 &&
	    !change_only(&resource_consents, change, remarks))
		return fail(ctx, P_ALREADY_FINAL);
	if (row->informed_of.count < CONSENT_POINT_COUNT)
		violate(ctx, P_TOO_FEW_ITEMS, TEXT("/informed_of"), TEXT("6"));
	check_giver(ctx, row->given_by == mandate_giver_representative, row->representative_id,
		    "given_by");
	check_not_future(ctx, row->given_on, change->today, "/given_on");
	check_not_future(ctx, row->withdrawn_on, change->today, "/withdrawn_on");
	check_period(ctx, row->given_on, row->valid_until, "/valid_until");
	check_period(ctx, row->given_on, row->withdrawn_on, "/withdrawn_on");
	if (ctx->violation_count > 0 || before != NULL)
		return violations_close(ctx, P_VALIDATION_FAILED);
	return signature_check(ctx, &change->facts[FACT_REPRESENTATIVE], &change->facts[FACT_WARD],
			       row->representative_id, row->given_on);
}

static const enum problem consent_problems[] = { P_ALREADY_FINAL,     P_IN_THE_FUTURE,
						 P_END_BEFORE_START,  P_CONSTRAINT,
						 P_UNKNOWN_REFERENCE, P_NOT_IN_OFFICE,
						 P_NOT_A_MINOR,	      P_NONE };

const struct resource resource_consents = {
	.name = "consents",
	.singular = "consent",
	.about = "Consents of a client, with what they were told, and withdrawals.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(consent_fields),
	.size = sizeof(struct consent),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.facts = consent_facts,
	.fact_count = FACT_COUNT,
	.check = consent_check,
	.problems = consent_problems,
};
