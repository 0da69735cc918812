/* Reading one table of text; see generate.c for what a table is. */
#ifndef SYSCALL_TABLES_TABLE_H
#define SYSCALL_TABLES_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum {
	MAX_FIELDS = 32,
};

struct reader {
	FILE *file;
	const char *path;
	unsigned line;
	char *text;
	size_t size;
	unsigned release; /* 0: no "#release" */
	char *columns;	  /* as "#columns" has them */
	char *field[MAX_FIELDS];
	size_t count; /* of fields, in columns and in each row */
};

/* Ends the process with a message about the line just read (r may be NULL). */
_Noreturn void die(const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Zeroed memory, never NULL. */
void *allocate(size_t size);
char *copy(const char *s);

/* Opens a table and reads to the end of its head, which is "#columns". */
struct reader open_table(const char *path);
void expect_columns(const struct reader *r, const char *columns);

/* Reads on to the next row; false at the end of the table. */
bool read_row(struct reader *r);
void close_table(struct reader *r);

/* A number in decimal, written in one way only. */
unsigned parse_number(const struct reader *r, const char *s, unsigned max);

/*
 * "6.14", or "2.6.28" without its last part, as major << 8 | minor; "-" is 0.
 */
unsigned parse_release(const struct reader *r, const char *s);

/* The width of an argument in bits: 8, 16, 32 or 64. */
unsigned parse_width(const struct reader *r, const char *s);

/* Returns s if it can be the name of a syscall. */
const char *parse_name(const struct reader *r, const char *s);

/* A copy of text that can stand in a C string as it is. */
char *parse_text(const struct reader *r, const char *s);

#endif
