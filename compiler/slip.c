#include "scan.h"

#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "utf8.h"

bool
scan_bad_utf8(struct scanner *s)
{
	return diag_offset(
		s->diags, DIAG_INVALID_UTF8, s->at, "save the file as UTF-8",
		"byte 0x%02x is not UTF-8 here", (unsigned char)s->text[s->at]);
}

/* What people write that other languages take, and the remedy. */
/* clang-format off */
static const struct slip {
	const char *text;
	uint8_t len;
	const char *name;	/* NULL: the character itself */
	const char *hint;
} slips[] = {
	{ "//", 2, "a comment", "JSON has no comments" },
	{ "/*", 2, "a comment", "JSON has no comments" },
	{ "#", 1, NULL, "JSON has no comments" },
	{ "'", 1, "a single quote", "JSON strings stand in double quotes" },
	{ "`", 1, NULL, "JSON strings stand in double quotes" },
	{ "+", 1, NULL, "JSON numbers have no plus sign" },
	{ ".", 1, NULL, "JSON numbers start with a digit, as in 0.5" },
	{ "=", 1, NULL, "JSON has ':' between a key and its value" },
	{ ";", 1, NULL, "JSON has ',' between members and elements" },
	{ "\0", 1, "a NUL byte",
	  "a profile is text in UTF-8: this may be UTF-16, or a program" },
	{ "\xc2\xa0", 2, "a no-break space",
	  "only space, tab, CR and LF are white space in JSON" },
	{ "\xe2\x80\x9c", 3, "a typographic quote",
	  "JSON strings stand in straight double quotes" },
	{ "\xe2\x80\x9d", 3, "a typographic quote",
	  "JSON strings stand in straight double quotes" },
	{ "\xef\xbb\xbf", 3, "a byte order mark", "remove it" },
};

static const struct {
	const char *word, *hint;
} slip_words[] = {
	{ "true", "JSON writes true in small letters" },
	{ "false", "JSON writes false in small letters" },
	{ "null", "JSON writes null in small letters" },
	{ "none", "JSON writes null" },
	{ "nil", "JSON writes null" },
	{ "undefined", "JSON writes null" },
	{ "nan", "JSON numbers are finite" },
	{ "inf", "JSON numbers are finite" },
	{ "infinity", "JSON numbers are finite" },
};
/* clang-format on */

static const char *
word_hint(const char *word)
{
	for (size_t i = 0; i < LENGTH(slip_words); i++)
		if (strlen(word) == strlen(slip_words[i].word) &&
		    ascii_same(word, slip_words[i].word, strlen(word)))
			return slip_words[i].hint;
	return "JSON strings stand in double quotes";
}

/* The line of an offset, from 1. */
static unsigned
line_of(const char *text, size_t offset)
{
	unsigned line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static const struct scan_item *
open_item(const struct scanner *s)
{
	return &s->scan->items.v[s->open[s->depth - 1]];
}

/* The end of the text or the wrong bracket: say what is still open. */
static const char *
open_hint(struct scanner *s)
{
	if (s->depth == 0)
		return NULL;
	return arena_printf(s->arena, "the '%c' on line %u is not closed",
			    s->text[open_item(s)->offset],
			    line_of(s->text, open_item(s)->offset));
}

static const struct slip *
find_slip(const struct scanner *s)
{
	for (size_t i = 0; i < LENGTH(slips); i++)
		if (scan_looking_at(s, slips[i].text, slips[i].len))
			return &slips[i];
	return NULL;
}

bool
scan_unexpected(struct scanner *s, const char *expected, const char *hint)
{
	int c = scan_peek(s);
	const struct slip *slip = find_slip(s);
	uint32_t character;
	char word[24];
	size_t n = 0;

	if (slip && slip->name)
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at,
				   slip->hint, "expected %s, found %s",
				   expected, slip->name);
	if (c < 0)
		return diag_offset(
			s->diags, DIAG_JSON_SYNTAX, s->at, open_hint(s),
			"expected %s, found the end of the text", expected);
	if (utf8_decode(s->text + s->at, s->len - s->at, &character) == 0)
		return scan_bad_utf8(s);
	if (character < 0x20 || character >= 0x7f)
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at, hint,
				   "expected %s, found U+%04X", expected,
				   character);
	while (n < sizeof(word) - 1 && s->at + n < s->len &&
	       scan_is_word(s->text[s->at + n])) {
		word[n] = s->text[s->at + n];
		n++;
	}
	word[n] = '\0';
	if (n > 0 && !scan_is_digit(c))
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at,
				   word_hint(word), "expected %s, found '%s'",
				   expected, word);
	/* Brackets are two apart from their partners. */
	if ((c == ']' || c == '}') && s->depth > 0 &&
	    s->text[open_item(s)->offset] + 2 != c)
		hint = open_hint(s);
	if (slip)
		hint = slip->hint;
	return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at, hint,
			   "expected %s, found '%c'", expected, c);
}

/* Numbers that start with 0 and go on: hexadecimal, or leading zeros. */
bool
scan_bad_zero(struct scanner *s)
{
	const char *hint = "JSON has no octal numbers; write it in decimal";
	char digits[20] = { 0 };
	size_t left = s->len - s->at;
	uint64_t number;
	char *end;

	if (scan_is_digit(s->text[s->at + 1]))
		return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at, hint,
				   "a number has no leading zero");
	memcpy(digits, s->text + s->at, left < 19 ? left : 19);
	number = strtoull(digits, &end, 16);
	hint = "write it in decimal";
	if (end > digits + 2 && !scan_is_word(*end))
		hint = arena_printf(s->arena, "write it in decimal: %llu",
				    (unsigned long long)number);
	return diag_offset(s->diags, DIAG_JSON_SYNTAX, s->at, hint,
			   "JSON has no hexadecimal numbers");
}
