/* Monthly statements of the demonstration. Enter at demo_statements. */

#include "demo.h"

/* The state that each month's statement has reached. */
static const struct {
	const char *month;
	bool submitted, accepted;
} months[] = {
	{ "2018-01", true, true },
	{ "2018-02", true, false },
	{ "2018-03", false, false },
};

static int statement_make(struct demo *demo, int provider, size_t month)
{
	enum demo_account manager = demo_staff_of(provider, STAFF_MANAGER);
	struct demo_row statement = { 0 };
	int rc = demo_post(demo, manager, "/v1/statements", &statement,
			   "{'contract_id': '%s', 'month': '%s'}", demo->contract,
			   months[month].month);

	if (rc == 0 && months[month].submitted)
		rc = demo_patch(demo, manager, &statement, "{'state': 'submitted'}");
	if (rc == 0 && months[month].accepted)
		rc = demo_patch(demo, DEMO_MINISTRY, &statement, "{'state': 'accepted'}");
	return rc;
}

int demo_statements(struct demo *demo)
{
	int rc = 0;

	for (int provider = 0; provider < DEMO_PROVIDERS && rc == 0; provider++)
		for (size_t i = 0; i < sizeof(months) / sizeof(months[0]) && rc == 0; i++)
			rc = statement_make(demo, provider, i);
	return rc;
}
