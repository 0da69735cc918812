#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "compiler/check/yaml-read.h"
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

/* The documents as json-dump.h writes them, with ; between; or NULL. */
static const char *
read_text(const char *text, size_t len, bool offsets)
{
	/* Of the exact size, for AddressSanitizer. */
	char *copy = arena_alloc(&arena, len);
	struct yaml_documents documents = { 0 };
	struct buf buf = { .arena = &arena };

	memcpy(copy, text, len);
	source = (struct source){ "t", copy, len };
	diags_init(&diags, &arena, &source);
	if (!yaml_read(&arena, &source, &diags, &documents))
		return NULL;
	buf_append(&buf, "", 0);
	for (size_t i = 0; i < documents.n; i++) {
		buf_append(&buf, ";", i > 0);
		json_dump(&buf, documents.v[i], offsets);
	}
	return buf.data;
}

/* Offsets and values worked out by hand; x is any number. */
/* clang-format off */
static const struct {
	const char *text;
	size_t len;
	const char *tree;
} accepted[] = {
	{ TEXT(""), "" },
	{ TEXT("# nothing\n"), "" },
	{ TEXT("a: b"), "{'61'@0:'62'@3}@0" },
	{ TEXT("a:"), "{'61'@0:n@2}@0" },
	{ TEXT("- 1\n- two\n"), "[x@2,'74776f'@6]@0" },
	{ TEXT("a:\n- b\n"), "{'61'@0:['62'@5]@3}@0" },
	{ TEXT("a: b\r\nc: d\r\n"), "{'61'@0:'62'@3,'63'@6:'64'@9}@0" },
	{ TEXT("--- a\n--- b\n...\n"), "'61'@4;'62'@10" },
	/* Characters of two, three and four bytes, and a mark. */
	{ TEXT("\xc3\xa9: [\xe2\x82\xac, z]"),
	  "{'c3a9'@0:['e282ac'@5,'7a'@10]@4}@0" },
	{ TEXT("[\xf0\x9f\x98\x80, \"\xf0\x9f\x98\x80\", z]"),
	  "['f09f9880'@1,'f09f9880'@7,'7a'@15]@0" },
	{ TEXT("\xef\xbb\xbf" "a: b\nc: d"),
	  "{'61'@3:'62'@6,'63'@8:'64'@11}@3" },
	{ TEXT("a: |\n  x\n  y\nb: >-\n  p\n  q\n"),
	  "{'61'@0:'780a790a'@3,'62'@13:'702071'@16}@0" },
	{ TEXT("['y', \"n\", y, n, ~]"), "['79'@1,'6e'@6,t@11,f@14,n@17]@0" },
	{ TEXT("yes: 1\nno: 2\n3: 4"),
	  "{'74727565'@0:x@5,'66616c7365'@7:x@11,'33'@13:x@16}@0" },
	{ TEXT("[!!str 1, !foo 2, !!int \"3\"]"), "['31'@1,'32'@10,x@18]@0" },
	{ TEXT("{\"a\":[true,null,\"\\u00e9\\/\"]}"),
	  "{'61'@1:[t@6,n@11,'c3a92f'@16]@5}@0" },
	/* Aliases: of lists, of scalars, as keys, of what has a new meaning. */
	{ TEXT("a: &x [1]\nb: *x\n"), "{'61'@0:[x@7]@3,'62'@10:[x@7]@13}@0" },
	{ TEXT("[&a 1, *a, &a b, *a]"), "[x@1,x@7,'62'@11,'62'@17]@0" },
	{ TEXT("&k a: 1\nb: {*k : 2}\nc: *k"),
	  "{'61'@0:x@6,'62'@8:{'61'@12:x@17}@11,'63'@20:'61'@23}@0" },
	/* An anchor ends with its document. */
	{ TEXT("--- [&a 1]\n--- [&a 2, *a]\n"), "[x@5]@4;[x@16,x@22]@15" },
	/* Merge keys: what stands below one replaces, above one is replaced. */
	{ TEXT("a: &x {p: 1, q: 2}\nm: {p: t, <<: *x, q: u}\n"),
	  "{'61'@0:{'70'@7:x@10,'71'@13:x@16}@3,"
	  "'6d'@19:{'70'@7:x@10,'71'@37:'75'@40}@22}@0" },
	{ TEXT("- &a {k: 1}\n- &b {k: x}\n- {<<: [*a, *b]}\n"),
	  "[{'6b'@6:x@9}@2,{'6b'@18:'78'@21}@14,{'6b'@6:x@9}@26]@0" },
	{ TEXT("{<<: {a: {b: c}}, d: [e]}"),
	  "{'61'@6:{'62'@10:'63'@13}@9,'64'@18:['65'@22]@21}@0" },
	/* Quoted it is a key like any other. */
	{ TEXT("{\"<<\": 1}"), "{'3c3c'@1:x@7}@0" },
};

/*
 * What kubectl 1.32 (sigs.k8s.io/yaml 1.4) makes of plain and tagged scalars:
 * kubectl annotate --local -o json.  n null, t f bool, x number, s string.
 */
static const struct {
	const char *text;
	char kind;
} scalars[] = {
	{ "y", 't' }, { "n", 'f' }, { "Y", 't' }, { "yEs", 's' },
	{ "on", 't' }, { "Off", 'f' }, { "~", 'n' }, { "", 'n' },
	{ "NULL", 'n' }, { "nULL", 's' }, { "010", 'x' }, { "0o17", 'x' },
	{ "0b11", 'x' }, { "0x1F", 'x' }, { "1_000", 'x' }, { "1.5", 'x' },
	{ "1e3", 'x' }, { "1.", 'x' }, { ".5", 'x' }, { "+1", 'x' },
	{ "12:30:45", 's' }, { "2001-01-01", 's' }, { "0x", 's' },
	{ "1__0", 'x' }, { "_1", 's' }, { "!foo 12", 's' },
	{ "!!str 12", 's' }, { "!!int \"12\"", 'x' },
	{ "!!bool \"yes\"", 't' }, { "\"12\"", 's' },
	{ "99999999999999999999", 'x' }, { "0x1p3", 's' }, { "1e400", 's' },
	{ "=", 's' }, { "<<", 's' }, { "1.5.6", 's' }, { "08", 'x' },
	{ "0_7", 'x' }, { "-0b1", 'x' }, { "infinity", 's' }, { "nan", 's' },
	{ "0x_f", 'x' }, { "1e", 's' }, { "+.5", 'x' }, { "0X1F", 'x' },
	{ "0B1", 'x' }, { "-0x10", 'x' }, { "1.0e+3", 'x' },
	{ "1_0.5", 'x' },
};

static const struct {
	const char *text;
	size_t len;
	const char *name;
	size_t offset;
} rejected[] = {
	{ TEXT("a: 1\nb: 2\na: 3"), "duplicate-key", 10 },
	{ TEXT("{a: 1, \"a\": 2}"), "duplicate-key", 7 },
	{ TEXT("a: 1\nyes: 2\n\"true\": 3"), "duplicate-key", 12 },
	{ TEXT("x: [*b, &b 1]"), "yaml-syntax", 4 },
	{ TEXT("--- &a 1\n--- *a\n"), "yaml-syntax", 13 },
	{ TEXT("l: &l [1, *l]"), "yaml-syntax", 10 },
	{ TEXT("\xc3\xa9: &l {a: *l}"), "yaml-syntax", 11 },
	{ TEXT("a: 1\n<<: 3"), "yaml-syntax", 5 },
	{ TEXT("{<<: [{a: 1}, 2]}"), "yaml-syntax", 1 },
	{ TEXT("? [a]\n: 1"), "yaml-syntax", 2 },
	{ TEXT("~: 1"), "yaml-syntax", 0 },
	{ TEXT("a: !!int b"), "yaml-syntax", 3 },
	{ TEXT("a: b: c"), "yaml-syntax", 4 },
	{ TEXT("a: @b"), "yaml-syntax", 3 },
	{ TEXT("a:\n\t- b"), "yaml-syntax", 3 },
	{ TEXT("\"\xe2\x82\xac\": [1, }"), "yaml-syntax", 11 },
	{ TEXT("[a, \"b\\0\"]"), "nul-in-string", 4 },
	{ TEXT("a: \xff"), "invalid-utf8", 3 },
	{ TEXT("\xef\xbb\xbf" "a: \xc3"), "invalid-utf8", 6 },
	{ TEXT("a: \x01"), "yaml-syntax", 3 },
	{ TEXT("\xff\xfe" "a\0"), "invalid-utf8", 0 },
};
/* clang-format on */

START_TEST(accepts)
{
	const char *tree = read_text(accepted[_i].text, accepted[_i].len, true);

	ck_assert_msg(tree != NULL, "%s: refused", accepted[_i].text);
	ck_assert_str_eq(tree, accepted[_i].tree);
	ck_assert_uint_eq(diags.list.n, 0);
}
END_TEST

START_TEST(scalar)
{
	const char *text = scalars[_i].text;
	const char *tree = read_text(text, strlen(text), false);
	char kind;

	/* An empty text has no document. */
	kind = !*text ? 'n' : *tree == '\'' ? 's' : *tree;
	ck_assert_msg(kind == scalars[_i].kind, "%s is %c", text, kind);
}
END_TEST

START_TEST(rejects)
{
	ck_assert_ptr_null(
		read_text(rejected[_i].text, rejected[_i].len, true));
	ck_assert_uint_ge(diags.list.n, 1);
	ck_assert_str_eq(diag_table[diags.list.v[0].id].name,
			 rejected[_i].name);
	ck_assert_uint_eq(diags.list.v[0].offset, rejected[_i].offset);
}
END_TEST

static void
repeat(struct buf *buf, const char *s, size_t count)
{
	buf_append(buf, "", 0);
	while (count-- > 0)
		buf_append(buf, s, strlen(s));
}

static bool
read_buf(const struct buf *buf)
{
	return read_text(buf->data, buf->len, false) != NULL;
}

/* Whether the text is past a limit, and not one shorter text. */
static void
ck_assert_limit(const struct buf *more, const struct buf *most)
{
	ck_assert(!read_buf(more));
	ck_assert_int_eq(diags.list.v[0].id, DIAG_LIMIT);
	ck_assert(read_buf(most));
}

START_TEST(depth)
{
	struct buf more = { .arena = &arena }, most = { .arena = &arena };

	repeat(&most, "[", LIMIT_DEPTH);
	repeat(&most, "]", LIMIT_DEPTH);
	repeat(&more, "[", LIMIT_DEPTH + 1);
	repeat(&more, "]", LIMIT_DEPTH + 1);
	ck_assert_limit(&more, &most);
}
END_TEST

START_TEST(anchors)
{
	struct buf more = { .arena = &arena }, most = { .arena = &arena };

	repeat(&most, "- &a 1\n", LIMIT_ANCHORS);
	repeat(&more, "- &a 1\n", LIMIT_ANCHORS + 1);
	ck_assert_limit(&more, &most);
}
END_TEST

START_TEST(aliases)
{
	struct buf more = { .arena = &arena }, most = { .arena = &arena };

	buf_printf(&most, "- &a 1\n");
	repeat(&most, "- *a\n", LIMIT_ALIASES);
	buf_printf(&more, "- &a 1\n");
	repeat(&more, "- *a\n", LIMIT_ALIASES + 1);
	ck_assert_limit(&more, &most);
}
END_TEST

START_TEST(values)
{
	struct buf more = { .arena = &arena };

	repeat(&more, "-\n", LIMIT_VALUES);
	ck_assert(!read_buf(&more));
	ck_assert_int_eq(diags.list.v[0].id, DIAG_LIMIT);
}
END_TEST

START_TEST(long_key)
{
	struct buf more = { .arena = &arena }, most = { .arena = &arena };

	buf_printf(&most, "? ");
	repeat(&most, "k", LIMIT_KEY);
	buf_printf(&more, "? ");
	repeat(&more, "k", LIMIT_KEY + 1);
	ck_assert_limit(&more, &most);
}
END_TEST

/* Ten to the power of nine values, were they copied. */
START_TEST(laughs)
{
	struct buf buf = { .arena = &arena };
	struct yaml_documents documents = { 0 };

	buf_printf(&buf, "a0: &a0 lol\n");
	for (int i = 1; i < 10; i++) {
		buf_printf(&buf, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&buf, "*a%d,", i - 1);
		buf_printf(&buf, "]\n");
	}
	source = (struct source){ "t", buf.data, buf.len };
	diags_init(&diags, &arena, &source);
	ck_assert(yaml_read(&arena, &source, &diags, &documents));
	ck_assert_uint_eq(documents.n, 1);
	ck_assert_uint_eq(documents.v[0]->count, 10);
}
END_TEST

/* A thousand keys a thousand times over, and then a few more. */
START_TEST(merges)
{
	struct buf more = { .arena = &arena }, most = { .arena = &arena };

	buf_printf(&most, "- &a\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&most, "  k%d:\n", i);
	repeat(&more, most.data, 1);
	repeat(&most, "- <<: *a\n", 900);
	repeat(&more, "- <<: *a\n", 1100);
	ck_assert_limit(&more, &most);
}
END_TEST

/* Positions of a large text: no way back to its start for each. */
START_TEST(positions)
{
	struct buf buf = { .arena = &arena };
	clock_t before = clock();

	repeat(&buf, "- \xc3\xa9\n", 300000);
	ck_assert(read_buf(&buf));
	ck_assert_int_lt((clock() - before) / CLOCKS_PER_SEC, 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("yaml");
	TCase *tcase = tcase_create("yaml");
	SRunner *runner;
	int failed;

	if (!yaml_supported()) {
		printf("# skipped: built without libyaml\n");
		return 77;
	}
	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, accepts, 0, LENGTH(accepted));
	tcase_add_loop_test(tcase, scalar, 0, LENGTH(scalars));
	tcase_add_loop_test(tcase, rejects, 0, LENGTH(rejected));
	tcase_add_test(tcase, depth);
	tcase_add_test(tcase, anchors);
	tcase_add_test(tcase, aliases);
	tcase_add_test(tcase, values);
	tcase_add_test(tcase, long_key);
	tcase_add_test(tcase, laughs);
	tcase_add_test(tcase, merges);
	tcase_add_test(tcase, positions);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
