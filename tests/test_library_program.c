/*
 * Programs in the library: which are taken, and what they decide, against
 * eval.c, arithmetic and the tables of syscalls as text.
 */
#include "library-subject.h"

#include <linux/audit.h>
#include <stdio.h>

#include "calls.h"
#include "eval.h"

static void
refuse_bytes(const void *bytes, size_t len, const char *says)
{
	struct scc_filter *filter;
	enum scc_result result = scc_load(&filter, "bad\33.bpf", bytes, len);
	const struct scc_diagnostic *d = scc_diagnostic_at(filter, 0);

	ck_assert_ptr_nonnull(d);
	ck_assert_msg(strstr(scc_diagnostic_message(d), says) != NULL, "%s",
		      scc_diagnostic_message(d));
	ck_assert_ptr_null(strchr(scc_diagnostic_text(d), '\33'));
	ck_assert_ptr_nonnull(strstr(scc_diagnostic_text(d), says));
	expect_refused(filter, result, "invalid-program");
}

#define RET BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* As bpf_check_classic() and seccomp_check_filter() refuse them. */
START_TEST(programs_that_are_refused)
{
	static const struct sock_filter bad[][3] = {
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0) },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 2), RET },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RET },
		{ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET },
		{ BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RET },
		{ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 9), RET },
		{ BPF_JUMP(BPF_JMP | BPF_JA, 1u << 31, 0, 0), RET },
		{ BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET },
		{ BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET },
		{ BPF_STMT(BPF_LD | BPF_MEM, 3), RET },
		{ BPF_STMT(BPF_ST, 16), RET },
		{ BPF_STMT(0xffff, 0), RET },
	};
	size_t count = bad[_i][1].code ? 2 : 1;
	/* The fault is the first instruction's, but that there is no RET. */
	refuse_bytes(bad[_i], count * sizeof(bad[_i][0]), "instruction 0: ");
}
END_TEST

START_TEST(lengths)
{
	static struct sock_filter code[4097];
	struct scc_filter *filter;
	size_t count;

	for (size_t i = 0; i < 4097; i++)
		code[i] = (struct sock_filter)RET;
	refuse_bytes(code, 0, "0 bytes");
	refuse_bytes(code, 7, "7 bytes");
	refuse_bytes(code, 9, "9 bytes");
	refuse_bytes(code, sizeof(code), "32776 bytes");
	filter = load_code(code, 4096);
	ck_assert_ptr_ne(scc_instructions(filter, &count), code);
	ck_assert_uint_eq(count, 4096);
	ck_assert_uint_eq(scc_flags(filter), 0);
	ck_assert_uint_eq(scc_diagnostic_count(filter), 0);
	ck_assert_ptr_null(scc_diagnostic_at(filter, 0));
	scc_filter_destroy(filter);
}
END_TEST

/* A program of an odd address, as a buffer may have it. */
START_TEST(unaligned)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), RET
	};
	char *bytes = malloc(sizeof(code) + 1);
	struct scc_filter *filter;
	const void *loaded;

	memcpy(bytes + 1, code, sizeof(code));
	ck_assert_int_eq(scc_load(&filter, "x", bytes + 1, sizeof(code)),
			 SCC_OK);
	free(bytes);
	ck_assert_uint_eq(bytes_of(filter, &loaded), sizeof(code));
	ck_assert_mem_eq(loaded, code, sizeof(code));
	scc_filter_destroy(filter);
}
END_TEST

/* How many instructions a call takes, by counting them. */
START_TEST(counts)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 9, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 5),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | 6),
	};
	struct scc_filter *filter = load_code(code, 7);
	static const unsigned wanted[] = { 6, 3, 4, 5, 6 };

	for (int i = 0; i < 5; i++) {
		struct seccomp_data call = { .nr = 6 + i };
		uint32_t action = i >= 1 && i <= 3 ? SECCOMP_RET_TRACE | 6
						   : SECCOMP_RET_ERRNO | 5;
		unsigned count;

		ck_assert_uint_eq(scc_decide(filter, &call, &count), action);
		ck_assert_uint_eq(count, wanted[i]);
		ck_assert_uint_eq(scc_decide(filter, &call, NULL), action);
	}
	scc_filter_destroy(filter);
}
END_TEST

static const char *const profiles[] = {
	DENYING "{\"names\":[\"read\"]," ALLOW "}]}",
	DENYING "{\"names\":[\"clone\",\"kill\"]," ALLOW ",\"args\":[{"
		"\"index\":0,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":"
		"2114060288,\"valueTwo\":0}]},{\"names\":[\"read\",\"dup\"],"
		"\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":7}]}",
	"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":["
	"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\",\"SCMP_ARCH_X32\"],"
	"\"syscalls\":[{\"names\":[\"personality\",\"ioctl\"],\"action\":"
	"\"SCMP_ACT_KILL_PROCESS\",\"args\":[{\"index\":0,\"op\":"
	"\"SCMP_CMP_GE\",\"value\":4294967299},{\"index\":1,\"op\":"
	"\"SCMP_CMP_NE\",\"value\":5}]}]}",
	"{\"defaultAction\":\"SCMP_ACT_LOG\"}",
};

/* Values around those of the profiles, and any. */
static uint64_t
some_value(uint64_t *seed)
{
	static const uint64_t values[] = { 0,	       1,	   4,
					   5,	       6,	   2114060288,
					   2114060287, 4294967298, 4294967299,
					   4294967300, UINT64_MAX };
	uint64_t r = calls_random(seed);

	return r % 4 ? values[r / 4 % 11] : calls_random(seed) >> r / 4 % 64;
}

START_TEST(decisions)
{
	const char *text = profiles[_i];
	struct scc_filter *filter = compile_with(NULL, text);
	struct compilation c;
	uint64_t seed = 1;
	size_t count, allowed = 0;

	/* The same rules, of which eval.c says what they mean. */
	compilation_init(&c, "x", text, strlen(text));
	ck_assert(compile(&c));
	ck_assert_ptr_nonnull(scc_instructions(filter, &count));
	for (int i = 0; i < 50000; i++) {
		static const uint32_t archs[] = { AUDIT_ARCH_X86_64,
						  AUDIT_ARCH_X86_64,
						  AUDIT_ARCH_I386,
						  AUDIT_ARCH_AARCH64 };
		uint64_t r = calls_random(&seed), args[6];
		struct seccomp_data call = {
			.nr = (int)(r >> 8 & 511),
			.arch = archs[r & 3],
			.instruction_pointer = r,
		};
		uint32_t wanted, got;
		unsigned executed;

		if (r & 16)
			call.nr |= 1 << 30;
		for (int j = 0; j < 6; j++)
			args[j] = call.args[j] = some_value(&seed);
		wanted = eval_call(c.ruleset, call.arch, (uint32_t)call.nr,
				   args);
		got = scc_decide(filter, &call, &executed);
		ck_assert_msg(got == wanted, "arch %x nr %x: 0x%x, not 0x%x",
			      call.arch, (unsigned)call.nr, got, wanted);
		ck_assert_uint_ge(executed, 1);
		ck_assert_uint_le(executed, count);
		allowed += got == SECCOMP_RET_ALLOW;
	}
	ck_assert(_i == 3 || allowed > 10);
	compilation_finish(&c);
	scc_filter_destroy(filter);
}
END_TEST

/* Every row of a table of numbers, whose text is read here once more. */
START_TEST(every_call)
{
	static const char *const abis[] = { "x86_64", "i386", "x32" };
	static const uint32_t archs[] = { AUDIT_ARCH_X86_64, AUDIT_ARCH_I386,
					  AUDIT_ARCH_X86_64 };
	char path[64], line[256], name[64];
	FILE *file;
	int number, rows = 0;

	snprintf(path, sizeof(path), "syscall-tables/%s.tbl", abis[_i]);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		struct seccomp_data call, wanted = { .arch = archs[_i] };

		if (sscanf(line, "%d\t%63[^\t]", &number, name) != 2)
			continue;
		wanted.nr = _i == 2 ? number | 1 << 30 : number;
		memset(&call, 0xa5, sizeof(call));
		ck_assert_msg(scc_call(&call, abis[_i], name), "%s", name);
		ck_assert_mem_eq(&call, &wanted, sizeof(call));
		rows++;
	}
	fclose(file);
	ck_assert_int_gt(rows, 300);
}
END_TEST

START_TEST(no_such_call)
{
	static const char *const no[][2] = {
		{ "x86_64", "nosuch" },
		{ "x86_64", "" },
		{ "x86_64", "waitpid" },
		{ "x86_64", "socketcall" },
		{ "i386", "arch_prctl2" },
		{ "arm", "read" },
		{ "", "read" },
		{ "X86_64", "read" },
		{ "x86_64", "READ" },
		{ "x86_64", "read " },
		{ "x86_64", "riscv_hwprobe" },
	};
	struct seccomp_data call, before;

	memset(&call, 0xa5, sizeof(call));
	before = call;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(!scc_call(&call, no[i][0], no[i][1]), "%s",
			      no[i][1]);
	ck_assert_mem_eq(&call, &before, sizeof(call));
}
END_TEST

START_TEST(flags)
{
	static const struct {
		const char *text;
		unsigned wanted;
	} cases[] = {
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}", 0 },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
		  "\"SECCOMP_FILTER_FLAG_LOG\"]}",
		  SECCOMP_FILTER_FLAG_LOG },
		{ "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
		  "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
		  "\"SECCOMP_FILTER_FLAG_TSYNC\"]}",
		  SECCOMP_FILTER_FLAG_SPEC_ALLOW | SECCOMP_FILTER_FLAG_TSYNC },
	};
	struct scc_filter *filter = compile_with(NULL, cases[_i].text);

	ck_assert_uint_eq(scc_flags(filter), cases[_i].wanted);
	ck_assert_ptr_null(scc_listener_path(filter));
	ck_assert_ptr_null(scc_listener_metadata(filter));
	scc_filter_destroy(filter);
}
END_TEST

START_TEST(listener)
{
	struct scc_filter *filter = compile_with(
		NULL, "{\"defaultAction\":\"SCMP_ACT_ALLOW\","
		      "\"listenerPath\":\"/run/\xc3\xa9*.sock\","
		      "\"listenerMetadata\":\"\\u0061\\ud83d\\ude00\","
		      "\"syscalls\":[{\"names\":[\"mkdir\"],"
		      "\"action\":\"SCMP_ACT_NOTIFY\"}]}");
	struct scc_filter *loaded, *again;
	const struct sock_filter *code;
	size_t count, len;
	char *text;

	ck_assert_str_eq(scc_listener_path(filter), "/run/\xc3\xa9*.sock");
	ck_assert_str_eq(scc_listener_metadata(filter),
			 "a\xf0\x9f\x98\x80");
	/* A plain profile says the same. */
	ck_assert_int_eq(scc_write(filter, "oci", NULL, &text, &len), SCC_OK);
	again = compile_with(NULL, text);
	ck_assert_str_eq(scc_listener_path(again), "/run/\xc3\xa9*.sock");
	ck_assert_str_eq(scc_listener_metadata(again),
			 "a\xf0\x9f\x98\x80");
	scc_filter_destroy(again);
	free(text);
	/* A program has neither. */
	code = scc_instructions(filter, &count);
	ck_assert_int_eq(scc_load(&loaded, "x", code, count * sizeof(*code)),
			 SCC_OK);
	ck_assert_ptr_null(scc_listener_path(loaded));
	ck_assert_ptr_null(scc_listener_metadata(loaded));
	scc_filter_destroy(loaded);
	scc_filter_destroy(filter);
}
END_TEST

/* Rows of a table of numbers. */
static size_t
count_rows(const char *abi)
{
	char path[64], line[256];
	FILE *file;
	size_t rows = 0;

	snprintf(path, sizeof(path), "syscall-tables/%s.tbl", abi);
	file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	while (fgets(line, sizeof(line), file))
		rows += *line >= '0' && *line <= '9';
	fclose(file);
	return rows;
}

/* What is counted of a profile, by hand; the rest of it is denied. */
START_TEST(statistics)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":["
		"\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"syscalls\":[{"
		"\"names\":[\"read\",\"write\",\"waitpid\"]," ALLOW
		"},{\"names\":[\"dup\",\"dup2\",\"pause\",\"close\"],"
		"\"action\":\"SCMP_ACT_LOG\"},{\"names\":[\"sync\"],"
		"\"action\":\"SCMP_ACT_TRACE\"},{\"names\":[\"kill\"]," ALLOW
		",\"args\":[{\"index\":1,\"op\":\"SCMP_CMP_EQ\",\"value\":9}"
		"]},{\"names\":[\"uname\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}";
	static const char *const abis[] = { "x86_64", "i386" };
	struct scc_filter *filter = compile_with(NULL, text);
	struct scc_statistics *all;
	size_t count;

	ck_assert_int_eq(scc_statistics_create(&all, filter), SCC_OK);
	scc_instructions(filter, &count);
	scc_filter_destroy(filter);
	ck_assert_uint_eq(scc_statistic(all, SCC_INSTRUCTIONS, NULL), count);
	ck_assert_uint_gt(scc_statistic(all, SCC_CONVERTED_LENGTH, NULL), count);
	for (size_t i = 0; i < 2; i++) {
		const char *abi = abis[i];
		/* waitpid is i386's alone. */
		size_t allowed = 2 + i, rows = count_rows(abi);

		ck_assert_uint_eq(scc_statistic(all, SCC_KNOWN, abi), rows);
		ck_assert_uint_eq(scc_statistic(all, SCC_ALLOWED, abi),
				  allowed);
		ck_assert_uint_eq(scc_statistic(all, SCC_CACHED, abi), allowed);
		ck_assert_uint_eq(scc_statistic(all, SCC_LOGGED, abi), 4);
		ck_assert_uint_eq(scc_statistic(all, SCC_TRACED, abi), 1);
		ck_assert_uint_eq(scc_statistic(all, SCC_NOTIFIED, abi), 1);
		ck_assert_uint_eq(scc_statistic(all, SCC_CONDITIONAL, abi), 1);
		ck_assert_uint_eq(scc_statistic(all, SCC_DENIED, abi),
				  rows - allowed - 7);
	}
	/* All of x32 gets KILL_THREAD. */
	ck_assert_uint_eq(scc_statistic(all, SCC_DENIED, "x32"),
			  count_rows("x32"));
	ck_assert_uint_eq(scc_statistic(all, SCC_KNOWN, "arm"), 0);
	ck_assert_uint_eq(scc_statistic(all, SCC_KNOWN, NULL), 0);
	ck_assert_uint_eq(scc_statistic(all, (enum scc_statistic)99, "x86_64"),
			  0);
	ck_assert_uint_eq(
		scc_statistic(all, (enum scc_statistic) - 1, "x86_64"), 0);
	scc_statistics_destroy(all);
}
END_TEST

/* The longest way, by hand: a load, three tests, a return. */
START_TEST(longest)
{
	const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 8, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 7, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		/* Nothing comes here. */
		BPF_JUMP(BPF_JMP | BPF_JA, 0, 0, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct scc_filter *filter = load_code(code, 7);
	struct scc_statistics *all;

	ck_assert_int_eq(scc_statistics_create(&all, filter), SCC_OK);
	ck_assert_uint_eq(scc_statistic(all, SCC_WORST_PATH, "x32"), 5);
	ck_assert_uint_eq(scc_statistic(all, SCC_ALLOWED, "x32"),
			  count_rows("x32"));
	scc_statistics_destroy(all);
	scc_filter_destroy(filter);
	filter = compile_as(SCC_REJECTED, NULL, "{}");
	ck_assert_int_eq(scc_statistics_create(&all, filter), SCC_REJECTED);
	ck_assert_ptr_null(all);
	scc_statistics_destroy(all);
	scc_filter_destroy(filter);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("programs");

	tcase_add_loop_test(tcase, programs_that_are_refused, 0, 12);
	tcase_add_test(tcase, lengths);
	tcase_add_test(tcase, unaligned);
	tcase_add_test(tcase, counts);
	tcase_add_loop_test(tcase, decisions, 0, 4);
	tcase_add_loop_test(tcase, every_call, 0, 3);
	tcase_add_test(tcase, no_such_call);
	tcase_add_loop_test(tcase, flags, 0, 3);
	tcase_add_test(tcase, listener);
	tcase_add_test(tcase, statistics);
	tcase_add_test(tcase, longest);
	return run_cases("library: programs", &tcase, 1);
}
