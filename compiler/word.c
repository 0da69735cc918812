#include "compiler.h"

enum {
	MAX_SEARCH = 1 << 16, /* patterns looked at to find a member */
};

bool
word_next_match(uint32_t x, uint32_t mask, uint32_t value, uint32_t *y)
{
	uint32_t differ = (x ^ value) & mask, bit, below, room;

	*y = x;
	if (!differ)
		return true;
	/* The highest bit that is wrong, and all bits below it. */
	bit = UINT32_C(1) << (31 - __builtin_clz(differ));
	below = bit - 1;
	if (value & bit) {
		*y = (x & ~(bit | below)) | bit | (value & mask & below);
		return true;
	}
	/* x is past the match: carry into the lowest free zero above. */
	room = ~mask & ~x & ~(bit | below);
	if (!room)
		return false;
	bit = room & -room;
	below = bit - 1;
	*y = (x & ~(bit | below)) | bit | (value & mask & below);
	return true;
}

struct word_part
word_mask(uint32_t mask, uint32_t value)
{
	bool top = !(~mask & (~mask + 1));

	return (struct word_part){ .masked = !top,
				   .first = value,
				   .last = value | ~mask,
				   .mask = mask,
				   .value = value };
}

/*
 * A member of a domain in first..last, or some value when the
 * budget is spent: then a test may be made that is never true.
 */
static bool
find_member(const struct word_domain *d, uint32_t first, uint32_t last,
	    uint32_t *x, int *budget)
{
	const struct word_pattern *p = d->negated;
	struct word_domain part = *d;
	uint32_t open;

	if (!word_next_match(first, d->mask, d->value, x) || *x > last)
		return false;
	while (p && (*x & p->mask) != p->value && --*budget >= 0)
		p = p->next;
	if (!p || --*budget < 0)
		return true;
	/* x is ruled out by p; members differ from p in some open bit. */
	for (open = p->mask & ~d->mask; open;) {
		uint32_t bit = UINT32_C(1) << (31 - __builtin_clz(open));

		open &= ~bit;
		part.mask |= bit;
		part.value |= ~p->value & bit;
		if (find_member(&part, first, last, x, budget))
			return true;
		part.value ^= bit;
	}
	return false;
}

bool
word_has_member(const struct word_domain *d, uint32_t first, uint32_t last,
		size_t *steps)
{
	int budget = MAX_SEARCH;
	uint32_t x;
	bool has;

	if (!d->mask && !d->negated)
		return true;
	has = find_member(d, first, last, &x, &budget);
	*steps += (size_t)(MAX_SEARCH - budget);
	return has;
}

bool
word_find_member(const struct word_domain *d, uint32_t first, uint32_t last,
		 uint32_t *x, bool *unknown, size_t *steps)
{
	int budget = MAX_SEARCH;
	bool has = find_member(d, first, last, x, &budget);

	*unknown |= budget < 0;
	*steps += (size_t)(MAX_SEARCH - budget);
	return has;
}

bool
word_is_member(const struct word_domain *d, uint32_t x)
{
	const struct word_pattern *p = d->negated;

	while (p && (x & p->mask) != p->value)
		p = p->next;
	return !p && (x & d->mask) == d->value;
}

struct word_domain
word_with(const struct word_domain *d, const struct word_part *part)
{
	return (struct word_domain){ d->mask | part->mask,
				     (d->value & ~part->mask) | part->value,
				     d->negated };
}

void
word_weigh(const struct word_domain *d, const struct word_part *part, bool *yes,
	   bool *no, size_t *steps)
{
	struct word_pattern p = { part->mask, part->value, d->negated };
	struct word_domain without = { d->mask, d->value, &p };
	struct word_domain with = word_with(d, part);

	*yes = !((d->value ^ part->value) & d->mask & part->mask) &&
	       word_has_member(&with, 0, UINT32_MAX, steps);
	*no = word_has_member(&without, 0, UINT32_MAX, steps);
}
