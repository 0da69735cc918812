/*
 * For json-oracle.py.  Reads texts from standard input, each after its
 * length as four bytes, little end first; prints a line for each: "accept"
 * and the tree, or "reject" and the names of the errors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "json-dump.h"

static void
read_one(const char *text, size_t len)
{
	const struct source source = { "text", text, len };
	struct arena arena;
	struct diags diags;
	const struct json *json;

	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
	diags_init(&diags, &arena, &source);
	json = json_read(&arena, &source, &diags);
	if (json) {
		struct buf buf = { .arena = &arena };

		json_dump(&buf, json, false);
		printf("accept %s\n", buf.data);
	} else {
		printf("reject");
		for (size_t i = 0; i < diags.list.n; i++)
			printf(" %s", diag_table[diags.list.v[i].id].name);
		printf("\n");
	}
	arena_finish(&arena);
}

int
main(void)
{
	unsigned char head[4];

	while (fread(head, 1, 4, stdin) == 4) {
		size_t len = head[0] | head[1] << 8 | head[2] << 16 |
			     (size_t)head[3] << 24;
		/* Of the exact size, for AddressSanitizer. */
		char *text = malloc(len ? len : 1);

		if (!text || fread(text, 1, len, stdin) != len)
			return 1;
		read_one(text, len);
		free(text);
	}
	return 0;
}
