#include "build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Thresholds of a word become a search tree over its ranges.  Bits become the
 * largest test that they amount to: a run of them that ends in one place
 * unless each has its value is a comparison with a mask, and a run that ends
 * in two places, one for bits that are set and one for bits that are clear,
 * is a "not below":
 *
 *	bit 7 set: A, clear: bit 6 clear: B, set: bit 5 set: A, clear: B
 *
 *	word & 0xe0 >= 0x60 ? A : B
 */
struct builder {
	struct build *b;
	struct dd_set *set;
	struct graph graph;
	uint32_t *made; /* by node of the diagram: of the graph, + 1 */
};

typedef VEC(struct range) range_list;

/* Bits of a word, looked at from the top. */
struct run {
	uint32_t mask, value;
	dd yes, no; /* where they lead */
	unsigned length;
};

static enum word
word_of(unsigned word)
{
	if (word >= DD_ARGS)
		return (enum word)(WORD_ARGS + word - DD_ARGS);
	return word == DD_ARCH ? WORD_ARCH : WORD_NUMBER;
}

/* The next bit of the same word. */
static bool
next_bit(const struct builder *b, dd a, unsigned word, struct dd_test *t)
{
	return dd_top(b->set, a, t) && t->bit && t->word == word;
}

/* Bits that lead elsewhere unless each has its value; the first is known. */
static struct run
run_equal(const struct builder *b, dd a, bool first)
{
	struct dd_test t;
	struct run run = { .yes = a };
	unsigned word;

	dd_top(b->set, a, &t);
	word = t.word;
	run.no = first ? t.below : t.above;
	while (next_bit(b, run.yes, word, &t) &&
	       (t.below == run.no || t.above == run.no)) {
		run.mask |= t.k;
		run.value |= t.below == run.no ? t.k : 0;
		run.yes = t.below == run.no ? t.above : t.below;
		run.length++;
	}
	return run;
}

/* Set bits lead to yes where value's are clear, clear ones to no where they
 * are set, and the last one to both. */
static struct run
run_reaches(const struct builder *b, dd a, bool first)
{
	const dd unknown = UINT32_MAX;
	struct run run = { .yes = unknown, .no = unknown };
	struct dd_test t;
	unsigned word;

	dd_top(b->set, a, &t);
	word = t.word;
	if (first)
		run.no = t.below;
	else
		run.yes = t.above;
	while (next_bit(b, a, word, &t)) {
		run.mask |= t.k;
		run.length++;
		if (t.below == run.no && t.above == run.yes) {
			run.value |= t.k;
			return run;
		}
		if (t.above == run.yes ||
		    (run.yes == unknown && t.below != run.no)) {
			run.yes = t.above;
			a = t.below;
		} else if (t.below == run.no || run.no == unknown) {
			run.no = t.below;
			run.value |= t.k;
			a = t.above;
		} else {
			break;
		}
	}
	run.length = 0;
	return run;
}

static struct run
longer(struct run a, struct run b)
{
	return b.length > a.length ? b : a;
}

/* The longest run, and whether it is one for a mask. */
static struct run
find_run(const struct builder *b, dd a, bool *is_equal)
{
	struct run equal =
		longer(run_equal(b, a, false), run_equal(b, a, true));
	struct run reaches =
		longer(run_reaches(b, a, false), run_reaches(b, a, true));
	struct run run = longer(equal, reaches);

	*is_equal = run.length == equal.length;
	/* Below the last bit anything goes. */
	if (!*is_equal && !(~run.mask & (~run.mask + 1)))
		run.mask = UINT32_MAX;
	return run;
}

static uint32_t convert(struct builder *b, dd a);

static uint32_t
convert_bits(struct builder *b, dd a, unsigned word_index)
{
	enum word word = word_of(word_index);
	bool is_equal;
	struct run run = find_run(b, a, &is_equal);
	uint32_t yes = convert(b, run.yes), no = convert(b, run.no);

	if (!is_equal)
		return graph_test(&b->graph, NODE_GE, word, run.mask, run.value,
				  yes, no);
	if (!run.value && run.mask != UINT32_MAX)
		return graph_test(&b->graph, NODE_SET, word, UINT32_MAX,
				  run.mask, no, yes);
	if (run.length == 1)
		return graph_test(&b->graph, NODE_SET, word, UINT32_MAX,
				  run.mask, yes, no);
	return graph_test(&b->graph, NODE_EQ, word, run.mask, run.value, yes,
			  no);
}

/* Joins ranges that lead to the same node. */
static void
add_range(struct builder *b, range_list *list, uint32_t last, uint32_t node)
{
	struct range *end = list->n ? &list->v[list->n - 1] : NULL;
	uint32_t first = end ? end->last + 1 : 0;

	if (end && end->decision == node)
		end->last = last;
	else
		*vec_push(b->graph.arena, list) =
			(struct range){ first, last, node };
}

/*
 * Single values among ranges that are all the same, as archs are: tests for
 * each one, the highest first, which is the native one of x86.
 */
static bool
test_islands(struct builder *b, enum word word, const range_list *list,
	     uint32_t *node)
{
	uint32_t sea = list->v[list->n - 1].decision;

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].decision != sea &&
		    list->v[i].first != list->v[i].last)
			return false;
	*node = sea;
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].decision != sea)
			*node = graph_test(&b->graph, NODE_EQ, word, UINT32_MAX,
					   list->v[i].first,
					   list->v[i].decision, *node);
	return true;
}

static uint32_t
convert_ranges(struct builder *b, dd a, const struct dd_test *first)
{
	enum word word = word_of(first->word);
	range_list list = { 0 };
	struct dd_test t;
	uint32_t node;

	while (dd_top(b->set, a, &t) && !t.bit && t.word == first->word) {
		add_range(b, &list, t.k - 1, convert(b, t.below));
		a = t.above;
	}
	add_range(b, &list, UINT32_MAX, convert(b, a));
	if (word == WORD_ARCH && test_islands(b, word, &list, &node))
		return node;
	return search_tree(&b->graph, word, list.v, list.n);
}

/* Recursion is as deep as words and their bits follow each other. */
static uint32_t
convert(struct builder *b, dd a)
{
	struct dd_test t;
	uint32_t value, node;

	if (b->made[a])
		return b->made[a] - 1;
	if (dd_is_value(b->set, a, &value)) {
		node = graph_return(&b->graph, value);
	} else {
		dd_top(b->set, a, &t);
		node = t.bit ? convert_bits(b, a, t.word)
			     : convert_ranges(b, a, &t);
	}
	b->made[a] = node + 1;
	return node;
}

enum { MAX_TOKENS = 8 };

/* A function that asks for the number and then the arch, taken apart. */
struct apart {
	struct decisions decisions;
	bool foreign_known;
	dd foreign; /* what calls of all other archs get */
};

/* Notes an arch that gets something of its own; false if they are too many. */
static bool
note_token(struct builder *b, struct apart *a, uint32_t token)
{
	for (size_t i = 0; i < a->decisions.spaces.n; i++)
		if (a->decisions.spaces.v[i].audit_token == token)
			return true;
	if (a->decisions.spaces.n == MAX_TOKENS)
		return false;
	vec_push(b->graph.arena, &a->decisions.spaces)->audit_token = token;
	return true;
}

/* Notes what is left behind the number: single archs, and all others. */
static bool
note_archs(struct builder *b, struct apart *a, dd rest)
{
	struct dd_test t;

	for (uint32_t from = 0;
	     dd_top(b->set, rest, &t) && !t.bit && t.word == DD_ARCH;
	     from = t.k, rest = t.above) {
		if (a->foreign_known && t.below == a->foreign)
			continue;
		if (t.k - from == 1) {
			if (!note_token(b, a, from))
				return false;
		} else if (a->foreign_known) {
			return false;
		} else {
			a->foreign = t.below;
			a->foreign_known = true;
		}
	}
	if (!a->foreign_known) {
		a->foreign = rest;
		a->foreign_known = true;
	}
	return rest == a->foreign;
}

static bool
note_numbers(struct builder *b, struct apart *a, dd wanted)
{
	struct dd_test t;

	while (dd_top(b->set, wanted, &t) && !t.bit && t.word == DD_NUMBER) {
		if (!note_archs(b, a, t.below))
			return false;
		wanted = t.above;
	}
	return note_archs(b, a, wanted);
}

/* What is left behind the number on one arch. */
static dd
on_arch(const struct builder *b, dd rest, uint32_t token)
{
	struct dd_test t;

	while (dd_top(b->set, rest, &t) && !t.bit && t.word == DD_ARCH)
		rest = token < t.k ? t.below : t.above;
	return rest;
}

static void
fill_space(struct builder *b, struct number_space *space, dd wanted)
{
	uint32_t token = space->audit_token;
	range_list list = { 0 };
	struct dd_test t;

	while (dd_top(b->set, wanted, &t) && !t.bit && t.word == DD_NUMBER) {
		add_range(b, &list, t.k - 1,
			  convert(b, on_arch(b, t.below, token)));
		wanted = t.above;
	}
	add_range(b, &list, UINT32_MAX, convert(b, on_arch(b, wanted, token)));
	space->ranges.v = list.v;
	space->ranges.n = list.n;
	space->ranges.cap = list.cap;
}

static int
compare_tokens(const void *a, const void *b)
{
	const struct number_space *x = a, *y = b;

	return x->audit_token < y->audit_token ? 1 : -1;
}

/*
 * Builds as order.c does what rules make: single archs with numbers of their
 * own, and one action for all others.  False if the function is another one.
 */
static bool
build_ordered(struct builder *b, dd wanted)
{
	struct apart a = { .foreign_known = false };
	struct number_space *spaces;

	if (!note_numbers(b, &a, wanted) || !a.decisions.spaces.n ||
	    !dd_is_value(b->set, a.foreign, &a.decisions.foreign_action))
		return false;
	/* The highest token first: the native one of x86. */
	spaces = a.decisions.spaces.v;
	qsort(spaces, a.decisions.spaces.n, sizeof(*spaces), compare_tokens);
	for (size_t i = 0; i < a.decisions.spaces.n; i++)
		fill_space(b, &spaces[i], wanted);
	order_build(&b->graph, &a.decisions, b->b->options);
	return true;
}

static void
refuse(struct builder *b, const char *why)
{
	snprintf(b->b->reason, sizeof(b->b->reason), "%s", why);
	b->b->program = NULL;
}

/* The kernel's rules, and that the program is what was wanted. */
static void
check(struct builder *b, dd wanted)
{
	const struct program *program = b->b->program;
	size_t at;
	const char *wrong;

	if (program->code.n > BPF_MAXINSNS) {
		snprintf(b->b->reason, sizeof(b->b->reason),
			 "it needs %zu instructions, and the kernel takes %d",
			 program->code.n, BPF_MAXINSNS);
		b->b->program = NULL;
		return;
	}
	wrong = bpf_check(program->code.v, program->code.n, &at);
	if (wrong)
		refuse(b, wrong);
	else if (symbolic_run(b->set, program->code.v, program->code.n) !=
		 wanted)
		refuse(b, "the program does not decide as wanted: a fault of "
			  "seccompc");
}

static void
work(struct dd_set *set, void *data)
{
	struct build *build = data;
	struct builder b = { .b = build, .set = set };
	dd wanted = build->wanted(set, build->data);

	set->where = "a program for it";
	build->program = NULL;
	graph_init(&b.graph, &build->arena);
	b.made = arena_alloc(&set->arena, set->nodes.n * sizeof(*b.made));
	if (dd_words(set, wanted) & DD_IP_WORDS) {
		refuse(&b, "it looks at the instruction pointer");
		return;
	}
	if (!build_ordered(&b, wanted))
		b.graph.root = convert(&b, wanted);
	build->program = emit(&build->arena, &b.graph, build->options);
	check(&b, wanted);
}

static enum build_end
run(struct build *b)
{
	enum dd_end end;

	if (setjmp(b->arena.oom))
		return BUILD_NO_MEMORY;
	end = dd_run(&b->set, work, b);
	if (end == DD_DONE)
		return b->program ? BUILD_DONE : BUILD_IMPOSSIBLE;
	if (end == DD_NO_MEMORY)
		return BUILD_NO_MEMORY;
	dd_explain(&b->set, end, b->reason, sizeof(b->reason));
	return BUILD_GAVE_UP;
}

enum build_end
build(struct build *b)
{
	enum build_end end;

	arena_init(&b->arena);
	memset(&b->set, 0, sizeof(b->set));
	b->program = NULL;
	end = run(b);
	if (end != BUILD_DONE)
		b->program = NULL;
	return end;
}

void
build_finish(struct build *b)
{
	dd_finish(&b->set);
	arena_finish(&b->arena);
}
