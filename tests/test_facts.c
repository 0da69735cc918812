/*
 * facts.c: what it says of an instruction is true on every run that comes
 * there.  The runs are bpf_run's, on programs cut short at the instruction.
 */
#include <check.h>
#include <string.h>

#include "facts.h"
#include "random-bpf.h"

#define X86_64 0xc000003eu
#define I386 0x40000003u
#define AARCH64 0xc00000b7u

/* Dispatch as compilers write it: mostly arch, number and branches. */
static struct sock_filter
dispatch_instruction(size_t left)
{
	static const uint16_t loads[] = { 0, 0, 0, 4, 4, 16 };
	static const uint16_t branches[] = { BPF_JEQ, BPF_JGT, BPF_JGE,
					     BPF_JSET };
	static const uint32_t constants[] = {
		0,	    1,		59,	    0x3fffffff,
		0x40000000, 0x4000003b, 0x7fffffff, 0x80000000,
		0xc0000000, 0xffffffff, 0x00ffffff, X86_64,
		X86_64,	    I386,	I386,	    AARCH64,
	};
	uint32_t k = constants[below(LENGTH(constants))];
	uint8_t near = (uint8_t)below(left < 6 ? (uint32_t)left : 6);

	switch (below(8)) {
	case 0:
		return random_instruction(left, 1);
	case 1:
		return (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
						    k);
	case 2:
	case 3:
		return (struct sock_filter)BPF_STMT(
			BPF_LD | BPF_W | BPF_ABS, loads[below(LENGTH(loads))]);
	default:
		return (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_K | branches[below(4)], k,
			below(2) ? near : 0,
			(uint8_t)below(left < 6 ? (uint32_t)left : 6));
	}
}

static void
dispatch_program(struct test_program *p)
{
	p->count = 2 + below(24);
	p->code[0] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
	for (size_t i = 1; i + 1 < p->count; i++)
		p->code[i] = dispatch_instruction(p->count - i - 1);
	p->code[p->count - 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
}

static struct seccomp_data
random_call(const struct test_program *p)
{
	static const uint32_t archs[] = { X86_64, X86_64, I386, AARCH64 };
	struct seccomp_data data = { .arch = archs[below(4)] };

	/* Near a constant of the program. */
	data.nr = (int)(p->code[below((uint32_t)p->count)].k + below(3) - 1);
	for (int i = 0; i < 6; i++)
		data.args[i] = random_constant();
	return data;
}

/* Whether a run comes to an instruction, and A there. */
static bool
run_to(const struct test_program *p, size_t at, const struct seccomp_data *data,
       uint32_t *a)
{
	struct test_program cut = *p;

	for (size_t i = 0; i < cut.count; i++)
		if (BPF_CLASS(cut.code[i].code) == BPF_RET)
			cut.code[i] = (struct sock_filter)BPF_STMT(
				BPF_RET | BPF_K, 0);
	cut.code[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 1);
	if (!bpf_run(cut.code, cut.count, data, NULL))
		return false;
	cut.code[at] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	*a = bpf_run(cut.code, cut.count, data, NULL);
	return true;
}

/* The bit in facts.abis of a call; 0 for numbers of no ABI. */
static uint32_t
abi_of(const struct seccomp_data *data)
{
	uint32_t number = (uint32_t)data->nr;

	if (data->arch == I386)
		return 1u << ABI_I386;
	if (data->arch != X86_64)
		return FACTS_OTHER_ABI;
	if (number < 0x40000000)
		return 1u << ABI_X86_64;
	return number < 0x80000000 ? 1u << ABI_X32 : 0;
}

static bool
is_true(const struct facts *f, const struct seccomp_data *data, uint32_t a)
{
	uint32_t words[16], number = (uint32_t)data->nr;

	memcpy(words, data, sizeof(words));
	return f->reached && (f->abis & abi_of(data)) == abi_of(data) &&
	       f->low <= number && number <= f->high &&
	       (f->word == FACTS_NO_WORD || a == (words[f->word] & f->mask));
}

START_TEST(sound)
{
	enum { COUNT = 20000, CALLS = 12 };
	size_t reached = 0, narrowed = 0;

	for (int n = 0; n < COUNT; n++) {
		struct facts facts[PROGRAM_MAX] = { 0 };
		struct test_program p;
		size_t at;

		dispatch_program(&p);
		if (bpf_check(p.code, p.count, &at))
			continue;
		facts_find(facts, p.code, p.count);
		for (size_t i = 0; i < p.count * CALLS; i++) {
			struct seccomp_data data = random_call(&p);
			uint32_t a;

			at = i % p.count;
			if (!run_to(&p, at, &data, &a))
				continue;
			reached++;
			narrowed += facts[at].abis != FACTS_ALL_ABIS;
			if (is_true(&facts[at], &data, a))
				continue;
			print_program(p.code, p.count);
			ck_abort_msg("at %zu: number 0x%x, arch 0x%x, A 0x%x",
				     at, data.nr, data.arch, a);
		}
	}
	/* Else this shows nothing. */
	ck_assert_uint_gt(reached, COUNT);
	ck_assert_uint_gt(narrowed, COUNT / 10);
}
END_TEST

/* And it knows what a reader of the program knows. */
START_TEST(knows)
{
	static const struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, X86_64, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 60, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 58, 0, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x3fffffff),
		BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, I386, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct facts facts[LENGTH(code)] = { 0 };

	facts_find(facts, code, LENGTH(code));
	ck_assert_uint_eq(facts[0].abis, FACTS_ALL_ABIS);
	ck_assert_uint_eq(facts[2].abis, 1 << ABI_X86_64 | 1 << ABI_X32);
	ck_assert_uint_eq(facts[4].abis, 1 << ABI_X86_64);
	ck_assert_uint_eq(facts[5].high, 59);
	ck_assert_uint_eq(facts[7].abis, 1 << ABI_X32);
	ck_assert_uint_eq(facts[8].word, OFFSET_NR);
	ck_assert_uint_eq(facts[8].mask, 0x3fffffff);
	ck_assert_uint_eq(facts[9].abis, 1 << ABI_I386 | FACTS_OTHER_ABI);
	ck_assert_uint_eq(facts[10].abis, 1 << ABI_I386);
	ck_assert_uint_eq(facts[11].abis, FACTS_OTHER_ABI);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("facts");
	TCase *tcase = tcase_create("facts");
	SRunner *runner = srunner_create(suite);
	int failed;

	random_init();
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, sound);
	tcase_add_test(tcase, knows);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
