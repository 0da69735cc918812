/* Graphs and search trees as programs, against walking them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "tidy.h"

static uint32_t
word_value(const struct seccomp_data *data, unsigned word)
{
	switch (word) {
	case WORD_NUMBER:
		return (uint32_t)data->nr;
	case WORD_ARCH:
		return data->arch;
	default:
		return (uint32_t)(data->args[(word - WORD_ARGS) / 2] >>
				  ((word - WORD_ARGS) % 2 * 32));
	}
}

/*
 * What a graph says of a call.  A cut lasts until another word is tested, or
 * the same one with another mask than before, none being the first.
 */
static uint32_t
walk(const struct graph *graph, const struct seccomp_data *data)
{
	const struct node *node = &graph->nodes.v[graph->root];
	uint32_t cut = UINT32_MAX, mask = 0;
	unsigned word = WORD_COUNT;

	while (node->kind != NODE_RETURN) {
		uint32_t x = word_value(data, node->word);
		bool is_cut = node->kind == NODE_AND, yes;

		if (node->word != word ||
		    (mask != UINT32_MAX && (is_cut || node->mask != mask)))
			cut = UINT32_MAX;
		cut &= is_cut ? node->mask : UINT32_MAX;
		x &= cut & node->mask;
		word = node->word;
		mask = is_cut ? UINT32_MAX : node->mask;
		yes = is_cut		      ? true
		      : node->kind == NODE_EQ ? x == node->k
		      : node->kind == NODE_GE ? x >= node->k
					      : (x & node->k) != 0;
		node = &graph->nodes.v[yes ? node->yes : node->no];
	}
	return node->k;
}

/* A node that leads to earlier ones, near or far. */
static uint32_t
random_node(struct graph *graph, uint64_t *seed)
{
	static const uint32_t masks[] = { 0x3, 0x6, 0xff00ff00 };
	uint32_t count = (uint32_t)graph->nodes.n;
	uint32_t reach = calls_random(seed) % 4 ? 16 : count;
	uint32_t yes = count - 1 - calls_random(seed) % reach % count;
	uint32_t no = count - 1 - calls_random(seed) % 2 % count;
	enum node_kind kind = (enum node_kind)(1 + calls_random(seed) % 3);
	uint32_t mask = kind != NODE_SET && calls_random(seed) % 3 == 0
				? masks[calls_random(seed) % LENGTH(masks)]
				: UINT32_MAX;
	enum word word = (enum word)(calls_random(seed) % 5);
	uint32_t node;

	if (calls_random(seed) % 8 == 0)
		return graph_and(graph, (enum word)graph->nodes.v[yes].word,
				 1 + calls_random(seed) % 6, yes);
	node = graph_test(graph, kind, word, mask,
			  (uint32_t)calls_random(seed) & 7, yes, no);
	graph->nodes.v[node].likely = calls_random(seed) % 2;
	graph->nodes.v[node].often = calls_random(seed) % 4 == 0;
	return node;
}

/* Whether they do the same, each wherever it is. */
static bool
is_copy(const struct sock_filter *code, size_t i, size_t j)
{
	if (tidy_is_ja(&code[i]))
		return tidy_is_ja(&code[j]) && i + code[i].k == j + code[j].k;
	return BPF_CLASS(code[i].code) == BPF_RET &&
	       BPF_CLASS(code[j].code) == BPF_RET && code[i].k == code[j].k;
}

/*
 * Nothing is there in vain: each instruction can be reached, each JA has to
 * be there, and what has the same effect is out of reach of the first test
 * that leads to it; but in fast code, RETs are wherever they save a jump.
 */
static void
check_use(const struct program *program, enum optimize_mode mode)
{
	const struct sock_filter *code = program->code.v;
	size_t n = program->code.n;
	size_t at;
	const char *wrong = tidy_check(program, &at);

	if (wrong)
		ck_abort_msg("%zu: %s", at, wrong);
	for (size_t i = 0; i < n; i++) {
		if (BPF_CLASS(code[i].code) == BPF_RET &&
		    mode == OPTIMIZE_SPEED)
			continue;
		for (size_t j = i + 1; j < n && j < i + 255; j++)
			if (is_copy(code, i, j))
				ck_abort_msg("%zu is as %zu", i, j);
	}
}

static void
compare(const struct graph *graph, const struct program *program,
	uint64_t *seed)
{
	for (size_t i = 0; i < 400; i++) {
		struct seccomp_data data = {
			.nr = (int)(calls_random(seed) & 7),
			.arch = (uint32_t)calls_random(seed) & 7,
		};

		for (size_t j = 0; j < 6; j++)
			data.args[j] = calls_random(seed) & 0xff07ff0700000007;
		ck_assert_uint_eq(
			bpf_run(program->code.v, program->code.n, &data, NULL),
			walk(graph, &data));
	}
}

/*
 * Graphs up to the kernel's length, with edges of any distance: every jump
 * has to arrive, with the word loaded that its target tests.
 */
START_TEST(graphs)
{
	uint64_t seed = (uint64_t)_i;
	size_t want = 1 + calls_random(&seed) % (_i % 4 ? 300 : 2000);
	struct arena arena;
	struct graph graph;
	const struct program *program;
	const struct options options = { .optimize = _i % 3 };
	size_t at = 0;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	for (uint32_t i = 0; i < 3; i++)
		graph_return(&graph, i << 16);
	for (size_t i = 0; i < want; i++)
		graph.root = random_node(&graph, &seed);
	program = emit(&arena, &graph, &options);
	check_use(program, options.optimize);
	if (program->code.n <= BPF_MAXINSNS) {
		ck_assert_msg(!bpf_check(program->code.v, program->code.n, &at),
			      "instruction %zu", at);
		compare(&graph, program, &seed);
	}
	arena_finish(&arena);
}
END_TEST

/* A test and then its target at a distance of first .. first + 7. */
START_TEST(distances)
{
	struct arena arena;
	struct graph graph;
	uint32_t far, near;
	uint64_t seed = (uint64_t)_i;
	const struct program *program;
	const struct options options = { .optimize = _i % 3 };
	size_t at;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	far = graph_return(&graph, SECCOMP_RET_ALLOW);
	near = graph_return(&graph, SECCOMP_RET_TRAP);
	/* Half the time a far test instead of a far RET. */
	if (_i & 1)
		far = graph_test(&graph, NODE_EQ, WORD_ARGS, UINT32_MAX, 1, far,
				 near);
	for (uint32_t i = 0; i < 240u + (uint32_t)_i / 4; i++)
		near = graph_test(&graph, NODE_EQ, WORD_NUMBER, UINT32_MAX,
				  i + 8, graph_return(&graph, 7), near);
	graph.root = _i & 2 ? graph_test(&graph, NODE_GE, WORD_NUMBER,
					 UINT32_MAX, 4, far, near)
			    : graph_test(&graph, NODE_GE, WORD_NUMBER,
					 UINT32_MAX, 4, near, far);
	program = emit(&arena, &graph, &options);
	check_use(program, options.optimize);
	ck_assert(!bpf_check(program->code.v, program->code.n, &at));
	compare(&graph, program, &seed);
	arena_finish(&arena);
}
END_TEST

/* How many instructions are one. */
static size_t
count_code(const struct program *program, uint16_t code)
{
	size_t count = 0;

	for (size_t i = 0; i < program->code.n; i++)
		count += program->code.v[i].code == code;
	return count;
}

/* A tree of which two cuts lead to the middle, the second one or both with
 * masks of their own, or something that loads the word does. */
static uint32_t
cut_tree(struct graph *graph, int variant, uint32_t *middle)
{
	uint32_t a = graph_return(graph, 1), b = graph_return(graph, 2);
	uint32_t first, second, other;

	*middle = graph_test(graph, NODE_EQ, WORD_NUMBER, UINT32_MAX, 3, a, b);
	first = graph_and(graph, WORD_NUMBER, 3, *middle);
	second = graph_and(graph, WORD_NUMBER, variant & 1 ? 7 : 3, *middle);
	other = variant & 2 ? *middle : graph_return(graph, 3);
	other = graph_test(graph, NODE_EQ, WORD_ARGS, UINT32_MAX, 7, other, a);
	second = graph_test(graph, NODE_SET, WORD_NUMBER, UINT32_MAX, 32,
			    second, other);
	first = graph_test(graph, NODE_GE, WORD_NUMBER, UINT32_MAX, 16, first,
			   second);
	graph->nodes.v[first].often = graph->nodes.v[first].likely = true;
	return graph_test(graph, NODE_EQ, WORD_NUMBER, UINT32_MAX, 9, *middle,
			  first);
}

/* Each cut is one AND, whatever else leads to what it leads to; where it
 * does not lie before that, the jump is there again, but no JA. */
START_TEST(cuts)
{
	const struct options options = { .optimize = _i / 4 };
	const struct program *program;
	struct arena arena;
	struct graph graph;
	uint32_t middle;
	size_t jumps, ands = _i & 1 ? 2 : 1;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	graph.root = cut_tree(&graph, _i & 3, &middle);
	ck_assert_uint_eq(graph.nodes.v[middle].kind, NODE_EQ);
	program = emit(&arena, &graph, &options);
	check_use(program, options.optimize);
	ck_assert_uint_eq(count_code(program, BPF_JMP | BPF_JA), 0);
	ck_assert_uint_eq(count_code(program, BPF_ALU | BPF_AND | BPF_K), ands);
	/* Three more are an EQ; a load before the middle parts it from all. */
	jumps = count_code(program, BPF_JMP | BPF_JEQ | BPF_K);
	ck_assert_uint_le(jumps, 3 + (_i & 2 ? ands : ands - 1));
	for (uint32_t nr = 0; nr < 64; nr++) {
		struct seccomp_data data = { .nr = (int)nr, .args = { 7 } };

		ck_assert_uint_eq(
			bpf_run(program->code.v, program->code.n, &data, NULL),
			walk(&graph, &data));
	}
	arena_finish(&arena);
}
END_TEST

/*
 * 3,000 tests, each of which leads to the next one and to one of a few that
 * come at the end, or RETs: each of them needs one more for every 255
 * instructions on the way, and may not need more.
 */
START_TEST(long_programs)
{
	enum { TESTS = 3000, FAR = 4 };
	uint64_t seed = (uint64_t)_i;
	const struct options options = { .optimize = OPTIMIZE_SIZE };
	const struct program *program;
	struct arena arena;
	struct graph graph;
	uint32_t far[FAR];
	size_t ja, ret, most;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	graph.root = graph_return(&graph, 1);
	for (uint32_t i = 0; i < FAR; i++)
		far[i] = graph_test(&graph, NODE_EQ, WORD_ARGS, UINT32_MAX, i,
				    graph_return(&graph, 2), graph.root);
	for (uint32_t i = 0; i < TESTS; i++)
		graph.root =
			graph_test(&graph, NODE_EQ, WORD_NUMBER, UINT32_MAX, i,
				   i % 5 ? far[calls_random(&seed) % FAR]
					 : graph_return(&graph, 2),
				   graph.root);
	program = emit(&arena, &graph, &options);
	check_use(program, options.optimize);
	ja = count_code(program, BPF_JMP | BPF_JA);
	ret = count_code(program, BPF_RET | BPF_K);
	most = (program->code.n + 254) / 255;
	ck_assert_uint_gt(ja, FAR * (TESTS / 256 - 1));
	ck_assert_uint_le(ja, FAR * most);
	ck_assert_uint_le(ret, 1 + most);
	compare(&graph, program, &seed);
	arena_finish(&arena);
}
END_TEST

START_TEST(search)
{
	uint64_t seed = (uint64_t)_i;
	struct range ranges[64];
	size_t n = 1 + calls_random(&seed) % LENGTH(ranges);
	struct arena arena;
	struct graph graph;
	uint32_t first = 0;

	arena_init(&arena);
	ck_assert(!setjmp(arena.oom));
	graph_init(&graph, &arena);
	for (size_t i = 0; i < n; i++) {
		uint32_t size = 1 + calls_random(&seed) % 3;

		ranges[i].first = first;
		ranges[i].last = i + 1 < n ? first + size - 1 : UINT32_MAX;
		ranges[i].decision =
			graph_return(&graph, calls_random(&seed) % 3);
		first += size;
	}
	graph.root = search_tree(&graph, WORD_NUMBER, ranges, n);
	for (size_t i = 0; i < n; i++) {
		const uint32_t ends[] = { ranges[i].first, ranges[i].last };

		for (size_t j = 0; j < LENGTH(ends); j++)
			ck_assert_uint_eq(walk(&graph,
					       &(struct seccomp_data){
						       .nr = (int)ends[j] }),
					  graph.nodes.v[ranges[i].decision].k);
	}
	arena_finish(&arena);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("emit");
	TCase *tcase = tcase_create("emit");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, graphs, 0, 400);
	tcase_add_loop_test(tcase, distances, 0, 80);
	tcase_add_loop_test(tcase, search, 0, 500);
	tcase_add_loop_test(tcase, cuts, 0, 12);
	tcase_add_loop_test(tcase, long_programs, 0, 4);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
