/*
 * What every syscall gets, read off the function of the rules, as the prover
 * has it: the program is proved to do the same.
 */
#include "report.h"

#include <string.h>

/* Where a function has a value, in words if they are few. */
static void
spell_out(struct dd_set *set, dd function, struct verdict_case *made)
{
	dd where = dd_apply(set, DD_IS, function, dd_value(set, made->action),
			    DD_FALSE);

	made->more = true;
	if (!(dd_words(set, where) & DD_IP_WORDS))
		made->more =
			!express(set, where, &made->where, REPORT_CONJUNCTIONS);
}

/* How much a case wants to go without its condition. */
static unsigned
weigh_rest(const struct verdict_case *c, uint32_t default_action)
{
	return c->more ? 2 : c->action == default_action;
}

/* The one that does: the hardest to say, the default action, the longest. */
static struct verdict_case *
choose_rest(const struct verdict *v, uint32_t default_action)
{
	struct verdict_case *rest = &v->cases.v[0];

	for (size_t i = 1; i < v->cases.n; i++) {
		struct verdict_case *c = &v->cases.v[i];
		unsigned x = weigh_rest(c, default_action);
		unsigned y = weigh_rest(rest, default_action);

		if (x > y || (x == y && c->where.n > rest->where.n))
			rest = c;
	}
	return rest;
}

static void
find_cases(struct verdicts *all, struct verdict *v)
{
	struct dd_set *set = &all->set;
	uint32_t values[REPORT_ACTIONS];
	struct verdict_case *rest, last;
	size_t n = 0;

	if (!dd_values(set, v->function, values, &n, REPORT_ACTIONS)) {
		v->more = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct verdict_case *made = vec_push(&set->arena, &v->cases);

		made->action = values[i];
		made->more = true;
		if (all->spelled)
			spell_out(set, v->function, made);
	}
	if (!all->spelled)
		return;
	rest = choose_rest(v, all->c->ruleset->default_action);
	last = *rest;
	last.rest = true;
	memmove(rest, rest + 1,
		(size_t)(v->cases.v + v->cases.n - rest - 1) * sizeof(*rest));
	v->cases.v[v->cases.n - 1] = last;
}

static size_t
file_function(struct verdicts *all, dd function)
{
	struct verdict *v;

	for (size_t i = 0; i < all->list.n; i++)
		if (all->list.v[i].function == function)
			return i;
	v = vec_push(&all->set.arena, &all->list);
	v->function = function;
	v->plain = dd_is_value(&all->set, function, &v->action);
	if (!v->plain)
		find_cases(all, v);
	return all->list.n - 1;
}

static void
add_gap(struct verdicts *all, enum abi abi, uint64_t first, uint64_t last,
	dd function)
{
	size_t verdict = file_function(all, function);
	struct verdict_gap *gap =
		all->gaps.n ? &all->gaps.v[all->gaps.n - 1] : NULL;

	if (gap && gap->abi == abi && gap->verdict == verdict &&
	    (uint64_t)gap->last + 1 == first) {
		gap->last = (uint32_t)last;
		return;
	}
	gap = vec_push(&all->set.arena, &all->gaps);
	*gap = (struct verdict_gap){ abi, (uint32_t)first, (uint32_t)last,
				     verdict };
}

/* Numbers first..last have no name; cells of the function cut them. */
static void
add_unnamed(struct verdicts *all, enum abi abi, dd of_arch, uint64_t first,
	    uint64_t last)
{
	dd a = of_arch, b = of_arch;
	uint64_t from = 0;
	struct dd_cell cell;
	bool more;

	do {
		more = dd_split(&all->set, DD_NUMBER, &a, &b, &cell);
		if (cell.last >= first && from <= last)
			add_gap(all, abi, from > first ? from : first,
				cell.last < last ? cell.last : last, cell.a);
		from = (uint64_t)cell.last + 1;
	} while (more && from <= last);
}

/* Whether ABIs share an audit arch: bit 30 tells them apart then. */
static bool
is_shared(enum abi abi)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (i != (size_t)abi &&
		    arch_table[i]->audit_token == arch_table[abi]->audit_token)
			return true;
	return false;
}

/* The names of an ABI, and numbers without one up to last. */
static void
find_names(struct verdicts *all, enum abi abi, dd of_arch, uint64_t last)
{
	struct dd_set *set = &all->set;
	const struct arch *arch = arch_table[abi];
	uint64_t open = arch->number_bit;

	all->by_name[abi] = arena_alloc(
		&set->arena, syscall_name_count * sizeof(*all->by_name[abi]));
	for (size_t i = 0; i < syscall_number_count[abi]; i++) {
		uint16_t name = syscall_numbers[abi][i];
		uint32_t nr = (uint32_t)syscall_names[name].number[abi] |
			      arch->number_bit;

		all->by_name[abi][name] =
			1 +
			file_function(all, dd_at(set, of_arch, DD_NUMBER, nr));
		if (nr > open)
			add_unnamed(all, abi, of_arch, open, (uint64_t)nr - 1);
		open = (uint64_t)nr + 1;
	}
	add_unnamed(all, abi, of_arch, open, last);
}

/* All numbers of an ABI; of one that the filter does not have they are
 * numbers without a name, if calls by them can have an arch that it has. */
static void
find_abi(struct verdicts *all, dd decides, enum abi abi)
{
	const struct arch *arch = arch_table[abi];
	uint64_t first = arch->number_bit;
	uint64_t last = is_shared(abi) ? first | 0x3fffffff : UINT32_MAX;
	dd of_arch = dd_at(&all->set, decides, DD_ARCH, arch->audit_token);
	bool met = false;

	for (size_t i = 0; i < ABI_COUNT; i++)
		met |= (all->c->ruleset->abis >> i & 1) &&
		       arch_table[i]->audit_token == arch->audit_token;
	if (!met)
		return;
	if (all->c->ruleset->abis >> abi & 1)
		find_names(all, abi, of_arch, last);
	else
		add_unnamed(all, abi, of_arch, first, last);
	if (last < UINT32_MAX)
		add_unnamed(all, abi, of_arch, first | 0x80000000,
			    last | 0x80000000);
}

/* May be called again on an empty set. */
static void
work(struct dd_set *set, void *data)
{
	struct verdicts *all = data;
	dd decides;
	bool clash;

	memset(&all->list, 0, sizeof(all->list));
	memset(&all->gaps, 0, sizeof(all->gaps));
	memset(all->by_name, 0, sizeof(all->by_name));
	decides = meaning_of(set, all->c->ruleset, &clash);
	for (size_t i = 0; i < ABI_COUNT; i++)
		find_abi(all, decides, (enum abi)i);
}

void
verdicts_find(struct verdicts *all, const struct compilation *c)
{
	memset(all, 0, sizeof(*all));
	all->c = c;
	all->spelled = true;
	all->end = dd_run(&all->set, work, all);
	if (all->end == DD_DONE || all->end == DD_NO_MEMORY)
		return;
	/* Conditions are the hard part; what remains was proved already. */
	dd_finish(&all->set);
	memset(&all->set, 0, sizeof(all->set));
	all->spelled = false;
	all->end = dd_run_fields(&all->set, work, all);
}

void
verdicts_finish(struct verdicts *all)
{
	dd_finish(&all->set);
}
