/* Judges a request's head before it is routed. Enter at request_add_header, request_check and
 * request_check_content. Knows no HTTP library. */

#include "web/request.h"

#include "engine/engine.h"
#include "web/negotiate.h"
#include "web/query.h"

#include <errno.h>

static const struct {
	const char *name;
	bool list;
} header_rows[HEADER_COUNT] = {
#define HEADER(id, name, list) { name, list },
#include "web/headers.def"
#undef HEADER
};

int refuse(struct ctx *ctx, enum problem problem, const char *english, const char *latvian)
{
	return fail(ctx, problem, text_of(ctx->language == LANGUAGE_LV ? latvian : english));
}

/* RFC 9110, 5.6.2: the characters of a header's name. "Content-Length : 5" is another header to
 * the next parser. */
static bool name_is_token(struct text name)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			continue;
		if (memchr(others, c, sizeof(others) - 1) == NULL)
			return false;
	}
	return name.len > 0;
}

static bool value_is_clean(struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* "GET /path HTTP/1.1" and CRLF, where each blank and line end became as many NULs. */
void request_locate(struct request *request, const char *target, size_t head_bytes)
{
	uintptr_t at = (uintptr_t)target;

	request->next_line = at + request->target.len + 1 + request->version.len + 2;
	request->head_end = at - 1 - request->verb.len + head_bytes;
}

/* libmicrohttpd 0.9.75 silently joins folded lines, cuts values at NUL and accepts a bare LF. But
 * the head stays where it was received: the library only writes NUL over the colon and over the
 * line's end. So each name must begin two bytes after the end of the last value, and only blanks
 * may stand between a name and its value: then every byte is accounted for. If another version
 * keeps the head differently, each request is refused. NUL LF looks like CR LF here; the proxy
 * refuses it (deploy/README.md, *Who refuses what*). */
static bool line_is_whole(const struct request *request, struct text name, struct text value)
{
	uintptr_t colon = (uintptr_t)name.ptr + name.len;
	uintptr_t start = (uintptr_t)value.ptr;

	if ((uintptr_t)name.ptr != request->next_line || start <= colon ||
	    start >= request->head_end)
		return false;
	for (const char *blank = name.ptr + name.len + 1; blank < value.ptr; blank++) {
		if (*blank != ' ' && *blank != '\t')
			return false;
	}
	return true;
}

int request_add_header(struct request *request, struct arena *arena, struct text name,
		       struct text value)
{
	struct text *held;
	size_t i = 0;

	request->line_count++;
	/* After a line at another place the layout is unknown, so do not read any further. */
	if (!request->bad_line)
		request->bad_line = !line_is_whole(request, name, value);
	request->next_line = (uintptr_t)value.ptr + value.len + 2;
	if (request->line_count > HEADERS_MAX || !name_is_token(name) || !value_is_clean(value))
		request->bad_header = true;
	while (i < HEADER_COUNT && !text_is_nocase(name, header_rows[i].name))
		i++;
	if (i == HEADER_COUNT)
		return 0;
	held = &request->headers[i];
	value = text_trim(value);
	if (held->ptr == NULL) {
		*held = value;
		return 0;
	}
	if (!header_rows[i].list) {
		request->repeated |= 1U << i;
		return 0;
	}
	value = arena_format(arena, "%.*s,%.*s", (int)held->len, held->ptr, (int)value.len,
			     value.ptr);
	if (value.ptr == NULL)
		return -ENOMEM;
	*held = value;
	return 0;
}

static bool is_request_id(struct text id)
{
	if (id.len == 0 || id.len > 64)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.ptr[i];
		bool word =
			(c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		if (!word && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}

/* "00-<32>-<16>-<2>" in lower-case hexadecimal. */
static bool is_traceparent(struct text text)
{
	if (text.len != 55)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool dash = i == 2 || i == 35 || i == 52;

		if (dash ? c != '-' : (hex_digit(c) < 0 || (c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

int request_identify(struct ctx *ctx, struct request *request)
{
	struct text id = request->headers[HEADER_REQUEST_ID];

	ctx->language = accept_language(request->headers[HEADER_ACCEPT_LANGUAGE]);
	if (is_traceparent(request->headers[HEADER_TRACEPARENT]))
		request->traceparent = request->headers[HEADER_TRACEPARENT];
	ctx->request_id = is_request_id(id) ? id : uuid_text(ctx->arena);
	return ctx->request_id.ptr != NULL ? 0 : -ENOMEM;
}

static int check_headers(struct ctx *ctx, const struct request *request)
{
	struct text encoding = request->headers[HEADER_TRANSFER_ENCODING];

	if (request->bad_header)
		return refuse(ctx, P_BAD_FRAMING, "A header is malformed, or there are too many.",
			      "Galvene ir nepareizi veidota, vai to ir pārāk daudz.");
	if (request->repeated != 0)
		return refuse(ctx, P_BAD_FRAMING, "A header that has one value is repeated.",
			      "Atkārtota galvene, kurai ir viena vērtība.");
	if (request->headers[HEADER_HOST].ptr == NULL && !text_is(request->version, "HTTP/1.0"))
		return refuse(ctx, P_BAD_FRAMING, "Host is missing.", "Trūkst galvenes Host.");
	if (encoding.ptr != NULL && request->headers[HEADER_CONTENT_LENGTH].ptr != NULL)
		return refuse(ctx, P_BAD_FRAMING,
			      "Transfer-Encoding and Content-Length exclude each other.",
			      "Transfer-Encoding un Content-Length viena otru izslēdz.");
	if (encoding.ptr != NULL &&
	    (!text_is_nocase(encoding, "chunked") || !text_is(request->version, "HTTP/1.1")))
		return refuse(ctx, P_BAD_FRAMING,
			      "Only Transfer-Encoding: chunked of HTTP/1.1 is understood.",
			      "Saprot tikai HTTP/1.1 Transfer-Encoding: chunked.");
	if (request->bad_line || request->next_line + 2 != request->head_end)
		return refuse(ctx, P_BAD_FRAMING,
			      "A header is folded, a line holds NUL or does not end with CR LF, or "
			      "the request line has surplus blanks.",
			      "Galvene ir lauzta, rindā ir NUL vai tā nebeidzas ar CR LF, vai "
			      "pieprasījuma rindā ir liekas atstarpes.");
	return 0;
}

/* RFC 9112, 6: content of these methods has no meaning, and another parser may take it for the
 * next request. */
static int check_no_body(struct ctx *ctx, const struct request *request)
{
	struct text length = request->headers[HEADER_CONTENT_LENGTH];
	bool none = request->body.len == 0 &&
		    request->headers[HEADER_TRANSFER_ENCODING].ptr == NULL &&
		    (length.ptr == NULL || text_is(length, "0"));

	if (none || request->method == METHOD_POST || request->method == METHOD_PATCH ||
	    request->method == METHOD_PUT || request->method == METHOD_NONE)
		return 0;
	return refuse(ctx, P_BAD_FRAMING, "This method has no body.", "Šai metodei nav ķermeņa.");
}

/* RFC 3986, 3.3: the characters of a path and, after '?', of a query. */
static bool target_is_clean(struct text target)
{
	static const char others[] = "-._~!$&'()*+,;=:@/?%[]";

	for (size_t i = 0; i < target.len; i++) {
		char c = target.ptr[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			continue;
		if (memchr(others, c, sizeof(others) - 1) == NULL)
			return false;
	}
	return true;
}

/* A dot segment, or an empty one ("//", a trailing slash), also when its dots are escaped. */
static bool segment_is_doubtful(struct arena *arena, struct text segment)
{
	struct text plain;

	if (segment.len == 0)
		return true;
	if (percent_decode(arena, segment, false, &plain) != 0)
		return true;
	return text_is(plain, ".") || text_is(plain, "..") ||
	       memchr(plain.ptr, '/', plain.len) != NULL ||
	       memchr(plain.ptr, '\\', plain.len) != NULL;
}

static int check_path(struct ctx *ctx, const struct request *request)
{
	struct text rest = request->path;

	if (text_is(request->path, "/"))
		return 0;
	if (text_cut(&rest, '/').len != 0 || rest.ptr == NULL)
		return refuse(ctx, P_BAD_REQUEST, "The request's target is not a path.",
			      "Pieprasījuma mērķis nav ceļš.");
	while (rest.ptr != NULL) {
		if (segment_is_doubtful(ctx->arena, text_cut(&rest, '/')))
			return refuse(ctx, P_BAD_FRAMING,
				      "The path has an empty or dot segment or a forbidden "
				      "percent-escape.",
				      "Ceļā ir tukšs vai punktu posms vai aizliegts %-kodējums.");
	}
	return 0;
}

/* RFC 9112, 3.2.2: a server must understand "GET http://host/path" too. */
static struct text target_path(struct text target)
{
	size_t skip = text_starts(target, "http://") ? 7 : text_starts(target, "https://") ? 8 : 0;
	const char *slash;

	if (skip == 0)
		return target;
	slash = memchr(target.ptr + skip, '/', target.len - skip);
	if (slash == NULL)
		return TEXT("/");
	return (struct text){ slash, target.len - (size_t)(slash - target.ptr) };
}

int request_check(struct ctx *ctx, struct request *request)
{
	struct text path = target_path(request->target);
	int rc = check_headers(ctx, request);

	if (rc == 0)
		rc = check_no_body(ctx, request);
	if (rc != 0)
		return rc;
	if (request->target.len > URI_MAX)
		return fail(ctx, P_URI_TOO_LONG, arena_format(ctx->arena, "%d", URI_MAX));
	if (!target_is_clean(request->target))
		return refuse(ctx, P_BAD_FRAMING,
			      "The request's target has characters that a URI has not.",
			      "Pieprasījuma mērķī ir zīmes, kādu URI nav.");
	request->query = path;
	request->path = text_cut(&request->query, '?');
	return check_path(ctx, request);
}

static bool is_encoded(const struct request *request)
{
	struct text encoding = request->headers[HEADER_CONTENT_ENCODING];

	return encoding.ptr != NULL && !text_is_nocase(encoding, "identity");
}

static int check_json(struct ctx *ctx, const struct request *request)
{
	bool patch = request->method == METHOD_PATCH;
	struct text type = request->headers[HEADER_CONTENT_TYPE];

	if (!is_encoded(request)) {
		if (content_type_is(type, "application/json"))
			return 0;
		if (patch && content_type_is(type, "application/merge-patch+json"))
			return 0;
	}
	return fail(ctx, P_UNSUPPORTED_MEDIA_TYPE,
		    patch ? TEXT("application/merge-patch+json") : TEXT("application/json"));
}

static int check_media_type(struct ctx *ctx, const struct request *request,
			    const struct endpoint *endpoint)
{
	const char *media = endpoint != NULL ? endpoint->request_media : NULL;

	if (request->body.len == 0 && request->headers[HEADER_CONTENT_TYPE].ptr == NULL)
		return 0;
	if (endpoint != NULL && media == NULL && endpoint->request == NULL &&
	    endpoint->request_schema == NULL)
		return refuse(ctx, P_BAD_REQUEST, "No body is expected here.",
			      "Šeit ķermenim nav jābūt.");
	if (media == NULL)
		return check_json(ctx, request);
	if (!is_encoded(request) && content_type_is(request->headers[HEADER_CONTENT_TYPE], media))
		return 0;
	return fail(ctx, P_UNSUPPORTED_MEDIA_TYPE, text_of(media));
}

int request_check_content(struct ctx *ctx, const struct request *request,
			  const struct endpoint *endpoint)
{
	/* RFC 9110, 12.5.1: a file has one type and is sent as it, whatever Accept says. */
	bool file = endpoint != NULL && endpoint->reply_media != NULL;

	if (!file && !accept_allows_json(request->headers[HEADER_ACCEPT]))
		return fail(ctx, P_NOT_ACCEPTABLE, TEXT_NULL);
	if (request->method != METHOD_POST && request->method != METHOD_PATCH &&
	    request->method != METHOD_PUT)
		return 0;
	if (request->body.len > BODY_MAX)
		return fail(ctx, P_TOO_LARGE, arena_format(ctx->arena, "%d", BODY_MAX));
	return check_media_type(ctx, request, endpoint);
}

struct text request_bearer(const struct request *request)
{
	struct text rest = request->headers[HEADER_AUTHORIZATION];
	struct text scheme = text_cut(&rest, ' ');

	if (!text_is_nocase(scheme, "Bearer") || rest.ptr == NULL)
		return TEXT_NULL;
	return text_trim(rest);
}

bool request_must_close(enum problem problem)
{
	return problem == P_BAD_FRAMING || problem == P_TOO_LARGE;
}
