/*
 * Every allocation of kubernetes_read failing in turn.  Linked with --wrap
 * for malloc and its kin; with a static libyaml its allocations fail as well.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/kubernetes.h"
#include "compiler/check/yaml-read.h"
#include "failing-malloc.h"

/* clang-format off */
static const struct {
	const char *text;
	size_t profiles, findings; /* 0 and more than 0: it is rejected */
} texts[] = {
	{ "%TAG !e! tag:example.com,2000:\n--- !e!pod\n"
	  "x: &x {seccompProfile: &p {type: Localhost, localhostProfile: a}}\n"
	  "kind: Pod\nspec:\n  containers:\n"
	  "  - {name: a, securityContext: {<<: [*x, {privileged: no}]}}\n"
	  "  - {name: !!str b, securityContext: {seccompProfile: *p}}\n"
	  "  - name: \"a name that is longer than the buffer which libyaml has "
	  "at first\"\n"
	  "    securityContext: {seccompProfile: {type: Localhost,\n"
	  "      localhostProfile: >-\n  b\n}}\n", 0, 1 },
	{ "x: &x {seccompProfile: &p {type: Localhost, localhostProfile: a}}\n"
	  "kind: Pod\nspec:\n  containers:\n"
	  "  - {name: a, securityContext: {<<: [*x, {privileged: no}]}}\n"
	  "  - {name: !!str b, securityContext: {seccompProfile: *p}}\n"
	  "  - name: |\n"
	  "      a name that is longer than the buffer which libyaml has\n"
	  "---\n%YAML 1.1\n---\n", 1, 1 },
	{ "%TAG !e! tag:example.com,2000:\n--- !e!pod\n"
	  "x: &x {seccompProfile: &p {type: Localhost, localhostProfile: a}}\n"
	  "kind: Pod\nspec:\n  containers:\n"
	  "  - {name: a, securityContext: {<<: [*x, {privileged: no}]}}\n"
	  "  - {name: !!str b, securityContext: {seccompProfile: *p}}\n"
	  "  - name: |\n"
	  "      a name that is longer than the buffer which libyaml has\n"
	  "    securityContext: {seccompProfile: {type: Localhost,\n"
	  "      localhostProfile: \"b\\u00e9\"}}\n", 2, 0 },
	{ "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{}]}}", 0, 1 },
	{ "a: 1\nb: [1, {c: 2}]\na: 2\n", 0, 1 },
	{ "a: [b, c\n", 0, 1 },
	{ "a: &a [*a]\n", 0, 1 },
};
/* clang-format on */

enum outcome {
	DONE,
	OUT_OF_MEMORY,
};

static enum outcome
read_once(struct arena *arena, struct diags *diags, const char *text,
	  struct kubernetes *kubernetes)
{
	static const struct kubernetes_options options;
	static struct source source;

	source = (struct source){ "t", text, strlen(text) };
	if (setjmp(arena->oom))
		return OUT_OF_MEMORY;
	diags_init(diags, arena, &source);
	kubernetes_read(kubernetes, arena, &source, &options, diags);
	return DONE;
}

/* Makes the nth allocation fail, and perhaps all after it.  Returns false
 * when there was no nth. */
static bool
fail_nth(int i, long n, bool all_after)
{
	struct arena arena;
	struct diags diags;
	struct kubernetes kubernetes;
	long before = failing_live();
	enum outcome outcome;
	bool failed;

	arena_init(&arena);
	failing_start(n, all_after);
	outcome = read_once(&arena, &diags, texts[i].text, &kubernetes);
	failed = failing_stop();
	ck_assert(failed || outcome == DONE);
	/* Nothing is taken for another text than it is. */
	if (outcome == DONE) {
		ck_assert_uint_eq(kubernetes.profiles.n, texts[i].profiles);
		ck_assert_uint_eq(diags.list.n, texts[i].findings);
	}
	arena_finish(&arena);
	ck_assert_int_eq(failing_live(), before);
	return failed;
}

START_TEST(each_fails)
{
	long n = 0;

	while (fail_nth(_i, n, false))
		n++;
	/* The first run without a failure came after some with one. */
	ck_assert_int_gt(n, 2);
}
END_TEST

START_TEST(all_fail)
{
	long n = 0;

	while (n < 2000 && fail_nth(_i, n, true))
		n++;
	ck_assert_int_gt(n, 2);
	ck_assert_int_lt(n, 2000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("kubernetes-oom");
	TCase *tcase = tcase_create("oom");
	SRunner *runner;
	int failed;

	if (!yaml_supported()) {
		printf("# skipped: built without libyaml\n");
		return 77;
	}
	tcase_add_loop_test(tcase, each_fails, 0, LENGTH(texts));
	tcase_add_loop_test(tcase, all_fail, 0, LENGTH(texts));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
