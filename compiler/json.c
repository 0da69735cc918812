#include "compiler.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "utf8.h"

/*
 * scan.c decides what is JSON and says where everything is.  json-c makes
 * the values of strings, keys and integers, and the two have to agree.
 *
 * json-c gets these scalars as one flat array, not the text: of objects it
 * drops duplicate keys, needs some 800 bytes for an empty one, and does not
 * report every lack of memory.  Of an array it stops early, which shows.
 */

/* Reads a character of a literal that passed the scan. */
static uint32_t
literal_next(const char **literal)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *s = *literal, *found;
	uint32_t c = 0, low;
	char digits[5] = { 0 };

	if (*s != '\\') {
		/* A character ends before the closing quote. */
		*literal += utf8_decode(s, 4, &c);
		return c;
	}
	if (s[1] != 'u') {
		*literal += 2;
		found = strchr(from, s[1]);
		return (unsigned char)(found ? to[found - from] : s[1]);
	}
	c = (uint32_t)strtoul(memcpy(digits, s + 2, 4), NULL, 16);
	*literal += 6;
	if (c < 0xd800 || c >= 0xdc00 || s[6] != '\\' || s[7] != 'u')
		return c;
	low = (uint32_t)strtoul(memcpy(digits, s + 8, 4), NULL, 16);
	if (low < 0xdc00 || low >= 0xe000)
		return c;
	*literal += 6;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* Whether the literal, from behind its quote, means len bytes of s. */
static bool
literal_is(const char *literal, const char *s, size_t len)
{
	const char *end = s + len;

	while (*literal != '"') {
		uint32_t c;
		size_t size = utf8_decode(s, (size_t)(end - s), &c);

		if (size == 0 || literal_next(&literal) != c)
			return false;
		s += size;
	}
	return s == end;
}

struct key {
	const char *literal; /* behind its quote */
	uint32_t object, item;
};

/* Orders by meaning: "a" and "\u0061" are one key. */
static int
compare_literals(const char *a, const char *b)
{
	for (;;) {
		uint32_t c, d;

		while (*a == *b && (signed char)*a >= 0x20 && *a != '"' &&
		       *a != '\\') {
			a++;
			b++;
		}
		if (*a == '"' || *b == '"')
			return (*b == '"') - (*a == '"');
		c = literal_next(&a);
		d = literal_next(&b);
		if (c != d)
			return c < d ? -1 : 1;
	}
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *k = a, *l = b;
	int order;

	if (k->object != l->object)
		return k->object < l->object ? -1 : 1;
	order = compare_literals(k->literal, l->literal);
	return order ? order : (k->item > l->item) - (k->item < l->item);
}

/*
 * Points every key to the first of its object that is equal.  One sort of
 * all keys: a profile can be one object of a million of them.
 */
static void
find_twins(struct scan *scan, struct arena *arena, const char *text)
{
	VEC(struct key) keys = { 0 };

	for (size_t i = 0; i < scan->items.n; i++) {
		const struct scan_item *item = &scan->items.v[i];

		if (item->key)
			*vec_push(arena, &keys) = (struct key){
				.literal = text + item->offset + 1,
				.object = item->object,
				.item = (uint32_t)i,
			};
	}
	if (keys.n > 1)
		qsort(keys.v, keys.n, sizeof(*keys.v), compare_keys);
	for (size_t i = 1; i < keys.n; i++) {
		const struct key *last = &keys.v[i - 1], *key = &keys.v[i];
		uint32_t twin = scan->items.v[last->item].twin;

		if (key->object == last->object &&
		    compare_literals(key->literal, last->literal) == 0)
			scan->items.v[key->item].twin =
				twin ? twin : last->item + 1;
	}
}

static bool
check_keys(struct scan *scan, struct arena *arena, const char *text,
	   struct diags *diags)
{
	size_t found = 0;

	find_twins(scan, arena, text);
	for (size_t i = 0; i < scan->items.n; i++) {
		const struct scan_item *item = &scan->items.v[i], *first;
		size_t len = item->end - item->offset - 2;
		const char *hint = NULL;

		if (!item->key || !item->twin)
			continue;
		first = &scan->items.v[item->twin - 1];
		/* No more hints than diagnostics that are kept. */
		if (found++ < LIMIT_DIAGNOSTICS)
			hint = arena_printf(arena, "it is on line %u too",
					    first->line);
		diag_offset(diags, DIAG_DUPLICATE_KEY, item->offset, hint,
			    "key '%.*s' stands twice in an object",
			    len < 100 ? (int)len : 100,
			    text + item->offset + 1);
	}
	return found == 0;
}

/* Whether json-c has to make the item. */
static bool
is_for_json_c(const struct scan_item *item)
{
	/* Its integers end at -2^63 and 2^64 - 1. */
	return item->kind == JSON_STRING ||
	       (item->kind == JSON_NUMBER && item->integer &&
		(!item->negative || item->magnitude <= (uint64_t)1 << 63));
}

/*
 * Appends a literal for json-c.  Pairs of escapes become the character, so
 * that json-c has no surrogates to join.
 */
static void
append_literal(struct buf *buf, const char *literal, size_t len)
{
	const char *end = literal + len;

	if (!memchr(literal, '\\', len)) {
		buf_append(buf, literal, len);
		return;
	}
	while (literal < end) {
		const char *s = literal;
		uint32_t c = literal_next(&literal);
		const char utf8[] = {
			(char)(0xf0 | c >> 18),
			(char)(0x80 | (c >> 12 & 0x3f)),
			(char)(0x80 | (c >> 6 & 0x3f)),
			(char)(0x80 | (c & 0x3f)),
		};

		if (c > 0xffff)
			buf_append(buf, utf8, sizeof(utf8));
		else
			buf_append(buf, s, (size_t)(literal - s));
	}
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
		append_literal(&buf, text + item->offset,
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
	const char *text;
	struct json_object *scalars;
	size_t next_item, next_scalar;
};

/* The string of an item, NULL if json-c reads something else. */
static const char *
make_string(struct builder *b, const struct scan_item *item)
{
	struct json_object *made =
		json_object_array_get_idx(b->scalars, b->next_scalar++);
	const char *s;
	size_t len;

	if (json_object_get_type(made) != json_type_string)
		return NULL;
	s = json_object_get_string(made);
	len = (size_t)json_object_get_string_len(made);
	/* No copy: the scalars live as long as the arena. */
	return literal_is(b->text + item->offset + 1, s, len) ? s : NULL;
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

/*
 * Fills a value from the next items.  Recursion ends at LIMIT_DEPTH.
 * Returns false where json-c and the scan differ; next_item is behind it.
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
		value->string = make_string(b, item);
		return value->string != NULL;
	}
	value->count = item->count;
	if (value->count)
		value->children = arena_alloc(
			b->arena, value->count * sizeof(*value->children));
	for (size_t i = 0; i < value->count; i++) {
		struct json *child = &value->children[i];

		child->parent = value;
		child->index = i;
		if (value->kind == JSON_OBJECT) {
			item = &b->scan->items.v[b->next_item++];
			child->key_offset = item->offset;
			child->key = make_string(b, item);
			if (!child->key)
				return false;
		}
		if (!build(b, child))
			return false;
	}
	return true;
}

const struct json *
json_read(struct arena *arena, const struct source *source, struct diags *diags)
{
	struct scan scan = { 0 };
	struct builder b = {
		.arena = arena,
		.scan = &scan,
		.text = source->text,
	};
	struct json *root;
	size_t at = 0;

	if (!scan_text(&scan, arena, source, diags))
		return NULL;
	if (!check_keys(&scan, arena, source->text, diags) || scan.faulty)
		return NULL;
	b.scalars = make_scalars(arena, &scan, source->text);
	root = arena_alloc(arena, sizeof(*root));
	if (b.scalars && build(&b, root))
		return root;
	if (b.next_item)
		at = scan.items.v[b.next_item - 1].offset;
	diag_offset(diags, DIAG_JSON_SYNTAX, at, NULL,
		    "json-c reads this differently");
	return NULL;
}

const struct json *
json_member(const struct json *object, const char *key)
{
	if (object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++)
		if (strcmp(object->children[i].key, key) == 0)
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
			buf_printf(&buf, "%zu", path[n]->index);
	}
	return buf.data;
}
