/*
 * Allocations that fail: for programs linked with --wrap for malloc and its
 * kin.  What comes from a shared library does not fail.
 */
#ifndef TESTS_FAILING_MALLOC_H
#define TESTS_FAILING_MALLOC_H

#include <stdbool.h>

/* The nth allocation from now on fails, from 0 on; or all from there on. */
void failing_start(long nth, bool all_after);

/* Back to normal.  Returns whether there was an nth. */
bool failing_stop(void);

/* How many allocations are not freed. */
long failing_live(void);

#endif
