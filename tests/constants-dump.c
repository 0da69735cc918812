/*
 * Prints all constants, "NAME VALUE" on a line; with three arguments what a
 * value of a syscall's argument is called; with one, what it reads as.
 */
#include "compiler/explain/constant.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void
print_all(void)
{
	const char *name;
	uint64_t value;

	for (size_t i = 0; (name = constant_at(i, &value)); i++)
		printf("%s %" PRId64 "\n", name, (int64_t)value);
}

static int
print_name(char **argv)
{
	struct arena arena;
	struct buf buf = { .arena = &arena };
	unsigned arg = (unsigned)strtoul(argv[1], NULL, 0);
	uint64_t value = strtoull(argv[2], NULL, 0);
	const char *name = constant_name(argv[0], arg, value);

	arena_init(&arena);
	if (setjmp(arena.oom))
		return 2;
	if (constant_write(&buf, argv[0], arg, value))
		printf("%s%s\n", buf.data, name ? " (one name)" : "");
	else
		puts("-");
	arena_finish(&arena);
	return 0;
}

int
main(int argc, char **argv)
{
	char why[128];
	uint64_t value;

	if (argc == 4)
		return print_name(argv + 1);
	if (argc != 2) {
		print_all();
		return 0;
	}
	if (!constant_read(argv[1], &value, why, sizeof(why))) {
		printf("error: %s\n", why);
		return 1;
	}
	printf("0x%" PRIx64 "\n", value);
	return 0;
}
