#include "scan.h"

#include <string.h>

#include "utf8.h"

/*
 * A recursive descent over RFC 8259, as deep as LIMIT_DEPTH at most.  It
 * stops at the first error of syntax; a NUL and half a surrogate pair in a
 * string are reported and passed over.
 */

static bool scan_value(struct scanner *s);

/* A NUL behind the text ends this. */
static inline void
skip_space(struct scanner *s)
{
	const char *p = s->text + s->at;

	while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r')
		p++;
	s->at = (size_t)(p - s->text);
}

/* Appends an item that starts here; the result is its index. */
static inline uint32_t
push_item(struct scanner *s, enum json_kind kind)
{
	struct scan_item *item = vec_push(s->arena, &s->scan->items);

	item->offset = (uint32_t)s->at;
	item->kind = (uint8_t)kind;
	return (uint32_t)(s->scan->items.n - 1);
}

static int
hex_digit(char c)
{
	if (scan_is_digit(c))
		return c - '0';
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		return (c | 0x20) - 'a' + 10;
	return -1;
}

/* The four digits of a \u escape as a number, -1 if they are not. */
static int32_t
hex_unit(const char *digits, size_t len)
{
	int32_t unit = 0;

	if (len < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(digits[i]);

		if (digit < 0)
			return -1;
		unit = unit << 4 | digit;
	}
	return unit;
}

/* One problem of a kind per string is enough. */
struct string_faults {
	bool nul, surrogate;
};

static void
fault(struct scanner *s, bool *seen, enum diag_id id, const char *hint,
      const char *message)
{
	if (!*seen)
		diag_offset(s->diags, id, s->at, hint, "%s", message);
	*seen = s->scan->faulty = true;
}

static void
nul_fault(struct scanner *s, struct string_faults *faults)
{
	fault(s, &faults->nul, DIAG_NUL_IN_STRING,
	      "remove it: to the kernel and to C it ends the string",
	      "a string holds a NUL character");
}

/* Passes an \uXXXX escape, or a pair of them. */
static bool
scan_unicode(struct scanner *s, struct string_faults *faults)
{
	const char *digits = s->text + s->at + 2;
	size_t left = s->len - s->at - 2;
	int32_t unit = hex_unit(digits, left), low;

	if (unit < 0)
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at, NULL,
				   "'\\u' needs four hexadecimal digits");
	if (unit == 0)
		nul_fault(s, faults);
	if (unit >= 0xd800 && unit < 0xdc00 && left >= 10 &&
	    digits[4] == '\\' && digits[5] == 'u') {
		low = hex_unit(digits + 6, 4);
		if (low >= 0xdc00 && low < 0xe000) {
			s->at += 12;
			return true;
		}
	}
	if (unit >= 0xd800 && unit < 0xe000)
		fault(s, &faults->surrogate, DIAG_INVALID_UTF8,
		      "characters past U+FFFF take two escapes, as in "
		      "\\ud83d\\ude00",
		      "a string holds half a surrogate pair");
	s->at += 6;
	return true;
}

static bool
scan_escape(struct scanner *s, struct string_faults *faults)
{
	char c = s->text[s->at + 1];

	if (c == 'u')
		return scan_unicode(s, faults);
	if (!c || !strchr("\"\\/bfnrt", c))
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at,
				   "JSON has \\\" \\\\ \\/ \\b \\f \\n \\r "
				   "\\t and \\uXXXX",
				   "unknown escape in a string");
	s->at += 2;
	return true;
}

/* Passes what is not plain in a string that starts at start. */
static bool
scan_odd(struct scanner *s, size_t start, struct string_faults *faults)
{
	int c = scan_peek(s);
	uint32_t character;
	size_t size;

	if (c == '\\' && s->at + 1 < s->len)
		return scan_escape(s, faults);
	if (c < 0 || c == '\\' || c == '\n' || c == '\r')
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, start,
				   "a line break in a string is written \\n",
				   "unterminated string");
	if (c == 0) {
		nul_fault(s, faults);
		s->at++;
		return true;
	}
	if (c < 0x20)
		return diag_offset(
			s->diags, DIAG_JSON_SYNTAX, s->at,
			c == '\t' ? "a tab in a string is written \\t" : NULL,
			"control character U+%04X in a string", (unsigned)c);
	size = utf8_decode(s->text + s->at, s->len - s->at, &character);
	if (size == 0)
		return scan_bad_utf8(s);
	s->at += size;
	return true;
}

/* Appends a string, which starts here, and passes it. */
static bool
scan_string(struct scanner *s, bool key)
{
	struct string_faults faults = { 0 };
	size_t start = s->at;
	uint32_t index = push_item(s, JSON_STRING);
	struct scan_item *item = &s->scan->items.v[index];
	const char *p = s->text + start + 1;

	item->key = key;
	for (;;) {
		p = scan_skip_plain(p);
		if (*p == '"')
			break;
		s->at = (size_t)(p - s->text);
		item->escaped |= *p == '\\';
		if (!scan_odd(s, start, &faults))
			return false;
		p = s->text + s->at;
	}
	s->at = (size_t)(p + 1 - s->text);
	item->end = (uint32_t)s->at;
	s->scan->convert += item->escaped;
	return true;
}

static bool
scan_digits(struct scanner *s, const char *expected)
{
	if (!scan_is_digit(scan_peek(s)))
		return scan_unexpected(s, expected, NULL);
	while (scan_is_digit(scan_peek(s)))
		s->at++;
	return true;
}

/* Reads the digits of a whole number exactly. */
static void
read_integer(struct scan_item *item, const char *digits, const char *end)
{
	item->integer = true;
	for (; digits < end; digits++) {
		uint64_t digit = (uint64_t)(*digits - '0');

		if (item->magnitude > (UINT64_MAX - digit) / 10) {
			item->integer = false;
			item->magnitude = 0;
			return;
		}
		item->magnitude = item->magnitude * 10 + digit;
	}
	/* No field means -0, and C has no such integer. */
	if (item->negative && item->magnitude == 0)
		item->integer = false;
}

static bool
scan_number(struct scanner *s)
{
	uint32_t index = push_item(s, JSON_NUMBER);
	struct scan_item *item = &s->scan->items.v[index];
	size_t whole, start;

	item->negative = scan_peek(s) == '-';
	s->at += item->negative;
	whole = start = s->at;
	if (scan_peek(s) == '0' && s->at + 1 < s->len &&
	    (scan_is_digit(s->text[s->at + 1]) ||
	     (s->text[s->at + 1] | 0x20) == 'x'))
		return scan_bad_zero(s);
	if (!scan_digits(s, "a digit after '-'"))
		return false;
	whole = s->at;
	if (scan_peek(s) == '.') {
		s->at++;
		if (!scan_digits(s, "a digit after the decimal point"))
			return false;
	}
	if (scan_peek(s) == 'e' || scan_peek(s) == 'E') {
		s->at++;
		if (scan_peek(s) == '+' || scan_peek(s) == '-')
			s->at++;
		if (!scan_digits(s, "a digit in the exponent"))
			return false;
	}
	item->end = (uint32_t)s->at;
	if (s->at == whole)
		read_integer(item, s->text + start, s->text + whole);
	s->scan->convert += item->integer;
	return true;
}

/* Enters a container at its bracket. */
static bool
open_container(struct scanner *s, uint32_t index)
{
	if (s->depth == LIMIT_DEPTH)
		return diag_offset(s->diags, DIAG_LIMIT, s->at, NULL,
				   "more than %d nested arrays and objects",
				   LIMIT_DEPTH);
	s->open[s->depth++] = index;
	s->at++;
	skip_space(s);
	return true;
}

/*
 * Passes what follows a member or an element.  *more says whether another
 * one does; at fault, returns false.
 */
static bool
scan_separator(struct scanner *s, char close, bool *more)
{
	size_t comma;
	int c;

	skip_space(s);
	c = scan_peek(s);
	*more = c == ',';
	if (c == close) {
		s->at++;
		s->depth--;
		return true;
	}
	if (c != ',')
		return scan_unexpected(s,
				       close == '}'
					       ? "',' or '}' after a member"
					       : "',' or ']' after an element",
				       c > 0 && strchr("\"-[{0123456789", c)
					       ? "is a comma missing before it?"
					       : NULL);
	comma = s->at++;
	skip_space(s);
	if (scan_peek(s) == close)
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, comma,
				   "remove the comma",
				   "JSON allows no comma before '%c'", close);
	return true;
}

static bool
scan_array(struct scanner *s)
{
	uint32_t index = push_item(s, JSON_ARRAY);
	bool more = true;

	if (!open_container(s, index))
		return false;
	if (scan_peek(s) == ']') {
		s->at++;
		s->depth--;
		return true;
	}
	while (more) {
		if (!scan_value(s) || !scan_separator(s, ']', &more))
			return false;
		s->scan->items.v[index].count++;
	}
	return true;
}

static bool
scan_key(struct scanner *s)
{
	if (scan_peek(s) != '"')
		return scan_unexpected(s, "a key", NULL);
	if (!scan_string(s, true))
		return false;
	skip_space(s);
	if (scan_peek(s) != ':')
		return scan_unexpected(s, "':' after a key", NULL);
	s->at++;
	skip_space(s);
	return true;
}

static bool
scan_object(struct scanner *s)
{
	uint32_t index = push_item(s, JSON_OBJECT);
	bool more = true;

	if (!open_container(s, index))
		return false;
	if (scan_peek(s) == '}') {
		s->at++;
		s->depth--;
		return true;
	}
	while (more) {
		if (!scan_key(s) || !scan_value(s) ||
		    !scan_separator(s, '}', &more))
			return false;
		s->scan->items.v[index].count++;
	}
	return true;
}

static bool
scan_word(struct scanner *s)
{
	static const struct {
		const char *word;
		uint8_t len;
		enum json_kind kind;
		bool boolean;
	} words[] = {
		{ "true", 4, JSON_BOOL, true },
		{ "false", 5, JSON_BOOL, false },
		{ "null", 4, JSON_NULL, false },
	};

	for (size_t i = 0; i < LENGTH(words); i++) {
		size_t end = s->at + words[i].len;
		uint32_t index;

		if (!scan_looking_at(s, words[i].word, words[i].len) ||
		    (end < s->len && scan_is_word(s->text[end])))
			continue;
		index = push_item(s, words[i].kind);
		s->scan->items.v[index].boolean = words[i].boolean;
		s->scan->items.v[index].end = (uint32_t)end;
		s->at = end;
		return true;
	}
	return scan_unexpected(s, "a value", NULL);
}

static bool
scan_value(struct scanner *s)
{
	int c = scan_peek(s);

	if (++s->scan->values > LIMIT_VALUES)
		return diag_offset(s->diags, DIAG_LIMIT, s->at, NULL,
				   "more than %d JSON values", LIMIT_VALUES);
	if (c == '{')
		return scan_object(s);
	if (c == '[')
		return scan_array(s);
	if (c == '-' || scan_is_digit(c))
		return scan_number(s);
	return c == '"' ? scan_string(s, false) : scan_word(s);
}

/* What a file that is no JSON at all starts with. */
static bool
check_start(struct scanner *s)
{
	if (scan_looking_at(s, "\xef\xbb\xbf", 3))
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, 0,
				   "save the file as UTF-8 without it",
				   "the text starts with a byte order mark");
	if (scan_looking_at(s, "\xff\xfe", 2) ||
	    scan_looking_at(s, "\xfe\xff", 2))
		return diag_offset(s->diags, DIAG_INVALID_UTF8, 0,
				   "save the file as UTF-8",
				   "the text is UTF-16");
	skip_space(s);
	if (s->at == s->len)
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, 0, NULL,
				   s->len ? "the file is blank"
					  : "the file is empty");
	return true;
}

bool
scan_text(struct scan *scan, struct arena *arena, const char *text, size_t len,
	  struct diags *diags)
{
	struct scanner s = {
		.arena = arena,
		.diags = diags,
		.text = text,
		.len = len,
		.scan = scan,
	};

	if (!check_start(&s) || !scan_value(&s))
		return false;
	skip_space(&s);
	if (s.at < s.len)
		return scan_unexpected(&s, "nothing after the value",
				       "a profile is one JSON value");
	return true;
}
