/* Every allocation of weights_read failing in turn. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "failing-malloc.h"

static const struct {
	const char *text;
	bool fine;
} texts[] = {
	{ "read 3\nreed 1\nwrite 4\n", true },
	{ "calls syscall\n1 read\n2 write\n3 total\n", true },
	{ "read\nwrite -1\n", false },
	{ "reed 1\n", false },
};

/* Makes the nth allocation fail.  Returns false when there was no nth. */
static bool
fail_nth(size_t i, long n)
{
	struct source source = { "t", texts[i].text, strlen(texts[i].text) };
	struct arena arena;
	struct diags diags;
	long before = failing_live();
	bool failed;

	arena_init(&arena);
	failing_start(n, false);
	if (!setjmp(arena.oom)) {
		const struct weights *weights;

		diags_init(&diags, &arena, &source);
		weights = weights_read(&arena, &source, &diags);
		failed = failing_stop();
		ck_assert(!failed);
		ck_assert_int_eq(weights != NULL, texts[i].fine);
	} else {
		failed = failing_stop();
		ck_assert(failed);
	}
	arena_finish(&arena);
	ck_assert_int_eq(failing_live(), before);
	return failed;
}

START_TEST(each_fails)
{
	long n = 0;

	while (fail_nth((size_t)_i, n))
		n++;
	ck_assert_int_gt(n, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("weights-oom");
	TCase *tcase = tcase_create("oom");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, each_fails, 0, LENGTH(texts));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
