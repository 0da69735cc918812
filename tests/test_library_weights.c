/*
 * Counts of syscalls that are given to the library: what they do to programs,
 * and why they are refused.
 */
#include "library-subject.h"

#include <stdio.h>

/* How many instructions a call takes shows which counts were used. */
static unsigned
cost(const struct scc_options *options, const char *name)
{
	struct scc_filter *filter = compile_with(
		options, DENYING
		"{\"names\":[\"read\",\"poll\",\"dup\",\"getpid\",\"fork\","
		"\"uname\",\"chdir\",\"time\",\"tkill\",\"mbind\",\"splice\","
		"\"accept4\"]," ALLOW "}]}");
	struct seccomp_data call;
	unsigned executed;

	ck_assert(scc_call(&call, "x86_64", name));
	ck_assert_uint_eq(scc_decide(filter, &call, &executed),
			  SECCOMP_RET_ALLOW);
	scc_filter_destroy(filter);
	return executed;
}

START_TEST(weights)
{
	static const char *const frequent[] = { "mbind", "uname", "accept4" };
	struct scc_options *options = scc_options_create();
	char text[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text), "%s 1000000\n", frequent[i]);
		ck_assert_int_eq(
			scc_options_set_weights(options, text, strlen(text)),
			SCC_OK);
		memset(text, '?', sizeof(text));
		/* Nothing else is called: it comes first. */
		for (size_t j = 0; j < 3; j++)
			ck_assert_uint_le(cost(options, frequent[i]),
					  cost(options, frequent[j]));
		ck_assert_uint_lt(cost(options, frequent[i]), 7);
	}
	ck_assert_int_eq(scc_options_set(options, "weights", "uniform"),
			 SCC_OK);
	scc_options_destroy(options);
}
END_TEST

START_TEST(bad_weights)
{
	static const struct {
		const char *text, *says;
		size_t len;
	} cases[] = {
		{ "", "no call of a known syscall", 0 },
		{ "read 1\nwrite x\n", "line 2: this is not a number", 15 },
		{ "read 1\n\n7 write\n", "line 3: a count where", 16 },
		{ "read 1\nwri\0e 2\n", "line 2: a NUL", 15 },
		{ "read -1\n", "line 1: this is not a number", 8 },
		{ "read 99999999999999999999\n", "line 1: ", 26 },
		{ "nosuchcall 3\n", "no call of a known syscall", 13 },
		{ "read 0\n", "no call of a known syscall", 7 },
	};
	static const char counts[] = "mbind 1000000\n";
	struct scc_options *options = scc_options_create();
	unsigned before;
	const char *error;

	ck_assert_int_eq(
		scc_options_set_weights(options, counts, sizeof(counts) - 1),
		SCC_OK);
	before = cost(options, "mbind");
	ck_assert_int_eq(
		scc_options_set_weights(options, cases[_i].text, cases[_i].len),
		SCC_REJECTED);
	error = scc_options_error(options);
	ck_assert_msg(!strncmp(error, "weights", 7), "%s", error);
	ck_assert_msg(strstr(error, cases[_i].says) != NULL, "%s", error);
	ck_assert_msg(!strstr(error, "line 0"), "%s", error);
	/* Those from before are still in force. */
	ck_assert_uint_eq(cost(options, "mbind"), before);
	scc_options_destroy(options);
}
END_TEST

/* Warnings alone do not hide why counts are refused. */
START_TEST(denied_weights)
{
	static const char counts[] = "read 1\nnosuchcall 3\n";
	struct scc_options *options = scc_options_create();

	ck_assert_int_eq(
		scc_options_set_weights(options, counts, sizeof(counts) - 1),
		SCC_OK);
	ck_assert_int_eq(scc_options_set(options, "deny", "warnings"), SCC_OK);
	ck_assert_int_eq(
		scc_options_set_weights(options, counts, sizeof(counts) - 1),
		SCC_REJECTED);
	ck_assert_ptr_nonnull(strstr(scc_options_error(options), "line 2"));
	scc_options_destroy(options);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("weights");

	tcase_add_test(tcase, weights);
	tcase_add_loop_test(tcase, bad_weights, 0, 8);
	tcase_add_test(tcase, denied_weights);
	return run_cases("library: weights", &tcase, 1);
}
