#include "search.h"

/*
 * The table of all parts without holes, of which it has what was asked for and
 * what that stands on: the parts within.  A row has those that start at one
 * range: first its chains, then its splits.
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
	uint64_t heaviest[SEARCH_OTHERS]; /* their weights, descending */
	uint64_t weight;		  /* of all of them */
	/* By JEQ, the heaviest first: weight times tests not taken. */
	uint64_t spared;
	unsigned path; /* the longest of the leaves, the base's too */
	bool singles;  /* each has one value */
	bool one_node; /* all lead to the same */
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

/* Takes another way if it is better. */
static void
take(struct search *s, size_t cell, uint64_t cost,
     const struct search_cell *way)
{
	uint64_t *least = &s->costs[cell];

	if (cost > *least ||
	    (cost == *least && way->longest >= s->cells[cell].longest))
		return;
	*least = cost;
	s->cells[cell] = *way;
}

static uint8_t
path_of(unsigned longest)
{
	return longest < SEARCH_LONGEST ? (uint8_t)longest : SEARCH_LONGEST;
}

/* Whether a value of a range has only some bits. */
static inline bool
matches(const struct range *range, uint32_t bits)
{
	uint32_t x;

	if (!(range->first & ~bits))
		return true;
	return range->first != range->last &&
	       word_next_match(range->first, ~bits, 0, &x) && x <= range->last;
}

/* Whether a value of the base, in ranges before end, has only some bits. */
static bool
base_matches(const struct walk *w, uint32_t end, uint32_t bits)
{
	const struct range *ranges = w->s->ranges;

	for (uint32_t i = w->first; i < end; i++)
		if (ranges[i].decision == w->node && matches(&ranges[i], bits))
			return true;
	return false;
}

static void
widen(const struct walk *w, struct pattern *pattern, uint32_t range)
{
	if (!pattern->holds)
		return;
	pattern->bits |= search_bits(&w->s->ranges[range]);
	pattern->holds = !base_matches(w, range, pattern->bits);
}

/* What JEQ one after the other comes to with one more. */
static void
line_up(struct walk *w, uint64_t weight)
{
	unsigned at = w->count;

	for (; at && w->heaviest[at - 1] < weight; at--)
		w->heaviest[at] = w->heaviest[at - 1];
	w->heaviest[at] = weight;
	/* Those before it spare one test more. */
	w->spared += (w->count - at) * weight;
	for (unsigned i = 0; i < at; i++)
		w->spared += w->heaviest[i];
}

/* Takes a range that leads away from the base; false if it is one too many. */
static bool
add_other(struct walk *w, uint32_t range)
{
	const struct search *s = w->s;
	const struct range *r = &s->ranges[range];
	uint64_t weight = s->weights[range];

	if (w->count == s->others)
		return false;
	if (w->count && r->decision != s->ranges[w->others[0]].decision) {
		w->one_node = false;
		for (int i = 0; i < PATTERNS; i++)
			w->patterns[i].holds = false;
	}
	line_up(w, weight);
	w->others[w->count++] = range;
	w->weight += weight;
	w->path = larger(w->path, s->leaf_path[range]);
	w->singles &= search_is_single(r);
	w->patterns[BUT_LAST] = w->patterns[ALL];
	widen(w, &w->patterns[ALL], range);
	if (w->count > 1)
		widen(w, &w->patterns[BUT_FIRST], range);
	return true;
}

static void
add_base(struct walk *w, const struct range *range)
{
	for (int i = 0; i < PATTERNS; i++)
		if (w->patterns[i].holds)
			w->patterns[i].holds =
				!matches(range, w->patterns[i].bits);
}

static void
take_chain(const struct walk *w, size_t cell, uint64_t cost, unsigned tests,
	   unsigned group)
{
	const struct search_cell way = {
		.at = (uint8_t)(w->base - w->first),
		.longest = path_of(tests + w->path),
		.form = SEARCH_CHAIN,
		.group = (uint8_t)group,
	};

	take(w->s, cell, cost, &way);
}

/* A JSET on a pattern and a JEQ on the other one; all leaves and a test of all
 * cost so much. */
static void
take_both(const struct walk *w, size_t cell, uint64_t leaves, uint64_t test,
	  int index)
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

	if (!search_is_single(&s->ranges[single]))
		return;
	take_chain(w, cell, leaves + 2 * test - (jeq_first ? by_jeq : by_jset),
		   2, ((1u << w->count) - 1) & ~(1u << other));
}

/* The chains of the part that ends at a range. */
static void
take_chains(const struct walk *w, uint32_t last)
{
	const struct search *s = w->s;
	const struct search_part part = { w->first, last, 0 };
	size_t cell = search_cell(s, w->first, last);
	uint64_t test = search_weight(s, &part) + s->goal.size;
	uint64_t leaves = search_leaves(s, &part);

	if (w->singles)
		take_chain(w, cell, leaves + w->count * test - w->spared,
			   w->count, 0);
	if (!w->one_node || w->count < 2)
		return;
	if (w->patterns[ALL].holds)
		take_chain(w, cell, leaves + test, 1, (1u << w->count) - 1);
	for (int i = BUT_FIRST; w->count > 2 && i <= BUT_LAST; i++)
		if (w->patterns[i].holds)
			take_both(w, cell, leaves, test, i);
}

/* All chains that start at first, end before end and have the base of a
 * range. */
static void
walk(struct search *s, uint32_t first, uint32_t end, uint32_t base)
{
	struct walk w;

	w.s = s;
	w.first = first;
	w.base = base;
	w.node = s->ranges[base].decision;
	w.count = 0;
	w.weight = w.spared = 0;
	w.path = s->leaf_path[base];
	w.singles = w.one_node = true;
	for (int i = 0; i < PATTERNS; i++)
		w.patterns[i] = (struct pattern){ .holds = true };
	for (uint32_t i = first; i < end; i++) {
		if (s->ranges[i].decision == w.node)
			add_base(&w, &s->ranges[i]);
		else if (!add_other(&w, i))
			break;
		if (!w.singles && !w.patterns[ALL].holds &&
		    !w.patterns[BUT_FIRST].holds && !w.patterns[BUT_LAST].holds)
			break;
		if (i > first && i >= base && w.count)
			take_chains(&w, i);
	}
}

/* The range behind those from first on, before end, that lead to one node;
 * neighbours are alike around a heavy value. */
static uint32_t
leaves_end(const struct search *s, uint32_t first, uint32_t end)
{
	uint32_t i = first + 1;

	while (i < end && s->ranges[i].decision == s->ranges[first].decision)
		i++;
	return i;
}

/* The narrow parts of a row as chains or nothing. */
static void
start_row(struct search *s, uint32_t first)
{
	uint32_t end = first + narrow(s), other;
	size_t cell = search_cell(s, first, first);

	if (end > s->count)
		end = (uint32_t)s->count;
	for (uint32_t i = first; i < end; i++)
		s->costs[cell + i - first] = UINT64_MAX;
	other = leaves_end(s, first, (uint32_t)s->count);
	walk(s, first, end, first);
	/* A wide range at an end is better split off. */
	if (other < s->count &&
	    (s->thorough || search_is_single(&s->ranges[first])))
		walk(s, first, end, other);
}

/* The range before which a part is split, or would be, from its first on. */
static uint32_t
split_of(const struct search_cell *way, uint32_t width)
{
	return way->form == SEARCH_SPLIT ? way->at : width / 2;
}

/*
 * The best splits of a row.  Of each part, what ends one range before lies
 * just before it in the table, and what starts one range later a row further.
 */
static void
take_splits(struct search *s, uint32_t first, uint32_t from, uint32_t last)
{
	const size_t row = s->widest - 1;
	const uint32_t chains = narrow(s);
	const bool thorough = s->thorough;
	uint64_t *costs = s->costs + search_cell(s, first, first);
	struct search_cell *cells = s->cells + search_cell(s, first, first);
	const uint64_t *sums = s->sums + first + 1;
	const uint64_t size = s->goal.size - s->sums[first];

	for (uint32_t width = from - first; width <= last - first; width++) {
		uint32_t low = 1, high = width, best;
		const uint64_t *below, *above;
		uint64_t least;
		uint8_t longest;

		if (width > 3 && !thorough) {
			uint32_t a = split_of(&cells[width - 1], width - 1);
			uint32_t b =
				1 + split_of(&cells[width + row], width - 1);

			low = a > low + SLACK ? a - SLACK : low;
			high = b + SLACK < high ? b + SLACK : high;
		}
		below = costs + low - 1;
		above = costs + width + low * row;
		least = *below + *above;
		best = low;
		for (uint32_t i = low + 1; i <= high; i++) {
			uint64_t cost = *++below + *(above += row);

			best = cost < least ? i : best;
			least = cost < least ? cost : least;
		}
		least += sums[width] + size;
		longest =
			path_of(1 + larger(cells[best - 1].longest,
					   cells[width + best * row].longest));
		if (width < chains &&
		    (least > costs[width] || (least == costs[width] &&
					      longest >= cells[width].longest)))
			continue;
		costs[width] = least;
		cells[width] = (struct search_cell){ (uint8_t)best, longest,
						     SEARCH_SPLIT, 0 };
	}
}

/* Fills a row up to the part that ends at last, from those of the rows behind
 * it. */
static void
fill_row(struct search *s, uint32_t first, uint32_t last)
{
	uint32_t leaves = leaves_end(s, first, last + 1);
	const struct search_cell leaf = { .longest = s->leaf_path[first],
					  .form = SEARCH_LEAF };
	uint32_t i = first + s->filled[first];

	if (i == first)
		start_row(s, first);
	for (; i < leaves; i++) {
		const struct search_part part = { first, i, 0 };
		size_t cell = search_cell(s, first, i);

		s->costs[cell] = search_leaves(s, &part);
		s->cells[cell] = leaf;
	}
	take_splits(s, first, i, last);
	s->filled[first] = last + 1 - first;
}

void
search_fill(struct search *s, uint32_t first, uint32_t last)
{
	for (uint32_t i = last + 1; i-- > first;)
		if (s->filled[i] <= last - i)
			fill_row(s, i, last);
}

void
search_forget(struct search *s, const uint64_t *weights)
{
	uint32_t count = (uint32_t)s->count, changed = count;

	for (uint32_t i = count; i-- > 0;) {
		uint32_t chains = i + narrow(s);

		if (s->weights[i] != weights[i])
			changed = i;
		if (chains > count)
			chains = count;
		/* The chains of a row are found all at once. */
		if (changed < chains)
			s->filled[i] = 0;
		else if (s->filled[i] > changed - i)
			s->filled[i] = changed - i;
	}
}
