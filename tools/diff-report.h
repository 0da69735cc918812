/* What `seccompc diff` and `prove` print of a comparison. */
#ifndef SECCOMPC_DIFF_REPORT_H
#define SECCOMPC_DIFF_REPORT_H

#include "differ.h"

/* What is compared, in words. */
struct diff_sides {
	const char *a, *b;	/* names of files */
};

/* "equal", "a-stricter", "a-weaker" or "neither" */
const char *diff_verdict(const struct diff *diff);

/* One line on each case of each group, with a call, at most limit lines;
 * a and b are what the sides are called there. */
void diff_write_calls(struct buf *buf, const struct diff *diff, const char *a,
		      const char *b, size_t limit);

/* Grouped by syscall, for people, and the same as JSON. */
void diff_write_text(struct buf *buf, const struct diff *diff,
		     const struct diff_sides *sides);
void diff_write_json(struct buf *buf, const struct diff *diff,
		     const struct diff_sides *sides);

/*
 * Writes what a function makes to a file ("-": standard output).  Returns
 * false after reporting.
 */
bool diff_print(const char *output,
		void (*make)(struct buf *buf, const void *data),
		const void *data);

/* Why a comparison has no answer. */
void diff_explain_end(const struct diff *diff, enum dd_end end);

#endif
