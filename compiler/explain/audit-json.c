#include "audit-framed.h"

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

static const struct json *
read_json(struct arena *arena, const char *line, size_t len)
{
	struct source source = { "", line, len };
	struct diags *diags = arena_alloc(arena, sizeof(*diags));

	diags_init(diags, arena, &source);
	return json_read(arena, &source, diags);
}

/* journald has numbers as strings.  False if it is none, or too large. */
static bool
read_number(const struct json *object, const char *key, uint64_t *number)
{
	const struct json *value = json_member(object, key);

	*number = 0;
	if (!value || value->kind != JSON_STRING || !value->length)
		return false;
	for (size_t i = 0; i < value->length; i++) {
		if (value->string[i] < '0' || value->string[i] > '9' ||
		    *number > UINT64_MAX / 32)
			return false;
		*number = *number * 10 + (uint64_t)(value->string[i] - '0');
	}
	return true;
}

/* Who sent it: journald itself writes these, nobody else can. */
static bool
is_foreign(const struct json *object)
{
	const struct json *value = json_member(object, "_TRANSPORT");

	return value && (value->kind != JSON_STRING ||
			 (strcmp(value->string, "audit") != 0 &&
			  strcmp(value->string, "kernel") != 0));
}

/* The time at the source is that of the record. */
static void
read_stamp(struct audit_stamp *stamp, const struct json *object)
{
	uint64_t number;

	if (read_number(object, "_AUDIT_ID", &number)) {
		stamp->has_serial = true;
		stamp->serial = number;
	}
	if (read_number(object, "_SOURCE_REALTIME_TIMESTAMP", &number) ||
	    read_number(object, "__REALTIME_TIMESTAMP", &number)) {
		stamp->clock = AUDIT_EPOCH;
		stamp->time = (int64_t)(number & INT64_MAX);
	}
}

static void
unframe_object(struct audit_framed *f, struct arena *arena)
{
	const struct json *json = read_json(arena, f->text, f->len);

	f->text = "";
	f->len = 0;
	if (!json || json->kind != JSON_OBJECT)
		return;
	f->text = message(arena, json_member(json, "MESSAGE"), &f->len);
	f->foreign = is_foreign(json);
	read_stamp(&f->stamp, json);
}

static bool
starts(const struct audit_framed *f, const char *text)
{
	size_t n = strlen(text);

	return f->len >= n && !memcmp(f->text, text, n);
}

/* A member of an object that has a line for each. */
static void
unframe_member(struct audit_framed *f, struct arena *arena, size_t skip)
{
	const struct json *json;

	f->text += skip;
	f->len -= skip;
	if (f->len && f->text[f->len - 1] == ',')
		f->len--;
	json = read_json(arena, f->text, f->len);
	f->text = message(arena, json, &f->len);
}

void
audit_unframe(struct audit_framed *f, struct arena *arena)
{
	static const char *const members[] = {
		"\"msg\": ",	  /* dmesg --json */
		"\"MESSAGE\" : ", /* journalctl -o json-pretty */
	};
	static const char field[] = "MESSAGE="; /* -o verbose, -o export */
	struct audit_framed bare = *f;

	while (bare.len && (*bare.text == ' ' || *bare.text == '\t')) {
		bare.text++;
		bare.len--;
	}
	if (starts(&bare, "{")) {
		*f = bare;
		unframe_object(f, arena);
		return;
	}
	for (size_t i = 0; i < LENGTH(members); i++)
		if (starts(&bare, members[i])) {
			*f = bare;
			unframe_member(f, arena, strlen(members[i]));
			return;
		}
	if (starts(&bare, field)) {
		f->text = bare.text + strlen(field);
		f->len = bare.len - strlen(field);
	}
}

enum audit_kind
audit_framed_read(const struct audit_framed *f, struct audit_call *call)
{
	enum audit_kind kind = audit_line_read(call, f->text, f->len);

	call->foreign = f->foreign;
	if (!call->stamp.has_serial) {
		call->stamp.has_serial = f->stamp.has_serial;
		call->stamp.serial = f->stamp.serial;
	}
	if (call->stamp.clock == AUDIT_NO_TIME) {
		call->stamp.clock = f->stamp.clock;
		call->stamp.time = f->stamp.time;
	}
	return kind;
}

enum audit_kind
audit_json_read(struct arena *arena, struct audit_call *call, const char *line,
		size_t len)
{
	struct audit_framed f = { .text = line, .len = len };

	unframe_object(&f, arena);
	return audit_framed_read(&f, call);
}
