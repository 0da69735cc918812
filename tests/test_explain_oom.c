/*
 * Allocations that fail while a call is explained and changes are tried: there
 * is the right result, or none, and nothing is left.  Linked with --wrap for
 * malloc and its kin.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/edit.h"
#include "failing-malloc.h"

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	"{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
	"{\"index\":0,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,"
	"\"valueTwo\":0}]},{\"names\":[\"clone\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[\"CAP_KILL\"]}}]}";

/* Whether there was room for it; text is then what came out. */
static bool
ask(const struct compilation *c, char *text, size_t size)
{
	struct trace_request request = { .arch = 0xc000003e, .number = 56 };
	struct arena arena;
	struct edit edit;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		arena_finish(&arena);
		return false;
	}
	edit_find(&edit, &arena, c, &request, EDIT_SYSCALL, SECCOMP_RET_ALLOW);
	snprintf(text, size, "%s", edit.problem ? edit.problem : edit.text);
	arena_finish(&arena);
	return true;
}

START_TEST(changing)
{
	static char expected[1024], text[1024];
	struct compilation c;
	bool failed = true;
	size_t without = 0;

	compilation_init(&c, "oom", profile, sizeof(profile) - 1);
	c.options.caps_given = true;
	ck_assert(compile(&c));
	ck_assert(ask(&c, expected, sizeof(expected)));
	ck_assert(strstr(expected, "[\"clone\",") != NULL);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		bool done;

		failing_start(n, _i);
		done = ask(&c, text, sizeof(text));
		failed = failing_stop();
		without += !done;
		if (done)
			ck_assert_str_eq(text, expected);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert_uint_gt(without, 100);
	compilation_finish(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("explain-oom");
	TCase *tcase = tcase_create("explain-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, changing, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
