/*
 * What the library makes of filters: formats, and comparisons.  What an order
 * says of two filters is held against many calls, with the kernel's order of
 * actions: the smaller one as a signed number wins (seccomp_run_filters in
 * kernel/seccomp.c).
 */
#include "library-subject.h"

#include <linux/audit.h>
#include <stdio.h>

#include "calls.h"

#define ALLOW_INSN BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static const char small[] =
	DENYING "{\"names\":[\"read\",\"dup\"]," ALLOW "}]}";

static char *
write_as(const struct scc_filter *filter, const char *format,
	 const char *symbol)
{
	char *data;
	size_t len;

	ck_assert_int_eq(scc_write(filter, format, symbol, &data, &len),
			 SCC_OK);
	ck_assert_uint_gt(len, 7);
	ck_assert_int_eq(data[len], '\0');
	return data;
}

static void
expect_none(const struct scc_filter *filter, const char *format,
	    const char *symbol, enum scc_result wanted)
{
	char *data = (char *)&wanted;
	size_t len = 99;

	ck_assert_msg(scc_write(filter, format, symbol, &data, &len) == wanted,
		      "%s, %s", format, symbol ? symbol : "NULL");
	ck_assert_ptr_null(data);
}

START_TEST(each_format)
{
	struct scc_filter *filter = compile_with(NULL, small), *loaded;
	char *data;
	const void *bytes;
	size_t len, count = bytes_of(filter, &bytes) / 8;
	char line[64];

	ck_assert_int_eq(scc_write(filter, "bpf", NULL, &data, &len), SCC_OK);
	ck_assert_uint_eq(len, count * 8);
	ck_assert_mem_eq(data, bytes, len);
	ck_assert_int_eq(scc_load(&loaded, "x", data, len), SCC_OK);
	assert_same_program(loaded, filter);
	free(data);
	scc_filter_destroy(loaded);

	snprintf(line, sizeof(line), "#define filter_len %zu\n", count);
	data = write_as(filter, "c", NULL);
	ck_assert_ptr_nonnull(strstr(data, line));
	free(data);
	snprintf(line, sizeof(line), "#define my_filter2_len %zu\n", count);
	data = write_as(filter, "c", "my_filter2");
	ck_assert_ptr_nonnull(strstr(data, line));
	free(data);
	data = write_as(filter, "asm", NULL);
	ck_assert_ptr_nonnull(strstr(data, "\"test.json\""));
	free(data);
	data = write_as(filter, "json", NULL);
	snprintf(line, sizeof(line), "\"instructions\": %zu,", count);
	ck_assert_ptr_nonnull(strstr(data, line));
	free(data);
	scc_filter_destroy(filter);
}
END_TEST

/* The profile that comes out says the same as the one that went in. */
START_TEST(oci)
{
	static const char *const settings[] = { "dialect", "oci", NULL };
	struct scc_options *options = options_of(settings);
	struct scc_filter *filter = compile_with(NULL, small), *again;
	struct scc_comparison *comparison;
	char *data = write_as(filter, "oci", NULL);

	again = compile_with(options, data);
	free(data);
	ck_assert_int_eq(scc_compare(&comparison, filter, again), SCC_OK);
	ck_assert_int_eq(scc_comparison_order(comparison), SCC_EQUAL);
	scc_comparison_destroy(comparison);
	scc_filter_destroy(filter);
	scc_filter_destroy(again);
	scc_options_destroy(options);
}
END_TEST

START_TEST(no_such_format)
{
	static const char *const formats[] = { "",	"BPF", "bpf ", "elf",
					       "json5", "c++", "\33" };
	static const char *const symbols[] = { "",    "1a",   "a-b",
					       "a b", "a\nb", "\xc3\xa9",
					       "a;",  "a*/",  "x[1]",
					       "int", "class", "unix" };
	struct scc_filter *filter = compile_with(NULL, small);

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		expect_none(filter, formats[i], NULL, SCC_USAGE);
	for (size_t i = 0; i < sizeof(symbols) / sizeof(*symbols); i++)
		expect_none(filter, "c", symbols[i], SCC_USAGE);
	scc_filter_destroy(filter);
}
END_TEST

/* A program has no profile to tell of. */
START_TEST(formats_of_programs)
{
	static const struct sock_filter code[] = { ALLOW_INSN };
	struct scc_filter *filter = load_code(code, 1);
	char *data = write_as(filter, "asm", NULL);

	ck_assert_ptr_nonnull(strstr(data, "ALLOW"));
	free(data);
	data = write_as(filter, "bpf", NULL);
	ck_assert_mem_eq(data, code, 8);
	free(data);
	/* By hand: 06 00 00 00 00 00 ff 7f. */
	data = write_as(filter, "hex", NULL);
	ck_assert_str_eq(data, "060000000000ff7f\n");
	free(data);
	data = write_as(filter, "base64", NULL);
	ck_assert_str_eq(data, "BgAAAAAA/38=\n");
	free(data);
	expect_none(filter, "c", NULL, SCC_USAGE);
	expect_none(filter, "json", NULL, SCC_USAGE);
	expect_none(filter, "oci", NULL, SCC_USAGE);
	scc_filter_destroy(filter);
}
END_TEST

/* Calls through other ABIs get KILL_THREAD under runc, whatever is asked. */
START_TEST(impossible)
{
	static const char *const settings[] = { "foreign-arch", "default",
						NULL };
	struct scc_options *options = options_of(settings);
	struct scc_filter *filter = compile_with(options, small);

	free(write_as(filter, "bpf", NULL));
	expect_none(filter, "oci", NULL, SCC_REJECTED);
	scc_filter_destroy(filter);
	scc_options_destroy(options);
}
END_TEST

#define RULE(names, action)                                                    \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_" action "\"}"
#define IF(names, action, index, op, value)                                    \
	"{\"names\":[" names "],\"action\":\"SCMP_ACT_" action                 \
	"\",\"args\":[{\"index\":" index ",\"op\":\"SCMP_CMP_" op              \
	"\",\"value\":" value "}]}"
#define ALLOWING "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["

static const struct {
	const char *a, *b;
	enum scc_order order;
	const char *call; /* that they decide differently */
} pairs[] = {
	{ ALLOWING "]}", ALLOWING RULE("\"read\"", "ALLOW") "]}", SCC_EQUAL,
	  NULL },
	{ ALLOWING RULE("\"dup\"", "ERRNO") "]}", ALLOWING "]}", SCC_STRICTER,
	  "dup" },
	{ ALLOWING "]}", ALLOWING RULE("\"dup\"", "LOG") "]}", SCC_WEAKER,
	  "dup" },
	{ ALLOWING RULE("\"dup\"", "KILL_PROCESS") "]}",
	  ALLOWING RULE("\"dup\"", "KILL_THREAD") "]}", SCC_STRICTER, "dup" },
	{ ALLOWING RULE("\"dup\"", "TRAP") "]}",
	  ALLOWING RULE("\"dup\"", "KILL_THREAD") "]}", SCC_WEAKER, "dup" },
	{ ALLOWING RULE("\"dup\"", "TRACE") "]}",
	  ALLOWING RULE("\"dup\"", "ERRNO") "]}", SCC_WEAKER, "dup" },
	{ ALLOWING RULE("\"dup\"", "ERRNO") "]}",
	  ALLOWING RULE("\"pause\"", "ERRNO") "]}", SCC_DIFFERENT, "pause" },
	/* Weaker on one, other data on another. */
	{ ALLOWING "{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_ERRNO\","
		   "\"errnoRet\":5}]}",
	  ALLOWING "{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_ERRNO\","
		   "\"errnoRet\":6}]}",
	  SCC_DIFFERENT, "dup" },
	{ ALLOWING "{\"names\":[\"dup\"],\"action\":\"SCMP_ACT_ERRNO\","
		   "\"errnoRet\":5}]}",
	  ALLOWING "{\"names\":[\"dup\",\"pause\"],\"action\":"
		   "\"SCMP_ACT_ERRNO\",\"errnoRet\":6}]}",
	  SCC_DIFFERENT, "pause" },
	/* 2^64 - 1 is all that b lets through and a does not. */
	{ ALLOWING IF("\"lseek\"", "ERRNO", "1", "GE", "7") "]}",
	  ALLOWING IF("\"lseek\"", "ERRNO", "1", "GT", "7") "]}", SCC_STRICTER,
	  "lseek" },
	{ DENYING IF("\"lseek\"", "ALLOW", "1", "NE",
		     "18446744073709551615") "]}",
	  DENYING RULE("\"lseek\"", "ALLOW") "]}", SCC_STRICTER, "lseek" },
};

static int32_t
rank(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

/* Whether what two filters say of a call can be so in an order. */
static bool
fits(enum scc_order order, uint32_t a, uint32_t b)
{
	switch (order) {
	case SCC_EQUAL:
		return a == b;
	case SCC_STRICTER:
		return a == b || rank(a) < rank(b);
	case SCC_WEAKER:
		return a == b || rank(a) > rank(b);
	case SCC_DIFFERENT:
		return true;
	}
	return false;
}

static void
expect_order(const struct scc_filter *a, const struct scc_filter *b,
	     enum scc_order order, const char *name)
{
	static const char *const words[] = { "equal", "A is stricter",
					     "A is weaker", "" };
	const struct seccomp_data *call;
	struct scc_comparison *comparison;
	struct seccomp_data named;
	uint64_t seed = 1;

	ck_assert_int_eq(scc_compare(&comparison, a, b), SCC_OK);
	ck_assert_int_eq(scc_comparison_order(comparison), order);
	ck_assert_ptr_nonnull(
		strstr(scc_comparison_text(comparison), words[order]));
	call = scc_comparison_call(comparison);
	if (order == SCC_EQUAL) {
		ck_assert_ptr_null(call);
	} else {
		uint32_t x = scc_decide(a, call, NULL);
		uint32_t y = scc_decide(b, call, NULL);

		ck_assert_uint_ne(x, y);
		ck_assert(fits(order, x, y));
		ck_assert(scc_call(&named, "x86_64", name));
		ck_assert_int_eq(call->nr, named.nr);
		ck_assert_uint_eq(call->arch, named.arch);
	}
	for (int i = 0; i < 20000; i++) {
		uint64_t r = calls_random(&seed);
		struct seccomp_data data = {
			.nr = (int)(r & 511),
			.arch = r & 512 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_I386,
			.args = { r >> 10 & 7,
				  r & 1024 ? r >> 11 & 15 : -1ull },
		};

		ck_assert(fits(order, scc_decide(a, &data, NULL),
			       scc_decide(b, &data, NULL)));
	}
	scc_comparison_destroy(comparison);
}

START_TEST(orders)
{
	static const enum scc_order turned[] = { SCC_EQUAL, SCC_WEAKER,
						 SCC_STRICTER, SCC_DIFFERENT };
	struct scc_filter *a = compile_with(NULL, pairs[_i].a);
	struct scc_filter *b = compile_with(NULL, pairs[_i].b), *loaded;
	enum scc_order order = pairs[_i].order;
	const struct sock_filter *code;
	size_t count;

	expect_order(a, b, order, pairs[_i].call);
	expect_order(a, a, SCC_EQUAL, NULL);
	/* The program says the same as the profile it was made of. */
	code = scc_instructions(a, &count);
	loaded = load_code(code, count);
	expect_order(loaded, a, SCC_EQUAL, NULL);
	expect_order(loaded, b, order, pairs[_i].call);
	/* Turned round, but for the call that is then another. */
	if (order != SCC_DIFFERENT)
		expect_order(b, a, turned[order], pairs[_i].call);
	scc_filter_destroy(a);
	scc_filter_destroy(b);
	scc_filter_destroy(loaded);
}
END_TEST

/* Two programs over all bits of two arguments, which no diagram holds. */
START_TEST(too_hard)
{
	static struct sock_filter code[4096];
	struct scc_filter *a, *b;
	struct scc_comparison *comparison;
	size_t n = 0;

	/* The product of two arguments, bit by bit. */
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 24);
	code[n++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_MUL | BPF_X, 0);
	code[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
						 0x00010000, 0, 1);
	code[n++] = (struct sock_filter)ALLOW_INSN;
	code[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	a = load_code(code, n);
	code[4].k = 0x00020000;
	b = load_code(code, n);
	ck_assert_int_eq(scc_compare(&comparison, a, b), SCC_UNPROVED);
	ck_assert_ptr_null(comparison);
	/* The same bytes need no proof. */
	ck_assert_int_eq(scc_compare(&comparison, a, a), SCC_OK);
	ck_assert_int_eq(scc_comparison_order(comparison), SCC_EQUAL);
	scc_comparison_destroy(comparison);
	scc_filter_destroy(a);
	scc_filter_destroy(b);
}
END_TEST

/* What is compared may go before what was found. */
START_TEST(comparisons_outlive)
{
	struct scc_filter *a, *b;
	struct scc_comparison *comparison;
	char name[] = "a\33.json";

	ck_assert_int_eq(scc_compile(&a, NULL, name, small, strlen(small)),
			 SCC_OK);
	b = compile_with(NULL, pairs[0].a);
	ck_assert_int_eq(scc_compare(&comparison, a, b), SCC_OK);
	memset(name, 'x', sizeof(name) - 1);
	scc_filter_destroy(a);
	scc_filter_destroy(b);
	ck_assert_ptr_nonnull(
		strstr(scc_comparison_text(comparison), "A: a\\u001b.json\n"));
	ck_assert_ptr_null(strchr(scc_comparison_text(comparison), '\33'));
	ck_assert_ptr_nonnull(scc_comparison_call(comparison));
	scc_comparison_destroy(comparison);
}
END_TEST

int
main(void)
{
	TCase *written = tcase_create("write"),
	      *compared = tcase_create("diff");

	tcase_add_test(written, each_format);
	tcase_add_test(written, oci);
	tcase_add_test(written, no_such_format);
	tcase_add_test(written, formats_of_programs);
	tcase_add_test(written, impossible);
	tcase_add_loop_test(compared, orders, 0,
			    sizeof(pairs) / sizeof(*pairs));
	tcase_add_test(compared, too_hard);
	tcase_add_test(compared, comparisons_outlive);
	return run_cases("library: output", (TCase *[]){ written, compared },
			 2);
}
