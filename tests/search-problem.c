#include "search-problem.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

void
trial_start(struct trial *s, uint64_t seed)
{
	memset(s, 0, sizeof(*s));
	s->seed = seed;
	arena_init(&s->arena);
	graph_init(&s->graph, &s->arena);
}

uint32_t
trial_draw(struct trial *s, uint32_t below)
{
	return (uint32_t)(calls_random(&s->seed) % below);
}

void
trial_add(struct trial *s, uint64_t first, uint64_t last, uint32_t action)
{
	ck_assert(first <= last && last <= UINT32_MAX && s->p.n < MAX_RANGES);
	s->p.ranges[s->p.n++] =
		(struct range){ (uint32_t)first, (uint32_t)last,
				graph_return(&s->graph, action) };
}

/* How many values a range has, of those that are left. */
static uint64_t
draw_width(struct trial *s, enum layout layout, uint64_t left)
{
	uint64_t width = 1;

	if (layout == SPARSE && trial_draw(s, 3))
		width = UINT64_C(1) << trial_draw(s, 32);
	else if (trial_draw(s, 2))
		width += trial_draw(s, 4);
	return width < left ? width : left;
}

void
trial_ranges(struct trial *s, enum layout layout, size_t n, uint32_t actions)
{
	uint32_t before = actions;
	uint64_t at = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t left = (UINT64_C(1) << 32) - at - (n - 1 - i) * 8;
		uint64_t width = draw_width(s, layout, left);
		uint32_t action = trial_draw(s, actions);

		/* Neighbours differ, most of the time. */
		if (action == before && trial_draw(s, 16))
			action = (action + 1) % actions;
		before = action;
		if (layout == BIT && i == n / 2) {
			/* The one before reaches up to it. */
			if (i)
				s->p.ranges[i - 1].last = 0x3fffffff;
			at = 0x40000000;
		}
		if (i == n - 1 && layout != GAPS) {
			if (trial_draw(s, 2) || layout != SPARSE || !i) {
				width = (UINT64_C(1) << 32) - at;
			} else {
				/* A single value at the end. */
				s->p.ranges[i - 1].last = UINT32_MAX - 1;
				at = UINT32_MAX;
				width = 1;
			}
		}
		trial_add(s, at, at + width - 1, action);
		at += width;
		if (layout == GAPS)
			at += trial_draw(s, 4);
	}
}

void
trial_weights(struct trial *s, enum share share)
{
	size_t n = s->p.n;
	uint64_t sum = 1;

	for (size_t i = 0; i < n; i++) {
		uint64_t w =
			share == EQUAL	? 1
			: share == NONE ? 0
			: share == SOME
				? (trial_draw(s, 3) ? trial_draw(s, 1000) : 0)
			: share == STEEP ? 1u << trial_draw(s, 20)
					 : 1 + trial_draw(s, 10);
		s->p.weights[i] = w;
	}
	if (share == HEAVY) {
		s->p.weights[trial_draw(s, (uint32_t)n)] = 1000 * n;
		s->p.weights[trial_draw(s, (uint32_t)n)] = 100000 * n;
	}
	for (size_t i = 0; i < n; i++)
		sum += s->p.weights[i];
	/* Whole calls are a unit, some of which may go elsewhere. */
	for (size_t i = 0; i < n; i++)
		s->p.weights[i] = s->p.weights[i] * SEARCH_UNIT / sum;
}

void
trial_problem(struct trial *s, size_t n, enum share share)
{
	enum layout layout = (enum layout)trial_draw(s, LAYOUTS);

	trial_ranges(s, layout, n, 2 + trial_draw(s, 4));
	trial_weights(s, share);
}

uint32_t
trial_walk(const struct graph *graph, uint32_t at, uint32_t x, unsigned *tests)
{
	const struct node *node;

	for (*tests = 0;; ++*tests) {
		bool yes = false;

		node = &graph->nodes.v[at];
		/* Arguments: what is on other words is a leaf. */
		if (node->kind != NODE_RETURN && node->word != WORD_NUMBER)
			return at;
		switch ((enum node_kind)node->kind) {
		case NODE_RETURN:
			return at;
		case NODE_EQ:
			yes = x == node->k;
			break;
		case NODE_GE:
			yes = x >= node->k;
			break;
		case NODE_SET:
			yes = x & node->k;
			break;
		case NODE_AND:
			ck_abort_msg("AND in a tree over one word");
		}
		ck_assert_uint_eq(node->mask, UINT32_MAX);
		at = yes ? node->yes : node->no;
	}
}

static void
check_value(struct trial *s, uint32_t root, size_t range, uint32_t x,
	    unsigned tests)
{
	unsigned here;
	uint32_t node = trial_walk(&s->graph, root, x, &here);

	ck_assert_msg(node == s->p.ranges[range].decision,
		      "%#x in range %zu of %zu goes to n%u", x, range, s->p.n,
		      node);
	/* No test is for a part of a range. */
	ck_assert_uint_eq(here, tests);
}

/* Tests that a node leads to. */
static size_t
count_tests(const struct graph *graph, uint32_t root)
{
	bool *reached = calloc(root + 1, sizeof(*reached));
	size_t count = 0;

	ck_assert(reached);
	reached[root] = true;
	/* Children come before parents. */
	for (uint32_t i = root + 1; i-- > 0;) {
		const struct node *node = &graph->nodes.v[i];

		if (!reached[i] || node->kind == NODE_RETURN)
			continue;
		reached[node->yes] = reached[node->no] = true;
		count++;
	}
	free(reached);
	return count;
}

/* Values where JEQ and JSET make a difference, and random ones. */
static void
check_inside(struct trial *s, uint32_t root, size_t range, unsigned tests)
{
	const struct range *r = &s->p.ranges[range];
	uint64_t width = (uint64_t)r->last - r->first + 1;

	for (unsigned bit = 0; bit < 32; bit++) {
		uint64_t near[] = { UINT64_C(1) << bit,
				    (UINT64_C(2) << bit) - 1,
				    r->first + (UINT64_C(1) << bit) };

		for (size_t j = 0; j < LENGTH(near); j++)
			if (near[j] > r->first && near[j] < r->last)
				check_value(s, root, range, (uint32_t)near[j],
					    tests);
	}
	for (unsigned j = 0; j < 8; j++)
		check_value(
			s, root, range,
			(uint32_t)(r->first + calls_random(&s->seed) % width),
			tests);
}

struct measured
trial_measure(struct trial *s, uint32_t root)
{
	struct measured m = { .size = count_tests(&s->graph, root) };

	for (size_t i = 0; i < s->p.n; i++) {
		const struct range *r = &s->p.ranges[i];
		unsigned tests;

		trial_walk(&s->graph, root, r->first, &tests);
		check_value(s, root, i, r->first, tests);
		check_value(s, root, i, r->last, tests);
		if (r->first != r->last)
			check_inside(s, root, i, tests);
		m.tests += s->p.weights[i] * tests;
		if (tests > m.longest)
			m.longest = tests;
	}
	return m;
}
