/* What `seccompc test` found, in the forms that people and programs read. */
#ifndef SECCOMPC_TEST_REPORT_H
#define SECCOMPC_TEST_REPORT_H

#include "compiler/explain/expect.h"
#include "input.h"

enum test_format {
	TEST_TEXT,
	TEST_TAP,   /* version 13 */
	TEST_JUNIT, /* XML, a test suite for each file of expectations */
};

struct test_report {
	const struct input *input; /* what was tested */
	const struct expectations *list;
	const struct expect_result *results; /* by expectation */
};

struct test_counts {
	size_t all, failed, skipped;
};

/* Expectations first to first + count - 1. */
struct test_counts test_count(const struct test_report *report, size_t first,
			      size_t count);

void test_write(struct buf *buf, enum test_format format,
		const struct test_report *report);

#endif
