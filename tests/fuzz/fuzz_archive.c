#include "content/archive.h"

#include <stdlib.h>

/*
 * libFuzzer target: any bytes as an archive of each type. Nothing but a verdict comes of it. The
 * documents of tests/fuzz/corpus_archive are its seeds.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum media_type types[] = { media_type_docx, media_type_odt };
	struct text file = { (const char *)data, size };
	struct arena arena;
	struct ctx ctx = { .arena = &arena };
	bool archive = size > 0 && archive_is(file);

	arena_init(&arena, 1 << 20);
	for (size_t i = 0; size > 0 && i < sizeof(types) / sizeof(types[0]); i++) {
		int rc = archive_check(&ctx, types[i], file);

		if (rc != 0 && rc != P_ARCHIVE_REFUSED && rc != P_CONTENT_MISMATCH)
			abort();
		/* What is taken for an archive ends as one: a polyglot's other half is found. */
		if (rc == 0 && !archive)
			abort();
	}
	arena_done(&arena);
	return 0;
}
