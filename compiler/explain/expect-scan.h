/* A cursor over a line of expectations (expect-scan.c, expect-args.c). */
#ifndef SECCOMPC_EXPECT_SCAN_H
#define SECCOMPC_EXPECT_SCAN_H

#include "expect.h"

struct scan {
	struct arena *arena;
	const char *file;
	unsigned line;
	const char *start, *at;
	const char *token; /* where what was read last begins */
	size_t tests;	   /* on arguments, so far */
	struct buf *errors;
};

/* Reports what is wrong at the last token; returns false. */
bool scan_fail(struct scan *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether nothing is left, or a digit or sign comes next. */
bool scan_at_end(struct scan *s);
bool scan_is_digit(struct scan *s);

/* Moves past a mark if it comes next. */
bool scan_take(struct scan *s, const char *mark);

/* The next word of letters, digits and _; NULL if there is none. */
const char *scan_word(struct scan *s);

/*
 * A number, or names and numbers joined by |, of which one at most has bits of
 * `field`: AF_UNIX|AF_INET is AF_AX25, and neither of both.  False after
 * reporting.
 */
bool scan_value(struct scan *s, uint64_t field, uint64_t *value);

/* expect-args.c: arguments in parentheses, which can be missing. */
bool scan_args(struct scan *s, struct expectation *e);

#endif
