/*
 * What other tools got wrong about ABIs, widths and the meaning and the text
 * of profiles, one test for each.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

enum {
	ALLOW = 0x7fff0000,
	ERRNO = 0x00050000,
	EPERM_ACTION = ERRNO | 1,
	ENOSYS_ACTION = ERRNO | 38,
	KILL = 0,
	ALL_ABIS = 7,
};

/* libseccomp: a first rule foreign to an ABI took the load of the number
 * with it, so that no rule behind it fired. */
START_TEST(libseccomp_first_name_foreign)
{
	/* On x86_64 alone, on i386 alone, and on both with one number each. */
	static const char *const firsts[] = { "arch_prctl", "waitpid",
					      "socketcall", "uselib", "recv" };

	for (size_t i = 0; i < LENGTH(firsts) * 2; i++) {
		const char *rest = i % 2 ? ", { \"names\": [\"ptrace\"], "
					   "\"action\": \"SCMP_ACT_ERRNO\" }"
					 : "";
		const struct syscall_name *name = syscall_find(firsts[i / 2]);
		struct subject s;

		subject_open(&s);
		s.c.options.abis = ALL_ABIS;
		subject_write(&s,
			      "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
			      "\"syscalls\": [{ \"names\": [\"%s\"], "
			      "\"action\": \"SCMP_ACT_KILL\" }%s] }",
			      firsts[i / 2], rest);
		subject_compile(&s);
		for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
			subject_expect_call(&s, abi, "ptrace", 0,
					    i % 2 ? EPERM_ACTION : ALLOW);
			subject_expect_call(&s, abi, "write", 0, ALLOW);
			if (name && name->number[abi] >= 0)
				subject_expect_call(&s, abi, name->name, 0,
						    KILL);
		}
		subject_finish(&s);
	}
}
END_TEST

/*
 * firejail #87, kafel #19, seccompiler #74, minijail: bit 30 was unchecked,
 * which is a way around a deny list.
 */
START_TEST(firejail_87)
{
	static const char text[] =
		"{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
		"\"architectures\": [\"%s\"], "
		"\"syscalls\": [{ \"names\": [\"ptrace\", \"mount\"], "
		"\"action\": \"SCMP_ACT_ERRNO\" }] }";
	struct subject with, without;

	subject_open(&with);
	subject_write(&with, text, "SCMP_ARCH_X32");
	subject_compile(&with);
	subject_open(&without);
	subject_write(&without, text, "SCMP_ARCH_X86_64");
	subject_compile(&without);
	for (uint32_t i = 0; i < 5000; i++) {
		bool denied = i == 521 || i == 165; /* ptrace, mount on x32 */

		subject_expect(&with, ABI_X32, i, NULL,
			       denied ? EPERM_ACTION : ALLOW);
		subject_expect(&without, ABI_X32, i, NULL, KILL);
		denied = i == 101 || i == 165;
		subject_expect(&with, ABI_X86_64, i, NULL,
			       denied ? EPERM_ACTION : ALLOW);
	}
	subject_finish(&with);
	subject_finish(&without);
}
END_TEST

/* containerd #13330, moby #52547, libseccomp #476: socketcall goes past a
 * rule on the arguments of socket, or is mistaken for it. */
START_TEST(containerd_13330)
{
	static const char text[] =
		"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
		"\"architectures\": [\"SCMP_ARCH_X86\"], \"syscalls\": ["
		"{ \"names\": [\"bind\"%s], \"action\": \"SCMP_ACT_ALLOW\" }, "
		"{ \"names\": [\"socket\"], \"action\": \"SCMP_ACT_ALLOW\", "
		"\"args\": [{ \"index\": 0, \"op\": \"SCMP_CMP_NE\", "
		"\"value\": 40 }] }] }";
	struct subject s;

	subject_open(&s);
	subject_write(&s, text, ", \"socketcall\"");
	subject_compile(&s);
	ck_assert(subject_find(&s, DIAG_NOT_ENFORCEABLE));
	subject_expect_call(&s, ABI_I386, "socketcall", 1, ALLOW);
	subject_finish(&s);

	subject_open(&s);
	subject_write(&s, text, "");
	subject_compile(&s);
	ck_assert(!subject_find(&s, DIAG_NOT_ENFORCEABLE));
	subject_expect_call(&s, ABI_I386, "socketcall", 1, EPERM_ACTION);
	subject_expect_call(&s, ABI_I386, "socketcall", 2, ALLOW);
	subject_expect_call(&s, ABI_I386, "socketcall", 40, EPERM_ACTION);
	subject_expect_call(&s, ABI_I386, "socket", 40, EPERM_ACTION);
	subject_expect_call(&s, ABI_I386, "socket", 2, ALLOW);
	subject_finish(&s);
}
END_TEST

/*
 * systemd #8002: the numbers of x86_64 were used for i386 and x32.
 * flatpak #4458, lxc #3548: a name absent on one ABI failed the filter.
 * Every name of the tables, a few at a time, each with an errno of its own.
 */
START_TEST(systemd_8002_flatpak_4458)
{
	enum { STEP = 7 };
	struct subject s;

	subject_open(&s);
	s.c.options.abis = ALL_ABIS;
	subject_write(&s, "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
			  "\"syscalls\": [");
	for (size_t i = (size_t)_i; i < syscall_name_count; i += STEP)
		subject_write(&s,
			      "%s{ \"names\": [\"%s\"], \"action\": "
			      "\"SCMP_ACT_ERRNO\", \"errnoRet\": %zu }",
			      i >= STEP ? ", " : "", syscall_names[i].name,
			      i + 1);
	subject_write(&s, "] }");
	subject_compile(&s);
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		for (uint32_t nr = 0; nr < 600; nr++) {
			const struct syscall_name *name =
				syscall_find_number(abi, nr);
			size_t i = name ? (size_t)(name - syscall_names) : 0;
			uint32_t wanted = ALLOW;

			/* What socketcall(0) and ipc(0) select is nothing. */
			if (name && i % STEP == (size_t)_i)
				wanted = ERRNO + (uint32_t)i + 1;
			subject_expect(&s, abi, nr, NULL, wanted);
		}
	}
	subject_finish(&s);
}
END_TEST

/* gVisor #14721, libseccomp: 0x10000 was cut to 0, a deny became success. */
START_TEST(gvisor_14721)
{
	static const struct {
		const char *value;
		bool fine;
		uint32_t action;
	} rows[] = {
		{ "0", true, ERRNO },
		{ "1", true, ERRNO | 1 },
		{ "4095", true, ERRNO | 4095 },
		{ "4096", false, 0 },
		{ "65535", false, 0 },
		{ "65536", false, 0 },
		{ "65537", false, 0 },
		{ "4294967296", false, 0 },
		{ "4294967297", false, 0 },
		{ "18446744073709551615", false, 0 },
		{ "18446744073709551617", false, 0 },
		{ "-1", false, 0 },
		{ "1.0", false, 0 },
		{ "\"1\"", false, 0 },
	};

	for (size_t i = 0; i < LENGTH(rows) * 2; i++) {
		struct subject s;

		subject_open(&s);
		subject_write(
			&s,
			i % 2 ? "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
				"\"defaultErrnoRet\": %s }"
			      : "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
				"\"syscalls\": [{ \"names\": [\"read\"], "
				"\"action\": \"SCMP_ACT_ERRNO\", "
				"\"errnoRet\": %s }] }",
			rows[i / 2].value);
		subject_compile(&s);
		ck_assert(s.ok == rows[i / 2].fine);
		if (s.ok)
			subject_expect(&s, ABI_X86_64, 0, NULL,
				       rows[i / 2].action);
		subject_finish(&s);
	}
}
END_TEST

/* runc #2735: a repeated index turned AND into OR for the whole rule. */
START_TEST(runc_2735)
{
	static const char text[] =
		"{ \"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{ "
		"\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", "
		"\"args\": ["
		"{ \"index\": 0, \"op\": \"SCMP_CMP_GE\", \"value\": 2 }, "
		"{ \"index\": 0, \"op\": \"SCMP_CMP_LE\", \"value\": 5 }, "
		"{ \"index\": 1, \"op\": \"SCMP_CMP_EQ\", \"value\": 9 }] }] }";
	static const enum repeated_mode modes[] = { REPEATED_REFUSE,
						    REPEATED_AND, REPEATED_OR };

	for (size_t i = 0; i < LENGTH(modes); i++) {
		struct subject s;

		subject_open(&s);
		s.c.options.repeated = modes[i];
		subject_write(&s, "%s", text);
		subject_compile(&s);
		if (modes[i] == REPEATED_REFUSE) {
			ck_assert(!s.ok);
			ck_assert(subject_find(&s, DIAG_REPEATED_INDEX));
		}
		for (uint64_t x = 0; s.ok && x < 8; x++) {
			for (uint64_t y = 8; y < 10; y++) {
				uint64_t args[6] = { x, y };
				bool holds = x >= 2 && x <= 5 && y == 9;

				if (modes[i] == REPEATED_OR)
					holds = true;
				subject_expect(&s, ABI_X86_64, 0, args,
					       holds ? ALLOW : EPERM_ACTION);
			}
		}
		subject_finish(&s);
	}
}
END_TEST

/* runc #1847: a rule equal to the default was an error. */
START_TEST(runc_1847)
{
	struct subject s;

	subject_from(&s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			 "\"syscalls\": [{ \"names\": [\"read\", \"write\"], "
			 "\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1 }, "
			 "{ \"names\": [\"close\"], "
			 "\"action\": \"SCMP_ACT_ALLOW\" }] }");
	ck_assert(s.ok);
	subject_expect_call(&s, ABI_X86_64, "read", 0, EPERM_ACTION);
	subject_expect_call(&s, ABI_X86_64, "close", 0, ALLOW);
	subject_finish(&s);
}
END_TEST

/* moby #42680, runc #2151: EPERM where libc waits for ENOSYS. */
START_TEST(moby_42680)
{
	static const char *const newer[] = { "clone3", "faccessat2", "statx" };
	struct subject s;

	subject_open(&s);
	s.c.options.abis = ALL_ABIS;
	subject_write(&s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			  "\"syscalls\": [{ \"names\": [\"read\", "
			  "\"execveat\"], \"action\": "
			  "\"SCMP_ACT_ALLOW\" }] }");
	subject_compile(&s);
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		/* execveat is 545 on x32, above those three. */
		uint32_t wanted = abi == ABI_X32 ? EPERM_ACTION : ENOSYS_ACTION;

		for (size_t i = 0; i < LENGTH(newer); i++)
			subject_expect_call(&s, abi, newer[i], 0, wanted);
		subject_expect_call(&s, abi, "ptrace", 0, EPERM_ACTION);
		subject_expect(&s, abi, 600, NULL, ENOSYS_ACTION);
	}
	subject_finish(&s);
}
END_TEST

/* crun 1.8.1: 10 MB of nested arrays overflowed the stack. */
START_TEST(crun_1_8_1)
{
	static const char *const opens[] = { "[", "{ \"a\": " };

	for (size_t i = 0; i < LENGTH(opens) * 2; i++) {
		struct subject s;

		subject_open(&s);
		if (i % 2)
			subject_write(&s, "{ \"defaultAction\": "
					  "\"SCMP_ACT_ALLOW\", \"x\": ");
		for (size_t j = 0; j < 10000000 / strlen(opens[i / 2]); j++)
			fputs(opens[i / 2], s.file);
		subject_compile(&s);
		ck_assert(!s.ok);
		ck_assert(subject_find(&s, DIAG_LIMIT));
		subject_finish(&s);
	}
}
END_TEST

/*
 * Kubernetes CVE-2023-2431: an empty localhostProfile ran unconfined.
 * libseccomp #273: a failed load left the program nearly unfiltered.
 * Docker's loader and Podman: "syscalls": [null] panics.
 */
START_TEST(nothing_is_no_profile)
{
	static const struct {
		const char *text;
		size_t offset;
	} rows[] = {
		{ "", 0 },
		{ " \n", 0 },
		{ "{}", 0 },
		{ "null", 0 },
		{ "[]", 0 },
		{ "\"\"", 0 },
		{ "{ \"syscalls\": [] }", 0 },
		{ "{ \"defaultAction\": null }", 19 },
		{ "{ \"defaultAction\": \"\" }", 19 },
		{ "{ \"linux\": { \"seccomp\": null } }", 24 },
		{ "{ \"linux\": { \"seccomp\": {} } }", 24 },
		{ "{ \"linux\": {} }", 0 },
		{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
		  "\"syscalls\": [null] }",
		  50 },
		{ "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
		  "\"syscalls\": [[]] }",
		  50 },
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct subject s;
		size_t at = SIZE_MAX;

		subject_from(&s, rows[i].text);
		ck_assert_msg(!s.ok, "%s", rows[i].text);
		for (size_t j = s.c.diags.list.n; j-- > 0;)
			if (s.c.diags.list.v[j].severity == SEVERITY_ERROR)
				at = s.c.diags.list.v[j].offset;
		ck_assert_msg(at == rows[i].offset, "%s: at %zu", rows[i].text,
			      at);
		subject_finish(&s);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("incidents, ABIs");
	TCase *tcase = tcase_create("ABIs, arguments, semantics");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, libseccomp_first_name_foreign);
	tcase_add_test(tcase, firejail_87);
	tcase_add_test(tcase, containerd_13330);
	tcase_add_loop_test(tcase, systemd_8002_flatpak_4458, 0, 7);
	tcase_add_test(tcase, gvisor_14721);
	tcase_add_test(tcase, runc_2735);
	tcase_add_test(tcase, runc_1847);
	tcase_add_test(tcase, moby_42680);
	tcase_add_test(tcase, crun_1_8_1);
	tcase_add_test(tcase, nothing_is_no_profile);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
