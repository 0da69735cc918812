/* Figures of filters of seccompc.h. */
#include "library.h"

#include <stdlib.h>

static enum scc_result
count(struct arena *arena, struct statistics *statistics,
      const struct scc_filter *filter)
{
	const struct side *side = &filter->side;

	if (setjmp(arena->oom))
		return SCC_NO_MEMORY;
	return statistics_find(statistics, arena, side->code, side->count)
		       ? SCC_OK
		       : SCC_UNPROVED;
}

enum scc_result
scc_statistics_create(struct scc_statistics **out,
		      const struct scc_filter *filter)
{
	struct scc_statistics *statistics;
	enum scc_result result;
	struct arena arena;

	*out = NULL;
	if (!filter->side.code)
		return SCC_REJECTED;
	statistics = calloc(1, sizeof(*statistics));
	if (!statistics)
		return SCC_NO_MEMORY;
	arena_init(&arena);
	result = count(&arena, &statistics->all, filter);
	arena_finish(&arena);
	if (result == SCC_OK)
		*out = statistics;
	else
		free(statistics);
	return result;
}

void
scc_statistics_destroy(struct scc_statistics *statistics)
{
	free(statistics);
}

static size_t
of_abi(const struct abi_statistics *abi, enum scc_statistic which)
{
	switch (which) {
	case SCC_KNOWN:
		return abi->known;
	case SCC_ALLOWED:
		return abi->allowed;
	case SCC_LOGGED:
		return abi->logged;
	case SCC_TRACED:
		return abi->traced;
	case SCC_NOTIFIED:
		return abi->notified;
	case SCC_DENIED:
		return abi->denied;
	case SCC_CONDITIONAL:
		return abi->conditional;
	case SCC_CACHED:
		return abi->cached;
	default:
		return 0;
	}
}

size_t
scc_statistic(const struct scc_statistics *statistics, enum scc_statistic which,
	      const char *name)
{
	const struct statistics *all = &statistics->all;
	enum abi abi;

	switch (which) {
	case SCC_INSTRUCTIONS:
		return all->instructions;
	case SCC_CONVERTED_LENGTH:
		return all->converted;
	case SCC_WORST_PATH:
		return all->longest.bound;
	default:
		abi = name ? arch_find(name) : ABI_COUNT;
		return abi == ABI_COUNT ? 0 : of_abi(&all->abis[abi], which);
	}
}
