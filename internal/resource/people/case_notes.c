/* Notes of a case by profession. Specialists write for their own profession, because they could
 * not read another's note again. */

#include "resource/checks.h"
#include "resource/registry.h"

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
