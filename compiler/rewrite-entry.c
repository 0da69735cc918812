#include "rewrite-names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t enosys = SECCOMP_RET_ERRNO | ENOSYS;

static dd
at_number(const struct planner *p, size_t abi, uint32_t number)
{
	return dd_at(p->set, p->numbers[abi].under, DD_NUMBER,
		     number | arch_table[abi]->number_bit);
}

static void
open_abi(struct planner *p, size_t abi, dd wanted)
{
	struct numbers *n = &p->numbers[abi];
	size_t known = syscall_number_count[abi];
	const struct syscall_name *last =
		&syscall_names[syscall_numbers[abi][known - 1]];
	dd none = dd_value(p->set, enosys);

	n->under = dd_at(p->set, wanted, DD_ARCH, arch_table[abi]->audit_token);
	n->count = (uint32_t)last->number[abi] + 1;
	n->cut = at_number(p, abi, n->count) == none;
	n->needed = (int64_t)n->count - 1;
	while (n->needed >= 0 && at_number(p, abi, (uint32_t)n->needed) == none)
		n->needed--;
}

/* Rules on a call have a say unless one on the multiplexer decides it all. */
static void
find_muxed(struct planner *p, struct entry *e, size_t abi)
{
	for (size_t i = 0; i < arch_table[abi]->mux_count; i++) {
		const struct mux *mux = &arch_table[abi]->muxes[i];
		const struct syscall_name *name = syscall_find(mux->name);
		dd at = at_number(p, abi, (uint32_t)name->number[abi]);
		uint32_t value;

		if (dd_is_value(p->set, at, &value) &&
		    value != p->plan->default_action)
			continue;
		for (size_t j = 0; j < mux->count; j++) {
			if (strcmp(mux->calls[j].name, e->name))
				continue;
			e->behind[abi] = true;
			e->muxed[abi] =
				dd_apply(p->set, DD_WITH, at,
					 dd_equals(p->set, DD_ARGS, mux->mask,
						   mux->calls[j].call),
					 DD_FALSE);
		}
	}
}

static void
add_entry(struct planner *p, const char *name)
{
	const struct syscall_name *known = syscall_find(name);
	struct entry e = { .name = name };
	bool found = false;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		e.number[i] =
			entry_counts(p, i) && known ? known->number[i] : -1;
		if (e.number[i] >= 0)
			e.at[i] = at_number(p, i, (uint32_t)e.number[i]);
		if (entry_counts(p, i))
			find_muxed(p, &e, i);
		found |= e.number[i] >= 0 || e.behind[i];
	}
	if (found)
		*vec_push(&p->set->arena, &p->entries) = e;
}

static bool
has_entry(const struct planner *p, const char *name)
{
	for (size_t i = p->entries.n; i-- > 0;)
		if (!strcmp(p->entries.v[i].name, name))
			return true;
	return false;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
entry_list(struct planner *p, dd wanted)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (entry_counts(p, i))
			open_abi(p, i, wanted);
	for (size_t i = 0; i < syscall_name_count; i++)
		add_entry(p, syscall_names[i].name);
	for (size_t i = 0; i < ABI_COUNT; i++) {
		for (size_t j = 0; j < arch_table[i]->mux_count; j++) {
			const struct mux *mux = &arch_table[i]->muxes[j];

			for (size_t k = 0; k < mux->count; k++)
				if (!has_entry(p, mux->calls[k].name))
					add_entry(p, mux->calls[k].name);
		}
	}
	if (p->entries.n)
		qsort(p->entries.v, p->entries.n, sizeof(*p->entries.v),
		      compare_entries);
}

const struct entry *
entry_find(const struct planner *p, const char *name)
{
	struct entry key = { .name = name };

	return p->entries.n ? bsearch(&key, p->entries.v, p->entries.n,
				      sizeof(key), compare_entries)
			    : NULL;
}

const struct mux *
entry_mux(const struct entry *e, size_t *abi)
{
	for (*abi = 0; *abi < ABI_COUNT; ++*abi)
		for (size_t i = 0; i < arch_table[*abi]->mux_count; i++)
			if (!strcmp(arch_table[*abi]->muxes[i].name, e->name))
				return &arch_table[*abi]->muxes[i];
	return NULL;
}
