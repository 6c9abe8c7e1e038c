/* Goods of first need, or money to buy them, and who received them. */

#include "resource/checks.h"
#include "resource/services/services.h"

#define GOODS_KINDS(X)                                                                             \
	X(goods_kind, food)                                                                        \
	X(goods_kind, medicine)                                                                    \
	X(goods_kind, clothing)                                                                    \
	X(goods_kind, footwear)                                                                    \
	X(goods_kind, hygiene)                                                                     \
	X(goods_kind, money)                                                                       \
	X(goods_kind, other)
ENUM_DECLARE(goods_kind, GOODS_KINDS)
ENUM_DEFINE(goods_kind, GOODS_KINDS)

#define RECEIVERS(X)                                                                               \
	X(receiver, client)                                                                        \
	X(receiver, family_member)                                                                 \
	X(receiver, representative)
ENUM_DECLARE(receiver, RECEIVERS)
ENUM_DEFINE(receiver, RECEIVERS)

struct goods {
	struct record record;
	enum goods_kind kind;
	struct text what;
	struct number quantity;
	struct number cents;
	struct date given_on;
	enum receiver received_by;
	struct text family_member_id;
	struct text representative_id;
	enum funding funding;
	enum service_outcome outcome;
	enum flag declined_by_client;
	struct text corrects_id;
	enum flag superseded;
};

static const struct field goods_fields[] = {
	ENUM_FIELD(struct goods, kind, goods_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "Goods of first need, or money to buy them.", .example = "food"),
	TEXT_FIELD(struct goods, what, 300, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What it was.", .example = "Zāles pret klepu"),
	INTEGER_FIELD(struct goods, quantity, 1, 100000, .flags = IN_LIST,
		      .about = "How many; needed but for money.", .example = "2"),
	INTEGER_FIELD(struct goods, cents, 0, 100000000, .flags = IN_LIST,
		      .about = "Cost, or the sum handed over, in cents; needed for money.",
		      .example = "1250"),
	DATE_FIELD(struct goods, given_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day of giving.", .example = "2018-02-05"),
	ENUM_FIELD(struct goods, received_by, receiver, .flags = IN_LIST,
		   .about = "Who received it; the client unless told.", .example = "client"),
	ID_FIELD(struct goods, family_member_id, .flags = FILTER | IN_LIST,
		 .references = "family_members", .about = "Which family member received it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	ID_FIELD(struct goods, representative_id, .flags = IN_LIST, .references = "representatives",
		 .about = "Which representative received it.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8059"),
	SERVICE_FUNDING_FIELD(struct goods),
	SERVICE_OUTCOME_FIELD(struct goods),
	SERVICE_RECORD_FIELDS(struct goods, "goods"),
};

static const struct facts goods_facts[SERVICE_FACT_COUNT] = {
	SERVICE_FACTS("goods", service_corrected_fields),
};

static struct service_terms goods_terms(const struct goods *row)
{
	return (struct service_terms){ .kind = service_kind_goods,
				       .entitlement = entitlement_course,
				       .funding = row->funding,
				       .outcome = row->outcome,
				       .start = service_start(row->given_on),
				       .superseded = row->superseded,
				       .pointer = "/given_on" };
}

static void goods_check_receiver(struct ctx *ctx, enum receiver received_by, enum receiver kind,
				 struct text id, const char *pointer)
{
	bool needed = received_by == kind;

	if (needed != (id.ptr != NULL))
		violate(ctx, needed ? P_REQUIRED : P_CONSTRAINT, text_of(pointer),
			TEXT("received_by"));
}

static int goods_check_members(struct ctx *ctx, struct goods *row)
{
	bool money = row->kind == goods_kind_money;

	service_defaults(&row->funding, &row->outcome, &row->declined_by_client);
	if (row->received_by == receiver_none)
		row->received_by = receiver_client;
	check_present(ctx, !money || row->cents.set, "/cents");
	check_present(ctx, money || row->quantity.set, "/quantity");
	goods_check_receiver(ctx, row->received_by, receiver_family_member, row->family_member_id,
			     "/family_member_id");
	goods_check_receiver(ctx, row->received_by, receiver_representative, row->representative_id,
			     "/representative_id");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int goods_check(struct ctx *ctx, struct change *change)
{
	static const char *const growing[] = { "what", NULL };
	const struct goods *before = change->before;
	struct goods *row = change->after;
	struct service_terms terms;
	bool done;
	int rc = service_final(ctx, &resource_goods, change,
			       before != NULL && before->outcome != service_outcome_planned,
			       growing, &done);

	if (rc != 0 || done)
		return rc;
	rc = goods_check_members(ctx, row);
	terms = goods_terms(row);
	if (rc == 0)
		rc = service_check_correction(ctx, change, row->corrects_id, "final record",
					      "planned", NULL);
	return rc != 0 ? rc : service_check_rules(ctx, change, &terms);
}

static int goods_effects(struct ctx *ctx, const struct change *change, struct effects *effects)
{
	const struct goods *row = change->after;

	if (change->before != NULL || row->corrects_id.ptr == NULL)
		return 0;
	return usage_supersede(ctx, &resource_goods, row->corrects_id, effects);
}

const struct resource resource_goods = {
	.name = "goods",
	.singular = "goods_item",
	.about = "Goods of first need, or money to buy them, and who received them.",
	.tag = "Services",
	.parent = &resource_cases,
	.fields = FIELDS(goods_fields),
	.size = sizeof(struct goods),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-given_on",
	.facts = goods_facts,
	.fact_count = SERVICE_FACT_COUNT,
	.check = goods_check,
	.effects = goods_effects,
	.problems = service_problems,
};
