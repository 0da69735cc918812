#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

/* Values from include/uapi/linux/seccomp.h. */
static const struct {
	const char *scmp, *printed;
	uint32_t value;
	enum action_data data;
} actions[] = {
	{ "SCMP_ACT_KILL", "KILL_THREAD", 0, ACTION_NO_DATA },
	{ "SCMP_ACT_KILL_THREAD", "KILL_THREAD", 0, ACTION_NO_DATA },
	{ "SCMP_ACT_KILL_PROCESS", "KILL_PROCESS", 0x80000000, ACTION_NO_DATA },
	{ "SCMP_ACT_TRAP", "TRAP", 0x00030000, ACTION_NO_DATA },
	{ "SCMP_ACT_ERRNO", "ERRNO(0)", 0x00050000, ACTION_ERRNO },
	{ "SCMP_ACT_NOTIFY", "NOTIFY", 0x7fc00000, ACTION_NO_DATA },
	{ "SCMP_ACT_TRACE", "TRACE(0)", 0x7ff00000, ACTION_16_BITS },
	{ "SCMP_ACT_LOG", "LOG", 0x7ffc0000, ACTION_NO_DATA },
	{ "SCMP_ACT_ALLOW", "ALLOW", 0x7fff0000, ACTION_NO_DATA },
};

START_TEST(names)
{
	const struct action_info *info = action_find(actions[_i].scmp);
	char text[32];

	ck_assert_ptr_nonnull(info);
	ck_assert_uint_eq(info->value, actions[_i].value);
	ck_assert_int_eq(info->data, actions[_i].data);
	ck_assert_ptr_eq(action_info(actions[_i].value), info);
	/* Data does not change which action it is. */
	ck_assert_ptr_eq(action_info(actions[_i].value | 0xffff), info);
	action_print(text, actions[_i].value);
	ck_assert_str_eq(text, actions[_i].printed);
}
END_TEST

START_TEST(no_names)
{
	static const char *const bad[] = {
		"",
		"ALLOW",
		"SCMP_ACT_",
		"SCMP_ACT_allow",
		"SCMP_ACT_ALLOW ",
		"SCMP_ACT_ALLO",
		"scmp_act_allow",
		"SECCOMP_RET_ALLOW",
		"SCMP_ACT_USER_NOTIF",
	};

	for (size_t i = 0; i < LENGTH(bad); i++)
		ck_assert_msg(!action_find(bad[i]), "%s", bad[i]);
	ck_assert_ptr_null(action_info(0x00010000));
	ck_assert_ptr_null(action_info(0x7ffe0000));
	ck_assert_ptr_null(action_info(0xffff0000));
}
END_TEST

START_TEST(printed)
{
	static const struct {
		uint32_t action;
		const char *text;
	} rows[] = {
		{ 0x00050001, "ERRNO(EPERM)" },
		{ 0x00050026, "ERRNO(ENOSYS)" },
		{ 0x0005000b, "ERRNO(EAGAIN)" },
		{ 0x0005005f, "ERRNO(EOPNOTSUPP)" },
		{ 0x00050085, "ERRNO(EHWPOISON)" },
		{ 0x00050086, "ERRNO(134)" },
		{ 0x00050029, "ERRNO(41)" },
		{ 0x00050fff, "ERRNO(4095)" },
		{ 0x0005ffff, "ERRNO(65535)" },
		{ 0x7ff00005, "TRACE(5)" },
		{ 0x00030007, "TRAP(7)" },
		/* Allows, but not through the kernel's cache. */
		{ 0x7fff0001, "ALLOW(1)" },
		{ 0x0000ffff, "KILL_THREAD(65535)" },
		{ 0x8000ffff, "KILL_PROCESS(65535)" },
		{ 0x12345678, "0x12345678" },
		{ 0x00010000, "0x00010000" },
	};
	char text[32];

	for (size_t i = 0; i < LENGTH(rows); i++) {
		action_print(text, rows[i].action);
		ck_assert_str_eq(text, rows[i].text);
	}
}
END_TEST

/* The order that seccomp(2) gives, strictest first. */
START_TEST(ranks)
{
	static const uint32_t order[] = {
		0x80000000, 0,		0x00030000, 0x00050000,
		0x7fc00000, 0x7ff00000, 0x7ffc0000, 0x7fff0000,
	};

	for (size_t i = 0; i + 1 < LENGTH(order); i++)
		ck_assert_int_lt(action_rank(order[i] | 0xffff),
				 action_rank(order[i + 1]));
	ck_assert_int_eq(action_rank(0x00050001), action_rank(0x00050002));
}
END_TEST

/* glibc knows the same names, but for the aliases. */
START_TEST(errnos)
{
	int named = 0;

	for (int i = -1; i < 5000; i++) {
		const char *name = errno_find_name(i);
		const char *theirs = i > 0 ? strerrorname_np(i) : NULL;

		if (!theirs) {
			ck_assert_msg(!name, "%d: %s", i, name);
			continue;
		}
		ck_assert_msg(name != NULL, "%d: no %s", i, theirs);
		if (i == EOPNOTSUPP)
			theirs = "EOPNOTSUPP";
		ck_assert_str_eq(name, theirs);
		ck_assert_int_eq(errno_find(name), i);
		named++;
	}
	ck_assert_int_eq(named, 133 - 2);
	ck_assert_int_eq(errno_find("EWOULDBLOCK"), 11);
	ck_assert_int_eq(errno_find("EDEADLOCK"), 35);
	ck_assert_int_eq(errno_find("ENOTSUP"), 95);
	ck_assert_int_eq(errno_find("ENOTSUPP"), 0);
	ck_assert_int_eq(errno_find("EPER"), 0);
	ck_assert_int_eq(errno_find("eperm"), 0);
	ck_assert_int_eq(errno_find(""), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("action");
	TCase *tcase = tcase_create("tables");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, names, 0, LENGTH(actions));
	tcase_add_test(tcase, no_names);
	tcase_add_test(tcase, printed);
	tcase_add_test(tcase, ranks);
	tcase_add_test(tcase, errnos);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
