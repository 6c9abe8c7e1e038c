/* Parses a Range header with one range of bytes. Enter at range_parse. */

#include "feature/files/range.h"

#include <errno.h>

/* Digits alone, leading zeros too; what is longer than any file stays so. */
static int position_parse(struct text text, int64_t *ret)
{
	int64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return -EINVAL;
		if (value <= INT64_MAX / 100)
			value = value * 10 + (text.ptr[i] - '0');
	}
	*ret = value;
	return text.len > 0 ? 0 : -EINVAL;
}

/* "-500": the last 500 bytes, or all when there are fewer. */
static int suffix_parse(struct text text, int64_t size, int64_t *ret_first, int64_t *ret_last)
{
	int64_t length;

	if (position_parse(text, &length) != 0)
		return -EINVAL;
	if (length == 0)
		return -ERANGE;
	*ret_first = length < size ? size - length : 0;
	*ret_last = size - 1;
	return 0;
}

int range_parse(struct text header, int64_t size, int64_t *ret_first, int64_t *ret_last)
{
	struct text rest = header;
	struct text unit = text_cut(&rest, '=');
	int64_t first, last = size - 1;
	struct text head;

	if (!text_is_nocase(unit, "bytes") || rest.ptr == NULL)
		return -EINVAL;
	rest = text_trim(rest);
	head = text_cut(&rest, '-');
	if (rest.ptr == NULL)
		return -EINVAL;
	if (head.len == 0)
		return suffix_parse(rest, size, ret_first, ret_last);
	if (position_parse(head, &first) != 0)
		return -EINVAL;
	if (rest.len > 0 && (position_parse(rest, &last) != 0 || last < first))
		return -EINVAL;
	if (first >= size)
		return -ERANGE;
	*ret_first = first;
	*ret_last = last < size ? last : size - 1;
	return 0;
}
