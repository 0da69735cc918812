#include "compiler.h"
#include "differ.h"

#include <string.h>

enum { LINE = 74 }; /* letters before a name goes to the next one */

abi_set
diff_abis(const struct diff_group *group, size_t at)
{
	const char *name = group->places.v[at].name;
	abi_set abis = 0;

	for (size_t i = 0; i < group->places.n; i++) {
		const struct diff_place *place = &group->places.v[i];

		if (place->name && place->name == name)
			abis |= 1u << place->abi;
	}
	return abis;
}

bool
diff_is_repeated(const struct diff_group *group, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (group->places.v[i].name == group->places.v[at].name)
			return true;
	return false;
}

/* The names that a group has on exactly these ABIs, in lines. */
static void
write_names(struct buf *buf, const struct diff_group *group, abi_set abis)
{
	size_t column = 0;

	for (size_t i = 0; i < group->places.n; i++) {
		const char *name = group->places.v[i].name;
		size_t start = buf->len;

		if (!name || diff_is_repeated(group, i) ||
		    diff_abis(group, i) != abis)
			continue;
		if (!column) {
			describe_abis(buf, abis);
			buf_printf(buf, ":");
		} else {
			buf_printf(buf, ",");
		}
		if (column + strlen(name) > LINE) {
			buf_printf(buf, "\n   ");
			column = 0;
		}
		buf_printf(buf, " %s", name);
		column += buf->len - start;
	}
	if (column)
		buf_printf(buf, "\n");
}

static void
write_number(struct buf *buf, uint32_t n)
{
	buf_printf(buf, n < 65536 ? "%u" : "0x%x", n);
}

static void
write_unnamed(struct buf *buf, const struct diff_place *place)
{
	if (place->example)
		buf_printf(buf, "for example, as not all can be listed: ");
	if (place->abi != ABI_COUNT) {
		buf_printf(buf, "%s: without a name: ",
			   arch_table[place->abi]->name);
	} else if (place->first_arch == place->last_arch) {
		buf_printf(buf, "arch 0x%x: ", place->first_arch);
	} else {
		buf_printf(buf, "archs 0x%x to 0x%x: ", place->first_arch,
			   place->last_arch);
	}
	if (!place->first && place->last == UINT32_MAX) {
		buf_printf(buf, "all numbers\n");
		return;
	}
	write_number(buf, place->first);
	if (place->last != place->first) {
		buf_printf(buf, " to ");
		write_number(buf, place->last);
	}
	buf_printf(buf, "\n");
}

static void
write_places(struct buf *buf, const struct diff_group *group)
{
	for (abi_set abis = 1; abis < 1u << ABI_COUNT; abis++)
		write_names(buf, group, abis);
	for (size_t i = 0; i < group->places.n; i++)
		if (!group->places.v[i].name)
			write_unnamed(buf, &group->places.v[i]);
}

/* A condition, with the argument names of the group's first syscall. */
static void
write_condition(struct buf *buf, const struct diff_group *group,
		const struct conjunction *where)
{
	const struct diff_place *place = &group->places.v[0];
	const struct syscall_name *name =
		place->name ? syscall_find(place->name) : NULL;
	struct conjunction shown = *where;

	shown.narrow = place->abi != ABI_COUNT &&
		       arch_table[place->abi]->args == ARGS_LOW;
	express_write(buf, &shown, name ? &name->args[place->abi] : NULL);
}

/* " when a == 1 or b == 2"; nothing for what always holds. */
static void
write_list(struct buf *buf, const struct diff_group *group, const char *joiner,
	   const struct conjunctions *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (!list->v[i].n)
			continue;
		buf_printf(buf, "%s", joiner);
		write_condition(buf, group, &list->v[i]);
		joiner = " or ";
	}
}

void
diff_write_when(struct buf *buf, const struct diff_group *group,
		const struct diff_case *c)
{
	if (!c->where.n && c->more)
		buf_printf(buf, " on some arguments");
	write_list(buf, group, " when ", &c->where);
	if (c->where.n && c->more)
		buf_printf(buf, " or others");
	write_list(buf, group,
		   c->where.n && c->where.v[0].n ? ", but not when "
						 : " except when ",
		   &c->except);
}

static void
write_case(struct buf *buf, const struct diff_group *group,
	   const struct diff_case *c)
{
	static const char *const orders[DD_ORDERS] = {
		[DD_STRICTER] = "A is stricter",
		[DD_WEAKER] = "A is weaker",
		[DD_OTHER_DATA] = "other data",
	};
	char a[32], b[32];

	action_print(a, c->a);
	action_print(b, c->b);
	buf_printf(buf, "  A %s, B %s", a, b);
	diff_write_when(buf, group, c);
	buf_printf(buf, "\n    %s, as in ", orders[c->order]);
	describe_call(buf, &c->call, c->words);
	buf_printf(buf, "\n");
}

const char *
diff_verdict(const struct diff *diff)
{
	if (diff->equal)
		return "equal";
	if (diff->found[DD_OTHER_DATA] ||
	    (diff->found[DD_STRICTER] && diff->found[DD_WEAKER]))
		return "neither";
	return diff->found[DD_STRICTER] ? "a-stricter" : "a-weaker";
}

static void
write_verdict(struct buf *buf, const struct diff *diff)
{
	if (diff->found[DD_STRICTER] && diff->found[DD_WEAKER])
		buf_printf(buf, "neither is stricter: A refuses what B does "
				"not, and the other way round\n");
	else if (diff->found[DD_STRICTER])
		buf_printf(buf, "A is stricter%s\n",
			   diff->found[DD_OTHER_DATA]
				   ? ", with other data (errno) elsewhere"
				   : "");
	else if (diff->found[DD_WEAKER])
		buf_printf(buf, "A is weaker%s\n",
			   diff->found[DD_OTHER_DATA]
				   ? ", with other data (errno) elsewhere"
				   : "");
	else
		buf_printf(buf, "the same actions with other data (errno)\n");
}

void
diff_write_text(struct buf *buf, const struct diff *diff,
		const struct diff_sides *sides)
{
	if (diff->equal) {
		buf_printf(buf, "equal: ");
		diag_write_safe(buf, sides->a);
		buf_printf(buf, " and ");
		diag_write_safe(buf, sides->b);
		buf_printf(buf, " decide every call alike%s (proved)\n",
			   diff->by_action ? ", data (errno) aside" : "");
		return;
	}
	buf_printf(buf, "A: ");
	diag_write_safe(buf, sides->a);
	buf_printf(buf, "\nB: ");
	diag_write_safe(buf, sides->b);
	buf_printf(buf, "\n");
	for (size_t i = 0; i < diff->groups.n; i++) {
		const struct diff_group *group = &diff->groups.v[i];

		buf_printf(buf, "\n");
		write_places(buf, group);
		for (size_t j = 0; j < group->cases.n; j++)
			write_case(buf, group, &group->cases.v[j]);
	}
	buf_printf(buf, "\n");
	write_verdict(buf, diff);
}

void
diff_write_calls(struct buf *buf, const struct diff *diff, const char *a,
		 const char *b, size_t limit)
{
	size_t n = 0;

	for (size_t i = 0; i < diff->groups.n; i++) {
		const struct diff_group *group = &diff->groups.v[i];

		for (size_t j = 0; j < group->cases.n; j++) {
			const struct diff_case *c = &group->cases.v[j];
			char x[32], y[32];

			if (n++ >= limit)
				continue;
			action_print(x, c->a);
			action_print(y, c->b);
			describe_call(buf, &c->call, c->words);
			buf_printf(buf, ": %s says %s, %s %s", a, x, b, y);
			diff_write_when(buf, group, c);
			buf_printf(buf, "\n");
			if (group->places.n > 1)
				buf_printf(buf,
					   "  and so for %zu more numbers or "
					   "ranges\n",
					   group->places.n - 1);
		}
	}
	if (n > limit)
		buf_printf(buf, "%zu more; --all shows them\n", n - limit);
}

static void
write_json_places(struct buf *buf, const struct diff_group *group)
{
	buf_printf(buf, "    { \"places\": [");
	for (size_t i = 0; i < group->places.n; i++) {
		const struct diff_place *place = &group->places.v[i];

		buf_printf(buf, "%s\n        { ", i ? "," : "");
		if (place->abi != ABI_COUNT)
			buf_printf(buf, "\"abi\": \"%s\", ",
				   arch_table[place->abi]->name);
		else
			buf_printf(buf, "\"firstArch\": %u, \"lastArch\": %u, ",
				   place->first_arch, place->last_arch);
		if (place->name)
			buf_printf(buf, "\"syscall\": \"%s\", ", place->name);
		buf_printf(buf,
			   "\"first\": %u, \"last\": %u, \"example\": "
			   "%s }",
			   place->first, place->last,
			   place->example ? "true" : "false");
	}
	buf_printf(buf, "\n      ],\n      \"cases\": [");
}

static void
write_json_list(struct buf *buf, const struct diff_group *group,
		const char *key, const struct conjunctions *list)
{
	struct buf text = { .arena = buf->arena };

	buf_printf(buf, "\n          \"%s\": [", key);
	for (size_t i = 0; i < list->n; i++) {
		text.len = 0;
		write_condition(&text, group, &list->v[i]);
		buf_printf(buf, "%s", i ? ", " : "");
		output_quote(buf, text.data);
	}
	buf_printf(buf, "],");
}

static void
write_json_case(struct buf *buf, const struct diff_group *group,
		const struct diff_case *c)
{
	static const char *const orders[DD_ORDERS] = {
		[DD_STRICTER] = "a-stricter",
		[DD_WEAKER] = "a-weaker",
		[DD_OTHER_DATA] = "other-data",
	};
	struct buf text = { .arena = buf->arena };

	buf_printf(buf, "\n        { \"order\": \"%s\", ", orders[c->order]);
	output_action(buf, "a", c->a);
	buf_printf(buf, ", ");
	output_action(buf, "b", c->b);
	buf_printf(buf, ", ");
	write_json_list(buf, group, "when", &c->where);
	write_json_list(buf, group, "except", &c->except);
	buf_printf(buf, "\n          \"complete\": %s, \"call\": ",
		   c->more ? "false" : "true");
	text.len = 0;
	describe_call(&text, &c->call, c->words);
	buf_printf(buf, "{ \"text\": ");
	output_quote(buf, text.data);
	buf_printf(buf, ", \"arch\": %u, \"nr\": %u,\n            \"args\": [",
		   c->call.arch, (unsigned)c->call.nr);
	for (unsigned i = 0; i < 6; i++)
		buf_printf(buf, "%s\"0x%llx\"", i ? ", " : "",
			   (unsigned long long)c->call.args[i]);
	buf_printf(buf, "] } }");
}

void
diff_write_json(struct buf *buf, const struct diff *diff,
		const struct diff_sides *sides)
{
	buf_printf(buf, "{\n  \"a\": ");
	output_quote(buf, sides->a);
	buf_printf(buf, ",\n  \"b\": ");
	output_quote(buf, sides->b);
	buf_printf(buf,
		   ",\n  \"compare\": \"%s\",\n  \"result\": \"%s\",\n"
		   "  \"differences\": [",
		   diff->by_action ? "action" : "value", diff_verdict(diff));
	for (size_t i = 0; i < diff->groups.n; i++) {
		const struct diff_group *group = &diff->groups.v[i];

		buf_printf(buf, "%s\n", i ? "," : "");
		write_json_places(buf, group);
		for (size_t j = 0; j < group->cases.n; j++) {
			buf_printf(buf, "%s", j ? "," : "");
			write_json_case(buf, group, &group->cases.v[j]);
		}
		buf_printf(buf, "\n      ] }");
	}
	buf_printf(buf, "%s]\n}\n", diff->groups.n ? "\n  " : "");
}
