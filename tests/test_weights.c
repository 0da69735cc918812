/*
 * Counts in all forms: tests/weights/NAME.txt is what strace or perf printed,
 * or the like of it, and NAME.counts what it says, taken from it by another
 * way (fixed columns).  Then what is refused, and hostile text.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

static struct arena arena;
static struct diags diags;
static struct source source;

static void
setup(void)
{
	arena_init(&arena);
	if (setjmp(arena.oom))
		ck_abort_msg("out of memory");
}

static void
teardown(void)
{
	arena_finish(&arena);
}

static const struct weights *
read_text(const char *text, size_t len)
{
	source = (struct source){ "counts", text, len };
	diags_init(&diags, &arena, &source);
	return weights_read(&arena, &source, &diags);
}

static uint64_t
count_of(const struct weights *weights, const char *name)
{
	return weights->count[syscall_find(name) - syscall_names];
}

static uint64_t
sum_of(const struct weights *weights)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < syscall_name_count; i++)
		sum += weights->count[i];
	return sum;
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	char *text = arena_alloc(&arena, 1 << 20);

	ck_assert_msg(file != NULL, "%s", path);
	*len = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

/* Calls check for every NAME.txt. */
static void
each_file(void (*check)(const char *path))
{
	glob_t found;

	ck_assert_int_eq(glob("tests/weights/*.txt", 0, NULL, &found), 0);
	ck_assert_uint_ge(found.gl_pathc, 15);
	for (size_t i = 0; i < found.gl_pathc; i++)
		check(found.gl_pathv[i]);
	globfree(&found);
}

static void
check_file(const char *path)
{
	char name[64], *counts = arena_strndup(&arena, path, strlen(path));
	size_t len;
	const char *text = read_file(path, &len);
	const struct weights *weights = read_text(text, len);
	unsigned long long count, sum = 0;
	FILE *file;

	ck_assert_msg(weights && !diags.list.n, "%s: %s", path,
		      diags.list.n ? diags.list.v[0].message : "refused");
	counts[strlen(counts) - 4] = '\0';
	file = fopen(arena_printf(&arena, "%s.counts", counts), "r");
	ck_assert_msg(file != NULL, "%s.counts", counts);
	while (fscanf(file, "%63s %llu", name, &count) == 2) {
		ck_assert_msg(count_of(weights, name) == count, "%s: %s", path,
			      name);
		sum += count;
	}
	fclose(file);
	ck_assert_uint_gt(sum, 0);
	ck_assert_msg(sum_of(weights) == sum, "%s: other names", path);
}

START_TEST(forms)
{
	each_file(check_file);
}
END_TEST

#define HEAD "% time     seconds  usecs/call     calls    errors syscall\n"
#define RULE "------ ----------- ----------- --------- --------- -------\n"
#define PERF "   syscall            calls  errors  total       min\n"

/* clang-format off */
static const struct {
	const char *text;
	enum diag_id id;
	const char *at;		/* what stands where the message points */
	const char *hint;	/* or NULL */
} refused[] = {
	{ "", DIAG_WEIGHTS_EMPTY, NULL, "strace -c" },
	{ "\n\n# read 5\n", DIAG_WEIGHTS_EMPTY, NULL, NULL },
	{ "read 0\nwrite 0\n", DIAG_WEIGHTS_EMPTY, NULL, NULL },
	{ HEAD RULE, DIAG_WEIGHTS_EMPTY, NULL, NULL },
	{ PERF "\n   read 5 0 1.0 1.0\n", DIAG_WEIGHTS_EMPTY, NULL, NULL },
	{ "read 5\nwrite\n", DIAG_WEIGHTS_SYNTAX, "write\n", "'read 120'" },
	{ "read 5 6\n", DIAG_WEIGHTS_SYNTAX, "read 5 6", NULL },
	{ "1 2 3 4 5 6 7 8 9 a b c d e f\n", DIAG_WEIGHTS_SYNTAX, "1 2", NULL },
	{ "read -5\n", DIAG_WEIGHTS_SYNTAX, "-5", "0 or more" },
	{ "read +5\n", DIAG_WEIGHTS_SYNTAX, "+5", NULL },
	{ "read 5.0\n", DIAG_WEIGHTS_SYNTAX, "5.0", NULL },
	{ "read 1e5\n", DIAG_WEIGHTS_SYNTAX, "1e5", NULL },
	{ "read 0x5\n", DIAG_WEIGHTS_SYNTAX, "0x5", NULL },
	{ "read 1,000\n", DIAG_WEIGHTS_SYNTAX, "1,000", NULL },
	{ "read nan\n", DIAG_WEIGHTS_SYNTAX, "nan", NULL },
	{ "  12 read\n", DIAG_WEIGHTS_SYNTAX, "12", "name first" },
	{ "READ 5\n", DIAG_WEIGHTS_SYNTAX, "READ", NULL },
	{ "re\xc3\xa4" "d 5\n", DIAG_WEIGHTS_SYNTAX, "re\xc3", NULL },
	{ "\xff\xfe\x1b[2J 5\n", DIAG_WEIGHTS_SYNTAX, "\xff", NULL },
	{ "{\"defaultAction\": 1}\n", DIAG_WEIGHTS_SYNTAX, "{\"", NULL },
	{ " 31.25    0.000005           5         1           mprotect\n",
	  DIAG_WEIGHTS_SYNTAX, "31.25", "headings" },
	{ HEAD RULE " 1.0 0.1 5 read\n", DIAG_WEIGHTS_SYNTAX, "1.0", NULL },
	{ HEAD RULE " 1.0 0.1 5 7 8 9 read\n", DIAG_WEIGHTS_SYNTAX, "1.0",
	  NULL },
	{ HEAD RULE " 1.0 0.1 5 -7 read\n", DIAG_WEIGHTS_SYNTAX, "-7", NULL },
	{ HEAD RULE " 1.0 0.1 5 7 re*d\n", DIAG_WEIGHTS_SYNTAX, "re*d", NULL },
	{ PERF "   read 5\n", DIAG_WEIGHTS_SYNTAX, "read 5", NULL },
	{ PERF "   read x 0 1.0 1.0\n", DIAG_WEIGHTS_SYNTAX, "x 0", NULL },
	{ "read 281474976710657\n", DIAG_OUT_OF_RANGE, "read", "divide" },
	{ "read 18446744073709551616\n", DIAG_OUT_OF_RANGE, "read", NULL },
	{ "read 99999999999999999999999999999999999999999\n",
	  DIAG_OUT_OF_RANGE, "read", NULL },
	{ "read 281474976710656\nwrite 1\n", DIAG_OUT_OF_RANGE, "write", NULL },
	/* What is not counted counts for the sum. */
	{ "reed 281474976710657\n", DIAG_OUT_OF_RANGE, "reed", NULL },
};

static const struct {
	const char *text;
	enum diag_id id;
	const char *at, *hint;
	uint64_t reads;
} warned[] = {
	{ "reed 4\nread 3", DIAG_WEIGHTS_NAME, "reed", "'read'", 3 },
	{ "arm_fadvise64_64 4\nread 3", DIAG_WEIGHTS_NAME, "arm_", NULL, 3 },
	{ "syscall_0xfff 4\nread 3", DIAG_WEIGHTS_NAME, "sysc", NULL, 3 },
	/* 0 is read on x86_64 alone: strace knows its name. */
	{ "syscall_0x0 4\nread 3", DIAG_WEIGHTS_NAME, "sysc", NULL, 3 },
	{ "syscall_0x 4\nread 3", DIAG_WEIGHTS_NAME, "sysc", NULL, 3 },
	{ "syscall_0x-1 4\nread 3", DIAG_WEIGHTS_SYNTAX, "sysc", NULL, 0 },
	{ HEAD RULE " 1.0 0.1 5 7 read\n" RULE "100.0 0.1 8 total\n",
	  DIAG_WEIGHTS_TOTAL, "100.0", "whole", 7 },
};
/* clang-format on */

static void
check_place(enum diag_id id, const char *at, const char *hint)
{
	const struct diag *diag = &diags.list.v[0];

	ck_assert_uint_ge(diags.list.n, 1);
	ck_assert_str_eq(diag_table[diag->id].name, diag_table[id].name);
	if (at)
		ck_assert_msg(
			!strncmp(source.text + diag->offset, at, strlen(at)),
			"at %s", source.text + diag->offset);
	else
		ck_assert_uint_eq(diag->offset, SIZE_MAX);
	if (hint)
		ck_assert_msg(diag->hint && strstr(diag->hint, hint), "%s",
			      diag->hint ? diag->hint : "no hint");
}

START_TEST(refusals)
{
	const char *text = refused[_i].text;

	ck_assert_ptr_null(read_text(text, strlen(text)));
	check_place(refused[_i].id, refused[_i].at, refused[_i].hint);
	ck_assert_int_eq(diags.list.v[0].severity, SEVERITY_ERROR);
}
END_TEST

START_TEST(warnings)
{
	const char *text = warned[_i].text;
	const struct weights *weights = read_text(text, strlen(text));

	ck_assert_uint_eq(diags.list.n, 1);
	check_place(warned[_i].id, warned[_i].at, warned[_i].hint);
	if (!warned[_i].reads) {
		ck_assert_ptr_null(weights);
		return;
	}
	ck_assert_uint_eq(sum_of(weights), warned[_i].reads);
	ck_assert_uint_eq(count_of(weights, "read"), warned[_i].reads);
	/* Made an error, it leaves no weights; silenced, it says nothing. */
	diags_init(&diags, &arena, &source);
	diags.level[warned[_i].id] = SEVERITY_ERROR;
	ck_assert_ptr_null(weights_read(&arena, &source, &diags));
	diags_init(&diags, &arena, &source);
	diags.level[warned[_i].id] = SEVERITY_NONE;
	ck_assert_ptr_nonnull(weights_read(&arena, &source, &diags));
	ck_assert_uint_eq(diags.list.n, 0);
}
END_TEST

START_TEST(largest)
{
	const char *text = "read 281474976710655\nwrite 1\n";
	const struct weights *weights = read_text(text, strlen(text));

	ck_assert_uint_eq(sum_of(weights), UINT64_C(1) << 48);
	ck_assert_uint_eq(count_of(weights, "write"), 1);
}
END_TEST

START_TEST(nul)
{
	ck_assert_ptr_null(read_text("read 1\n\0\n", 9));
	check_place(DIAG_WEIGHTS_SYNTAX, "", NULL);
	ck_assert_uint_eq(diags.list.v[0].offset, 7);
}
END_TEST

START_TEST(unknown_once)
{
	const char *text = "read 1\nreed 1\nreed 1\nwrit 1\nreed 1\n";

	ck_assert_ptr_nonnull(read_text(text, strlen(text)));
	ck_assert_uint_eq(diags.count[SEVERITY_WARNING], 2);
}
END_TEST

/* What can be read after a change is still weights, or was refused. */
static void
check_changed(const char *text, size_t len)
{
	const struct weights *weights = read_text(text, len);

	if (weights)
		ck_assert_uint_ge(sum_of(weights), 1);
	else
		ck_assert_uint_ge(diags.count[SEVERITY_ERROR], 1);
	if (weights)
		ck_assert_uint_le(sum_of(weights), LIMIT_WEIGHTS);
	for (size_t i = 0; i < diags.list.n; i++) {
		struct buf buf = { .arena = &arena };

		diag_write(&buf, &source, &diags.list.v[i], false);
		ck_assert_uint_gt(buf.len, 0);
	}
}

/* Texts end where memory does, for sanitizers and valgrind. */
static void
change_file(const char *path)
{
	static const char letters[] = "\n\t -0123456789a\xff#(%";
	static uint32_t seed = 1;
	size_t len, fewer;
	const char *text = read_file(path, &len);

	for (int i = 0; i < 100; i++) {
		char *copy;

		seed = seed * 1664525 + 1013904223;
		fewer = i % 2 ? len : (seed >> 8) % len;
		copy = malloc(fewer + 1);
		memcpy(copy, text, fewer);
		copy = realloc(copy, fewer ? fewer : 1);
		for (int j = 0; i % 2 && j < 1 + i % 5; j++) {
			seed = seed * 1664525 + 1013904223;
			copy[(seed >> 8) % fewer] =
				letters[(seed >> 27) % sizeof(letters)];
		}
		check_changed(copy, fewer);
		free(copy);
		teardown();
		text = read_file(path, &len);
	}
}

START_TEST(changed)
{
	each_file(change_file);
}
END_TEST

/* The largest file, made of one line again and again. */
START_TEST(floods)
{
	static const char *const lines[] = {
		"a",
		" ",
		"\n",
		"a\n",
		"a a a a\n",
		"reed 1\n",
		"read 1\n",
		HEAD,
		HEAD " 1 total\n",
		PERF,
		"read 99999999999\n",
		"-\n" HEAD "------\n",
	};
	const char *line = lines[_i];
	size_t n = strlen(line), len = LIMIT_FILE / n * n;
	char *text = malloc(len);

	for (size_t i = 0; i < len; i += n)
		memcpy(text + i, line, n);
	check_changed(text, len);
	free(text);
}
END_TEST

/* More names than there are, each of them unknown. */
START_TEST(many_names)
{
	struct buf buf = { .arena = &arena };

	for (int i = 0; i < 200000; i++)
		buf_printf(&buf, "reed_%d 1\n", i);
	ck_assert_ptr_null(read_text(buf.data, buf.len));
	ck_assert_uint_le(diags.count[SEVERITY_WARNING], 64);
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 1);
}
END_TEST

START_TEST(too_large)
{
	char *text = calloc(1, LIMIT_FILE + 1);

	ck_assert_ptr_null(read_text(text, LIMIT_FILE + 1));
	check_place(DIAG_LIMIT, NULL, NULL);
	free(text);
}
END_TEST

/* What any Linux machine would say, whatever was recorded. */
START_TEST(built_in)
{
	static const char *const rare[] = { "reboot", "kexec_load", "acct",
					    "init_module", "swapon" };
	static const char *const common[] = { "read",  "write",	     "close",
					      "futex", "epoll_wait", "mmap",
					      "openat" };

	ck_assert_ptr_null(weights_uniform.count);
	for (size_t i = 0; i < LENGTH(rare); i++)
		ck_assert_uint_eq(count_of(&weights_built_in, rare[i]), 0);
	for (size_t i = 0; i < LENGTH(common); i++)
		ck_assert_uint_gt(count_of(&weights_built_in, common[i]), 5000);
	/* i386 has it under another name. */
	ck_assert_uint_eq(count_of(&weights_built_in, "mmap2"),
			  count_of(&weights_built_in, "mmap"));
	ck_assert_uint_lt(sum_of(&weights_built_in), 3000000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("weights");
	TCase *tcase = tcase_create("weights");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 200);
	tcase_add_test(tcase, forms);
	tcase_add_loop_test(tcase, refusals, 0, LENGTH(refused));
	tcase_add_loop_test(tcase, warnings, 0, LENGTH(warned));
	tcase_add_test(tcase, largest);
	tcase_add_test(tcase, nul);
	tcase_add_test(tcase, unknown_once);
	tcase_add_test(tcase, changed);
	tcase_add_loop_test(tcase, floods, 0, 12);
	tcase_add_test(tcase, many_names);
	tcase_add_test(tcase, too_large);
	tcase_add_test(tcase, built_in);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
