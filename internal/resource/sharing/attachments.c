/* Files of a case as rows; their bytes go through endpoints (feature/files). A complete file can
 * only be withdrawn, with a reason (R19). */

#include "resource/checks.h"
#include "resource/registry.h"

#define ATTACHMENT_KINDS(X)                                                                        \
	X(attachment_kind, application)                                                            \
	X(attachment_kind, basis_document)                                                         \
	X(attachment_kind, protocol)                                                               \
	X(attachment_kind, decision)                                                               \
	X(attachment_kind, consent)                                                                \
	X(attachment_kind, power_of_attorney)                                                      \
	X(attachment_kind, plan)                                                                   \
	X(attachment_kind, court_document)                                                         \
	X(attachment_kind, identity_document)                                                      \
	X(attachment_kind, medical_document)                                                       \
	X(attachment_kind, correspondence)                                                         \
	X(attachment_kind, photograph)                                                             \
	X(attachment_kind, other)
ENUM_DECLARE(attachment_kind, ATTACHMENT_KINDS)
ENUM_DEFINE(attachment_kind, ATTACHMENT_KINDS)

#define ATTACHMENT_STATES(X)                                                                       \
	X(attachment_state, uploading)                                                             \
	X(attachment_state, complete)                                                              \
	X(attachment_state, withdrawn)
ENUM_DECLARE(attachment_state, ATTACHMENT_STATES)
ENUM_DEFINE(attachment_state, ATTACHMENT_STATES)

#define SIZE_MAXIMUM (20 * 1024 * 1024) /* bytes */

struct attachment_row {
	struct record record;
	enum attachment_kind kind;
	enum profession profession;
	struct text name;
	struct text about;
	enum media_type media_type;
	struct number size;
	struct text sha256;
	enum attachment_state state;
	struct instant completed_at;
	struct text withdrawal_reason;
};

static const struct field attachment_fields[] = {
	ENUM_FIELD(struct attachment_row, kind, attachment_kind,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "What paper it is; the agency sees application and basis_document.",
		   .example = "basis_document"),
	ENUM_FIELD(struct attachment_row, profession, profession,
		   .flags = CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Whose paper, for that profession and the case worker only; null: for "
			    "all who see the case.",
		   .example = "psychologist"),
	TEXT_FIELD(struct attachment_row, name, 150, .flags = REQUIRED | CREATE_ONLY | SEALED,
		   .format = FORMAT_FILE_NAME, .sight = SIGHT_IDENTITY,
		   .about = "The file's name, without folder.",
		   .example = "lemums-11816000118.pdf"),
	TEXT_FIELD(struct attachment_row, about, 1000, .flags = CREATE_ONLY | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What it shows.",
		   .example = "Decision of the State Police on the status of injured party"),
	ENUM_FIELD(struct attachment_row, media_type, media_type,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Its type, which the bytes must bear out.",
		   .example = "application/pdf"),
	INTEGER_FIELD(
		struct attachment_row, size, 1, SIZE_MAXIMUM,
		.flags = REQUIRED | CREATE_ONLY | IN_LIST,
		.about = "Bytes of the whole file. Its parts are of 262144 bytes, the last one "
			 "of what is left.",
		.example = "614400"),
	TEXT_FIELD(struct attachment_row, sha256, 64, .min = 64,
		   .flags = REQUIRED | CREATE_ONLY | SEALED, .format = FORMAT_SHA256,
		   .sight = SIGHT_PLAIN, .about = "SHA-256 of the whole file.",
		   .example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
	ENUM_FIELD(struct attachment_row, state, attachment_state, .flags = FILTER | IN_LIST,
		   .about = "uploading until it is completed, seen by its sender only and for 24 "
			    "hours; withdrawn: its content is destroyed (R19).",
		   .example = "complete"),
	INSTANT_FIELD(struct attachment_row, completed_at, .flags = READ_ONLY | FILTER | IN_LIST,
		      .about = "When it was completed.", .example = "2018-02-05T09:30:00Z"),
	TEXT_FIELD(struct attachment_row, withdrawal_reason, 1000, .flags = SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "Why it was withdrawn.",
		   .example = "Belongs to another case"),
};

static void state_check(struct ctx *ctx, enum attachment_state state, enum attachment_state from)
{
	struct text states = enumeration_name(&attachment_state_values, (int)from);

	if (state == from)
		return;
	if (from == attachment_state_complete)
		states = TEXT("complete, withdrawn");
	violate(ctx, P_NOT_IN_LIST, TEXT("/state"), states);
}

/* Another's profession could not be read again; a manager reads no profession's papers. */
static void profession_check(struct ctx *ctx, const struct actor *actor, enum profession profession)
{
	if (profession == profession_none || actor->role == role_case_worker)
		return;
	if (actor->role != role_specialist)
		violate(ctx, P_NOT_WITH_ROLE, TEXT("/profession"),
			enumeration_name(&role_values, (int)actor->role));
	else if (profession != actor->profession)
		violate(ctx, P_NOT_IN_LIST, TEXT("/profession"),
			enumeration_name(&profession_values, (int)actor->profession));
}

static int create_check(struct ctx *ctx, const struct change *change, struct attachment_row *row)
{
	if (row->state == attachment_state_none)
		row->state = attachment_state_uploading;
	state_check(ctx, row->state, attachment_state_uploading);
	profession_check(ctx, change->actor, row->profession);
	if (row->withdrawal_reason.ptr != NULL)
		violate(ctx, P_CONSTRAINT, TEXT("/withdrawal_reason"),
			TEXT("attachments_withdrawn"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

/* R19: what is complete is withdrawn with a reason, and no more. */
static int update_check(struct ctx *ctx, const struct attachment_row *before,
			const struct attachment_row *row)
{
	bool reason = row->withdrawal_reason.ptr != NULL;

	if (before->state == attachment_state_withdrawn)
		return row->state == before->state &&
				       text_eq(row->withdrawal_reason, before->withdrawal_reason)
			       ? 0
			       : fail(ctx, P_ALREADY_FINAL);
	if (before->state != attachment_state_complete || row->state != attachment_state_withdrawn)
		state_check(ctx, row->state, before->state);
	if (row->state == attachment_state_withdrawn)
		check_present(ctx, reason, "/withdrawal_reason");
	else if (reason)
		violate(ctx, P_CONSTRAINT, TEXT("/withdrawal_reason"),
			TEXT("attachments_withdrawn"));
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static int attachment_check(struct ctx *ctx, struct change *change)
{
	const struct attachment_row *before = change->before;

	if (change->action == ACTION_CREATE)
		return create_check(ctx, change, change->after);
	if (change->action == ACTION_DELETE)
		return before->state == attachment_state_uploading ? 0 : fail(ctx, P_ALREADY_FINAL);
	return update_check(ctx, before, change->after);
}

static const enum problem attachment_problems[] = { P_ALREADY_FINAL, P_TOO_MANY_UPLOADS,
						    P_NOT_WITH_ROLE, P_NONE };

const struct resource resource_attachments = {
	.name = "attachments",
	.singular = "attachment",
	.about = "Files of a case: announced here, sent in parts, completed, read by content.",
	.tag = "Attachments",
	.parent = &resource_cases,
	.fields = FIELDS(attachment_fields),
	.size = sizeof(struct attachment_row),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE | ACTION_DELETE,
	.sort = "-created_at",
	.check = attachment_check,
	.problems = attachment_problems,
};
