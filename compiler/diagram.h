/*
 * Inside of diagrams: what the files diagram*.c share.  What every step of
 * work does is inline.
 */
#ifndef SECCOMPC_DIAGRAM_H
#define SECCOMPC_DIAGRAM_H

#include "prove.h"

enum {
	DD_BITS_RANK = DD_WORDS,	/* of all bits when interleaved */
};

#define DD_VALUE_RANK UINT32_MAX

/* A pointer that the next new node may move. */
static inline const struct dd_node *
dd_node_at(const struct dd_set *set, dd a)
{
	return &set->nodes.v[a];
}

static inline uint32_t
dd_hash(uint32_t a, uint32_t b, uint32_t c, uint32_t e)
{
	uint64_t h = (uint64_t)a << 32 | b;

	h = (h ^ ((uint64_t)c << 32 | e) * UINT64_C(0x9e3779b97f4a7c15)) *
	    UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

/* Whether a node, not a value, tests a bit. */
static inline bool
dd_tests_bit(const struct dd_set *set, const struct dd_node *n)
{
	return n->rank == DD_BITS_RANK || set->bit_ranks >> n->rank & 1;
}

/* The first test of a, b and c. */
static inline struct dd_node
dd_first_test(const struct dd_set *set, dd a, dd b, dd c)
{
	const struct dd_node *first = dd_node_at(set, a);
	const struct dd_node *other = dd_node_at(set, b);

	if (other->rank < first->rank ||
	    (other->rank == first->rank && other->at < first->at))
		first = other;
	other = dd_node_at(set, c);
	if (other->rank < first->rank ||
	    (other->rank == first->rank && other->at < first->at))
		first = other;
	return (struct dd_node){ first->rank, first->at, 0, 0 };
}

/*
 * What a is on either side of a test that comes no later than its own.  Being
 * below a threshold is being below all higher ones of that word.
 */
static inline dd
dd_below(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = dd_node_at(set, a);

	if (n->rank != test->rank ||
	    (n->at != test->at && dd_tests_bit(set, test)))
		return a;
	return n->below;
}

static inline dd
dd_above(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = dd_node_at(set, a);

	return n->rank == test->rank && n->at == test->at ? n->above : a;
}

/* The word and bit that a node tests. */
unsigned dd_bit_of(const struct dd_node *n, unsigned *word);

/* The word of a rank below DD_WORDS. */
unsigned dd_word_of(uint32_t rank);

/* The node for a test, or what it leads to if it changes nothing. */
dd dd_make(struct dd_set *set, const struct dd_node *n);

#endif
