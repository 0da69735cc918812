#include "learn.h"

#include <string.h>

struct seen *
seen_create(struct arena *arena)
{
	struct seen *seen = arena_alloc(arena, sizeof(*seen));

	seen->arena = arena;
	return seen;
}

/* The last of SEEN_EXES + 1 is for all that find no room. */
static struct seen_exe *
find_exe(struct seen *seen, const char *path)
{
	struct seen_exe *exe;
	size_t i = 0;

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

static bool
is_refused(uint32_t action)
{
	return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
	       action != SECCOMP_RET_TRACE;
}

enum seen_news
seen_add(struct seen *seen, const struct seen_call *call)
{
	enum abi abi = arch_of_call(call->arch, call->number);
	uint32_t number;
	struct seen_exe *exe;

	seen->calls++;
	seen->refused += is_refused(call->action);
	if (abi == ABI_COUNT) {
		add_strange(seen, call);
		return SEEN_BEFORE;
	}
	number = call->number & ~arch_table[abi]->number_bit;
	if (number >= SEEN_NUMBERS || !syscall_find_number(abi, number)) {
		add_strange(seen, call);
		return SEEN_BEFORE;
	}
	seen->abis |= 1u << abi;
	exe = find_exe(seen, call->exe);
	seen->count[abi][number]++;
	exe->count[abi][number]++;
	if (seen->count[abi][number] == 1)
		return SEEN_NEW;
	return exe->count[abi][number] == 1 ? SEEN_NEW_BY_EXE : SEEN_BEFORE;
}
