#include "learn.h"

#include "compiler/rewrite.h"

/* Whether some ABI's programs made it. */
static bool
is_seen(const struct seen *seen, const struct syscall_name *name)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (name->number[i] >= 0 && seen->count[i][name->number[i]])
			return true;
	return false;
}

static void
allow(struct rewrite_plan *plan, struct arena *arena, const char *name)
{
	struct named_rules *named = vec_push(arena, &plan->list);

	named->name = name;
	*vec_push(arena, &named->rules) =
		(struct plain_rule){ .action = SECCOMP_RET_ALLOW };
}

void
learned_write(struct buf *buf, const struct seen *seen,
	      const struct learned_options *options)
{
	struct rewrite_plan plan = { .default_action = options->default_action,
				     .abis = seen->abis };
	const struct rewrite r = { 0 };

	for (size_t i = 0; i < syscall_name_count; i++)
		if (is_seen(seen, &syscall_names[i]))
			allow(&plan, buf->arena, syscall_names[i].name);
	rewrite_text(buf, buf->arena, &r, &plan);
}
