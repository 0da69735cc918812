#include "meaning.h"

#include <stdlib.h>
#include <string.h>

static void
add_naming(struct reader *r, struct named *named,
	   const struct resolved_rule *rule, const struct target *target)
{
	/* A name that stands twice in a rule says nothing new. */
	if (named->first && r->namings.v[named->last - 1].rule == rule)
		return;
	/* There is room: meaning_open(). */
	r->namings.v[r->namings.n++] = (struct naming){ rule, target, 0 };
	if (named->first)
		r->namings.v[named->last - 1].next = (uint32_t)r->namings.n;
	else
		named->first = (uint32_t)r->namings.n;
	named->last = (uint32_t)r->namings.n;
}

static void
add_target(struct reader *r, const struct resolved_rule *rule,
	   const struct target *target)
{
	int32_t number = target->number[r->abi];
	int mux = target->mux[r->abi];

	if (number >= 0)
		add_naming(r, &r->numbers[number], rule, target);
	if (mux >= 0)
		add_naming(r, &r->behind[mux][target->mux_call[r->abi]], rule,
			   target);
	if (number > r->highest)
		r->highest = number;
}

static void
make_room(struct reader *r)
{
	struct arena *arena = &r->set->arena;
	size_t muxes = r->arch->mux_count;

	r->holds = arena_alloc(arena, (r->rules->rules.n + 1) * sizeof(dd));
	r->numbers = arena_alloc(arena, r->count * sizeof(*r->numbers));
	r->behind = arena_alloc(arena, (muxes + 1) * sizeof(*r->behind));
	r->mux_numbers =
		arena_alloc(arena, (muxes + 1) * sizeof(*r->mux_numbers));
	for (size_t i = 0; i < muxes; i++) {
		const struct mux *mux = &r->arch->muxes[i];
		const struct syscall_name *name = syscall_find(mux->name);
		size_t calls = mux->calls[mux->count - 1].call + 1;

		r->mux_numbers[i] = name ? name->number[r->abi] : -1;
		r->behind[i] = arena_alloc(arena, calls * sizeof(**r->behind));
	}
}

void
meaning_open_abi(struct reader *r, enum abi abi)
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

/*
 * Rule 10: the rule that settles a call behind a multiplexer, of which no
 * arguments can be seen: the first without conditions, else the strictest
 * that denies.
 */
static const struct naming *
choose_behind(const struct reader *r, const struct named *named)
{
	const struct naming *choice = NULL;

	for (uint32_t i = named->first; i; i = r->namings.v[i - 1].next) {
		const struct naming *naming = &r->namings.v[i - 1];
		const struct resolved_rule *rule = naming->rule;

		if (rule->action == r->rules->default_action)
			continue;
		if (!rule->condition_count)
			return naming;
		if (meaning_denies(r, rule->action) &&
		    (!choice || meaning_rank(rule->action) <
					meaning_rank(choice->rule->action)))
			choice = naming;
	}
	return choice;
}

static void
add_part(struct reader *r, struct parts *list, const struct naming *naming,
	 dd where, bool carried)
{
	*vec_push(&r->set->arena, list) =
		(struct part){ naming->rule, naming->target, where, carried };
}

/* What rules on the calls behind a multiplexer say of it. */
static void
add_behind(struct reader *r, size_t index, struct parts *list)
{
	const struct mux *mux = &r->arch->muxes[index];
	bool strict = r->rules->options->muxes == MUX_STRICT;
	uint32_t mask = strict ? mux->mask : UINT32_MAX;

	for (size_t i = 0; i < mux->count; i++) {
		uint32_t call = mux->calls[i].call;
		const struct named *named = &r->behind[index][call];
		const struct naming *choice = choose_behind(r, named);
		dd selected;

		if (!named->first)
			continue;
		selected = dd_equals(r->set, DD_ARGS, mask, call);
		if (strict && choice)
			add_part(r, list, choice, selected, true);
		for (uint32_t j = named->first; j && !strict;
		     j = r->namings.v[j - 1].next) {
			struct naming naming = r->namings.v[j - 1];
			dd rest = meaning_holds(r, naming.rule, true);

			add_part(r, list, &naming,
				 dd_and(r->set, selected, rest), true);
		}
	}
}

/* The profile's order; a rule's own part before what it carries. */
static int
compare_parts(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	return x->carried - y->carried;
}

bool
meaning_is_mux(const struct reader *r, uint32_t number)
{
	bool is_mux = false;

	for (size_t i = 0; i < r->arch->mux_count; i++)
		is_mux |= r->mux_numbers[i] == (int64_t)number;
	return is_mux;
}

void
meaning_parts(struct reader *r, uint32_t number, struct parts *list)
{
	bool carried = false;

	list->n = 0;
	for (uint32_t i = r->numbers[number].first; i;
	     i = r->namings.v[i - 1].next)
		add_part(r, list, &r->namings.v[i - 1],
			 meaning_where(r, r->namings.v[i - 1].rule), false);
	for (size_t i = 0; i < r->arch->mux_count; i++) {
		if (r->mux_numbers[i] != (int64_t)number)
			continue;
		add_behind(r, i, list);
		carried = true;
	}
	if (carried && list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare_parts);
}

const struct part *
meaning_plain(const struct reader *r, const struct parts *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (!list->v[i].carried && !list->v[i].rule->condition_count &&
		    list->v[i].rule->action != r->rules->default_action)
			return &list->v[i];
	return NULL;
}
