#include "compiler.h"

#include <ctype.h>
#include <string.h>

#include "weights-line.h"

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct line
line_next(const struct source *source, size_t *at, bool comments)
{
	const char *s = source->text + *at, *limit = source->text + source->len;
	const char *newline = memchr(s, '\n', (size_t)(limit - s)), *hash;
	const char *end = newline ? newline : limit;
	struct line line = { .n = 0 };

	*at = (size_t)(end - source->text) + 1;
	hash = comments ? memchr(s, '#', (size_t)(end - s)) : NULL;
	if (hash)
		end = hash;
	while (line.n <= MAX_WORDS) {
		const char *start;

		while (s < end && is_blank(*s))
			s++;
		if (s == end)
			break;
		start = s;
		while (s < end && !is_blank(*s))
			s++;
		if (line.n < MAX_WORDS)
			line.word[line.n] =
				(struct token){ start, (size_t)(s - start) };
		line.n++;
	}
	return line;
}

bool
token_is(const struct token *word, const char *s)
{
	return strlen(s) == word->len && !memcmp(word->s, s, word->len);
}

bool
token_is_made_of(const struct token *word, const char *letters)
{
	for (size_t i = 0; i < word->len; i++)
		if (!word->s[i] || !strchr(letters, word->s[i]))
			return false;
	return word->len > 0;
}

bool
token_is_name(const struct token *word, char out[MAX_NAME])
{
	if (word->len >= MAX_NAME || isdigit((unsigned char)*word->s) ||
	    !token_is_made_of(word, "abcdefghijklmnopqrstuvwxyz0123456789_"))
		return false;
	memcpy(out, word->s, word->len);
	out[word->len] = '\0';
	return true;
}

bool
token_is_number(const struct token *word, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < word->len; i++) {
		if (!isdigit((unsigned char)word->s[i]))
			return false;
		if (*out <= LIMIT_WEIGHTS)
			*out = *out * 10 + (uint64_t)(word->s[i] - '0');
	}
	return word->len > 0;
}
