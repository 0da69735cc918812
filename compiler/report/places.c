#include "report.h"

#include <string.h>

enum { MOST = 16 }; /* places of a name that are kept */

static void
add(struct places *places, struct arena *arena, const char *name,
    const struct json *where)
{
	const struct syscall_name *known = syscall_find(name);
	struct place_list *list;

	if (!known)
		return;
	list = &places->by_name[known - syscall_names];
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i] == where)
			return;
	if (list->n <= MOST)
		*vec_push(arena, list) = where;
}

void
places_find(struct places *places, struct arena *arena,
	    const struct ruleset *ruleset)
{
	places->by_name = arena_alloc(arena, syscall_name_count *
						     sizeof(*places->by_name));
	for (size_t i = 0; i < ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &ruleset->rules.v[i];

		for (size_t j = 0; j < rule->targets.n; j++) {
			const struct target *t = &rule->targets.v[j];

			add(places, arena, t->name, t->where);
			for (size_t abi = 0; abi < ABI_COUNT; abi++)
				if (t->mux[abi] >= 0 &&
				    (ruleset->abis >> abi & 1))
					add(places, arena,
					    arch_table[abi]
						    ->muxes[t->mux[abi]]
						    .name,
					    t->where);
		}
	}
}
