#include "edit.h"

#include <string.h>

static void
finish(void *c)
{
	compilation_finish(c);
}

struct compilation *
edit_start(struct arena *arena, const struct compilation *first,
	   const char *text, size_t len)
{
	struct compilation *c = arena_alloc(arena, sizeof(*c));

	compilation_init(c, first->source.name, text, len);
	arena_own(arena, c, finish);
	c->options = first->options;
	memcpy(c->diags.level, first->diags.level, sizeof(c->diags.level));
	return c;
}

static const char *
first_error(const struct compilation *c)
{
	for (size_t i = 0; i < c->diags.list.n; i++)
		if (c->diags.list.v[i].severity == SEVERITY_ERROR)
			return c->diags.list.v[i].message;
	return "it cannot be proved";
}

const char *
edit_compile(struct arena *arena, struct compilation *c)
{
	if (compile(c))
		return NULL;
	if (c->out_of_memory)
		longjmp(arena->oom, 1);
	return arena_printf(arena, "what comes of it is refused: %s",
			    first_error(c));
}

static bool
has_clauses(const struct rule *rule)
{
	const struct clause *in = &rule->includes, *out = &rule->excludes;

	return in->caps.n || in->arches.n || in->min_kernel || out->caps.n ||
	       out->arches.n || out->min_kernel;
}

const struct json *
edit_host(const struct ruleset *rules, uint32_t action)
{
	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct rule *rule = rules->rules.v[i].rule;
		const struct json *names = json_member(rule->where, "names");

		if (rule->action == action && !rule->conditions.n &&
		    !has_clauses(rule) && names && names->kind == JSON_ARRAY &&
		    names->count)
			return names;
	}
	return NULL;
}
