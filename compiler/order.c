#include "compiler.h"

void
order_build(struct graph *graph, const struct decisions *decisions)
{
	uint32_t next = graph_return(graph, decisions->foreign_action);

	for (size_t i = decisions->spaces.n; i-- > 0;) {
		const struct number_space *space = &decisions->spaces.v[i];
		uint32_t tree = search_tree(graph, WORD_NUMBER,
					    space->ranges.v, space->ranges.n);

		next = graph_test(graph, NODE_EQ, WORD_ARCH, UINT32_MAX,
				  space->audit_token, tree, next);
	}
	graph->root = next;
}
