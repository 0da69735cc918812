#include "compiler.h"

/*
 * Balanced: a JGE in the middle, and a JEQ where a single value lies between
 * equal ranges.
 */
uint32_t
search_tree(struct graph *graph, enum word word, const struct range *ranges,
	    size_t count)
{
	const struct range *middle = &ranges[count / 2];
	uint32_t below, above;

	if (count == 1)
		return ranges->decision;
	if (count == 3 && ranges[0].decision == ranges[2].decision &&
	    middle->first == middle->last)
		return graph_test(graph, NODE_EQ, word, UINT32_MAX,
				  middle->first, middle->decision,
				  ranges->decision);
	if (count == 2 && ranges->first == ranges->last)
		return graph_test(graph, NODE_EQ, word, UINT32_MAX,
				  ranges->first, ranges->decision,
				  middle->decision);
	below = search_tree(graph, word, ranges, count / 2);
	above = search_tree(graph, word, middle, count - count / 2);
	return graph_test(graph, NODE_GE, word, UINT32_MAX, middle->first,
			  above, below);
}
