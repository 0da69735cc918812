/*
 * The syscall tables against the kernel headers installed, and against files
 * of facts if there are any: the directory syscalls of $SECCOMPC_SHARED, or of
 * ../shared.
 */
#include <check.h>
#include <linux/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

static const char *const abi_names[ABI_COUNT] = {
	[ABI_X86_64] = "x86_64",
	[ABI_I386] = "i386",
	[ABI_X32] = "x32",
};

/* __NR_ names of a header: "#define __NR_read (__X32_SYSCALL_BIT + 0)". */
static void
compare_header(FILE *file, enum abi abi)
{
	bool *seen = calloc(syscall_name_count, sizeof(*seen));
	int release = LINUX_VERSION_CODE >> 8;
	char line[256], text[64];
	size_t count = 0;

	ck_assert_ptr_nonnull(seen);
	while (fgets(line, sizeof(line), file)) {
		const struct syscall_name *name;
		const char *plus = strchr(line, '+');
		int number;

		if (sscanf(line, "#define __NR_%63s %d", text, &number) != 2 &&
		    (!plus || sscanf(plus, "+ %d", &number) != 1))
			continue;
		name = syscall_find(text);
		if (!name && release > syscall_tables_release)
			continue;
		ck_assert_msg(name && name->number[abi] == number,
			      "%s is %d in the header of %s", text, number,
			      abi_names[abi]);
		seen[name - syscall_names] = true;
		count++;
	}
	ck_assert_uint_gt(count, 300);
	for (size_t i = 0; i < syscall_name_count; i++)
		ck_assert_msg(seen[i] || syscall_names[i].number[abi] < 0 ||
				      syscall_names[i].since[abi] > release,
			      "the header of %s has no %s", abi_names[abi],
			      syscall_names[i].name);
	free(seen);
}

START_TEST(agrees_with_header)
{
	static const char *const names[ABI_COUNT] = {
		[ABI_X86_64] = "unistd_64.h",
		[ABI_I386] = "unistd_32.h",
		[ABI_X32] = "unistd_x32.h",
	};
	static const char *const places[] = {
		"/usr/include/x86_64-linux-gnu/asm",
		"/usr/include/asm",
	};
	FILE *file = NULL;
	char path[256];

	for (size_t i = 0; i < LENGTH(places) && !file; i++) {
		snprintf(path, sizeof(path), "%s/%s", places[i], names[_i]);
		file = fopen(path, "r");
	}
	if (!file) {
		printf("skipped: no asm/%s is installed\n", names[_i]);
		return;
	}
	compare_header(file, (enum abi)_i);
	fclose(file);
}
END_TEST

/* A file of facts, or NULL after saying so. */
static FILE *
open_facts(const char *name)
{
	const char *shared = getenv("SECCOMPC_SHARED");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/syscalls/%s.tsv",
		 shared ? shared : "../shared", name);
	file = fopen(path, "r");
	if (!file)
		printf("skipped: no %s\n", path);
	return file;
}

/* The columns of the next row, at most count; false at the end. */
static bool
read_facts(FILE *file, char *line, int size, char **column, size_t count)
{
	do {
		if (!fgets(line, size, file))
			return false;
	} while (line[0] == '#');
	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < count; i++) {
		column[i] = strsep(&line, "\t");
		ck_assert_ptr_nonnull(column[i]);
	}
	return true;
}

START_TEST(agrees_with_numbers)
{
	FILE *file = open_facts(abi_names[_i]);
	char line[1024], *column[3];
	size_t rows = 0;

	if (!file)
		return;
	for (; read_facts(file, line, sizeof(line), column, 3); rows++) {
		const struct syscall_name *name = syscall_find(column[1]);
		int major = 0, minor = 0;

		ck_assert_msg(name != NULL, "%s", column[1]);
		ck_assert_int_eq(name->number[_i], atoi(column[0]));
		if (strcmp(column[2], "-") != 0)
			ck_assert_int_eq(
				sscanf(column[2], "%d.%d", &major, &minor), 2);
		ck_assert_msg(name->since[_i] == (major << 8 | minor), "%s",
			      name->name);
	}
	ck_assert_uint_eq(rows, syscall_number_count[_i]);
	fclose(file);
}
END_TEST

START_TEST(agrees_with_foreign)
{
	FILE *file = open_facts("other-names");
	char line[1024], *column[2];
	size_t rows = 0;

	if (!file)
		return;
	for (; read_facts(file, line, sizeof(line), column, 2); rows++) {
		const struct syscall_foreign *found =
			syscall_find_foreign(column[0]);

		ck_assert_msg(found != NULL, "%s", column[0]);
		ck_assert_str_eq(syscall_foreign_archs(found), column[1]);
	}
	ck_assert_uint_eq(rows, syscall_foreign_count);
	fclose(file);
}
END_TEST

enum {
	COLUMN_SYSCALL,
	COLUMN_INDEX,
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_WIDTH,
	COLUMN_SIGN,
	COLUMN_WIDTH_I386,
	COLUMN_ABI,
	COLUMN_ENTRY,
	COLUMNS,
};

/* Returns how many arguments the row is about: one or none. */
static unsigned
compare_row(const struct syscall_args *args, enum abi abi, char **column)
{
	const struct syscall_arg *arg;
	size_t index;
	const char *width = column[COLUMN_WIDTH];

	/* Removed calls have arguments still, and no entry point. */
	ck_assert_msg(args->known == (strcmp(column[COLUMN_ENTRY], "-") != 0 ||
				      strcmp(column[COLUMN_INDEX], "-") != 0),
		      "%s", column[COLUMN_SYSCALL]);
	if (!strcmp(column[COLUMN_INDEX], "-"))
		return 0;
	index = (size_t)atoi(column[COLUMN_INDEX]);
	ck_assert_uint_lt(index, args->count);
	arg = syscall_arg(args, index);
	ck_assert_str_eq(syscall_arg_name(args, index), column[COLUMN_NAME]);
	ck_assert_str_eq(syscall_arg_type(args, index), column[COLUMN_TYPE]);
	ck_assert_int_eq(arg->sign, column[COLUMN_SIGN][0]);
	if (abi == ABI_I386 && strcmp(column[COLUMN_WIDTH_I386], "-") != 0)
		width = column[COLUMN_WIDTH_I386];
	ck_assert_msg(arg->width[abi] == atoi(width), "%s %s on %s",
		      column[COLUMN_SYSCALL], column[COLUMN_NAME],
		      abi_names[abi]);
	return 1;
}

START_TEST(agrees_with_arguments)
{
	FILE *file = open_facts("arguments");
	unsigned *count = calloc(syscall_name_count, sizeof(*count));
	char line[1024], *column[COLUMNS];
	enum abi abi = (enum abi)_i;

	ck_assert_ptr_nonnull(count);
	while (file && read_facts(file, line, sizeof(line), column, COLUMNS)) {
		const struct syscall_name *name =
			syscall_find(column[COLUMN_SYSCALL]);

		ck_assert_msg(name != NULL, "%s", column[COLUMN_SYSCALL]);
		if (name->number[abi] >= 0 &&
		    (!strcmp(column[COLUMN_ABI], "all") ||
		     !strcmp(column[COLUMN_ABI], abi_names[abi])))
			count[name - syscall_names] +=
				compare_row(&name->args[abi], abi, column);
	}
	for (size_t i = 0; file && i < syscall_name_count; i++)
		ck_assert_msg(syscall_names[i].args[abi].count == count[i],
			      "%s", syscall_names[i].name);
	if (file)
		fclose(file);
	free(count);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("syscall facts");
	TCase *tcase = tcase_create("facts");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, agrees_with_header, 0, ABI_COUNT);
	tcase_add_loop_test(tcase, agrees_with_numbers, 0, ABI_COUNT);
	tcase_add_test(tcase, agrees_with_foreign);
	tcase_add_loop_test(tcase, agrees_with_arguments, 0, ABI_COUNT);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
