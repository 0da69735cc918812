/*
 * Allocations that fail while a page about a profile is made: there is all of
 * the page, or a jump, and no memory is lost.  Linked with --wrap for malloc
 * and its kin.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "failing-malloc.h"
#include "report.h"

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"listenerPath\":\"/a\",\n"
	"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"x\":0,"
	"\"syscalls\":[{\"names\":[\"read\",\"write\",\"bind\"],"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"clone\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"op\":"
	"\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,\"valueTwo\":0}]}]}";
static const char other[] = "{\"defaultAction\":\"SCMP_ACT_LOG\"}";

static void
start(struct compilation *c, const char *text)
{
	compilation_init(c, "oom", text, strlen(text));
	ck_assert(compile(c));
}

/* Returns false when out of memory. */
static bool
write_page(struct buf *buf, struct compilation *c,
	   const struct report_baseline *baseline)
{
	struct report report;

	if (setjmp(buf->arena->oom))
		return false;
	report_init(&report, buf->arena, baseline);
	if (report_add(&report, c))
		report_write(buf, &report);
	return true;
}

/* Whether the nth allocation was there, and failed. */
static bool
fail_at(long n, bool all_after, const struct report_baseline *baseline,
	const struct buf *expected, size_t *without)
{
	long before = failing_live();
	struct compilation c;
	struct arena arena;
	struct buf buf = { .arena = &arena };
	bool done, failed;

	start(&c, profile);
	arena_init(&arena);
	failing_start(n, all_after);
	done = write_page(&buf, &c, baseline);
	failed = failing_stop();
	*without += !done;
	ck_assert(done || failed);
	/* Check would allocate as well. */
	ck_assert(!done || (buf.len == expected->len &&
			    !memcmp(buf.data, expected->data, buf.len)));
	arena_finish(&arena);
	compilation_finish(&c);
	ck_assert_int_eq(failing_live(), before);
	return failed;
}

START_TEST(page)
{
	struct report_baseline baseline = { .name = "other" };
	struct compilation c, against;
	struct arena whole;
	struct buf expected = { .arena = &whole };
	size_t without = 0;
	long n = 0;

	start(&against, other);
	baseline.side.ruleset = against.ruleset;
	start(&c, profile);
	arena_init(&whole);
	ck_assert(write_page(&expected, &c, &baseline));
	ck_assert(strstr(expected.data, "</html>"));
	while (fail_at(n, _i, &baseline, &expected, &without))
		n++;
	ck_assert_int_gt(n, 300);
	ck_assert_uint_gt(without, 100);
	arena_finish(&whole);
	compilation_finish(&c);
	compilation_finish(&against);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("report-oom");
	TCase *tcase = tcase_create("report-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, page, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
