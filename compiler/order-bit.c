#include "order.h"

/* A part of the numbers with the bit, and what it may lead to. */
struct piece {
	uint32_t first, last;
	uint32_t own;	 /* its decision */
	uint32_t shared; /* the tree that decides so without the bit, or own */
};

/* The tree below the branch that decides on a range without the bit. */
static uint32_t
find_shared(struct dispatch *d, const struct search *s, uint32_t range,
	    uint32_t own)
{
	if (s->ranges[range].decision != own)
		return own;
	for (size_t i = 0; i < s->side_count; i++) {
		const struct search_side *side = &s->sides[i];

		if (range >= side->first && range <= side->last)
			return search_is_hole(s, side->holes, range)
				       ? own
				       : graph_and(d->graph, WORD_NUMBER,
						   d->number_bit - 1,
						   side->node);
	}
	return own;
}

/* Cuts the numbers with the bit where either decision can change. */
static size_t
find_pieces(struct dispatch *d, const struct search *s, struct piece **out)
{
	/* The last one stands for the branch itself. */
	size_t plain_count = d->plain.count - 1, j = 0;
	VEC(struct piece) pieces = { 0 };

	for (size_t i = 0; i < d->bit.count; i++) {
		uint32_t at = d->bit.ranges[i].first, last;

		for (;; at = last + 1) {
			uint32_t own = d->bit.ranges[i].decision, shared = own;

			last = d->bit.ranges[i].last;
			while (j < plain_count &&
			       d->plain.ranges[j].last < at - d->number_bit)
				j++;
			if (j < plain_count) {
				if (d->plain.ranges[j].last <
				    last - d->number_bit)
					last = d->plain.ranges[j].last +
					       d->number_bit;
				shared = find_shared(d, s, (uint32_t)j, own);
			}
			*vec_push(d->arena, &pieces) =
				(struct piece){ at, last, own, shared };
			if (last == d->bit.ranges[i].last)
				break;
		}
	}
	*out = pieces.v;
	return pieces.n;
}

static bool
may_lead_to(const struct piece *piece, uint32_t node)
{
	return node == piece->own || node == piece->shared;
}

/*
 * Joins pieces to as few ranges as can be: each goes on as long as one node
 * does for all of it, the shared one if both do.
 */
static size_t
join_pieces(struct dispatch *d, const struct piece *pieces, size_t count,
	    struct range **out)
{
	VEC(struct range) ranges = { 0 };

	for (size_t i = 0; i < count;) {
		bool shared = true, own = true;
		size_t j = i;
		uint32_t node = 0;

		for (; j < count; j++) {
			bool also_shared =
				shared &&
				may_lead_to(&pieces[j], pieces[i].shared);
			bool also_own =
				own && may_lead_to(&pieces[j], pieces[i].own);

			if (!also_shared && !also_own)
				break;
			shared = also_shared;
			own = also_own;
		}
		node = shared ? pieces[i].shared : pieces[i].own;
		*vec_push(d->arena, &ranges) =
			(struct range){ pieces[i].first, pieces[j - 1].last,
					node };
		i = j;
	}
	*out = ranges.v;
	return ranges.n;
}

/* The weights of ranges that are joined from others. */
static uint64_t *
join_weights(struct dispatch *d, const struct range *ranges, size_t count)
{
	uint64_t *weights = arena_alloc(d->arena, count * sizeof(*weights));
	size_t j = 0;

	for (size_t i = 0; i < d->bit.count; i++) {
		while (ranges[j].last < d->bit.ranges[i].first)
			j++;
		weights[j] += d->bit.weights[i];
	}
	return weights;
}

/* Makes the branch of the numbers with the bit. */
uint32_t
build_bit(void *context, struct search *search)
{
	struct dispatch *d = context;
	struct search_goal goal = d->goal;
	struct piece *pieces;
	struct range *ranges;
	size_t count = find_pieces(d, search, &pieces);

	count = join_pieces(d, pieces, count, &ranges);
	/* Its paths go on in the tree without the bit. */
	if (!goal.thorough)
		goal.evened = ALL_EVEN;
	return search_weighted(d->graph, WORD_NUMBER, ranges,
			       join_weights(d, ranges, count), count, &goal,
			       NULL);
}
