#include "learn.h"

#include <string.h>

struct seen *
seen_create(struct arena *arena)
{
	struct seen *seen = arena_alloc(arena, sizeof(*seen));
	size_t n = 0;

	seen->arena = arena;
	for (const struct watched *w; (w = watched_at(n)); n++) {
		const struct syscall_name *name = syscall_find(w->name);

		for (size_t i = 0; i < ABI_COUNT; i++)
			if (name->number[i] >= 0)
				seen->watched[i][name->number[i]] =
					(uint8_t)(n + 1);
	}
	seen->values = arena_alloc(arena, n * sizeof(struct seen_values *));
	return seen;
}

void
seen_against(struct seen *seen, const struct compilation *c)
{
	seen->base = c->program->code.v;
	seen->base_count = c->program->code.n;
	seen->base_abis = c->ruleset->abis;
}

/* The last of SEEN_EXES + 1 is for all that find no room. */
static struct seen_exe *
find_exe(struct seen *seen, const char *path)
{
	struct seen_exe *exe;
	size_t i = 0;

	if (seen->last && !strcmp(seen->last->path, path))
		return seen->last;
	while (i < seen->exes.n && strcmp(seen->exes.v[i]->path, path) != 0)
		i++;
	if (i < seen->exes.n)
		return seen->exes.v[i];
	if (seen->exes.n > SEEN_EXES)
		return seen->exes.v[SEEN_EXES];
	if (seen->exes.n == SEEN_EXES)
		path = "";
	exe = arena_alloc(seen->arena, sizeof(*exe));
	exe->path = arena_strndup(seen->arena, path, strlen(path));
	*vec_push(seen->arena, &seen->exes) = exe;
	return exe;
}

static void
add_strange(struct seen *seen, const struct seen_call *call)
{
	struct seen_strange *strange;

	for (size_t i = 0; i < seen->strange.n; i++) {
		strange = &seen->strange.v[i];
		if (strange->arch == call->arch &&
		    strange->number == call->number) {
			strange->count++;
			return;
		}
	}
	if (seen->strange.n == SEEN_STRANGE) {
		seen->others++;
		return;
	}
	strange = vec_push(seen->arena, &seen->strange);
	*strange = (struct seen_strange){ call->arch, call->number, 1 };
}

/* Puts a value at its place. */
static void
insert_value(struct seen *seen, struct seen_values *values,
	     const struct seen_value *value)
{
	const size_t size = sizeof(value->v);
	size_t at = 0;

	while (at < values->list.n &&
	       memcmp(values->list.v[at].v, value->v, size) != 0)
		at++;
	if (at < values->list.n) {
		values->list.v[at].count++;
		return;
	}
	if (values->list.n == SEEN_VALUES) {
		values->many = true;
		values->list.n = 0;
		return;
	}
	vec_push(seen->arena, &values->list);
	for (at = values->list.n - 1; at > 0; at--) {
		const struct seen_value *before = &values->list.v[at - 1];

		if (before->v[0] < value->v[0] ||
		    (before->v[0] == value->v[0] && before->v[1] < value->v[1]))
			break;
		values->list.v[at] = *before;
	}
	values->list.v[at] = *value;
}

static void
add_values(struct seen *seen, size_t at, const uint64_t *args)
{
	struct seen_values *values = seen->values[at];
	struct seen_value value = { .count = 1 };

	if (!values) {
		values = arena_alloc(seen->arena, sizeof(*values));
		values->watched = watched_at(at);
		seen->values[at] = values;
	}
	values->unknown |= !args;
	if (!args || values->many)
		return;
	for (size_t i = 0; i < values->watched->count; i++)
		value.v[i] = (uint32_t)args[values->watched->arg[i]] &
			     values->watched->mask[i];
	insert_value(seen, values, &value);
}

/* Whether two calls are the same for a rule that could be made of them. */
static bool
is_alike(const struct seen *seen, const struct seen_miss *a,
	 const struct seen_miss *b)
{
	const struct watched *watched;
	uint8_t at;

	if (a->abi != b->abi || a->number != b->number ||
	    a->action != b->action)
		return false;
	at = seen->watched[a->abi][a->number];
	watched = at ? watched_at(at - 1u) : NULL;
	for (size_t i = 0; watched && i < watched->count; i++)
		if ((a->args[watched->arg[i]] ^ b->args[watched->arg[i]]) &
		    watched->mask[i])
			return false;
	return true;
}

static void
hold_against_base(struct seen *seen, const struct seen_call *call, enum abi abi,
		  uint32_t number)
{
	struct seccomp_data data = { .nr = (int)call->number,
				     .arch = call->arch };
	struct seen_miss miss = { .abi = abi, .number = number, .count = 1 };

	memcpy(data.args, call->args, sizeof(data.args));
	memcpy(miss.args, call->args, sizeof(miss.args));
	miss.action = bpf_run(seen->base, seen->base_count, &data, NULL);
	if (miss.action == SECCOMP_RET_ALLOW)
		return;
	for (size_t i = 0; i < seen->misses.n; i++)
		if (is_alike(seen, &seen->misses.v[i], &miss)) {
			seen->misses.v[i].count++;
			return;
		}
	seen->many_misses |= seen->misses.n == SEEN_MISSES;
	if (seen->misses.n < SEEN_MISSES)
		*vec_push(seen->arena, &seen->misses) = miss;
}

static bool
is_refused(uint32_t action)
{
	return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
	       action != SECCOMP_RET_TRACE;
}

static enum seen_news
add_known(struct seen *seen, const struct seen_call *call, enum abi abi,
	  uint32_t number)
{
	struct seen_exe *exe = find_exe(seen, call->exe);
	uint8_t watched = seen->watched[abi][number];

	seen->last = exe;
	seen->abis |= 1u << abi;
	seen->count[abi][number]++;
	seen->blind[abi][number] += !call->args;
	exe->count[abi][number]++;
	if (watched)
		add_values(seen, watched - 1u, call->args);
	if (seen->base && call->args)
		hold_against_base(seen, call, abi, number);
	if (seen->count[abi][number] == 1)
		return SEEN_NEW;
	return exe->count[abi][number] == 1 ? SEEN_NEW_BY_EXE : SEEN_BEFORE;
}

enum seen_news
seen_add(struct seen *seen, const struct seen_call *call)
{
	enum abi abi = arch_of_call(call->arch, call->number);
	uint32_t number;

	seen->calls++;
	seen->refused += is_refused(call->action);
	if (abi != ABI_COUNT) {
		number = call->number & ~arch_table[abi]->number_bit;
		if (number < SEEN_NUMBERS && syscall_find_number(abi, number))
			return add_known(seen, call, abi, number);
	}
	add_strange(seen, call);
	return SEEN_BEFORE;
}
