/*
 * Inside of diagrams: what the files diagram*.c share.  What every step of
 * work does is inline.
 */
#ifndef SECCOMPC_DIAGRAM_H
#define SECCOMPC_DIAGRAM_H

#include "prove.h"

enum {
	DD_FIELDS = 32,			      /* at most, of a word */
	DD_BITS_RANK = DD_WORDS * DD_FIELDS, /* of bits when interleaved */
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
 * below a threshold is being below all higher ones of that field.
 */
static inline dd
dd_below(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = dd_node_at(set, a);

	return n->rank == test->rank ? n->below : a;
}

static inline dd
dd_above(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = dd_node_at(set, a);

	return n->rank == test->rank && n->at == test->at ? n->above : a;
}

/* Bits low to low + width - 1 of a word. */
struct dd_field {
	unsigned word, low, width;
};

/* What a node of a rank, not a value, tests. */
struct dd_field dd_field_of(const struct dd_set *set, uint32_t rank);

/* The field of a word with this bit, and its rank. */
struct dd_field dd_field_with(const struct dd_set *set, unsigned word,
			      unsigned bit);
uint32_t dd_field_rank(const struct dd_set *set, const struct dd_field *f);

/* All ones of a field, shifted down. */
static inline uint32_t
dd_field_max(const struct dd_field *f)
{
	return UINT32_MAX >> (32 - f->width);
}

/* As dd_need_cuts(), but free where no node tests a word yet. */
void dd_plan_cuts(struct dd_set *set, unsigned word, uint32_t cuts);

/* Where fields begin that a mask takes as a whole or not at all. */
static inline uint32_t
dd_mask_cuts(uint32_t mask)
{
	return (mask ^ mask << 1) & ~1u;
}

/* The rank of the first field of a word; not interleaved. */
uint32_t dd_rank_of(unsigned word);

/* The node for a test, or what it leads to if it changes nothing. */
dd dd_make(struct dd_set *set, const struct dd_node *n);

#endif
