/* Lines of a file of weights, in words. */
#ifndef SECCOMPC_WEIGHTS_LINE_H
#define SECCOMPC_WEIGHTS_LINE_H

#include "base.h"

enum {
	MAX_WORDS = 12,	/* more than any table has columns */
	MAX_NAME = 64,	/* far longer than any name */
};

/* A word between blanks, in the source. */
struct token {
	const char *s;
	size_t len;
};

struct line {
	struct token word[MAX_WORDS];
	size_t n;	/* MAX_WORDS + 1: there are more */
};

/*
 * Splits the line that starts at *at, which moves to the start of the next
 * one, or past the end.  A hash starts a comment if there are any.
 */
struct line line_next(const struct source *source, size_t *at, bool comments);

bool token_is(const struct token *word, const char *s);

/* Whether there are no other characters in it. */
bool token_is_made_of(const struct token *word, const char *letters);

/* Whether it is a name as the tables have them, which is then in out. */
bool token_is_name(const struct token *word, char out[MAX_NAME]);

/*
 * Whether it is decimal digits.  A number past LIMIT_WEIGHTS comes out as one
 * past it, but not always the same.
 */
bool token_is_number(const struct token *word, uint64_t *out);

#endif
