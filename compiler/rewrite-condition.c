#include "rewrite.h"

#include "express.h"

/*
 * Conditions that every reader takes for the same.  No index twice in a rule
 * (runc makes OR of it), regions of different actions are apart, and
 * comparisons are EQ and MASKED_EQ: libseccomp gets others right only where
 * all rules of a syscall look at the same argument and compare it with less
 * than 2^32.  A range is cut into blocks that a mask can name:
 *
 *	3 <= x <= 8	x == 3, (x & ~3) == 4, x == 8
 */
enum { MAX_ACTIONS = 16 };

static const char too_many[] = "it takes more than 1024 rules";

_Static_assert(REWRITE_RULES == 1024, "as too_many says");

struct maker {
	struct dd_set *set;
	bool narrow;   /* low words are all that there is */
	bool compares; /* with NE, LT and GE as well */
	plain_rules *rules;
	struct plain_rule rule; /* as far as it is known */
};

const char *
rewrite_refuses(uint32_t action)
{
	const struct action_info *info = action_info(action);
	uint32_t data = action & SECCOMP_RET_DATA;

	if (!info)
		return "profiles have no name for that action";
	if (info->data == ACTION_NO_DATA && data)
		return "profiles cannot give that action its data";
	return NULL;
}

static uint64_t
whole(const struct piece *p)
{
	return p->low ? UINT32_MAX : UINT64_MAX;
}

/* Whether the low word alone is meant, and has to be asked for. */
static bool
cuts(const struct maker *m, const struct piece *p)
{
	return p->low && !m->narrow;
}

/* One condition that says as much, if comparisons can be used. */
static bool
compare(const struct maker *m, const struct piece *p, struct condition *c)
{
	const uint64_t limit = UINT64_C(1) << 32;

	if (cuts(m, p))
		return false;
	if (p->negated) {
		c->op = CMP_NE;
		c->value = p->first;
		return !p->masked && p->first == p->last && p->first < limit;
	}
	if (p->masked || p->first == p->last)
		return false;
	if (!p->first) {
		c->op = CMP_LT;
		c->value = p->last + 1;
		return c->value && c->value < limit;
	}
	c->op = CMP_GE;
	c->value = p->first;
	return p->last == whole(p) && p->first < limit;
}

static bool add_from(struct maker *m, const struct conjunction *c);

static bool
add_condition(struct maker *m, const struct conjunction *c,
	      const struct condition *condition)
{
	bool ok;

	m->rule.v[m->rule.n++] = *condition;
	ok = add_from(m, c);
	m->rule.n--;
	return ok;
}

static bool
add_mask(struct maker *m, const struct conjunction *c, const struct piece *p,
	 uint64_t mask, uint64_t value)
{
	struct condition condition = { .arg = p->arg };

	if (mask == whole(p) && !cuts(m, p)) {
		condition.op = CMP_EQ;
		condition.value = value;
	} else {
		condition.op = CMP_MASKED_EQ;
		condition.value = mask;
		condition.value2 = value;
	}
	return add_condition(m, c, &condition);
}

/* The largest blocks that a range consists of, from below. */
static bool
add_blocks(struct maker *m, const struct conjunction *c, const struct piece *p)
{
	uint64_t first = p->first;

	for (;;) {
		uint64_t rest = 0; /* bits that vary within the block */

		while (rest != whole(p)) {
			uint64_t more = rest << 1 | 1;

			if (first & more || (first | more) > p->last)
				break;
			rest = more;
		}
		if (!add_mask(m, c, p, whole(p) & ~rest, first))
			return false;
		first |= rest;
		if (first == p->last)
			return true;
		first++;
	}
}

/* The rules of a conjunction from its n-th piece on; n conditions are made. */
static bool
add_from(struct maker *m, const struct conjunction *c)
{
	const struct piece *p = &c->v[m->rule.n];
	struct condition condition = { .arg = p->arg };

	if (m->rule.n == c->n) {
		if (m->rules->n == REWRITE_RULES)
			return false;
		*vec_push(&m->set->arena, m->rules) = m->rule;
		return true;
	}
	if (m->compares && compare(m, p, &condition))
		return add_condition(m, c, &condition);
	return p->masked ? add_mask(m, c, p, p->mask, p->value)
			 : add_blocks(m, c, p);
}

/* A region of one action. */
struct region {
	uint32_t action;
	dd where;
	struct conjunctions list;
};

/*
 * Whether conditions are all about one argument, and plain numbers below
 * 2^32.  With every also: each one is a single condition then.
 */
static bool
may_compare(struct maker *m, const struct region *regions, size_t count,
	    bool every)
{
	const struct piece *first = NULL;
	struct condition condition;

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < regions[i].list.n; j++) {
			const struct conjunction *c = &regions[i].list.v[j];
			const struct piece *p = &c->v[0];
			bool value = !p->negated && !p->masked &&
				     p->first == p->last && !cuts(m, p);
			bool one = value || compare(m, p, &condition);

			first = first ? first : p;
			if (c->n != 1 || p->arg != first->arg)
				return false;
			if (every && !one)
				return false;
			if (!one && (p->masked || p->negated || cuts(m, p)))
				return false;
			if (p->first > UINT32_MAX ||
			    (p->last != whole(p) && p->last > UINT32_MAX))
				return false;
		}
	}
	return true;
}

static bool
express_all(struct dd_set *set, struct region *regions, size_t count,
	    bool (*how)(struct dd_set *, dd, struct conjunctions *, size_t))
{
	for (size_t i = 0; i < count; i++)
		if (!how(set, regions[i].where, &regions[i].list,
			 REWRITE_RULES))
			return false;
	return true;
}

/* Where a decision is each action but otherwise. */
static size_t
find_regions(struct dd_set *set, dd decision, uint32_t otherwise,
	     struct region regions[MAX_ACTIONS])
{
	uint32_t values[MAX_ACTIONS];
	size_t count, n = 0;

	if (!dd_values(set, decision, values, &count, MAX_ACTIONS))
		return 0;
	for (size_t i = 0; i < count; i++) {
		dd value = dd_value(set, values[i]);

		if (values[i] == otherwise)
			continue;
		regions[n++] = (struct region){
			values[i],
			dd_apply(set, DD_IS, decision, value, DD_FALSE),
			{ 0 },
		};
	}
	return n;
}

const char *
rewrite_conditions(struct dd_set *set, dd decision, uint32_t otherwise,
		   bool narrow, plain_rules *rules)
{
	struct maker m = { .set = set, .narrow = narrow, .rules = rules };
	struct region regions[MAX_ACTIONS];
	size_t count = find_regions(set, decision, otherwise, regions);
	const char *refused;

	if (!count)
		return "it has too many actions";
	for (size_t i = 0; i < count; i++) {
		refused = rewrite_refuses(regions[i].action);
		if (refused)
			return refused;
	}
	m.compares = express_all(set, regions, count, express) &&
		     may_compare(&m, regions, count, true);
	if (!m.compares) {
		if (!express_all(set, regions, count, express_plainly))
			return too_many;
		m.compares = may_compare(&m, regions, count, false);
	}
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < regions[i].list.n; j++) {
			m.rule = (struct plain_rule){
				.action = regions[i].action
			};
			if (!add_from(&m, &regions[i].list.v[j]))
				return too_many;
		}
	}
	return NULL;
}
