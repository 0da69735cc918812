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
static uint32_t
unnamed(const struct reader *r, uint32_t number)
{
	const struct options *options = r->rules->options;
	const struct syscall_name *name;
	bool newer;

	if (!has_cut(r))
		return r->rules->default_action;
	name = syscall_find_number(r->abi, number);
	newer = options->unknown == UNKNOWN_SINCE
			? number >= r->count ||
				  (name && name->since[r->abi] > options->since)
			: number > r->highest;
	return newer ? enosys : r->rules->default_action;
}

/*
 * Rule 10: the rule that settles a call behind a multiplexer, of which no
 * arguments can be seen: the first without conditions, else the strictest
 * that denies.
 */
static const struct resolved_rule *
choose_behind(const struct reader *r, const struct named *named)
{
	const struct resolved_rule *choice = NULL;

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct resolved_rule *rule = r->namings.v[i - 1].rule;

		if (rule->action == r->rules->default_action)
			continue;
		if (!rule->condition_count)
			return rule;
		if (meaning_denies(r, rule->action) &&
		    (!choice ||
		     meaning_rank(rule->action) < meaning_rank(choice->action)))
			choice = rule;
	}
	return choice;
}

/* Adds to what a rule says of a multiplexer. */
static void
add_where(struct reader *r, dd *own, const struct resolved_rule *rule, dd where)
{
	dd *says = &own[rule - r->rules->rules.v];

	*says = dd_apply(r->set, DD_ITE, where, meaning_action(r, rule->action),
			 *says);
}

/* What rules on the calls behind a multiplexer say of it. */
static void
add_behind(struct reader *r, size_t index, dd *own)
{
	const struct mux *mux = &r->arch->muxes[index];
	bool strict = r->rules->options->muxes == MUX_STRICT;
	uint32_t mask = strict ? mux->mask : UINT32_MAX;

	for (size_t i = 0; i < mux->count; i++) {
		uint32_t call = mux->calls[i].call;
		const struct named *named = &r->behind[index][call];
		const struct resolved_rule *choice = choose_behind(r, named);
		dd selected = dd_equals(r->set, DD_ARGS, mask, call);

		if (strict && choice)
			add_where(r, own, choice, selected);
		for (uint32_t j = named->first; j && !strict;
		     j = r->namings.v[j - 1].next) {
			const struct resolved_rule *rule =
				r->namings.v[j - 1].rule;

			if (rule->action != r->rules->default_action)
				add_where(r, own, rule,
					  dd_apply(r->set, DD_AND, selected,
						   meaning_holds(r, rule, true),
						   DD_FALSE));
		}
	}
}

/* The index of the multiplexer with a number, or -1. */
static int
find_mux(const struct reader *r, uint32_t number)
{
	for (size_t i = 0; i < r->arch->mux_count; i++) {
		const struct syscall_name *name =
			syscall_find(r->arch->muxes[i].name);

		if (name && name->number[r->abi] == (int64_t)number)
			return (int)i;
	}
	return -1;
}

typedef VEC(dd) dd_list;

/* What rules with conditions say of a multiplexer and the calls behind. */
static void
read_mux(struct reader *r, size_t mux, const struct named *named, dd_list *list)
{
	size_t n = r->rules->rules.n;
	dd *own = arena_alloc(&r->set->arena, (n + 1) * sizeof(*own));

	for (size_t i = 0; i < n; i++)
		own[i] = DD_NONE;
	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next)
		own[r->namings.v[i - 1].rule - r->rules->rules.v] =
			meaning_says(r, r->namings.v[i - 1].rule);
	add_behind(r, mux, own);
	for (size_t i = 0; i < n; i++)
		if (own[i] != DD_NONE &&
		    r->rules->rules.v[i].action != r->rules->default_action)
			*vec_push(&r->set->arena, list) = own[i];
}

/* Rules 6, 8, 10 and 11 for a number. */
static dd
read_number(struct reader *r, uint32_t number)
{
	const struct named *named = &r->numbers[number];
	int mux = find_mux(r, number);
	dd_list list = { 0 };
	uint32_t otherwise =
		named->first ? r->rules->default_action : unnamed(r, number);

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct resolved_rule *rule = r->namings.v[i - 1].rule;

		if (rule->action == r->rules->default_action)
			continue;
		if (!rule->condition_count)
			return meaning_action(r, rule->action);
		if (mux < 0)
			*vec_push(&r->set->arena, &list) =
				meaning_says(r, rule);
	}
	if (mux >= 0)
		read_mux(r, (size_t)mux, named, &list);
	if (!list.n)
		return meaning_action(r, otherwise);
	return dd_apply(r->set, DD_FIRST, join(r, list.v, list.n),
			meaning_action(r, otherwise), DD_FALSE);
}

static void
add_naming(struct reader *r, struct named *named,
	   const struct resolved_rule *rule)
{
	/* A name that stands twice in a rule says nothing new. */
	if (named->first && r->namings.v[named->last - 1].rule == rule)
		return;
	*vec_push(&r->set->arena, &r->namings) = (struct naming){ rule, 0 };
	if (named->first)
		r->namings.v[named->last - 1].next = (uint32_t)r->namings.n;
	else
		named->first = (uint32_t)r->namings.n;
	named->last = (uint32_t)r->namings.n;
}

static void
make_room(struct reader *r)
{
	struct arena *arena = &r->set->arena;

	r->holds = arena_alloc(arena, (r->rules->rules.n + 1) * sizeof(dd));
	r->numbers = arena_alloc(arena, r->count * sizeof(*r->numbers));
	r->behind = arena_alloc(arena,
				(r->arch->mux_count + 1) * sizeof(*r->behind));
	for (size_t i = 0; i < r->arch->mux_count; i++) {
		const struct mux *mux = &r->arch->muxes[i];

		r->behind[i] =
			arena_alloc(arena, (mux->calls[mux->count - 1].call +
					    1) * sizeof(**r->behind));
	}
}

static void
add_target(struct reader *r, const struct resolved_rule *rule,
	   const struct target *target)
{
	int32_t number = target->number[r->abi];
	int mux = target->mux[r->abi];

	if (number >= 0)
		add_naming(r, &r->numbers[number], rule);
	if (mux >= 0)
		add_naming(r, &r->behind[mux][target->mux_call[r->abi]], rule);
	if (number > r->highest)
		r->highest = number;
}

/* Turns to an ABI: which numbers its rules name. */
static void
open_abi(struct reader *r, enum abi abi)
{
	size_t known = syscall_number_count[abi];
	const struct syscall_name *last =
		&syscall_names[syscall_numbers[abi][known - 1]];

	r->abi = abi;
	r->arch = arch_table[abi];
	r->highest = -1;
	r->namings.n = 0;
	r->count = (uint32_t)last->number[abi] + 1;
	make_room(r);
	for (size_t i = 0; i < r->rules->rules.n; i++) {
		const struct resolved_rule *rule = &r->rules->rules.v[i];

		for (size_t j = 0; j < rule->targets.n; j++)
			add_target(r, rule, &rule->targets.v[j]);
	}
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

/* The numbers of an ABI, and what follows them. */
static void
add_abi(struct reader *r, struct space *space, uint32_t base)
{
	for (uint32_t i = 0; i < r->count; i++)
		add_range(r, space, base + i, read_number(r, i));
	add_range(r, space, base + r->count,
		  meaning_action(r, unnamed(r, UINT32_MAX)));
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
	dd other = foreign(r),
	   default_ = meaning_action(r, r->rules->default_action);
	dd third = high == ABI_COUNT ? other : default_;
	dd last = other;

	add_range(r, space, 0, other);
	if (low != ABI_COUNT) {
		space->ranges.n = 0;
		open_abi(r, low);
		add_abi(r, space, 0);
		if (has_cut(r))
			third = meaning_action(r, unnamed(r, UINT32_MAX));
	}
	if (high != ABI_COUNT) {
		open_abi(r, high);
		add_abi(r, space, bit);
		last = meaning_action(r, unnamed(r, UINT32_MAX));
	} else {
		add_range(r, space, bit, other);
	}
	add_range(r, space, 2 * bit, third);
	add_range(r, space, 3 * bit, last);
	if (high == ABI_COUNT)
		add_range(r, space, UINT32_MAX, default_);
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

dd
meaning_of(struct dd_set *set, const struct ruleset *rules, bool *clash)
{
	struct reader r = { .set = set, .rules = rules };
	size_t n = rules->rules.n;
	struct space archs = { 0 };
	dd other = foreign(&r);

	meaning_plan_bits(&r);
	r.split = arena_alloc(&set->arena, (n + 1) * sizeof(*r.split));
	for (size_t i = 0; i < n; i++)
		r.split[i] = meaning_is_split(&r, &rules->rules.v[i]);
	add_range(&r, &archs, 0, other);
	for (uint32_t token = next_token(&r, 1); token;
	     token = next_token(&r, token + 1)) {
		add_range(&r, &archs, token, read_token(&r, token));
		add_range(&r, &archs, token + 1, other);
	}
	*clash = r.clash;
	return dd_ranges(set, DD_ARCH, archs.ranges.v, archs.ranges.n);
}
