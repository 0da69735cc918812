#include "yaml-tree.h"

#include <string.h>
#include <yaml.h>

/*
 * libyaml says what is in the text and where, one event at a time; nothing
 * of it is seen by others.  It counts characters, diagnostics count bytes.
 */

static const char byte_order_mark[] = "\xef\xbb\xbf";

struct anchor {
	const char *name;
	uint32_t item;
};

struct reader {
	struct arena *arena;
	const struct source *source;
	struct diags *diags;
	size_t start;	    /* where libyaml begins: behind a byte order mark */
	size_t index, byte; /* the same place in the text, from start on */
	yaml_parser_t parser;
	yaml_event_t event;
	struct yaml_items items;
	VEC(struct anchor) anchors; /* of this document */
	size_t aliases;
	uint32_t open[LIMIT_DEPTH]; /* items of the containers around */
	uint32_t depth;
};

static void
drop(void *object)
{
	struct reader *r = object;

	yaml_event_delete(&r->event);
	yaml_parser_delete(&r->parser);
}

/* The byte at which a character begins; marks go forward, nearly always. */
static size_t
byte_of(struct reader *r, size_t index)
{
	const char *text = r->source->text;
	size_t len = r->source->len;

	while (r->index < index && r->byte < len) {
		r->byte++;
		while (r->byte < len && (text[r->byte] & 0xc0) == 0x80)
			r->byte++;
		r->index++;
	}
	while (r->index > index && r->byte > r->start) {
		r->byte--;
		while (r->byte > r->start && (text[r->byte] & 0xc0) == 0x80)
			r->byte--;
		r->index--;
	}
	return r->byte;
}

static bool
is_utf8_problem(const char *problem)
{
	static const char *const words[] = { "UTF-8", "Unicode", "octet" };

	for (size_t i = 0; i < LENGTH(words); i++)
		if (strstr(problem, words[i]))
			return true;
	return false;
}

/* Reports why libyaml stopped; false. */
static bool
report_problem(struct reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "not YAML";
	const char *hint = NULL;
	size_t at;

	if (p->error == YAML_MEMORY_ERROR)
		longjmp(r->arena->oom, 1);
	if (p->error == YAML_READER_ERROR) {
		at = r->start + p->problem_offset;
		if (at > r->source->len)
			at = r->source->len;
		return diag_offset(r->diags,
				   is_utf8_problem(problem) ? DIAG_INVALID_UTF8
							    : LINT_YAML_SYNTAX,
				   at, NULL, "%s", problem);
	}
	at = byte_of(r, p->problem_mark.index);
	if (at < r->source->len && r->source->text[at] == '\t')
		hint = "indent with spaces: YAML takes no tabs there";
	return diag_offset(r->diags, LINT_YAML_SYNTAX, at, hint, "%s%s%s",
			   problem, p->context ? " " : "",
			   p->context ? p->context : "");
}

/* Adds an item where the event is, and counts it in its container. */
static struct yaml_item *
add_item(struct reader *r)
{
	size_t at = byte_of(r, r->event.start_mark.index);
	struct yaml_item *item;

	if (r->items.n == LIMIT_VALUES) {
		diag_offset(r->diags, DIAG_LIMIT, at, NULL,
			    "more than %d keys and values", LIMIT_VALUES);
		return NULL;
	}
	if (r->depth)
		r->items.v[r->open[r->depth - 1]].count++;
	item = vec_push(r->arena, &r->items);
	item->offset = (uint32_t)at;
	return item;
}

static bool
add_anchor(struct reader *r, const yaml_char_t *name)
{
	const char *s = (const char *)name;
	struct anchor *anchor;

	if (!s)
		return true;
	if (r->anchors.n == LIMIT_ANCHORS)
		return diag_offset(r->diags, DIAG_LIMIT,
				   r->items.v[r->items.n - 1].offset, NULL,
				   "more than %d anchors in a document",
				   LIMIT_ANCHORS);
	anchor = vec_push(r->arena, &r->anchors);
	anchor->name = arena_strndup(r->arena, s, strlen(s));
	anchor->item = (uint32_t)r->items.n - 1;
	return true;
}

static bool
add_alias(struct reader *r)
{
	const char *name = (const char *)r->event.data.alias.anchor;
	struct yaml_item *item = add_item(r);
	size_t i = r->anchors.n;

	if (!item)
		return false;
	if (r->aliases++ == LIMIT_ALIASES)
		return diag_offset(r->diags, DIAG_LIMIT, item->offset, NULL,
				   "more than %d aliases", LIMIT_ALIASES);
	/* An anchor can be given again; the last one counts. */
	while (i > 0 && strcmp(r->anchors.v[i - 1].name, name) != 0)
		i--;
	if (i == 0)
		return diag_offset(r->diags, LINT_YAML_SYNTAX, item->offset,
				   NULL, "no anchor '%s' before this alias",
				   name);
	item->alias = true;
	item->target = r->anchors.v[i - 1].item;
	if (r->items.v[item->target].open)
		return diag_offset(r->diags, LINT_YAML_SYNTAX, item->offset,
				   NULL, "what '%s' stands for contains itself",
				   name);
	return true;
}

static bool
add_scalar(struct reader *r)
{
	const char *s = (const char *)r->event.data.scalar.value;
	const char *tag = (const char *)r->event.data.scalar.tag;
	size_t len = r->event.data.scalar.length;
	struct yaml_item *item = add_item(r);

	if (!item)
		return false;
	item->string = arena_strndup(r->arena, s, len);
	item->length = (uint32_t)len;
	if (memchr(s, 0, len))
		return diag_offset(r->diags, DIAG_NUL_IN_STRING, item->offset,
				   NULL, "text with a NUL character");
	item->kind = JSON_STRING;
	item->merge = r->event.data.scalar.plain_implicit &&
		      strcmp(item->string, "<<") == 0;
	/* What is quoted is text, unless a tag says otherwise. */
	if ((tag || r->event.data.scalar.plain_implicit) &&
	    !yaml_resolve(item, tag))
		return diag_offset(r->diags, LINT_YAML_SYNTAX, item->offset,
				   NULL, "'%s' does not fit the tag %s",
				   item->string, tag);
	return add_anchor(r, r->event.data.scalar.anchor);
}

static bool
open_container(struct reader *r, enum json_kind kind, const yaml_char_t *anchor)
{
	struct yaml_item *item = add_item(r);

	if (!item)
		return false;
	item->kind = (uint8_t)kind;
	item->open = true;
	if (r->depth == LIMIT_DEPTH)
		return diag_offset(r->diags, DIAG_LIMIT, item->offset, NULL,
				   "more than %d nested lists and mappings",
				   LIMIT_DEPTH);
	r->open[r->depth++] = (uint32_t)r->items.n - 1;
	return add_anchor(r, anchor);
}

static bool
close_container(struct reader *r)
{
	struct yaml_item *item = &r->items.v[r->open[--r->depth]];

	item->open = false;
	if (item->kind == JSON_OBJECT)
		item->count /= 2;
	return true;
}

static bool
take_event(struct reader *r)
{
	switch (r->event.type) {
	case YAML_ALIAS_EVENT:
		return add_alias(r);
	case YAML_SCALAR_EVENT:
		return add_scalar(r);
	case YAML_SEQUENCE_START_EVENT:
		return open_container(r, JSON_ARRAY,
				      r->event.data.sequence_start.anchor);
	case YAML_MAPPING_START_EVENT:
		return open_container(r, JSON_OBJECT,
				      r->event.data.mapping_start.anchor);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_container(r);
	case YAML_DOCUMENT_START_EVENT:
		r->anchors.n = 0;
		return true;
	default:
		return true;
	}
}

/* Reads up to the end of the next document, false also at the end. */
static bool
read_document(struct reader *r, bool *end)
{
	yaml_event_type_t type;

	do {
		if (!yaml_parser_parse(&r->parser, &r->event))
			return report_problem(r);
		type = r->event.type;
		if (!take_event(r))
			return false;
		yaml_event_delete(&r->event);
	} while (type != YAML_DOCUMENT_END_EVENT &&
		 type != YAML_STREAM_END_EVENT);
	*end = type == YAML_STREAM_END_EVENT;
	return !*end;
}

static void
start(struct reader *r)
{
	const struct source *source = r->source;
	size_t mark = sizeof(byte_order_mark) - 1;

	if (source->len >= mark && !memcmp(source->text, byte_order_mark, mark))
		r->start = mark;
	r->byte = r->start;
	arena_own(r->arena, r, drop);
	if (!yaml_parser_initialize(&r->parser))
		longjmp(r->arena->oom, 1);
	/* Never as UTF-16, in which offsets would be others. */
	yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
		&r->parser, (const unsigned char *)source->text + r->start,
		source->len - r->start);
}

bool
yaml_supported(void)
{
	return true;
}

bool
yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
	  struct yaml_documents *documents)
{
	struct reader *r;
	size_t root = 0, values = 0;
	const struct json *tree;
	bool end = false;

	if (source->len > LIMIT_FILE)
		return diag_offset(diags, DIAG_LIMIT, SIZE_MAX, NULL,
				   "the file has more than %d bytes",
				   LIMIT_FILE);
	r = arena_alloc(arena, sizeof(*r));
	r->arena = arena;
	r->source = source;
	r->diags = diags;
	start(r);
	while (read_document(r, &end)) {
		tree = yaml_tree(arena, &r->items, root, &values, diags);
		if (!tree)
			return false;
		*vec_push(arena, documents) = tree;
		root = r->items.n;
	}
	return end;
}
