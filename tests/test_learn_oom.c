/*
 * Allocations that fail while calls are added to a set and to a profile: there
 * is the right result, or none, and nothing is left.  Linked with --wrap for
 * malloc and its kin.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "failing-malloc.h"
#include "learn/base.h"

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	"{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},"
	"{\"names\":[\"mount\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
	"{\"index\":3,\"op\":\"SCMP_CMP_EQ\",\"value\":1}]}]}";

static const struct {
	uint32_t arch, number;
	uint64_t args[6];
} calls[] = {
	{ 0xc000003e, 0, { 0 } },      { 0xc000003e, 1, { 0 } },
	{ 0xc000003e, 16, { 1, 21 } }, { 0x40000003, 54, { 1, 22 } },
	{ 0xc000003e, 165, { 0 } },    { 0xc000003e, 999, { 0 } },
};

/* Whether there was room for it; text is then what came out. */
static bool
extend(const struct compilation *c, char *text, size_t size)
{
	struct learned_options options = { .arguments = true };
	struct buf fresh;
	family_notes notes = { 0 };
	struct arena arena;
	struct base base;
	struct seen *seen;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		arena_finish(&arena);
		return false;
	}
	seen = seen_create(&arena);
	seen_against(seen, base_widen(&arena, c));
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct seen_call call = { .arch = calls[i].arch,
						.number = calls[i].number,
						.exe = "/bin/a",
						.args = calls[i].args };

		seen_add(seen, &call);
	}
	families_find(&notes, seen, &options);
	fresh = (struct buf){ .arena = &arena };
	learned_write(&fresh, seen, &options);
	*text = '\0';
	if (base_extend(&base, &arena, c, seen, &options) == BASE_DONE)
		snprintf(text, size, "%zu %zu %s%s", notes.n, base.items.n,
			 base.draft.text, fresh.data);
	arena_finish(&arena);
	return true;
}

START_TEST(extending)
{
	static char expected[4096], text[4096];
	struct compilation c;
	bool failed = true;
	size_t without = 0;

	compilation_init(&c, "oom", profile, sizeof(profile) - 1);
	ck_assert(compile(&c));
	ck_assert(extend(&c, expected, sizeof(expected)));
	ck_assert_ptr_nonnull(strstr(expected, "[\"read\", \"write\"]"));
	ck_assert_ptr_nonnull(strstr(expected, "SCMP_ARCH_X86"));
	for (long n = 0; failed; n++) {
		long before = failing_live();
		bool done;

		failing_start(n, _i);
		done = extend(&c, text, sizeof(text));
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
	Suite *suite = suite_create("learn-oom");
	TCase *tcase = tcase_create("learn-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, extending, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
