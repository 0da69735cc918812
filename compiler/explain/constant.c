#include "constant.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/clean.h"
#include "constant-table.h"

enum {
	WORDS = 64,   /* names compared at a time */
	LONGEST = 64, /* no name has more bytes */
};

static const struct constant_unit *const units[] = {
	&constants_of_kernel,
	&constants_of_libc,
};

static const struct constant *
find_in(const struct constant_unit *unit, const char *name)
{
	size_t low = 0, high = unit->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct constant *c = &unit->constants[middle];
		int order = strcmp(name, unit->names + c->name);

		if (!order)
			return c;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool
constant_find(const char *name, uint64_t *value)
{
	for (size_t i = 0; i < LENGTH(units); i++) {
		const struct constant *found = find_in(units[i], name);

		if (!found)
			continue;
		*value = (uint64_t)found->value;
		return true;
	}
	return false;
}

const char *
constant_at(size_t i, uint64_t *value)
{
	for (size_t j = 0; j < LENGTH(units); j++) {
		const struct constant_unit *unit = units[j];

		if (i < unit->count) {
			*value = (uint64_t)unit->constants[i].value;
			return unit->names + unit->constants[i].name;
		}
		i -= unit->count;
	}
	return NULL;
}

/* Some names at a time, with the best so far before them. */
const char *
constant_nearest(const char *name)
{
	const char *words[1 + WORDS], *nearest = NULL, *next;
	uint64_t value;
	size_t done = 0, n;

	if (strnlen(name, LONGEST) == LONGEST)
		return NULL;
	do {
		n = 0;
		if (nearest)
			words[n++] = nearest;
		while (n < LENGTH(words) &&
		       (next = constant_at(done, &value))) {
			words[n++] = next;
			done++;
		}
		nearest = diag_nearest(name, words, n);
	} while (next);
	return nearest;
}

static bool
read_number(const char *s, uint64_t *value)
{
	bool negative = *s == '-';
	unsigned base = 10, digit;
	uint64_t n = 0;

	s += negative;
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	} else if (s[0] == '0' && s[1]) {
		base = 8;
		s++;
	}
	if (!*s)
		return false;
	for (; *s; s++) {
		char c = (char)tolower((unsigned char)*s);

		digit = c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
					     : (unsigned)(c - '0');
		if (digit >= base || !isxdigit((unsigned char)c) ||
		    n > (UINT64_MAX - digit) / base)
			return false;
		n = n * base + digit;
	}
	if (negative && n > UINT64_C(1) << 63)
		return false;
	*value = negative ? -n : n;
	return true;
}

/* One name or number. */
static bool
read_term(const char *s, uint64_t *value, char *why, size_t size)
{
	const char *near;

	if (isdigit((unsigned char)*s) || *s == '-') {
		if (read_number(s, value))
			return true;
		snprintf(why, size, "'%.40s' is not a number of 64 bits", s);
	} else if (!*s) {
		snprintf(why, size, "a value is missing");
	} else {
		if (constant_find(s, value))
			return true;
		near = constant_nearest(s);
		snprintf(why, size,
			 near ? "unknown constant '%.60s'; did you mean '%s'?"
			      : "unknown constant '%.60s'",
			 s, near);
	}
	text_clean(why);
	return false;
}

bool
constant_read(const char *s, uint64_t *value, char *why, size_t size)
{
	uint64_t all = 0, one;

	for (;;) {
		char term[LONGEST + 1];
		size_t len = strcspn(s, "|"), end = len, start = 0;

		while (start < end && isspace((unsigned char)s[start]))
			start++;
		while (end > start && isspace((unsigned char)s[end - 1]))
			end--;
		/* What is cut off here is no name, and no number either. */
		snprintf(term, sizeof(term), "%.*s", (int)(end - start),
			 s + start);
		if (end - start > LONGEST) {
			snprintf(why, size, "'%.40s...' is too long", term);
			text_clean(why);
			return false;
		}
		if (!read_term(term, &one, why, size))
			return false;
		all |= one;
		if (!s[len])
			break;
		s += len + 1;
	}
	*value = all;
	return true;
}
