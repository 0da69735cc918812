/* Between yaml.c, which asks libyaml, and what makes trees of the answers. */
#ifndef SECCOMPC_YAML_TREE_H
#define SECCOMPC_YAML_TREE_H

#include "yaml-read.h"

/*
 * A node in document order: a container before what it holds, a key before
 * its value.
 */
struct yaml_item {
	uint32_t offset; /* of its first byte, an anchor or a tag */
	uint32_t count;	 /* elements, or pairs of a mapping */
	uint32_t length;
	uint32_t target; /* of an alias: the item, always an earlier one */
	uint8_t kind;	 /* enum json_kind; unused in an alias */
	bool boolean;
	bool alias;
	bool merge;	    /* a plain << */
	bool open;	    /* a container whose end was not seen yet */
	const char *string; /* of a scalar, its text whatever its kind */
	struct json *node;  /* once it is built; not of keys */
};

struct yaml_items {
	struct yaml_item *v;
	size_t n, cap;
};

/*
 * yaml-tree.c: the tree of the item at root and those behind it.  *values
 * counts all that was made, up to LIMIT_VALUES.  NULL after reporting.
 */
const struct json *yaml_tree(struct arena *arena, struct yaml_items *items,
			     size_t root, size_t *values, struct diags *diags);

/* yaml-scalar.c: what a plain scalar is. */

/*
 * Sets kind and boolean from the text and the tag (NULL or "": none) as
 * go-yaml v2 resolves them.  Returns false if the tag does not fit the text.
 */
bool yaml_resolve(struct yaml_item *item, const char *tag);

#endif
