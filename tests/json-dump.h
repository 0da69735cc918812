/*
 * A tree as text, for tests: n t f, integers as they are, x for other
 * numbers, strings as their bytes in hex, [a,b], {key:a}.  With offsets, @
 * and the offset follow each value and key.
 */
#ifndef SECCOMPC_JSON_DUMP_H
#define SECCOMPC_JSON_DUMP_H

#include "compiler.h"

static inline void
json_dump_hex(struct buf *buf, const char *s)
{
	for (buf_append(buf, "'", 1); *s; s++)
		buf_printf(buf, "%02x", (unsigned char)*s);
	buf_append(buf, "'", 1);
}

static inline void
json_dump(struct buf *buf, const struct json *value, bool offsets)
{
	static const char open[] = "ntf  [{", close[] = "     ]}";
	enum json_kind kind = value->kind;

	if (kind == JSON_STRING)
		json_dump_hex(buf, value->string);
	else if (kind == JSON_NUMBER && !value->integer)
		buf_append(buf, "x", 1);
	else if (kind == JSON_NUMBER)
		buf_printf(buf, "%s%llu", value->negative ? "-" : "",
			   (unsigned long long)value->magnitude);
	else if (kind == JSON_ARRAY || kind == JSON_OBJECT)
		buf_append(buf, &open[kind + 1], 1);
	else
		buf_append(buf, &open[kind * 2 - (kind && value->boolean)], 1);
	for (size_t i = 0; i < value->count; i++) {
		const struct json *child = &value->children[i];

		buf_append(buf, ",", i > 0);
		if (child->key) {
			json_dump_hex(buf, child->key);
			if (offsets)
				buf_printf(buf, "@%u", child->key_offset);
			buf_append(buf, ":", 1);
		}
		json_dump(buf, child, offsets);
	}
	if (kind == JSON_ARRAY || kind == JSON_OBJECT)
		buf_append(buf, &close[kind + 1], 1);
	if (offsets)
		buf_printf(buf, "@%u", value->offset);
}

#endif
