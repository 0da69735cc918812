#include "table.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
die(const struct reader *r, const char *fmt, ...)
{
	va_list ap;

	if (r)
		fprintf(stderr, "%s:%u: ", r->path, r->line);
	else
		fputs("generate: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *
allocate(size_t size)
{
	void *memory = calloc(1, size);

	if (!memory)
		die(NULL, "out of memory");
	return memory;
}

char *
copy(const char *s)
{
	return strcpy(allocate(strlen(s) + 1), s);
}

unsigned
parse_number(const struct reader *r, const char *s, unsigned max)
{
	unsigned value = 0;

	if (!*s || (*s == '0' && s[1]))
		die(r, "'%s' is not a number", s);
	for (const char *p = s; *p; p++) {
		if (!isdigit((unsigned char)*p))
			die(r, "'%s' is not a number", s);
		value = value * 10 + (unsigned)(*p - '0');
		if (value > max)
			die(r, "%s is above %u", s, max);
	}
	return value;
}

unsigned
parse_release(const struct reader *r, const char *s)
{
	unsigned part[3] = { 0 };
	size_t parts = 0;
	char *text, *rest;

	if (!strcmp(s, "-"))
		return 0;
	rest = text = copy(s);
	while (rest && parts < 3)
		part[parts++] = parse_number(r, strsep(&rest, "."), 255);
	if (rest || parts < 2 || !part[0])
		die(r, "'%s' is not a kernel release", s);
	free(text);
	return part[0] << 8 | part[1];
}

unsigned
parse_width(const struct reader *r, const char *s)
{
	unsigned width = parse_number(r, s, 64);

	if (width != 8 && width != 16 && width != 32 && width != 64)
		die(r, "%s is not the width of an argument", s);
	return width;
}

const char *
parse_name(const struct reader *r, const char *s)
{
	size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_");

	if (!len || s[len] || isdigit((unsigned char)*s))
		die(r, "'%s' is not a syscall name", s);
	return s;
}

char *
parse_text(const struct reader *r, const char *s)
{
	if (!*s || !strcmp(s, "-"))
		die(r, "a column is empty");
	for (const char *p = s; *p; p++)
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			die(r, "'%s' is not plain text", s);
	return copy(s);
}

static bool
read_line(struct reader *r)
{
	ssize_t len = getline(&r->text, &r->size, r->file);

	r->line++;
	if (len < 0) {
		if (ferror(r->file))
			die(r, "cannot read");
		return false;
	}
	if (r->text[len - 1] != '\n')
		die(r, "the last line has no end");
	r->text[len - 1] = '\0';
	if (strlen(r->text) != (size_t)len - 1)
		die(r, "a NUL character");
	return true;
}

static bool
is_comment(const struct reader *r)
{
	return r->text[0] == '#' && (!r->text[1] || r->text[1] == ' ');
}

static size_t
split(struct reader *r, char *text)
{
	size_t count = 0;

	while (text && count < MAX_FIELDS)
		r->field[count++] = strsep(&text, "\t");
	return text ? MAX_FIELDS + 1 : count;
}

struct reader
open_table(const char *path)
{
	struct reader r = { .path = path, .file = fopen(path, "r") };

	if (!r.file)
		die(NULL, "cannot open %s", path);
	while (!r.columns) {
		if (!read_line(&r))
			die(&r, "no #columns");
		if (!strncmp(r.text, "#columns\t", 9))
			r.columns = copy(r.text + 9);
		else if (!strncmp(r.text, "#release\t", 9) && !r.release)
			r.release = parse_release(&r, r.text + 9);
		else if (!is_comment(&r))
			die(&r, "'%s' before #columns", r.text);
	}
	r.count = split(&r, r.text + 9);
	return r;
}

bool
read_row(struct reader *r)
{
	do {
		if (!read_line(r))
			return false;
	} while (is_comment(r));
	if (r->text[0] == '#')
		die(r, "'%s' after #columns", r->text);
	if (split(r, r->text) != r->count)
		die(r, "not %zu columns with tabs between", r->count);
	return true;
}

void
close_table(struct reader *r)
{
	fclose(r->file);
	free(r->text);
	free(r->columns);
}

void
expect_columns(const struct reader *r, const char *columns)
{
	if (strcmp(r->columns, columns) != 0)
		die(r, "unknown columns '%s'", r->columns);
}
