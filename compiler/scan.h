/*
 * The strict half of the JSON reader: what is in a text and where, with
 * nothing interpreted but numbers.  Only json.c asks.
 */
#ifndef SECCOMPC_SCAN_H
#define SECCOMPC_SCAN_H

#include "compiler.h"

#include <string.h>

/*
 * A value or a key, in document order: a container before what it holds, a
 * key before its value.  LIMIT_FILE keeps offsets and counts in 32 bits.
 */
struct scan_item {
	uint32_t offset; /* of the first byte */
	uint32_t end;	 /* past the last byte; not of containers */
	uint32_t line;	 /* from 1 */
	uint32_t count;	 /* members or elements of a container */
	uint32_t object; /* of a key: the item that it is in */
	uint32_t twin;	 /* of a key: 1 + the item of an equal one before */
	uint8_t kind;	 /* enum json_kind; a key is a JSON_STRING */
	bool key;
	bool boolean;
	bool integer, negative; /* as in struct json; -0 is no integer */
	uint64_t magnitude;
};

struct scan {
	VEC(struct scan_item) items;
	bool faulty; /* errors were reported, but all of the text was read */
};

/* Returns false after an error that ends the reading. */
bool scan_text(struct scan *scan, struct arena *arena,
	       const struct source *source, struct diags *diags);

/* Between scan.c and slip.c: where the reading is. */
struct scanner {
	struct arena *arena;
	struct diags *diags;
	const char *text;
	size_t len, at;
	uint32_t line;
	uint32_t values;
	uint32_t depth;
	uint32_t open[LIMIT_DEPTH]; /* items of the containers around */
	struct scan *scan;
};

/* The byte at the current position, -1 at the end. */
static inline int
scan_peek(const struct scanner *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static inline bool
scan_looking_at(const struct scanner *s, const char *word, size_t len)
{
	return s->len - s->at >= len && memcmp(s->text + s->at, word, len) == 0;
}

static inline bool
scan_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
scan_is_word(int c)
{
	return scan_is_digit(c) || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

/*
 * slip.c: reports what stands here in place of what is expected, and the
 * remedy: hint unless what was found tells better.  All return false.
 */
bool scan_unexpected(struct scanner *s, const char *expected, const char *hint);
bool scan_bad_utf8(struct scanner *s);

/* A number starts here with a zero that other digits or an x follow. */
bool scan_bad_zero(struct scanner *s);

#endif
