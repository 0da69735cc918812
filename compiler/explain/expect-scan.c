#include "expect-scan.h"

#include <ctype.h>
#include <string.h>

#include "constant.h"

static void
skip_blanks(struct scan *s)
{
	s->at += strspn(s->at, " \t");
	s->token = s->at;
}

bool
scan_fail(struct scan *s, const char *fmt, ...)
{
	struct buf message = { .arena = s->arena };
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&message, fmt, ap);
	va_end(ap);
	diag_write_safe(s->errors, s->file);
	buf_printf(s->errors, ":%u:%zu: error: ", s->line,
		   (size_t)(s->token - s->start) + 1);
	diag_write_safe(s->errors, message.data);
	buf_append(s->errors, "\n", 1);
	return false;
}

bool
scan_at_end(struct scan *s)
{
	skip_blanks(s);
	return !*s->at;
}

bool
scan_is_digit(struct scan *s)
{
	skip_blanks(s);
	return isdigit((unsigned char)*s->at) || *s->at == '-';
}

bool
scan_take(struct scan *s, const char *mark)
{
	size_t len = strlen(mark);

	skip_blanks(s);
	if (strncmp(s->at, mark, len) != 0)
		return false;
	s->at += len;
	return true;
}

static size_t
word_length(const char *s)
{
	size_t len = 0;

	while (isalnum((unsigned char)s[len]) || s[len] == '_')
		len++;
	return len;
}

const char *
scan_word(struct scan *s)
{
	size_t len;
	const char *word;

	skip_blanks(s);
	len = word_length(s->at);
	if (!len)
		return NULL;
	word = arena_strndup(s->arena, s->at, len);
	s->at += len;
	return word;
}

/* One name or number, at whose end the cursor then is. */
static bool
read_term(struct scan *s, uint64_t *value)
{
	char why[160];
	bool negative;
	size_t len;
	const char *term;

	skip_blanks(s);
	negative = *s->at == '-';
	len = negative + word_length(s->at + negative);
	if (len == negative)
		return scan_fail(s, "a value is expected here: a number, or a "
				    "name such as AF_INET");
	term = arena_strndup(s->arena, s->at, len);
	if (!constant_read(term, value, why, sizeof(why)))
		return scan_fail(s, "%s", why);
	s->at += len;
	return true;
}

bool
scan_value(struct scan *s, uint64_t field, uint64_t *value)
{
	const char *token;
	bool first = true;
	uint64_t one;

	skip_blanks(s);
	token = s->token;
	*value = 0;
	do {
		if (!read_term(s, &one))
			return false;
		/* 0 is a value, too, where nothing else is. */
		if (!first &&
		    ((*value & field && one & field) || field == UINT64_MAX))
			return scan_fail(s, "values that are no flags cannot "
					    "be joined by |");
		*value |= one;
		first = false;
	} while (scan_take(s, "|"));
	s->token = token;
	return true;
}
