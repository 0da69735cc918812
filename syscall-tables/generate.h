/* What generate.c read, and write.c writes. */
#ifndef SYSCALL_TABLES_GENERATE_H
#define SYSCALL_TABLES_GENERATE_H

#include "table.h"

enum {
	MAX_ABIS = 8,
	MAX_ROWS = 1 << 14,
	MAX_NUMBER = 0xffff, /* far below the number bit of any ABI */
	MAX_ARGS = 6,
	MAX_TEXT = 1 << 16,
	NAME_SIZE = 32, /* SYSCALL_NAME_SIZE */
};

struct arg {
	char *name, *type;
	unsigned width[MAX_ABIS];
	char sign;
};

struct args {
	bool known;
	unsigned count;
	size_t first; /* in tables.args */
};

struct name {
	char *name;
	int number[MAX_ABIS]; /* -1: none */
	unsigned since[MAX_ABIS];
	struct args args[MAX_ABIS];
	size_t index;	/* in the sorted names */
	unsigned share; /* weights.h */
};

struct foreign {
	char *name, *archs;
};

struct tables {
	size_t abi_count;
	const char *abi[MAX_ABIS];
	struct name *names[MAX_ROWS];
	size_t name_count;
	struct name *numbers[MAX_ABIS][MAX_ROWS];
	size_t number_count[MAX_ABIS];
	struct foreign foreign[MAX_ROWS];
	size_t foreign_count;
	struct arg args[MAX_ROWS];
	size_t arg_count;
	size_t narrow[MAX_ABIS]; /* ABIs with a column of widths */
	size_t narrow_count;
	char text[MAX_TEXT]; /* strings one after another, each once */
	size_t text_len;
	unsigned release;
};

/* Writes the C file, or ends the process. */
void write_tables(const char *path, struct tables *t);

#endif
