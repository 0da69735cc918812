#include "search.h"

/* What runs in one of so many calls runs often. */
enum { OFTEN = 64 };

/* Makes the test of which one side weighs `yes` and the other one `no`. */
static uint32_t
make_test(struct search *s, enum node_kind kind, uint32_t k, uint32_t yes,
	  uint32_t no, uint64_t yes_weight, uint64_t no_weight)
{
	uint32_t node =
		graph_test(s->graph, kind, s->word, UINT32_MAX, k, yes, no);

	if (yes != no) {
		s->graph->nodes.v[node].likely = yes_weight > no_weight;
		s->graph->nodes.v[node].often |=
			yes_weight + no_weight >= SEARCH_UNIT / OFTEN;
	}
	return node;
}

static uint32_t
leaf_node(struct search *s, uint32_t range)
{
	uint32_t node = s->ranges[range].decision;

	if (s->deferred && node == s->deferred->node)
		node = s->deferred->build(s->deferred->context, s);
	return node;
}

static uint32_t
build_chain(struct search *s, const struct search_part *part,
	    const struct search_way *way)
{
	uint64_t weight = search_weight(s, part);
	uint32_t node = leaf_node(s, way->at);
	struct search_chain chain;

	search_chain(s, part, way, &chain);
	for (size_t i = 0; i < chain.count; i++)
		weight -= chain.steps[i].weight;
	for (size_t i = chain.count; i-- > 0;) {
		const struct search_step *step = &chain.steps[i];
		const struct range *range = &s->ranges[step->range];

		if (step->is_set)
			node = make_test(s, NODE_SET, chain.mask, node,
					 range->decision, weight, step->weight);
		else
			node = make_test(s, NODE_EQ, range->first,
					 range->decision, node, step->weight,
					 weight);
		weight += step->weight;
	}
	return node;
}

/* Notes what lies below a split, for what is deferred. */
static void
note_side(struct search *s, const struct search_part *below, uint32_t node)
{
	if (s->deferred && s->side_count < SEARCH_SIDES)
		s->sides[s->side_count++] =
			(struct search_side){ below->first, below->last,
					      below->holes, node };
}

static uint32_t
build_split(struct search *s, const struct search_part *part, uint32_t at)
{
	struct search_part below = search_below(s, part, at);
	struct search_part above = search_above(s, part, at);
	uint64_t below_weight = search_weight(s, &below);
	uint64_t above_weight = search_weight(s, &above);
	const struct range *first = &s->ranges[part->first];
	uint32_t below_node = search_build(s, below), above_node;

	if (part->last + 1 == s->count)
		note_side(s, &below, below_node);
	above_node = search_build(s, above);
	/* A single value at the end shows better as such. */
	if (at == part->first + 1 && search_is_single(first))
		return make_test(s, NODE_EQ, first->first, below_node,
				 above_node, below_weight, above_weight);
	return make_test(s, NODE_GE, s->ranges[at].first, above_node,
			 below_node, above_weight, below_weight);
}

static uint32_t
build_point(struct search *s, const struct search_part *part, uint32_t heavy)
{
	struct search_part rest = search_rest(part, heavy);
	const struct range *range = &s->ranges[s->heavy[heavy]];

	return make_test(s, NODE_EQ, range->first, range->decision,
			 search_build(s, rest), s->weights[s->heavy[heavy]],
			 search_weight(s, &rest));
}

uint32_t
search_build(struct search *s, struct search_part part)
{
	const struct search_way way = search_solve(s, &part);

	switch (way.form) {
	case SEARCH_SPLIT:
		return build_split(s, &part, way.at);
	case SEARCH_POINT:
		return build_point(s, &part, way.at);
	case SEARCH_CHAIN:
		return build_chain(s, &part, &way);
	default:
		return leaf_node(s, way.at);
	}
}

static void
add_depth(const struct search *s, const struct search_part *part,
	  unsigned *depths, unsigned tests)
{
	for (uint32_t i = part->first; i <= part->last; i++)
		if (!search_is_hole(s, part->holes, i))
			depths[i] += tests;
}

void
search_depths(struct search *s, struct search_part part, unsigned *depths)
{
	const struct search_way way = search_solve(s, &part);
	struct search_chain chain;

	switch (way.form) {
	case SEARCH_SPLIT:
		add_depth(s, &part, depths, 1);
		search_depths(s, search_below(s, &part, way.at), depths);
		search_depths(s, search_above(s, &part, way.at), depths);
		break;
	case SEARCH_POINT:
		add_depth(s, &part, depths, 1);
		search_depths(s, search_rest(&part, way.at), depths);
		break;
	case SEARCH_CHAIN:
		search_chain(s, &part, &way, &chain);
		add_depth(s, &part, depths, (unsigned)chain.count);
		break;
	default:
		break;
	}
}
