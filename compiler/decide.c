#include "compiler.h"

#include <errno.h>
#include <string.h>

static const uint32_t action_enosys = SECCOMP_RET_ERRNO | ENOSYS;

/* The claims of an ABI and what numbers without a claim get. */
struct abi_plan {
	bool in;
	struct claims *claims;
	bool cut; /* numbers above highest get ENOSYS */
	uint32_t highest;
};

struct planner {
	struct decider d;
	struct decisions *out;
	struct abi_plan abis[ABI_COUNT];
	VEC(uint32_t) constants;    /* decisions without alternatives */
	uint32_t last, last_action; /* of them that was asked for */
};

static uint32_t
find_constant(struct planner *p, uint32_t action)
{
	uint32_t index;

	p->last_action = action;
	for (size_t i = 0; i < p->constants.n; i++)
		if (p->out->list.v[p->constants.v[i]].otherwise == action)
			return p->last = p->constants.v[i];
	index = (uint32_t)p->out->list.n;
	vec_push(p->d.arena, &p->out->list)->otherwise = action;
	*vec_push(p->d.arena, &p->constants) = index;
	return p->last = index;
}

/* The decision that is one action whatever the arguments. */
static inline uint32_t
constant(struct planner *p, uint32_t action)
{
	/* Most often, what it was last. */
	return p->constants.n && action == p->last_action
		       ? p->last
		       : find_constant(p, action);
}

/* Appends numbers first..last, joined with a range before that is equal. */
static void
append(struct planner *p, struct number_space *space, uint64_t first,
       uint64_t last, uint32_t decision)
{
	struct range *before =
		space->ranges.n ? &space->ranges.v[space->ranges.n - 1] : NULL;

	if (first > last)
		return;
	if (before && before->decision == decision)
		before->last = (uint32_t)last;
	else
		*vec_push(p->d.arena, &space->ranges) =
			(struct range){ (uint32_t)first, (uint32_t)last,
					decision };
}

static uint32_t
default_decision(struct planner *p)
{
	return constant(p, p->d.ruleset->default_action);
}

/* What a number gets that no rule claims. */
static uint32_t
unclaimed(struct planner *p, enum abi abi, uint32_t number)
{
	const struct options *options = p->d.ruleset->options;
	const struct abi_plan *plan = &p->abis[abi];
	const struct syscall_name *name;

	if (!plan->cut)
		return default_decision(p);
	if (number > plan->highest)
		return constant(p, action_enosys);
	if (options->unknown == UNKNOWN_SINCE) {
		name = syscall_find_number(abi, number);
		if (name && name->since[abi] > options->since)
			return constant(p, action_enosys);
	}
	return default_decision(p);
}

/* Rule 11: whether an ABI has a cut, and where. */
static void
plan_cut(struct planner *p, enum abi abi)
{
	const struct ruleset *ruleset = p->d.ruleset;
	struct abi_plan *plan = &p->abis[abi];

	switch (ruleset->default_action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		return;
	}
	switch (ruleset->options->unknown) {
	case UNKNOWN_ENOSYS:
		plan->cut = plan->claims->highest >= 0;
		plan->highest = (uint32_t)plan->claims->highest;
		break;
	case UNKNOWN_SINCE:
		/* Past the tables everything is newer. */
		plan->cut = true;
		plan->highest = (uint32_t)plan->claims->number_count - 1;
		break;
	case UNKNOWN_DEFAULT:
		break;
	}
}

static void
plan_abi(struct planner *p, enum abi abi)
{
	struct abi_plan *plan = &p->abis[abi];

	plan->in = true;
	plan->claims = claim_collect(&p->d, abi);
	plan_cut(p, abi);
	mux_carry(&p->d, plan->claims);
	mux_report(&p->d, plan->claims);
}

/* The decision on one number of an ABI's table. */
static bool
decide_number(struct planner *p, enum abi abi, uint32_t number,
	      uint32_t *decision)
{
	const struct claim_list *claims = &p->abis[abi].claims->numbers[number];
	struct decision made;
	bool named = false;

	/* Nearly all numbers: no rule, or one that has no conditions. */
	if (!claims->n) {
		*decision = unclaimed(p, abi, number);
		return true;
	}
	if (claims->n == 1 && claims->v->plain && !claims->v->dropped) {
		*decision = constant(p, claims->v->action);
		return true;
	}
	made = (struct decision){ 0 };
	for (size_t i = 0; i < claims->n; i++)
		named |= !claims->v[i].carried;
	if (!settle(&p->d, claims, &made))
		return false;
	/* Claims on some calls of a multiplexer do not name it. */
	if (!named)
		made.otherwise =
			p->out->list.v[unclaimed(p, abi, number)].otherwise;
	if (made.alternatives.n) {
		*decision = (uint32_t)p->out->list.n;
		*vec_push(p->d.arena, &p->out->list) = made;
	} else {
		*decision = constant(p, made.otherwise);
	}
	return true;
}

static bool
append_table(struct planner *p, struct number_space *space, enum abi abi,
	     uint64_t first)
{
	uint32_t decision = 0, before = 0, count, begun = 0;
	bool ok = true;

	count = (uint32_t)p->abis[abi].claims->number_count;
	for (uint32_t i = 0; i < count; i++, before = decision) {
		ok &= decide_number(p, abi, i, &decision);
		if (!i || decision == before)
			continue;
		append(p, space, first + begun, first + i - 1, before);
		begun = i;
	}
	append(p, space, first + begun, first + count - 1, decision);
	return ok;
}

/* The ABI of a token with or without a number bit, ABI_COUNT if none. */
static enum abi
find_abi(uint32_t token, bool with_bit)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token &&
		    (arch_table[i]->number_bit != 0) == with_bit)
			return (enum abi)i;
	return ABI_COUNT;
}

static bool
is_in(const struct planner *p, enum abi abi)
{
	return abi != ABI_COUNT && p->abis[abi].in;
}

/*
 * What numbers past the tables get.  A token with two ABIs has four quarters:
 * those with an odd index have the number bit.  A cut covers both quarters
 * of its ABI; else everything from the number bit up belongs to the ABI that
 * has it, or is foreign without it (rules 3 and 11).
 */
static uint32_t
beyond(struct planner *p, const enum abi abis[2], unsigned quarter)
{
	const struct ruleset *ruleset = p->d.ruleset;
	enum abi owner = abis[quarter & 1];

	if (is_in(p, owner) && (p->abis[owner].cut || quarter != 2))
		return unclaimed(p, owner, UINT32_MAX);
	if (quarter == 2 && is_in(p, abis[1]))
		return default_decision(p);
	return constant(p, ruleset->options->foreign_default
				   ? ruleset->default_action
				   : ruleset->options->foreign_action);
}

static bool
plan_space(struct planner *p, uint32_t token)
{
	struct number_space *space = vec_push(p->d.arena, &p->out->spaces);
	enum abi abis[2] = { find_abi(token, false), find_abi(token, true) };
	uint64_t size = abis[1] == ABI_COUNT ? UINT64_C(1) << 32
					     : arch_table[abis[1]]->number_bit;
	bool ok = true;

	space->audit_token = token;
	for (unsigned quarter = 0; quarter * size <= UINT32_MAX; quarter++) {
		enum abi owner = abis[quarter & 1];
		uint64_t first = quarter * size, last = first + size - 1;

		if (quarter < 2 && is_in(p, owner)) {
			ok &= append_table(p, space, owner, first);
			first += p->abis[owner].claims->number_count;
		}
		append(p, space, first, last, beyond(p, abis, quarter));
	}
	/* A tracer's "skip this call" is foreign to nobody. */
	if (abis[1] != ABI_COUNT && !is_in(p, abis[1])) {
		space->ranges.v[space->ranges.n - 1].last--;
		append(p, space, UINT32_MAX, UINT32_MAX, default_decision(p));
	}
	return ok;
}

/* Tokens in the order of the ABIs, the native one's first. */
static bool
plan_spaces(struct planner *p)
{
	enum abi native = p->d.ruleset->options->native;
	bool ok = plan_space(p, arch_table[native]->audit_token);

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t token = arch_table[i]->audit_token;
		bool seen = false;

		for (size_t j = 0; j < p->out->spaces.n; j++)
			seen |= p->out->spaces.v[j].audit_token == token;
		if (p->abis[i].in && !seen)
			ok &= plan_space(p, token);
	}
	return ok;
}

const struct decisions *
decide(struct arena *arena, const struct ruleset *ruleset, struct diags *diags)
{
	struct decisions *out = arena_alloc(arena, sizeof(*out));
	struct planner p = {
		.d = { .arena = arena, .diags = diags, .ruleset = ruleset },
		.out = out,
	};
	bool ok;

	claim_splits(&p.d);
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (ruleset->abis >> i & 1)
			plan_abi(&p, (enum abi)i);
	ok = plan_spaces(&p);
	out->asked = p.d.asked;
	out->foreign_action = ruleset->options->foreign_default
				      ? ruleset->default_action
				      : ruleset->options->foreign_action;
	return ok && !diags->count[SEVERITY_ERROR] ? out : NULL;
}
