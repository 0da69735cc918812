/*
 * What other filter compilers got wrong about far jumps and long programs,
 * and about rules that they were not meant for.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

enum { ALLOW = 0x7fff0000, ERRNO = 0x00050000 };

/* Where a graph leads: the meaning of enum node_kind, without instructions. */
static uint32_t
walk(const struct graph *graph, const struct seccomp_data *data)
{
	uint32_t index = graph->root;

	for (;;) {
		const struct node *node = &graph->nodes.v[index];
		uint32_t x = (uint32_t)data->nr;
		bool yes = false;

		if (node->kind == NODE_RETURN)
			return node->k;
		if (node->word == WORD_ARCH)
			x = data->arch;
		else if (node->word >= WORD_ARGS)
			x = (uint32_t)(data->args[(node->word - WORD_ARGS) /
						  2] >>
				       (node->word - WORD_ARGS) % 2 * 32);
		if (node->kind == NODE_EQ)
			yes = (x & node->mask) == node->k;
		else if (node->kind == NODE_GE)
			yes = (x & node->mask) >= node->k;
		else if (node->kind == NODE_SET)
			yes = (x & node->k) != 0;
		index = yes ? node->yes : node->no;
	}
}

/*
 * A graph of which the root jumps over about `length` instructions: a test
 * of the number with one edge to a far target and the other into a chain of
 * tests that ends there too.
 */
static void
build_far(struct graph *graph, enum node_kind kind, bool far_yes, bool far_ret,
	  uint32_t mask, unsigned length)
{
	uint32_t deny = graph_return(graph, ERRNO | 1);
	uint32_t far = graph_return(graph, ALLOW);
	uint32_t chain, k = kind == NODE_SET ? 4 : 4 & mask;

	if (!far_ret)
		far = graph_test(graph, NODE_EQ, WORD_ARGS, UINT32_MAX, 77, far,
				 deny);
	chain = far;
	for (unsigned i = 0; i < length; i++)
		chain = graph_test(graph, NODE_EQ, WORD_ARGS + 2, UINT32_MAX,
				   1000 + i, graph_return(graph, ERRNO | 2),
				   chain);
	graph->root = graph_test(graph, kind, WORD_NUMBER, mask, k,
				 far_yes ? far : chain, far_yes ? chain : far);
}

static void
check_far(unsigned variant, unsigned length)
{
	static const enum node_kind kinds[] = { NODE_EQ, NODE_GE, NODE_SET };
	enum node_kind kind = kinds[variant % 3];
	const struct program *program;
	struct arena arena;
	struct graph graph;
	size_t at;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	build_far(&graph, kind, variant / 3 & 1, variant / 6 & 1,
		  variant / 12 && kind != NODE_SET ? 0xff : UINT32_MAX, length);
	program = emit(&arena, &graph, &(struct options){ 0 });
	ck_assert_ptr_null(bpf_check(program->code.v, program->code.n, &at));
	ck_assert_uint_ge(program->code.n, length);
	for (int nr = 0; nr < 8; nr++) {
		for (unsigned i = 0; i <= length + 1; i++) {
			struct seccomp_data data = {
				.nr = nr,
				.args = { i % 2 ? 77 : 78, 999 + i },
			};

			if (bpf_run(program->code.v, program->code.n, &data,
				    NULL) != walk(&graph, &data))
				ck_abort_msg("variant %u, length %u, nr %d",
					     variant, length, nr);
		}
	}
	arena_finish(&arena);
}

/*
 * go-seccomp-bpf #9, seccomp-tools #244, passt: an 8-bit offset wrapped.
 * Every kind of jump, either edge, to a test and to a return, over every
 * distance around the limit.
 */
START_TEST(wrapped_offset_of_a_jump)
{
	for (unsigned length = 250; length < 262; length++)
		check_far((unsigned)_i, length);
	check_far((unsigned)_i, 511);
	check_far((unsigned)_i, 1000);
}
END_TEST

static void
open_rules(struct subject *s, const char *action)
{
	subject_open(s);
	s->c.options.unknown = UNKNOWN_DEFAULT;
	s->c.options.conflicts = CONFLICTS_FIRST;
	subject_write(s,
		      "{ \"defaultAction\": \"SCMP_ACT_%s\", "
		      "\"syscalls\": [\n",
		      action);
}

/* A rule on read: one condition, an errno. */
static void
write_errno_rule(struct subject *s, unsigned i, enum cmp_op op, uint64_t value,
		 uint64_t value2)
{
	subject_write(s,
		      "%s{ \"names\": [\"read\"], \"action\": "
		      "\"SCMP_ACT_ERRNO\", \"errnoRet\": %u, \"args\": [",
		      i ? ",\n" : "", i + 1);
	subject_write_condition(s, 0, op, value, value2);
	subject_write(s, "] }");
}

static uint64_t
rule_value(enum cmp_op op, unsigned i)
{
	uint64_t value = op == CMP_LE ? 5000 - 7 * i : 7 * i;

	return value << (i % 2 ? 32 : 0);
}

/* The same through profiles: ever more rules with an errno each. */
START_TEST(wrapped_offset_in_profiles)
{
	static const enum cmp_op ops[] = { CMP_EQ, CMP_GE, CMP_LE,
					   CMP_MASKED_EQ };
	enum cmp_op op = ops[_i];

	for (unsigned count = 60; count < 300; count++) {
		struct subject s;

		open_rules(&s, "ALLOW");
		for (unsigned i = 0; i < count; i++)
			write_errno_rule(&s, i, op,
					 op == CMP_MASKED_EQ
						 ? 0xffff
						 : rule_value(op, i),
					 7 * i);
		subject_write(&s, "] }");
		subject_compile(&s);
		for (unsigned i = 0; i < count; i++) {
			uint64_t args[6] = { rule_value(op, i) };
			uint32_t wanted = ALLOW;

			for (unsigned j = count; j-- > 0;)
				if (subject_compare(op, args[0],
						    op == CMP_MASKED_EQ
							    ? 0xffff
							    : rule_value(op, j),
						    7 * j))
					wanted = ERRNO + j + 1;
			subject_expect(&s, ABI_X86_64, 0, args, wanted);
		}
		subject_finish(&s);
	}
}
END_TEST

/* The number of instructions that a too-long message tells, else 0. */
static size_t
told_length(const struct subject *s)
{
	const struct diag *diag = subject_find(s, DIAG_TOO_LONG);
	size_t length = 0;

	if (diag)
		sscanf(diag->message, "the program has %zu", &length);
	return length;
}

/*
 * count rules on read and some on other syscalls, the even ones with an
 * errno of their own: as long a program as wanted, to the instruction.
 */
static size_t
compile_length(struct subject *s, unsigned count, unsigned more)
{
	open_rules(s, "ALLOW");
	for (unsigned i = 0; i < count; i++)
		write_errno_rule(s, i, CMP_EQ, ((uint64_t)i << 32) + 3 * i + 1,
				 0);
	for (unsigned i = 0; i < more; i++)
		subject_write(
			s,
			",\n{ \"names\": [\"%s\"], \"action\": "
			"\"SCMP_ACT_ERRNO\", \"errnoRet\": %u }",
			syscall_names[syscall_numbers[ABI_X86_64][i * 3 + 2]]
				.name,
			i % 2 ? 1 : 2000 + i);
	subject_write(s, "] }");
	subject_compile(s);
	return s->ok ? s->c.program->code.n : told_length(s);
}

/*
 * libseccomp 2.5.4 and two Go compilers wrote thousands of instructions too
 * many without complaint; kafel had another limit than the kernel.
 */
START_TEST(length_4095_4096_4097)
{
	bool seen[3] = { false, false, false };
	unsigned low = 1, high = 4000;
	struct subject s;

	while (high - low > 1) {
		unsigned middle = (low + high) / 2;

		*(compile_length(&s, middle, 0) < 4080 ? &low : &high) = middle;
		subject_finish(&s);
	}
	for (unsigned i = 0; i < 400 && !(seen[0] && seen[1] && seen[2]); i++) {
		size_t length = compile_length(&s, low - i % 20, i / 20 + 4);

		ck_assert_uint_gt(length, 3000);
		ck_assert(s.ok == (length <= 4096));
		if (length >= 4095 && length <= 4097)
			seen[length - 4095] = true;
		if (!s.ok)
			ck_assert(
				strstr(subject_find(&s, DIAG_TOO_LONG)->message,
				       "x86_64 read"));
		subject_finish(&s);
	}
	ck_assert(seen[0] && seen[1] && seen[2]);
}
END_TEST

/* seccompiler #65: the length was narrowed to 16 bits, 65,536 became 0. */
START_TEST(seccompiler_65)
{
	static struct sock_filter code[65540];
	struct subject s;
	size_t at;

	for (size_t i = 0; i < LENGTH(code); i++)
		code[i] = (struct sock_filter){ 0x06, 0, 0, ALLOW };
	for (size_t i = 65530; i < LENGTH(code); i++)
		ck_assert_ptr_nonnull(bpf_check(code, i, &at));

	/* 2,730 rules of six conditions of two words each. */
	open_rules(&s, "ALLOW");
	for (unsigned i = 0; i < 2730; i++) {
		subject_write(&s,
			      "%s{ \"names\": [\"read\"], \"action\": "
			      "\"SCMP_ACT_ERRNO\", \"args\": [",
			      i ? ",\n" : "");
		for (unsigned arg = 0; arg < 6; arg++) {
			uint64_t value = 6 * i + arg + 1;

			subject_write(&s, arg ? ", " : "");
			subject_write_condition(&s, arg, CMP_EQ,
						value << 32 | value, 0);
		}
		subject_write(&s, "] }");
	}
	subject_write(&s, "] }");
	subject_compile(&s);
	ck_assert(!s.ok);
	ck_assert_uint_gt(told_length(&s), 65535);
	subject_finish(&s);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("incidents, size");
	TCase *tcase = tcase_create("jumps and length");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, wrapped_offset_of_a_jump, 0, 24);
	tcase_add_loop_test(tcase, wrapped_offset_in_profiles, 0, 4);
	tcase_add_test(tcase, length_4095_4096_4097);
	tcase_add_test(tcase, seccompiler_65);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
