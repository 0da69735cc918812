#include "express.h"

#include <string.h>

/*
 * Argument by argument.  The values of the first argument that `where` depends
 * on fall into classes by what `where` is once it has that value:
 *
 *	domain == 16 or (domain == 2 and type <= 3)
 *
 *	domain 2:   type <= 3
 *	domain 16:  true
 *	others:     false
 *
 * Each class gives the pieces of its values times the conjunctions of what
 * follows.  A class is widened before by the values for which as much holds
 * or more, so that "a or b" does not become "a, or b and not a"; what the
 * others have made superfluous is dropped at the end.
 */
struct expresser {
	struct dd_set *set;
	struct conjunctions *list;
	size_t limit;
	size_t steps; /* of the set, not to be passed */
	bool negate;  /* pieces can be */
	VEC(dd) stack;
};

static unsigned
low_word(unsigned arg)
{
	return DD_ARGS + 2 * arg;
}

typedef VEC(struct piece) piece_list;

static dd
minus(struct dd_set *set, dd a, dd b)
{
	return dd_apply(set, DD_ITE, b, DD_FALSE, a);
}

/* The lowest argument that a depends on, or 6. */
static unsigned
first_arg(struct expresser *e, dd a)
{
	unsigned first = 6;
	struct dd_test t;

	dd_start_walk(e->set);
	*vec_push(&e->set->arena, &e->stack) = a;
	while (e->stack.n) {
		a = e->stack.v[--e->stack.n];
		if (e->set->marks.v[a].walk == e->set->walk ||
		    !dd_top(e->set, a, &t))
			continue;
		e->set->marks.v[a].walk = e->set->walk;
		dd_step(e->set);
		if (t.word >= DD_ARGS && (t.word - DD_ARGS) / 2 < first)
			first = (t.word - DD_ARGS) / 2;
		*vec_push(&e->set->arena, &e->stack) = t.below;
		*vec_push(&e->set->arena, &e->stack) = t.above;
	}
	return first;
}

/*
 * Where a is true whatever words are that are not in `words`.  As in
 * dd_apply(), recursion goes below and a loop above.
 */
static dd
project_rest(struct expresser *e, dd a, uint32_t words)
{
	size_t base = e->stack.n;
	struct dd_test t;
	dd below;

	while (dd_top(e->set, a, &t) &&
	       e->set->marks.v[a].walk != e->set->walk) {
		dd_step(e->set);
		*vec_push(&e->set->arena, &e->stack) = a;
		a = t.above;
	}
	if (a > DD_TRUE)
		a = e->set->marks.v[a].result;
	while (e->stack.n > base) {
		struct dd_mark *mark =
			&e->set->marks.v[e->stack.v[--e->stack.n]];

		dd_top(e->set, (dd)(mark - e->set->marks.v), &t);
		below = project_rest(e, t.below, words);
		if (!(words >> t.word & 1))
			a = dd_and(e->set, below, a);
		else if (t.bit)
			a = dd_apply(e->set, DD_ITE,
				     dd_bit(e->set, t.word,
					    (unsigned)__builtin_ctz(t.k)),
				     a, below);
		else
			a = dd_apply(e->set, DD_ITE,
				     dd_less(e->set, t.word, t.k), below, a);
		*mark = (struct dd_mark){ e->set->walk, a };
	}
	return a;
}

static dd
project(struct expresser *e, dd a, uint32_t words)
{
	dd_start_walk(e->set);
	return project_rest(e, a, words);
}

/* The smallest or largest value of one word that a function of it has. */
static uint32_t
extreme(const struct dd_set *set, dd a, bool largest)
{
	uint32_t value = largest ? UINT32_MAX : 0;
	struct dd_test t;

	while (dd_top(set, a, &t)) {
		bool above =
			t.below == DD_FALSE || (largest && t.above != DD_FALSE);

		if (t.bit)
			value = above ? value | t.k : value & ~t.k;
		else if (above && !largest)
			value = t.k;
		else if (!above && largest)
			value = t.k - 1;
		a = above ? t.above : t.below;
	}
	return value;
}

/* The smallest or largest value of an argument that a function of it has. */
static uint64_t
extreme_value(struct expresser *e, unsigned arg, dd a, bool largest)
{
	unsigned word = low_word(arg);
	/* Some low word: not "none whatever it is". */
	dd highs =
		dd_not(e->set, project(e, dd_not(e->set, a), 1u << (word + 1)));
	uint32_t high = extreme(e->set, highs, largest);
	dd lows = dd_at(e->set, a, word + 1, high);

	return (uint64_t)high << 32 | extreme(e->set, lows, largest);
}

static bool
takes_mask(const struct dd_set *set, unsigned arg, uint64_t mask)
{
	unsigned word = low_word(arg);

	return dd_takes_mask(set, word, (uint32_t)mask) &&
	       dd_takes_mask(set, word + 1, (uint32_t)(mask >> 32));
}

/* One range or mask that is all of values. */
static bool
find_piece(struct expresser *e, unsigned arg, bool low, dd values,
	   struct piece *p)
{
	uint64_t whole = low ? UINT32_MAX : UINT64_MAX;

	*p = (struct piece){ .arg = (uint8_t)arg, .low = low };
	p->first = extreme_value(e, arg, values, false) & whole;
	p->last = extreme_value(e, arg, values, true) & whole;
	if (express_piece(e->set, p) == values)
		return true;
	p->masked = true;
	p->mask = ~(p->first ^ p->last) & whole;
	p->value = p->first & p->mask;
	return takes_mask(e->set, arg, p->mask) &&
	       express_piece(e->set, p) == values;
}

/* The maximal ranges of values. */
static bool
find_ranges(struct expresser *e, unsigned arg, bool low, dd values,
	    piece_list *list, size_t limit)
{
	uint64_t whole = low ? UINT32_MAX : UINT64_MAX;
	dd rest = values, after, gap;

	while (rest != DD_FALSE) {
		struct piece p = { .arg = (uint8_t)arg, .low = low };

		if (list->n == limit || e->set->steps > e->steps)
			return false;
		p.first = extreme_value(e, arg, rest, false) & whole;
		p.last = whole;
		after = express_piece(e->set, &p);
		gap = minus(e->set, after, values);
		if (gap != DD_FALSE)
			p.last =
				(extreme_value(e, arg, gap, false) & whole) - 1;
		rest = minus(e->set, rest, express_piece(e->set, &p));
		*vec_push(&e->set->arena, list) = p;
	}
	return true;
}

/* A largest mask around a member m that stays within values. */
static struct piece
grow_cube(struct expresser *e, unsigned arg, bool low, dd values, uint64_t m)
{
	struct piece p = { .arg = (uint8_t)arg, .low = low, .masked = true };

	p.mask = low ? UINT32_MAX : UINT64_MAX;
	p.value = m;
	for (unsigned i = 0; i < (low ? 32 : 64); i++) {
		struct piece wider = p;

		wider.mask &= ~(UINT64_C(1) << i);
		wider.value &= wider.mask;
		if (takes_mask(e->set, arg, wider.mask) &&
		    minus(e->set, express_piece(e->set, &wider), values) ==
			    DD_FALSE)
			p = wider;
	}
	return p;
}

static bool
find_cubes(struct expresser *e, unsigned arg, bool low, dd values,
	   piece_list *list, size_t limit)
{
	uint64_t whole = low ? UINT32_MAX : UINT64_MAX;
	dd rest = values;

	while (rest != DD_FALSE) {
		uint64_t m = extreme_value(e, arg, rest, false) & whole;
		struct piece p;

		if (list->n == limit || e->set->steps > e->steps)
			return false;
		p = grow_cube(e, arg, low, values, m);
		rest = minus(e->set, rest, express_piece(e->set, &p));
		if (p.mask == whole)
			p = (struct piece){ .arg = (uint8_t)arg,
					    .low = low,
					    .first = m,
					    .last = m };
		*vec_push(&e->set->arena, list) = p;
	}
	return true;
}

static bool
find_pieces(struct expresser *e, unsigned arg, dd values, piece_list *list,
	    size_t limit)
{
	uint32_t high = 1u << (low_word(arg) + 1);
	bool low = values == project(e, values, ~high);
	piece_list cubes = { 0 };
	struct piece p;
	bool ranges;

	list->n = 0;
	if (!limit)
		return false;
	if (find_piece(e, arg, low, values, &p)) {
		*vec_push(&e->set->arena, list) = p;
		return true;
	}
	if (e->negate && find_piece(e, arg, low, dd_not(e->set, values), &p)) {
		p.negated = true;
		*vec_push(&e->set->arena, list) = p;
		return true;
	}
	ranges = find_ranges(e, arg, low, values, list, limit);
	if (ranges && list->n <= 2)
		return true;
	if (find_cubes(e, arg, low, values, &cubes,
		       ranges ? list->n - 1 : limit)) {
		*list = cubes;
		return true;
	}
	return ranges;
}

/* The value of a once an argument has one. */
static dd
follow(struct dd_set *set, dd a, unsigned arg, uint64_t value)
{
	unsigned word = low_word(arg);

	a = dd_at(set, a, word + 1, (uint32_t)(value >> 32));
	return dd_at(set, a, word, (uint32_t)value);
}

/* The pieces of values, each times what follows. */
static bool add(struct expresser *e, const struct conjunction *before,
		dd where);

static bool
add_class(struct expresser *e, const struct conjunction *before, unsigned arg,
	  dd values, dd then)
{
	struct conjunction c = *before;
	piece_list list = { 0 };
	bool ok;

	if (values == DD_TRUE)
		return add(e, before, then);
	ok = find_pieces(e, arg, values, &list, e->limit - e->list->n);
	c.n++;
	for (size_t i = 0; i < list.n; i++) {
		c.v[c.n - 1] = list.v[i];
		if (!add(e, &c, then))
			return false;
	}
	return ok;
}

/* Adds conjunctions that begin with what was asked before. */
static bool
add(struct expresser *e, const struct conjunction *before, dd where)
{
	unsigned arg = first_arg(e, where);
	uint32_t words = 3u << low_word(arg);
	dd rest = DD_TRUE;

	if (where == DD_FALSE)
		return true;
	if (e->list->n == e->limit || e->set->steps > e->steps)
		return false;
	if (where == DD_TRUE) {
		*vec_push(&e->set->arena, e->list) = *before;
		return true;
	}
	while (rest != DD_FALSE && e->set->steps <= e->steps) {
		uint64_t m = extreme_value(e, arg, rest, false);
		dd then = follow(e->set, where, arg, m);
		dd differs = dd_apply(e->set, DD_XOR, where, then, DD_FALSE);
		dd same = project(e, dd_not(e->set, differs), words);
		dd lacks = minus(e->set, then, where);

		rest = minus(e->set, rest, same);
		if (then != DD_FALSE &&
		    !add_class(e, before, arg,
			       project(e, dd_not(e->set, lacks), words), then))
			return false;
	}
	return rest == DD_FALSE;
}

/* Drops conjunctions that lie within the others, the first ones first. */
static void
drop_superfluous(struct expresser *e)
{
	size_t n = e->list->n, kept = 0;
	dd *behind = arena_alloc(&e->set->arena, (n + 1) * sizeof(*behind));
	dd before = DD_FALSE, own;

	behind[n] = DD_FALSE;
	for (size_t i = n; i-- > 0;) {
		own = express_conjunction(e->set, &e->list->v[i]);
		behind[i] = dd_or(e->set, own, behind[i + 1]);
	}
	for (size_t i = 0; i < n; i++) {
		own = express_conjunction(e->set, &e->list->v[i]);
		if (minus(e->set, minus(e->set, own, before), behind[i + 1]) ==
		    DD_FALSE)
			continue;
		before = dd_or(e->set, before, own);
		e->list->v[kept++] = e->list->v[i];
	}
	e->list->n = kept;
}

static bool
start(struct dd_set *set, dd where, bool negate, struct conjunctions *list,
      size_t limit)
{
	struct expresser e = {
		.set = set,
		.list = list,
		.limit = limit,
		.steps = set->steps + LIMIT_EXPRESS_STEPS,
		.negate = negate,
	};
	struct conjunction none = { 0 };
	bool all;

	*list = (struct conjunctions){ 0 };
	all = add(&e, &none, where);
	drop_superfluous(&e);
	return all;
}

bool
express(struct dd_set *set, dd where, struct conjunctions *list, size_t limit)
{
	return start(set, where, true, list, limit);
}

bool
express_plainly(struct dd_set *set, dd where, struct conjunctions *list,
		size_t limit)
{
	return start(set, where, false, list, limit);
}

dd
express_low(struct dd_set *set, dd where)
{
	struct expresser e = { .set = set };
	uint32_t high = 0;

	for (unsigned arg = 0; arg < 6; arg++)
		high |= 1u << (low_word(arg) + 1);
	return dd_not(set, project(&e, dd_not(set, where), ~high));
}
