/*
 * Allocations that fail while a profile is rewritten or a program is built:
 * there is the right result, or none.  Linked with --wrap for malloc and its
 * kin.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "failing-malloc.h"
#include "rewrite.h"

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],"
	"\"syscalls\":[{\"names\":[\"read\",\"write\",\"bind\"],"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"clone\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"op\":"
	"\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,\"valueTwo\":0}]},"
	"{\"names\":[\"kill\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
	"{\"index\":1,\"op\":\"SCMP_CMP_NE\",\"value\":9}]}]}";

static void
ask(struct rewrite *r, const struct compilation *c)
{
	*r = (struct rewrite){
		.wanted = rewrite_read_rules,
		.data = c->ruleset,
		.native = ABI_X86_64,
		.any_denial = true,
		.source = c->profile,
	};
}

static void
open_profile(struct compilation *c)
{
	compilation_init(c, "oom", profile, sizeof(profile) - 1);
	ck_assert(compile(c));
}

START_TEST(rewriting)
{
	static struct rewrite expected, r;
	struct compilation c;
	bool failed = true;
	size_t without = 0;

	open_profile(&c);
	ask(&expected, &c);
	ck_assert_int_eq(rewrite(&expected), REWRITE_DONE);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		enum rewrite_end end;

		ask(&r, &c);
		failing_start(n, _i);
		end = rewrite(&r);
		failed = failing_stop();
		without += end == REWRITE_NO_MEMORY;
		ck_assert(end == REWRITE_NO_MEMORY || end == REWRITE_DONE);
		if (end == REWRITE_DONE)
			ck_assert_str_eq(r.text.data, expected.text.data);
		rewrite_finish(&r);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert_uint_gt(without, 50);
	rewrite_finish(&expected);
	compilation_finish(&c);
}
END_TEST

START_TEST(building)
{
	static struct build b;
	struct compilation c;
	bool failed = true;
	size_t without = 0;

	open_profile(&c);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		enum build_end end;

		b = (struct build){ .wanted = rewrite_read_rules,
				    .data = c.ruleset,
				    .options = &c.options };
		failing_start(n, _i);
		end = build(&b);
		failed = failing_stop();
		without += end == BUILD_NO_MEMORY;
		ck_assert(end == BUILD_NO_MEMORY || end == BUILD_DONE);
		ck_assert((end == BUILD_DONE) == (b.program != NULL));
		build_finish(&b);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert_uint_gt(without, 50);
	compilation_finish(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rewrite-oom");
	TCase *tcase = tcase_create("rewrite-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, rewriting, 0, 2);
	tcase_add_loop_test(tcase, building, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
