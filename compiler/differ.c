#include "differ.h"

#include <stdlib.h>
#include <string.h>

#include "code.h"

enum {
	MAX_VALUES = 24,       /* actions of a syscall that are told apart */
	MAX_CONJUNCTIONS = 12, /* of a condition that are spelled out */
};

dd
side_read(struct dd_set *set, const struct side *side)
{
	bool clash;

	return side->ruleset ? meaning_of(set, side->ruleset, &clash)
			     : symbolic_run(set, side->code, side->count);
}

/* What is looked at: numbers first..last under these archs. */
struct spot {
	uint32_t first_arch, last_arch;
	uint32_t first, last;
	dd a, b;
	bool example;
};

static enum dd_order
compare(uint32_t a, uint32_t b)
{
	int32_t x = action_rank(a), y = action_rank(b);

	return x < y ? DD_STRICTER : y < x ? DD_WEAKER : DD_OTHER_DATA;
}

/* The condition of a case, or what it leaves out, if that is short. */
static void
spell_out(struct dd_set *set, dd where, struct diff_case *made)
{
	struct conjunctions some = { 0 };
	dd outer[] = { DD_TRUE, DD_TRUE };

	made->more = true;
	if (dd_words(set, where) & DD_IP_WORDS)
		return;
	made->more = !express(set, where, &made->where, MAX_CONJUNCTIONS);
	if (made->more)
		outer[1] = express_low(set, where);
	/* All but, or what low words tell but. */
	for (size_t i = 0; i < LENGTH(outer) && made->more; i++) {
		dd inner = dd_apply(set, DD_ITE, where, DD_FALSE, outer[i]);

		if (!express(set, outer[i], &some, MAX_CONJUNCTIONS) ||
		    !express(set, inner, &made->except, MAX_CONJUNCTIONS)) {
			made->except.n = 0;
			continue;
		}
		made->where = some;
		made->more = false;
	}
}

/* Where a says x and b says y, which are not the same. */
static void
add_case(struct diff *diff, struct diff_group *group, uint32_t x, uint32_t y)
{
	struct dd_set *set = &diff->set;
	struct diff_case made = { .order = compare(x, y), .a = x, .b = y };
	dd where = dd_and(
		set, dd_apply(set, DD_IS, group->a, dd_value(set, x), DD_FALSE),
		dd_apply(set, DD_IS, group->b, dd_value(set, y), DD_FALSE));

	if (where == DD_FALSE || x == y ||
	    (diff->by_action && made.order == DD_OTHER_DATA))
		return;
	made.words = dd_difference(set, where, DD_FALSE, &made.call);
	spell_out(set, where, &made);
	*vec_push(&set->arena, &group->cases) = made;
}

/* How both sides compare, as far as that counts. */
static dd
find_orders(struct diff *diff, dd a, dd b)
{
	struct dd_set *set = &diff->set;
	dd orders = dd_apply(set, DD_ORDER, a, b, DD_FALSE);
	dd other = dd_value(set, DD_OTHER_DATA);

	if (!diff->by_action)
		return orders;
	return dd_apply(set, DD_ITE,
			dd_apply(set, DD_IS, orders, other, DD_FALSE),
			dd_value(set, DD_EQUAL), orders);
}

/* More actions than can be told apart: one call has to do. */
static void
add_example(struct diff *diff, struct diff_group *group)
{
	struct dd_set *set = &diff->set;
	struct diff_case made = { .more = true };
	dd orders = find_orders(diff, group->a, group->b);

	if (orders == dd_value(set, DD_EQUAL))
		return;
	made.words =
		dd_difference(set, orders, dd_value(set, DD_EQUAL), &made.call);
	made.a = dd_decide(set, group->a, &made.call);
	made.b = dd_decide(set, group->b, &made.call);
	made.order = compare(made.a, made.b);
	*vec_push(&set->arena, &group->cases) = made;
}

static void
add_cases(struct diff *diff, struct diff_group *group)
{
	uint32_t x[MAX_VALUES], y[MAX_VALUES];
	size_t n, m;

	if (!dd_values(&diff->set, group->a, x, &n, MAX_VALUES) ||
	    !dd_values(&diff->set, group->b, y, &m, MAX_VALUES)) {
		add_example(diff, group);
		return;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < m; j++)
			add_case(diff, group, x[i], y[j]);
}

/* Files a place under what both sides say there. */
static void
add_place(struct diff *diff, const struct spot *spot, enum abi abi,
	  const char *name, uint32_t first, uint32_t last)
{
	struct diff_place place = { abi,
				    name,
				    first,
				    last,
				    spot->first_arch,
				    spot->last_arch,
				    spot->example };
	struct diff_group *group = NULL;

	for (size_t i = 0; i < diff->groups.n && !group; i++)
		if (diff->groups.v[i].a == spot->a &&
		    diff->groups.v[i].b == spot->b)
			group = &diff->groups.v[i];
	if (!group) {
		group = vec_push(&diff->set.arena, &diff->groups);
		group->a = spot->a;
		group->b = spot->b;
		add_cases(diff, group);
	}
	*vec_push(&diff->set.arena, &group->places) = place;
}

/* Numbers without a name, cut where another ABI begins. */
static void
add_unnamed(struct diff *diff, const struct spot *spot, uint64_t first,
	    uint64_t last)
{
	while (first <= last) {
		enum abi abi = arch_of_call(spot->first_arch, (uint32_t)first);
		uint64_t end =
			(first | 0x3fffffff) < last ? first | 0x3fffffff : last;

		add_place(diff, spot, abi, NULL, (uint32_t)first,
			  (uint32_t)end);
		first = end + 1;
	}
}

/* The names of the numbers of a spot, under one known arch. */
static void
add_names(struct diff *diff, const struct spot *spot)
{
	uint64_t open = spot->first;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		if (arch->audit_token != spot->first_arch)
			continue;
		for (size_t j = 0; j < syscall_number_count[i]; j++) {
			const struct syscall_name *name =
				&syscall_names[syscall_numbers[i][j]];
			uint32_t nr =
				(uint32_t)name->number[i] | arch->number_bit;

			if (nr < open || nr > spot->last)
				continue;
			if (nr > open)
				add_unnamed(diff, spot, open, (uint64_t)nr - 1);
			add_place(diff, spot, (enum abi)i, name->name, nr, nr);
			open = (uint64_t)nr + 1;
		}
	}
	add_unnamed(diff, spot, open, spot->last);
}

static bool
is_known(uint32_t token)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token)
			return true;
	return false;
}

static void
add_spot(struct diff *diff, const struct spot *spot)
{
	if (spot->a == spot->b)
		return;
	if (is_known(spot->first_arch) && spot->first_arch == spot->last_arch)
		add_names(diff, spot);
	else
		add_place(diff, spot, ABI_COUNT, NULL, spot->first, spot->last);
}

static void
find_numbers(struct diff *diff, struct spot spot)
{
	dd a = spot.a, b = spot.b;
	struct dd_cell cell;
	bool more;

	spot.first = 0;
	do {
		more = dd_split(&diff->set, DD_NUMBER, &a, &b, &cell);
		spot.last = cell.last;
		spot.a = cell.a;
		spot.b = cell.b;
		add_spot(diff, &spot);
		spot.first = cell.last + 1;
	} while (more);
}

/* One cell of archs after the other, and in each one of numbers. */
static void
find_archs(struct diff *diff, dd a, dd b)
{
	struct spot spot = { 0 };
	struct dd_cell cell;
	bool more;

	do {
		more = dd_split(&diff->set, DD_ARCH, &a, &b, &cell);
		spot.last_arch = cell.last;
		spot.a = cell.a;
		spot.b = cell.b;
		if (spot.a != spot.b)
			find_numbers(diff, spot);
		spot.first_arch = cell.last + 1;
	} while (more);
}

/* One call for each order that is left: places cannot be listed. */
static void
add_examples(struct diff *diff, dd a, dd b, dd rest)
{
	struct dd_set *set = &diff->set;

	for (uint32_t order = DD_STRICTER; order < DD_ORDERS; order++) {
		dd where = dd_apply(set, DD_IS, rest, dd_value(set, order),
				    DD_FALSE);
		struct seccomp_data call;
		struct spot spot = { .example = true };

		if (where == DD_FALSE)
			continue;
		dd_difference(set, where, DD_FALSE, &call);
		spot.first_arch = spot.last_arch = call.arch;
		spot.first = spot.last = (uint32_t)call.nr;
		spot.a = dd_at(set, dd_at(set, a, DD_ARCH, call.arch),
			       DD_NUMBER, spot.first);
		spot.b = dd_at(set, dd_at(set, b, DD_ARCH, call.arch),
			       DD_NUMBER, spot.first);
		add_spot(diff, &spot);
	}
}

/* A named number by itself; what is left of the orders. */
static dd
add_named(struct diff *diff, dd a, dd b, dd rest, enum abi abi,
	  const struct syscall_name *name)
{
	struct dd_set *set = &diff->set;
	uint32_t token = arch_table[abi]->audit_token;
	uint32_t nr = (uint32_t)name->number[abi] | arch_table[abi]->number_bit;
	dd one = dd_and(set, dd_equals(set, DD_ARCH, UINT32_MAX, token),
			dd_equals(set, DD_NUMBER, UINT32_MAX, nr));
	struct spot spot = {
		.first_arch = token,
		.last_arch = token,
		.first = nr,
		.last = nr,
		.a = dd_apply(set, DD_WITH, a, one, DD_FALSE),
		.b = dd_apply(set, DD_WITH, b, one, DD_FALSE),
	};

	if (spot.a != spot.b)
		add_place(diff, &spot, abi, name->name, nr, nr);
	return dd_apply(set, DD_ITE, one, dd_value(set, DD_EQUAL), rest);
}

/* One number at a time, as numbers or archs are tested bit by bit. */
static void
find_named(struct diff *diff, dd a, dd b, dd orders)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		for (size_t j = 0; j < syscall_number_count[i]; j++)
			orders = add_named(
				diff, a, b, orders, (enum abi)i,
				&syscall_names[syscall_numbers[i][j]]);
	add_examples(diff, a, b, orders);
}

static int
compare_places(const void *a, const void *b)
{
	const struct diff_place *x = a, *y = b;

	if (x->abi != y->abi)
		return x->abi < y->abi ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

/* Sorts the places; the calls are those of the first one. */
static void
complete(struct diff_group *group)
{
	qsort(group->places.v, group->places.n, sizeof(*group->places.v),
	      compare_places);
	for (size_t i = 0; i < group->cases.n; i++) {
		group->cases.v[i].call.arch = group->places.v[0].first_arch;
		group->cases.v[i].call.nr = (int)group->places.v[0].first;
	}
}

/* Without groups that differ in nothing that counts. */
static void
complete_groups(struct diff *diff)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->groups.n; i++) {
		if (!diff->groups.v[i].cases.n)
			continue;
		complete(&diff->groups.v[i]);
		diff->groups.v[n++] = diff->groups.v[i];
	}
	diff->groups.n = n;
}

/* What is equal or found does not depend on what can be listed. */
static void
work(struct dd_set *set, void *data)
{
	struct diff *diff = data;
	dd a = side_read(set, diff->a), b = side_read(set, diff->b);
	dd orders = find_orders(diff, a, b);
	uint32_t values[DD_ORDERS];
	size_t n;

	memset(&diff->groups, 0, sizeof(diff->groups));
	memset(diff->found, 0, sizeof(diff->found));
	set->where = "group ";
	diff->equal = orders == dd_value(set, DD_EQUAL);
	if (diff->equal)
		return;
	dd_values(set, orders, values, &n, DD_ORDERS);
	for (size_t i = 0; i < n; i++)
		diff->found[values[i]] = true;
	if (dd_has_bits(set, DD_ARCH) || dd_has_bits(set, DD_NUMBER))
		find_named(diff, a, b, orders);
	else
		find_archs(diff, a, b);
	complete_groups(diff);
}

/* The same bytes need no proof, which might not come to an end. */
static bool
is_same_program(const struct side *a, const struct side *b)
{
	return !a->ruleset && !b->ruleset && a->count == b->count &&
	       !memcmp(a->code, b->code, a->count * sizeof(*a->code));
}

enum dd_end
diff_find(struct diff *diff, const struct side *a, const struct side *b,
	  bool by_action)
{
	memset(diff, 0, sizeof(*diff));
	diff->a = a;
	diff->b = b;
	diff->by_action = by_action;
	diff->equal = is_same_program(a, b);
	return diff->equal ? DD_DONE : dd_run(&diff->set, work, diff);
}

void
diff_finish(struct diff *diff)
{
	dd_finish(&diff->set);
}
