/*
 * SHA-256 against the examples of NIST, and against sha256sum on texts of
 * every length around the blocks, added in pieces of all sizes.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"

/* FIPS 180-2, appendix B, and the NIST test vectors of lengths 0 and 1. */
static const struct {
	const char *text, *digest;
} examples[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb924"
	      "27ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		 "b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039"
	  "a33ce45964ff2167f6ecedd419db06c1" },
	{ "\xd3", "28969cdfa74a12c82f3bad960b0b000a"
		  "ca2ac329deea5c2328ebc6f2ba9802c1" },
};

START_TEST(nist)
{
	struct digest d;
	char out[DIGEST_SIZE];

	digest_init(&d);
	digest_add(&d, examples[_i].text, strlen(examples[_i].text));
	digest_end(&d, out);
	ck_assert_str_eq(out, examples[_i].digest);
}
END_TEST

/* FIPS 180-2, B.3. */
START_TEST(a_million)
{
	struct digest d;
	char out[DIGEST_SIZE];

	digest_init(&d);
	for (int i = 0; i < 1000000; i += 50)
		digest_add(&d,
			   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
			   50);
	digest_end(&d, out);
	ck_assert_str_eq(out, "cdc76e5c9914fb9281a1c7e284d73e67"
			      "f1809a48a497200e046d39ccc7112cd0");
}
END_TEST

/* The digest that sha256sum prints of a file's text. */
static void
ask(const char *text, size_t len, char out[DIGEST_SIZE])
{
	char name[] = "/tmp/digest-XXXXXX", command[64];
	int fd = mkstemp(name);
	FILE *file;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
	snprintf(command, sizeof(command), "sha256sum <%s", name);
	file = popen(command, "r");
	ck_assert_ptr_nonnull(file);
	ck_assert_ptr_nonnull(fgets(out, DIGEST_SIZE, file));
	pclose(file);
	unlink(name);
}

START_TEST(pieces)
{
	char text[300], expected[DIGEST_SIZE], out[DIGEST_SIZE];
	size_t len = (size_t)_i;
	struct digest d;

	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i * 37 + len);
	ask(text, len, expected);
	for (size_t piece = 1; piece <= len; piece++) {
		digest_init(&d);
		for (size_t i = 0; i < len; i += piece)
			digest_add(&d, text + i,
				   len - i < piece ? len - i : piece);
		digest_end(&d, out);
		ck_assert_str_eq(out, expected);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tcase = tcase_create("digest");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, nist, 0,
			    sizeof(examples) / sizeof(*examples));
	tcase_add_test(tcase, a_million);
	tcase_add_loop_test(tcase, pieces, 50, 70);
	tcase_add_loop_test(tcase, pieces, 118, 132);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
