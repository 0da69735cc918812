/*
 * Allocations that fail while a profile is checked: all is found, or memory
 * ran out.  Linked with --wrap for malloc and its kin.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/lint.h"
#include "failing-malloc.h"

/* With a finding of most lints, and over all budgets. */
static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\"],\"syscalls\":["
	"{\"names\":[\"mount\",\"open\",\"ptrace\",\"ptrace\"],"
	"\"action\":\"SCMP_ACT_ERRNO\"},"
	"{\"names\":[\"clone\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
	"{\"index\":0,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":268435456}]},"
	"{\"names\":[\"bpf\"],\"action\":\"SCMP_ACT_ERRNO\",\"excludes\":{"
	"\"caps\":[\"CAP_BPF\"]}},"
	"{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
	"{\"index\":1,\"op\":\"SCMP_CMP_EQ\",\"value\":21522}]}]}";
static const char baseline[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	"{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_KILL_PROCESS\"}]}";

static void
open_profile(struct compilation *c, const char *text)
{
	compilation_init(c, "oom", text, strlen(text));
	/* For check they do not hide what is behind them. */
	for (size_t i = 0; i < DIAG_COUNT; i++)
		if (diag_table[i].adjustable &&
		    c->diags.level[i] == SEVERITY_ERROR)
			c->diags.level[i] = SEVERITY_WARNING;
	c->options.caps_given = true;
	c->options.kernel_given = true;
	c->options.kernel = 4 << 8 | 4;
	ck_assert(compile(c));
}

static bool
check_profile(struct compilation *c, const struct budgets *budgets,
	      enum consumer consumer)
{
	const struct lint_options options = { .consumer = consumer,
					      .budgets = budgets };

	return lint_run(c, &options) && budgets_check(c, budgets);
}

START_TEST(checking)
{
	struct compilation expected, base, c;
	struct side side;
	struct budgets budgets = { .max_instructions = 1,
				   .max_path = 1,
				   .min_cached = 100,
				   .percent = true,
				   .baseline = &side,
				   .baseline_name = "baseline" };
	/* The second one makes the lints read the profile once more. */
	enum consumer consumer =
		_i >> 1 ? CONSUMER_KUBERNETES : CONSUMER_DOCKER;
	long step = getenv("SECCOMPC_CORPUS_STEP") ? 40 : 4;
	bool failed = true;
	size_t without = 0;

	open_profile(&base, baseline);
	side = (struct side){ .ruleset = base.ruleset,
			      .code = base.program->code.v,
			      .count = base.program->code.n };
	open_profile(&expected, profile);
	ck_assert(check_profile(&expected, &budgets, consumer));
	ck_assert(expected.diags.found[DIAG_MAX_INSTRUCTIONS]);
	ck_assert(expected.diags.found[DIAG_MAX_PATH]);
	ck_assert(expected.diags.found[DIAG_MIN_CACHED]);
	ck_assert(expected.diags.found[DIAG_WEAKER]);
	/* Beyond the first ones some will do, with sanitizers few. */
	for (long n = 0; failed; n += n < 300 ? 1 : step) {
		long before = failing_live();
		bool done;

		open_profile(&c, profile);
		failing_start(n, _i & 1);
		done = check_profile(&c, &budgets, consumer);
		failed = failing_stop();
		without += !done;
		ck_assert(done != c.out_of_memory);
		ck_assert(done || failed);
		if (done)
			ck_assert_uint_eq(c.diags.list.n,
					  expected.diags.list.n);
		compilation_finish(&c);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert_uint_gt(without, 50);
	compilation_finish(&expected);
	compilation_finish(&base);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("check-oom");
	TCase *tcase = tcase_create("check-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, checking, 0, 4);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
