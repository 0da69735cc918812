/*
 * syscall.c, and that its tables are in order; test_syscall_facts.c holds all
 * of them against other sources.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

/* clang-format off */
static const struct {
	const char *text;
	int release;	/* -1: refused */
} releases[] = {
	{ "4.8", 0x408 }, { "3.17", 0x311 }, { "0.0", 0 }, { "255.255", 0xffff },
	{ "6.02", 0x602 }, { "007.1", 0x701 },
	{ "", -1 }, { ".", -1 }, { "4", -1 }, { "4.", -1 }, { ".8", -1 },
	{ "4.8.0", -1 }, { "4.8 ", -1 }, { " 4.8", -1 }, { "+4.8", -1 },
	{ "-4.8", -1 }, { "4.-8", -1 }, { "4,8", -1 }, { "0x4.8", -1 },
	{ "256.0", -1 }, { "4.256", -1 }, { "4.8-rc1", -1 }, { "4..8", -1 },
	{ "4294967300.8", -1 }, { "4.18446744073709551624", -1 },
};

/* asm/unistd_64.h, unistd_32.h and unistd_x32.h; -1: not there. */
static const struct {
	const char *name;
	int32_t number[ABI_COUNT];
	kernel_release since;	/* of the first two, if not 0 */
} known[] = {
	{ "read", { 0, 3, 0 }, 0 },
	{ "rt_sigaction", { 13, 174, 512 }, 0 },
	{ "ioctl", { 16, 54, 514 }, 0 },
	{ "execve", { 59, 11, 520 }, 0 },
	{ "pread64", { 17, 180, 17 }, 0 },
	{ "umount", { -1, 22, -1 }, 0 },
	{ "umount2", { 166, 52, 166 }, 0 },
	{ "newfstatat", { 262, -1, 262 }, 0 },
	{ "fstatat64", { -1, 300, -1 }, 0 },
	{ "mmap", { 9, 90, 9 }, 0 },
	{ "mmap2", { -1, 192, -1 }, 0 },
	{ "socketcall", { -1, 102, -1 }, 0 },
	{ "arch_prctl", { 158, 384, 158 }, 0 },
	{ "_sysctl", { 156, 149, -1 }, 0 },
	{ "pwritev2", { 328, 379, 547 }, 0 },
	{ "seccomp", { 317, 354, 317 }, 0x311 },
	{ "clone3", { 435, 435, 435 }, 0x503 },
	{ "openat2", { 437, 437, 437 }, 0x506 },
	{ "clock_gettime64", { -1, 403, -1 }, 0 },
	{ "semtimedop", { 220, -1, 220 }, 0 },
};

static const struct {
	const char *name, *nearest;
} nearest[] = {
	{ "opennat", "openat" }, { "sockett", "socket" }, { "exceve", "execve" },
	{ "read", "read" }, { "OpenAt", "openat" },
	/* Named by rule. */
	{ "pread", "pread64" }, { "pwrite", "pwrite64" },
	{ "sysctl", "_sysctl" }, { "llseek", "_llseek" },
	{ "fstatat", "newfstatat" }, { "sigtimedwait", "rt_sigtimedwait" },
	{ "open64", "open" }, { "lseek64", "lseek" }, { "openat64", "openat" },
	{ "SYS_open", "open" }, { "sys_clone3", "clone3" },
	{ "__NR_rt_sigreturn", "rt_sigreturn" },
	/* Named otherwise. */
	{ "_exit", "exit_group" }, { "fexecve", "execveat" },
	{ "killpg", "kill" }, { "mq_receive", "mq_timedreceive" },
	{ "mq_send", "mq_timedsend" }, { "posix_fadvise", "fadvise64" },
	{ "posix_fallocate", "fallocate" }, { "pthread_create", "clone" },
	{ "raise", "tgkill" }, { "sbrk", "brk" }, { "setegid", "setresgid" },
	{ "seteuid", "setresuid" }, { "sigqueue", "rt_sigqueueinfo" },
	{ "sleep", "clock_nanosleep" }, { "usleep", "clock_nanosleep" },
	{ "wait", "wait4" }, { "wait3", "wait4" },
	/* Nothing is near. */
	{ "", NULL }, { "64", NULL }, { "xyzzyplugh", NULL },
	{ "__NR_", NULL }, { "frobnicate_everything", NULL },
};
/* clang-format on */

START_TEST(parses_release)
{
	kernel_release release = 0xabcd;
	bool ok = kernel_release_parse(releases[_i].text, &release);

	ck_assert_msg(ok == (releases[_i].release >= 0), "'%s'",
		      releases[_i].text);
	if (ok)
		ck_assert_int_eq(release, releases[_i].release);
}
END_TEST

START_TEST(knows)
{
	const struct syscall_name *name = syscall_find(known[_i].name);

	ck_assert_ptr_nonnull(name);
	for (size_t i = 0; i < ABI_COUNT; i++)
		ck_assert_msg(name->number[i] == known[_i].number[i],
			      "%s is %d on %s", name->name, name->number[i],
			      arch_table[i]->name);
	if (!known[_i].since)
		return;
	ck_assert_int_eq(name->since[ABI_X86_64], known[_i].since);
	ck_assert_int_eq(name->since[ABI_I386], known[_i].since);
}
END_TEST

START_TEST(finds_nearest)
{
	const char *found = syscall_nearest(nearest[_i].name);

	ck_assert_pstr_eq(found, nearest[_i].nearest);
	if (found)
		ck_assert_ptr_nonnull(syscall_find(found));
}
END_TEST

START_TEST(nearest_of_long_names)
{
	char name[300];

	for (size_t len = 1; len < sizeof(name); len++) {
		memset(name, 'z', len);
		name[len] = '\0';
		ck_assert_ptr_null(syscall_nearest(name));
		if (len < 6)
			continue;
		memcpy(name, "__NR_", 5);
		ck_assert_ptr_null(syscall_nearest(name));
		memcpy(name + len - 2, "64", 2);
		ck_assert_ptr_null(syscall_nearest(name));
	}
}
END_TEST

START_TEST(finds_names)
{
	ck_assert_uint_gt(syscall_name_count, 400);
	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *name = &syscall_names[i];

		if (i)
			ck_assert_str_lt(name[-1].name, name->name);
		ck_assert_ptr_eq(syscall_find(name->name), name);
		ck_assert_ptr_null(syscall_find_foreign(name->name));
	}
	ck_assert_ptr_null(syscall_find(""));
	ck_assert_ptr_null(syscall_find("rea"));
	ck_assert_ptr_null(syscall_find("readd"));
	ck_assert_ptr_null(syscall_find("READ"));
	ck_assert_ptr_null(syscall_find("\xff"));
}
END_TEST

/* By looking at every entry. */
static const struct syscall_name *
search(enum abi abi, uint32_t number)
{
	for (size_t i = 0; i < syscall_name_count; i++)
		if (syscall_names[i].number[abi] >= 0 &&
		    (uint32_t)syscall_names[i].number[abi] == number)
			return &syscall_names[i];
	return NULL;
}

START_TEST(finds_numbers)
{
	enum abi abi = (enum abi)_i;
	size_t count = 0;
	int32_t last = -1;

	for (uint32_t number = 0; number < 2048; number++)
		ck_assert_ptr_eq(syscall_find_number(abi, number),
				 search(abi, number));
	ck_assert_ptr_null(syscall_find_number(abi, UINT32_MAX));
	ck_assert_ptr_null(syscall_find_number(abi, 0x80000000));
	ck_assert_ptr_null(syscall_find_number(abi, 0x40000000));
	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *name = &syscall_names[i];

		ck_assert_int_ge(name->number[abi], -1);
		ck_assert_int_lt(name->number[abi], 2048);
		ck_assert_int_le(name->since[abi], syscall_tables_release);
		count += name->number[abi] >= 0;
		if (name->number[abi] >= 0)
			continue;
		ck_assert_int_eq(name->since[abi], 0);
		ck_assert(!name->args[abi].known && !name->args[abi].count);
	}
	ck_assert_uint_eq(count, syscall_number_count[abi]);
	for (size_t i = 0; i < count; i++) {
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[abi][i]];

		ck_assert_int_gt(name->number[abi], last);
		last = name->number[abi];
	}
}
END_TEST

START_TEST(foreign)
{
	for (size_t i = 0; i < syscall_foreign_count; i++) {
		const struct syscall_foreign *entry = &syscall_foreign[i];

		if (i)
			ck_assert_str_lt(entry[-1].name, entry->name);
		ck_assert_ptr_eq(syscall_find_foreign(entry->name), entry);
		ck_assert_str_ne(syscall_foreign_archs(entry), "");
	}
	ck_assert_ptr_nonnull(syscall_find_foreign("cacheflush"));
	ck_assert_ptr_nonnull(strstr(
		syscall_foreign_archs(syscall_find_foreign("recv")), "arm"));
	ck_assert_ptr_null(syscall_find_foreign("read"));
	ck_assert_ptr_null(syscall_find_foreign(""));
}
END_TEST

/* Known by the prototypes in the manual and by the registers' width. */
START_TEST(arguments)
{
	const struct syscall_args *args = syscall_find("socket")->args;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		ck_assert(args[i].known && args[i].count == 3);
		ck_assert_str_eq(syscall_arg_name(&args[i], 0), "family");
		ck_assert_str_eq(syscall_arg_type(&args[i], 1), "int");
		ck_assert_int_eq(syscall_arg(&args[i], 2)->width[i], 32);
		ck_assert_int_eq(syscall_arg(&args[i], 2)->sign, 's');
	}
	args = syscall_find("read")->args;
	ck_assert_int_eq(syscall_arg(&args[ABI_X86_64], 2)->width[ABI_X86_64],
			 64);
	ck_assert_int_eq(syscall_arg(&args[ABI_I386], 2)->width[ABI_I386], 32);
	ck_assert_int_eq(syscall_arg(&args[ABI_X86_64], 1)->sign, 'p');
	args = syscall_find("mmap")->args;
	ck_assert_int_eq(args[ABI_X86_64].count, 6);
	ck_assert_int_eq(args[ABI_I386].count, 1);
	args = syscall_find("getpid")->args;
	ck_assert(args[ABI_X86_64].known && args[ABI_X86_64].count == 0);
	args = syscall_find("afs_syscall")->args;
	ck_assert(!args[ABI_X86_64].known);
}
END_TEST

/* syscall_32.tbl has no recv, send, accept, semop, semtimedop. */
static bool
is_only_behind_mux(const char *name)
{
	static const char *const names[] = { "accept", "recv", "semop",
					     "semtimedop", "send" };

	for (size_t i = 0; i < LENGTH(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool
is_on(const char *name, size_t abi)
{
	const struct syscall_name *found = syscall_find(name);

	return found && found->number[abi] >= 0;
}

START_TEST(multiplexers)
{
	size_t calls = 0;

	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		const struct arch *arch = arch_table[abi];

		for (size_t i = 0; i < arch->mux_count; i++) {
			const struct mux *mux = &arch->muxes[i];

			ck_assert(is_on(mux->name, abi));
			for (size_t j = 0; j < mux->count; j++, calls++)
				ck_assert_msg(
					is_on(mux->calls[j].name, abi) !=
						is_only_behind_mux(
							mux->calls[j].name),
					"%s", mux->calls[j].name);
		}
	}
	/* linux/net.h has 20 of them, linux/ipc.h 12. */
	ck_assert_uint_eq(calls, 20 + 12);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("syscall");
	TCase *tcase = tcase_create("tables");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_loop_test(tcase, parses_release, 0, LENGTH(releases));
	tcase_add_loop_test(tcase, knows, 0, LENGTH(known));
	tcase_add_loop_test(tcase, finds_nearest, 0, LENGTH(nearest));
	tcase_add_test(tcase, nearest_of_long_names);
	tcase_add_test(tcase, finds_names);
	tcase_add_loop_test(tcase, finds_numbers, 0, ABI_COUNT);
	tcase_add_test(tcase, foreign);
	tcase_add_test(tcase, arguments);
	tcase_add_test(tcase, multiplexers);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
