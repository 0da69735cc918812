#include "budget.h"

#include "lint.h"

enum { LISTED = 8 }; /* syscalls that a message names */

static void
check_instructions(struct compilation *c, size_t most)
{
	size_t count = c->program->code.n;

	if (count > most)
		diag_at(&c->diags, DIAG_MAX_INSTRUCTIONS, c->profile->root,
			"fewer or simpler conditions make it shorter; so do "
			"fewer ABIs (--arch)",
			"the program has %zu instructions, %zu more than the "
			"budget of %zu; most of them are for %s",
			count, count - most, most, length_culprits(c));
}

/* The most that calls with a number execute. */
static unsigned
longest_of(struct compilation *c, enum abi abi, uint32_t number)
{
	const struct program *p = c->program;
	struct arena arena;
	struct longest longest;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		arena_finish(&arena);
		longjmp(c->arena.oom, 1);
	}
	longest_find_for(&longest, &arena, p->code.v, p->code.n,
			 arch_table[abi]->audit_token, number);
	arena_finish(&arena);
	return longest.bound;
}

static void
check_path(struct compilation *c, size_t most)
{
	const struct json *where = c->profile->default_where;
	const struct json **places;
	struct lint_list names;
	struct longest longest;
	unsigned worst = 0;

	longest_find(&longest, &c->arena, c->program->code.v,
		     c->program->code.n, false);
	if (longest.bound <= most)
		return;
	places = lint_names(&c->arena, c->ruleset);
	lint_list_init(&names, &c->arena, LISTED);
	for (size_t i = 0; i < ABI_COUNT; i++) {
		for (size_t j = 0;
		     c->ruleset->abis >> i & 1 && j < syscall_number_count[i];
		     j++) {
			uint16_t at = syscall_numbers[i][j];
			const struct syscall_name *name = &syscall_names[at];
			unsigned executed =
				longest_of(c, (enum abi)i,
					   (uint32_t)name->number[i] |
						   arch_table[i]->number_bit);

			if (executed <= most)
				continue;
			lint_list_add(&names, "%s %s", arch_table[i]->name,
				      name->name);
			if (executed > worst && places[at])
				where = places[at];
			if (executed > worst)
				worst = executed;
		}
	}
	diag_at(&c->diags, DIAG_MAX_PATH, where,
		"simpler conditions make it shorter; --optimize=speed may too",
		"a call executes up to %u instructions, more than the budget "
		"of %zu: %s",
		longest.bound, most,
		names.count ? lint_list_end(&names) : "calls without a name");
}

/* What an ABI's syscalls add up to. */
struct cached {
	size_t allowed, cached;
	struct lint_list names;	  /* of those that are allowed, not cached */
	const struct json *where; /* the first of them that is named */
};

static void
count_cached(struct lint *l, struct cached *cached, enum abi abi)
{
	const struct program *p = l->c->program;

	for (size_t i = 0; i < syscall_number_count[abi]; i++) {
		uint16_t at = syscall_numbers[abi][i];
		const struct syscall_name *name = &syscall_names[at];
		dd function = lint_call(l, abi, name->name);

		if (lint_where(l, function, LINT_RUNS) == DD_FALSE)
			continue;
		cached->allowed++;
		if (program_caches(p->code.v, abi,
				   (uint32_t)name->number[abi])) {
			cached->cached++;
			continue;
		}
		lint_list_add(&cached->names, "%s %s", arch_table[abi]->name,
			      name->name);
		if (!cached->where)
			cached->where = l->named[at];
	}
}

void
budget_cached(struct lint *l)
{
	const struct budgets *budgets = l->options->budgets;
	struct cached cached = { 0 };
	size_t least;

	if (!budgets || !budgets->min_cached || !l->c->program)
		return;
	lint_list_init(&cached.names, l->arena, LISTED);
	/* The cache does not know numbers of x32. */
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!arch_table[i]->number_bit && l->abis[i] != DD_NONE)
			count_cached(l, &cached, (enum abi)i);
	least = budgets->percent
			? (cached.allowed * budgets->min_cached + 99) / 100
			: budgets->min_cached;
	if (cached.cached >= least)
		return;
	lint_report(l, DIAG_MIN_CACHED,
		    cached.where ? cached.where : l->c->profile->default_where,
		    "kernels from 5.11 on keep the answer for syscalls that "
		    "are allowed whatever their arguments",
		    "%zu of %zu syscalls that can be allowed are answered from "
		    "the kernel's cache, fewer than the budget of %zu; not %s",
		    cached.cached, cached.allowed, least,
		    cached.names.count ? lint_list_end(&cached.names) : "none");
}

/* A comparison with a baseline, and what to say of it. */
struct comparison {
	struct compilation *c;
	const struct budgets *budgets;
	const struct json **places;
	struct diff diff;
	struct lint_list unnamed; /* that no rule names */
	struct report_set reported;
	bool found;
};

static const char *
action_text(struct comparison *m, uint32_t action)
{
	char *out = arena_alloc(&m->c->arena, 32);

	action_print(out, action);
	return out;
}

static void
report_weaker(struct comparison *m, const struct diff_place *place,
	      const struct diff_case *weaker)
{
	const struct syscall_name *name =
		place->name ? syscall_find(place->name) : NULL;
	const struct json *where =
		name ? m->places[name - syscall_names] : NULL;
	struct buf call = { .arena = &m->c->arena };

	if (!where) {
		if (place->abi != ABI_COUNT)
			lint_list_add(&m->unnamed, "%s %s",
				      arch_table[place->abi]->name,
				      place->name ? place->name
						  : "without a name");
		else
			lint_list_add(&m->unnamed, "other archs");
		return;
	}
	m->found = true;
	/* One ABI stands for all. */
	if (!report_is_new(&m->reported, &m->c->arena, DIAG_WEAKER, where))
		return;
	describe_named(&call, place->abi, place->name, weaker->call.args,
		       weaker->words);
	diag_at(&m->c->diags, DIAG_WEAKER, where, NULL,
		"%s gets %s, and %s from the baseline %s", call.data,
		action_text(m, weaker->a), action_text(m, weaker->b),
		m->budgets->baseline_name);
}

static void
report_group(struct comparison *m, const struct diff_group *group)
{
	const struct diff_case *weaker = NULL;

	for (size_t i = 0; i < group->cases.n && !weaker; i++)
		if (group->cases.v[i].order == DD_WEAKER)
			weaker = &group->cases.v[i];
	for (size_t i = 0; weaker && i < group->places.n; i++)
		report_weaker(m, &group->places.v[i], weaker);
}

static void
finish(void *diff)
{
	diff_finish(diff);
}

static void
check_baseline(struct compilation *c, const struct budgets *budgets)
{
	const struct side own = { .ruleset = c->ruleset,
				  .code = c->program->code.v,
				  .count = c->program->code.n };
	struct comparison *m = arena_alloc(&c->arena, sizeof(*m));
	char reason[160];
	enum dd_end end;

	m->c = c;
	m->budgets = budgets;
	m->places = lint_names(&c->arena, c->ruleset);
	lint_list_init(&m->unnamed, &c->arena, LISTED);
	arena_own(&c->arena, &m->diff, finish);
	end = diff_find(&m->diff, &own, budgets->baseline, false);
	if (end == DD_NO_MEMORY)
		longjmp(c->arena.oom, 1);
	if (end != DD_DONE) {
		dd_explain(&m->diff.set, end, reason, sizeof(reason));
		diag_at(&c->diags, DIAG_TOO_COMPLEX, c->profile->root, NULL,
			"it cannot be compared with the baseline %s: %s",
			budgets->baseline_name, reason);
		return;
	}
	for (size_t i = 0; i < m->diff.groups.n; i++)
		report_group(m, &m->diff.groups.v[i]);
	if (m->diff.found[DD_WEAKER] && (m->unnamed.count || !m->found))
		diag_at(&c->diags, DIAG_WEAKER, c->profile->default_where, NULL,
			"laxer than the baseline %s without a rule that says "
			"so: %s",
			budgets->baseline_name,
			m->unnamed.count ? lint_list_end(&m->unnamed)
					 : "calls that cannot be listed");
}

bool
budgets_check(struct compilation *c, const struct budgets *budgets)
{
	if (!c->program)
		return !c->out_of_memory;
	if (setjmp(c->arena.oom)) {
		c->out_of_memory = true;
		return false;
	}
	if (budgets->max_instructions)
		check_instructions(c, budgets->max_instructions);
	if (budgets->max_path)
		check_path(c, budgets->max_path);
	if (budgets->baseline)
		check_baseline(c, budgets);
	return true;
}
