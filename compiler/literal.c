#include "scan.h"

#include <stdlib.h>
#include <string.h>

#include "utf8.h"

/* Reads a character of a literal that passed the scan. */
static uint32_t
literal_next(const char **literal)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *s = *literal, *found;
	uint32_t c = 0, low;
	char digits[5] = { 0 };

	if (*s != '\\') {
		/* A character ends before the closing quote. */
		*literal += utf8_decode(s, 4, &c);
		return c;
	}
	if (s[1] != 'u') {
		*literal += 2;
		found = strchr(from, s[1]);
		return (unsigned char)(found ? to[found - from] : s[1]);
	}
	c = (uint32_t)strtoul(memcpy(digits, s + 2, 4), NULL, 16);
	*literal += 6;
	if (c < 0xd800 || c >= 0xdc00 || s[6] != '\\' || s[7] != 'u')
		return c;
	low = (uint32_t)strtoul(memcpy(digits, s + 8, 4), NULL, 16);
	if (low < 0xdc00 || low >= 0xe000)
		return c;
	*literal += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

bool
literal_is(const char *literal, const char *s, size_t len)
{
	const char *end = s + len;

	while (*literal != '"') {
		uint32_t c;
		size_t size = utf8_decode(s, (size_t)(end - s), &c);

		if (size == 0 || literal_next(&literal) != c)
			return false;
		s += size;
	}
	return s == end;
}

struct key {
	const char *literal; /* behind its quote */
	uint32_t object, item;
};

struct keys {
	struct key *v;
	size_t n, cap;
};

/* Orders by meaning: "a" and "\u0061" are one key. */
static int
compare_literals(const char *a, const char *b)
{
	for (;;) {
		uint32_t c, d;

		while (*a == *b && (signed char)*a >= 0x20 && *a != '"' &&
		       *a != '\\') {
			a++;
			b++;
		}
		if (*a == '"' || *b == '"')
			return (*b == '"') - (*a == '"');
		c = literal_next(&a);
		d = literal_next(&b);
		if (c != d)
			return c < d ? -1 : 1;
	}
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *k = a, *l = b;
	int order;

	if (k->object != l->object)
		return k->object < l->object ? -1 : 1;
	order = compare_literals(k->literal, l->literal);
	return order ? order : (k->item > l->item) - (k->item < l->item);
}

/* All keys with their objects, in document order. */
static void
list_keys(const struct scan *scan, struct arena *arena, const char *text,
	  struct keys *keys)
{
	struct {
		uint32_t item, left; /* children that have not begun */
	} open[LIMIT_DEPTH + 1];
	size_t depth = 0;

	for (size_t i = 0; i < scan->items.n; i++) {
		const struct scan_item *item = &scan->items.v[i];

		while (depth && !open[depth - 1].left)
			depth--;
		if (item->key) {
			*vec_push(arena, keys) = (struct key){
				.literal = text + item->offset + 1,
				.object = open[depth - 1].item,
				.item = (uint32_t)i,
			};
			continue;
		}
		if (depth)
			open[depth - 1].left--;
		if (item->kind == JSON_OBJECT || item->kind == JSON_ARRAY) {
			open[depth].item = (uint32_t)i;
			open[depth++].left = item->count;
		}
	}
}

/*
 * For each item that is a key, 1 + the first of its object that is equal,
 * else 0.  One sort of all keys: a profile can be one object of a million.
 */
static const uint32_t *
find_twins(const struct scan *scan, struct arena *arena, const char *text)
{
	uint32_t *twins = arena_alloc(arena, scan->items.n * sizeof(*twins));
	struct keys keys = { 0 };

	list_keys(scan, arena, text, &keys);
	if (keys.n > 1)
		qsort(keys.v, keys.n, sizeof(*keys.v), compare_keys);
	for (size_t i = 1; i < keys.n; i++) {
		const struct key *last = &keys.v[i - 1], *key = &keys.v[i];
		uint32_t twin = twins[last->item];

		if (key->object == last->object &&
		    compare_literals(key->literal, last->literal) == 0)
			twins[key->item] = twin ? twin : last->item + 1;
	}
	return twins;
}

/* The line of each item, from 1. */
static const uint32_t *
find_lines(const struct scan *scan, struct arena *arena, const char *text)
{
	uint32_t *lines = arena_alloc(arena, scan->items.n * sizeof(*lines));
	uint32_t line = 1, at = 0;

	for (size_t i = 0; i < scan->items.n; i++) {
		for (; at < scan->items.v[i].offset; at++)
			line += text[at] == '\n';
		lines[i] = line;
	}
	return lines;
}

bool
literal_check_keys(const struct scan *scan, struct arena *arena,
		   const char *text, struct diags *diags)
{
	const uint32_t *twins = find_twins(scan, arena, text), *lines = NULL;
	size_t found = 0;

	for (size_t i = 0; i < scan->items.n; i++) {
		const struct scan_item *item = &scan->items.v[i];
		size_t len = item->end - item->offset - 2;
		const char *hint = NULL;

		if (!twins[i])
			continue;
		if (!lines)
			lines = find_lines(scan, arena, text);
		/* No more hints than diagnostics that are kept. */
		if (found++ < LIMIT_DIAGNOSTICS)
			hint = arena_printf(arena, "it is on line %u too",
					    lines[twins[i] - 1]);
		diag_offset(diags, DIAG_DUPLICATE_KEY, item->offset, hint,
			    "key '%.*s' stands twice in an object",
			    len < 100 ? (int)len : 100,
			    text + item->offset + 1);
	}
	return found == 0;
}

void
literal_append(struct buf *buf, const char *literal, size_t len)
{
	const char *end = literal + len;

	if (!memchr(literal, '\\', len)) {
		buf_append(buf, literal, len);
		return;
	}
	while (literal < end) {
		const char *s = literal;
		uint32_t c = literal_next(&literal);
		const char utf8[] = {
			(char)(0xf0 | c >> 18),
			(char)(0x80 | (c >> 12 & 0x3f)),
			(char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)),
		};

		if (c > 0xffff)
			buf_append(buf, utf8, sizeof(utf8));
		else
			buf_append(buf, s, (size_t)(literal - s));
	}
}
