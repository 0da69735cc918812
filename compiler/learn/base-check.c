#include "base.h"

#include <errno.h>
#include <string.h>

#include "compiler/differ.h"

/*
 * What the result does otherwise than the base, for all calls, held against
 * what was said: of ABIs that were in the filter, nothing but ALLOW for what
 * is added, and the default for numbers that rule 11 gave ENOSYS to and that
 * are no longer above all that is named.  Where nothing was named, the rule
 * begins with the first name, for all above it.
 */

static bool
is_added(const struct base *base, const char *name)
{
	for (size_t i = 0; i < base->additions.n; i++)
		if (!strcmp(base->additions.v[i].name->name, name))
			return true;
	return false;
}

/* Whether a name is a multiplexer of something that is added (rule 10). */
static bool
carries_added(const struct base *base, enum abi abi, const char *name)
{
	const struct arch *arch = arch_table[abi];

	for (size_t i = 0; i < arch->mux_count; i++)
		for (size_t j = 0; j < arch->muxes[i].count; j++)
			if (!strcmp(arch->muxes[i].name, name) &&
			    is_added(base, arch->muxes[i].calls[j].name))
				return true;
	return false;
}

static bool
is_uncut(const struct base *base, const struct diff_case *c)
{
	return c->a == (SECCOMP_RET_ERRNO | ENOSYS) &&
	       c->b == base->now->ruleset->default_action;
}

/* Whether rule 11 held in the base: above all names, and all numbers that there
 * can be, it gives ENOSYS. */
static bool
was_cut(const struct base *base, enum abi abi)
{
	const struct program *program = base->first->program;
	const struct arch *arch = arch_table[abi];
	struct seccomp_data call = { .nr = (int)(arch->number_bit | 0xbfffffff),
				     .arch = arch->audit_token };

	return bpf_run(program->code.v, program->code.n, &call, NULL) ==
	       (SECCOMP_RET_ERRNO | ENOSYS);
}

static bool
is_cut_now(const struct base *base, enum abi abi, const struct diff_case *c)
{
	return c->a != SECCOMP_RET_ALLOW &&
	       c->b == (SECCOMP_RET_ERRNO | ENOSYS) && !was_cut(base, abi);
}

/* Numbers that are of no ABI, under a token that one more ABI shares now. */
static bool
is_beside_new(const struct base *base, const struct diff_place *place)
{
	const struct arch *arch = arch_table[place->abi];

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (base->abis >> i & 1 &&
		    arch_table[i]->audit_token == arch->audit_token &&
		    !place->name &&
		    place->first >=
			    (arch_table[i]->number_bit | arch->number_bit))
			return true;
	return false;
}

static bool
is_said(const struct base *base, const struct diff_place *place,
	const struct diff_case *c)
{
	if (place->abi == ABI_COUNT)
		return false;
	if (base->abis >> place->abi & 1 || is_uncut(base, c) ||
	    is_cut_now(base, place->abi, c) || is_beside_new(base, place))
		return true;
	return c->b == SECCOMP_RET_ALLOW && place->name &&
	       (is_added(base, place->name) ||
		carries_added(base, place->abi, place->name));
}

static bool
check_group(struct base *base, const struct diff_group *group)
{
	struct buf buf = { .arena = base->arena };

	for (size_t i = 0; i < group->places.n; i++) {
		const struct diff_place *place = &group->places.v[i];
		const struct syscall_name *name =
			place->name ? syscall_find(place->name) : NULL;

		for (size_t j = 0; j < group->cases.n; j++) {
			const struct diff_case *c = &group->cases.v[j];

			if (!is_said(base, place, c)) {
				describe_call(&buf, &c->call, c->words);
				base->problem = arena_printf(
					base->arena, "%s changed", buf.data);
				return false;
			}
			if (base->abis >> place->abi & 1)
				continue;
			if (name && is_uncut(base, c))
				*vec_push(base->arena, &base->uncut) = name;
			if (is_cut_now(base, place->abi, c))
				base->cut |= 1u << place->abi;
		}
	}
	return true;
}

static bool
compare(struct base *base, struct diff *diff)
{
	struct side a = { .ruleset = base->first->ruleset };
	struct side b = { .ruleset = base->now->ruleset };
	enum dd_end end = diff_find(diff, &a, &b, false);
	char reason[160];

	if (end == DD_NO_MEMORY)
		longjmp(base->arena->oom, 1);
	if (end != DD_DONE) {
		dd_explain(&diff->set, end, reason, sizeof(reason));
		base->problem = arena_printf(base->arena, "%s", reason);
		return false;
	}
	for (size_t i = 0; i < diff->groups.n; i++)
		if (!check_group(base, &diff->groups.v[i]))
			return false;
	return true;
}

static void
finish(void *diff)
{
	diff_finish(diff);
}

/* What was seen and added runs under the program that came out. */
static bool
check_misses(struct base *base)
{
	const struct program *program = base->now->program;
	struct buf buf = { .arena = base->arena };

	for (size_t i = 0; i < base->seen->misses.n; i++) {
		const struct seen_miss *miss = &base->seen->misses.v[i];
		const struct arch *arch = arch_table[miss->abi];
		struct seccomp_data call = { .nr = (int)(miss->number |
							 arch->number_bit),
					     .arch = arch->audit_token };
		const struct syscall_name *name =
			syscall_find_number(miss->abi, miss->number);

		memcpy(call.args, miss->args, sizeof(call.args));
		if (!(base->now->ruleset->abis >> miss->abi & 1) ||
		    !is_added(base, name->name) ||
		    bpf_run(program->code.v, program->code.n, &call, NULL) ==
			    SECCOMP_RET_ALLOW)
			continue;
		describe_call(&buf, &call, UINT32_MAX);
		base->problem = arena_printf(base->arena, "%s is not allowed",
					     buf.data);
		return false;
	}
	return true;
}

bool
base_check(struct base *base)
{
	struct diff *diff;
	bool ok;

	if (!base->is_new)
		return true;
	diff = arena_alloc(base->arena, sizeof(*diff));
	arena_own(base->arena, diff, finish);
	ok = compare(base, diff) && check_misses(base);
	diff_finish(diff);
	return ok;
}
