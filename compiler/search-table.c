#include "search.h"

/*
 * The table of all parts without holes: first its chains, then its splits.
 *
 * Chains are short, so narrow parts alone have some.  For each first range
 * and each base those of all last ranges are found in one walk.
 *
 * Splits go from the narrowest part up.  The best one of a part lies, nearly
 * always, between those of the parts that are one range shorter (as in Knuth:
 * Optimum binary search trees, Acta Informatica 1, 1971, for trees without
 * chains), so few boundaries are tried for each.
 */
enum {
	SLACK = 2, /* boundaries tried on either side of that */
};

/* Some of the ranges that lead away from a base, for a JSET. */
struct pattern {
	uint32_t bits; /* that some value of them has */
	bool holds;    /* no value of the base has only such bits */
};

/* Which of them a pattern leaves to a JEQ. */
enum { ALL, BUT_FIRST, BUT_LAST, PATTERNS };

/* Chains of parts that start at `first` and have one base. */
struct walk {
	struct search *s;
	uint32_t first, base; /* ranges */
	uint32_t node;	      /* of the base */
	/* The ranges that lead elsewhere, in the order of numbers. */
	uint32_t others[SEARCH_OTHERS];
	unsigned count;
	uint64_t weight; /* of all of them */
	unsigned path;	 /* the longest of the leaves, the base's too */
	bool singles;	 /* each has one value */
	bool one_node;	 /* all lead to the same */
	/* By JEQ, the heaviest first: weight times tests not taken. */
	uint64_t spared;
	struct pattern patterns[PATTERNS];
};

/* The ranges of the widest part that may be a chain. */
static uint32_t
narrow(const struct search *s)
{
	uint32_t widest = 2 * s->others + 1;

	return widest < s->widest ? widest : (uint32_t)s->widest;
}

static unsigned
larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static struct search_way *
way_of(struct search *s, uint32_t first, uint32_t last)
{
	struct search_way *way = search_cell(s, first, last);

	/* No path is of length 0. */
	if (!way->longest)
		way->cost = UINT64_MAX;
	return way;
}

static void
take_chain(struct search_way *way, uint64_t cost, unsigned longest,
	   uint32_t base, unsigned group)
{
	uint64_t before = way->cost;
	unsigned longest_before = way->longest;

	search_take(way, cost, longest, SEARCH_CHAIN, base);
	if (way->cost != before || way->longest != longest_before)
		way->group = (uint8_t)group;
}

static bool
is_single(const struct range *range)
{
	return range->first == range->last;
}

/* Whether a value of the base, in ranges before end, has only some bits. */
static bool
base_matches(const struct walk *w, uint32_t from, uint32_t end, uint32_t bits)
{
	for (uint32_t i = from; i < end; i++) {
		const struct range *range = &w->s->ranges[i];
		uint32_t x;

		if (range->decision == w->node &&
		    word_next_match(range->first, ~bits, 0, &x) &&
		    x <= range->last)
			return true;
	}
	return false;
}

static void
widen(const struct walk *w, struct pattern *pattern, uint32_t range,
      const struct pattern *by)
{
	uint32_t bits = by->bits | search_bits(&w->s->ranges[range]);

	pattern->holds = by->holds && !base_matches(w, w->first, range, bits);
	pattern->bits = bits;
}

/* What JEQ one after the other comes to. */
static void
line_up(struct walk *w)
{
	const struct search *s = w->s;
	uint32_t order[SEARCH_OTHERS];

	w->spared = 0;
	for (unsigned i = 0; i < w->count; i++) {
		uint32_t range = w->others[i];
		unsigned at = i;

		for (; at && s->weights[order[at - 1]] < s->weights[range];
		     at--)
			order[at] = order[at - 1];
		order[at] = range;
	}
	for (unsigned i = 0; i < w->count; i++)
		w->spared += (w->count - 1 - i) * s->weights[order[i]];
}

/* Takes a range that leads away from the base; false if it is one too many. */
static bool
add_other(struct walk *w, uint32_t range)
{
	const struct range *r = &w->s->ranges[range];

	if (w->count == w->s->others)
		return false;
	if (w->count)
		w->one_node &= r->decision ==
			       w->s->ranges[w->others[0]].decision;
	w->others[w->count++] = range;
	w->weight += w->s->weights[range];
	w->path = larger(w->path, w->s->leaf_path[range]);
	w->singles &= is_single(r);
	w->patterns[BUT_LAST] = w->patterns[ALL];
	widen(w, &w->patterns[ALL], range, &w->patterns[ALL]);
	if (w->count > 1)
		widen(w, &w->patterns[BUT_FIRST], range,
		      &w->patterns[BUT_FIRST]);
	line_up(w);
	return true;
}

static void
add_base(struct walk *w, uint32_t range)
{
	for (int i = 0; i < PATTERNS; i++)
		w->patterns[i].holds = w->patterns[i].holds &&
				       !base_matches(w, range, range + 1,
						     w->patterns[i].bits);
}

/* A JSET on a pattern and a JEQ on the other one. */
static void
take_both(struct walk *w, struct search_way *way, uint64_t weight,
	  uint64_t leaves, int index)
{
	const struct search *s = w->s;
	const struct pattern *pattern = &w->patterns[index];
	unsigned other = index == BUT_FIRST ? 0 : w->count - 1;
	uint32_t single = w->others[other];
	uint64_t by_jeq = s->weights[single];
	uint64_t by_jset = w->weight - by_jeq;
	/* The JEQ comes first if the JSET would take its value too. */
	bool jeq_first = by_jeq >= by_jset ||
			 !(s->ranges[single].first & ~pattern->bits);

	if (!is_single(&s->ranges[single]))
		return;
	take_chain(way,
		   leaves + 2 * (weight + s->goal.size) -
			   (jeq_first ? by_jeq : by_jset),
		   2 + w->path, w->base, ((1u << w->count) - 1) & ~(1u << other));
}

/* The chains of the part that ends at a range. */
static void
take_chains(struct walk *w, uint32_t last)
{
	struct search *s = w->s;
	const struct search_part part = { w->first, last, 0 };
	struct search_way *way = way_of(s, w->first, last);
	uint64_t weight = search_weight(s, &part);
	uint64_t leaves = search_leaves(s, &part);

	if (!w->count)
		return;
	if (w->singles)
		take_chain(way,
			   leaves + w->count * (weight + s->goal.size) -
				   w->spared,
			   w->count + w->path, w->base, 0);
	if (!w->one_node || w->count < 2)
		return;
	if (w->patterns[ALL].holds)
		take_chain(way, leaves + weight + s->goal.size,
			   1 + w->path, w->base,
			   (1u << w->count) - 1);
	for (int i = BUT_FIRST; w->count > 2 && i <= BUT_LAST; i++)
		if (w->patterns[i].holds)
			take_both(w, way, weight, leaves, i);
}

/* All chains that start at first and have the base of a range. */
static void
walk(struct search *s, uint32_t first, uint32_t base)
{
	struct walk w = { .s = s,
			  .first = first,
			  .base = base,
			  .node = s->ranges[base].decision,
			  .path = s->leaf_path[base],
			  .singles = true,
			  .one_node = true };

	for (int i = 0; i < PATTERNS; i++)
		w.patterns[i].holds = true;
	for (uint32_t i = first; i < s->count && i < first + narrow(s);
	     i++) {
		if (s->ranges[i].decision == w.node)
			add_base(&w, i);
		else if (!add_other(&w, i))
			break;
		if (!w.singles && !w.patterns[ALL].holds &&
		    !w.patterns[BUT_FIRST].holds && !w.patterns[BUT_LAST].holds)
			break;
		if (i > first && i >= base)
			take_chains(&w, i);
	}
}

/* Neighbours are alike around a heavy value; returns the first other one. */
static uint32_t
take_leaves(struct search *s, uint32_t first)
{
	uint32_t end = first;

	for (; end < s->count && end - first < s->widest &&
	       s->ranges[end].decision == s->ranges[first].decision;
	     end++) {
		const struct search_part part = { first, end, 0 };

		search_take(way_of(s, first, end), search_leaves(s, &part),
			    s->leaf_path[first], SEARCH_LEAF, first);
	}
	return end;
}

/* The range before which a part is split, or would be. */
static uint32_t
split_of(const struct search_way *way, uint32_t first, uint32_t last)
{
	return way->form == SEARCH_SPLIT ? way->at : first + (last - first) / 2;
}

/*
 * The best split.  Of first..last, what ends one range before lies just before
 * it in the table, and what starts one range later a row further.
 */
static void
take_splits(struct search *s, uint32_t first, uint32_t last,
	    struct search_way *way)
{
	const struct search_part part = { first, last, 0 };
	uint64_t test = search_weight(s, &part) + s->goal.size;
	const struct search_way *below, *above, *best = NULL;
	uint32_t low = first + 1, high = last;
	size_t row = s->widest - 1;
	uint64_t least = UINT64_MAX;
	unsigned longest = 0;

	if (!s->thorough && last - first > 3) {
		uint32_t a = split_of(way - 1, first, last - 1);
		uint32_t b = split_of(way + row, first + 1, last);

		low = a > low + SLACK ? a - SLACK : low;
		high = b + SLACK < high ? b + SLACK : high;
	}
	below = way - (last - low + 1);
	above = way + (low - first) * row;
	for (uint32_t i = low; i <= high; i++) {
		uint64_t cost = below->cost + above->cost;

		if (cost < least) {
			least = cost;
			longest = 1 + larger(below->longest, above->longest);
			best = below;
		}
		below++;
		above += row;
	}
	if (!best)
		return;
	if (!way->longest)
		way->cost = UINT64_MAX;
	search_take(way, test + least, longest, SEARCH_SPLIT,
		    last + 1 - (uint32_t)(way - best));
}

/* Whether a weight of first..last is another one than before. */
static bool
is_changed(const struct search *s, uint32_t first, uint32_t last)
{
	return s->changed[first] != s->changed[last + 1];
}

/* Forgets the ways of parts with other weights. */
static void
clear_changed(struct search *s)
{
	struct search_way *row = s->table;

	for (uint32_t i = 0; i < s->count; i++, row += s->widest)
		for (uint32_t j = 0; j < s->widest && i + j < s->count; j++)
			if (is_changed(s, i, i + j))
				row[j] = (struct search_way){ 0 };
}

void
search_fill(struct search *s)
{
	uint32_t count = (uint32_t)s->count;

	clear_changed(s);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t end, last = i + narrow(s) - 1;

		if (!is_changed(s, i, last < count ? last : count - 1))
			continue;
		end = take_leaves(s, i);
		walk(s, i, i);
		/* A wide range at an end is better split off. */
		if (end < count &&
		    (s->thorough || is_single(&s->ranges[i])))
			walk(s, i, end);
	}
	for (uint32_t width = 1; width < s->widest; width++) {
		struct search_way *way = s->table + width;

		for (uint32_t i = 0; i + width < count; i++, way += s->widest)
			if (is_changed(s, i, i + width) &&
			    (way->form != SEARCH_LEAF || !way->longest))
				take_splits(s, i, i + width, way);
	}
}
