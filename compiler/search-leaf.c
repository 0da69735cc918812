#include "search.h"

#include <string.h>

/*
 * Chains: what ends most paths.  All ranges of a part but a few lead to one
 * node, its base; of the others those of one value are taken out by a JEQ
 * each, and those that all lead to one node by a single JSET if
 *
 *	(x & mask) == 0
 *
 * holds for them and for no other value that can still occur.  The widest
 * such mask has all bits that none of these values has.
 */
enum { MAX_VALUES = 256 }; /* that one JSET takes out */

struct others {
	uint32_t range[SEARCH_OTHERS];
	unsigned count;
	bool singles;  /* each has one value */
	bool one_node; /* all lead to the same */
};

/* The ranges that do not lead to base; false if they are too many. */
static bool
find_others(const struct search *s, const struct search_part *part,
	    uint32_t base, struct others *others)
{
	others->count = 0;
	others->singles = others->one_node = true;
	for (uint32_t i = part->first; i <= part->last; i++) {
		const struct range *range = &s->ranges[i];

		if (range->decision == base ||
		    (part->holes && search_is_hole(s, part->holes, i)))
			continue;
		if (others->count == s->others)
			return false;
		if (others->count &&
		    s->ranges[others->range[0]].decision != range->decision)
			others->one_node = false;
		others->singles &= search_is_single(range);
		others->range[others->count++] = i;
	}
	return true;
}

uint32_t
search_bits(const struct range *range)
{
	uint32_t differ = range->first ^ range->last;

	if (!differ)
		return range->first;
	return range->last |
	       ((UINT32_C(2) << (31 - __builtin_clz(differ))) - 1);
}

/* Values of first..last that have no bits but these; at most limit + 1. */
static size_t
count_subsets(uint32_t bits, uint32_t first, uint32_t last, size_t limit)
{
	size_t count = 0;
	uint32_t x;

	if (!word_next_match(first, ~bits, 0, &x))
		return 0;
	while (x <= last && count <= limit) {
		count++;
		if (x == bits)
			break;
		x = ((x | ~bits) + 1) & bits;
	}
	return count;
}

/* How many holes have no bits but these. */
static size_t
count_holes(const struct search *s, const struct search_part *part,
	    uint32_t bits)
{
	size_t count = 0;

	for (uint64_t left = part->holes; left; left &= left - 1)
		count += !(s->ranges[s->heavy[__builtin_ctzll(left)]].first &
			   ~bits);
	return count;
}

/* The bits that some value of a group has. */
static uint32_t
group_bits(const struct search *s, const struct others *others, unsigned group)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < others->count; i++)
		if (group >> i & 1)
			bits |= search_bits(&s->ranges[others->range[i]]);
	return bits;
}

/* Whether no value of the base has only such bits, as far as counting tells:
 * the table has chains of which it does not. */
static bool
is_apart(const struct search *s, const struct search_part *part,
	 const struct others *others, unsigned group, uint32_t bits)
{
	uint32_t first = s->ranges[part->first].first;
	uint32_t last = s->ranges[part->last].last;
	size_t count = count_holes(s, part, bits);

	for (unsigned i = 0; i < others->count; i++) {
		const struct range *range = &s->ranges[others->range[i]];

		/* A value outside of the group is tested before. */
		if (!(group >> i & 1)) {
			count += !(range->first & ~bits);
			continue;
		}
		if (range->last - range->first >= MAX_VALUES)
			return false;
		count += range->last - range->first + 1;
	}
	return count_subsets(bits, first, last, count) == count;
}

/* The mask whose JSET takes out what has only some bits. */
static uint32_t
jset_mask(const struct search *s, const struct search_part *part, uint32_t bits)
{
	uint32_t differ =
		s->ranges[part->first].first ^ s->ranges[part->last].last;

	if (!differ)
		return 0;
	return ~bits & ((UINT32_C(2) << (31 - __builtin_clz(differ))) - 1);
}

static void
add_step(struct search_chain *chain, size_t from,
	 const struct search_step *step)
{
	size_t i = chain->count++;

	for (; i > from && chain->steps[i - 1].weight < step->weight; i--)
		chain->steps[i] = chain->steps[i - 1];
	chain->steps[i] = *step;
}

/*
 * The heaviest first; but a value that a JSET would take out with others
 * though it leads elsewhere comes before it.
 */
static void
order_steps(const struct search *s, const struct others *others, unsigned group,
	    struct search_chain *chain)
{
	struct search_step set = { .is_set = true };
	size_t from = 0;

	chain->count = 0;
	for (unsigned i = 0; i < others->count; i++) {
		uint32_t range = others->range[i];
		struct search_step step = { s->weights[range], range, false };

		if (group >> i & 1) {
			set.weight += step.weight;
			set.range = range;
			continue;
		}
		if (group && !(s->ranges[range].first & chain->mask))
			from = chain->count + 1;
		add_step(chain, 0, &step);
	}
	if (group)
		add_step(chain, from, &set);
}

/* What is tried for a part. */
struct attempt {
	const struct search *s;
	const struct search_part *part;
	struct search_way *way;
	uint64_t weight, leaves; /* of the part */
	uint32_t base;
	struct others others;
};

/* Returns false if there is no such chain. */
static bool
try_chain(const struct attempt *a, unsigned group)
{
	const struct search *s = a->s;
	struct search_chain chain = { .count = 0 };
	unsigned longest;
	uint64_t cost = a->leaves, left = a->weight;

	if (group) {
		uint32_t bits = group_bits(s, &a->others, group);

		chain.mask = jset_mask(s, a->part, bits);
		if (!chain.mask ||
		    !is_apart(s, a->part, &a->others, group, bits))
			return false;
	}
	order_steps(s, &a->others, group, &chain);
	longest = (unsigned)chain.count + s->leaf_path[a->base];
	for (unsigned i = 0; i < chain.count; i++) {
		unsigned path = i + 1 + s->leaf_path[chain.steps[i].range];

		if (path > longest)
			longest = path;
		cost += left + s->goal.size;
		left -= chain.steps[i].weight;
	}
	if (cost > a->way->cost ||
	    (cost == a->way->cost && longest >= a->way->longest))
		return true;
	search_take(a->way, cost, longest, SEARCH_CHAIN, a->base);
	a->way->group = (uint8_t)group;
	return true;
}

/* Chains with one base: by JEQ alone, with a JSET, with both. */
static void
try_base(struct attempt *a)
{
	const struct search *s = a->s;
	struct others *others = &a->others;
	unsigned all;

	if (!find_others(s, a->part, s->ranges[a->base].decision, others))
		return;
	all = (1u << others->count) - 1;
	if (others->singles)
		try_chain(a, 0);
	if (!others->one_node || others->count < 2)
		return;
	if (try_chain(a, all) || others->count == 2)
		return;
	for (unsigned i = 0; i < others->count; i++) {
		bool at_end = !i || i == others->count - 1;

		if ((at_end || s->goal.thorough) &&
		    search_is_single(&s->ranges[others->range[i]]))
			try_chain(a, all & ~(1u << i));
	}
}

void
search_try_chains(const struct search *s, const struct search_part *part,
		  struct search_way *way)
{
	struct attempt a = { .s = s, .part = part, .way = way };
	unsigned holes = (unsigned)__builtin_popcountll(part->holes);
	uint32_t tried[3];
	unsigned count = 0;

	if (part->last - part->first > 2 * (s->others + holes))
		return;
	a.weight = search_weight(s, part);
	a.leaves = search_leaves(s, part);
	/* No chain has less than one test. */
	if (way->cost <= a.leaves + a.weight + s->goal.size)
		return;
	/* Of three neighbours one is the base, or few chains are good. */
	for (a.base = part->first; a.base <= part->last && count < 3;
	     a.base++) {
		bool again = search_is_hole(s, part->holes, a.base);

		for (unsigned j = 0; j < count; j++)
			again |= s->ranges[tried[j]].decision ==
				 s->ranges[a.base].decision;
		if (again)
			continue;
		tried[count++] = a.base;
		try_base(&a);
	}
}

void
search_chain(const struct search *s, const struct search_part *part,
	     const struct search_way *way, struct search_chain *chain)
{
	struct others others;

	memset(chain, 0, sizeof(*chain));
	find_others(s, part, s->ranges[way->at].decision, &others);
	if (way->group)
		chain->mask =
			jset_mask(s, part, group_bits(s, &others, way->group));
	order_steps(s, &others, way->group, chain);
}
