/*
 * Every allocation of json_read failing in turn.  Linked with --wrap for
 * malloc and its kin; with a static json-c its allocations fail as well.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "failing-malloc.h"
#include "json-dump.h"

/* clang-format off */
static const struct {
	const char *text, *tree;	/* NULL: it is rejected */
} texts[] = {
	{ "{\"names\":[\"read\",\"a text that is longer than what json-c's "
	  "buffer holds at first, so that it has to grow\",-5,7],"
	  "\"\\u0062\":{\"c\":{}, \"d\":[null,true,1.5]}}",
	  "{'6e616d6573':['72656164','6120746578742074686174206973206c6f6e67"
	  "6572207468616e2077686174206a736f6e2d6327732062756666657220686f6c"
	  "64732061742066697273742c20736f20746861742069742068617320746f2067"
	  "726f77',-5,7],'62':{'63':{},'64':[n,t,x]}}" },
	{ "[]", "[]" },
	{ "{\"a\":[1,{\"a\":2}],\"a\":3}", NULL },
	{ "[0x10]", NULL },
	{ "{\"a\":[1}", NULL },
};
/* clang-format on */

enum outcome {
	READ,
	REFUSED,
	OUT_OF_MEMORY,
};

static enum outcome
read_once(struct arena *arena, struct diags *diags, const char *text,
	  const struct json **json)
{
	static struct source source;

	source = (struct source){ "t", text, strlen(text) };
	if (setjmp(arena->oom))
		return OUT_OF_MEMORY;
	diags_init(diags, arena, &source);
	*json = json_read(arena, &source, diags);
	return *json ? READ : REFUSED;
}

/* Makes the nth allocation fail, and perhaps all after it.  Returns false
 * when there was no nth. */
static bool
fail_nth(const char *text, const char *tree, long n, bool all_after)
{
	struct arena arena;
	struct diags diags;
	const struct json *json = NULL;
	struct buf buf = { .arena = &arena };
	long before = failing_live();
	enum outcome outcome;
	bool failed;

	arena_init(&arena);
	failing_start(n, all_after);
	outcome = read_once(&arena, &diags, text, &json);
	failed = failing_stop();
	if (!failed)
		ck_assert_int_eq(outcome, tree ? READ : REFUSED);
	if (outcome == REFUSED)
		ck_assert_uint_gt(diags.list.n, 0);
	if (outcome == READ) {
		/* json-c can do without some of its memory. */
		ck_assert_ptr_nonnull(tree);
		json_dump(&buf, json, false);
		ck_assert_str_eq(buf.data, tree);
	}
	arena_finish(&arena);
	ck_assert_int_eq(failing_live(), before);
	return failed;
}

START_TEST(each_fails)
{
	long n = 0;

	while (fail_nth(texts[_i].text, texts[_i].tree, n, false))
		n++;
	/* The first run without a failure came after some with one. */
	ck_assert_int_gt(n, 2);
}
END_TEST

START_TEST(all_fail)
{
	long n = 0;

	while (n < 1000 && fail_nth(texts[_i].text, texts[_i].tree, n, true))
		n++;
	ck_assert_int_gt(n, 2);
	ck_assert_int_lt(n, 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json-oom");
	TCase *tcase = tcase_create("oom");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, each_fails, 0, LENGTH(texts));
	tcase_add_loop_test(tcase, all_fail, 0, LENGTH(texts));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
