/*
 * Allocations that fail while expectations are read and decided: the same
 * answers, or a jump, and no memory is lost.  Linked with --wrap for malloc
 * and its kin.
 */
#include <check.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/explain/expect.h"
#include "failing-malloc.h"

static const char lines[] =
	"# comment\n"
	"x86_64 socket(AF_UNIX, *, not {1..3, & 8 == 8}) allow\n"
	"* {openat, openat2}(AT_FDCWD) errno(EPERM) | kill\n"
	"x32 * kill\n";
static const char malformed[] = "x86_64 socket(AF_INTE) allow\n"
				"x86_64 soket(*) allow\n"
				"i386 recv(*) alow\n";

static const struct sock_filter code[] = {
	{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 4 },
	{ BPF_JMP | BPF_JEQ | BPF_K, 1, 0, AUDIT_ARCH_X86_64 },
	{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_THREAD },
	{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 },
	{ BPF_JMP | BPF_JEQ | BPF_K, 0, 3, 41 },
	{ BPF_LD | BPF_W | BPF_ABS, 0, 0, 32 },
	{ BPF_JMP | BPF_JSET | BPF_K, 1, 0, 8 },
	{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1 },
};

struct outcome {
	bool read;
	size_t n, errors;
	enum expect_answer answers[8];
	uint32_t words; /* calls as text */
};

/* Returns false when out of memory. */
static bool
answer(struct arena *arena, const char *text, struct outcome *o)
{
	struct expectations list = { .arena = arena };
	struct buf errors = { .arena = arena }, calls = { .arena = arena };
	struct source source = { "oom", text, strlen(text) };
	const struct expect_subject subject = { code, LENGTH(code), 0 };
	struct expect_result results[8];
	char why[160];
	size_t at;

	if (setjmp(arena->oom))
		return false;
	memset(o, 0, sizeof(*o));
	o->read = expect_read(&list, &source, &errors);
	o->n = list.list.n;
	o->errors = errors.len;
	if (!o->read)
		return true;
	if (expect_decide(&list, &subject, results, &at, why, sizeof(why)) !=
	    DD_DONE)
		abort();
	for (size_t i = 0; i < o->n; i++) {
		o->answers[i] = results[i].answer;
		for (size_t j = 0; j < results[i].count; j++)
			call_write(&calls, &results[i].failures[j].call,
				   results[i].failures[j].words);
	}
	o->words = (uint32_t)calls.len;
	return true;
}

START_TEST(deciding)
{
	const char *text = _i & 1 ? malformed : lines;
	struct outcome expected, o;
	struct arena arena;
	bool failed = true, done = true;
	size_t without = 0;

	arena_init(&arena);
	ck_assert(answer(&arena, text, &expected));
	arena_finish(&arena);
	ck_assert_uint_eq(expected.n, _i & 1 ? 0 : 3);
	for (long n = 0; failed; n++) {
		long before = failing_live();

		arena_init(&arena);
		failing_start(n, _i & 2);
		done = answer(&arena, text, &o);
		failed = failing_stop();
		without += !done;
		ck_assert(done || failed);
		ck_assert(!done || !memcmp(&o, &expected, sizeof(o)));
		arena_finish(&arena);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert(done);
	ck_assert_uint_gt(without, 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("expect-oom");
	TCase *tcase = tcase_create("expect-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, deciding, 0, 4);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
