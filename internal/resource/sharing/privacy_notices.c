/* That a client was given a privacy notice (Regulation (EU) 2016/679, Articles 13 and 14). It is
 * a fact: nobody edits or withdraws it; a new text is a new row. */

#include "resource/checks.h"
#include "resource/registry.h"
#include "rules/proceedings/criminal.h"

#define NOTICE_CHANNELS(X)                                                                         \
	X(notice_channel, oral)                                                                    \
	X(notice_channel, written)                                                                 \
	X(notice_channel, electronic)                                                              \
	X(notice_channel, interpreter)                                                             \
	X(notice_channel, other)
ENUM_DECLARE(notice_channel, NOTICE_CHANNELS)
ENUM_DEFINE(notice_channel, NOTICE_CHANNELS)

struct privacy_notice {
	struct record record;
	struct text text_version;
	struct text language;
	struct date given_on;
	enum notice_channel channel;
	enum mandate_giver given_to;
	struct text representative_id;
	struct text given_by;
	struct text remarks;
};

static const struct field privacy_notice_fields[] = {
	TEXT_FIELD(struct privacy_notice, text_version, 60,
		   .flags = REQUIRED | CREATE_ONLY | FILTER | IN_LIST,
		   .about = "Version of the text that was given.", .example = "2018-05-25"),
	TEXT_FIELD(struct privacy_notice, language, 2, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .format = FORMAT_LANGUAGE, .about = "Language of the text (ISO 639-1).",
		   .example = "lv"),
	DATE_FIELD(struct privacy_notice, given_on, .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "Day it was given.", .example = "2018-05-28"),
	ENUM_FIELD(struct privacy_notice, channel, notice_channel,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST,
		   .about = "How: read out, on paper, sent, or read out by an interpreter.",
		   .example = "written"),
	ENUM_FIELD(struct privacy_notice, given_to, mandate_giver,
		   .flags = REQUIRED | CREATE_ONLY | IN_LIST, .about = "Whom it was given to.",
		   .example = "client"),
	ID_FIELD(struct privacy_notice, representative_id, .flags = CREATE_ONLY,
		 .references = "representatives",
		 .about = "The representative, where it was given to one.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8057"),
	ID_FIELD(struct privacy_notice, given_by, .flags = CREATE_ONLY | IN_LIST,
		 .references = "users", .about = "Who gave it; the caller unless told.",
		 .example = "01890a5d-ac96-774b-bcce-b302099a8058"),
	TEXT_FIELD(struct privacy_notice, remarks, 2000, .flags = CREATE_ONLY | SEALED,
		   .sight = SIGHT_NARRATIVE, .about = "What was asked or explained.",
		   .example = "Asked who at the agency reads it."),
};

static int privacy_notice_check(struct ctx *ctx, struct change *change)
{
	struct privacy_notice *row = change->after;

	if (row->given_by.ptr == NULL)
		row->given_by = change->actor->user_id;
	check_giver(ctx, row->given_to == mandate_giver_representative, row->representative_id,
		    "given_to");
	check_not_future(ctx, row->given_on, change->today, "/given_on");
	return violations_close(ctx, P_VALIDATION_FAILED);
}

static const enum problem privacy_notice_problems[] = { P_IN_THE_FUTURE, P_CONSTRAINT,
							P_UNKNOWN_REFERENCE, P_NONE };

const struct resource resource_privacy_notices = {
	.name = "privacy_notices",
	.singular = "privacy_notice",
	.about = "Privacy notices given to a client: which text, in which language, by whom.",
	.tag = "Clients",
	.parent = &resource_clients,
	.fields = FIELDS(privacy_notice_fields),
	.size = sizeof(struct privacy_notice),
	.traits = OF_PROVIDER | OF_CLIENT | KEY_CLIENT,
	.actions = ACTION_LIST | ACTION_READ | ACTION_CREATE,
	.check = privacy_notice_check,
	.problems = privacy_notice_problems,
};
