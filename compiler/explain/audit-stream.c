#include "audit-line.h"

#include <string.h>

/* journald's MESSAGE: a string, or bytes if it has some that are no text. */
static const char *
message(struct arena *arena, const struct json *value, size_t *len)
{
	char *text;

	*len = 0;
	if (!value)
		return "";
	if (value->kind == JSON_STRING) {
		*len = value->length;
		return value->string;
	}
	if (value->kind != JSON_ARRAY)
		return "";
	text = arena_alloc(arena, value->count + 1);
	for (size_t i = 0; i < value->count; i++) {
		const struct json *byte = &value->children[i];

		if (byte->kind != JSON_NUMBER || !byte->integer ||
		    byte->negative || byte->magnitude > 255)
			return "";
		text[(*len)++] = (char)byte->magnitude;
	}
	return text;
}

enum audit_kind
audit_json_read(struct arena *arena, struct audit_call *call, const char *line,
		size_t len)
{
	struct source source = { "", line, len };
	struct diags *diags = arena_alloc(arena, sizeof(*diags));
	const struct json *json;
	const char *text;

	memset(call, 0, sizeof(*call));
	diags_init(diags, arena, &source);
	json = json_read(arena, &source, diags);
	if (!json || json->kind != JSON_OBJECT)
		return AUDIT_OTHER;
	text = message(arena, json_member(json, "MESSAGE"), &len);
	return audit_line_read(call, text, len);
}

static void
read_line(struct audit_stream *s, struct arena *arena)
{
	struct audit_call call;
	enum audit_kind kind;
	size_t blanks = 0;

	if (s->used && s->line[s->used - 1] == '\r')
		s->used--;
	while (blanks < s->used && s->line[blanks] == ' ')
		blanks++;
	if (blanks < s->used && s->line[blanks] == '{') {
		kind = audit_json_read(arena, &call, s->line, s->used);
		arena_finish(arena);
	} else {
		kind = audit_line_read(&call, s->line, s->used);
	}
	s->lines++;
	s->cut += s->skipping;
	s->calls += kind == AUDIT_CALL;
	s->broken += kind == AUDIT_BROKEN;
	if (kind == AUDIT_CALL)
		s->take(s->context, &call);
	s->used = 0;
	s->skipping = false;
}

void
audit_stream_add(struct audit_stream *s, struct arena *arena, const char *text,
		 size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\n')
			read_line(s, arena);
		else if (s->used < sizeof(s->line))
			s->line[s->used++] = text[i];
		else
			s->skipping = true;
	}
}

void
audit_stream_end(struct audit_stream *s, struct arena *arena)
{
	if (s->used)
		read_line(s, arena);
}
