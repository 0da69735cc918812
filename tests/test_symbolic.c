/*
 * Programs as functions, against running them: each instruction by itself,
 * random programs, and pairs of programs that look at few bits, on all calls
 * that can be told apart.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "few-bits.h"
#include "moves.h"
#include "normalise.h"
#include "random-bpf.h"

enum { PAIRS = 4000, PROGRAMS = 120 };

/* Fewer where sanitizers slow everything down. */
static int
rounds(int n)
{
	return getenv("SECCOMPC_CORPUS_STEP") ? n / 5 : n;
}

static uint64_t first_seed;
static size_t equal_pairs, different_pairs, pairs_without;
static size_t answers, no_answers;

static const uint32_t edges[] = {
	0,	    1,		2,	    3,		4,	    5,
	7,	    8,		15,	    16,		17,	    31,
	32,	    33,		63,	    64,		0xff,	    0x80,
	1000,	    4095,	4096,	    0xffff,	0x10000,    0x10001,
	0x7fffffff, 0x80000000, 0x80000001, 0xaaaaaaaa, 0xfffffff0, 0xfffffffe,
	0xffffffff,
};

struct trial {
	const struct sock_filter *code;
	size_t count;
	dd node;
};

static uint32_t
run(const struct trial *t, const struct seccomp_data *data)
{
	return normalise(bpf_run(t->code, t->count, data, NULL));
}

static void
expect(const struct dd_set *set, const struct trial *t,
       const struct seccomp_data *data)
{
	uint32_t wanted = run(t, data);
	uint32_t got = dd_decide(set, t->node, data);

	/* Check writes to a file at each assertion, and calls are many. */
	if (wanted == got)
		return;
	print_program(t->code, t->count);
	ck_abort_msg("0x%x, not 0x%x: nr 0x%x arch 0x%x, 0x%llx 0x%llx", got,
		     wanted, (unsigned)data->nr, data->arch, data->args[0],
		     data->args[1]);
}

static void
check_code(const struct sock_filter *code, size_t count)
{
	size_t at;
	const char *wrong = bpf_check(code, count, &at);

	if (!wrong)
		return;
	print_program(code, count);
	ck_abort_msg("%zu: %s", at, wrong);
}

/* Two low words, all edges of both. */
static void
expect_edges(struct dd_set *set, void *data)
{
	struct trial *t = data;
	struct seccomp_data call = { 0 };

	t->node = symbolic_run(set, t->code, t->count);
	for (size_t i = 0; i < LENGTH(edges) * LENGTH(edges); i++) {
		call.args[0] = edges[i % LENGTH(edges)];
		call.args[1] = edges[i / LENGTH(edges)];
		expect(set, t, &call);
	}
}

/* With words that are cut into bits, or into fields. */
static enum dd_end
run_either(struct dd_set *set, void (*work)(struct dd_set *, void *),
	   void *data)
{
	return below(2) ? dd_run(set, work, data)
			: dd_run_fields(set, work, data);
}

static void
try_edges(const struct sock_filter *code, size_t count)
{
	struct trial t = { code, count, 0 };
	struct dd_set set;

	check_code(code, count);
	ck_assert_int_eq(run_either(&set, expect_edges, &t), DD_DONE);
	dd_finish(&set);
}

static const struct {
	uint16_t op;
	uint32_t mask; /* so much of a variable word as is not too hard */
} operations[] = {
	{ BPF_ADD, UINT32_MAX }, { BPF_SUB, UINT32_MAX },
	{ BPF_MUL, 0x800001ff }, { BPF_DIV, 0xc00000ff },
	{ BPF_AND, UINT32_MAX }, { BPF_OR, UINT32_MAX },
	{ BPF_XOR, UINT32_MAX }, { BPF_LSH, 0x8000803f },
	{ BPF_RSH, 0x8001803f }, { BPF_NEG, UINT32_MAX },
};

/* The result of an operation, by what four comparisons say of it. */
static void
try_operation(uint16_t code, uint32_t k, uint32_t mask, size_t i)
{
	uint32_t e = edges[(7 * i + 3) % LENGTH(edges)];
	const struct sock_filter program[] = {
		LOAD(24),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
		BPF_STMT(BPF_MISC | BPF_TAX, 0),
		LOAD(16),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
		BPF_STMT(code, k),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, edges[i], 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, e, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, edges[i], 0, 3),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, e, 0, 1),
		ALLOW,
		REFUSE,
	};

	try_edges(program, LENGTH(program));
}

START_TEST(arithmetic)
{
	uint16_t op = operations[_i].op;
	uint32_t mask = operations[_i].mask;

	for (size_t i = 0; i < LENGTH(edges); i++) {
		uint32_t k = edges[(5 * i + 2) % LENGTH(edges)];

		if (op == BPF_DIV && !k)
			k = 10;
		if (op == BPF_LSH || op == BPF_RSH)
			k %= 32;
		try_operation(BPF_ALU | op | BPF_K, k, mask, i);
		if (op != BPF_NEG)
			try_operation(BPF_ALU | op | BPF_X, 0, mask, i);
	}
}
END_TEST

/* A comparison with a constant, after a mask, and with X, in all forms. */
START_TEST(comparisons)
{
	uint16_t op = (uint16_t)(BPF_JEQ + 0x10 * _i);

	for (size_t i = 0; i < LENGTH(edges); i++) {
		for (size_t j = 0; j < 4; j++) {
			uint32_t mask = j ? edges[(j * 5 + i) % LENGTH(edges)]
					  : UINT32_MAX;
			const struct sock_filter program[] = {
				LOAD(24),
				BPF_STMT(BPF_MISC | BPF_TAX, 0),
				LOAD(16),
				BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask),
				BPF_JUMP(BPF_JMP | op | BPF_K, edges[i], 0, 1),
				ALLOW,
				BPF_JUMP(BPF_JMP | op | BPF_X, 0, 0, 1),
				REFUSE,
				BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
			};

			try_edges(program, LENGTH(program));
		}
	}
}
END_TEST

struct move {
	struct trial t;
	uint32_t wanted;
};

static void
decide_move(struct dd_set *set, void *data)
{
	struct move *m = data;
	struct seccomp_data call = { .args = { 7, 9 } };

	m->t.node = symbolic_run(set, m->t.code, m->t.count);
	ck_assert_uint_eq(run(&m->t, &call), m->wanted);
	ck_assert_uint_eq(dd_decide(set, m->t.node, &call), m->wanted);
}

START_TEST(by_hand)
{
	struct move m = { { moves[_i].code, 0, 0 }, moves[_i].wanted };
	struct dd_set set;

	/* Up to the last instruction that is not all zeros. */
	for (size_t i = 0; i < LENGTH(moves[_i].code); i++)
		if (moves[_i].code[i].code)
			m.t.count = i + 1;
	check_code(m.t.code, m.t.count);
	ck_assert_int_eq(run_either(&set, decide_move, &m), DD_DONE);
	dd_finish(&set);
}
END_TEST

static void
decide_random(struct dd_set *set, void *data)
{
	struct trial *t = data;
	struct seccomp_data call;
	uint32_t words[DD_WORDS];

	t->node = symbolic_run(set, t->code, t->count);
	for (int i = 0; i < 300; i++) {
		for (unsigned j = 0; j < DD_WORDS; j++)
			words[j] = random_constant();
		/* The constants of the program, and beside them. */
		for (unsigned j = 0; j < DD_WORDS; j++)
			if (below(2))
				words[j] =
					t->code[below((uint32_t)t->count)].k +
					below(3) - 1;
		memcpy(&call, words, sizeof(call));
		expect(set, t, &call);
	}
}

/* All opcodes on whole words: the answer is right, or there is none. */
START_TEST(random_programs)
{
	struct test_program p;
	struct trial t = { p.code, 0, 0 };
	struct dd_set set;
	enum dd_end end;
	size_t at;

	random_state = first_seed + (uint64_t)_i * 0x10001;
	do
		random_program(&p);
	while (bpf_check(p.code, p.count, &at));
	t.count = p.count;
	end = run_either(&set, decide_random, &t);
	ck_assert(end == DD_DONE || end == DD_TOO_LARGE || end == DD_TOO_LONG);
	answers += end == DD_DONE;
	no_answers += end != DD_DONE;
	dd_finish(&set);
}
END_TEST

struct pair {
	struct few_fields fields;
	struct trial a, b;
};

/* Whether the programs decide all calls alike. */
static bool
try_all_calls(const struct dd_set *set, const struct pair *p)
{
	bool equal = true;

	for (unsigned i = fields_count(&p->fields); i-- > 0;) {
		struct seccomp_data call;

		fields_call(&p->fields, i, &call);
		expect(set, &p->a, &call);
		expect(set, &p->b, &call);
		equal &= run(&p->a, &call) == run(&p->b, &call);
	}
	return equal;
}

static void
print_pair(const struct pair *p)
{
	print_program(p->a.code, p->a.count);
	print_program(p->b.code, p->b.count);
}

/* The call that is named, and any other like it in the words that matter. */
static void
expect_difference(const struct dd_set *set, const struct pair *p)
{
	struct seccomp_data call;
	uint32_t words[DD_WORDS];
	uint32_t matter = dd_difference(set, p->a.node, p->b.node, &call);
	uint32_t a = run(&p->a, &call), b = run(&p->b, &call);

	memcpy(words, &call, sizeof(words));
	for (unsigned i = 0; i < DD_WORDS; i++)
		if (!(matter >> i & 1))
			words[i] = random_word();
	memcpy(&call, words, sizeof(call));
	if (a != b && a == run(&p->a, &call) && b == run(&p->b, &call))
		return;
	print_pair(p);
	ck_abort_msg("no difference on the call that was named");
}

static void
compare_pair(struct dd_set *set, void *data)
{
	struct pair *p = data;
	bool equal;

	p->a.node = symbolic_run(set, p->a.code, p->a.count);
	p->b.node = symbolic_run(set, p->b.code, p->b.count);
	equal = try_all_calls(set, p);
	if (equal != (p->a.node == p->b.node)) {
		print_pair(p);
		ck_abort_msg("%s by all calls", equal ? "equal" : "different");
	}
	if (!equal)
		expect_difference(set, p);
	equal_pairs += equal;
	different_pairs += !equal;
}

/* Whether running them shows a difference. */
static bool
differ(const struct pair *p)
{
	for (unsigned i = fields_count(&p->fields); i-- > 0;) {
		struct seccomp_data call;

		fields_call(&p->fields, i, &call);
		if (run(&p->a, &call) != run(&p->b, &call))
			return true;
	}
	return false;
}

/*
 * A program, and the same in other forms and perhaps with a slip: they are
 * the same function if and only if no call is decided differently.
 */
START_TEST(pairs)
{
	struct steps steps;
	struct few_code a, b;
	struct pair p = { 0 };
	struct dd_set set;
	enum dd_end end;
	uint32_t slips = _i & 1 ? 0 : 12;

	random_state = first_seed + (uint64_t)_i * 0x10001 + (1ull << 40);
	few_bits_seed(random_state);
	fields_choose(&p.fields);
	steps_choose(&p.fields, &steps);
	steps_write(&p.fields, &steps, 0, &a);
	p.a = (struct trial){ a.v, a.n, 0 };
	do {
		if (slips)
			steps_spoil(&p.fields, &steps);
		steps_write(&p.fields, &steps, below(4) ? random_word() : 0,
			    &b);
		p.b = (struct trial){ b.v, b.n, 0 };
		check_code(b.v, b.n);
	} while (slips && !differ(&p) && --slips);
	check_code(a.v, a.n);
	end = run_either(&set, compare_pair, &p);
	ck_assert(end == DD_DONE || end == DD_TOO_LARGE || end == DD_TOO_LONG);
	pairs_without += end != DD_DONE;
	dd_finish(&set);
}
END_TEST

START_TEST(balance)
{
	printf("%zu pairs are equal, %zu differ, %zu have no answer; %zu "
	       "programs have an answer, %zu have none\n",
	       equal_pairs, different_pairs, pairs_without, answers,
	       no_answers);
	ck_assert_uint_lt(pairs_without, rounds(PAIRS) / 100);
	ck_assert_uint_gt(equal_pairs, rounds(PAIRS) / 5);
	ck_assert_uint_gt(different_pairs, rounds(PAIRS) / 5);
	ck_assert_uint_gt(answers, rounds(PROGRAMS) / 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("symbolic");
	TCase *tcase = tcase_create("symbolic");
	SRunner *runner;
	int failed;

	random_init();
	first_seed = random_state;
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, by_hand, 0, LENGTH(moves));
	tcase_add_loop_test(tcase, arithmetic, 0, LENGTH(operations));
	tcase_add_loop_test(tcase, comparisons, 0, 4);
	tcase_add_loop_test(tcase, random_programs, 0, rounds(PROGRAMS));
	tcase_add_loop_test(tcase, pairs, 0, rounds(PAIRS));
	tcase_add_test(tcase, balance);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	/* One process: thousands of small loops that add up to figures. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
