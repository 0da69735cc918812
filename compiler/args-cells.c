#include "args.h"

/*
 * A word with masks, as kinds of values for each of which all tests on the
 * word are true or false:
 *
 *	(x & 3) == 2, x < 8:	{ 2, 6 }  { 10, 14, .. }  { 0, 1, 3, .. }  ...
 *
 * plan.c then finds how to tell those apart that lead to different nodes.
 */
struct cell {
	struct word_domain d;
	uint32_t first, last;
	uint32_t x; /* a member */
};

struct dividing {
	struct builder *b;
	struct cell v[CELLS];
	size_t n;
	struct word_pattern patterns[64];
	size_t pattern_count;
	bool failed;
};

/* Replaces a cell by those of its two parts that have members. */
static void
divide(struct dividing *v, size_t i, struct cell a, struct cell b)
{
	size_t *steps = &v->b->maker.steps;
	bool has_a = word_find_member(&a.d, a.first, a.last, &a.x, &v->failed,
				      steps);
	bool has_b = word_find_member(&b.d, b.first, b.last, &b.x, &v->failed,
				      steps);

	if (has_a)
		v->v[i] = a;
	else if (has_b)
		v->v[i] = b;
	if (!has_a || !has_b)
		return;
	if (v->n == CELLS)
		v->failed = true;
	else
		v->v[v->n++] = b;
}

static void
divide_by_mask(struct dividing *v, uint32_t mask, uint32_t value)
{
	struct word_part part = { .mask = mask, .value = value };

	for (size_t i = 0, n = v->n; i < n && !v->failed; i++) {
		struct cell with = v->v[i], without = v->v[i];
		struct word_pattern *p = &v->patterns[v->pattern_count];

		/* All members differ from it. */
		if ((with.d.value ^ value) & with.d.mask & mask)
			continue;
		if (v->pattern_count == LENGTH(v->patterns)) {
			v->failed = true;
			return;
		}
		v->pattern_count++;
		*p = (struct word_pattern){ mask, value, without.d.negated };
		without.d.negated = p;
		with.d = word_with(&with.d, &part);
		divide(v, i, with, without);
	}
}

static void
divide_at(struct dividing *v, uint32_t at)
{
	for (size_t i = 0, n = v->n; i < n && !v->failed; i++) {
		struct cell below = v->v[i], above = v->v[i];

		if (at <= below.first || at > below.last)
			continue;
		below.last = at - 1;
		above.first = at;
		divide(v, i, below, above);
	}
}

/* Whether an AND can be done without: each bit that has to be set by itself,
 * one or two of them, and those that have to be clear. */
static bool
is_bitwise(const struct word_part *part)
{
	return !chain_is_set(part) && __builtin_popcount(part->value) <= 2;
}

static void
divide_by_test(struct dividing *v, const struct word_part *part)
{
	if (!part->masked) {
		divide_at(v, part->first);
		if (part->last != UINT32_MAX)
			divide_at(v, part->last + 1);
		return;
	}
	divide_by_mask(v, part->mask, part->value);
	if (!is_bitwise(part))
		return;
	if (part->mask & ~part->value)
		divide_by_mask(v, part->mask & ~part->value, 0);
	for (uint32_t bits = part->value; bits; bits &= bits - 1)
		divide_by_mask(v, bits & -bits, bits & -bits);
}

/* The cells for which a test holds that is the same throughout each. */
static uint32_t
find_inside(const struct dividing *v, enum node_kind kind, uint32_t mask,
	    uint32_t k)
{
	uint32_t inside = 0;

	for (size_t i = 0; i < v->n; i++) {
		uint32_t x = v->v[i].x;
		bool holds = kind == NODE_EQ   ? (x & mask) == k
			     : kind == NODE_GE ? x >= k
					       : (x & k) != 0;

		inside |= (uint32_t)holds << i;
	}
	return inside;
}

static void
add_test(const struct dividing *v, struct cells *cells, enum node_kind kind,
	 uint32_t mask, uint32_t k)
{
	plan_add(cells, kind, mask, k, find_inside(v, kind, mask, k));
}

static void
add_tests(const struct dividing *v, struct cells *cells,
	  const struct word_part *part)
{
	if (!part->masked) {
		add_test(v, cells, NODE_GE, UINT32_MAX, part->first);
		if (part->last != UINT32_MAX)
			add_test(v, cells, NODE_GE, UINT32_MAX, part->last + 1);
		return;
	}
	plan_add_part(cells, part,
		      find_inside(v, NODE_EQ, part->mask, part->value));
	if (!is_bitwise(part))
		return;
	if (part->mask & ~part->value)
		add_test(v, cells, NODE_SET, UINT32_MAX,
			 part->mask & ~part->value);
	for (uint32_t bits = part->value; bits; bits &= bits - 1)
		add_test(v, cells, NODE_SET, UINT32_MAX, bits & -bits);
}

/* JSET for the bits of any two is as good a test as either. */
static void
add_unions(struct cells *cells)
{
	for (size_t i = 1, n = cells->split_count; i < n; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct split *a = &cells->splits[i];
			const struct split *b = &cells->splits[j];

			if (a->kind == NODE_SET && b->kind == NODE_SET)
				plan_add(cells, NODE_SET, UINT32_MAX,
					 a->k | b->k, a->inside | b->inside);
		}
	}
}

static void
find_nodes(struct dividing *v, const struct settling *s, struct cells *cells)
{
	struct builder *b = v->b;

	cells->count = v->n;
	cells->split_count = 0;
	for (size_t i = 0; i < v->n && !b->failed; i++) {
		const struct cell *cell = &v->v[i];
		struct state next = state_advance(&b->maker, s->state, s->rank,
						  NULL, &cell->x);

		cells->node[i] = args_state(b, &next);
		cells->weight[i] = 0;
		for (size_t j = 0; j < s->samples.n; j++) {
			uint32_t x = s->samples.v[j].value;

			if (x >= cell->first && x <= cell->last &&
			    word_is_member(&cell->d, x))
				cells->weight[i] += s->samples.v[j].weight;
		}
	}
}

bool
args_cells(struct builder *b, const struct settling *s, uint32_t *node)
{
	const struct open_test *test;
	struct dividing v;
	struct cells cells;
	size_t i = 0, j = 0;

	v.b = b;
	v.v[0] = (struct cell){ .last = UINT32_MAX };
	v.n = 1;
	v.pattern_count = 0;
	v.failed = false;
	while (!v.failed &&
	       (test = args_next_test(s->state, s->rank, &i, &j))) {
		struct word_part part = state_part(test, s->rank);

		divide_by_test(&v, &part);
	}
	if (v.failed)
		return false;
	/* Zero by itself, as that is likeliest. */
	if (v.n < CELLS)
		divide_at(&v, 1);
	/* What plan.c does with them. */
	b->maker.steps += (size_t)8 << v.n;
	find_nodes(&v, s, &cells);
	i = j = 0;
	while ((test = args_next_test(s->state, s->rank, &i, &j))) {
		struct word_part part = state_part(test, s->rank);

		add_tests(&v, &cells, &part);
	}
	for (i = 0; i < v.n; i++)
		if (v.v[i].first == v.v[i].last)
			add_test(&v, &cells, NODE_EQ, UINT32_MAX, v.v[i].x);
	add_unions(&cells);
	*node = b->failed ? 0
			  : plan_tree(&b->costs, state_word(s->rank), &cells);
	return true;
}
