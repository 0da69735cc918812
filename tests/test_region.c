/*
 * Programs that look for one word at a time, as search trees do: any mask and
 * comparison behind tests that bound the number, the numbers of two ABIs in
 * one tree, arch after all others.  Each against running it, and at a price
 * that grows with its length alone.
 */
#include <check.h>
#include <linux/audit.h>
#include <stdlib.h>

#include "normalise.h"
#include "random-bpf.h"

enum {
	TREES = 300,
	NODES = 60,    /* tests of a tree, at most */
	LEAVES = 12,   /* ways to go on */
	LEAF_SIZE = 6, /* instructions of each */
	NUMBERS = 512, /* without bit 30; above them is one leaf */
	X32 = 0x40000000,
	STEPS_EACH = 20, /* of the proof, for an instruction */
};

struct tree {
	struct sock_filter code[16 + NODES + LEAVES * LEAF_SIZE];
	size_t count;
	dd node;
};

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)

static uint64_t first_seed;
static size_t instructions, steps, by_bits;

static void
put(struct tree *t, struct sock_filter insn)
{
	t->code[t->count++] = insn;
}

static void
put_test(struct tree *t, uint16_t op, uint32_t k, size_t yes, size_t no)
{
	size_t next = t->count + 1;

	put(t, (struct sock_filter)BPF_JUMP(BPF_JMP | op | BPF_K, k,
					    (uint8_t)(yes - next),
					    (uint8_t)(no - next)));
}

static void
put_return(struct tree *t)
{
	put(t,
	    (struct sock_filter)BPF_STMT(
		    BPF_RET | BPF_K, below(2) ? SECCOMP_RET_ALLOW
					      : SECCOMP_RET_ERRNO | below(4)));
}

/* A word of an argument, arch behind it, both or none. */
static void
put_leaf(struct tree *t)
{
	static const uint32_t masks[] = { ~0x20008u, 0xfffffff7, 0xffff0000,
					  ~0x7u };
	size_t end = t->count + LEAF_SIZE;

	if (below(2)) {
		put(t, (struct sock_filter)LOAD(16));
		if (below(2))
			put_test(t, BPF_JSET, masks[below(LENGTH(masks))],
				 end - 1, t->count + 1);
		else
			put_test(t, BPF_JEQ, 1u << below(18), t->count + 1,
				 end - 1);
	}
	if (below(2)) {
		put(t, (struct sock_filter)LOAD(4));
		put_test(t, BPF_JEQ, AUDIT_ARCH_X86_64, t->count + 1, end - 1);
	}
	while (t->count < end)
		put_return(t);
}

/* Where a test at pc can go: forward to another one, or to a leaf. */
static size_t
target(size_t pc, size_t leaves)
{
	size_t next = pc + 1 + below(8);

	return below(4) && next < leaves ? next
					 : leaves + below(LEAVES) * LEAF_SIZE;
}

static void
put_node(struct tree *t, size_t leaves)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET };
	uint16_t op = ops[below(LENGTH(ops))];
	uint32_t k = below(8) ? below(NUMBERS) : random_constant();

	/* All bits but some, or some of those that count. */
	if (op == BPF_JSET && below(2))
		k = ~k;
	if (!below(8) && t->count + 1 < leaves)
		put(t, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K,
						    random_word() |
							    below(2) * 0xfff));
	else
		put_test(t, op, k, target(t->count, leaves),
			 target(t->count, leaves));
}

/*
 *	     ld  [0]
 *	     jge #512, next, tree
 *	     jge #0x40000200, leaf, next
 *	     jge #0x40000000, next, leaf
 *	     and #0x3fffffff
 *	     ja  some test of the tree
 */
static void
make_tree(struct tree *t, int loop)
{
	size_t nodes = 2 + below(NODES - 1), leaves = 6 + nodes;

	random_state = first_seed + (uint64_t)loop * 0x10001;
	t->count = 0;
	put(t, (struct sock_filter)LOAD(0));
	put_test(t, BPF_JGE, NUMBERS, 2, 6);
	put_test(t, BPF_JGE, X32 + NUMBERS, leaves, 3);
	put_test(t, BPF_JGE, X32, 4, leaves);
	put(t,
	    (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, X32 - 1));
	put(t, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA,
					    below((uint32_t)nodes)));
	while (t->count < leaves)
		put_node(t, leaves);
	for (size_t i = 0; i < LEAVES; i++)
		put_leaf(t);
}

static void
expect(const struct dd_set *set, const struct tree *t, uint32_t nr,
       uint32_t arch, uint32_t arg)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };
	uint32_t wanted, got;

	data.args[0] = arg;
	wanted = normalise(bpf_run(t->code, t->count, &data, NULL));
	got = dd_decide(set, t->node, &data);
	/* Check writes to a file at each assertion, and calls are many. */
	if (wanted == got)
		return;
	print_program(t->code, t->count);
	ck_abort_msg("0x%x, not 0x%x: nr 0x%x arch 0x%x arg 0x%x", got, wanted,
		     nr, arch, arg);
}

static void
expect_number(const struct dd_set *set, const struct tree *t, uint32_t nr)
{
	static const uint32_t args[] = {
		0, 1, 4, 7, 8, 9, 0x20000, 0x20008, 0x20009, 0x80000000,
	};

	for (size_t i = 0; i < LENGTH(args); i++) {
		expect(set, t, nr, AUDIT_ARCH_X86_64, args[i]);
		expect(set, t, nr, AUDIT_ARCH_I386, args[i]);
	}
}

static void
try_tree(struct dd_set *set, void *data)
{
	struct tree *t = data;

	t->node = symbolic_run(set, t->code, t->count);
	instructions += t->count;
	steps += set->steps;
	by_bits += set->bits != 0;
	for (uint32_t i = 0; i < NUMBERS + 2; i++) {
		expect_number(set, t, i);
		expect_number(set, t, X32 + i);
	}
	for (uint32_t i = 0; i < 64; i++)
		expect_number(set, t, random_constant());
}

START_TEST(trees)
{
	struct tree t;
	struct dd_set set;
	size_t at;

	make_tree(&t, _i);
	if (bpf_check(t.code, t.count, &at)) {
		print_program(t.code, t.count);
		ck_abort_msg("%zu", at);
	}
	ck_assert_int_eq(dd_run_fields(&set, try_tree, &t), DD_DONE);
	dd_finish(&set);
}
END_TEST

/* Some have so many masks on single bits that they are read bit by bit. */
START_TEST(price)
{
	printf("%zu instructions in %zu steps; %zu trees by bits\n",
	       instructions, steps, by_bits);
	ck_assert_uint_lt(steps, STEPS_EACH * instructions);
	ck_assert_uint_lt(by_bits, TREES / 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("region");
	TCase *tcase = tcase_create("region");
	SRunner *runner;
	int failed;

	random_init();
	first_seed = random_state;
	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, trees, 0, TREES);
	tcase_add_test(tcase, price);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
