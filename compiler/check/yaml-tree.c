#include "yaml-tree.h"

#include <stdlib.h>
#include <string.h>

/*
 * Items become values of one array, as in json.c.  An alias becomes a value
 * of its own whose children are those of the value that it names, so that no
 * alias costs more than its own text, and pointers lead to where a value is
 * written.
 *
 * A merge key is followed as go-yaml v2 does it, which is not what the YAML
 * specification says: it sets keys in the order of the text, so that those
 * merged in replace what stands above the merge key, and are replaced by what
 * stands below it.  Of a list of mappings the first counts most.
 */

struct builder {
	struct arena *arena;
	struct yaml_items *items;
	size_t next;
	struct json *unused;
	size_t *values;
	struct diags *diags;
};

/* A key of a mapping while duplicates are looked for. */
struct entry {
	const struct json *value;
	size_t order;
};

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int keys = strcmp(x->value->key, y->value->key);

	return keys ? keys : x->order < y->order ? -1 : x->order > y->order;
}

static int
compare_order(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->order < y->order ? -1 : x->order > y->order;
}

static bool
take_values(struct builder *b, size_t count, size_t offset)
{
	if (count <= LIMIT_VALUES - *b->values) {
		*b->values += count;
		return true;
	}
	return diag_offset(b->diags, DIAG_LIMIT, offset, NULL,
			   "more than %d values, with those that merge keys "
			   "bring in",
			   LIMIT_VALUES);
}

/* Whether no key is written twice; keys that are merged in may be. */
static bool
check_keys(struct builder *b, const struct json *map, const bool *merges)
{
	struct entry *v = arena_alloc(b->arena, map->count * sizeof(*v));
	size_t n = 0;
	bool fine = true;

	for (size_t i = 0; i < map->count; i++)
		if (!merges[i])
			v[n++] = (struct entry){ &map->children[i], i };
	if (n)
		qsort(v, n, sizeof(*v), compare_entries);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(v[i - 1].value->key, v[i].value->key))
			fine = diag_offset(b->diags, DIAG_DUPLICATE_KEY,
					   v[i].value->key_offset, NULL,
					   "the key '%s' is there already",
					   v[i].value->key);
	return fine;
}

typedef VEC(struct entry) entries;

static bool
merge_map(struct builder *b, entries *all, const struct json *map,
	  const struct json *where)
{
	if (map->kind != JSON_OBJECT)
		return diag_offset(b->diags, LINT_YAML_SYNTAX,
				   where->key_offset,
				   "write <<: *NAME, where a mapping has the "
				   "anchor &NAME",
				   "a merge key takes a mapping or a list of "
				   "mappings");
	if (!take_values(b, map->count, where->key_offset))
		return false;
	for (size_t i = 0; i < map->count; i++) {
		size_t order = all->n;

		*vec_push(b->arena, all) =
			(struct entry){ &map->children[i], order };
	}
	return true;
}

static bool
merge(struct builder *b, entries *all, const struct json *value)
{
	if (value->kind != JSON_ARRAY)
		return merge_map(b, all, value, value);
	for (size_t i = value->count; i-- > 0;)
		if (!merge_map(b, all, &value->children[i], value))
			return false;
	return true;
}

/* What is written in the mapping moves; what is merged in is a copy. */
static void
move(struct json *to, const struct json *from, const struct json *map)
{
	*to = *from;
	if (from->parent != map)
		return;
	for (size_t i = 0; i < to->count; i++)
		if (to->children[i].parent == from)
			to->children[i].parent = to;
}

/* Replaces the merge keys of a mapping by what they bring in. */
static bool
flatten(struct builder *b, struct json *map, const bool *merges)
{
	entries all = { 0 };
	struct json *children;
	size_t n = 0;

	for (size_t i = 0; i < map->count; i++) {
		const struct json *child = &map->children[i];
		size_t order = all.n;

		if (!merges[i])
			*vec_push(b->arena, &all) =
				(struct entry){ child, order };
		else if (!merge(b, &all, child))
			return false;
	}
	if (all.n)
		qsort(all.v, all.n, sizeof(*all.v), compare_entries);
	/* Of equal keys the last one that was set stays. */
	for (size_t i = 0; i < all.n; i++)
		if (i + 1 == all.n ||
		    strcmp(all.v[i].value->key, all.v[i + 1].value->key) != 0)
			all.v[n++] = all.v[i];
	if (n)
		qsort(all.v, n, sizeof(*all.v), compare_order);
	children = arena_alloc(b->arena, n * sizeof(*children));
	for (size_t i = 0; i < n; i++)
		move(&children[i], all.v[i].value, map);
	map->children = children;
	map->count = (uint32_t)n;
	return true;
}

static bool build(struct builder *b, struct json *value);

/* The text of a key; Kubernetes makes text of numbers and booleans. */
static bool
build_key(struct builder *b, struct json *value, bool *merges)
{
	const struct yaml_item *item = &b->items->v[b->next++];

	value->key_offset = item->offset;
	*merges = item->merge;
	if (item->alias)
		item = &b->items->v[item->target];
	if (item->kind == JSON_ARRAY || item->kind == JSON_OBJECT ||
	    item->kind == JSON_NULL)
		return diag_offset(b->diags, LINT_YAML_SYNTAX,
				   value->key_offset, NULL,
				   "a key has to be text");
	if (item->length > LIMIT_KEY)
		return diag_offset(b->diags, DIAG_LIMIT, value->key_offset,
				   NULL, "a key of more than %d bytes",
				   LIMIT_KEY);
	value->key = item->kind == JSON_BOOL
			     ? (item->boolean ? "true" : "false")
			     : item->string;
	return true;
}

/* Recursion ends at LIMIT_DEPTH. */
static bool
build_map(struct builder *b, struct json *map)
{
	bool *merges = arena_alloc(b->arena, map->count);
	bool any = false;

	for (uint32_t i = 0; i < map->count; i++) {
		struct json *child = &map->children[i];

		child->parent = map;
		child->index = i;
		if (!build_key(b, child, &merges[i]) || !build(b, child))
			return false;
		any |= merges[i];
	}
	return check_keys(b, map, merges) && (!any || flatten(b, map, merges));
}

static bool
build_list(struct builder *b, struct json *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		list->children[i].parent = list;
		list->children[i].index = i;
		if (!build(b, &list->children[i]))
			return false;
	}
	return true;
}

/* Fills a value from the next items. */
static bool
build(struct builder *b, struct json *value)
{
	struct yaml_item *item = &b->items->v[b->next++];

	value->offset = item->offset;
	if (item->alias)
		item = &b->items->v[item->target];
	value->kind = item->kind;
	value->boolean = item->boolean;
	if (item->kind == JSON_STRING) {
		value->string = item->string;
		value->length = item->length;
		return true;
	}
	if (item->kind != JSON_ARRAY && item->kind != JSON_OBJECT)
		return true;
	if (item->node) {
		value->count = item->node->count;
		value->children = item->node->children;
		return true;
	}
	item->node = value;
	value->count = item->count;
	value->children = b->unused;
	b->unused += item->count;
	return item->kind == JSON_OBJECT ? build_map(b, value)
					 : build_list(b, value);
}

const struct json *
yaml_tree(struct arena *arena, struct yaml_items *items, size_t root,
	  size_t *values, struct diags *diags)
{
	struct builder b = {
		.arena = arena,
		.items = items,
		.next = root,
		.values = values,
		.diags = diags,
	};
	/* Keys are items as well: this is more than enough. */
	size_t count = items->n - root;
	struct json *value;

	if (!take_values(&b, count, items->v[root].offset))
		return NULL;
	value = arena_alloc(arena, count * sizeof(*value));
	b.unused = value + 1;
	return build(&b, value) ? value : NULL;
}
