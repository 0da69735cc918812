/*
 * What other filter compilers got wrong when they generated code, one test
 * for each.  test_incidents_abi.c has what went wrong around it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

enum {
	ALLOW = 0x7fff0000,
	EPERM_ACTION = 0x00050001,
	ENOSYS_ACTION = 0x00050026,
	KILL = 0,
};

/* libseccomp-golang CVE-2017-18367, youki #3489: arguments were ORed. */
START_TEST(libseccomp_golang_cve_2017_18367)
{
	for (unsigned a = 0; a < 6; a++) {
		for (unsigned b = 0; b < 6; b++) {
			struct subject s;

			if (a == b)
				continue;
			subject_open_denying(&s);
			subject_write(&s,
				      "{ \"names\": [\"read\"], \"action\": "
				      "\"SCMP_ACT_ALLOW\", \"args\": [");
			subject_write_condition(&s, a, CMP_EQ, 1, 0);
			subject_write(&s, ", ");
			subject_write_condition(&s, b, CMP_GT, 5, 0);
			subject_write(&s, "] }");
			subject_compile_closed(&s);
			for (int i = 0; i < 4; i++) {
				uint64_t args[6] = { 0 };

				args[a] = i & 1 ? 1 : 2;
				args[b] = i & 2 ? 6 : 5;
				subject_expect(&s, ABI_X86_64, 0, args,
					       i == 3 ? ALLOW : EPERM_ACTION);
			}
			subject_finish(&s);
		}
	}
}
END_TEST

/* crun #264: the position in the array was taken for the index. */
START_TEST(crun_264)
{
	unsigned arg = (unsigned)_i;
	struct subject s;

	subject_open_denying(&s);
	subject_write_rule(&s, 0, arg, CMP_EQ, 42, 0);
	subject_compile_closed(&s);
	for (unsigned i = 0; i < 6; i++) {
		uint64_t alone[6] = { 0 };
		uint64_t others[6] = { 42, 42, 42, 42, 42, 42 };

		alone[i] = 42;
		others[i] = 0;
		subject_expect(&s, ABI_X86_64, 0, alone,
			       i == arg ? ALLOW : EPERM_ACTION);
		subject_expect(&s, ABI_X86_64, 0, others,
			       i == arg ? EPERM_ACTION : ALLOW);
	}
	subject_finish(&s);
}
END_TEST

/* crun #2220: conditions past the sixth were dropped. */
START_TEST(crun_2220)
{
	enum { CONDITIONS = 24 };
	struct subject s;

	subject_open_denying(&s);
	s.c.options.repeated = REPEATED_AND;
	subject_write(&s, "{ \"names\": [\"read\"], \"action\": "
			  "\"SCMP_ACT_ALLOW\", \"args\": [");
	for (unsigned i = 0; i < CONDITIONS; i++) {
		subject_write(&s, "%s", i ? ", " : "");
		subject_write_condition(&s, i % 6, CMP_NE, 100 + i, 0);
	}
	subject_write(&s, "] }");
	subject_compile_closed(&s);
	for (unsigned i = 0; i < CONDITIONS; i++) {
		uint64_t args[6] = { 0 };

		subject_expect(&s, ABI_X86_64, 0, args, ALLOW);
		args[i % 6] = 100 + i;
		subject_expect(&s, ABI_X86_64, 0, args, EPERM_ACTION);
		args[i % 6] |= UINT64_C(1) << 32;
		subject_expect(&s, ABI_X86_64, 0, args, ALLOW);
	}
	subject_finish(&s);
}
END_TEST

/* libseccomp #370: a tree with no rules forgot the default action. */
START_TEST(libseccomp_370)
{
	static const struct {
		const char *name;
		uint32_t action;
	} defaults[] = {
		{ "KILL", 0 },
		{ "KILL_THREAD", 0 },
		{ "KILL_PROCESS", 0x80000000 },
		{ "TRAP", 0x00030000 },
		{ "ERRNO", 0x00050001 },
		{ "TRACE", 0x7ff00001 },
		{ "LOG", 0x7ffc0000 },
		{ "ALLOW", ALLOW },
	};
	static const char *const rules[] = { "[]", "null" };

	for (size_t i = 0; i < LENGTH(defaults) * LENGTH(rules); i++) {
		size_t n = i / LENGTH(rules);
		struct subject s;

		subject_open(&s);
		s.c.options.abis = 7;
		subject_write(&s,
			      "{ \"defaultAction\": \"SCMP_ACT_%s\", "
			      "\"syscalls\": %s }",
			      defaults[n].name, rules[i % LENGTH(rules)]);
		subject_compile(&s);
		for (uint32_t bit = 0; bit < 32; bit++)
			for (enum abi abi = 0; abi < ABI_COUNT; abi++)
				subject_expect(&s, abi,
					       (UINT32_C(1) << bit) - 1, NULL,
					       defaults[n].action);
		subject_finish(&s);
	}
}
END_TEST

/* libseccomp #112: overlapping GT and LE gave the errno of another rule. */
START_TEST(libseccomp_112)
{
	static const struct {
		enum cmp_op op;
		uint64_t value;
	} rules[] = {
		{ CMP_GT, UINT64_C(0x200000000) },
		{ CMP_LE, 3 },
		{ CMP_GT, 0xffffffff },
		{ CMP_LE, 10 },
		{ CMP_GT, 1000 },
		{ CMP_LE, 100 },
		{ CMP_GT, 500 },
	};
	struct subject s;

	subject_open(&s);
	s.c.options.conflicts = CONFLICTS_FIRST;
	subject_write(&s, "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", "
			  "\"syscalls\": [");
	for (size_t i = 0; i < LENGTH(rules); i++) {
		subject_write(&s,
			      "%s{ \"names\": [\"read\"], \"action\": "
			      "\"SCMP_ACT_ERRNO\", \"errnoRet\": %zu, "
			      "\"args\": [",
			      i ? "," : "", i + 1);
		subject_write_condition(&s, 0, rules[i].op, rules[i].value, 0);
		subject_write(&s, "] }");
	}
	subject_compile_closed(&s);
	for (size_t i = 0; i < LENGTH(rules) * 3; i++) {
		uint64_t args[6] = { rules[i / 3].value + i % 3 - 1 };
		uint32_t wanted = ALLOW;

		for (size_t j = LENGTH(rules); j-- > 0;)
			if (subject_compare(rules[j].op, args[0],
					    rules[j].value, 0))
				wanted = 0x00050001 + (uint32_t)j;
		subject_expect(&s, ABI_X86_64, 0, args, wanted);
	}
	subject_finish(&s);
}
END_TEST

/* libseccomp #252: code for the negative numbers of pseudo syscalls. */
START_TEST(libseccomp_252)
{
	struct subject s;

	subject_open_denying(&s);
	s.c.options.abis = 7;
	subject_write(&s, "{ \"action\": \"SCMP_ACT_ALLOW\", \"names\": [");
	for (size_t i = 0; i < syscall_name_count; i++)
		subject_write(&s, "%s\"%s\"", i ? ", " : "",
			      syscall_names[i].name);
	subject_write(&s, ", \"recv\", \"send\", \"arm_sync_file_range\"] }");
	subject_compile_closed(&s);
	for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
		for (uint32_t i = 0; i < 2000; i++) {
			bool known = syscall_find_number(abi, i) != NULL;
			uint32_t minus = 0x3fffffff - i;

			subject_expect(&s, abi, i, NULL,
				       known ? ALLOW : EPERM_ACTION);
			subject_expect(&s, abi, minus, NULL, EPERM_ACTION);
			subject_expect(&s, abi, minus | 0x80000000, NULL,
				       EPERM_ACTION);
		}
	}
	subject_finish(&s);
}
END_TEST

/* kafel #1: (x & m) != 0 got the targets of its JSET swapped. */
START_TEST(kafel_1)
{
	static const uint64_t masks[] = {
		1,
		0x80000000,
		6,
		0x50,
		0xffffffff,
		UINT64_C(0x100000000),
		UINT64_C(0x8000000000000000),
		UINT64_C(0x8000000080000000),
		UINT64_C(0x600000003),
		UINT64_MAX,
	};
	struct subject s;

	/* For each mask nothing of it, all of it, and its lowest bit. */
	subject_open_denying(&s);
	for (uint32_t i = 0; i < LENGTH(masks) * 3; i++) {
		uint64_t mask = masks[i / 3];
		uint64_t values[3] = { 0, mask, mask & -mask };

		subject_write_rule(&s, i, 3, CMP_MASKED_EQ, mask,
				   values[i % 3]);
	}
	subject_compile_closed(&s);
	for (uint32_t i = 0; i < LENGTH(masks) * 3; i++) {
		uint64_t mask = masks[i / 3];
		uint64_t values[3] = { 0, mask, mask & -mask };

		for (size_t j = 0; j < 64 * 3; j++) {
			uint64_t args[6] = { 0 };
			bool holds;

			args[3] = values[j % 3] ^ UINT64_C(1) << j / 3;
			holds = (args[3] & mask) == values[i % 3];
			subject_expect(&s, ABI_X86_64, i, args,
				       holds ? ALLOW : EPERM_ACTION);
			args[3] = values[j % 3];
			holds = (args[3] & mask) == values[i % 3];
			subject_expect(&s, ABI_X86_64, i, args,
				       holds ? ALLOW : EPERM_ACTION);
		}
	}
	subject_finish(&s);
}
END_TEST

/* Firedancer #9185: only the low 32 bits were compared. */
START_TEST(firedancer_9185)
{
	struct subject s;

	subject_open_denying(&s);
	subject_write_rule(&s, 0, 0, CMP_EQ, 42, 0);
	subject_write_rule(&s, 1, 0, CMP_LE, 42, 0);
	subject_write_rule(&s, 2, 0, CMP_MASKED_EQ, ~UINT64_C(7), 40);
	subject_write_rule(&s, 3, 0, CMP_NE, 42, 0);
	subject_compile_closed(&s);
	for (unsigned bit = 32; bit < 64; bit++) {
		uint64_t args[6] = { 42 | UINT64_C(1) << bit };

		for (uint32_t i = 0; i < 4; i++)
			subject_expect(&s, ABI_X86_64, i, args,
				       i == 3 ? ALLOW : EPERM_ACTION);
		args[0] = 42;
		for (uint32_t i = 0; i < 4; i++)
			subject_expect(&s, ABI_X86_64, i, args,
				       i == 3 ? EPERM_ACTION : ALLOW);
	}
	subject_finish(&s);
}
END_TEST

/*
 * A Go filter compiler: when an argument check failed, the next number test
 * ran on the argument.  Here every argument is tried as a number, and the
 * failing check stands before every kind of next one.
 */
START_TEST(argument_left_in_accumulator)
{
	struct subject s;

	subject_open_denying(&s);
	for (uint32_t i = 0; i < 49; i++) {
		subject_write_rule(&s, 2 * i, i % 3, (enum cmp_op)(i / 7), 1000,
				   1000);
		subject_write(&s,
			      ", { \"names\": [\"%s\"], \"action\": "
			      "\"SCMP_ACT_ALLOW\", \"args\": [",
			      subject_x86_64_name(2 * i));
		subject_write_condition(&s, (i % 3 + i % 2) % 6,
					(enum cmp_op)(i % 7), 2000, 2000);
		subject_write(&s, "] }");
		subject_write(&s,
			      ", { \"names\": [\"%s\"], \"action\": "
			      "\"SCMP_ACT_ALLOW\" }",
			      subject_x86_64_name(2 * i + 1));
	}
	subject_compile_closed(&s);
	for (uint32_t i = 0; i < 49; i++) {
		for (uint64_t x = 0; x < 2100; x++) {
			uint64_t args[6] = { x, x, x, x, x, x };
			bool holds = subject_compare((enum cmp_op)(i / 7), x,
						     1000, 1000) ||
				     subject_compare((enum cmp_op)(i % 7), x,
						     2000, 2000);

			subject_expect(&s, ABI_X86_64, 2 * i, args,
				       holds ? ALLOW : EPERM_ACTION);
			subject_expect(&s, ABI_X86_64, 2 * i + 1, args, ALLOW);
		}
	}
	for (uint32_t i = 98; i < 300; i++) {
		uint64_t args[6] = { 1, 1, 1, 1, 1, 1 };

		subject_expect(&s, ABI_X86_64, i, args, EPERM_ACTION);
	}
	subject_finish(&s);
}
END_TEST

/* bionic genseccomp: a lower bound before the hot calls rejected them. */
START_TEST(bionic_lower_bound)
{
	struct subject s;

	subject_from(&s, "{ \"defaultAction\": \"SCMP_ACT_KILL\", "
			 "\"syscalls\": [{ \"action\": \"SCMP_ACT_ALLOW\", "
			 "\"names\": [\"read\", \"write\", \"futex\", "
			 "\"epoll_wait\", \"close_range\"] }] }");
	for (uint32_t i = 0; i < 440; i++) {
		bool named = i <= 1 || i == 202 || i == 232 || i == 436;

		subject_expect(&s, ABI_X86_64, i, NULL,
			       named	 ? ALLOW
			       : i > 436 ? ENOSYS_ACTION
					 : KILL);
	}
	subject_finish(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("incidents");
	TCase *tcase = tcase_create("code generation");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, libseccomp_golang_cve_2017_18367);
	tcase_add_loop_test(tcase, crun_264, 0, 6);
	tcase_add_test(tcase, crun_2220);
	tcase_add_test(tcase, libseccomp_370);
	tcase_add_test(tcase, libseccomp_112);
	tcase_add_test(tcase, libseccomp_252);
	tcase_add_test(tcase, kafel_1);
	tcase_add_test(tcase, firedancer_9185);
	tcase_add_test(tcase, argument_left_in_accumulator);
	tcase_add_test(tcase, bionic_lower_bound);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
