#include "rewrite-names.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/*
 * Every name gets the rules that its decisions ask for, on all ABIs at once,
 * as a rule cannot tell them apart.  What no rule names is either the default
 * action or, above the largest number that is named (rule 11), ENOSYS.  So a
 * rule that only repeats one of these may be needed for its number.
 *
 * This is done as well as can be; whether it came out right is not for this
 * file to say.
 */
static const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;

bool
rewrite_denies(uint32_t action)
{
	/* With errno 0 a call seems to have been run. */
	return action != SECCOMP_RET_ERRNO &&
	       action_rank(action) <= action_rank(SECCOMP_RET_ERRNO);
}

bool
rewrite_has_cut(uint32_t default_action)
{
	switch (default_action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return false;
	}
	return default_action != enosys;
}

/* Notes the first problem. */
static void
report(struct planner *p, const struct entry *e, const char *why)
{
	const uint64_t args[6] = { 0 };
	struct buf buf = { .arena = p->arena };
	size_t abi = 0;

	if (p->plan->problem)
		return;
	while (e->number[abi] < 0 && !e->behind[abi])
		abi++;
	describe_named(&buf, (enum abi)abi, e->name, (const __u64 *)args, 0);
	buf_printf(&buf, ": %s", why);
	p->plan->problem = buf.data;
}

static bool
has_number(const struct entry *e)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->number[i] >= 0)
			return true;
	return false;
}

/*
 * Whether a name gets the same whatever the ABI and the arguments.  Behind a
 * multiplexer counts only if it is there alone.
 */
static bool
is_uniform(const struct planner *p, const struct entry *e, uint32_t *value)
{
	bool numbered = has_number(e);
	dd first = UINT32_MAX;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		dd at = numbered ? e->at[i] : e->muxed[i];

		if (numbered ? e->number[i] < 0 : !e->behind[i])
			continue;
		first = first == UINT32_MAX ? at : first;
		if (at != first)
			return false;
	}
	return dd_is_value(p->set, first, value);
}

/* Whether an action can be taken for what is wanted. */
static bool
will_do(const struct planner *p, dd at, uint32_t action)
{
	uint32_t value;

	return dd_is_value(p->set, at, &value) &&
	       (value == action ||
		(p->plan->any_denial && rewrite_denies(value) &&
		 rewrite_denies(action)));
}

/* A rule without conditions, which also covers the call of a multiplexer. */
static void
add_plain(struct planner *p, struct entry *e, uint32_t action)
{
	const char *why = rewrite_refuses(action);

	for (size_t i = 0; i < ABI_COUNT && !why; i++)
		if (e->behind[i] && !will_do(p, e->muxed[i], action))
			why = arena_printf(p->arena,
					   "%s decides it differently behind a "
					   "multiplexer, which a rule would "
					   "cover",
					   arch_table[i]->name);
	if (why)
		report(p, e, why);
	*vec_push(&p->set->arena, &e->rules) =
		(struct plain_rule){ .action = action };
}

/* What an ABI gets, in words. */
static const char *
describe_at(struct planner *p, dd at)
{
	uint32_t value;
	char text[32];

	if (!dd_is_value(p->set, at, &value))
		return "what depends on arguments";
	action_print(text, value);
	return arena_strndup(p->arena, text, strlen(text));
}

/* Names the first two ABIs that do not agree. */
static void
report_differ(struct planner *p, const struct entry *e)
{
	size_t first = 0, other;

	while (e->number[first] < 0)
		first++;
	other = first + 1;
	while (other < ABI_COUNT - 1 &&
	       (e->number[other] < 0 || e->at[other] == e->at[first]))
		other++;
	report(p, e,
	       arena_printf(
		       p->arena, "%s gets %s, %s %s, and a rule holds for both",
		       arch_table[first]->name, describe_at(p, e->at[first]),
		       arch_table[other]->name, describe_at(p, e->at[other])));
}

/* Whether all that is decided is what no rule needs to say. */
static bool
needs_none(const struct planner *p, const struct entry *e)
{
	dd otherwise = dd_value(p->set, p->plan->default_action);
	dd none = dd_value(p->set, enosys);

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->number[i] >= 0 && e->at[i] != otherwise &&
		    (e->at[i] != none || !p->has_cut))
			return false;
	return has_number(e);
}

static bool
is_narrow(const struct entry *e)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->number[i] >= 0 && arch_table[i]->args != ARGS_LOW)
			return false;
	return true;
}

/* The ABI whose decision settles the conditions: the first that has any. */
static size_t
find_conditions(const struct planner *p, const struct entry *e)
{
	uint32_t value;
	size_t i = 0;

	while (i < ABI_COUNT &&
	       (e->number[i] < 0 || dd_is_value(p->set, e->at[i], &value)))
		i++;
	return i;
}

/* The rules of a name before that is decided alike. */
static bool
copy_conditions(const struct planner *p, struct entry *e, size_t abi)
{
	for (const struct entry *o = p->entries.v; o < e; o++) {
		if (!o->rules.n || find_conditions(p, o) != abi ||
		    o->at[abi] != e->at[abi] || is_narrow(o) != is_narrow(e))
			continue;
		e->rules = o->rules;
		return true;
	}
	return false;
}

static bool
add_conditions(struct planner *p, struct entry *e)
{
	size_t abi = find_conditions(p, e);
	const char *why;

	if (abi == ABI_COUNT)
		return false;
	if (copy_conditions(p, e, abi))
		return true;
	why = rewrite_conditions(p->set, e->at[abi], p->plan->default_action,
				 is_narrow(e), &e->rules);
	if (why)
		report(p, e, why);
	return true;
}

/* Where ABIs differ in how they refuse: as the first one does. */
static bool
add_denial(struct planner *p, struct entry *e)
{
	uint32_t action = p->plan->default_action;

	for (size_t i = ABI_COUNT; i-- > 0;)
		if (e->number[i] >= 0 && !rewrite_denies(action))
			dd_is_value(p->set, e->at[i], &action);
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->number[i] >= 0 && !will_do(p, e->at[i], action))
			return false;
	if (action != p->plan->default_action)
		add_plain(p, e, action);
	return true;
}

static void
decide_entry(struct planner *p, struct entry *e)
{
	uint32_t value;
	size_t abi;

	if (needs_none(p, e))
		return;
	if (is_uniform(p, e, &value)) {
		if (has_number(e) || value != p->plan->default_action)
			add_plain(p, e, value);
	} else if (has_number(e) && !entry_mux(e, &abi) &&
		   !add_conditions(p, e) && !add_denial(p, e)) {
		report_differ(p, e);
	}
}

/*
 * What the rules on a call say of its multiplexer (rule 10): the plain one,
 * or the strictest that denies.
 */
static const struct plain_rule *
find_carried(const struct planner *p, const struct entry *e)
{
	const struct plain_rule *choice = NULL;
	int32_t rank = action_rank(p->plan->default_action);

	for (size_t i = 0; i < e->rules.n; i++) {
		const struct plain_rule *rule = &e->rules.v[i];

		if (!rule->n)
			return rule->action == p->plan->default_action ? NULL
								       : rule;
		if (action_rank(rule->action) < rank) {
			rank = action_rank(rule->action);
			choice = rule;
		}
	}
	return choice;
}

/* Rules on a multiplexer for what those on its calls do not say. */
static void
decide_mux(struct planner *p, struct entry *e)
{
	size_t abi;
	const struct mux *mux = entry_mux(e, &abi);
	dd otherwise = dd_value(p->set, p->plan->default_action);
	dd rest;
	uint32_t value;
	const char *why;

	if (!mux || e->number[abi] < 0 ||
	    dd_is_value(p->set, e->at[abi], &value))
		return;
	rest = e->at[abi];
	for (size_t i = 0; i < mux->count; i++) {
		const struct entry *call = entry_find(p, mux->calls[i].name);

		if (call && find_carried(p, call))
			rest = dd_apply(p->set, DD_ITE,
					dd_equals(p->set, DD_ARGS, mux->mask,
						  mux->calls[i].call),
					otherwise, rest);
	}
	if (rest == otherwise)
		return;
	why = rewrite_conditions(p->set, rest, p->plan->default_action, true,
				 &e->rules);
	if (why)
		report(p, e, why);
}

/* Notes the largest numbers that rules name. */
static void
find_highest(struct planner *p)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		p->plan->highest[i] = -1;
		for (size_t j = 0; j < p->entries.n; j++) {
			const struct entry *e = &p->entries.v[j];

			if (e->rules.n && e->number[i] > p->plan->highest[i])
				p->plan->highest[i] = e->number[i];
		}
	}
}

/* Names a number of an ABI that is at least some other. */
static bool
add_marker(struct planner *p, size_t abi, int64_t least)
{
	struct entry *best = NULL;
	uint32_t value, action = 0;

	for (size_t i = 0; i < p->entries.n; i++) {
		struct entry *e = &p->entries.v[i];

		if (e->number[abi] < least || !is_uniform(p, e, &value) ||
		    (best && e->number[abi] >= best->number[abi]))
			continue;
		best = e;
		action = value;
	}
	if (best) {
		add_plain(p, best, action);
		return true;
	}
	if (!p->plan->problem && !p->plan->any_denial)
		p->plan->problem = arena_printf(
			p->arena,
			"%s syscall %" PRId64 "(...): no rule can tell it from "
			"the newer ones, which get ENOSYS",
			arch_table[abi]->name, least);
	return false;
}

/* Whether a number that is not above all named ones gets ENOSYS. */
static bool
is_dug_out(const struct planner *p, const struct entry *e)
{
	dd none = dd_value(p->set, enosys);

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->number[i] >= 0 && e->number[i] <= p->plan->highest[i] &&
		    e->at[i] == none)
			return true;
	return false;
}

/*
 * Rule 11: names what is needed for the largest numbers to be right, and what
 * gets ENOSYS below them.
 */
static void
settle_numbers(struct planner *p)
{
	bool changed = p->has_cut;
	uint32_t value;

	find_highest(p);
	while (changed && !p->plan->problem) {
		changed = false;
		for (size_t i = 0; i < ABI_COUNT; i++) {
			int64_t least = p->numbers[i].needed;

			least = least < 0 ? 0 : least;
			if (entry_counts(p, i) &&
			    (p->numbers[i].cut || p->plan->highest[i] >= 0) &&
			    p->plan->highest[i] < least)
				changed |= add_marker(p, i, least);
			find_highest(p);
		}
		for (size_t i = 0; i < p->entries.n; i++) {
			struct entry *e = &p->entries.v[i];

			if (e->rules.n || !is_dug_out(p, e))
				continue;
			if (is_uniform(p, e, &value)) {
				add_plain(p, e, value);
				changed = true;
			} else if (!p->plan->any_denial) {
				report_differ(p, e);
			}
		}
		find_highest(p);
	}
}

/*
 * Whether libseccomp, which compares low words alone on i386 and x32, cuts a
 * constant there that is no negative int: the condition may hold for more.
 */
static bool
is_cut(const struct condition *c)
{
	uint64_t value = c->op == CMP_MASKED_EQ ? c->value2 : c->value;

	return value > UINT32_MAX && value >> 31 != 0x1ffffffff;
}

static void
check_constants(struct planner *p, const struct entry *e)
{
	for (size_t i = 0; i < e->rules.n && !p->plan->problem; i++) {
		const struct plain_rule *rule = &e->rules.v[i];

		for (size_t j = 0; j < rule->n; j++)
			if (is_cut(&rule->v[j]))
				p->plan->problem = arena_printf(
					p->arena,
					"%s: a constant above 32 bits, which "
					"libseccomp cuts on i386 and x32",
					e->name);
	}
}

/* Whether a name has a number where libseccomp looks at low words alone. */
static bool
has_low_words(const struct planner *p, const struct entry *e)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (p->plan->abis >> i & 1 && e->number[i] >= 0 &&
		    arch_table[i]->args != ARGS_64)
			return true;
	return false;
}

void
rewrite_names(struct rewrite_plan *plan, struct dd_set *set, dd wanted,
	      struct arena *arena)
{
	struct planner p = { .plan = plan, .set = set, .arena = arena };

	p.has_cut = rewrite_has_cut(plan->default_action);
	entry_list(&p, wanted);
	for (size_t i = 0; i < p.entries.n && !plan->problem; i++)
		decide_entry(&p, &p.entries.v[i]);
	for (size_t i = 0; i < p.entries.n && !plan->problem; i++)
		decide_mux(&p, &p.entries.v[i]);
	settle_numbers(&p);
	for (size_t i = 0; i < p.entries.n; i++)
		if (has_low_words(&p, &p.entries.v[i]))
			check_constants(&p, &p.entries.v[i]);
	for (size_t i = 0; i < p.entries.n; i++)
		if (p.entries.v[i].rules.n)
			*vec_push(&set->arena, &plan->list) =
				(struct named_rules){ p.entries.v[i].name,
						      p.entries.v[i].rules };
}
