#include "edit.h"

#include <string.h>

#include "compiler/differ.h"

enum { NAMES = 8, RANGES = 2, CASES = 64 }; /* that are listed */

/* The names that a group has on exactly these ABIs. */
static void
write_names(struct buf *buf, const struct diff_group *group, abi_set abis)
{
	size_t n = 0;

	for (size_t i = 0; i < group->places.n; i++) {
		const char *name = group->places.v[i].name;

		if (!name || diff_is_repeated(group, i) ||
		    diff_abis(group, i) != abis)
			continue;
		if (!n) {
			buf_printf(buf, "%s", buf->len ? "; " : "");
			describe_abis(buf, abis);
		}
		if (n < NAMES)
			buf_printf(buf, "%s %s", n ? "," : "", name);
		n++;
	}
	if (n > NAMES)
		buf_printf(buf, " and %zu more", n - NAMES);
}

static void
write_numbers(struct buf *buf, const struct diff_group *group)
{
	size_t n = 0;

	for (size_t i = 0; i < group->places.n; i++) {
		const struct diff_place *place = &group->places.v[i];

		if (place->name || n++ >= RANGES)
			continue;
		buf_printf(buf, "%s", buf->len ? "; " : "");
		if (place->abi != ABI_COUNT)
			buf_printf(buf, "%s ", arch_table[place->abi]->name);
		else
			buf_printf(buf, "arch 0x%x ", place->first_arch);
		buf_printf(buf,
			   place->first == place->last ? "number %u"
						       : "numbers %u to %u",
			   place->first, place->last);
	}
	if (n > RANGES)
		buf_printf(buf, "; %zu more ranges of numbers", n - RANGES);
}

static const char *
write_when(struct arena *arena, const struct diff_group *group,
	   const struct diff_case *c)
{
	const struct diff_place *place = &group->places.v[0];
	const struct syscall_name *name =
		place->name ? syscall_find(place->name) : NULL;
	struct buf buf = { .arena = arena };

	if (c->more)
		return "on some arguments";
	for (size_t i = 0; i < c->where.n + c->except.n; i++) {
		bool inner = i >= c->where.n;
		struct conjunction shown =
			inner ? c->except.v[i - c->where.n] : c->where.v[i];

		if (!shown.n && !inner)
			continue;
		buf_printf(&buf, "%s",
			   inner && i == c->where.n
				   ? buf.len ? ", but not when "
					     : "except when "
			   : buf.len ? " or "
				     : "when ");
		shown.narrow = place->abi != ABI_COUNT &&
			       arch_table[place->abi]->args == ARGS_LOW;
		express_write(&buf, &shown,
			      name ? &name->args[place->abi] : NULL);
	}
	return buf.data;
}

static void
add_group(struct edit *edit, struct arena *arena,
	  const struct diff_group *group)
{
	struct buf calls = { .arena = arena };

	for (abi_set abis = 1; abis < 1u << ABI_COUNT; abis++)
		write_names(&calls, group, abis);
	write_numbers(&calls, group);
	edit->places += group->places.n;
	for (size_t i = 0; i < group->cases.n && i < CASES; i++) {
		const struct diff_case *c = &group->cases.v[i];

		*vec_push(arena, &edit->changes) = (struct edit_change){
			.calls = calls.data,
			.when = write_when(arena, group, c),
			.before = c->a,
			.after = c->b,
		};
	}
}

static void
finish(void *diff)
{
	diff_finish(diff);
}

void
edit_compare(struct edit *edit, struct arena *arena,
	     const struct ruleset *before, const struct ruleset *after)
{
	struct side a = { .ruleset = before }, b = { .ruleset = after };
	struct diff *diff = arena_alloc(arena, sizeof(*diff));
	char reason[160];
	enum dd_end end;

	arena_own(arena, diff, finish);
	end = diff_find(diff, &a, &b, false);
	if (end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
	for (size_t i = 0; end == DD_DONE && i < diff->groups.n; i++)
		add_group(edit, arena, &diff->groups.v[i]);
	if (end != DD_DONE) {
		dd_explain(&diff->set, end, reason, sizeof(reason));
		edit->unknown = arena_printf(arena, "%s", reason);
	}
	diff_finish(diff);
}
