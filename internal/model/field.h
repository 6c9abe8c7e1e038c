#ifndef MODEL_FIELD_H
#define MODEL_FIELD_H

#include "core/actor.h"
#include "core/clock.h"
#include "core/enumeration.h"

enum field_type {
	FIELD_ID,      /* struct text: a canonical UUID; bigint identities are FIELD_INTEGER */
	FIELD_TEXT,    /* struct text */
	FIELD_ENUM,    /* enum E, 0 is null */
	FIELD_FLAG,    /* enum flag */
	FIELD_INTEGER, /* struct number */
	FIELD_DATE,    /* struct date */
	FIELD_INSTANT, /* struct instant */
	FIELD_TEXTS,   /* struct texts: text[] */
	FIELD_ENUMS,   /* struct texts whose items are names of the enumeration: text[] */
};

/* The required form of a text; checked by format_check (model/format.h). */
enum format {
	FORMAT_NONE, /* any text without control characters but \n and \t */
	FORMAT_EMAIL,
	FORMAT_ACCOUNT,	      /* an e-mail address that names an account, kept in lower case */
	FORMAT_PHONE,	      /* E.164 */
	FORMAT_PERSONAL_CODE, /* Latvian: 6 digits, optional -, 5 digits; stored with the dash */
	FORMAT_COUNTRY,	      /* ISO 3166-1 alpha-2 */
	FORMAT_LANGUAGE,      /* ISO 639-1 */
	FORMAT_CURRENCY,      /* ISO 4217 */
	FORMAT_ISIC,	      /* ISIC rev. 4 section letter or 2..4 digits */
	FORMAT_FILE_NAME,     /* one segment, and nothing that shows it otherwise than it is */
	FORMAT_SHA256,	      /* 64 hexadecimal digits, kept in lower case */
	FORMAT_MONTH,	      /* ISO 8601 calendar month: "2018-03" */
};

/* How a value is normalised before its keyed hash, for exact search on a sealed field. */
enum blind { BLIND_NONE, BLIND_CODE, BLIND_EMAIL, BLIND_PHONE, BLIND_NAME };

/* Kind of content; auth/access says which role sees which. */
enum sight {
	SIGHT_UNSAID,	    /* no sight is named: SIGHT_PLAIN of a field that is not sealed; nobody
			       sees a sealed one, and the server does not start (engine/check.h) */
	SIGHT_PLAIN,	    /* everyone who may read the resource */
	SIGHT_IDENTITY,	    /* names, codes, birth date, contacts */
	SIGHT_ADDRESS,	    /* where someone is or lives */
	SIGHT_NARRATIVE,    /* needs, threats, reasons, findings */
	SIGHT_PROTOCOL,	    /* the commission's acts, means, purposes and findings */
	SIGHT_DECISION,	    /* reasons of the agency's decisions */
	SIGHT_PROFESSIONAL, /* a profession's notes: that profession where assigned, and the case
			       worker */
	SIGHT_COUNT
};

enum field_flags {
	REQUIRED = 1 << 0,    /* not null; required on create */
	READ_ONLY = 1 << 1,   /* set by the engine; in a body it is a violation */
	CREATE_ONLY = 1 << 2, /* accepted on create, a violation in PATCH when it differs */
	SEALED = 1 << 3,      /* bytea, sealed with the row's key; column has the field's name */
	FILTER = 1 << 4,      /* field=, [in]; ranges too for integers, dates and instants */
	SORT = 1 << 5,	      /* NOT NULL columns only */
	IN_LIST = 1 << 6,     /* in list elements without being asked by fields= */
	PARENT = 1 << 7,      /* READ_ONLY id of the enclosing resource, from the path */
	BIG = 1 << 8,	      /* only when asked by fields= even on items; unused so far */
	ITEM_ONLY = 1 << 9,   /* read one by one: in no list, even when asked by fields= */
	OUTSIDE = 1 << 10,    /* the row that it refers to may be invisible to the caller: a trigger
				 checks the reference */
};

struct field {
	const char *name; /* JSON member and column */
	enum field_type type;
	size_t offset;
	unsigned flags;
	int64_t min, max; /* texts: code points; lists: items; integers: value. max 0: default of
			     the type */
	const struct enumeration *values;
	enum format format;
	enum blind blind; /* search column <name>_index bytea; filter only by equality, given in the
			     clear */
	enum sight sight; /* a SEALED field must name it; ask field_sight */
	const char *references; /* resource a FIELD_ID points to: checked when it is written */
	const char *about;	/* one line in English */
	const char *example;	/* JSON-less: text as it would stand in a query */
};

/* offsetof that does not compile when the member is not of type T. */
#define FIELD_OFFSET(S, m, T) (offsetof(S, m) + 0 * sizeof(*(1 ? &((S *)0)->m : (T *)0)))

#define FIELD_ROW(S, m, t, T, ...)                                                                 \
	{                                                                                          \
		.name = #m, .type = (t), .offset = FIELD_OFFSET(S, m, T), __VA_ARGS__              \
	}
#define ID_FIELD(S, m, ...) FIELD_ROW(S, m, FIELD_ID, struct text, __VA_ARGS__)
#define TEXT_FIELD(S, m, maximum, ...)                                                             \
	FIELD_ROW(S, m, FIELD_TEXT, struct text, .max = (maximum), __VA_ARGS__)
#define ENUM_FIELD(S, m, E, ...)                                                                   \
	FIELD_ROW(S, m, FIELD_ENUM, enum E, .values = &E##_values, __VA_ARGS__)
#define FLAG_FIELD(S, m, ...) FIELD_ROW(S, m, FIELD_FLAG, enum flag, __VA_ARGS__)
#define INTEGER_FIELD(S, m, low, high, ...)                                                        \
	FIELD_ROW(S, m, FIELD_INTEGER, struct number, .min = (low), .max = (high), __VA_ARGS__)
#define DATE_FIELD(S, m, ...) FIELD_ROW(S, m, FIELD_DATE, struct date, __VA_ARGS__)
#define INSTANT_FIELD(S, m, ...) FIELD_ROW(S, m, FIELD_INSTANT, struct instant, __VA_ARGS__)
#define TEXTS_FIELD(S, m, items, ...)                                                              \
	FIELD_ROW(S, m, FIELD_TEXTS, struct texts, .max = (items), __VA_ARGS__)
#define ENUMS_FIELD(S, m, E, ...)                                                                  \
	FIELD_ROW(S, m, FIELD_ENUMS, struct texts, .values = &E##_values, __VA_ARGS__)

#define FIELD_TEXT_MAX 1000			    /* code points of a text without max */
#define FIELD_ITEM_MAX 200			    /* code points of a list's item */
#define FIELD_ITEMS_MAX 50			    /* items of a list without max */
#define FIELD_INTEGER_MAX INT64_C(9007199254740991) /* exact in every JSON reader (RFC 8259, 6) */

#define FIELDS(table) (table), sizeof(table) / sizeof((table)[0])
#define FIELDS_MAX 64 /* so that a set of fields is a uint64_t */

/* Index in fields, or -1. */
int field_find(const struct field *fields, size_t count, struct text name);

/* The field's sight: SIGHT_PLAIN where none is named, but SIGHT_UNSAID of a sealed field, so that a
 * forgotten line closes. */
static inline enum sight field_sight(const struct field *field)
{
	if (field->sight == SIGHT_UNSAID && !(field->flags & SEALED))
		return SIGHT_PLAIN;
	return field->sight;
}

/* Least and greatest value, length or number of items, the type's defaults applied. A REQUIRED text
 * has at least one character. */
int64_t field_low(const struct field *field);
int64_t field_high(const struct field *field);

/* Whether the member holds null. base points to the struct. */
bool field_is_null(const struct field *field, const void *base);
void field_set_null(const struct field *field, void *base);
/* Sets the member from a value of its type at from. */
void field_copy(const struct field *field, const void *from, void *base);
/* Whether two structs hold the same value in this member. */
bool field_same(const struct field *field, const void *a, const void *b);

/* The member as PostgreSQL's text input (arrays as array literals), in the arena; null text for
 * null. */
int field_to_sql(const struct field *field, const void *base, struct arena *arena,
		 struct text *ret);
/* Sets the member from PostgreSQL's text output; text lives on in the struct uncopied. -EINVAL on a
 * value that the type cannot hold (a fault: schema and registry differ). */
int field_from_sql(const struct field *field, struct text cell, struct arena *arena, void *base);

#endif
