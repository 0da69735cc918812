#include "base.h"

#include <inttypes.h>
#include <string.h>

typedef VEC(const char *) texts;

static const char *
write_value(struct base *base, const struct seen_values *values, size_t at)
{
	struct condition conditions[WATCHED_ARGS];
	struct buf buf = { .arena = base->arena };
	const struct watched *watched = values->watched;

	seen_value_conditions(watched, &values->list.v[at], conditions);
	buf_printf(&buf,
		   "{ \"names\": [\"%s\"], \"action\": \"SCMP_ACT_ALLOW\", "
		   "\"args\": [",
		   watched->name);
	for (size_t i = 0; i < watched->count; i++)
		buf_printf(&buf,
			   "%s{ \"index\": %u, \"value\": %" PRIu64
			   ", \"valueTwo\": %" PRIu64
			   ", \"op\": \"SCMP_CMP_MASKED_EQ\" }",
			   i ? ", " : "", conditions[i].arg,
			   conditions[i].value, conditions[i].value2);
	buf_printf(&buf, "] }");
	return buf.data;
}

static const char *
write_plain(struct base *base, const texts *names)
{
	struct buf buf = { .arena = base->arena };

	buf_printf(&buf, "{ \"names\": [");
	for (size_t i = 0; i < names->n; i++)
		buf_printf(&buf, "%s\"%s\"", i ? ", " : "", names->v[i]);
	buf_printf(&buf, "], \"action\": \"SCMP_ACT_ALLOW\" }");
	return buf.data;
}

static void
add_rules(struct base *base, const texts *rules)
{
	const struct json *root = base->now->profile->root;
	const struct json *list = json_member(root, "syscalls");
	struct buf all = { .arena = base->arena };

	if (list && list->count) {
		draft_add_all(&base->draft, list, rules->v, NULL, rules->n, "");
		return;
	}
	for (size_t i = 0; i < rules->n; i++)
		buf_printf(&all, "%s%s", i ? ",\n" : "", rules->v[i]);
	if (list)
		draft_add(&base->draft, list, all.data, NULL, "");
	else
		draft_add_member(&base->draft, root,
				 arena_printf(base->arena, "\"syscalls\": [%s]",
					      all.data),
				 "");
}

static void
add_names(struct base *base, const struct json *host, const texts *names)
{
	texts quoted = { 0 };

	for (size_t i = 0; i < names->n; i++)
		*vec_push(base->arena, &quoted) =
			arena_printf(base->arena, "\"%s\"", names->v[i]);
	draft_add_all(&base->draft, host, quoted.v, names->v, names->n, "");
}

/* Rules first: they are behind the names, whose places they leave alone. */
void
base_write(struct base *base)
{
	const struct json *host =
		edit_host(base->now->ruleset, SECCOMP_RET_ALLOW);
	texts names = { 0 }, rules = { 0 };

	for (size_t i = 0; i < base->additions.n; i++) {
		const struct base_addition *a = &base->additions.v[i];

		if (!a->values.list.n)
			*vec_push(base->arena, &names) = a->name->name;
		for (size_t j = 0; j < a->values.list.n; j++)
			*vec_push(base->arena, &rules) =
				write_value(base, &a->values, j);
	}
	if (names.n && !host)
		*vec_push(base->arena, &rules) = write_plain(base, &names);
	if (rules.n)
		add_rules(base, &rules);
	if (names.n && host)
		add_names(base, host, &names);
}
