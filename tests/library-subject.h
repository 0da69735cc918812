/* What the tests of the library share: filters of texts, compiled or not. */
#ifndef TESTS_LIBRARY_SUBJECT_H
#define TESTS_LIBRARY_SUBJECT_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "seccompc.h"

#define ALLOW "\"action\":\"SCMP_ACT_ALLOW\""
#define DENYING "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["

/* Options that are set to names and values, up to a NULL. */
static inline struct scc_options *
options_of(const char *const *settings)
{
	struct scc_options *options = scc_options_create();

	ck_assert_ptr_nonnull(options);
	for (; *settings; settings += 2)
		ck_assert_msg(scc_options_set(options, settings[0],
					      settings[1]) == SCC_OK,
			      "%s", scc_options_error(options));
	return options;
}

static inline struct scc_filter *
compile_as(enum scc_result wanted, const struct scc_options *options,
	   const char *text)
{
	struct scc_filter *filter;
	enum scc_result result =
		scc_compile(&filter, options, "test.json", text, strlen(text));

	ck_assert_ptr_nonnull(filter);
	ck_assert_msg(
		result == wanted, "%s, not %s: %s", scc_result_text(result),
		scc_result_text(wanted),
		scc_diagnostic_count(filter)
			? scc_diagnostic_text(scc_diagnostic_at(filter, 0))
			: "");
	return filter;
}

static inline struct scc_filter *
compile_with(const struct scc_options *options, const char *text)
{
	return compile_as(SCC_OK, options, text);
}

static inline struct scc_filter *
load_code(const struct sock_filter *code, size_t count)
{
	struct scc_filter *filter;

	ck_assert_int_eq(
		scc_load(&filter, "code.bpf", code, count * sizeof(*code)),
		SCC_OK);
	return filter;
}

static inline uint32_t
decide_call(const struct scc_filter *filter, const char *abi, const char *name,
	    uint64_t arg0)
{
	struct seccomp_data call;

	ck_assert(scc_call(&call, abi, name));
	call.args[0] = arg0;
	return scc_decide(filter, &call, NULL);
}

/* The instructions as bytes. */
static inline size_t
bytes_of(const struct scc_filter *filter, const void **bytes)
{
	size_t count;

	*bytes = scc_instructions(filter, &count);
	return count * sizeof(struct sock_filter);
}

static inline void
assert_same_program(const struct scc_filter *a, const struct scc_filter *b)
{
	const void *x, *y;
	size_t n = bytes_of(a, &x);

	ck_assert_uint_eq(n, bytes_of(b, &y));
	ck_assert_mem_eq(x, y, n);
}

/* A filter that has no program, and why: whatever is asked of it. */
static inline void
expect_refused(struct scc_filter *filter, enum scc_result result,
	       const char *name)
{
	const struct scc_diagnostic *d;
	struct scc_comparison *comparison;
	struct seccomp_data call = { .arch = 0xc000003e };
	unsigned executed = 99;
	size_t count = 99, len = 99;
	char *data = (char *)&len;

	ck_assert_int_eq(result, SCC_REJECTED);
	d = scc_diagnostic_at(filter, 0);
	ck_assert_ptr_nonnull(d);
	ck_assert_int_eq(scc_diagnostic_severity(d), SCC_ERROR);
	ck_assert_str_eq(scc_diagnostic_name(d), name);
	ck_assert_ptr_nonnull(strstr(scc_diagnostic_text(d), name));
	ck_assert_ptr_null(scc_instructions(filter, &count));
	ck_assert_uint_eq(count, 0);
	ck_assert_uint_eq(scc_decide(filter, &call, &executed),
			  SECCOMP_RET_KILL_PROCESS);
	ck_assert_uint_eq(executed, 0);
	ck_assert_int_eq(scc_write(filter, "bpf", NULL, &data, &len),
			 SCC_REJECTED);
	ck_assert_ptr_null(data);
	ck_assert_int_eq(scc_compare(&comparison, filter, filter),
			 SCC_REJECTED);
	ck_assert_ptr_null(comparison);
	scc_filter_destroy(filter);
}

static inline int
run_cases(const char *name, TCase *const *cases, size_t count)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (size_t i = 0; i < count; i++) {
		tcase_set_timeout(cases[i], 120);
		suite_add_tcase(suite, cases[i]);
	}
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
