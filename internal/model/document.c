/* Parses a body's bytes into a JSON document, or says where the text is malformed. Enter at
 * document_parse; the caller owns the document. */

#include "model/document.h"

#include "core/fail.h"
#include "model/read.h"

#include <errno.h>
#include <jansson.h>

static const struct {
	enum json_error_code code;
	const char *words[2];
} malformed_words[] = {
	{ json_error_invalid_utf8, { "not well-formed UTF-8", "nav derīgs UTF-8" } },
	{ json_error_premature_end_of_input, { "it ends too early", "tas beidzas par agru" } },
	{ json_error_end_of_input_expected,
	  { "something follows its end", "pēc beigām seko kas vēl" } },
	{ json_error_null_character, { "a NUL character", "NUL zīme" } },
	{ json_error_null_byte_in_key, { "a NUL character", "NUL zīme" } },
	{ json_error_duplicate_key, { "a member stands twice", "lauks ir divreiz" } },
	{ json_error_numeric_overflow,
	  { "a number beyond 64 bits", "skaitlis pārsniedz 64 bitus" } },
};

/* The parser's own words are not shown: they quote the body. */
static int malformed(struct ctx *ctx, const char *what, int line, int column)
{
	struct text words;

	if (ctx->language == LANGUAGE_LV)
		words = arena_format(ctx->arena, "%s (%d. rinda, %d. zīme)", what, line, column);
	else
		words = arena_format(ctx->arena, "%s (line %d, column %d)", what, line, column);
	return fail(ctx, P_MALFORMED, words);
}

static int malformed_at(struct ctx *ctx, struct text body, size_t end, const char *en,
			const char *lv)
{
	int line = 1;
	size_t begin = 0;

	for (size_t i = 0; i < end; i++) {
		if (body.ptr[i] != '\n')
			continue;
		line++;
		begin = i + 1;
	}
	return malformed(ctx, ctx->language == LANGUAGE_LV ? lv : en, line,
			 (int)text_length((struct text){ body.ptr + begin, end - begin }) + 1);
}

static int malformed_parse(struct ctx *ctx, const json_error_t *error)
{
	const char *what = ctx->language == LANGUAGE_LV ? "sintakses kļūda" : "a syntax error";

	for (size_t i = 0; i < sizeof(malformed_words) / sizeof(malformed_words[0]); i++)
		if (malformed_words[i].code == json_error_code(error))
			what = malformed_words[i].words[ctx->language];
	return malformed(ctx, what, error->line, error->column);
}

/* The byte behind a string's closing quote. */
static size_t string_end(struct text body, size_t i)
{
	for (; i < body.len && body.ptr[i] != '"'; i++)
		if (body.ptr[i] == '\\')
			i++;
	return i;
}

/* Bounds what the parser would build, before it builds anything: it recurses and takes memory per
 * value. */
static int body_scan(struct ctx *ctx, struct text body)
{
	int depth = 0;
	int values = 1;

	for (size_t i = 0; i < body.len; i++) {
		char c = body.ptr[i];

		if (c == '"')
			i = string_end(body, i + 1);
		depth += (c == '{' || c == '[') - (c == '}' || c == ']');
		values += c == ',';
		if (depth > READ_DEPTH_MAX)
			return malformed_at(ctx, body, i, "it is nested too deep",
					    "tas ir ligzdots pārāk dziļi");
		if (values > READ_VALUES_MAX)
			return malformed_at(ctx, body, i, "it holds too many values",
					    "tajā ir pārāk daudz vērtību");
	}
	return 0;
}

int document_parse(struct ctx *ctx, struct text body, struct document **ret)
{
	json_error_t error;
	json_t *root;
	int rc;

	if (body.len > READ_SIZE_MAX)
		return fail(ctx, P_TOO_LARGE, arena_format(ctx->arena, "%d", READ_SIZE_MAX));
	rc = body_scan(ctx, body);
	if (rc != 0)
		return rc;
	root = json_loadb(body.ptr != NULL ? body.ptr : "", body.len,
			  JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (root != NULL)
		*ret = (struct document *)(void *)root;
	else if (json_error_code(&error) == json_error_out_of_memory)
		return fault(ctx, ENOMEM, "json_memory", TEXT("parser"));
	else
		return malformed_parse(ctx, &error);
	return 0;
}

void document_free(struct document **document)
{
	json_decref((json_t *)(void *)*document);
	*document = NULL;
}
