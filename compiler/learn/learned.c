#include "learn.h"

#include "compiler/rewrite.h"

bool
learned_wants(const struct learned_options *options,
	      const struct syscall_name *name)
{
	for (size_t i = 0; i < options->wants.n; i++)
		if (options->wants.v[i].name == name)
			return true;
	return false;
}

/* Whoever wants it for another reason gives no arguments. */
bool
learned_is_narrow(const struct seen *seen,
		  const struct learned_options *options,
		  const struct syscall_name *name)
{
	const struct seen_values *values;

	if (!options->arguments || learned_wants(options, name))
		return false;
	values = seen_values(seen, name);
	return values && !values->many && !values->unknown && values->list.n;
}

static void
allow(struct rewrite_plan *plan, struct arena *arena,
      const struct syscall_name *name, const struct seen_values *values)
{
	struct named_rules *named = vec_push(arena, &plan->list);
	size_t n = values ? values->list.n : 1;

	named->name = name->name;
	for (size_t i = 0; i < n; i++) {
		struct plain_rule *rule = vec_push(arena, &named->rules);

		rule->action = SECCOMP_RET_ALLOW;
		if (!values)
			continue;
		rule->n = values->watched->count;
		seen_value_conditions(values->watched, &values->list.v[i],
				      rule->v);
	}
}

void
learned_write(struct buf *buf, const struct seen *seen,
	      const struct learned_options *options)
{
	struct rewrite_plan plan = { .default_action = options->default_action,
				     .abis = seen->abis };
	const struct rewrite r = { 0 };

	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *name = &syscall_names[i];

		if (learned_is_narrow(seen, options, name))
			allow(&plan, buf->arena, name, seen_values(seen, name));
		else if (seen_has(seen, name) || learned_wants(options, name))
			allow(&plan, buf->arena, name, NULL);
	}
	rewrite_text(buf, buf->arena, &r, &plan);
}

/* A call as it was seen, on one ABI. */
struct lookup {
	const struct seen *seen;
	const struct sock_filter *code;
	size_t count;
	struct seccomp_data call;
	const struct syscall_name *name;
};

static const char *
look(const struct lookup *l)
{
	struct buf buf = { .arena = l->seen->arena };
	uint32_t action = bpf_run(l->code, l->count, &l->call, NULL);
	char text[32];

	if (action == SECCOMP_RET_ALLOW)
		return NULL;
	action_print(text, action);
	describe_call(&buf, &l->call, UINT32_MAX);
	buf_printf(&buf, " gets %s", text);
	return buf.data;
}

static const char *
look_narrow(struct lookup *l, const struct seen_values *values)
{
	const struct watched *watched = values->watched;
	const char *miss = NULL;

	for (size_t i = 0; i < values->list.n && !miss; i++) {
		for (size_t j = 0; j < watched->count; j++)
			l->call.args[watched->arg[j]] = values->list.v[i].v[j];
		miss = look(l);
	}
	return miss;
}

const char *
learned_misses(const struct seen *seen, const struct learned_options *options,
	       const struct sock_filter *code, size_t count)
{
	const char *miss = NULL;

	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		for (uint32_t i = 0; i < SEEN_NUMBERS && !miss; i++) {
			const struct arch *arch = arch_table[abi];
			struct lookup l = { .seen = seen,
					    .code = code,
					    .count = count };

			if (!seen->count[abi][i])
				continue;
			l.call.nr = (int)(i | arch->number_bit);
			l.call.arch = arch->audit_token;
			l.name = syscall_find_number((enum abi)abi, i);
			miss = learned_is_narrow(seen, options, l.name)
				       ? look_narrow(&l,
						     seen_values(seen, l.name))
				       : look(&l);
		}
	return miss;
}
