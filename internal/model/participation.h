#ifndef MODEL_PARTICIPATION_H
#define MODEL_PARTICIPATION_H

/* How a resource takes part in what concerns many of them. resource/registry.h says it of each, all
 * of it: a row with one word too few does not compile, nor one whose words stand in another order
 * (STAYS stands for TRANSFER_STAYS).
 * tests/api/test_parts.py compares what is said with what is done. */

enum part_transfer {
	TRANSFER_STAYS,	  /* its rows stay with the provider that a client leaves */
	TRANSFER_TRAVELS, /* a transfer copies them to the receiver: feature/transfers, handover_…
			     in SQL */
};

enum part_worklist {
	WORKLIST_NO_WORK,
	WORKLIST_WORK, /* the view worklist reads its rows */
};

enum part_attachments {
	ATTACHMENTS_NO_PAPERS,
	ATTACHMENTS_PAPERS, /* an enum attachment_kind is for its documents */
};

enum part_casefile {
	CASEFILE_UNFILED,
	CASEFILE_FILED, /* GET /v1/cases/{id}/file shows its rows to whom its list shows them */
};

enum part_demo {
	DEMO_NO_DEMO,
	DEMO_DEMO, /* `atbalsts demo` makes some; of a view it is NO_DEMO */
};

enum part_account {
	ACCOUNT_NO_ACCOUNT,
	ACCOUNT_ACCOUNT, /* the function delivered_acts reads its rows */
};

/* The reports that ask for it count persons (R21), never rows alone. */
enum part_statistics {
	STATISTICS_UNCOUNTED,
	STATISTICS_COUNTED,
};

struct participation {
	enum part_transfer transfer;
	enum part_worklist worklist;
	enum part_attachments attachments;
	enum part_casefile casefile;
	enum part_demo demo;
	enum part_account account;
	enum part_statistics statistics;
};

#endif
