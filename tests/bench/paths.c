/* The longest way through a program (compiler/longest.c). */
#include "bench.h"

#include <stdlib.h>

void
paths_longest(const struct code *code, bool zero, struct longest *longest)
{
	struct arena arena;

	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
	longest_find(longest, &arena, code->v, code->n, zero);
	arena_finish(&arena);
}
