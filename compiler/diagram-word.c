#include "prove.h"

/*
 * Tests on a whole word: as thresholds where its bits do not matter, else bit
 * by bit.
 */

/* A masked word is cut at thresholds up to this many blocks. */
enum { MAX_BLOCKS = 64 };

/* A bit above others of the same word, and what is where it is clear and
 * where it is set. */
static dd
choose(struct dd_set *set, unsigned word, unsigned bit, dd clear, dd set_)
{
	if (!set->interleaved)
		return dd_on_bit(set, word, bit, clear, set_);
	return dd_apply(set, DD_ITE, dd_bit(set, word, bit), set_, clear);
}

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

/* The blocks of equal length that a mask without holes repeats in. */
struct blocks {
	unsigned low, high; /* the mask is of bits low to high - 1 */
	uint32_t count;
};

/* False if it has holes, or far too many blocks. */
static bool
find_blocks(uint32_t mask, struct blocks *blocks)
{
	unsigned low = (unsigned)__builtin_ctz(mask);
	unsigned high = 32 - (unsigned)__builtin_clz(mask);
	uint64_t whole = (UINT64_C(1) << high) - (UINT64_C(1) << low);

	*blocks = (struct blocks){ low, high, 0 };
	if (mask != whole || 32 - high > 6)
		return false;
	blocks->count = 1u << (32 - high);
	return true;
}

/* In every block: from first on, up to last, the answer is true. */
static dd
repeat(struct dd_set *set, unsigned word, const struct blocks *blocks,
       uint32_t first, uint32_t last)
{
	struct dd_range ranges[2 * MAX_BLOCKS + 1] = { { 0, DD_FALSE } };
	size_t n = 1;

	for (uint32_t i = 0; i < blocks->count; i++) {
		uint64_t base = (uint64_t)i << blocks->high;

		if (base + first == 0)
			n = 0;
		else if (ranges[n - 1].first == base + first)
			n--;
		ranges[n++] =
			(struct dd_range){ (uint32_t)base + first, DD_TRUE };
		if (base + last < UINT32_MAX)
			ranges[n++] =
				(struct dd_range){ (uint32_t)(base + last) + 1,
						   DD_FALSE };
	}
	return dd_ranges(set, word, ranges, n);
}

static dd
equals_by_bits(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	dd result = DD_TRUE;

	for (unsigned i = 0; i < 32; i++)
		if (mask >> i & 1)
			result = choose(set, word, i,
					k >> i & 1 ? DD_FALSE : result,
					k >> i & 1 ? result : DD_FALSE);
	return result;
}

/* From the lowest bit on: what higher bits say weighs more. */
static dd
reaches_by_bits(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	dd result = DD_TRUE;

	for (unsigned i = 0; i < 32; i++) {
		bool wanted = k >> i & 1;

		if (mask >> i & 1)
			result =
				choose(set, word, i, wanted ? DD_FALSE : result,
				       wanted ? result : DD_TRUE);
		else if (wanted)
			result = DD_FALSE;
	}
	return result;
}

bool
dd_takes_mask(const struct dd_set *set, unsigned word, uint32_t mask)
{
	struct blocks blocks;

	return !mask || dd_has_bits(set, word) || find_blocks(mask, &blocks);
}

dd
dd_equals(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	struct blocks blocks = { 0 };

	if (k & ~mask)
		return DD_FALSE;
	if (!mask)
		return DD_TRUE;
	if (!dd_has_bits(set, word) && !find_blocks(mask, &blocks))
		dd_need_bits(set, word);
	if (dd_has_bits(set, word))
		return equals_by_bits(set, word, mask, k);
	return repeat(set, word, &blocks, k, k + (1u << blocks.low) - 1);
}

dd
dd_reaches(struct dd_set *set, unsigned word, uint32_t mask, uint32_t k)
{
	struct blocks blocks = { 0 };
	uint64_t unit;

	if (!k || k > mask)
		return k ? DD_FALSE : DD_TRUE;
	if (!dd_has_bits(set, word) && !find_blocks(mask, &blocks))
		dd_need_bits(set, word);
	if (dd_has_bits(set, word))
		return reaches_by_bits(set, word, mask, k);
	unit = UINT64_C(1) << blocks.low;
	return repeat(set, word, &blocks,
		      (uint32_t)((k + unit - 1) / unit * unit),
		      (uint32_t)((UINT64_C(1) << blocks.high) - 1));
}

dd
dd_less(struct dd_set *set, unsigned word, uint32_t k)
{
	if (!k)
		return DD_FALSE;
	if (dd_has_bits(set, word))
		return dd_not(set, reaches_by_bits(set, word, UINT32_MAX, k));
	return dd_threshold(set, word, k, DD_TRUE, DD_FALSE);
}

dd
dd_at(struct dd_set *set, dd a, unsigned word, uint32_t value)
{
	return dd_apply(set, DD_WITH, a,
			dd_equals(set, word, UINT32_MAX, value), DD_FALSE);
}
