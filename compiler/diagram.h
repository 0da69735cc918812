/*
 * Inside of diagrams: what the files diagram*.c share.
 */
#ifndef SECCOMPC_DIAGRAM_H
#define SECCOMPC_DIAGRAM_H

#include "prove.h"

enum {
	DD_BITS_RANK = DD_WORDS,	/* of all bits when interleaved */
};

#define DD_VALUE_RANK UINT32_MAX

/* A pointer that the next new node may move. */
const struct dd_node *dd_node_at(const struct dd_set *set, dd a);

uint32_t dd_hash(uint32_t a, uint32_t b, uint32_t c, uint32_t e);

/* Whether a node, not a value, tests a bit; which one, of which word. */
bool dd_tests_bit(const struct dd_set *set, const struct dd_node *n);
unsigned dd_bit_of(const struct dd_node *n, unsigned *word);

/* The word of a rank below DD_WORDS. */
unsigned dd_word_of(uint32_t rank);

/* The first test of a, b and c. */
struct dd_node dd_first_test(const struct dd_set *set, dd a, dd b, dd c);

/* What a is on either side of a test that comes no later than its own. */
dd dd_below(const struct dd_set *set, dd a, const struct dd_node *test);
dd dd_above(const struct dd_set *set, dd a, const struct dd_node *test);

/* The node for a test, or what it leads to if it changes nothing. */
dd dd_make(struct dd_set *set, const struct dd_node *n);

#endif
