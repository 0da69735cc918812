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
	uint32_t count;	 /* members or elements of a container */
	uint8_t kind;	 /* enum json_kind; a key is a JSON_STRING */
	bool key : 1;
	bool escaped : 1; /* of a string: it has a backslash */
	bool boolean : 1;
	bool integer : 1, negative : 1; /* as in struct json; -0 is none */
	uint64_t magnitude;
};

enum { SCAN_PADDING = 8 };

struct scan {
	VEC(struct scan_item) items;
	uint32_t values;  /* those of the items that are no keys */
	uint32_t convert; /* integers, and strings that are escaped */
	bool faulty; /* errors were reported, but all of the text was read */
};

/*
 * SCAN_PADDING NULs stand behind the len bytes of text, at most LIMIT_FILE.
 * Returns false after an error that ends the reading.
 */
bool scan_text(struct scan *scan, struct arena *arena, const char *text,
	       size_t len, struct diags *diags);

/* Between scan.c and slip.c: where the reading is. */
struct scanner {
	struct arena *arena;
	struct diags *diags;
	const char *text;
	size_t len, at;
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
 * The first byte from p on that is no printable ASCII, or a quote or a
 * backslash.  Eight at a time: a borrow spoils bytes behind such a byte only.
 */
static inline const char *
scan_skip_plain(const char *p)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t word, quote, slash, found;

	for (;; p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
		word = __builtin_bswap64(word);
#endif
		quote = word ^ each * '"';
		slash = word ^ each * '\\';
		found = (word | ((word - each * ' ') & ~word) |
			 ((quote - each) & ~quote) |
			 ((slash - each) & ~slash)) &
			each * 0x80;
		if (found)
			return p + __builtin_ctzll(found) / 8;
	}
}

/*
 * slip.c: reports what stands here in place of what is expected, and the
 * remedy: hint unless what was found tells better.  All return false.
 */
bool scan_unexpected(struct scanner *s, const char *expected, const char *hint);
bool scan_bad_utf8(struct scanner *s);

/* A number starts here with a zero that other digits or an x follow. */
bool scan_bad_zero(struct scanner *s);

/* literal.c: what literals mean, from behind their quote, that passed. */

/* Whether it means len bytes of s. */
bool literal_is(const char *literal, const char *s, size_t len);

/*
 * Appends len bytes of literal for json-c.  Pairs of escapes become the
 * character, so that json-c has no surrogates to join.
 */
void literal_append(struct buf *buf, const char *literal, size_t len);

/*
 * Reports keys of an object that are equal in meaning, all of a text.
 * Returns false if there are any.
 */
bool literal_check_keys(const struct scan *scan, struct arena *arena,
			const char *text, struct diags *diags);

#endif
