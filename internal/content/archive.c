/* Checks ZIP containers by unpacking every entry. Enter at archive_check. Owns libzip's handle
 * for one call; the only user of libzip. */

#include "content/archive.h"

#include <errno.h>
#include <strings.h>
#include <zip.h>

#define Z_MEM_ERROR (-4) /* zlib.h */

#define CHUNK ((size_t)16 * 1024)
#define END_RECORD ((size_t)22) /* bytes of the end of central directory (APPNOTE, 4.3.16) */
#define COMMENT_MAX ((size_t)65535 + 1) /* that may follow it */

/* The place where each format names its type: the first entry "mimetype", or the folder of its
 * main part. */
static const char *const folders[media_type_count] = {
	[media_type_docx] = "word/",
	[media_type_xlsx] = "xl/",
};

struct archive {
	zip_t *zip;
	uint64_t packed;   /* bytes, as the directory says: those of the whole file at most */
	uint64_t unpacked; /* bytes that were really there */
};

static int refuse(struct ctx *ctx, const char *english, const char *latvian)
{
	return fail(ctx, P_ARCHIVE_REFUSED,
		    text_of(ctx->language == LANGUAGE_LV ? latvian : english));
}

static int refuse_broken(struct ctx *ctx)
{
	return refuse(ctx, "The archive is broken, or contradicts itself.",
		      "Arhīvs ir bojāts vai pretrunīgs.");
}

/* libzip reports all failures alike. If the machine lacked something, that says nothing about the
 * file. */
static int refuse_error(struct ctx *ctx, const zip_error_t *error)
{
	int code = zip_error_code_zip(error);

	if (code == ZIP_ER_MEMORY ||
	    (code == ZIP_ER_ZLIB && zip_error_code_system(error) == Z_MEM_ERROR))
		return fault(ctx, ENOMEM, "archive_not_read", TEXT_NULL);
	return refuse_broken(ctx);
}

static int refuse_size(struct ctx *ctx)
{
	return refuse(ctx, "It would unpack to more than is accepted.",
		      "Izpakots tas ir lielāks, nekā pieņem.");
}

static int archive_open(struct ctx *ctx, struct text file, zip_t **ret)
{
	zip_error_t error;
	zip_source_t *source;
	int rc = 0;

	zip_error_init(&error);
	source = zip_source_buffer_create(file.ptr, file.len, 0, &error);
	if (source != NULL)
		*ret = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
	if (source != NULL && *ret == NULL)
		zip_source_free(source);
	if (*ret == NULL)
		rc = refuse_error(ctx, &error);
	zip_error_fini(&error);
	return rc;
}

static void archive_close(zip_t **zip)
{
	if (*zip != NULL)
		zip_discard(*zip);
}

/* libzip requires correct offsets. Other readers search for the directory, wherever the archive
 * begins and whatever lies between directory and end record; so search as they do. */
static bool is_end_record(struct text file, size_t at)
{
	return memcmp(file.ptr + at, "PK\5\6", 4) == 0 && memmem(file.ptr, at, "PK\1\2", 4) != NULL;
}

bool archive_is(struct text file)
{
	size_t last = file.len < END_RECORD ? 0 : file.len - END_RECORD + 1;
	size_t first = last > COMMENT_MAX ? last - COMMENT_MAX : 0;

	for (size_t at = last; at > first; at--)
		if (is_end_record(file, at - 1))
			return true;
	return false;
}

/* A segment "..", an absolute path, a drive or a backslash. */
static bool name_leaves(struct text name)
{
	if (name.len == 0 || name.ptr[0] == '/' || memchr(name.ptr, '\\', name.len) != NULL ||
	    memchr(name.ptr, ':', name.len) != NULL)
		return true;
	while (name.ptr != NULL)
		if (text_is(text_cut(&name, '/'), ".."))
			return true;
	return false;
}

/* Macros of OOXML, and of OpenDocument. */
static bool name_runs(struct text name)
{
	static const char macro[] = "vbaproject.bin";
	size_t len = sizeof(macro) - 1;

	return (name.len >= len && strcasecmp(name.ptr + name.len - len, macro) == 0) ||
	       text_starts(name, "Basic/") || text_starts(name, "Scripts/");
}

static int entry_check(struct ctx *ctx, const zip_stat_t *stat)
{
	const uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
				ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
	struct text name = text_of(stat->name);

	if ((stat->valid & needed) != needed || !text_is_utf8(name))
		return refuse_broken(ctx);
	if (stat->encryption_method != ZIP_EM_NONE)
		return refuse(ctx, "It has encrypted entries.", "Tajā ir šifrēti ieraksti.");
	if (stat->comp_method != ZIP_CM_STORE && stat->comp_method != ZIP_CM_DEFLATE)
		return refuse(ctx, "It is packed by an unusual method.",
			      "Tas ir pakots neparastā veidā.");
	if (name_leaves(name))
		return refuse(ctx, "A name in it leads out of its folder.",
			      "Kāds nosaukums tajā ved ārpus mapes.");
	if (name_runs(name))
		return refuse(ctx, "It has macros.", "Tajā ir makrokomandas.");
	return 0;
}

static bool archive_swells(const struct archive *archive)
{
	return archive->unpacked > ARCHIVE_UNPACKED_MAX ||
	       (archive->unpacked > ARCHIVE_RATIO_FROM &&
		archive->unpacked / ARCHIVE_RATIO_MAX > archive->packed);
}

/* Stops at the first byte beyond the limit. At the end of an entry libzip compares checksum and
 * size. */
static int entry_unpack(struct ctx *ctx, struct archive *archive, zip_file_t *entry, uint64_t size)
{
	char chunk[CHUNK];
	uint64_t seen = 0;
	zip_int64_t n;

	while ((n = zip_fread(entry, chunk, sizeof(chunk))) > 0) {
		seen += (uint64_t)n;
		archive->unpacked += (uint64_t)n;
		if (archive_swells(archive))
			return refuse_size(ctx);
		if (seen > size)
			return refuse_broken(ctx);
	}
	if (n < 0)
		return refuse_error(ctx, zip_file_get_error(entry));
	return seen != size ? refuse_broken(ctx) : 0;
}

static int archive_entry(struct ctx *ctx, struct archive *archive, uint64_t index)
{
	zip_file_t *entry;
	zip_stat_t stat;
	int rc;

	if (zip_stat_index(archive->zip, index, 0, &stat) != 0)
		return refuse_error(ctx, zip_get_error(archive->zip));
	rc = entry_check(ctx, &stat);
	if (rc != 0)
		return rc;
	if (stat.size > ARCHIVE_UNPACKED_MAX)
		return refuse_size(ctx);
	entry = zip_fopen_index(archive->zip, index, 0);
	if (entry == NULL)
		return refuse_error(ctx, zip_get_error(archive->zip));
	archive->packed += stat.comp_size;
	rc = entry_unpack(ctx, archive, entry, stat.size);
	zip_fclose(entry);
	return rc;
}

static int mismatch(struct ctx *ctx, struct text type)
{
	return fail(ctx, P_CONTENT_MISMATCH, type, TEXT("application/zip"));
}

static bool has_folder(const struct archive *archive, const char *folder)
{
	zip_int64_t count = zip_get_num_entries(archive->zip, 0);

	for (zip_int64_t i = 0; i < count; i++)
		if (text_starts(text_of(zip_get_name(archive->zip, (uint64_t)i, 0)), folder))
			return true;
	return false;
}

/* OpenDocument 1.2 part 3, 3.3 and ASiC, 6.2.1: the first entry, not packed, is the type's name. */
static int mimetype_check(struct ctx *ctx, const struct archive *archive, struct text type)
{
	char told[128];
	zip_stat_t stat;
	zip_file_t *entry;
	zip_int64_t n;
	int rc;

	if (zip_stat_index(archive->zip, 0, 0, &stat) != 0 || strcmp(stat.name, "mimetype") != 0 ||
	    stat.comp_method != ZIP_CM_STORE)
		return mismatch(ctx, type);
	entry = zip_fopen_index(archive->zip, 0, 0);
	if (entry == NULL)
		return refuse_error(ctx, zip_get_error(archive->zip));
	n = zip_fread(entry, told, sizeof(told));
	rc = n < 0 ? refuse_error(ctx, zip_file_get_error(entry)) : 0;
	zip_fclose(entry);
	if (rc == 0 && !text_eq((struct text){ told, (size_t)n }, type))
		rc = mismatch(ctx, type);
	return rc;
}

static int archive_type(struct ctx *ctx, const struct archive *archive, enum media_type declared)
{
	struct text type = enumeration_name(&media_type_values, (int)declared);
	const char *folder = folders[declared];

	if (folder == NULL)
		return mimetype_check(ctx, archive, type);
	if (!has_folder(archive, folder) ||
	    zip_name_locate(archive->zip, "[Content_Types].xml", 0) < 0)
		return mismatch(ctx, type);
	return 0;
}

int archive_check(struct ctx *ctx, enum media_type declared, struct text file)
{
	__attribute__((cleanup(archive_close))) zip_t *zip = NULL;
	struct archive archive = { 0 };
	zip_int64_t count;
	int rc = archive_open(ctx, file, &zip);

	if (rc != 0)
		return rc;
	archive.zip = zip;
	count = zip_get_num_entries(zip, 0);
	if (count > ARCHIVE_ENTRIES_MAX)
		return refuse(ctx, "It has too many entries.", "Tajā ir pārāk daudz ierakstu.");
	for (zip_int64_t i = 0; rc == 0 && i < count; i++)
		rc = archive_entry(ctx, &archive, (uint64_t)i);
	return rc != 0 ? rc : archive_type(ctx, &archive, declared);
}
