#include "compiler.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

/*
 * scan.c decides what is JSON and says where everything is.  What stands in
 * the text as it is meant is taken from there; json-c converts numbers and
 * strings with escapes, and the two have to agree on them.
 *
 * json-c gets these as one flat array, not the text: of objects it drops
 * duplicate keys, needs some 800 bytes for an empty one, and does not report
 * every lack of memory.  Of an array it stops early, which shows.
 */

/* Whether json-c has to make the item. */
static bool
is_for_json_c(const struct scan_item *item)
{
	/* Its integers end at -2^63 and 2^64 - 1. */
	return (item->kind == JSON_STRING && item->escaped) ||
	       (item->kind == JSON_NUMBER && item->integer &&
		(!item->negative || item->magnitude <= (uint64_t)1 << 63));
}

static void
drop_object(void *object)
{
	json_object_put(object);
}

/* The scalars as json-c reads them: an array, or NULL if it refuses. */
static struct json_object *
make_scalars(struct arena *arena, const struct scan *scan, const char *text)
{
	struct buf buf = { .arena = arena };
	struct json_tokener *tokener;
	struct json_object *scalars;
	enum json_tokener_error error;
	bool oom;

	buf_append(&buf, "[", 1);
	for (size_t i = 0; i < scan->items.n; i++) {
		const struct scan_item *item = &scan->items.v[i];

		if (!is_for_json_c(item))
			continue;
		if (buf.len > 1)
			buf_append(&buf, ",", 1);
		literal_append(&buf, text + item->offset,
			       item->end - item->offset);
	}
	buf_append(&buf, "]", 1);
	/* A level for the array, one for what it holds, one to spare. */
	tokener = json_tokener_new_ex(3);
	if (!tokener)
		longjmp(arena->oom, 1);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	scalars = json_tokener_parse_ex(tokener, buf.data, (int)buf.len);
	error = json_tokener_get_error(tokener);
	/* Older releases stop early, newer ones have an error for it. */
	oom = (error == json_tokener_success &&
	       json_tokener_get_parse_end(tokener) < buf.len) ||
	      strcmp(json_tokener_error_desc(error), "out of memory") == 0;
	json_tokener_free(tokener);
	if (scalars)
		arena_own(arena, scalars, drop_object);
	if (oom)
		longjmp(arena->oom, 1);
	return scalars;
}

struct builder {
	struct arena *arena;
	const struct scan *scan;
	const char *source;
	char *text; /* a copy, whose literals become strings in place */
	struct json_object *scalars;
	struct json *unused; /* values for as many as the scan counted */
	size_t next_item, next_scalar;
	bool twins; /* an object has a key twice */
};

/* The string of an item, NULL if json-c reads something else. */
static const char *
make_string(struct builder *b, const struct scan_item *item, uint32_t *length)
{
	const char *literal = b->source + item->offset + 1, *s;
	struct json_object *made;

	if (!item->escaped) {
		*length = item->end - item->offset - 2;
		b->text[item->end - 1] = '\0';
		return b->text + item->offset + 1;
	}
	made = json_object_array_get_idx(b->scalars, b->next_scalar++);
	if (json_object_get_type(made) != json_type_string)
		return NULL;
	s = json_object_get_string(made);
	*length = (uint32_t)json_object_get_string_len(made);
	/* No copy: the scalars live as long as the arena. */
	return literal_is(literal, s, *length) ? s : NULL;
}

static bool
make_number(struct builder *b, struct json *value, const struct scan_item *item)
{
	struct json_object *made;
	uint64_t got;

	value->integer = item->integer;
	value->negative = item->negative;
	value->magnitude = item->magnitude;
	if (!is_for_json_c(item))
		return true;
	made = json_object_array_get_idx(b->scalars, b->next_scalar++);
	if (json_object_get_type(made) != json_type_int)
		return false;
	got = item->negative ? -(uint64_t)json_object_get_int64(made)
			     : json_object_get_uint64(made);
	return got == item->magnitude;
}

static int
compare_strings(const void *a, const void *b)
{
	const char *const *s = a, *const *t = b;

	return strcmp(*s, *t);
}

/* Whether a key stands twice; not quadratic, as a text can be one object. */
static bool
has_twins(struct arena *arena, const struct json *object)
{
	const struct json *v = object->children;
	const char **keys;

	if (object->count <= 8) {
		for (size_t i = 1; i < object->count; i++)
			for (size_t j = 0; j < i; j++)
				if (v[i].key[0] == v[j].key[0] &&
				    !strcmp(v[i].key, v[j].key))
					return true;
		return false;
	}
	keys = arena_alloc(arena, object->count * sizeof(*keys));
	for (size_t i = 0; i < object->count; i++)
		keys[i] = v[i].key;
	qsort(keys, object->count, sizeof(*keys), compare_strings);
	for (size_t i = 1; i < object->count; i++)
		if (!strcmp(keys[i - 1], keys[i]))
			return true;
	return false;
}

static bool build(struct builder *b, struct json *value);

/* Recursion ends at LIMIT_DEPTH. */
static bool
build_children(struct builder *b, struct json *value)
{
	bool object = value->kind == JSON_OBJECT;
	uint32_t length;

	value->children = b->unused;
	b->unused += value->count;
	for (uint32_t i = 0; i < value->count; i++) {
		struct json *child = &value->children[i];

		child->parent = value;
		child->index = i;
		if (object) {
			const struct scan_item *key =
				&b->scan->items.v[b->next_item++];

			child->key_offset = key->offset;
			child->key = make_string(b, key, &length);
			if (!child->key)
				return false;
		}
		if (!build(b, child))
			return false;
	}
	b->twins |= object && has_twins(b->arena, value);
	return true;
}

/*
 * Fills a value from the next items.  Returns false where json-c and the scan
 * differ; next_item is behind it.
 */
static bool
build(struct builder *b, struct json *value)
{
	const struct scan_item *item = &b->scan->items.v[b->next_item++];

	value->kind = item->kind;
	value->offset = item->offset;
	value->boolean = item->boolean;
	if (value->kind == JSON_NUMBER)
		return make_number(b, value, item);
	if (value->kind == JSON_STRING) {
		value->string = make_string(b, item, &value->length);
		return value->string != NULL;
	}
	value->count = item->count;
	return !value->count || build_children(b, value);
}

/* The tree of a text that passed the scan, NULL after reporting. */
static const struct json *
make_tree(struct builder *b, struct diags *diags)
{
	const struct scan *scan = b->scan;
	struct json *root;
	size_t at = 0;

	if (scan->convert)
		b->scalars = make_scalars(b->arena, scan, b->source);
	root = arena_alloc(b->arena, scan->values * sizeof(*root));
	b->unused = root + 1;
	if ((b->scalars || !scan->convert) && build(b, root)) {
		if (!b->twins)
			return root;
		if (!literal_check_keys(scan, b->arena, b->source, diags))
			return NULL;
	}
	if (b->next_item)
		at = scan->items.v[b->next_item - 1].offset;
	diag_offset(diags, DIAG_JSON_SYNTAX, at, NULL,
		    "json-c reads this differently");
	return NULL;
}

const struct json *
json_read(struct arena *arena, const struct source *source, struct diags *diags)
{
	struct scan scan = { 0 };
	struct builder b = {
		.arena = arena,
		.scan = &scan,
		.source = source->text,
	};

	if (source->len > LIMIT_FILE) {
		diag_offset(diags, DIAG_LIMIT, SIZE_MAX, NULL,
			    "the file has more than %d bytes", LIMIT_FILE);
		return NULL;
	}
	b.text = arena_alloc(arena, source->len + SCAN_PADDING);
	memcpy(b.text, source->text, source->len);
	if (!scan_text(&scan, arena, b.text, source->len, diags))
		return NULL;
	if (scan.faulty) {
		literal_check_keys(&scan, arena, b.source, diags);
		return NULL;
	}
	return make_tree(&b, diags);
}

const struct json *
json_member(const struct json *object, const char *key)
{
	if (object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++)
		if (object->children[i].key[0] == key[0] &&
		    !strcmp(object->children[i].key, key))
			return &object->children[i];
	return NULL;
}

/* Appends a key as RFC 6901 writes it. */
static void
append_key(struct buf *buf, const char *key)
{
	for (;;) {
		size_t plain = strcspn(key, "~/");

		buf_append(buf, key, plain);
		key += plain;
		if (!*key)
			return;
		buf_append(buf, *key++ == '~' ? "~0" : "~1", 2);
	}
}

char *
json_pointer(struct arena *arena, const struct json *value)
{
	struct buf buf = { .arena = arena };
	const struct json *path[LIMIT_DEPTH + 1];
	size_t n = 0;

	for (; value->parent && n < LENGTH(path); value = value->parent)
		path[n++] = value;
	buf_append(&buf, "", 0);
	while (n-- > 0) {
		buf_append(&buf, "/", 1);
		if (path[n]->key)
			append_key(&buf, path[n]->key);
		else
			buf_printf(&buf, "%u", path[n]->index);
	}
	return buf.data;
}
