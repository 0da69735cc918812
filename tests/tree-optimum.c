/*
 * A test tells a set of ranges apart in two, so the best tree is found over
 * sets of ranges, of which there are 2^n.  No test splits a range, as none of
 * search.c's does.
 *
 * A JSET takes out the ranges M with (x & mask) == 0, of which the widest mask
 * has all bits that no value of M has; it tells M apart from ranges of which
 * no value matches that mask, so all pairs of a set and a subset are tried.
 */
#include "tree-optimum.h"

#include <stdlib.h>

enum { SETS = 1 << TREE_OPTIMUM_MAX, MAX_DEPTH = 16 };

struct optimum {
	const struct range *ranges;
	const uint64_t *weights;
	size_t n;
	uint64_t size;
	unsigned depth;
	uint32_t meets[SETS]; /* ranges with a value that M's mask lets by */
	uint64_t best[MAX_DEPTH + 1][SETS];
};

/* The bits that some value of a range has, bit by bit. */
static uint32_t
bits_of(const struct range *range)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < 32; i++) {
		uint64_t block = UINT64_C(1) << i;
		/* The first value from range->first on that has the bit. */
		uint64_t with = range->first & block
					? range->first
					: (range->first / block + 1) * block;

		if (with <= range->last)
			bits |= (uint32_t)block;
	}
	return bits;
}

/* Whether some value of a range has no bit of a mask. */
static bool
has_value_without(const struct range *range, uint32_t mask)
{
	uint64_t x = range->first;

	while (x <= range->last) {
		uint64_t block = 0;

		for (unsigned i = 0; i < 32; i++)
			if (x & mask & UINT64_C(1) << i)
				block = UINT64_C(1) << i;
		if (!block)
			return true;
		x = (x / block + 1) * block;
	}
	return false;
}

static void
find_masks(struct optimum *o)
{
	for (uint32_t m = 1; m < 1u << o->n; m++) {
		uint32_t bits = 0;

		o->meets[m] = 0;
		for (size_t i = 0; i < o->n; i++)
			if (m >> i & 1)
				bits |= bits_of(&o->ranges[i]);
		for (size_t i = 0; i < o->n; i++)
			if (has_value_without(&o->ranges[i], ~bits))
				o->meets[m] |= 1u << i;
	}
}

static bool
is_alike(const struct optimum *o, uint32_t set)
{
	uint32_t node = o->ranges[__builtin_ctz(set)].decision;

	for (size_t i = 0; i < o->n; i++)
		if (set >> i & 1 && o->ranges[i].decision != node)
			return false;
	return true;
}

static void
try_test(struct optimum *o, uint32_t set, uint32_t yes, uint64_t cost)
{
	uint32_t no = set & ~yes;

	if (!yes || !no)
		return;
	for (unsigned d = 1; d <= o->depth; d++) {
		uint64_t a = o->best[d - 1][yes], b = o->best[d - 1][no];

		if (a != UINT64_MAX && b != UINT64_MAX &&
		    cost + a + b < o->best[d][set])
			o->best[d][set] = cost + a + b;
	}
}

static void
solve_set(struct optimum *o, uint32_t set)
{
	uint64_t cost = o->size;
	bool alike = is_alike(o, set);

	for (unsigned d = 0; d <= o->depth; d++)
		o->best[d][set] = alike ? 0 : UINT64_MAX;
	if (alike)
		return;
	for (size_t i = 0; i < o->n; i++)
		cost += set >> i & 1 ? o->weights[i] : 0;
	for (size_t i = 0; i < o->n; i++) {
		try_test(o, set, set & ((1u << i) - 1), cost);
		if (o->ranges[i].first == o->ranges[i].last)
			try_test(o, set, set & 1u << i, cost);
	}
	for (uint32_t m = (set - 1) & set; m; m = (m - 1) & set)
		if ((o->meets[m] & set) == m)
			try_test(o, set, m, cost);
}

uint64_t
tree_optimum(const struct range *ranges, const uint64_t *weights, size_t n,
	     uint64_t size, unsigned depth)
{
	struct optimum *o = calloc(1, sizeof(*o));
	uint64_t best;

	if (!o || n > TREE_OPTIMUM_MAX || depth > MAX_DEPTH)
		abort();
	o->ranges = ranges;
	o->weights = weights;
	o->n = n;
	o->size = size;
	o->depth = depth;
	find_masks(o);
	for (uint32_t set = 1; set < 1u << n; set++)
		solve_set(o, set);
	best = o->best[depth][(1u << n) - 1];
	free(o);
	return best;
}

uint64_t
tree_optimum_jge(const struct range *ranges, const uint64_t *weights, size_t n,
		 uint64_t size)
{
	uint64_t *best = calloc(n * n, sizeof(*best)), result;

	if (!best)
		abort();
	/* best[i * n + j]: of ranges i to j. */
	for (size_t i = n; i-- > 0;) {
		uint64_t cost = size + weights[i];
		bool alike = true;

		for (size_t j = i + 1; j < n; j++) {
			uint64_t least = UINT64_MAX;

			cost += weights[j];
			alike &= ranges[j].decision == ranges[i].decision;
			for (size_t k = i; k < j && !alike; k++) {
				uint64_t sum =
					best[i * n + k] + best[(k + 1) * n + j];

				if (sum < least)
					least = sum;
			}
			best[i * n + j] = alike ? 0 : cost + least;
		}
	}
	result = best[n - 1];
	free(best);
	return result;
}

uint64_t
tree_balanced_jge(const struct range *ranges, const uint64_t *weights, size_t n,
		  uint64_t size)
{
	uint64_t cost = size;
	bool alike = true;

	for (size_t i = 0; i < n; i++) {
		cost += weights[i];
		alike &= ranges[i].decision == ranges[0].decision;
	}
	if (alike)
		return 0;
	return cost + tree_balanced_jge(ranges, weights, n / 2, size) +
	       tree_balanced_jge(ranges + n / 2, weights + n / 2, n - n / 2,
				 size);
}
