#include "args.h"

#include <string.h>

/*
 * All trees of tests on a word are tried, from the smallest sets of cells up:
 *
 *	tree(set) = the best test, which splits set into a and b,
 *		    with tree(a) and tree(b)
 */
struct plan {
	uint64_t expected; /* sum over samples */
	uint32_t worst, size;
	const struct split *split; /* NULL: one node */
	bool made;
};

struct planner {
	const struct costs *costs;
	const struct cells *cells;
	uint32_t worst[CELLS]; /* of the nodes */
	struct plan plans[1 << CELLS];
};

void
plan_add(struct cells *cells, enum node_kind kind, uint32_t mask, uint32_t k,
	 uint32_t inside)
{
	uint32_t all = (1u << cells->count) - 1;
	bool masked = mask != UINT32_MAX;

	if (!inside || inside == all || cells->split_count == CELL_SPLITS)
		return;
	for (size_t i = 0; i < cells->split_count; i++) {
		const struct split *split = &cells->splits[i];

		if ((split->inside == inside ||
		     split->inside == (all & ~inside)) &&
		    split->cost <= 1u + masked)
			return;
	}
	cells->splits[cells->split_count++] =
		(struct split){ inside, kind, mask, k, (uint8_t)(1 + masked),
				masked };
}

void
plan_add_part(struct cells *cells, const struct word_part *part,
	      uint32_t inside)
{
	uint32_t all = (1u << cells->count) - 1;

	if (!chain_is_set(part))
		plan_add(cells, NODE_EQ, part->mask, part->value, inside);
	else
		plan_add(cells, NODE_SET, UINT32_MAX, part->mask,
			 part->value ? inside : all & ~inside);
}

static bool
is_less(enum optimize_mode mode, const struct plan *a, const struct plan *b)
{
	if (mode == OPTIMIZE_SIZE && a->size != b->size)
		return a->size < b->size;
	if (a->expected != b->expected)
		return a->expected < b->expected;
	if (a->worst != b->worst)
		return a->worst < b->worst;
	return a->size < b->size;
}

static uint64_t
weight_of(const struct planner *p, uint32_t set)
{
	uint64_t weight = 0;

	for (; set; set &= set - 1)
		weight += p->cells->weight[__builtin_ctz(set)];
	return weight;
}

static const struct plan *plan(struct planner *p, uint32_t set);

/* Adds a side of a split to what it costs. */
static void
add_side(struct planner *p, struct plan *sum, uint32_t set,
	 const struct split *split)
{
	const struct plan *side = plan(p, set);
	unsigned reload = side->split ? split->reload : 0;
	uint32_t worst = split->cost + reload + side->worst;

	sum->expected += side->expected + reload * weight_of(p, set);
	sum->size += side->size + reload;
	if (worst > sum->worst)
		sum->worst = worst;
}

/* What is known to be in a set of cells. */
static const struct plan *
plan(struct planner *p, uint32_t set)
{
	struct plan *best = &p->plans[set];
	uint32_t first = p->cells->node[__builtin_ctz(set)];
	bool same = true;
	uint64_t weight;
	uint32_t worst;

	if (best->made)
		return best;
	best->made = true;
	for (uint32_t rest = set; rest; rest &= rest - 1) {
		size_t i = (size_t)__builtin_ctz(rest);

		same &= p->cells->node[i] == first;
		if (p->worst[i] > best->worst)
			best->worst = p->worst[i];
	}
	if (same)
		return best;
	worst = best->worst;
	weight = weight_of(p, set);
	for (size_t i = 0; i < p->cells->split_count; i++) {
		const struct split *split = &p->cells->splits[i];
		uint32_t inside = set & split->inside;
		struct plan made;

		if (!inside || inside == set)
			continue;
		/* It costs no less than this. */
		made.made = true;
		made.split = split;
		made.size = split->cost;
		made.worst = split->cost + worst;
		made.expected = split->cost * weight;
		if (best->split && !is_less(p->costs->mode, &made, best))
			continue;
		add_side(p, &made, inside, split);
		add_side(p, &made, set & ~inside, split);
		if (!best->split || is_less(p->costs->mode, &made, best))
			*best = made;
	}
	return best;
}

static uint32_t
build_plan(struct planner *p, enum word word, uint32_t set)
{
	const struct split *split = p->plans[set].split;
	uint32_t yes, no;

	if (!split)
		return p->cells->node[__builtin_ctz(set)];
	yes = build_plan(p, word, set & split->inside);
	no = build_plan(p, word, set & ~split->inside);
	return graph_test(p->costs->graph, split->kind, word, split->mask,
			  split->k, yes, no);
}

uint32_t
plan_tree(struct costs *costs, enum word word, const struct cells *cells)
{
	uint32_t all = (1u << cells->count) - 1;
	struct planner p;

	p.costs = costs;
	p.cells = cells;
	memset(p.plans, 0, sizeof(*p.plans) << cells->count);
	for (size_t i = 0; i < cells->count; i++)
		p.worst[i] = (uint32_t)cost_noted(costs, cells->node[i]).worst;
	plan(&p, all);
	return build_plan(&p, word, all);
}
