#include "edit.h"

#include <string.h>

/* Where a value ends, in a text that was read. */
static size_t
end_of(const struct draft *d, const struct json *value)
{
	size_t at = value->offset, depth = 0;
	bool quoted = false;

	for (; at < d->len; at++) {
		char c = d->text[at];

		if (quoted) {
			if (c == '\\')
				at++;
			else if (c == '"')
				quoted = false;
			if (!quoted && !depth)
				return at + 1;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			depth++;
		} else if (c == ']' || c == '}') {
			if (depth <= 1)
				return depth ? at + 1 : at;
			depth--;
		} else if (!depth && strchr(", \t\r\n", c)) {
			return at;
		}
	}
	return d->len;
}

/* An offset of the text as it is, in the text as it was. */
static size_t
original_offset(const struct edit *edit, size_t offset)
{
	for (size_t i = edit->steps.n; i-- > 0;) {
		const struct edit_step *step = &edit->steps.v[i];
		size_t added = step->inserted ? strlen(step->inserted) : 0;

		if (step->option || offset < step->offset)
			continue;
		offset = offset < step->offset + added
				 ? step->offset
				 : offset - added + step->removed;
	}
	return offset;
}

void
draft_replace(struct draft *d, size_t offset, size_t removed,
	      const char *inserted, size_t shown, const struct json *where,
	      const char *words)
{
	size_t added = strlen(inserted);
	char *text = arena_alloc_raw(d->arena, d->len - removed + added + 1);
	struct edit_step *step;
	size_t before = original_offset(d->edit, offset);

	shown = original_offset(d->edit, shown);
	memcpy(text, d->text, offset);
	memcpy(text + offset, inserted, added);
	memcpy(text + offset + added, d->text + offset + removed,
	       d->len - offset - removed);
	d->len = d->len - removed + added;
	text[d->len] = '\0';
	d->text = text;
	step = vec_push(d->arena, &d->edit->steps);
	*step = (struct edit_step){
		.words = words,
		.pointer = json_pointer(d->arena, where),
		.shown = shown,
		.offset = before,
		.removed = removed,
		.inserted = inserted,
	};
}

/* Where an element begins, or the key of a member. */
static size_t
start_of(const struct json *value)
{
	return value->key ? value->key_offset : value->offset;
}

const char *
draft_indentation(const struct draft *d, const struct json *value)
{
	size_t start = start_of(value), at = start;

	while (at && (d->text[at - 1] == ' ' || d->text[at - 1] == '\t'))
		at--;
	if (!at || d->text[at - 1] != '\n')
		return NULL;
	return arena_strndup(d->arena, d->text + at, start - at);
}

const char *
draft_break(const struct draft *d, const struct json *value)
{
	const char *indent = draft_indentation(d, value);
	size_t at = start_of(value);

	if (!indent)
		return NULL;
	at -= strlen(indent) + 1;
	return arena_printf(d->arena, "%s\n%s",
			    at && d->text[at - 1] == '\r' ? "\r" : "", indent);
}

void
draft_replace_value(struct draft *d, const struct json *value,
		    const char *inserted, const char *words)
{
	draft_replace(d, value->offset, end_of(d, value) - value->offset,
		      inserted, value->offset, value, words);
}

/* How many elements of a sorted array come before a string; all if it is not
 * sorted. */
static size_t
sorted_place(const struct json *array, const char *s)
{
	size_t place = 0;

	for (size_t i = 0; i < array->count; i++) {
		const char *element = array->children[i].string;

		if (i && strcmp(array->children[i - 1].string, element) > 0)
			return array->count;
		if (strcmp(element, s) < 0)
			place = i + 1;
	}
	return place;
}

void
draft_add(struct draft *d, const struct json *array, const char *element,
	  const char *sorted, const char *words)
{
	const struct json *beside;
	const char *break_;
	size_t place;

	if (!array->count) {
		draft_replace_value(d, array,
				    arena_printf(d->arena, "[%s]", element),
				    words);
		return;
	}
	place = sorted ? sorted_place(array, sorted) : array->count;
	beside = &array->children[place ? place - 1 : 0];
	break_ = draft_break(d, beside);
	break_ = break_ ? break_ : " ";
	if (place)
		draft_replace(d, end_of(d, beside), 0,
			      arena_printf(d->arena, ",%s%s", break_, element),
			      end_of(d, beside), array, words);
	else
		draft_replace(d, beside->offset, 0,
			      arena_printf(d->arena, "%s,%s", element, break_),
			      beside->offset, array, words);
}

void
draft_add_all(struct draft *d, const struct json *array,
	      const char *const *elements, const char *const *sorted,
	      size_t count, const char *words)
{
	const struct json *last = &array->children[array->count - 1];
	size_t from = array->children[0].offset, at = from, place;
	struct buf buf = { .arena = d->arena };

	for (size_t i = 0; i < count; i++) {
		const struct json *beside;
		const char *between;

		place = sorted ? sorted_place(array, sorted[i]) : array->count;
		beside = &array->children[place ? place - 1 : 0];
		between = draft_break(d, beside);
		between = between ? between : " ";
		if (place) {
			size_t end = end_of(d, beside);

			buf_append(&buf, d->text + at, end - at);
			at = end;
		}
		if (place)
			buf_printf(&buf, ",%s%s", between, elements[i]);
		else
			buf_printf(&buf, "%s,%s", elements[i], between);
	}
	buf_append(&buf, d->text + at, end_of(d, last) - at);
	draft_replace(d, from, end_of(d, last) - from, buf.data, from, array,
		      words);
}

void
draft_add_member(struct draft *d, const struct json *object, const char *member,
		 const char *words)
{
	const struct json *last = &object->children[object->count - 1];
	const char *break_ = draft_break(d, last);

	draft_replace(
		d, end_of(d, last), 0,
		arena_printf(d->arena, ",%s%s", break_ ? break_ : " ", member),
		end_of(d, last), object, words);
}

void
draft_remove(struct draft *d, const struct json *value, const char *words)
{
	const struct json *first = value->parent->children;
	size_t from = start_of(value), to = end_of(d, value);

	if (value->index + 1 < value->parent->count)
		to = start_of(&first[value->index + 1]);
	else if (value->index)
		from = end_of(d, &first[value->index - 1]);
	draft_replace(d, from, to - from, "", start_of(value), value, words);
}

void
draft_remove_name(struct draft *d, const struct rule *rule,
		  const struct json *name)
{
	struct buf words = { .arena = d->arena };

	if (name->parent != rule->where && rule->names.n > 1) {
		buf_printf(&words, "take ");
		output_quote(&words, name->string);
		buf_printf(&words, " out of the names");
		draft_remove(d, name, words.data);
		return;
	}
	buf_printf(&words, "take out the rule for ");
	output_quote(&words, name->string);
	draft_remove(d, rule->where, words.data);
}

/* Docker's form of the list: what belongs to the native architecture. */
static void
add_sub_arch(struct draft *d, const struct profile *profile, const char *native,
	     const char *element, const char *words)
{
	for (size_t i = 0; i < profile->arch_map.n; i++) {
		const struct json *architecture =
			profile->arch_map.v[i].architecture;
		const struct json *entry = architecture->parent;
		const struct json *sub = json_member(entry, "subArchitectures");

		if (strcmp(architecture->string, native) != 0)
			continue;
		if (sub)
			draft_add(d, sub, element, NULL, words);
		else
			draft_add_member(
				d, entry,
				arena_printf(d->arena,
					     "\"subArchitectures\": [%s]",
					     element),
				words);
		return;
	}
	draft_add(d, profile->arch_map.v[0].architecture->parent->parent,
		  arena_printf(d->arena,
			       "{ \"architecture\": \"%s\", "
			       "\"subArchitectures\": [%s] }",
			       native, element),
		  NULL, words);
}

void
draft_add_arch(struct draft *d, const struct profile *profile, enum abi native,
	       enum abi abi, const char *words)
{
	const struct json *list = json_member(profile->root, "architectures");
	const char *element =
		arena_printf(d->arena, "\"%s\"", arch_table[abi]->scmp_name);

	if (profile->arch_map.n)
		add_sub_arch(d, profile, arch_table[native]->scmp_name, element,
			     words);
	else if (list)
		draft_add(d, list, element, NULL, words);
	else
		draft_add_member(d, profile->root,
				 arena_printf(d->arena,
					      "\"architectures\": [%s]",
					      element),
				 words);
}
