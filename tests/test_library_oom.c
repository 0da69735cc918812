/*
 * The library with allocations that fail, each one in turn, and all from there
 * on: an error, and nothing is left behind; or the right result.  Linked with
 * --wrap for malloc and its kin.
 */
#include "library-subject.h"

#include <stdio.h>

#include "failing-malloc.h"

static const char *const profiles[] = {
	/* Conditions, with masks and wide values. */
	DENYING "{\"names\":[\"read\",\"write\",\"bind\"]," ALLOW "},"
		"{\"names\":[\"clone\"]," ALLOW ",\"args\":[{\"index\":0,"
		"\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,"
		"\"valueTwo\":0}]},{\"names\":[\"kill\",\"lseek\"]," ALLOW
		",\"args\":[{\"index\":1,\"op\":\"SCMP_CMP_GE\",\"value\":"
		"4294967299},{\"index\":0,\"op\":\"SCMP_CMP_NE\",\"value\":9}"
		"]}]}",
	/* Three ABIs, a name with escapes, a multiplexer. */
	"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
	"\"syscalls\":[{\"names\":[\"r\\u0065ad\",\"socketcall\"]," ALLOW "},"
	"{\"names\":[\"socket\"],\"action\":\"SCMP_ACT_LOG\",\"args\":[{"
	"\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":1}]}]}",
	/* Warnings and notes. */
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"comment\":0.5,\"syscalls\":[{"
	"\"names\":[\"raed\",\"read\"]," ALLOW "},{\"names\":[]," ALLOW "}]}",
	/* Refused: by the reader, by rules that contradict. */
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":["
	"\"dup\"],\"action\":\"SCMP_ACT_X\"},{\"names\":[\"raed\"],"
	"\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":99999}]}",
	DENYING "{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_TRAP\",\"args\":[{"
		"\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":1}]},{\"names\":["
		"\"dup\"]," ALLOW ",\"args\":[{\"index\":1,\"op\":"
		"\"SCMP_CMP_EQ\",\"value\":1}]}]}",
};

enum { PROFILES = sizeof(profiles) / sizeof(*profiles) };

static const char counts[] = "read 7\nwrite 5\nclone 3\n";

/* Of the options' own, with counts that each filter copies. */
static struct scc_options *
weighted(void)
{
	struct scc_options *options = scc_options_create();

	ck_assert_ptr_nonnull(options);
	ck_assert_int_eq(
		scc_options_set_weights(options, counts, sizeof(counts) - 1),
		SCC_OK);
	return options;
}

/* One call of the library, which may fail for want of memory. */
struct attempt {
	const struct scc_options *options;
	const char *text, *format;
	const struct scc_filter *a, *b;
	/* What came out. */
	struct scc_filter *filter;
	struct scc_comparison *comparison;
	struct scc_statistics *statistics;
	char *data;
	size_t len;
};

/* Each is told apart from one that was not touched. */
#define POISON ((void *)0x5a)

static bool
is_same_filter(const struct scc_filter *a, const struct scc_filter *b)
{
	const void *x, *y;
	size_t n = bytes_of(a, &x), count = scc_diagnostic_count(a);

	if (n != bytes_of(b, &y) || (n && memcmp(x, y, n) != 0) ||
	    count != scc_diagnostic_count(b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (strcmp(scc_diagnostic_text(scc_diagnostic_at(a, i)),
			   scc_diagnostic_text(scc_diagnostic_at(b, i))) != 0)
			return false;
	return true;
}

static bool
is_same(const struct attempt *a, const struct attempt *b)
{
	if (a->filter)
		return is_same_filter(a->filter, b->filter);
	if (a->comparison)
		return !strcmp(scc_comparison_text(a->comparison),
			       scc_comparison_text(b->comparison)) &&
		       scc_comparison_order(a->comparison) ==
			       scc_comparison_order(b->comparison);
	if (a->statistics)
		return scc_statistic(a->statistics, SCC_WORST_PATH, NULL) ==
			       scc_statistic(b->statistics, SCC_WORST_PATH,
					     NULL) &&
		       scc_statistic(a->statistics, SCC_CONDITIONAL, "i386") ==
			       scc_statistic(b->statistics, SCC_CONDITIONAL,
					     "i386");
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

static void
clear(struct attempt *a)
{
	scc_filter_destroy(a->filter);
	scc_comparison_destroy(a->comparison);
	scc_statistics_destroy(a->statistics);
	free(a->data);
	a->filter = NULL;
	a->statistics = NULL;
	a->comparison = NULL;
	a->data = NULL;
}

/*
 * Runs it with one failure after the other until none is left.  Returns how
 * often there was no memory.
 */
static size_t
fail_each(struct attempt *a, enum scc_result (*run)(struct attempt *a),
	  bool all)
{
	struct attempt expected = *a;
	enum scc_result right = run(&expected);
	size_t without = 0;
	bool failed = true;

	ck_assert_int_ne(right, SCC_NO_MEMORY);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		enum scc_result result;

		failing_start(n, all);
		result = run(a);
		failed = failing_stop();
		if (result == SCC_NO_MEMORY) {
			without++;
			ck_assert(failed);
			ck_assert_ptr_null(a->filter);
			ck_assert_ptr_null(a->comparison);
			ck_assert_ptr_null(a->statistics);
			ck_assert_ptr_null(a->data);
		} else {
			ck_assert_int_eq(result, right);
			ck_assert(is_same(a, &expected));
		}
		clear(a);
		ck_assert_int_eq(failing_live(), before);
	}
	clear(&expected);
	return without;
}

static enum scc_result
run_compile(struct attempt *a)
{
	a->filter = POISON;
	return scc_compile(&a->filter, a->options, "oom.json", a->text,
			   strlen(a->text));
}

START_TEST(compiling)
{
	struct scc_options *options = weighted();
	struct attempt a = { .options = _i < PROFILES ? options : NULL,
			     .text = profiles[_i % PROFILES] };

	ck_assert_uint_gt(fail_each(&a, run_compile, false), 10);
	ck_assert_uint_gt(fail_each(&a, run_compile, true), 10);
	scc_options_destroy(options);
}
END_TEST

static enum scc_result
run_load(struct attempt *a)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	a->filter = POISON;
	return scc_load(&a->filter, "oom.bpf", code, a->len);
}

START_TEST(loading)
{
	struct attempt a = { .len = _i ? 3 : 16 };

	/* The filter, its name, its code; or what is said of it. */
	ck_assert_uint_ge(fail_each(&a, run_load, false), 3);
	ck_assert_uint_ge(fail_each(&a, run_load, true), 3);
}
END_TEST

static enum scc_result
run_write(struct attempt *a)
{
	a->data = POISON;
	return scc_write(a->a, a->format, NULL, &a->data, &a->len);
}

static const char *const formats[] = { "bpf",	 "c",	"asm", "json",	  "hex",
				       "base64", "dot", "oci", "manifest" };

enum { FORMATS = sizeof(formats) / sizeof(*formats) };

START_TEST(writing)
{
	struct scc_filter *filter = compile_with(NULL, profiles[_i / FORMATS]);
	struct attempt a = { .a = filter, .format = formats[_i % FORMATS] };

	ck_assert_uint_ge(fail_each(&a, run_write, false), 2);
	ck_assert_uint_ge(fail_each(&a, run_write, true), 2);
	scc_filter_destroy(filter);
}
END_TEST

START_TEST(writing_programs)
{
	static const char *const some[] = { "bpf", "asm", "hex", "base64",
					    "dot" };
	struct scc_filter *from = compile_with(NULL, profiles[0]);
	size_t count;
	const struct sock_filter *code = scc_instructions(from, &count);
	struct scc_filter *filter = load_code(code, count);
	struct attempt a = { .a = filter, .format = some[_i] };

	ck_assert_uint_ge(fail_each(&a, run_write, false), 2);
	ck_assert_uint_ge(fail_each(&a, run_write, true), 2);
	scc_filter_destroy(filter);
	scc_filter_destroy(from);
}
END_TEST

static enum scc_result
run_compare(struct attempt *a)
{
	a->comparison = POISON;
	return scc_compare(&a->comparison, a->a, a->b);
}

START_TEST(comparing)
{
	struct scc_filter *x = compile_with(NULL, profiles[0]);
	struct scc_filter *y = compile_with(NULL, profiles[_i]);
	struct attempt a = { .a = x, .b = y };

	ck_assert_uint_gt(fail_each(&a, run_compare, false), 5);
	ck_assert_uint_gt(fail_each(&a, run_compare, true), 5);
	scc_filter_destroy(x);
	scc_filter_destroy(y);
}
END_TEST

static enum scc_result
run_count(struct attempt *a)
{
	a->statistics = POISON;
	return scc_statistics_create(&a->statistics, a->a);
}

START_TEST(counting)
{
	struct scc_filter *filter = compile_with(NULL, profiles[_i]);
	struct attempt a = { .a = filter };

	ck_assert_uint_ge(fail_each(&a, run_count, false), 2);
	ck_assert_uint_ge(fail_each(&a, run_count, true), 2);
	scc_filter_destroy(filter);
}
END_TEST

/* Options are there or not; what was set before stays. */
START_TEST(setting_options)
{
	static const char other[] = "nosuch 5\nclose 9\n";
	struct scc_options *options;
	struct scc_filter *before, *after;
	bool failed = true;
	long live_at_start = failing_live();

	failing_start(0, false);
	options = scc_options_create();
	ck_assert(failing_stop());
	ck_assert_ptr_null(options);

	options = weighted();
	before = compile_with(options, profiles[0]);
	for (long n = 0; failed; n++) {
		long live = failing_live();
		enum scc_result result;

		failing_start(n, _i);
		result = scc_options_set_weights(options, other,
						 sizeof(other) - 1);
		failed = failing_stop();
		ck_assert_int_eq(result, failed ? SCC_NO_MEMORY : SCC_OK);
		if (!failed)
			break;
		ck_assert_int_eq(failing_live(), live);
		ck_assert_ptr_nonnull(
			strstr(scc_options_error(options), "memory"));
		after = compile_with(options, profiles[0]);
		assert_same_program(before, after);
		scc_filter_destroy(after);
	}
	scc_filter_destroy(before);
	scc_options_destroy(options);
	ck_assert_int_eq(failing_live(), live_at_start);
}
END_TEST

/* These need none. */
START_TEST(without_memory)
{
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter = compile_with(NULL, profiles[0]);
	struct seccomp_data call;
	size_t count;
	bool fine;

	/* Check allocates for each of its own assertions. */
	failing_start(0, true);
	fine = scc_options_set(options, "caps", "docker") == SCC_OK &&
	       scc_options_set(options, "caps", "x") == SCC_USAGE &&
	       scc_call(&call, "i386", "socketcall") &&
	       scc_decide(filter, &call, NULL) == SECCOMP_RET_KILL_THREAD &&
	       scc_instructions(filter, &count) && !scc_flags(filter) &&
	       !scc_diagnostic_count(filter) &&
	       scc_result_text(SCC_NO_MEMORY) && scc_install_error(524) &&
	       /* There is no such flag. */
	       scc_install(filter, 1u << 30) == -1;
	scc_options_set_caps(options, 7);
	ck_assert(!failing_stop());
	ck_assert(fine);
	scc_filter_destroy(filter);
	scc_options_destroy(options);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("no memory");
	Suite *suite = suite_create("library: no memory");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, compiling, 0, PROFILES + 1);
	tcase_add_loop_test(tcase, loading, 0, 2);
	tcase_add_loop_test(tcase, writing, 0, 2 * FORMATS);
	tcase_add_loop_test(tcase, writing_programs, 0, 5);
	tcase_add_loop_test(tcase, comparing, 0, 3);
	tcase_add_loop_test(tcase, counting, 0, 3);
	tcase_add_loop_test(tcase, setting_options, 0, 2);
	tcase_add_test(tcase, without_memory);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
