/* Printing comparisons, for `seccompc diff` and `prove`. */
#ifndef SECCOMPC_DIFF_REPORT_H
#define SECCOMPC_DIFF_REPORT_H

#include "differ.h"

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
