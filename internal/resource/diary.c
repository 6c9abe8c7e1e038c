#include "resource/checks.h"
#include "resource/registry.h"

/* What a case worker and the team keep beside the services: notes, tasks and flags of a case. */

struct case_note {
	struct record record;
	enum profession profession;
	struct date written_on;
	struct text text;
};

static const struct field case_note_fields[] = {
	ENUM_FIELD(struct case_note, profession, profession,
		   .flags = CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Whose note: specialists see their own profession's; the writer's "
			    "unless told.",
		   .example = "psychologist"),
	DATE_FIELD(struct case_note, written_on, .flags = FILTER | IN_LIST,
		   .about = "Day that it is about; today unless told.", .example = "2018-02-05"),
	TEXT_FIELD(struct case_note, text, 20000, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_PROFESSIONAL, .about = "The note.",
		   .example = "Sleeps better since the move."),
};

/* A specialist writes for the own profession: another's note could not be read again. */
static int case_note_check(struct ctx *ctx, struct change *change)
{
	enum profession own = change->actor->profession;
	struct case_note *row = change->after;

	if (own == profession_none)
		own = profession_social_worker;
	if (row->profession == profession_none)
		row->profession = own;
	if (row->written_on.day == 0)
		row->written_on = change->today;
	if (change->actor->role == role_specialist && row->profession != own)
		violate(ctx, P_NOT_IN_LIST, TEXT("/profession"),
			enumeration_name(&profession_values, (int)own));
	check_not_future(ctx, row->written_on, change->today, "/written_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_note_problems[] = { P_IN_THE_FUTURE, P_NONE };

const struct resource resource_case_notes = {
	.name = "case_notes",
	.segment = "notes",
	.singular = "case_note",
	.about = "Notes in the case's diary, by profession.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_note_fields),
	.size = sizeof(struct case_note),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.profession_member = "profession",
	.check = case_note_check,
	.problems = case_note_problems,
};

#define CASE_TASK_STATUSES(X)                                                                      \
	X(case_task_status, open)                                                                  \
	X(case_task_status, done)                                                                  \
	X(case_task_status, dropped)
ENUM_DECLARE(case_task_status, CASE_TASK_STATUSES)
ENUM_DEFINE(case_task_status, CASE_TASK_STATUSES)

struct case_task {
	struct record record;
	struct text title;
	struct text assignee_id;
	struct date due_on;
	enum case_task_status status;
	struct date done_on;
};

static const struct field case_task_fields[] = {
	TEXT_FIELD(struct case_task, title, 300, .flags = REQUIRED | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What is to be done.",
		   .example = "Ask for the school's certificate"),
	ID_FIELD(struct case_task, assignee_id, .flags = FILTER | IN_LIST, .references = "users",
		 .about = "Who does it; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	DATE_FIELD(struct case_task, due_on, .flags = REQUIRED | FILTER | SORT | IN_LIST,
		   .about = "Day by which it is done.", .example = "2018-02-14"),
	ENUM_FIELD(struct case_task, status, case_task_status, .flags = FILTER | IN_LIST,
		   .about = "open unless told.", .example = "open"),
	DATE_FIELD(struct case_task, done_on, .flags = IN_LIST,
		   .about = "Day it was done; today unless told.", .example = "2018-02-13"),
};

static int case_task_check(struct ctx *ctx, struct change *change)
{
	struct case_task *row = change->after;

	if (row->status == case_task_status_none)
		row->status = case_task_status_open;
	if (row->assignee_id.ptr == NULL && change->before == NULL)
		row->assignee_id = change->actor->user_id;
	if (row->status == case_task_status_done && row->done_on.day == 0)
		row->done_on = change->today;
	/* What is opened again is not done. */
	if (row->status != case_task_status_done)
		row->done_on = (struct date){ 0 };
	check_not_future(ctx, row->done_on, change->today, "/done_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_task_problems[] = { P_IN_THE_FUTURE, P_UNKNOWN_REFERENCE, P_NONE };

const struct resource resource_case_tasks = {
	.name = "case_tasks",
	.segment = "tasks",
	.singular = "case_task",
	.about = "Tasks of a case with their due days.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_task_fields),
	.size = sizeof(struct case_task),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "due_on",
	.check = case_task_check,
	.problems = case_task_problems,
};

#define FLAG_KINDS(X)                                                                              \
	X(flag_kind, safety)                                                                       \
	X(flag_kind, health)                                                                       \
	X(flag_kind, self_harm)                                                                    \
	X(flag_kind, child_protection)                                                             \
	X(flag_kind, do_not_contact)                                                               \
	X(flag_kind, missing)                                                                      \
	X(flag_kind, media)                                                                        \
	X(flag_kind, other)
ENUM_DECLARE(flag_kind, FLAG_KINDS)
ENUM_DEFINE(flag_kind, FLAG_KINDS)

#define SEVERITIES(X)                                                                              \
	X(flag_severity, notice)                                                                   \
	X(flag_severity, warning)                                                                  \
	X(flag_severity, danger)
ENUM_DECLARE(flag_severity, SEVERITIES)
ENUM_DEFINE(flag_severity, SEVERITIES)

struct case_flag {
	struct record record;
	enum flag_kind kind;
	enum flag_severity severity;
	struct date raised_on;
	struct date lifted_on;
	struct text note;
};

static const struct field case_flag_fields[] = {
	ENUM_FIELD(struct case_flag, kind, flag_kind, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "What to beware of.", .example = "safety"),
	ENUM_FIELD(struct case_flag, severity, flag_severity, .flags = REQUIRED | FILTER | IN_LIST,
		   .about = "How grave it is.", .example = "danger"),
	DATE_FIELD(struct case_flag, raised_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was raised; today unless told.", .example = "2018-02-05"),
	DATE_FIELD(struct case_flag, lifted_on, .flags = FILTER | IN_LIST,
		   .about = "Day it was lifted; null: it stands.", .example = "2018-05-02"),
	TEXT_FIELD(struct case_flag, note, 2000, .flags = SEALED, .sight = SIGHT_NARRATIVE,
		   .about = "What the team must know.",
		   .example = "The recruiter knows the street."),
};

static int case_flag_check(struct ctx *ctx, struct change *change)
{
	struct case_flag *row = change->after;

	if (row->raised_on.day == 0)
		row->raised_on = change->today;
	check_not_future(ctx, row->raised_on, change->today, "/raised_on");
	check_not_future(ctx, row->lifted_on, change->today, "/lifted_on");
	check_period(ctx, row->raised_on, row->lifted_on, "/lifted_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem case_flag_problems[] = { P_IN_THE_FUTURE, P_END_BEFORE_START, P_NONE };

const struct resource resource_case_flags = {
	.name = "case_flags",
	.segment = "flags",
	.singular = "case_flag",
	.about = "Warnings that stand over a case until they are lifted.",
	.tag = "Cases",
	.parent = &resource_cases,
	.fields = FIELDS(case_flag_fields),
	.size = sizeof(struct case_flag),
	.traits = OF_PROVIDER | OF_CLIENT | OF_CASE | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE | ACTION_UPDATE,
	.sort = "-created_at",
	.check = case_flag_check,
	.problems = case_flag_problems,
};
