#include "rewrite.h"

#include <inttypes.h>
#include <string.h>

/* Names that share rules. */
struct group {
	const char *rules; /* as text */
	VEC(const char *) names;
	const struct named_rules *first;
};

typedef VEC(struct group) groups;

/* `key`: the name of an action, and its data unless it is EPERM. */
static void
write_action(struct buf *buf, const char *indent, const char *key,
	     const char *data_key, uint32_t action)
{
	const struct action_info *info = action_info(action);
	unsigned data = action & SECCOMP_RET_DATA;

	buf_printf(buf, "%s\"%s\": \"%s\"", indent, key, info->name);
	if (info->data != ACTION_NO_DATA && data != 1)
		buf_printf(buf, ",\n%s\"%s\": %u", indent, data_key, data);
}

static void
write_condition(struct buf *buf, const struct condition *c)
{
	buf_printf(buf, "\t\t\t\t{\n\t\t\t\t\t\"index\": %u,\n", c->arg);
	buf_printf(buf, "\t\t\t\t\t\"value\": %" PRIu64 ",\n", c->value);
	if (c->op == CMP_MASKED_EQ)
		buf_printf(buf, "\t\t\t\t\t\"valueTwo\": %" PRIu64 ",\n",
			   c->value2);
	buf_printf(buf, "\t\t\t\t\t\"op\": \"%s\"\n\t\t\t\t}", cmp_name(c->op));
}

/* What follows the names of a rule. */
static void
write_rest(struct buf *buf, uint32_t action, const struct condition *conditions,
	   size_t count)
{
	write_action(buf, "\t\t\t", "action", "errnoRet", action);
	for (size_t i = 0; i < count; i++) {
		buf_printf(buf, i ? ",\n" : ",\n\t\t\t\"args\": [\n");
		write_condition(buf, &conditions[i]);
	}
	buf_printf(buf, count ? "\n\t\t\t]\n\t\t}" : "\n\t\t}");
}

static void
write_plain_rest(struct buf *buf, const struct plain_rule *rule)
{
	write_rest(buf, rule->action, rule->v, rule->n);
}

static void
write_names(struct buf *buf, const char *const *names, size_t count)
{
	buf_printf(buf, "\t\t{\n\t\t\t\"names\": [\n");
	for (size_t i = 0; i < count; i++) {
		buf_printf(buf, "%s\t\t\t\t", i ? ",\n" : "");
		output_quote(buf, names[i]);
	}
	buf_printf(buf, "\n\t\t\t],\n");
}

/* Rules without conditions come first, the laxest of them before others. */
static bool
precedes(const struct plain_rule *a, const struct plain_rule *b)
{
	if (a->n && b->n)
		return false;
	if (a->n || b->n)
		return !a->n;
	if (action_rank(a->action) != action_rank(b->action))
		return action_rank(a->action) > action_rank(b->action);
	return a->action < b->action;
}

/* Puts a group at its place, behind those that it does not precede. */
static struct group *
insert_group(struct arena *arena, groups *list, const struct named_rules *first)
{
	size_t at;

	vec_push(arena, list);
	for (at = list->n - 1; at > 0; at--) {
		if (!precedes(first->rules.v, list->v[at - 1].first->rules.v))
			break;
		list->v[at] = list->v[at - 1];
	}
	list->v[at] = (struct group){ .first = first };
	return &list->v[at];
}

static void
add_to_group(struct arena *arena, groups *list, const struct named_rules *named)
{
	struct buf text = { .arena = arena };
	struct group *group = NULL;

	for (size_t i = 0; i < named->rules.n; i++)
		write_plain_rest(&text, &named->rules.v[i]);
	for (size_t i = 0; i < list->n && !group; i++)
		if (!strcmp(list->v[i].rules, text.data))
			group = &list->v[i];
	if (!group) {
		group = insert_group(arena, list, named);
		group->rules = text.data;
	}
	*vec_push(arena, &group->names) = named->name;
}

static void
write_list(struct buf *buf, const char *key, const char *const *list,
	   size_t count)
{
	if (!count)
		return;
	buf_printf(buf, "\t\"%s\": [\n", key);
	for (size_t i = 0; i < count; i++) {
		buf_printf(buf, "%s\t\t", i ? ",\n" : "");
		output_quote(buf, list[i]);
	}
	buf_printf(buf, "\n\t],\n");
}

static void
write_head(struct buf *buf, struct arena *arena, const struct rewrite *r,
	   const struct rewrite_plan *plan)
{
	const struct profile *source = r->source;
	VEC(const char *) list = { 0 };

	write_action(buf, "\t", "defaultAction", "defaultErrnoRet",
		     plan->default_action);
	buf_printf(buf, ",\n");
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (plan->abis >> i & 1)
			*vec_push(arena, &list) = arch_table[i]->scmp_name;
	write_list(buf, "architectures", list.v, list.n);
	if (!source)
		return;
	list.n = 0;
	for (size_t i = 0; i < source->flags.n; i++)
		*vec_push(arena, &list) = source->flags.v[i]->string;
	write_list(buf, "flags", list.v, list.n);
	if (source->listener_path) {
		buf_printf(buf, "\t\"listenerPath\": ");
		output_quote(buf, source->listener_path);
		buf_printf(buf, ",\n");
	}
	if (source->listener_metadata) {
		buf_printf(buf, "\t\"listenerMetadata\": ");
		output_quote(buf, source->listener_metadata);
		buf_printf(buf, ",\n");
	}
}

void
rewrite_text(struct buf *buf, struct arena *arena, const struct rewrite *r,
	     const struct rewrite_plan *plan)
{
	groups found = { 0 };
	const char *comma = "\n";

	for (size_t i = 0; i < plan->list.n; i++)
		add_to_group(arena, &found, &plan->list.v[i]);
	buf_printf(buf, "{\n");
	write_head(buf, arena, r, plan);
	buf_printf(buf, "\t\"syscalls\": [");
	for (size_t i = 0; i < found.n; i++) {
		const plain_rules *rules = &found.v[i].first->rules;

		for (size_t j = 0; j < rules->n; j++) {
			buf_printf(buf, "%s", comma);
			write_names(buf, found.v[i].names.v,
				    found.v[i].names.n);
			write_plain_rest(buf, &rules->v[j]);
			comma = ",\n";
		}
	}
	buf_printf(buf, found.n ? "\n\t]\n}\n" : "]\n}\n");
}

void
rewrite_keep(struct buf *buf, struct arena *arena, const struct rewrite *r,
	     const struct rewrite_plan *plan)
{
	const struct selection *selection = r->rules->selection;
	const char *comma = "\n";

	buf_printf(buf, "{\n");
	write_head(buf, arena, r, plan);
	buf_printf(buf, "\t\"syscalls\": [");
	for (size_t i = 0; i < selection->rules.n; i++) {
		const struct rule *rule = selection->rules.v[i];
		VEC(const char *) names = { 0 };

		for (size_t j = 0; j < rule->names.n; j++)
			*vec_push(arena, &names) = rule->names.v[j]->string;
		if (!names.n)
			continue;
		buf_printf(buf, "%s", comma);
		write_names(buf, names.v, names.n);
		write_rest(buf, rule->action, rule->conditions.v,
			   rule->conditions.n);
		comma = ",\n";
	}
	buf_printf(buf, *comma == ',' ? "\n\t]\n}\n" : "]\n}\n");
}
