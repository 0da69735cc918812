#include "base.h"

/* Places that were reported: a hash set of (id, where). */
struct report {
	const struct json *where;
	enum diag_id id;
};

static struct report *
find_slot(const struct report_set *set, enum diag_id id,
	  const struct json *where)
{
	size_t i = ((size_t)where >> 4) * 31 + (size_t)id;

	while (set->slots[i & (set->size - 1)].where) {
		struct report *slot = &set->slots[i & (set->size - 1)];

		if (slot->where == where && slot->id == id)
			return slot;
		i++;
	}
	return &set->slots[i & (set->size - 1)];
}

static void
grow_set(struct arena *arena, struct report_set *set)
{
	struct report_set old = *set;

	set->size = old.size ? old.size * 2 : 64;
	set->slots = arena_alloc(arena, set->size * sizeof(*set->slots));
	for (size_t i = 0; i < old.size; i++)
		if (old.slots[i].where)
			*find_slot(set, old.slots[i].id, old.slots[i].where) =
				old.slots[i];
}

bool
report_is_new(struct report_set *set, struct arena *arena, enum diag_id id,
	      const struct json *where)
{
	struct report *slot;

	if (set->used * 2 >= set->size)
		grow_set(arena, set);
	slot = find_slot(set, id, where);
	if (slot->where)
		return false;
	*slot = (struct report){ where, id };
	set->used++;
	return true;
}
