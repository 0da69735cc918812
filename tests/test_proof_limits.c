/*
 * How proofs end: work that starts anew, budgets, and programs that are too
 * hard, which must get no answer rather than a wrong one, and soon.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "normalise.h"
#include "random-bpf.h"

struct restarts {
	int runs;
	size_t nodes;
	bool twice;
};

static void
start_again(struct dd_set *set, void *data)
{
	struct restarts *r = data;

	/* Nothing is left of the run before. */
	if (!r->runs++)
		r->nodes = set->nodes.n;
	ck_assert_uint_eq(set->nodes.n, r->nodes);
	ck_assert_uint_eq(set->steps, 0);
	ck_assert(dd_has_bits(set, DD_ARGS) == (r->runs > 1));
	ck_assert(set->interleaved == (r->runs > 2));
	dd_less(set, DD_NUMBER, 7);
	/* A mask with a hole asks for bits by itself. */
	dd_equals(set, DD_ARGS, 5, 1);
	dd_need_interleaved(set);
	ck_assert(!dd_has_bits(set, DD_NUMBER));
	r->twice = true;
	/* These are known by now. */
	dd_need_bits(set, DD_ARGS);
	dd_bit(set, DD_ARGS, 3);
	dd_need_interleaved(set);
}

START_TEST(restarts)
{
	struct restarts r = { 0 };
	struct dd_set set;

	for (int i = 1; i <= 2; i++) {
		r.runs = 0;
		ck_assert_int_eq(dd_run(&set, start_again, &r), DD_DONE);
		ck_assert_int_eq(r.runs, 3);
		ck_assert(r.twice);
		dd_finish(&set);
	}
}
END_TEST

static void
make_nodes(struct dd_set *set, void *data)
{
	(void)data;
	for (uint32_t i = 0;; i++)
		dd_value(set, 0x10000 + i);
}

/* Few nodes, and no end of work. */
static void
make_steps(struct dd_set *set, void *data)
{
	dd a = dd_less(set, DD_NUMBER, 7), b = dd_less(set, DD_ARCH, 7);

	(void)data;
	for (;;)
		dd_apply(set, DD_XOR, a, b, DD_FALSE);
}

static void
stop(struct dd_set *set, void *data)
{
	dd_stop(set, *(enum dd_end *)data);
}

START_TEST(ends)
{
	enum dd_end end = DD_TOO_LONG;
	struct dd_set set;

	ck_assert_int_eq(dd_run(&set, make_nodes, NULL), DD_TOO_LARGE);
	ck_assert_uint_eq(set.nodes.n, LIMIT_PROOF_NODES);
	dd_finish(&set);
	ck_assert_int_eq(dd_run(&set, make_steps, NULL), DD_TOO_LONG);
	ck_assert_uint_eq(set.steps, LIMIT_PROOF_STEPS + 1);
	ck_assert_uint_lt(set.nodes.n, 100);
	dd_finish(&set);
	ck_assert_int_eq(dd_run(&set, stop, &end), end);
	dd_finish(&set);
}
END_TEST

/* A program that is made for a test. */
struct made {
	struct sock_filter code[BPF_MAXINSNS];
	size_t n;
	dd node;
};

static void
add(struct made *p, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	p->code[p->n++] = (struct sock_filter){ code, jt, jf, k };
}

static void
add_load(struct made *p, uint32_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset);
}

static void
add_tax(struct made *p)
{
	add(p, BPF_MISC | BPF_TAX, 0, 0, 0);
}

/* ALLOW if A is a number that means nothing, else a refusal. */
static void
add_end(struct made *p)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x12345678);
	add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 1);
}

/* A of one argument and X of another. */
static void
add_operands(struct made *p)
{
	add_load(p, 16);
	add_tax(p);
	add_load(p, 24);
}

static void
make_product(struct made *p)
{
	add_operands(p);
	add(p, BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0);
	add_end(p);
}

static void
make_square(struct made *p)
{
	add_load(p, 16);
	add_tax(p);
	add(p, BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0);
	add_end(p);
}

static void
make_quotient(struct made *p)
{
	add_operands(p);
	add(p, BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0);
	add_end(p);
}

static void
make_sum(struct made *p)
{
	add_operands(p);
	add(p, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	add_end(p);
}

static void
make_scaled(struct made *p)
{
	add_load(p, 16);
	add(p, BPF_ALU | BPF_MUL | BPF_K, 0, 0, 0x12345671);
	add_end(p);
}

static void
make_shifted(struct made *p)
{
	add_operands(p);
	add(p, BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0);
	add_end(p);
}

/* Whatever the caller passes is the action. */
static void
make_returned(struct made *p)
{
	add_load(p, 16);
	add(p, BPF_RET | BPF_A, 0, 0, 0);
}

static void
make_returned_product(struct made *p)
{
	add_operands(p);
	add(p, BPF_ALU | BPF_MUL | BPF_X, 0, 0, 0);
	add(p, BPF_RET | BPF_A, 0, 0, 0);
}

/* A hash of an argument, as splitmix and its like. */
static void
make_hash(struct made *p)
{
	add_load(p, 16);
	for (int i = 0; i < 3; i++) {
		add_tax(p);
		add(p, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 15);
		add(p, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		add(p, BPF_ALU | BPF_MUL | BPF_K, 0, 0, 0x85ebca6b);
	}
	add_end(p);
}

/* Bits of an argument in cells, all combinations of them, and their sum. */
static void
make_cells(struct made *p)
{
	for (uint32_t i = 0; i < BPF_MEMWORDS; i++) {
		add_load(p, 16);
		add(p, BPF_JMP | BPF_JSET | BPF_K, 0, 2, 1u << i);
		add(p, BPF_LD | BPF_IMM, 0, 0, 1);
		add(p, BPF_JMP | BPF_JA, 0, 0, 1);
		add(p, BPF_LD | BPF_IMM, 0, 0, 0);
		add(p, BPF_ST, 0, 0, i);
	}
	for (uint32_t i = 0; i < BPF_MEMWORDS; i++) {
		add(p, BPF_LDX | BPF_MEM, 0, 0, i);
		add(p, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	}
	add_end(p);
}

/* Bits of an argument gathered in X, and sums of that, each another one. */
static void
gather(struct made *p, unsigned bits)
{
	for (unsigned i = 0; i < bits; i++) {
		add_load(p, 16);
		add(p, BPF_JMP | BPF_JSET | BPF_K, 0, 2, 1u << i);
		add(p, BPF_MISC | BPF_TXA, 0, 0, 0);
		add(p, BPF_JMP | BPF_JA, 0, 0, 2);
		add(p, BPF_MISC | BPF_TXA, 0, 0, 0);
		add(p, BPF_ALU | BPF_OR | BPF_K, 0, 0, 1u << i);
		add_tax(p);
	}
	add_load(p, 24);
	for (int i = 0; i < 5; i++)
		add(p, BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0);
	add_end(p);
}

static void
make_gathered_few(struct made *p)
{
	gather(p, 9);
}

static void
make_gathered(struct made *p)
{
	gather(p, 12);
}

/* As long as a program can be. */
static void
make_long_sums(struct made *p)
{
	add_load(p, 16);
	while (p->n < BPF_MAXINSNS - 4) {
		add(p, BPF_ALU | BPF_ADD | BPF_K, 0, 0, random_word());
		add(p, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, random_word());
		add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | below(99));
	}
	add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

static void
make_branches(struct made *p, uint16_t op)
{
	while (p->n < BPF_MAXINSNS - 50) {
		add_load(p, 16 + 4 * below(12));
		add(p, BPF_JMP | op | BPF_K, (uint8_t)below(40),
		    (uint8_t)below(40), random_word() & random_word());
	}
	for (uint32_t i = 0; i < 50; i++)
		add(p, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | i);
}

static void
make_comparisons(struct made *p)
{
	make_branches(p, BPF_JGE);
}

static void
make_masks(struct made *p)
{
	make_branches(p, BPF_JSET);
}

/* clang-format off */
static const struct {
	const char *name;
	void (*make)(struct made *p);
	bool easy;
} programs[] = {
	{ "sum", make_sum, true },
	{ "sums of 9 bits gathered", make_gathered_few, true },
	{ "4096 instructions of sums", make_long_sums, true },
	{ "product", make_product, false },
	{ "square", make_square, false },
	{ "quotient", make_quotient, false },
	{ "product with a constant", make_scaled, false },
	{ "shift by an argument", make_shifted, false },
	{ "RET A of an argument", make_returned, false },
	{ "RET A of a product", make_returned_product, false },
	{ "hash", make_hash, false },
	{ "16 cells", make_cells, false },
	{ "sums of 12 bits gathered", make_gathered, false },
	{ "4096 instructions of comparisons", make_comparisons, false },
	{ "4096 instructions of masks", make_masks, false },
};
/* clang-format on */

static void
run_program(struct dd_set *set, void *data)
{
	struct made *p = data;

	p->node = symbolic_run(set, p->code, p->n);
}

/* If there is an answer, then on any call the right one. */
static void
expect_decisions(const struct dd_set *set, const struct made *p)
{
	struct seccomp_data data;
	uint32_t words[DD_WORDS];

	for (int i = 0; i < 20000; i++) {
		uint32_t wanted, got;

		for (unsigned j = 0; j < DD_WORDS; j++)
			words[j] =
				below(2) ? random_constant() : below(1 << 14);
		memcpy(&data, words, sizeof(data));
		wanted = normalise(bpf_run(p->code, p->n, &data, NULL));
		got = dd_decide(set, p->node, &data);
		if (wanted != got)
			ck_abort_msg("0x%x, not 0x%x", got, wanted);
	}
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

START_TEST(hard)
{
	static const char *const names[] = { "done", "again", "too large",
					     "too long", "no memory" };
	static struct made p;
	const char *wrong;
	struct dd_set set;
	enum dd_end end;
	double start = seconds();
	size_t at;

	programs[_i].make(&p);
	wrong = bpf_check(p.code, p.n, &at);
	ck_assert_msg(!wrong, "%s at %zu", wrong, at);
	end = dd_run(&set, run_program, &p);
	printf("%s: %s after %.2f s, %zu nodes, %zu steps\n", programs[_i].name,
	       names[end], seconds() - start, set.nodes.n, set.steps);
	fflush(stdout);
	if (end == DD_DONE)
		expect_decisions(&set, &p);
	else
		ck_assert(end == DD_TOO_LARGE || end == DD_TOO_LONG);
	if (programs[_i].easy)
		ck_assert_int_eq(end, DD_DONE);
	dd_finish(&set);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("proof-limits");
	TCase *tcase = tcase_create("limits");
	SRunner *runner;
	int failed;

	random_init();
	/* The bound on time: some two seconds each, and room for sanitizers. */
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, restarts);
	tcase_add_test(tcase, ends);
	tcase_add_loop_test(tcase, hard, 0, LENGTH(programs));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
