#include "diagram.h"

/*
 * Tests on a whole word, from its lowest field to its highest.
 */

/* A masked field is one value in at most 1 << MAX_OPEN blocks. */
enum { MAX_OPEN = 6, MAX_CUTS = 8 };

dd
dd_ranges(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	  size_t count)
{
	bool bits = dd_has_bits(set, word);
	dd result = ranges[count - 1].node;

	for (size_t i = count - 1; i-- > 0;) {
		uint32_t k = ranges[i + 1].first;

		if (bits)
			result = dd_apply(set, DD_ITE, dd_less(set, word, k),
					  ranges[i].node, result);
		else
			result = dd_threshold(set, word, k, ranges[i].node,
					      result);
	}
	return result;
}

/* By thresholds in the middle, whatever the nodes look at. */
static dd
halve(struct dd_set *set, unsigned word, const struct dd_range *ranges,
      size_t count)
{
	size_t half = count / 2;

	if (count == 1)
		return ranges->node;
	return dd_apply(set, DD_ITE, dd_less(set, word, ranges[half].first),
			halve(set, word, ranges, half),
			halve(set, word, ranges + half, count - half));
}

/* Whether every other node is the same, which looks at something. */
static bool
alternates(const struct dd_set *set, const struct dd_range *ranges,
	   size_t count)
{
	uint32_t value;

	for (size_t i = 0; i < count; i += 2)
		if (ranges[i].node != ranges->node)
			return false;
	return count % 2 && !dd_is_value(set, ranges->node, &value);
}

/* The nodes between it, one after the other, from the highest down. */
static dd
insert(struct dd_set *set, unsigned word, const struct dd_range *ranges,
       size_t count)
{
	dd result = ranges->node;

	for (size_t i = count - 1; i-- > 0; i--) {
		dd below = dd_less(set, word, ranges[i].first);
		dd to = dd_less(set, word, ranges[i + 1].first);

		result = dd_apply(set, DD_ITE,
				  dd_apply(set, DD_ITE, below, DD_FALSE, to),
				  ranges[i].node, result);
	}
	return result;
}

/* Cells with nodes that look at whatever words. */
static dd
combine(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	size_t count)
{
	return alternates(set, ranges, count) ? insert(set, word, ranges, count)
					      : halve(set, word, ranges, count);
}

static struct dd_node
first_test(struct dd_set *set, const struct dd_range *ranges, size_t count)
{
	struct dd_node first = { DD_VALUE_RANK, 0, 0, 0 };

	for (size_t i = 0; i < count; i++) {
		const struct dd_node *n = dd_node_at(set, ranges[i].node);

		dd_step(set);
		if (n->rank < first.rank ||
		    (n->rank == first.rank && n->at < first.at))
			first = *n;
	}
	return first;
}

/* Cells whose nodes look at the word itself, which has no fields. */
static dd
splice(struct dd_set *set, unsigned word, const struct dd_range *ranges,
       size_t count)
{
	dd_range_list *list = &set->room[2];
	uint32_t rank = dd_rank_of(word);

	list->n = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t first = ranges[i].first;
		dd node = ranges[i].node;
		const struct dd_node *n = dd_node_at(set, node);

		for (; n->rank == rank; n = dd_node_at(set, node)) {
			dd_step(set);
			if (n->at > first) {
				/* The last one can stay as it is. */
				if (i + 1 == count)
					break;
				*vec_push(&set->arena, list) =
					(struct dd_range){ first, n->below };
				first = n->at;
			}
			if (i + 1 < count && first >= ranges[i + 1].first)
				break;
			node = n->above;
		}
		if (i + 1 == count || first < ranges[i + 1].first)
			*vec_push(&set->arena, list) =
				(struct dd_range){ first, node };
	}
	return dd_ranges(set, word, list->v, list->n);
}

static dd
uncut_cells(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	    size_t count)
{
	uint32_t first = first_test(set, ranges, count).rank;
	uint32_t rank = dd_rank_of(word);

	if (first > rank)
		return dd_ranges(set, word, ranges, count);
	return first == rank ? splice(set, word, ranges, count)
			     : combine(set, word, ranges, count);
}

/* A copy of ranges in one of the set's rooms. */
static struct dd_range *
copy(struct dd_set *set, int room, const struct dd_range *ranges, size_t count)
{
	dd_range_list *list = &set->room[room];

	list->n = 0;
	for (size_t i = 0; i < count; i++)
		*vec_push(&set->arena, list) = ranges[i];
	return list->v;
}

/* Cells of a word, cut by the thresholds of an earlier one, such as the few of
 * arch.  False if they are more. */
static bool
cut_cells(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	  size_t count, struct dd_node test, dd *result)
{
	struct dd_range *rest = copy(set, 0, ranges, count);
	struct dd_range *below = copy(set, 1, ranges, count);
	struct dd_range cuts[MAX_CUTS];
	uint32_t rank = test.rank, first = 0;

	for (size_t n = 0; n < MAX_CUTS; n++) {
		struct dd_range *cell = test.rank == rank ? below : rest;
		dd node;

		for (size_t i = 0; i < count && cell == below; i++) {
			below[i].node = dd_below(set, rest[i].node, &test);
			rest[i].node = dd_above(set, rest[i].node, &test);
		}
		node = uncut_cells(set, word, cell, count);
		cuts[n] = (struct dd_range){ first, node };
		if (cell == rest) {
			*result = dd_ranges(set, dd_field_of(set, rank).word,
					    cuts, n + 1);
			return true;
		}
		first = test.at;
		test = first_test(set, rest, count);
	}
	return false;
}

dd
dd_cells(struct dd_set *set, unsigned word, const struct dd_range *ranges,
	 size_t count)
{
	struct dd_node test = first_test(set, ranges, count);
	dd result;

	if (dd_has_bits(set, word))
		return combine(set, word, ranges, count);
	if (test.rank >= dd_rank_of(word))
		return uncut_cells(set, word, ranges, count);
	if (!dd_has_bits(set, dd_field_of(set, test.rank).word) &&
	    cut_cells(set, word, ranges, count, test, &result))
		return result;
	return combine(set, word, ranges, count);
}

/* The bits of a mask or a value in a field. */
static uint32_t
part_of(const struct dd_field *f, uint32_t k)
{
	return k >> f->low & dd_field_max(f);
}

/* The next field above, from the lowest on; false past the top. */
static bool
next_field(const struct dd_set *set, struct dd_field *f)
{
	unsigned end = f->low + f->width;

	if (end < 32)
		*f = dd_field_with(set, f->word, end);
	return end < 32;
}

/* Bits of a field above the lowest one of mask, not 0, that mask leaves open:
 * each doubles the blocks in which the masked value is one. */
static uint32_t
open_bits(const struct dd_field *f, uint32_t mask)
{
	return dd_field_max(f) & ~mask & -mask;
}

static bool
has_few_blocks(const struct dd_field *f, uint32_t mask)
{
	uint32_t open = mask ? open_bits(f, mask) : 0;

	return !open || __builtin_popcount(open) <= MAX_OPEN;
}

/* Whether a mask has no holes, in a field or a word. */
static bool
is_solid(uint32_t mask)
{
	return ((mask + (mask & -mask)) & mask) == 0;
}

/* A function of a field that is made from its largest values down. */
struct column {
	struct dd_set *set;
	uint32_t rank;
	bool begun;
	dd node;
};

/* Puts node below all that is there, which begins at a value. */
static void
put_below(struct column *c, uint64_t begins, dd node)
{
	struct dd_node n = { c->rank, (uint32_t)begins, node, c->node };

	c->node = c->begun ? dd_make(c->set, &n) : node;
	c->begun = true;
}

/* (field & mask) == k ? yes : no; 0 < mask */
static dd
field_equals(struct dd_set *set, const struct dd_field *f, uint32_t mask,
	     uint32_t k, dd yes, dd no)
{
	struct column c = { .set = set, .rank = dd_field_rank(set, f) };
	uint32_t length = mask & -mask, open = open_bits(f, mask);
	uint32_t block = open;
	/* Of the block above; there is always something in between. */
	uint64_t first = (uint64_t)dd_field_max(f) + 1;

	for (;; block = (block - 1) & open) {
		uint64_t end = (uint64_t)(k | block) + length;

		if (end < first)
			put_below(&c, first, no);
		put_below(&c, end, yes);
		first = k | block;
		if (!block)
			break;
	}
	if (first)
		put_below(&c, first, no);
	return c.node;
}

/*
 * What (field & mask) is, held against k: below it, equal or above.  mask has
 * no holes; where it has bits above it, all repeats.
 */
static dd
field_order(struct dd_set *set, const struct dd_field *f, uint32_t mask,
	    uint32_t k, dd below, dd equal, dd above)
{
	struct column c = { .set = set, .rank = dd_field_rank(set, f) };
	uint32_t unit = mask & -mask, open, block;
	uint64_t size = (uint64_t)mask + unit, first = k, end = first + unit;

	if (!mask)
		return k ? below : equal;
	if (k > mask)
		return below;
	/* Then it is equal nowhere. */
	if (k & ~mask)
		first = end = (k | (unit - 1)) + UINT64_C(1);
	open = open_bits(f, mask);
	for (block = open;; block = (block - 1) & open) {
		if (end < size)
			put_below(&c, block + size, above);
		if (first < end)
			put_below(&c, block + end, equal);
		if (first)
			put_below(&c, block + first, below);
		if (!block)
			return c.node;
	}
}

bool
dd_takes_mask(const struct dd_set *set, unsigned word, uint32_t mask)
{
	struct dd_field f;

	/* All of a field leaves nothing open. */
	if (mask == UINT32_MAX)
		return true;
	/* Who asks for whole bits does so to see the masks again. */
	if (set->whole_bits && mask && !is_solid(mask))
		return dd_has_bits(set, word);
	f = dd_field_with(set, word, 0);
	do
		if (!has_few_blocks(&f, part_of(&f, mask)))
			return false;
	while (next_field(set, &f));
	return true;
}

void
dd_plan_mask(struct dd_set *set, unsigned word, uint32_t mask)
{
	if (!dd_takes_mask(set, word, mask))
		dd_plan_cuts(set, word, dd_mask_cuts(mask));
}

dd
dd_equals(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	struct dd_field f;
	dd result = DD_TRUE;

	if (k & ~mask)
		return DD_FALSE;
	if (!dd_takes_mask(set, word, mask))
		dd_need_cuts(set, word, dd_mask_cuts(mask));
	f = dd_field_with(set, word, 0);
	do {
		uint32_t part = part_of(&f, mask);

		if (part)
			result = field_equals(set, &f, part, part_of(&f, k),
					      result, DD_FALSE);
	} while (next_field(set, &f));
	return result;
}

/* Whether field_order() knows a mask in all fields. */
static bool
takes_order(const struct dd_set *set, unsigned word, uint32_t mask)
{
	struct dd_field f;

	if (mask == UINT32_MAX)
		return true;
	f = dd_field_with(set, word, 0);
	do
		if (!is_solid(part_of(&f, mask)))
			return false;
	while (next_field(set, &f));
	return dd_takes_mask(set, word, mask);
}

/* The same for a word: below and above have no field to look at. */
static dd
order(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k, dd below,
      dd equal, dd above)
{
	struct dd_field f;
	dd result = equal;

	if (!takes_order(set, word, mask))
		dd_need_cuts(set, word, dd_mask_cuts(mask));
	f = dd_field_with(set, word, 0);
	/* What higher fields say weighs more. */
	do
		result = field_order(set, &f, part_of(&f, mask), part_of(&f, k),
				     below, result, above);
	while (next_field(set, &f));
	return result;
}

dd
dd_reaches(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	return order(set, word, mask, k, DD_FALSE, DD_TRUE, DD_TRUE);
}

dd
dd_less(struct dd_set *set, unsigned word, uint32_t k)
{
	return order(set, word, UINT32_MAX, k, DD_TRUE, DD_FALSE, DD_FALSE);
}

dd
dd_at(struct dd_set *set, dd a, unsigned word, uint32_t value)
{
	return dd_apply(set, DD_WITH, a,
			dd_equals(set, word, UINT32_MAX, value), DD_FALSE);
}
