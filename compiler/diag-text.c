#include "compiler.h"

#include <string.h>

#include "ascii.h"
#include "utf8.h"

enum {
	WINDOW = 100, /* columns of a source line that are shown */
	BEFORE = 40,  /* of them before the position if it is longer */
};

/*
 * Characters that act on a terminal or are not seen: a profile must not
 * write to the screen, or look like another one, through a message.
 */
static const struct {
	uint32_t first, last;
} hidden[] = {
	{ 0x00, 0x1f },	      { 0x7f, 0x9f },	  { 0xad, 0xad },
	{ 0x34f, 0x34f },     { 0x61c, 0x61c },	  { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },   { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e },   { 0x2060, 0x206f }, { 0x3164, 0x3164 },
	{ 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
	{ 0xfff0, 0xfffb },   { 0xfffe, 0xffff }, { 0x1d173, 0x1d17a },
	{ 0xe0000, 0xe0fff },
};

static bool
is_hidden(uint32_t c)
{
	for (size_t i = 0; i < LENGTH(hidden); i++)
		if (c >= hidden[i].first && c <= hidden[i].last)
			return true;
	return false;
}

void
diag_write_safe(struct buf *buf, const char *s)
{
	size_t left = strlen(s), size;

	for (; left > 0; s += size, left -= size) {
		uint32_t c;

		size = utf8_decode(s, left, &c);
		if (size == 0) {
			size = 1;
			buf_printf(buf, "\\x%02x", (unsigned char)*s);
		} else if (is_hidden(c)) {
			buf_printf(buf, c > 0xffff ? "\\u{%x}" : "\\u%04x", c);
		} else {
			buf_append(buf, s, size);
		}
	}
}

/*
 * Counting in words of eight bytes: a list full of diagnostics at the end
 * of the largest file would take seconds byte by byte.  Each of flags has
 * its top bit alone set in the bytes that count.
 */
static size_t
sum_flags(uint64_t flags)
{
	return (size_t)(((flags >> 7) * 0x0101010101010101) >> 56);
}

static size_t
count_newlines(const char *s, size_t len)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;
	size_t n = 0, i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t word;

		memcpy(&word, s + i, 8);
		word ^= 0x0a0a0a0a0a0a0a0a;
		/* Exact: no carry leaves a byte. */
		n += sum_flags(~(((word & low) + low) | word | low));
	}
	for (; i < len; i++)
		n += s[i] == '\n';
	return n;
}

/* Bytes that start a character, or are in no character at all. */
static size_t
count_characters(const char *s, size_t len)
{
	size_t n = len, i = 0;

	for (; i + 8 <= len; i += 8) {
		uint64_t word;

		memcpy(&word, s + i, 8);
		n -= sum_flags(word & ~(word << 1) & 0x8080808080808080);
	}
	for (; i < len; i++)
		n -= ((unsigned char)s[i] & 0xc0) == 0x80;
	return n;
}

/* The line around a position, as offsets. */
struct line {
	size_t number;
	size_t start, at, end;
};

static struct line
find_line(const struct source *source, size_t at)
{
	struct line line = { .at = at < source->len ? at : source->len };
	const char *text = source->text, *newline;

	if (source->len == 0)
		return (struct line){ .number = 1 };
	line.number = 1 + count_newlines(text, line.at);
	newline = memrchr(text, '\n', line.at);
	line.start = newline ? (size_t)(newline - text) + 1 : 0;
	newline = memchr(text + line.at, '\n', source->len - line.at);
	line.end = newline ? (size_t)(newline - text) : source->len;
	if (newline && line.end > line.at && text[line.end - 1] == '\r')
		line.end--;
	return line;
}

/* Moves by at most n characters towards end, forwards or backwards. */
static size_t
move(const char *text, size_t at, size_t end, size_t n)
{
	while (n-- > 0 && at != end) {
		if (at < end) {
			uint32_t c;
			size_t size = utf8_decode(text + at, end - at, &c);

			at += size ? size : 1;
			continue;
		}
		at--;
		while (at > end && ((unsigned char)text[at] & 0xc0) == 0x80)
			at--;
	}
	return at;
}

/* Where the string, number or word ends that starts at the position. */
static size_t
token_end(const char *text, const struct line *line)
{
	size_t end = line->at;

	if (end < line->end && text[end] == '"') {
		for (end++; end < line->end && text[end] != '"'; end++)
			end += text[end] == '\\' && end + 1 < line->end;
		return end < line->end ? end + 1 : end;
	}
	while (end < line->end && (ascii_is_alnum(text[end]) ||
				   (text[end] && strchr("+-._", text[end])) ||
				   /* A path, in YAML. */
				   (text[end] == '/' && end > line->at)))
		end++;
	return end;
}

/* Appends source text with every character one column wide. */
static void
write_columns(struct buf *buf, const char *text, size_t at, size_t end)
{
	for (size_t size; at < end; at += size) {
		uint32_t c;

		size = utf8_decode(text + at, end - at, &c);
		if (size == 0 || is_hidden(c)) {
			buf_append(buf, size && c == '\t' ? " " : "?", 1);
			size = size ? size : 1;
		} else {
			buf_append(buf, text + at, size);
		}
	}
}

/* Columns that write_columns fills. */
static size_t
columns(const char *text, size_t at, size_t end)
{
	size_t n = 0;

	for (; at < end; n++)
		at = move(text, at, end, 1);
	return n;
}

static void
write_line(struct buf *buf, const char *text, const struct line *line,
	   const char *on, const char *off)
{
	size_t first = move(text, line->at, line->start, WINDOW - 1);
	size_t last = move(text, first, line->end, WINDOW);
	size_t end = token_end(text, line), before, under;

	if (first > line->start || last < line->end) {
		first = move(text, line->at, line->start, BEFORE);
		last = move(text, first, line->end, WINDOW);
	}
	if (end > last)
		end = last;
	buf_printf(buf, "%5zu |%s", line->number, last > first ? " " : "");
	if (first > line->start)
		buf_printf(buf, "…");
	write_columns(buf, text, first, last);
	if (last < line->end)
		buf_printf(buf, "…");
	before = columns(text, first, line->at) + (first > line->start);
	under = columns(text, line->at, end);
	buf_printf(buf, "\n      | %*s%s^", (int)before, "", on);
	while (under-- > 1)
		buf_append(buf, "~", 1);
	buf_printf(buf, "%s\n", off);
}

/* The escapes of one kind of output; all empty without colour. */
struct colours {
	const char *bold, *caret, *off;
	const char *severity[SEVERITY_ERROR + 1];
};

static const struct colours no_colours = {
	.bold = "",
	.caret = "",
	.off = "",
	.severity = { "", "", "", "" },
};

static const struct colours ansi_colours = {
	.bold = "\033[1m",
	.caret = "\033[1;32m",
	.off = "\033[0m",
	.severity = { "", "\033[1;36m", "\033[1;35m", "\033[1;31m" },
};

static size_t
column_of(const char *text, const struct line *line)
{
	return 1 + count_characters(text + line->start, line->at - line->start);
}

bool
diag_position(const struct source *source, const struct diag *diag,
	      size_t *number, size_t *column)
{
	struct line line;

	if (diag->offset == SIZE_MAX)
		return false;
	line = find_line(source, diag->offset);
	*number = line.number;
	*column = column_of(source->text, &line);
	return true;
}

bool
diag_region(const struct source *source, const struct diag *diag,
	    struct diag_region *region)
{
	const char *text = source->text;
	struct line line;
	size_t end;

	if (diag->offset == SIZE_MAX)
		return false;
	line = find_line(source, diag->offset);
	end = source->len ? token_end(text, &line) : 0;
	if (end == line.at && end < line.end)
		end = move(text, end, line.end, 1);
	*region = (struct diag_region){
		.line = line.number,
		.column = column_of(text, &line),
		.start = line.at,
		.end = end,
		.line_start = line.start,
		.line_end = line.end,
	};
	/* What is not UTF-8 counts by bytes: no region of any is empty. */
	region->end_column = region->column + columns(text, line.at, end);
	return true;
}

void
diag_write(struct buf *buf, const struct source *source,
	   const struct diag *diag, bool colour)
{
	const struct colours *c = colour ? &ansi_colours : &no_colours;
	bool placed = diag->offset != SIZE_MAX;
	struct line line = { 0 };

	buf_printf(buf, "%s", c->bold);
	diag_write_safe(buf, source->name);
	if (placed) {
		line = find_line(source, diag->offset);
		buf_printf(buf, ":%zu:%zu", line.number,
			   column_of(source->text, &line));
	}
	buf_printf(buf, ":%s %s%s:%s ", c->off, c->severity[diag->severity],
		   severity_name(diag->severity), c->off);
	if (diag->pointer && *diag->pointer) {
		diag_write_safe(buf, diag->pointer);
		buf_append(buf, ": ", 2);
	}
	diag_write_safe(buf, diag->message);
	buf_printf(buf, " [%s]\n", diag_table[diag->id].name);
	if (placed)
		write_line(buf, source->text, &line, c->caret, c->off);
	if (diag->hint) {
		buf_append(buf, "  hint: ", 8);
		diag_write_safe(buf, diag->hint);
		buf_append(buf, "\n", 1);
	}
}
