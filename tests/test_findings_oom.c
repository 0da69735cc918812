/*
 * Allocations that fail while findings are written in each form: there is all
 * of the text, or a jump, and no memory is lost.  Linked with --wrap for malloc
 * and its kin.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "failing-malloc.h"
#include "tools/findings.h"

/* Findings of every severity, with and without hints, in long and hostile
 * names. */
static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"a##[error]b\":1,\"syscalls\":["
	"{\"names\":[\"opennat\",\"::error::{0}\",\"opennat\"],\n"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[],\"action\":"
	"\"SCMP_ACT_ALLOW\"},{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_KIL\""
	"}]}";

/* Returns false when out of memory. */
static bool
write_with(struct buf *buf, struct compilation *c, enum findings_format format)
{
	const struct findings_file file = { &c->source, &c->diags, 3 };
	struct findings findings = { .files = &file,
				     .count = 1,
				     .threshold = SEVERITY_NOTE,
				     .status = 1,
				     .colour = true };

	buf->arena = &c->arena;
	if (setjmp(c->arena.oom))
		return false;
	/* Check would allocate as well. */
	findings_find_root(&findings, &c->arena);
	findings_write(buf, format, &findings);
	return true;
}

static void
open_profile(struct compilation *c)
{
	compilation_init(c, "..//a\xff:b.json", profile, sizeof(profile) - 1);
	c->diags.level[DIAG_UNKNOWN_ACTION] = SEVERITY_WARNING;
	compile(c);
	ck_assert(!c->out_of_memory);
	ck_assert_uint_ge(c->diags.list.n, 2);
}

START_TEST(writing)
{
	enum findings_format format = _i / 2;
	struct compilation whole;
	struct buf expected = { 0 };
	bool failed = true, done = true;
	size_t without = 0;

	open_profile(&whole);
	ck_assert(write_with(&expected, &whole, format));
	ck_assert_uint_gt(expected.len, 100);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		struct compilation c;
		struct buf buf = { 0 };

		open_profile(&c);
		failing_start(n, _i % 2);
		done = write_with(&buf, &c, format);
		failed = failing_stop();
		without += !done;
		ck_assert(done || failed);
		ck_assert(!done || (buf.len == expected.len &&
				    !memcmp(buf.data, expected.data, buf.len)));
		compilation_finish(&c);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert(done);
	ck_assert_uint_gt(without, 10);
	compilation_finish(&whole);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("findings-oom");
	TCase *tcase = tcase_create("findings-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, writing, 0, FINDINGS_FORMATS * 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
