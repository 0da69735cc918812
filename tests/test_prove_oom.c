/*
 * Every allocation of a compilation failing in turn, those of its proof among
 * them: there is the right program, or none and a word of why.  Linked with
 * --wrap for malloc and its kin.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "failing-malloc.h"

/* Conditions of all kinds, of which the masks make a proof start anew. */
static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
	"\"syscalls\":[{\"names\":[\"read\",\"write\",\"bind\"],"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"clone\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"op\":"
	"\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,\"valueTwo\":0}]},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
	"{\"index\":0,\"op\":\"SCMP_CMP_NE\",\"value\":40},"
	"{\"index\":1,\"op\":\"SCMP_CMP_LE\",\"value\":4294967299}]}]}";

enum outcome {
	PROGRAM,
	NO_MEMORY,
	NO_MEMORY_TO_PROVE,
	NEITHER,
};

struct reference {
	struct sock_filter *code;
	size_t count;
};

static enum outcome
judge(const struct compilation *c, bool ok, const struct reference *expected)
{
	const struct program *p = c->program;

	if (!ok) {
		if (p || !c->out_of_memory)
			return NEITHER;
		return c->proof.answer == PROOF_NO_MEMORY ? NO_MEMORY_TO_PROVE
							  : NO_MEMORY;
	}
	if (c->out_of_memory || c->proof.answer != PROOF_EQUAL || !p ||
	    p->code.n != expected->count ||
	    memcmp(p->code.v, expected->code,
		   expected->count * sizeof(*expected->code)) != 0)
		return NEITHER;
	return PROGRAM;
}

static void
make_reference(struct reference *expected)
{
	struct compilation c;

	compilation_init(&c, "oom", profile, sizeof(profile) - 1);
	ck_assert(compile(&c));
	expected->count = c.program->code.n;
	expected->code = calloc(expected->count, sizeof(*expected->code));
	ck_assert_ptr_nonnull(expected->code);
	memcpy(expected->code, c.program->code.v,
	       expected->count * sizeof(*expected->code));
	compilation_finish(&c);
}

static void
fail_all(bool all_after, size_t outcomes[NEITHER + 1])
{
	struct reference expected;
	bool failed = true;

	make_reference(&expected);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		struct compilation c;
		enum outcome outcome;
		bool ok;

		compilation_init(&c, "oom", profile, sizeof(profile) - 1);
		failing_start(n, all_after);
		ok = compile(&c);
		failed = failing_stop();
		outcome = judge(&c, ok, &expected);
		compilation_finish(&c);
		if (outcome == NEITHER || failing_live() != before)
			ck_abort_msg("allocation %ld", n);
		outcomes[outcome]++;
	}
	free(expected.code);
}

START_TEST(each_fails)
{
	size_t outcomes[NEITHER + 1] = { 0 };

	fail_all(_i, outcomes);
	printf("%zu without memory, %zu while it was proved, %zu programs\n",
	       outcomes[NO_MEMORY], outcomes[NO_MEMORY_TO_PROVE],
	       outcomes[PROGRAM]);
	ck_assert_uint_gt(outcomes[NO_MEMORY], 100);
	ck_assert_uint_gt(outcomes[NO_MEMORY_TO_PROVE], 20);
	ck_assert_uint_ge(outcomes[PROGRAM], 1);
}
END_TEST

static void
work(struct dd_set *set, void *data)
{
	dd *result = data;

	*result = dd_combine(set, DD_OR,
			     (dd[]){ dd_equals(set, DD_ARGS, 5, 1),
				     dd_less(set, DD_ARGS, 9),
				     dd_less(set, DD_NUMBER, 9) },
			     3, DD_FALSE);
}

/* The work itself, with what it came to from arithmetic. */
START_TEST(diagrams)
{
	bool failed = true;
	long n = 0;

	while (failed) {
		struct seccomp_data data = { .nr = 9, .args = { 13 } };
		struct dd_set set;
		enum dd_end end;
		dd a = DD_FALSE;

		failing_start(n++, false);
		end = dd_run(&set, work, &a);
		failed = failing_stop();
		ck_assert_int_eq(end, failed ? DD_NO_MEMORY : DD_DONE);
		if (!failed) {
			ck_assert_uint_eq(dd_decide(&set, a, &data), 0);
			data.args[0] = 17;
			ck_assert_uint_eq(dd_decide(&set, a, &data), 1);
		}
		dd_finish(&set);
	}
	ck_assert_int_gt(n, 5);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("prove-oom");
	TCase *tcase = tcase_create("oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, each_fails, 0, 2);
	tcase_add_test(tcase, diagrams);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
