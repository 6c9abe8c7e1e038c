#ifndef MODEL_READ_H
#define MODEL_READ_H

#include "model/document.h"
#include "model/resource.h"

enum read_mode {
	READ_CREATE, /* REQUIRED members must be there */
	READ_PATCH,  /* RFC 7396: absent members keep what the struct holds, null removes */
};

#define READ_SIZE_MAX (256 * 1024) /* bytes of a body */
#define READ_DEPTH_MAX 32
#define READ_VALUES_MAX 10000

/* Reads one JSON object (RFC 8259) into the struct at base, by its field table. All violations of
 * the members are collected in ctx with their pointers (RFC 6901); the caller closes them. A member
 * that violates keeps what the struct held. Texts are copied into the arena. P_MALFORMED (not JSON,
 * too deep, duplicate member, NUL, bad UTF-8, surrogates, big numbers; no violations then),
 * P_TOO_LARGE, P_NOT_AN_OBJECT; 0 even with violations. given: bit i says fields[i] was in the
 * body. */
int read_object(struct ctx *ctx, struct text body, const struct field *fields, size_t count,
		enum read_mode mode, void *base, uint64_t *ret_given);

/* The same in two steps: a write takes its connection in between. P_MALFORMED, P_TOO_LARGE,
 * P_NOT_AN_OBJECT by read_document alone; *ret is the caller's to free and NULL after an error. */
int read_document(struct ctx *ctx, struct text body, struct document **ret);
int read_members(struct ctx *ctx, struct document *document, const struct field *fields,
		 size_t count, enum read_mode mode, void *base, uint64_t *ret_given);

/* A body that holds one list of objects: {"operations": [{…}, …]}. */
struct read_rows {
	const char *member; /* the list's name */
	int64_t max;	    /* rows, of which there is at least one */
	const struct field *fields;
	size_t count;
	size_t size;	    /* of a row's struct */
	const char *kept;   /* a row's member that may be any object and is kept as JSON text, */
	size_t kept_offset; /* in this struct text; null when the row has none */
};

/* Reads all rows, each as read_object does, with pointers into the whole body. rows has room for
 * max rows. */
int read_rows(struct ctx *ctx, struct text body, const struct read_rows *plan, void *rows,
	      size_t *ret_count);

/* One value of a query parameter ("2018-02-28", "true", "held") into the member, as read_object
 * would; a list field takes one item. Violations at pointer; 0 even with one. */
int read_value(struct ctx *ctx, const struct field *field, struct text value, const char *pointer,
	       void *base);

#endif
