/*
 * Allocations that fail while a finished compilation is written in each
 * format, or its manifest: there is all of the text, or a jump, and no memory
 * is lost.  Linked with --wrap for malloc and its kin.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "failing-malloc.h"

enum { MANIFEST = FORMAT_COUNT, WRITERS };

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"listenerPath\":\"/a\","
	"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
	"\"syscalls\":[{\"names\":[\"read\",\"write\",\"bind\"],"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"clone\"],\"action\":"
	"\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,\"op\":"
	"\"SCMP_CMP_MASKED_EQ\",\"value\":2114060288,\"valueTwo\":0}]}]}";

/* Returns false when out of memory. */
static bool
write_with(struct buf *buf, const struct compilation *c, int writer)
{
	if (setjmp(buf->arena->oom))
		return false;
	/* Check would allocate as well. */
	if (writer == MANIFEST)
		return manifest_write(buf, c);
	output_write(buf, (enum format)writer, c, "filter");
	return true;
}

static void
try_writer(const struct compilation *c, int writer, bool all_after)
{
	struct arena whole, arena;
	struct buf expected = { .arena = &whole };
	bool failed = true, done = true;
	size_t without = 0;

	arena_init(&whole);
	ck_assert(write_with(&expected, c, writer));
	ck_assert_uint_gt(expected.len, 0);
	for (long n = 0; failed; n++) {
		long before = failing_live();
		struct buf buf = { .arena = &arena };

		arena_init(&arena);
		failing_start(n, all_after);
		done = write_with(&buf, c, writer);
		failed = failing_stop();
		without += !done;
		ck_assert(done || failed);
		ck_assert(!done || (buf.len == expected.len &&
				    !memcmp(buf.data, expected.data, buf.len)));
		arena_finish(&arena);
		ck_assert_int_eq(failing_live(), before);
	}
	ck_assert(done);
	ck_assert_uint_gt(without, 0);
	if (writer == FORMAT_DOT || writer == MANIFEST)
		ck_assert_uint_gt(without, 10);
	arena_finish(&whole);
}

START_TEST(writing)
{
	struct compilation c;

	compilation_init(&c, "oom", profile, sizeof(profile) - 1);
	ck_assert(compile(&c));
	for (int writer = 0; writer < WRITERS; writer++)
		if (writer != FORMAT_OCI)
			try_writer(&c, writer, _i);
	compilation_finish(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("output-oom");
	TCase *tcase = tcase_create("output-oom");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 0);
	tcase_add_loop_test(tcase, writing, 0, 2);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
