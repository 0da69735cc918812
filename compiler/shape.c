#include "compiler.h"

#include <string.h>

#include "ascii.h"

/* The length of SCMP_ACT_ and the like, which s and all words begin with. */
static size_t
common_prefix(const char *s, const char *const *words, size_t count)
{
	size_t len = 0, common = strlen(s);

	for (size_t i = 0; i < count; i++)
		while (strncmp(s, words[i], common))
			common--;
	for (size_t i = 0; i < common; i++)
		if (s[i] == '_')
			len = i + 1;
	return len;
}

const char *
shape_hint(const struct shape *shape, const char *s, const char *const *words,
	   size_t count)
{
	/* What all have in common makes no two of them alike. */
	size_t skip = common_prefix(s, words, count);
	const char *rest[16] = { 0 };
	const char *near, *begins = NULL;

	/* Looking for it is slow, and what is not kept needs no hint. */
	if (shape->diags->list.n >= LIMIT_DIAGNOSTICS)
		return NULL;
	if (count > LENGTH(rest))
		count = LENGTH(rest);
	for (size_t i = 0; i < count; i++) {
		rest[i] = words[i] + skip;
		if (*rest[i] && !strncmp(s + skip, rest[i], strlen(rest[i])))
			begins = rest[i];
	}
	near = diag_nearest(s + skip, rest, count);
	if (!near)
		near = begins;
	return near ? arena_printf(shape->arena, "did you mean '%.*s%s'?",
				   (int)skip, s, near)
		    : NULL;
}

static const char *
kind_name(enum json_kind kind)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",	    [JSON_BOOL] = "a boolean",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
	};

	return names[kind];
}

bool
shape_expect(const struct shape *shape, const struct json *value,
	     enum json_kind kind)
{
	if (value->kind == kind)
		return true;
	return diag_at(shape->diags, DIAG_WRONG_TYPE, value, NULL,
		       "expected %s, found %s", kind_name(kind),
		       kind_name(value->kind));
}

bool
shape_optional(const struct shape *shape, const struct json *object,
	       const char *key, enum json_kind kind, const struct json **value)
{
	*value = json_member(object, key);
	if (*value && (*value)->kind == JSON_NULL)
		*value = NULL;
	return !*value || shape_expect(shape, *value, kind);
}

bool
shape_required(const struct shape *shape, const struct json *object,
	       const char *key, enum json_kind kind, const struct json **value)
{
	*value = json_member(object, key);
	if (!*value)
		return diag_at(shape->diags, DIAG_MISSING_FIELD, object, NULL,
			       "'%s' is required here", key);
	return shape_expect(shape, *value, kind);
}

/*
 * Go's encoding/json folds case, and with it the long s and the Kelvin sign,
 * when it looks for the field of a key.
 */
static bool
go_takes_for(const char *key, const char *name)
{
	for (; *key && *name; name++) {
		if (!strncmp(key, "\xc5\xbf", 2) && (*name | 0x20) == 's') {
			key += 2;
		} else if (!strncmp(key, "\xe2\x84\xaa", 3) &&
			   (*name | 0x20) == 'k') {
			key += 3;
		} else if (ascii_lower(*key) == ascii_lower(*name)) {
			key++;
		} else {
			return false;
		}
	}
	return !*key && !*name;
}

static const char *
dialect_name(enum dialect dialect)
{
	static const char *const names[] = {
		[DIALECT_AUTO] = "auto",
		[DIALECT_DOCKER] = "docker",
		[DIALECT_PODMAN] = "podman",
		[DIALECT_OCI] = "oci",
	};

	return names[dialect];
}

static bool
is_empty(const struct json *value)
{
	switch (value->kind) {
	case JSON_NULL:
		return true;
	case JSON_STRING:
		return !value->string[0];
	case JSON_ARRAY:
	case JSON_OBJECT:
		return !value->count;
	default:
		return false;
	}
}

static bool
check_key(const struct shape *shape, const struct json *member,
	  const struct field *fields, size_t count)
{
	const char *names[16];

	for (size_t i = 0; i < count; i++) {
		if (member->key[0] != fields[i].name[0] ||
		    strcmp(member->key, fields[i].name) != 0)
			continue;
		if (fields[i].dialects >> shape->dialect & 1 ||
		    is_empty(member))
			return true;
		return diag_at(shape->diags, DIAG_IGNORED_FIELD, member, NULL,
			       "'%s' is ignored in the dialect %s", member->key,
			       dialect_name(shape->dialect));
	}
	for (size_t i = 0; i < count; i++) {
		names[i] = fields[i].name;
		if (go_takes_for(member->key, fields[i].name))
			return diag_at(shape->diags, DIAG_KEY_CASE, member,
				       arena_printf(shape->arena, "write '%s'",
						    fields[i].name),
				       "'%s' is read as '%s' by some programs "
				       "and ignored by others",
				       member->key, fields[i].name);
	}
	return diag_at(shape->diags, DIAG_UNKNOWN_FIELD, member,
		       shape_hint(shape, member->key, names, count),
		       "unknown field '%s' is ignored", member->key);
}

bool
shape_object(const struct shape *shape, const struct json *value,
	     const struct field *fields, size_t count)
{
	bool ok = true;

	if (!shape_expect(shape, value, JSON_OBJECT))
		return false;
	for (size_t i = 0; i < value->count; i++)
		ok &= check_key(shape, &value->children[i], fields, count);
	return ok;
}

bool
shape_differs(const struct json *object, const struct field *fields,
	      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct json *value = json_member(object, fields[i].name);

		if (fields[i].dialects != EVERY_DIALECT && value &&
		    !is_empty(value))
			return true;
	}
	return false;
}

bool
shape_reads(const struct shape *shape, unsigned dialects)
{
	return dialects >> shape->dialect & 1;
}

bool
shape_integer(const struct shape *shape, const struct json *value, uint64_t max,
	      uint64_t *out)
{
	if (!value->integer)
		return diag_at(shape->diags, DIAG_OUT_OF_RANGE, value, NULL,
			       "expected an integer of at most 64 bits");
	if ((value->negative && value->magnitude) || value->magnitude > max)
		return diag_at(shape->diags, DIAG_OUT_OF_RANGE, value, NULL,
			       "the value must be between 0 and %llu",
			       (unsigned long long)max);
	*out = value->magnitude;
	return true;
}

bool
shape_strings(const struct shape *shape, const struct json *object,
	      const char *key, struct json_list *list)
{
	const struct json *array;
	bool ok = true;

	if (!shape_optional(shape, object, key, JSON_ARRAY, &array))
		return false;
	if (array && array->count)
		vec_reserve(shape->arena, list, array->count);
	for (size_t i = 0; array && i < array->count; i++) {
		if (shape_expect(shape, &array->children[i], JSON_STRING))
			*vec_push(shape->arena, list) = &array->children[i];
		else
			ok = false;
	}
	return ok;
}
