/* GET /v1/contracts/{id}/usage: what the state owes under a contract. Enter at
 * contract_usage_endpoint. Reads only; locks nothing. */

#include "feature/endpoints.h"

#include "engine/engine.h"
#include "engine/authorize.h"
#include "engine/read/query.h"

#include <errno.h>

/* Who is told of which party's use stands in the functions, which run as the owner: the ministry
 * has no access to the rows that are counted. An account is exact; statistics, which hide small
 * cells (R21), are not made from it, so the statistician has no part in it. */
#define USAGE_DAYS "coalesce($2::date, c.starts_on), coalesce($3::date, c.ends_on)"

static const char CONTRACT_SQL[] =
	"SELECT c.id, " USAGE_DAYS ", c.currency FROM contracts c WHERE c.id = $1";
static const char LINES_SQL[] =
	"SELECT u.* FROM contracts c CROSS JOIN LATERAL contract_usage(c.id, " USAGE_DAYS ") u"
	" WHERE c.id = $1 ORDER BY u.provider_id NULLS FIRST, u.service NULLS FIRST";
static const char LIMITS_SQL[] =
	"SELECT u.* FROM contracts c CROSS JOIN LATERAL"
	" contract_limit_usage(c.id, " USAGE_DAYS ") u WHERE c.id = $1 ORDER BY u.code";

struct usage_days {
	struct date from;
	struct date to;
};

static const struct field usage_query[] = {
	DATE_FIELD(struct usage_days, from, .about = "First day; the contract's unless told.",
		   .example = "2018-01-01"),
	DATE_FIELD(struct usage_days, to, .about = "Last day; the contract's unless told.",
		   .example = "2018-03-31"),
};

/* Columns in the order of the functions' own; only the types matter here. */
#define ID(z)                                                                                      \
	{                                                                                          \
		.name = (z), .type = FIELD_ID                                                      \
	}
#define WORD(z)                                                                                    \
	{                                                                                          \
		.name = (z), .type = FIELD_TEXT                                                    \
	}
#define COUNT(z)                                                                                   \
	{                                                                                          \
		.name = (z), .type = FIELD_INTEGER                                                 \
	}
#define DAY(z)                                                                                     \
	{                                                                                          \
		.name = (z), .type = FIELD_DATE                                                    \
	}

static const struct field contract_columns[] = { ID("contract_id"), DAY("from"), DAY("to"),
						 WORD("currency") };
static const struct field line_columns[] = {
	ID("provider_id"),	 WORD("service"),	   COUNT("people"),
	COUNT("acts"),		 COUNT("consultations"),   COUNT("minutes"),
	COUNT("days"),		 COUNT("pieces"),	   COUNT("cents"),
	COUNT("unpriced"),	 COUNT("planned_clients"), WORD("planned_unit"),
	COUNT("planned_amount"),
};
static const struct field limit_columns[] = {
	WORD("code"),	WORD("service"), WORD("unit"),	WORD("per"),
	WORD("period"), COUNT("amount"), COUNT("used"), COUNT("holders"),
};

static const char USAGE_SCHEMA[] =
	"{\"type\":\"object\",\"required\":[\"contract_id\",\"from\",\"to\",\"currency\",\"lines\","
	"\"limits\"],\"additionalProperties\":false,\"properties\":{"
	"\"contract_id\":{\"type\":\"string\",\"format\":\"uuid\"},"
	"\"from\":{\"type\":\"string\",\"format\":\"date\"},"
	"\"to\":{\"type\":\"string\",\"format\":\"date\"},"
	"\"currency\":{\"type\":\"string\"},"
	"\"lines\":{\"type\":\"array\",\"description\":\"In all, for each service, for each "
	"provider, "
	"and for each service of each provider. Persons are counted exactly and once in each line: "
	"the account is for payment, and no statistics.\",\"items\":{\"type\":\"object\","
	"\"required\":[\"provider_id\",\"service\",\"people\",\"acts\",\"consultations\","
	"\"minutes\","
	"\"days\",\"pieces\",\"cents\",\"unpriced\",\"planned_clients\",\"planned_unit\","
	"\"planned_amount\"],\"additionalProperties\":false,\"properties\":{"
	"\"provider_id\":{\"type\":[\"string\",\"null\"],\"format\":\"uuid\","
	"\"description\":\"null: all parties that the caller is told of.\"},"
	"\"service\":{\"type\":[\"string\",\"null\"],\"description\":\"null: all services.\"},"
	"\"people\":{\"type\":\"integer\"},\"acts\":{\"type\":\"integer\"},"
	"\"consultations\":{\"type\":\"integer\"},\"minutes\":{\"type\":\"integer\"},"
	"\"days\":{\"type\":\"integer\",\"description\":\"Nights of stays, days of escorts.\"},"
	"\"pieces\":{\"type\":\"integer\"},"
	"\"cents\":{\"type\":[\"integer\",\"null\"],\"description\":\"null while an act has "
	"neither a "
	"rate nor a cost of its own.\"},"
	"\"unpriced\":{\"type\":\"integer\",\"description\":\"Acts without a price.\"},"
	"\"planned_clients\":{\"type\":[\"integer\",\"null\"],\"description\":\"Of the contract, "
	"in "
	"the line of all.\"},"
	"\"planned_unit\":{\"type\":[\"string\",\"null\"]},"
	"\"planned_amount\":{\"type\":[\"integer\",\"null\"],\"description\":\"Planned volume of "
	"the "
	"service, over the whole contract.\"}}}},"
	"\"limits\":{\"type\":\"array\",\"description\":\"Limits of the contract's own, and the "
	"units "
	"that acts took of them in the years of these days.\",\"items\":{\"type\":\"object\","
	"\"required\":[\"code\",\"service\",\"unit\",\"per\",\"period\",\"amount\",\"used\","
	"\"holders\"],\"additionalProperties\":false,\"properties\":{"
	"\"code\":{\"type\":\"string\"},\"service\":{\"type\":\"string\"},"
	"\"unit\":{\"type\":\"string\"},\"per\":{\"type\":\"string\"},"
	"\"period\":{\"type\":\"string\"},\"amount\":{\"type\":\"integer\"},"
	"\"used\":{\"type\":\"integer\"},\"holders\":{\"type\":\"integer\","
	"\"description\":\"How many persons, cases or clients took of it.\"}}}}}}";

static int usage_members(struct buf *buf, const struct field *columns, size_t count,
			 struct reply reply, size_t row)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		buf_printf(buf, "%s\"%s\":", i == 0 ? "" : ",", columns[i].name);
		rc = write_cell(buf, &columns[i], reply_cell(reply, row, i));
	}
	return rc;
}

static int usage_rows(struct buf *buf, const char *name, const struct field *columns, size_t count,
		      struct reply reply)
{
	int rc = 0;

	buf_printf(buf, ",\"%s\":[", name);
	for (size_t i = 0; rc == 0 && i < reply_rows(reply); i++) {
		buf_puts(buf, i == 0 ? "{" : ",{");
		rc = usage_members(buf, columns, count, reply, i);
		buf_putc(buf, '}');
	}
	buf_putc(buf, ']');
	return rc;
}

static int usage_write(struct ctx *ctx, const struct reply *replies, struct text *ret)
{
	struct buf buf;
	int rc;

	if (reply_rows(replies[0]) == 0)
		return fail(ctx, P_NOT_FOUND);
	buf_init(&buf, ctx->arena);
	buf_putc(&buf, '{');
	rc = usage_members(&buf, FIELDS(contract_columns), replies[0], 0);
	if (rc == 0)
		rc = usage_rows(&buf, "lines", FIELDS(line_columns), replies[1]);
	if (rc == 0)
		rc = usage_rows(&buf, "limits", FIELDS(limit_columns), replies[2]);
	buf_putc(&buf, '}');
	return rc != 0 ? rc : buf_text(&buf, ret);
}

static int usage_read(struct ctx *ctx, const struct call *call, struct text params[3])
{
	struct usage_days days = { 0 };
	int rc = query_read_endpoint(ctx, call, &days);

	if (rc == 0 && days.from.day != 0 && days.to.day != 0 && days.to.day < days.from.day) {
		char from[DATE_SIZE];

		date_print(days.from, from);
		violate(ctx, P_END_BEFORE_START, TEXT("query:to"), text_of(from));
		rc = violations_close(ctx, P_BAD_PARAMETER);
	}
	params[0] = call->ids[0];
	for (size_t i = 0; rc == 0 && i < 2; i++)
		rc = field_to_sql(&usage_query[i], &days, ctx->arena, &params[i + 1]);
	return rc;
}

static int usage_answer(struct ctx *ctx, struct engine *engine, struct call *call,
			struct text params[3], struct answer *answer)
{
	__attribute__((cleanup(conn_release))) struct conn *conn = NULL;
	struct text session[AUTHORIZE_PARAMS];
	struct query queries[] = {
		authorize_query(ctx, call, true, session),
		{ TEXT(CONTRACT_SQL), params, 3 },
		{ TEXT(LINES_SQL), params, 3 },
		{ TEXT(LIMITS_SQL), params, 3 },
	};
	struct reply replies[4];
	int rc = store_acquire(ctx, engine->store, &conn);

	if (rc == 0)
		rc = conn_run(ctx, conn, queries, 4, replies);
	if (rc == 0)
		rc = authorize_accept(ctx, call, replies[0]);
	return rc != 0 ? rc : usage_write(ctx, replies + 1, &answer->body);
}

static int contract_usage(struct ctx *ctx, struct engine *engine, struct call *call,
			  struct answer *answer)
{
	struct text params[3];
	int rc = usage_read(ctx, call, params);

	return rc != 0 ? rc : usage_answer(ctx, engine, call, params, answer);
}

#define READER(role) (1u << (role))

const struct endpoint contract_usage_endpoint = {
	.method = METHOD_GET,
	.path = "/v1/contracts/{contract_id}/usage",
	.about = "What was delivered at the state's cost under a contract, against what was "
		 "planned: aggregates; a manager sees the own provider's part.",
	.tag = "Contracts",
	.query = FIELDS(usage_query),
	.reply_schema = USAGE_SCHEMA,
	.status = 200,
	.roles = READER(role_ministry_officer) | READER(role_agency_officer) |
		 READER(role_provider_manager),
	.handle = contract_usage,
};
