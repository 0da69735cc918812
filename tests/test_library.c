/*
 * The library through its header: what comes of a text, and what is said
 * about it, against positions and names by hand.
 */
#include "library-subject.h"

#include <stdio.h>

#include "hostile.h"

static const char small[] = DENYING "{\"names\":[\"read\"]," ALLOW "}]}";

START_TEST(texts_of_results)
{
	static const char *const words[] = {
		[SCC_OK] = "no error",	    [SCC_REJECTED] = "refused",
		[SCC_USAGE] = "argument",   [SCC_UNPROVED] = "proof",
		[SCC_NO_MEMORY] = "memory",
	};

	for (int i = SCC_OK; i <= SCC_NO_MEMORY; i++)
		ck_assert_ptr_nonnull(
			strstr(scc_result_text((enum scc_result)i), words[i]));
	ck_assert_ptr_nonnull(
		strstr(scc_result_text((enum scc_result)99), "unknown"));
	ck_assert_ptr_nonnull(
		strstr(scc_result_text((enum scc_result) - 1), "unknown"));
	ck_assert_str_eq(scc_version(), SECCOMPC_VERSION);
}
END_TEST

START_TEST(texts_that_are_refused)
{
	static const struct {
		const char *text;
		size_t len;
		const char *name;
	} cases[] = {
		{ "", 0, "json-syntax" },
		{ " ", 1, "json-syntax" },
		{ "\0", 1, "json-syntax" },
		{ "{}\0", 3, "json-syntax" },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\"", 32, "json-syntax" },
		{ "{\"a\":\"\\u0000\"}", 14, "nul-in-string" },
		{ "{\"a\":\"\xff\"}", 9, "invalid-utf8" },
		{ "{\"a\":1,\"a\":2}", 13, "duplicate-key" },
		{ "{}", 2, "missing-field" },
		{ "[]", 2, "wrong-type" },
		{ "{\"defaultAction\":\"SCMP_ACT_X\"}", 30, "unknown-action" },
	};
	struct scc_filter *filter;
	/* Of its very length: what is read past it is seen by sanitizers. */
	char *text = malloc(cases[_i].len + !cases[_i].len);
	enum scc_result result;

	memcpy(text, cases[_i].text, cases[_i].len);
	result = scc_compile(&filter, NULL, "test.json", text, cases[_i].len);
	free(text);
	expect_refused(filter, result, cases[_i].name);
}
END_TEST

/* An empty vector of C++ has no data. */
START_TEST(no_bytes)
{
	struct scc_options *options = options_of((const char *[]){ NULL });
	struct scc_filter *filter;
	enum scc_result result = scc_compile(&filter, NULL, "none", NULL, 0);

	expect_refused(filter, result, "json-syntax");
	result = scc_load(&filter, "none", NULL, 0);
	expect_refused(filter, result, "invalid-program");
	ck_assert_int_eq(scc_options_set_weights(options, NULL, 0),
			 SCC_REJECTED);
	scc_options_destroy(options);
}
END_TEST

/* 16 MiB are read, one byte more is not. */
START_TEST(long_texts)
{
	const size_t limit = 16 << 20;
	char *text = malloc(17 << 20);
	struct scc_filter *filter;
	const struct scc_diagnostic *d;
	enum scc_result result;

	memset(text, ' ', 17 << 20);
	memcpy(text, small, sizeof(small) - 1);
	ck_assert_int_eq(scc_compile(&filter, NULL, "long", text, limit),
			 SCC_OK);
	scc_filter_destroy(filter);
	ck_assert_int_eq(scc_compile(&filter, NULL, "long", text, limit + 1),
			 SCC_REJECTED);
	d = scc_diagnostic_at(filter, 0);
	ck_assert_uint_eq(scc_diagnostic_line(d), 0);
	ck_assert_uint_eq(scc_diagnostic_column(d), 0);
	ck_assert_ptr_null(scc_diagnostic_pointer(d));
	scc_filter_destroy(filter);
	result = scc_compile(&filter, NULL, "long", text, 17 << 20);
	free(text);
	expect_refused(filter, result, "limit");
}
END_TEST

/* What is known of each thing in a text, by counting its letters. */
START_TEST(diagnostics)
{
	static const char text[] =
		"{\n"
		"  \"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
		"  \"Comment\": 1,\n"
		"  \"syscalls\": [\n"
		"    { \"names\": [\"r\xc3\xa9"
		"ad\", \"raed\"],\n"
		"      \"action\": \"SCMP_ACT_ALLOW\" },\n"
		"    { \"names\": [], \"action\": \"SCMP_ACT_LOG\" },\n"
		"    { \"names\": [\"read\"], \"action\": "
		"\"SCMP_ACT_ALOW\" } ] }\n";
	static const struct {
		enum scc_severity severity;
		size_t line, column;
		const char *name, *pointer, *says, *hint;
	} wanted[] = {
		{ SCC_NOTE, 3, 3, "unknown-field", "/Comment", "Comment",
		  NULL },
		{ SCC_WARNING, 7, 5, "empty-names", "/syscalls/1",
		  "names no syscall", NULL },
		{ SCC_ERROR, 8, 36, "unknown-action", "/syscalls/2/action",
		  "SCMP_ACT_ALOW", "SCMP_ACT_ALLOW" },
	};
	struct scc_filter *filter = compile_as(SCC_REJECTED, NULL, text);
	char where[64];

	ck_assert_uint_eq(scc_diagnostic_count(filter), 3);
	for (size_t i = 0; i < 3; i++) {
		const struct scc_diagnostic *d = scc_diagnostic_at(filter, i);
		const char *all = scc_diagnostic_text(d);

		ck_assert_int_eq(scc_diagnostic_severity(d),
				 wanted[i].severity);
		ck_assert_uint_eq(scc_diagnostic_line(d), wanted[i].line);
		ck_assert_uint_eq(scc_diagnostic_column(d), wanted[i].column);
		ck_assert_str_eq(scc_diagnostic_name(d), wanted[i].name);
		ck_assert_str_eq(scc_diagnostic_pointer(d), wanted[i].pointer);
		ck_assert_ptr_nonnull(
			strstr(scc_diagnostic_message(d), wanted[i].says));
		ck_assert(!wanted[i].hint == !scc_diagnostic_hint(d));
		if (wanted[i].hint)
			ck_assert_ptr_nonnull(
				strstr(scc_diagnostic_hint(d), wanted[i].hint));
		snprintf(where, sizeof(where),
			 "test.json:%zu:%zu: ", wanted[i].line,
			 wanted[i].column);
		ck_assert_ptr_eq(strstr(all, where), all);
		ck_assert_ptr_nonnull(strstr(all, wanted[i].pointer));
	}
	ck_assert_ptr_null(scc_diagnostic_at(filter, 3));
	ck_assert_ptr_null(scc_diagnostic_at(filter, SIZE_MAX));
	scc_filter_destroy(filter);
}
END_TEST

/* Names: columns are characters, not bytes. */
START_TEST(columns)
{
	static const char text[] =
		"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [\n"
		"{ \"names\": [ \"r\xc3\xa9"
		"ad\", \"raed\", \"write\" ], " ALLOW " } ] }";
	struct scc_filter *filter = compile_with(NULL, text);
	const struct scc_diagnostic *d = scc_diagnostic_at(filter, 1);

	ck_assert_uint_eq(scc_diagnostic_count(filter), 2);
	ck_assert_uint_eq(scc_diagnostic_line(d), 2);
	/* `{ "names": [ "réad", ` has 21 characters and 22 bytes. */
	ck_assert_uint_eq(scc_diagnostic_column(d), 22);
	ck_assert_str_eq(scc_diagnostic_name(d), "unknown-name");
	ck_assert_str_eq(scc_diagnostic_pointer(d), "/syscalls/0/names/1");
	ck_assert_ptr_nonnull(strstr(scc_diagnostic_hint(d), "'read'"));
	scc_filter_destroy(filter);
}
END_TEST

/* Of 600 some are kept, in the order of the text, an error among them. */
START_TEST(many_diagnostics)
{
	struct scc_filter *filter;
	size_t size, line = 0, errors = 0, count;
	char *text;
	FILE *file = open_memstream(&text, &size);

	fprintf(file, DENYING);
	for (int i = 0; i < 600; i++)
		fprintf(file, "{\"names\":[\"nosuch%d\"]," ALLOW "},\n", i);
	fprintf(file, "{\"names\":[\"read\"],\"action\":\"x\"}]}");
	fclose(file);
	filter = compile_as(SCC_REJECTED, NULL, text);
	free(text);
	count = scc_diagnostic_count(filter);
	ck_assert_uint_le(count, 256);
	for (size_t i = 0; i < count; i++) {
		const struct scc_diagnostic *d = scc_diagnostic_at(filter, i);

		ck_assert_uint_ge(scc_diagnostic_line(d), line);
		line = scc_diagnostic_line(d);
		errors += scc_diagnostic_severity(d) == SCC_ERROR;
	}
	ck_assert_uint_eq(errors, 1);
	ck_assert_uint_eq(line, 601);
	scc_filter_destroy(filter);
}
END_TEST

START_TEST(many_warnings)
{
	struct scc_filter *filter;
	size_t size;
	char *text;
	FILE *file = open_memstream(&text, &size);

	fprintf(file, DENYING "{\"names\":[\"read\"");
	for (int i = 0; i < 600; i++)
		fprintf(file, ",\n\"nosuch%d\"", i);
	fprintf(file, "]," ALLOW "}]}");
	fclose(file);
	filter = compile_with(NULL, text);
	free(text);
	ck_assert_uint_eq(scc_diagnostic_count(filter), 256);
	for (size_t i = 0; i < 256; i++)
		ck_assert_uint_eq(
			scc_diagnostic_line(scc_diagnostic_at(filter, i)),
			i + 2);
	scc_filter_destroy(filter);
}
END_TEST

/* Names and profiles can hold what moves a cursor. */
START_TEST(safe_texts)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
		"{\"names\":[\"\\u001b[2J\",\"\xc2\x9b"
		"31m\",\"\\u007f\",\"\xe2\x80\xae\"]," ALLOW "}]}";
	struct scc_filter *filter;

	ck_assert_int_eq(scc_compile(&filter, NULL, "\33[2J\n\r\t\x7f\xff.json",
				     text, sizeof(text) - 1),
			 SCC_OK);
	ck_assert_uint_eq(scc_diagnostic_count(filter), 4);
	for (size_t i = 0; i < 4; i++) {
		const char *s =
			scc_diagnostic_text(scc_diagnostic_at(filter, i));

		ck_assert_ptr_null(strstr(s, "\xc2\x9b"));
		ck_assert_ptr_null(strstr(s, "\xe2\x80\xae"));
		ck_assert_ptr_null(strchr(s, '\xff'));
		for (; *s; s++)
			ck_assert((unsigned char)*s >= ' ' || *s == '\n');
	}
	scc_filter_destroy(filter);
}
END_TEST

/* Its rules are more than a proof can take: an answer, and no program. */
START_TEST(unproved)
{
	static const char *const settings[] = { "conflicts", "strictest",
						"repeated-index", "and", NULL };
	struct scc_options *options = options_of(settings);
	struct scc_filter *filter;
	struct subject s;
	enum scc_result result;
	size_t i = 0;

	while (strcmp(hostile_name(i), "bit-pairs-crossed") != 0)
		i++;
	subject_open(&s);
	hostile_write(&s, i);
	fclose(s.file);
	result = scc_compile(&filter, options, "hard.json", s.text, s.size);
	free(s.text);
	scc_options_destroy(options);
	ck_assert_int_eq(result, SCC_UNPROVED);
	ck_assert_uint_eq(scc_diagnostic_count(filter), 1);
	ck_assert_uint_eq(scc_diagnostic_line(scc_diagnostic_at(filter, 0)), 0);
	ck_assert_ptr_nonnull(strstr(
		scc_diagnostic_text(scc_diagnostic_at(filter, 0)), "gave up"));
	expect_refused(filter, SCC_REJECTED, "unproved");
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("texts");

	tcase_add_test(tcase, texts_of_results);
	tcase_add_loop_test(tcase, texts_that_are_refused, 0, 11);
	tcase_add_test(tcase, no_bytes);
	tcase_add_test(tcase, long_texts);
	tcase_add_test(tcase, diagnostics);
	tcase_add_test(tcase, columns);
	tcase_add_test(tcase, many_diagnostics);
	tcase_add_test(tcase, many_warnings);
	tcase_add_test(tcase, safe_texts);
	tcase_add_test(tcase, unproved);
	return run_cases("library", &tcase, 1);
}
