#include "compiler.h"

/* Whether ranges[i] is one value between two equal ranges. */
static bool
is_island(const struct range *ranges, size_t count, size_t i)
{
	return i > 0 && i + 1 < count && ranges[i].first == ranges[i].last &&
	       ranges[i - 1].decision == ranges[i + 1].decision;
}

/*
 * Balanced: a JGE in the middle, but not before a single value between equal
 * ranges, which a JEQ settles.
 */
uint32_t
search_tree(struct graph *graph, enum word word, const struct range *ranges,
	    size_t count)
{
	size_t half = count / 2;
	const struct range *middle = &ranges[half];
	uint32_t below, above;

	if (count == 1)
		return ranges->decision;
	if (count == 3 && is_island(ranges, count, 1))
		return graph_test(graph, NODE_EQ, word, UINT32_MAX,
				  middle->first, middle->decision,
				  ranges->decision);
	if (count == 2 && ranges->first == ranges->last)
		return graph_test(graph, NODE_EQ, word, UINT32_MAX,
				  ranges->first, ranges->decision,
				  middle->decision);
	half += is_island(ranges, count, half);
	below = search_tree(graph, word, ranges, half);
	above = search_tree(graph, word, ranges + half, count - half);
	return graph_test(graph, NODE_GE, word, UINT32_MAX, ranges[half].first,
			  above, below);
}
