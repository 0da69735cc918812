#include <check.h>
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
	source = (struct source){ "p.json", "{\n}", 3 };
	diags_init(&diags, &arena, &source);
}

static void
teardown(void)
{
	arena_finish(&arena);
}

START_TEST(names)
{
	for (enum diag_id id = 0; id < DIAG_COUNT; id++) {
		const struct diag_info *info = &diag_table[id];

		ck_assert_int_eq(diag_find(info->name), id);
		ck_assert_int_ne(info->severity, SEVERITY_NONE);
		ck_assert_int_eq(diags.level[id], info->severity);
		ck_assert_uint_eq(strspn(info->name,
					 "abcdefghijklmnopqrstuvwxyz0123456789"
					 "-"),
				  strlen(info->name));
		ck_assert_uint_gt(strlen(info->help), 0);
	}
	ck_assert_int_eq(diag_find("json-syntax"), DIAG_JSON_SYNTAX);
	ck_assert_int_eq(diag_find("too-long"), DIAG_TOO_LONG);
	ck_assert_int_eq(diag_find("JSON-SYNTAX"), DIAG_COUNT);
	ck_assert_int_eq(diag_find(""), DIAG_COUNT);
}
END_TEST

START_TEST(severities)
{
	ck_assert(!diag_offset(&diags, DIAG_JSON_SYNTAX, 0, NULL, "a"));
	ck_assert(diag_offset(&diags, DIAG_UNKNOWN_NAME, 0, NULL, "b"));
	ck_assert(diag_offset(&diags, DIAG_UNKNOWN_FIELD, 0, NULL, "c"));
	diags.level[DIAG_UNKNOWN_NAME] = SEVERITY_ERROR;
	ck_assert(!diag_offset(&diags, DIAG_UNKNOWN_NAME, 1, NULL, "d"));
	diags.level[DIAG_UNKNOWN_NAME] = SEVERITY_NONE;
	ck_assert(diag_offset(&diags, DIAG_UNKNOWN_NAME, 2, NULL, "e"));
	ck_assert_uint_eq(diags.list.n, 4);
	ck_assert_int_eq(diags.list.v[0].severity, SEVERITY_ERROR);
	ck_assert_int_eq(diags.list.v[1].severity, SEVERITY_WARNING);
	ck_assert_int_eq(diags.list.v[2].severity, SEVERITY_NOTE);
	ck_assert_int_eq(diags.list.v[3].severity, SEVERITY_ERROR);
	ck_assert_uint_eq(diags.count[SEVERITY_NONE], 0);
	ck_assert_uint_eq(diags.count[SEVERITY_NOTE], 1);
	ck_assert_uint_eq(diags.count[SEVERITY_WARNING], 1);
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 2);
	diags_init(&diags, &arena, &source);
	ck_assert_uint_eq(diags.list.n + diags.count[SEVERITY_ERROR], 0);
	ck_assert_int_eq(diags.level[DIAG_UNKNOWN_NAME], SEVERITY_WARNING);
}
END_TEST

START_TEST(same_once)
{
	for (int i = 0; i < 3; i++) {
		ck_assert(!diag_offset(&diags, DIAG_JSON_SYNTAX, 1, NULL, "x%d",
				       1));
		diag_offset(&diags, DIAG_JSON_SYNTAX, 1, NULL, "x%d", 2);
		diag_offset(&diags, DIAG_JSON_SYNTAX, 2, NULL, "x%d", 1);
		diag_offset(&diags, DIAG_LIMIT, 1, "a hint", "x%d", 1);
	}
	ck_assert_uint_eq(diags.list.n, 4);
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 4);
}
END_TEST

/* At a value: its place, its pointer. */
START_TEST(at_value)
{
	struct json root = { .kind = JSON_OBJECT };
	struct json child = {
		.kind = JSON_NULL,
		.parent = &root,
		.key = "a/b",
		.key_offset = 2,
		.offset = 8,
	};

	ck_assert(!diag_at(&diags, DIAG_WRONG_TYPE, &child, "h", "m"));
	diag_at(&diags, DIAG_WRONG_TYPE, &root, NULL, "m");
	diag_at(&diags, DIAG_WRONG_TYPE, NULL, NULL, "m");
	ck_assert_uint_eq(diags.list.n, 3);
	ck_assert_uint_eq(diags.list.v[0].offset, 8);
	ck_assert_str_eq(diags.list.v[0].pointer, "/a~1b");
	ck_assert_str_eq(diags.list.v[0].hint, "h");
	ck_assert_str_eq(diags.list.v[1].pointer, "");
	ck_assert_ptr_null(diags.list.v[1].hint);
	ck_assert_ptr_null(diags.list.v[2].pointer);
	ck_assert_uint_eq(diags.list.v[2].offset, SIZE_MAX);
}
END_TEST

/* Errors push out notes, then warnings, and nothing pushes them out. */
START_TEST(full)
{
	size_t half = LIMIT_DIAGNOSTICS / 2, seen[SEVERITY_ERROR + 1] = { 0 };

	for (size_t i = 0; i < LIMIT_DIAGNOSTICS + 10; i++)
		diag_offset(&diags,
			    i < half ? DIAG_UNKNOWN_NAME : DIAG_UNKNOWN_FIELD,
			    i, NULL, "w");
	diag_offset(&diags, DIAG_UNKNOWN_NAME, 99999, NULL, "w");
	ck_assert_uint_eq(diags.list.n, LIMIT_DIAGNOSTICS);
	for (size_t i = 0; i < half + 2; i++)
		ck_assert(!diag_offset(&diags, DIAG_JSON_SYNTAX, i, NULL, "e"));
	for (size_t i = 0; i < diags.list.n; i++)
		seen[diags.list.v[i].severity]++;
	ck_assert_uint_eq(diags.list.n, LIMIT_DIAGNOSTICS);
	ck_assert_uint_eq(seen[SEVERITY_NOTE], 0);
	ck_assert_uint_eq(seen[SEVERITY_WARNING], half - 2);
	ck_assert_uint_eq(seen[SEVERITY_ERROR], half + 2);
	/* The first warnings stay, in order; errors follow. */
	ck_assert_uint_eq(diags.list.v[half - 3].offset, half - 3);
	ck_assert_int_eq(diags.list.v[half - 2].id, DIAG_JSON_SYNTAX);
	for (size_t i = 0; i < 2 * LIMIT_DIAGNOSTICS; i++)
		diag_offset(&diags, DIAG_JSON_SYNTAX, i, NULL, "e");
	ck_assert_uint_eq(diags.list.n, LIMIT_DIAGNOSTICS);
	ck_assert_int_eq(diags.list.v[0].severity, SEVERITY_ERROR);
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 2 * LIMIT_DIAGNOSTICS);
	ck_assert_uint_eq(diags.count[SEVERITY_WARNING], half + 1);
	ck_assert_uint_eq(diags.count[SEVERITY_NOTE],
			  LIMIT_DIAGNOSTICS + 10 - half);
	ck_assert_uint_eq(diags.dropped[DIAG_JSON_SYNTAX], LIMIT_DIAGNOSTICS);
	ck_assert_uint_eq(diags.dropped[DIAG_UNKNOWN_NAME], half + 1);
	ck_assert_uint_eq(diags.dropped[DIAG_UNKNOWN_FIELD],
			  LIMIT_DIAGNOSTICS + 10 - half);
}
END_TEST

/* What is grave pushes out what is not, and stops nothing. */
START_TEST(grave)
{
	diags.grave[DIAG_UNKNOWN_NAME] = true;
	for (size_t i = 0; i < LIMIT_DIAGNOSTICS; i++)
		diag_offset(&diags, DIAG_ERRNO_ZERO, i, NULL, "w");
	for (size_t i = 0; i < LIMIT_DIAGNOSTICS + 1; i++)
		ck_assert(diag_offset(&diags, DIAG_UNKNOWN_NAME, i, NULL, "g"));
	ck_assert(!diag_offset(&diags, DIAG_JSON_SYNTAX, 0, NULL, "e"));
	ck_assert_uint_eq(diags.list.n, LIMIT_DIAGNOSTICS);
	for (size_t i = 0; i < diags.list.n; i++)
		ck_assert_int_eq(diags.list.v[i].id, DIAG_UNKNOWN_NAME);
	ck_assert_uint_eq(diags.dropped[DIAG_ERRNO_ZERO], LIMIT_DIAGNOSTICS);
	ck_assert_uint_eq(diags.dropped[DIAG_UNKNOWN_NAME], 1);
	ck_assert_uint_eq(diags.dropped[DIAG_JSON_SYNTAX], 1);
}
END_TEST

/* Names of a profile are as long as the profile. */
START_TEST(long_text)
{
	char *name = arena_alloc(&arena, 1 << 20);
	struct json root = { .kind = JSON_OBJECT };
	struct json child = { .parent = &root, .key = name, .offset = 1 };

	memset(name, 'x', (1 << 20) - 1);
	diag_at(&diags, DIAG_UNKNOWN_FIELD, &child, name, "unknown '%s'", name);
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_uint_lt(strlen(diags.list.v[0].message), 1100);
	ck_assert_uint_lt(strlen(diags.list.v[0].hint), 1100);
	ck_assert_ptr_null(diags.list.v[0].pointer);
	/* Cut between characters: what is left is a whole number of é. */
	for (size_t i = 0; i + 2 < 1 << 20; i += 2)
		memcpy(name + i, "é", 2);
	diag_offset(&diags, DIAG_UNKNOWN_FIELD, 2, NULL, "%s", name);
	diag_offset(&diags, DIAG_UNKNOWN_FIELD, 3, NULL, "a%s", name);
	for (size_t i = 1; i < 3; i++) {
		const char *message = diags.list.v[i].message;
		size_t len = strlen(message);

		ck_assert_str_eq(message + len - 5, "é…");
		ck_assert_uint_eq((len - 3) % 2, i - 1);
	}
}
END_TEST

#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define T40 "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"
#define S40 "                                        "

/* clang-format off */
static const struct {
	const char *text;
	struct diag diag;
	const char *expected;
} written[] = {
	{ "{\n\t\"op\": \"SCMP_CMP_XX\"\n}",
	  { .id = DIAG_UNKNOWN_OPERATOR, .severity = SEVERITY_ERROR,
	    .offset = 9, .pointer = "/syscalls/12/args/0/op",
	    .message = "unknown operator 'SCMP_CMP_XX'",
	    .hint = "did you mean 'SCMP_CMP_EQ'?" },
	  "p.json:2:8: error: /syscalls/12/args/0/op: unknown operator "
	  "'SCMP_CMP_XX' [unknown-operator]\n"
	  "    2 |  \"op\": \"SCMP_CMP_XX\"\n"
	  "      |        ^~~~~~~~~~~~~\n"
	  "  hint: did you mean 'SCMP_CMP_EQ'?\n" },
	{ "[-12.5e+3,1]",
	  { .id = DIAG_OUT_OF_RANGE, .severity = SEVERITY_WARNING,
	    .offset = 1, .pointer = "", .message = "m" },
	  "p.json:1:2: warning: m [out-of-range]\n"
	  "    1 | [-12.5e+3,1]\n"
	  "      |  ^~~~~~~~\n" },
	{ "[]",
	  { .id = DIAG_NOTIFY, .severity = SEVERITY_NOTE, .offset = SIZE_MAX,
	    .message = "m", .hint = "h" },
	  "p.json: note: m [notify]\n  hint: h\n" },
	/* The end of the text, with and without a last newline; beyond it. */
	{ "[\n",
	  { .severity = SEVERITY_ERROR, .offset = 2, .message = "m" },
	  "p.json:2:1: error: m [json-syntax]\n    2 |\n      | ^\n" },
	{ "[1",
	  { .severity = SEVERITY_ERROR, .offset = 2, .message = "m" },
	  "p.json:1:3: error: m [json-syntax]\n    1 | [1\n      |   ^\n" },
	{ "[1",
	  { .severity = SEVERITY_ERROR, .offset = 9, .message = "m" },
	  "p.json:1:3: error: m [json-syntax]\n    1 | [1\n      |   ^\n" },
	{ "",
	  { .severity = SEVERITY_ERROR, .offset = 0, .message = "m" },
	  "p.json:1:1: error: m [json-syntax]\n    1 |\n      | ^\n" },
	/* The carriage return is not shown; an open string ends its line. */
	{ "\r\n[\"a\\\"b\r\n]",
	  { .severity = SEVERITY_ERROR, .offset = 3, .message = "m" },
	  "p.json:2:2: error: m [json-syntax]\n    2 | [\"a\\\"b\n"
	  "      |  ^~~~~\n" },
	/* Columns are characters. */
	{ "[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\", \"\xc3\xa9\"]",
	  { .severity = SEVERITY_ERROR, .offset = 14, .message = "m" },
	  "p.json:1:9: error: m [json-syntax]\n"
	  "    1 | [\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\", \"\xc3\xa9\"]\n"
	  "      |         ^~~\n" },
	/* Nothing that acts on a terminal gets there. */
	{ "[\"\033[31m\x7f\xc2\x9b\xe2\x80\xae\x80\"]",
	  { .severity = SEVERITY_ERROR, .offset = 1,
	    .message = "a\033[31m\x7f\n", .pointer = "/\xc2\x9b\xe2\x80\xae",
	    .hint = "\x80\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x80\xc1\xc3\xa9" },
	  "p.json:1:2: error: /\\u009b\\u202e: a\\u001b[31m\\u007f\\u000a "
	  "[json-syntax]\n"
	  "    1 | [\"?[31m????\"]\n"
	  "      |  ^~~~~~~~~~~\n"
	  "  hint: \\x80\\u200b\\ufeff\\xf3\\xa0\\x80\\xc1é\n" },
	/* A hundred columns are shown whole, of more a part. */
	{ A50 A10 A10 A10 A10 "         b",
	  { .severity = SEVERITY_ERROR, .offset = 99, .message = "m" },
	  "p.json:1:100: error: m [json-syntax]\n"
	  "    1 | " A50 A10 A10 A10 A10 "         b\n"
	  "      | " S40 S40 "                   ^\n" },
	{ A50 A50 A10 "[1]" A50 A50,
	  { .severity = SEVERITY_ERROR, .offset = 110, .message = "m" },
	  "p.json:1:111: error: m [json-syntax]\n"
	  "    1 | …" A10 A10 A10 A10 "[1]" A50 "aaaaaaa…\n"
	  "      |  " S40 "^\n" },
	{ "[" A50 A50,
	  { .severity = SEVERITY_ERROR, .offset = 1, .message = "m" },
	  "p.json:1:2: error: m [json-syntax]\n"
	  "    1 | [" A50 A10 A10 A10 A10 "aaaaaaaaa…\n"
	  "      |  ^" T40 T40 "~~~~~~~~~~~~~~~~~~\n" },
};
/* clang-format on */

START_TEST(text)
{
	struct buf buf = { .arena = &arena };

	source.text = written[_i].text;
	source.len = strlen(source.text);
	diag_write(&buf, &source, &written[_i].diag, false);
	ck_assert_str_eq(buf.data, written[_i].expected);
}
END_TEST

START_TEST(colour)
{
	const struct diag diag = {
		.id = DIAG_JSON_SYNTAX,
		.severity = SEVERITY_ERROR,
		.offset = 0,
		.message = "m",
	};
	struct buf buf = { .arena = &arena };

	source.name = "\033p";
	diag_write(&buf, &source, &diag, true);
	ck_assert_str_eq(
		buf.data,
		"\033[1m\\u001bp:1:1:\033[0m \033[1;31merror:\033[0m "
		"m [json-syntax]\n    1 | {\n      | \033[1;32m^\033[0m\n");
}
END_TEST

/* Lines and columns against counting byte by byte, at every offset. */
START_TEST(places)
{
	static const char *const bits[] = {
		"a",
		"\n",
		"\xc3\xa9",
		"\xe2\x82\xac",
		"\xf0\x9f\x98\x80",
		"\v",
		"\x8a\x80",
		"\n\n\n\n\n\n\n\n\n",
		"\xff",
	};
	struct buf buf = { .arena = &arena };
	unsigned seed = 1;
	size_t line = 1, column = 1;

	for (int i = 0; i < 200; i++) {
		const char *bit;

		seed = seed * 1103515245 + 12345;
		bit = bits[(seed >> 16) % LENGTH(bits)];
		buf_append(&buf, bit, strlen(bit));
	}
	source.text = buf.data;
	source.len = buf.len;
	for (size_t i = 0; i <= source.len; i++) {
		struct diag diag = { .severity = 3,
				     .offset = i,
				     .message = "m" };
		struct buf out = { .arena = &arena };
		char *head;

		diag_write(&out, &source, &diag, false);
		head = arena_printf(&arena, "p.json:%zu:%zu: ", line, column);
		ck_assert_msg(!strncmp(out.data, head, strlen(head)),
			      "at %zu: %s%s", i, head, out.data);
		if (i == source.len)
			break;
		if (source.text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)source.text[i] & 0xc0) != 0x80) {
			column++;
		}
	}
}
END_TEST

/* A full list at the end of the largest file. */
START_TEST(large)
{
	char *all = arena_alloc(&arena, LIMIT_FILE);
	struct diag diag = {
		.severity = SEVERITY_ERROR,
		.offset = LIMIT_FILE - 1,
		.message = "m",
	};

	memset(all, _i ? '\n' : '[', LIMIT_FILE);
	source.text = all;
	source.len = LIMIT_FILE;
	for (int i = 0; i < LIMIT_DIAGNOSTICS; i++) {
		struct buf buf = { .arena = &arena };

		diag_write(&buf, &source, &diag, false);
		ck_assert_ptr_nonnull(
			strstr(buf.data, _i ? "p.json:16777216:1: error"
					    : "p.json:1:16777216: error"));
	}
}
END_TEST

START_TEST(nearest)
{
	static const char *const words[] = {
		"SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_MASKED_EQ",
		"read",	       "readv",	      "write",
		"openat",      "openat2",
	};
	/* Up to a third of the letters: insert, delete, change, swap. */
	static const struct {
		const char *word, *nearest;
	} cases[] = {
		{ "SCMP_CMP_EQ", "SCMP_CMP_EQ" },
		{ "scmp_cmp_eq", "SCMP_CMP_EQ" },
		{ "SCMP_CMP_XX", "SCMP_CMP_EQ" },
		{ "SCMP_CMP_XE", "SCMP_CMP_NE" },
		{ "SCMP_CMP_QE", "SCMP_CMP_EQ" },
		{ "MASKED_EQ", NULL },
		{ "SCMP_CMP_MASKD_EQ", "SCMP_CMP_MASKED_EQ" },
		{ "reed", "read" },
		{ "erad", "read" },
		{ "READ", "read" },
		{ "raed", "read" },
		{ "reda", "read" },
		{ "red", "read" },
		{ "reads", "read" },
		{ "rd", NULL },
		{ "ra", NULL },
		{ "reXX", NULL },
		{ "wirte", "write" },
		{ "wroite", "write" },
		{ "writing", NULL },
		{ "writes2", "write" },
		{ "opneat", "openat" },
		{ "openat3", "openat" },
		{ "", NULL },
		{ "zzzzzzzzzzzzzzzz", NULL },
	};
	char word[66] = "";
	const char *long_word = word;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *found =
			diag_nearest(cases[i].word, words, LENGTH(words));

		if (cases[i].nearest)
			ck_assert_pstr_eq(found, cases[i].nearest);
		else
			ck_assert_msg(!found, "%s: %s", cases[i].word, found);
	}
	ck_assert_ptr_null(diag_nearest("read", words, 0));
	/* Words past 64 letters are no slips of anything. */
	memset(word, 'x', 64);
	ck_assert_ptr_eq(diag_nearest(word, &long_word, 1), long_word);
	word[64] = 'x';
	ck_assert_ptr_null(diag_nearest(word, &long_word, 1));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("diag");
	TCase *tcase = tcase_create("diag");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, names);
	tcase_add_test(tcase, severities);
	tcase_add_test(tcase, same_once);
	tcase_add_test(tcase, at_value);
	tcase_add_test(tcase, full);
	tcase_add_test(tcase, grave);
	tcase_add_test(tcase, long_text);
	tcase_add_loop_test(tcase, text, 0, LENGTH(written));
	tcase_add_test(tcase, colour);
	tcase_add_test(tcase, places);
	tcase_add_loop_test(tcase, large, 0, 2);
	tcase_add_test(tcase, nearest);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
