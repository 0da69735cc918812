#include "meaning.h"

#include <errno.h>
#include <string.h>

/*
 * What a rule set says, written down a second time: no code and no result of
 * the passes that make programs is used, only the rules as resolve.c leaves
 * them and the tables.  "Rule 8" is a section of docs/profile.md.
 */

static const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;

/* Rule 8, for rules of which none is unconditional, in their order. */
static dd
join(struct reader *r, const dd *list, size_t count)
{
	enum conflict_mode mode = r->rules->options->conflicts;
	dd merged;

	if (mode == CONFLICTS_FIRST)
		return dd_combine(r->set, DD_FIRST, list, count, DD_NONE);
	if (mode != CONFLICTS_STRICTEST) {
		merged = dd_combine(r->set, DD_MERGE, list, count, DD_NONE);
		if (dd_apply(r->set, DD_IS, merged, DD_CLASH, DD_FALSE) ==
		    DD_FALSE)
			return merged;
		r->clash = true;
	}
	return dd_combine(r->set, DD_STRICTEST, list, count, DD_NONE);
}

/* Rule 11: whether numbers can get ENOSYS on this ABI. */
static bool
has_cut(const struct reader *r)
{
	switch (r->rules->default_action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return false;
	}
	return r->rules->options->unknown == UNKNOWN_SINCE ||
	       (r->rules->options->unknown == UNKNOWN_ENOSYS &&
		r->highest >= 0);
}

/* What a number gets that no rule names. */
static dd
unnamed(const struct reader *r, uint32_t number)
{
	const struct options *options = r->rules->options;
	const struct syscall_name *name;
	bool newer;

	if (!r->cut)
		return r->default_;
	if (options->unknown != UNKNOWN_SINCE)
		return number > r->highest ? r->enosys : r->default_;
	name = syscall_find_number(r->abi, number);
	newer = number >= r->count ||
		(name && name->since[r->abi] > options->since);
	return newer ? r->enosys : r->default_;
}

/* Rules 6 and 8 where some rule has conditions, or comes through a
 * multiplexer. */
static dd
read_parts(struct reader *r, struct parts *parts, uint32_t number, dd otherwise)
{
	dd *list = arena_alloc(&r->set->arena, parts->n * sizeof(*list));
	const struct resolved_rule *first = NULL;
	bool same = true;
	size_t n = 0;

	r->set->where = "the rules on number ";
	r->set->where_index = number;
	for (size_t i = 0; i < parts->n; i++) {
		const struct resolved_rule *rule = parts->v[i].rule;

		if (rule->action == r->rules->default_action)
			continue;
		first = first ? first : rule;
		same &= rule->action == first->action;
		parts->v[n++] = parts->v[i];
	}
	for (size_t i = 0; i < n; i++)
		list[i] = same ? parts->v[i].where
			       : dd_apply(r->set, DD_ITE, parts->v[i].where,
					  meaning_says(r, parts->v[i].rule),
					  DD_NONE);
	/* Rules that say the same do so where any of them holds. */
	if (n && same)
		return dd_apply(r->set, DD_ITE,
				dd_combine(r->set, DD_OR, list, n, DD_FALSE),
				meaning_says(r, first), otherwise);
	return dd_apply(r->set, DD_FIRST, join(r, list, n), otherwise,
			DD_FALSE);
}

/* Rules 6, 8, 10 and 11 for a number. */
static dd
read_number(struct reader *r, struct parts *parts, uint32_t number)
{
	const struct named *named = &r->numbers[number];
	dd otherwise = named->first ? r->default_ : unnamed(r, number);
	bool conditional = false;

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct resolved_rule *rule = r->namings.v[i - 1].rule;

		if (rule->action == r->rules->default_action)
			continue;
		if (!rule->condition_count)
			return meaning_says(r, rule);
		conditional = true;
	}
	if (!conditional && !meaning_is_mux(r, number))
		return otherwise;
	meaning_parts(r, number, parts);
	return read_parts(r, parts, number, otherwise);
}

struct space {
	VEC(struct dd_range) ranges;
};

static void
add_range(struct reader *r, struct space *space, uint32_t first, dd node)
{
	size_t n = space->ranges.n;

	if (!n || space->ranges.v[n - 1].node != node)
		*vec_push(&r->set->arena, &space->ranges) =
			(struct dd_range){ first, node };
}

static void
open_abi(struct reader *r, enum abi abi)
{
	meaning_open_abi(r, abi);
	r->cut = has_cut(r);
}

/* The numbers of an ABI, and what follows them. */
static void
add_abi(struct reader *r, struct space *space, uint32_t base)
{
	struct parts parts = { 0 };
	dd node, before = UINT32_MAX;

	for (uint32_t i = 0; i < r->count; i++) {
		node = read_number(r, &parts, i);
		if (node != before)
			add_range(r, space, base + i, node);
		before = node;
	}
	add_range(r, space, base + r->count, unnamed(r, UINT32_MAX));
}

/* Rule 3: what is foreign. */
static dd
foreign(struct reader *r)
{
	return meaning_action(r, r->rules->options->foreign_default
					 ? r->rules->default_action
					 : r->rules->options->foreign_action);
}

/* The ABI of a token in the filter, with or without a number bit. */
static enum abi
find_abi(const struct reader *r, uint32_t token, bool with_bit)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (r->rules->abis >> i & 1 &&
		    arch_table[i]->audit_token == token &&
		    (arch_table[i]->number_bit != 0) == with_bit)
			return (enum abi)i;
	return ABI_COUNT;
}

/* The bit that tells the ABIs of a token apart, whether they are in or not. */
static uint32_t
find_bit(uint32_t token)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token &&
		    arch_table[i]->number_bit)
			return arch_table[i]->number_bit;
	return 0;
}

/*
 * Numbers under a token of two ABIs, in quarters: 00 and 10 are without the
 * bit, 01 and 11 with it.
 */
static void
read_quarters(struct reader *r, struct space *space, uint32_t token,
	      uint32_t bit)
{
	enum abi low = find_abi(r, token, false);
	enum abi high = find_abi(r, token, true);
	dd other = foreign(r);
	dd third = high == ABI_COUNT ? other : r->default_;
	dd last = other;

	add_range(r, space, 0, other);
	if (low != ABI_COUNT) {
		space->ranges.n = 0;
		open_abi(r, low);
		add_abi(r, space, 0);
		if (r->cut)
			third = unnamed(r, UINT32_MAX);
	}
	if (high != ABI_COUNT) {
		open_abi(r, high);
		add_abi(r, space, bit);
		last = unnamed(r, UINT32_MAX);
	} else {
		add_range(r, space, bit, other);
	}
	add_range(r, space, 2 * bit, third);
	add_range(r, space, 3 * bit, last);
	if (high == ABI_COUNT)
		add_range(r, space, UINT32_MAX, r->default_);
}

static dd
read_token(struct reader *r, uint32_t token)
{
	struct space space = { 0 };
	uint32_t bit = find_bit(token);

	if (bit) {
		read_quarters(r, &space, token, bit);
	} else {
		open_abi(r, find_abi(r, token, false));
		add_abi(r, &space, 0);
	}
	return dd_ranges(r->set, DD_NUMBER, space.ranges.v, space.ranges.n);
}

/* The lowest token of an ABI in the filter from first on, or 0. */
static uint32_t
next_token(const struct reader *r, uint32_t first)
{
	uint32_t next = 0;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t token = arch_table[i]->audit_token;

		if (r->rules->abis >> i & 1 && token >= first &&
		    (!next || token < next))
			next = token;
	}
	return next;
}

void
meaning_open(struct reader *r, struct dd_set *set, const struct ruleset *rules)
{
	size_t n = rules->rules.n;

	*r = (struct reader){ .set = set, .rules = rules };
	r->default_ = meaning_action(r, rules->default_action);
	r->enosys = meaning_action(r, enosys);
	meaning_plan_bits(r);
	r->split = arena_alloc(&set->arena, (n + 1) * sizeof(*r->split));
	r->actions = arena_alloc(&set->arena, (n + 1) * sizeof(*r->actions));
	/* Of an ABI: by its number, and behind a multiplexer. */
	for (size_t i = 0; i < n; i++)
		r->namings.cap += 2 * rules->rules.v[i].targets.n;
	r->namings.v = arena_alloc(&set->arena,
				   r->namings.cap * sizeof(*r->namings.v));
	for (size_t i = 0; i < n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];
		enum repeated_mode mode = rules->options->repeated;
		bool alone;

		if (mode == REPEATED_AND || !meaning_repeats(rule))
			continue;
		r->split[i] = mode == REPEATED_OR ||
			      (meaning_together(r, rule, &alone) == DD_FALSE &&
			       !alone);
	}
}

dd
meaning_of(struct dd_set *set, const struct ruleset *rules, bool *clash)
{
	struct reader r;
	struct space archs = { 0 };
	dd other;

	meaning_open(&r, set, rules);
	other = foreign(&r);
	add_range(&r, &archs, 0, other);
	for (uint32_t token = next_token(&r, 1); token;
	     token = next_token(&r, token + 1)) {
		add_range(&r, &archs, token, read_token(&r, token));
		add_range(&r, &archs, token + 1, other);
	}
	*clash = r.clash;
	return dd_ranges(set, DD_ARCH, archs.ranges.v, archs.ranges.n);
}
