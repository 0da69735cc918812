#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json-dump.h"

#define TEXT(s) (s), sizeof(s) - 1

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

static const struct json *
read_text(const char *text, size_t len)
{
	/* Of the exact size, for AddressSanitizer. */
	char *copy = arena_alloc(&arena, len);

	memcpy(copy, text, len);
	source = (struct source){ "t", copy, len };
	diags_init(&diags, &arena, &source);
	return json_read(&arena, &source, &diags);
}

/* Offsets and values worked out by hand; see json-dump.h for the form. */
/* clang-format off */
static const struct {
	const char *text;
	size_t len;
	const char *tree;
} accepted[] = {
	{ TEXT("null"), "n@0" },
	{ TEXT(" true\n"), "t@1" },
	{ TEXT("\t\r\n false"), "f@4" },
	{ TEXT("\"\""), "''@0" },
	{ TEXT("[]"), "[]@0" },
	{ TEXT("{}"), "{}@0" },
	{ TEXT("[ ]"), "[]@0" },
	{ TEXT("{\n}"), "{}@0" },
	{ TEXT("[1,[2], {\"a\":3}]"), "[1@1,[2@4]@3,{'61'@9:3@13}@8]@0" },
	{ TEXT("{\"b\":1,\"a\":2,\"\":[null]}"),
	  "{'62'@1:1@5,'61'@7:2@11,''@13:[n@17]@16}@0" },
	/* Numbers: what fits in 64 bits, both ways, and what does not. */
	{ TEXT("[0,-1,10]"), "[0@1,-1@3,10@6]@0" },
	{ TEXT("18446744073709551615"), "18446744073709551615@0" },
	{ TEXT("18446744073709551616"), "x@0" },
	{ TEXT("-9223372036854775808"), "-9223372036854775808@0" },
	{ TEXT("-9223372036854775809"), "-9223372036854775809@0" },
	{ TEXT("-18446744073709551615"), "-18446744073709551615@0" },
	{ TEXT("-18446744073709551616"), "x@0" },
	{ TEXT("184467440737095516150"), "x@0" },
	{ TEXT("[-0,1.0,1e2,1E+2,1E-2,-0.0,0e0,1.5e300,1e999]"),
	  "[x@1,x@4,x@8,x@12,x@17,x@22,x@27,x@31,x@39]@0" },
	/* Strings: every escape, pairs, raw UTF-8 at the ends of each size. */
	{ TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\""),
	  "'225c2f080c0a0d0941'@0" },
	{ TEXT("\"\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uFFFF\""),
	  "'7fc280dfbfe0a080ed9fbfee8080efbfbf'@0" },
	{ TEXT("\"\\ud800\\udc00\\uDBFF\\uDFFF\""), "'f0908080f48fbfbf'@0" },
	/* Characters whose own bits look like half of a pair. */
	{ TEXT("\"\\ud836\\udc00a\\ud837\\udfff\""),
	  "'f09da08061f09dbfbf'@0" },
	{ TEXT("\"\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
	       "\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""),
	  "'7fc280dfbfe0a080ed9fbfee8080efbfbff0908080f48fbfbf'@0" },
	{ TEXT("{\"\\u0061\":1,\"A\":2}"), "{'61'@1:1@10,'41'@12:2@16}@0" },
	/* Equal keys of different objects are fine. */
	{ TEXT("{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}"),
	  "{'61'@1:{'61'@6:[{'61'@12:1@16}@11,{'61'@20:2@24}@19]@10}@5}@0" },
	{ TEXT("{\"a\":1,\"aa\":2,\"a\\\"\":3}"),
	  "{'61'@1:1@5,'6161'@7:2@12,'6122'@14:3@20}@0" },
	{ TEXT("[\"//\",\"/*\",\"#\",\"NaN\",\"'\"]"),
	  "['2f2f'@1,'2f2a'@6,'23'@11,'4e614e'@15,'27'@21]@0" },
};

static const struct {
	const char *text;
	size_t len;
	const char *place;	/* line:column */
	const char *name;
	const char *message, *hint;	/* parts of them; "": no hint */
} rejected[] = {
	{ TEXT(""), "1:1", "json-syntax", "the file is empty", "" },
	{ TEXT(" \n\n"), "1:1", "json-syntax", "the file is blank", "" },
	{ TEXT("\xef\xbb\xbf{}"), "1:1", "json-syntax", "byte order mark",
	  "without it" },
	{ TEXT("\xff\xfe{\0}\0"), "1:1", "invalid-utf8", "UTF-16", "UTF-8" },
	{ TEXT("{\0}\0"), "1:2", "json-syntax", "found a NUL byte", "UTF-16" },
	{ TEXT("{} {}"), "1:4", "json-syntax",
	  "expected nothing after the value, found '{'", "one JSON value" },
	{ TEXT("{}\0"), "1:3", "json-syntax", "found a NUL byte", "UTF-16" },
	{ TEXT("1 2"), "1:3", "json-syntax", "nothing after the value",
	  "one JSON value" },
	{ TEXT("]"), "1:1", "json-syntax", "expected a value, found ']'", "" },
	/* Containers. */
	{ TEXT("[1,\n2,\n]"), "2:2", "json-syntax",
	  "JSON allows no comma before ']'", "remove the comma" },
	{ TEXT("{\"a\":1,}"), "1:7", "json-syntax",
	  "JSON allows no comma before '}'", "remove the comma" },
	{ TEXT("[,1]"), "1:2", "json-syntax", "a value, found ','", "" },
	{ TEXT("[1,,2]"), "1:4", "json-syntax", "a value, found ','", "" },
	{ TEXT("{,}"), "1:2", "json-syntax", "a key, found ','", "" },
	{ TEXT("[1 2]"), "1:4", "json-syntax",
	  "expected ',' or ']' after an element, found '2'", "comma missing" },
	{ TEXT("{\"a\":1 \"b\":2}"), "1:8", "json-syntax",
	  "expected ',' or '}' after a member, found '\"'", "comma missing" },
	{ TEXT("{\n\"a\":1]"), "2:6", "json-syntax",
	  "expected ',' or '}' after a member, found ']'",
	  "the '{' on line 1 is not closed" },
	{ TEXT("[{}\n"), "2:1", "json-syntax",
	  "expected ',' or ']' after an element, found the end of the text",
	  "the '[' on line 1 is not closed" },
	{ TEXT("{"), "1:2", "json-syntax", "a key, found the end", "'{' on" },
	{ TEXT("{\"a\""), "1:5", "json-syntax", "':' after a key", "'{' on" },
	{ TEXT("{\"a\" 1}"), "1:6", "json-syntax",
	  "expected ':' after a key, found '1'", "" },
	{ TEXT("{\"a\"=1}"), "1:5", "json-syntax", "found '='", "has ':'" },
	{ TEXT("{\"a\":}"), "1:6", "json-syntax", "a value, found '}'",
	  "" },
	{ TEXT("[1;2]"), "1:3", "json-syntax", "found ';'", "has ','" },
	{ TEXT("{a:1}"), "1:2", "json-syntax", "a key, found 'a'",
	  "double quotes" },
	{ TEXT("{1:1}"), "1:2", "json-syntax", "a key, found '1'", "" },
	{ TEXT("{'a':1}"), "1:2", "json-syntax", "found a single quote",
	  "double quotes" },
	{ TEXT("['a']"), "1:2", "json-syntax", "found a single quote",
	  "double quotes" },
	{ TEXT("[\xe2\x80\x9c" "a]"), "1:2", "json-syntax",
	  "a typographic quote", "straight" },
	{ TEXT("[\xc2\xa0" "1]"), "1:2", "json-syntax", "a no-break space",
	  "white space" },
	{ TEXT("[\x0c]"), "1:2", "json-syntax", "found U+000C", "" },
	{ TEXT("[\xc3\xa9]"), "1:2", "json-syntax", "found U+00E9", "" },
	{ TEXT("[1,\xef\xbb\xbf]"), "1:4", "json-syntax", "byte order mark",
	  "remove it" },
	/* Comments. */
	{ TEXT("// x\n{}"), "1:1", "json-syntax", "a comment", "no comments" },
	{ TEXT("[1, /* x */ 2]"), "1:5", "json-syntax", "a comment",
	  "no comments" },
	{ TEXT("{} # x"), "1:4", "json-syntax", "found '#'", "no comments" },
	{ TEXT("[/]"), "1:2", "json-syntax", "found '/'", "" },
	/* Words. */
	{ TEXT("NaN"), "1:1", "json-syntax", "found 'NaN'", "finite" },
	{ TEXT("[Infinity]"), "1:2", "json-syntax", "'Infinity'", "finite" },
	{ TEXT("[-Infinity]"), "1:3", "json-syntax", "'Infinity'", "finite" },
	{ TEXT("True"), "1:1", "json-syntax", "'True'", "small letters" },
	{ TEXT("[nULL]"), "1:2", "json-syntax", "'nULL'", "small letters" },
	{ TEXT("None"), "1:1", "json-syntax", "'None'", "null" },
	{ TEXT("nulls"), "1:1", "json-syntax", "'nulls'", "double quotes" },
	{ TEXT("tru"), "1:1", "json-syntax", "'tru'", "double quotes" },
	/* Numbers. */
	{ TEXT("[+1]"), "1:2", "json-syntax", "found '+'", "no plus sign" },
	{ TEXT("[.5]"), "1:2", "json-syntax", "found '.'", "with a digit" },
	{ TEXT("[1.]"), "1:4", "json-syntax", "after the decimal point", "" },
	{ TEXT("[1.e1]"), "1:4", "json-syntax", "after the decimal", NULL },
	{ TEXT("[1e]"), "1:4", "json-syntax", "digit in the exponent", "" },
	{ TEXT("1e+"), "1:4", "json-syntax", "digit in the exponent", "" },
	{ TEXT("-"), "1:2", "json-syntax", "a digit after '-'", "" },
	{ TEXT("[--1]"), "1:3", "json-syntax", "a digit after '-'", "" },
	{ TEXT("[007]"), "1:2", "json-syntax", "no leading zero", "octal" },
	{ TEXT("[-01]"), "1:3", "json-syntax", "no leading zero", "octal" },
	{ TEXT("[0x7e020000]"), "1:2", "json-syntax",
	  "JSON has no hexadecimal numbers", "in decimal: 2114060288" },
	{ TEXT("[0xfg]"), "1:2", "json-syntax", "hexadecimal", "in decimal" },
	{ TEXT("0X"), "1:1", "json-syntax", "hexadecimal", "in decimal" },
	{ TEXT("[1_000]"), "1:3", "json-syntax", "found '_000'", NULL },
	/* Strings. */
	{ TEXT("[\"ab"), "1:2", "json-syntax", "unterminated string", NULL },
	{ TEXT("[\"ab\n\"]"), "1:2", "json-syntax", "unterminated", "\\n" },
	{ TEXT("\"\\"), "1:1", "json-syntax", "unterminated string", NULL },
	{ TEXT("\"\\\""), "1:1", "json-syntax", "unterminated string", NULL },
	{ TEXT("\"a\tb\""), "1:3", "json-syntax",
	  "control character U+0009 in a string", "\\t" },
	{ TEXT("\"\x1f\""), "1:2", "json-syntax", "character U+001F", "" },
	{ TEXT("\"\\x41\""), "1:2", "json-syntax", "unknown escape",
	  "\\uXXXX" },
	{ TEXT("\"\\'\""), "1:2", "json-syntax", "unknown escape", "\\f" },
	{ TEXT("\"\\\0\""), "1:2", "json-syntax", "unknown escape", "\\f" },
	{ TEXT("\"\\u00g0\""), "1:2", "json-syntax", "four hex", "" },
	{ TEXT("\"\\u 041\""), "1:2", "json-syntax", "four hex", "" },
	{ TEXT("\"\\u004\""), "1:2", "json-syntax", "four hex", "" },
	{ TEXT("\"\\u00"), "1:2", "json-syntax", "four hex", "" },
	{ TEXT("\"a\\u0000\""), "1:3", "nul-in-string", "NUL", "remove it" },
	{ TEXT("[\"a\0b\"]"), "1:4", "nul-in-string", "NUL", "remove it" },
	{ TEXT("{\"\\u0000\":1}"), "1:3", "nul-in-string", "NUL", "remove" },
	{ TEXT("\"\\ud800\""), "1:2", "invalid-utf8", "half a surrogate",
	  "two escapes" },
	{ TEXT("\"\\udc00\""), "1:2", "invalid-utf8", "half", "two escapes" },
	{ TEXT("\"\\ud800\\ud800\""), "1:2", "invalid-utf8", "half", "two" },
	{ TEXT("\"\\ud800\\n\""), "1:2", "invalid-utf8", "half", "two" },
	{ TEXT("\"\\udc00\\ud800\""), "1:2", "invalid-utf8", "half", "two" },
	/* UTF-8; columns count characters. */
	{ TEXT("\"\xc3\xa9\xe2\x82\xac\x80\""), "1:4", "invalid-utf8",
	  "byte 0x80", "UTF-8" },
	{ TEXT("\"\xc0\x80\""), "1:2", "invalid-utf8", "byte 0xc0", NULL },
	{ TEXT("\"\xc1\xbf\""), "1:2", "invalid-utf8", "byte 0xc1", NULL },
	{ TEXT("\"\xe0\x9f\xbf\""), "1:2", "invalid-utf8", "0xe0", NULL },
	{ TEXT("\"\xed\xa0\x80\""), "1:2", "invalid-utf8", "0xed", NULL },
	{ TEXT("\"\xed\xbf\xbf\""), "1:2", "invalid-utf8", "0xed", NULL },
	{ TEXT("\"\xf0\x8f\xbf\xbf\""), "1:2", "invalid-utf8", "0xf0", NULL },
	{ TEXT("\"\xf4\x90\x80\x80\""), "1:2", "invalid-utf8", "0xf4", NULL },
	{ TEXT("\"\xf8\x88\x80\x80\x80\""), "1:2", "invalid-utf8", "0xf8",
	  NULL },
	{ TEXT("\"\xe2\x82\""), "1:2", "invalid-utf8", "0xe2", NULL },
	{ TEXT("\"\xe2\x82"), "1:2", "invalid-utf8", "0xe2", NULL },
	{ TEXT("[\xff]"), "1:2", "invalid-utf8", "byte 0xff", "UTF-8" },
	/* Keys. */
	{ TEXT("{\"a\":1,\n\"a\":2}"), "2:1", "duplicate-key", "key 'a'",
	  "on line 1 too" },
	{ TEXT("{\"a\":1,\"\\u0061\":2}"), "1:8", "duplicate-key",
	  "key '\\u0061'", "line 1" },
	{ TEXT("{\"\xc3\xa9\":1,\"\\u00e9\":2}"), "1:8", "duplicate-key",
	  "stands twice", NULL },
	{ TEXT("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"), "1:19",
	  "duplicate-key", "stands twice", NULL },
	{ TEXT("{\"\":1,\"\":2}"), "1:7", "duplicate-key", "key ''", NULL },
	{ TEXT("[{\"b\":{\"x\":1,\"x\":2}}]"), "1:14", "duplicate-key",
	  "key 'x'", NULL },
};
/* clang-format on */

START_TEST(accept)
{
	const struct json *json =
		read_text(accepted[_i].text, accepted[_i].len);
	struct buf buf = { .arena = &arena };

	ck_assert_msg(json, "rejected: %s", accepted[_i].text);
	ck_assert_uint_eq(diags.list.n, 0);
	json_dump(&buf, json, true);
	ck_assert_str_eq(buf.data, accepted[_i].tree);
}
END_TEST

START_TEST(reject)
{
	const char *hint = rejected[_i].hint;
	struct buf buf = { .arena = &arena };
	const struct diag *diag;
	char *head;

	ck_assert_ptr_null(read_text(rejected[_i].text, rejected[_i].len));
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 1);
	diag = diags.list.v;
	ck_assert_str_eq(diag_table[diag->id].name, rejected[_i].name);
	ck_assert_msg(strstr(diag->message, rejected[_i].message), "%s: %s",
		      rejected[_i].text, diag->message);
	if (hint && *hint)
		ck_assert_msg(diag->hint && strstr(diag->hint, hint),
			      "%s: hint %s", rejected[_i].text, diag->hint);
	if (hint && !*hint)
		ck_assert_msg(!diag->hint, "%s: hint %s", rejected[_i].text,
			      diag->hint);
	diag_write(&buf, &source, diag, false);
	head = arena_printf(&arena, "t:%s: error: ", rejected[_i].place);
	ck_assert_msg(strncmp(buf.data, head, strlen(head)) == 0, "%s: %s",
		      head, buf.data);
}
END_TEST

/* What is not syntax does not hide what follows. */
START_TEST(several)
{
	static const char text[] =
		"{\"a\":\"\\u0000\\u0000\",\"b\":\"\\ud800\",\"a\":1,"
		"\"b\":2,\"a\":\"\\u0000\"}";
	static const struct {
		enum diag_id id;
		size_t offset;
	} expected[] = {
		{ DIAG_NUL_IN_STRING, 6 },  { DIAG_INVALID_UTF8, 25 },
		{ DIAG_NUL_IN_STRING, 50 }, { DIAG_DUPLICATE_KEY, 33 },
		{ DIAG_DUPLICATE_KEY, 39 }, { DIAG_DUPLICATE_KEY, 45 },
	};

	ck_assert_ptr_null(read_text(TEXT(text)));
	ck_assert_uint_eq(diags.list.n, LENGTH(expected));
	for (size_t i = 0; i < LENGTH(expected); i++) {
		ck_assert_int_eq(diags.list.v[i].id, expected[i].id);
		ck_assert_uint_eq(diags.list.v[i].offset, expected[i].offset);
	}
}
END_TEST

/* Repeats unit count times between head and tail. */
static const struct json *
read_repeated(const char *head, const char *unit, size_t count,
	      const char *tail)
{
	struct buf buf = { .arena = &arena };

	buf_append(&buf, head, strlen(head));
	for (size_t i = 0; i < count; i++)
		buf_append(&buf, unit, strlen(unit));
	buf_append(&buf, tail, strlen(tail));
	return read_text(buf.data, buf.len);
}

static void
assert_limit(const struct json *json, size_t offset)
{
	ck_assert_ptr_null(json);
	ck_assert_uint_eq(diags.list.n, 1);
	ck_assert_int_eq(diags.list.v[0].id, DIAG_LIMIT);
	ck_assert_uint_eq(diags.list.v[0].offset, offset);
}

START_TEST(depth)
{
	char close[LIMIT_DEPTH + 1] = "";

	memset(close, ']', LIMIT_DEPTH);
	ck_assert_ptr_nonnull(read_repeated("", "[", LIMIT_DEPTH, close));
	assert_limit(read_repeated("", "[", LIMIT_DEPTH + 1, close),
		     LIMIT_DEPTH);
	memset(close, '}', LIMIT_DEPTH);
	ck_assert_ptr_nonnull(
		read_repeated("{", "\"\":{", LIMIT_DEPTH - 1, close));
	assert_limit(read_repeated("", "[", 10000000, ""), LIMIT_DEPTH);
}
END_TEST

START_TEST(values)
{
	/* The array and the last element count too. */
	const struct json *json =
		read_repeated("[", "0,", LIMIT_VALUES - 2, "0]");

	ck_assert_ptr_nonnull(json);
	ck_assert_uint_eq(json->count, LIMIT_VALUES - 1);
	assert_limit(read_repeated("[", "0,", LIMIT_VALUES - 1, "0]"),
		     1 + 2 * (LIMIT_VALUES - 1));
}
END_TEST

START_TEST(size)
{
	const struct json *json =
		read_repeated("\"", "a", LIMIT_FILE - 2, "\"");

	ck_assert_ptr_nonnull(json);
	ck_assert_uint_eq(strlen(json->string), LIMIT_FILE - 2);
	assert_limit(read_repeated("\"", "a", LIMIT_FILE - 1, "\""), SIZE_MAX);
}
END_TEST

/* A million keys: all different, all equal. */
START_TEST(many_keys)
{
	struct buf buf = { .arena = &arena };
	const struct json *json;

	buf_append(&buf, "{", 1);
	for (int i = 0; i < 1000000; i++)
		buf_printf(&buf, "%s\"k%06d\":0", i ? "," : "", i);
	buf_append(&buf, "}", 1);
	json = read_text(buf.data, buf.len);
	ck_assert_ptr_nonnull(json);
	ck_assert_uint_eq(json->count, 1000000);
	ck_assert_str_eq(json->children[999999].key, "k999999");
	ck_assert_ptr_null(
		read_repeated("{", "\"k\":0,", 999999, "\"\\u006b\":0}"));
	ck_assert_uint_eq(diags.count[SEVERITY_ERROR], 999999);
	ck_assert_uint_eq(diags.list.n, LIMIT_DIAGNOSTICS);
}
END_TEST

START_TEST(member)
{
	const struct json *json = read_text(
		TEXT("{\"a\":null,\"b\":{\"a\":1},\"c\":[{\"x\":1}]}"));
	const struct json *found;

	ck_assert_ptr_nonnull(json);
	found = json_member(json, "a");
	ck_assert_ptr_eq(found, &json->children[0]);
	ck_assert_int_eq(found->kind, JSON_NULL);
	ck_assert_ptr_null(json_member(json, "x"));
	ck_assert_ptr_null(json_member(json, "A"));
	found = json_member(json, "c");
	ck_assert_int_eq(found->kind, JSON_ARRAY);
	ck_assert_ptr_null(json_member(found, "x"));
}
END_TEST

START_TEST(pointer)
{
	const struct json *json =
		read_text(TEXT("{\"a/b\":[0,{\"m~n\":[[7]]}],\"\":8}"));
	const struct json *value;

	ck_assert_ptr_nonnull(json);
	ck_assert_str_eq(json_pointer(&arena, json), "");
	ck_assert_str_eq(json_pointer(&arena, &json->children[1]), "/");
	value = &json->children[0].children[1].children[0];
	ck_assert_str_eq(json_pointer(&arena, value), "/a~1b/1/m~0n");
	value = &value->children[0].children[0];
	ck_assert_uint_eq(value->magnitude, 7);
	ck_assert_str_eq(json_pointer(&arena, value), "/a~1b/1/m~0n/0/0");
	ck_assert_ptr_eq(value->parent->parent->parent->parent->parent, json);
	ck_assert_ptr_null(json->parent);
	ck_assert_ptr_null(json->key);
	ck_assert_uint_eq(json->children[0].children[1].index, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json");
	TCase *tcase = tcase_create("read");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, accept, 0, LENGTH(accepted));
	tcase_add_loop_test(tcase, reject, 0, LENGTH(rejected));
	tcase_add_test(tcase, several);
	tcase_add_test(tcase, depth);
	tcase_add_test(tcase, values);
	tcase_add_test(tcase, size);
	tcase_add_test(tcase, many_keys);
	tcase_add_test(tcase, member);
	tcase_add_test(tcase, pointer);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
