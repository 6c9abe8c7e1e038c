#ifndef FEATURE_FILES_ATTACHMENTS_H
#define FEATURE_FILES_ATTACHMENTS_H

#include "engine/engine.h"
#include "engine/trip.h"

/*
 * What is in the files of a case. The resource attachments has what they are; their bytes come and
 * go by these endpoints, never through a list. A file is sent in parts of PART_SIZE, kept in sealed
 * pieces of PIECE_SIZE, looked at as a whole when it is completed, and read piece by piece.
 */

#define PART_SIZE ((int64_t)256 * 1024) /* of each part but the last: a body's most */
#define PIECE_SIZE ((int64_t)64 * 1024) /* bounds what a download holds */
#define PART_PIECES (PART_SIZE / PIECE_SIZE)
#define FILE_SIZE_MAX ((int64_t)20 * 1024 * 1024)
#define PARTS_MAX (FILE_SIZE_MAX / PART_SIZE)

/* Inside of these files only. */

#define ATTACHMENT_SENDERS                                                                         \
	(1u << role_provider_manager | 1u << role_case_worker | 1u << role_specialist)

/* One file's row, opened; texts in the arena. */
struct attachment {
	struct text id;
	int64_t size;
	enum media_type media_type;
	bool uploading, withdrawn;
	struct text sha256, name, version;
	struct data_key key;
};

/* The columns that attachment_take expects, from alias t with the key's alias k. */
#define ATTACHMENT_COLUMNS                                                                         \
	"t.id, t.size, t.media_type, t.state, t.sha256, t.name, t.key_id, k.wrapped, t.version"

/* " FROM … WHERE …" of the path's file, as far as the caller reaches it. */
void attachment_where(struct sql *sql, const struct call *call);
/* P_NOT_FOUND without a row, P_CONTENT_GONE of an erased person. The key is the caller's to wipe.
 * reads: for an answer, where a name that does not open is null and counted in ctx. Else it is a
 * fault. */
int attachment_take(struct ctx *ctx, const struct engine *engine, struct reply reply, bool reads,
		    struct attachment *ret);

/* Begins a transaction: session, the file's row under the lock ("FOR SHARE OF t"), and one query
 * more (NULL: none) in a statement that sees what the lock waited for; its reply is
 * trip->replies[3]. */
int attachment_lock(struct ctx *ctx, struct engine *engine, struct call *call, struct conn *conn,
		    const char *lock, const struct query *then, struct trip *trip,
		    struct attachment *ret);

/* Length of a piece by its number from 0; 0 beyond the end. */
int64_t piece_length(const struct attachment *attachment, int64_t number);
/* Where it is sealed: file and number, so that no piece stands for another. Null row: -ENOMEM. */
struct seal_place piece_place(struct arena *arena, const struct attachment *attachment,
			      int64_t number);
/* Opens a piece's cell; a fault when it is not as long as it must be. */
int piece_open(struct ctx *ctx, const struct attachment *attachment, int64_t number,
	       struct text cell, struct text *ret);

#endif
