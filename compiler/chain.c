#include "compiler.h"

bool
chain_is_set(const struct word_part *part)
{
	return !part->value ||
	       (part->value == part->mask && !(part->mask & (part->mask - 1)));
}

uint32_t
chain_mask(struct graph *graph, enum word word, const struct word_part *part,
	   uint32_t yes, uint32_t no)
{
	if (!part->mask)
		return yes;
	if (!part->value)
		return graph_test(graph, NODE_SET, word, UINT32_MAX, part->mask,
				  no, yes);
	if (chain_is_set(part))
		return graph_test(graph, NODE_SET, word, UINT32_MAX, part->mask,
				  yes, no);
	return graph_test(graph, NODE_EQ, word, part->mask, part->value, yes,
			  no);
}

/* One test by itself, both words. */
static uint32_t
test_node(struct graph *graph, const struct test *test, uint32_t yes,
	  uint32_t no)
{
	uint32_t high_k = (uint32_t)(test->value >> 32);
	uint32_t k = (uint32_t)test->value;
	enum word low = (enum word)(WORD_ARGS + 2 * test->arg);
	enum word high = (enum word)(low + 1);
	struct word_part low_part = word_mask(k, (uint32_t)test->value2);
	struct word_part high_part =
		word_mask(high_k, (uint32_t)(test->value2 >> 32));
	uint32_t node;

	switch (test->op) {
	case CMP_NE:
	case CMP_LT:
		node = yes;
		yes = no;
		no = node;
		break;
	default:
		break;
	}
	if (test->op == CMP_MASKED_EQ) {
		node = chain_mask(graph, low, &low_part, yes, no);
		return test->low
			       ? node
			       : chain_mask(graph, high, &high_part, node, no);
	}
	if (test->op == CMP_EQ || test->op == CMP_NE) {
		node = graph_test(graph, NODE_EQ, low, UINT32_MAX, k, yes, no);
		return test->low ? node
				 : graph_test(graph, NODE_EQ, high, UINT32_MAX,
					      high_k, node, no);
	}
	node = graph_test(graph, NODE_GE, low, UINT32_MAX, k, yes, no);
	if (test->low)
		return node;
	node = graph_test(graph, NODE_EQ, high, UINT32_MAX, high_k, node, yes);
	return high_k ? graph_test(graph, NODE_GE, high, UINT32_MAX, high_k,
				   node, no)
		      : node;
}

uint32_t
chain_build(struct graph *graph, const struct decision *decision)
{
	uint32_t next = graph_return(graph, decision->otherwise);

	for (size_t i = decision->alternatives.n; i-- > 0;) {
		const struct alternative *a = &decision->alternatives.v[i];
		uint32_t node = graph_return(graph, a->action);

		for (size_t j = a->count; j-- > 0;)
			node = test_node(graph, &a->tests[j], node, next);
		next = node;
	}
	return next;
}
