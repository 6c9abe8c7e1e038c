#include "content/content.h"

#include "content/archive.h"

#include <errno.h>
#include <magic.h>

/* No look into archives and executables of its own: what is no document is refused by its name. */
#define MAGIC_FLAGS                                                                                \
	(MAGIC_MIME_TYPE | MAGIC_ERROR | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |            \
	 MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF)
#define MAGIC_BYTES ((size_t)1024 * 1024) /* of the beginning are enough */

struct signature {
	size_t at;
	struct text bytes;
};

/* libmagic also finds a type whose mark stands further on; a reader may take such a file for
 * another. So each type has its mark where its standard says, and one of libmagic's names. */
static const struct {
	struct signature marks[2];
	const char *found[3];
	bool archive;
} kinds[media_type_count] = {
	[media_type_pdf] = { .marks = { { 0, TEXT("%PDF-") } }, .found = { "application/pdf" } },
	[media_type_jpeg] = { .marks = { { 0, TEXT("\xff\xd8\xff") } }, .found = { "image/jpeg" } },
	[media_type_png] = { .marks = { { 0, TEXT("\x89PNG\r\n\x1a\n") } },
			     .found = { "image/png" } },
	[media_type_tiff] = { .marks = { { 0, TEXT("II*\0") }, { 0, TEXT("MM\0*") } },
			      .found = { "image/tiff" } },
	[media_type_heic] = { .marks = { { 4, TEXT("ftyp") } },
			      .found = { "image/heic", "image/heif" } },
	[media_type_text] = { .marks = { { 0, TEXT("") } }, .found = { "text/plain", "text/csv" } },
#define ARCHIVE_KIND                                                                               \
	{                                                                                          \
		.marks = { { 0, TEXT("PK\3\4") } },                                                \
		.found = { "application/zip", "application/octet-stream" }, .archive = true        \
	}
	[media_type_docx] = ARCHIVE_KIND,
	[media_type_xlsx] = ARCHIVE_KIND,
	[media_type_odt] = ARCHIVE_KIND,
	[media_type_ods] = ARCHIVE_KIND,
	[media_type_asice] = ARCHIVE_KIND,
};

static int mismatch(struct ctx *ctx, enum media_type declared, struct text found)
{
	return fail(ctx, P_CONTENT_MISMATCH, enumeration_name(&media_type_values, (int)declared),
		    found);
}

static bool has_mark(enum media_type type, struct text file)
{
	for (size_t i = 0; i < 2; i++) {
		const struct signature *mark = &kinds[type].marks[i];

		if (mark->bytes.ptr == NULL || file.len < mark->at + mark->bytes.len)
			continue;
		if (memcmp(file.ptr + mark->at, mark->bytes.ptr, mark->bytes.len) == 0)
			return true;
	}
	return false;
}

static bool is_found(enum media_type type, struct text found)
{
	if (text_eq(found, enumeration_name(&media_type_values, (int)type)))
		return true;
	for (size_t i = 0; i < 3; i++)
		if (kinds[type].found[i] != NULL && text_is(found, kinds[type].found[i]))
			return true;
	return false;
}

/* What libmagic says; a cookie of one's own each time, as they are not to be shared by threads. */
static int magic_find(struct ctx *ctx, struct text file, struct text *ret)
{
	magic_t magic = magic_open(MAGIC_FLAGS);
	const char *found = NULL;
	int rc = 0;

	if (magic == NULL)
		return fault(ctx, ENOMEM, "magic_open_failed", TEXT_NULL);
	if (magic_load(magic, NULL) == 0)
		found = magic_buffer(magic, file.ptr,
				     file.len < MAGIC_BYTES ? file.len : MAGIC_BYTES);
	if (found == NULL)
		rc = fault(ctx, EIO, "magic_failed", text_of(magic_error(magic)));
	else
		*ret = arena_copy(ctx->arena, text_of(found));
	magic_close(magic);
	if (rc == 0 && ret->ptr == NULL)
		rc = -ENOMEM;
	return rc;
}

/* Text is what shows as text: no control characters but those of lines, tabs and pages. */
static bool is_plain(struct text file)
{
	for (size_t i = 0; i < file.len; i++) {
		unsigned char c = (unsigned char)file.ptr[i];

		if ((c < 0x20 && strchr("\t\n\f\r", c) == NULL) || c == 0x7f)
			return false;
	}
	return text_is_utf8(file);
}

int content_check(struct ctx *ctx, enum media_type declared, struct text file)
{
	struct text found = TEXT_NULL;
	int rc;

	/* libmagic takes a text of one character for data. */
	if (declared == media_type_text && file.len < 4)
		return is_plain(file) ? 0
				      : mismatch(ctx, declared, TEXT("application/octet-stream"));
	rc = magic_find(ctx, file, &found);
	if (rc != 0)
		return rc;
	if (!has_mark(declared, file) || !is_found(declared, found) ||
	    (declared == media_type_text && !is_plain(file)))
		return mismatch(ctx, declared, found);
	if (kinds[declared].archive)
		return archive_check(ctx, declared, file);
	if (archive_is(file))
		return mismatch(ctx, declared, TEXT("application/zip"));
	return 0;
}
