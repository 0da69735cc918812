/*
 * Runs during the build: writes files as strings of C.
 *
 *	embed OUTPUT NAME=FILE...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Every byte by its value, so that compilers warn of no long string. */
static void
embed(FILE *out, const char *name, size_t length, const char *path)
{
	FILE *in = fopen(path, "rb");
	int c, column = 0;

	if (!in)
		fail(path);
	fprintf(out, "const char %.*s[] = {", (int)length, name);
	while ((c = getc(in)) != EOF)
		fprintf(out, "%s%d,", column++ % 16 ? " " : "\n\t",
			c < 128 ? c : c - 256);
	fprintf(out, "\n\t0\n};\n");
	if (ferror(in) || fclose(in))
		fail(path);
}

int
main(int argc, char **argv)
{
	FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;

	if (!out)
		fail(argc > 1 ? argv[1] : "embed");
	fprintf(out, "#include \"report.h\"\n\n");
	for (int i = 2; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');

		if (!equals)
			fail(argv[i]);
		embed(out, argv[i], (size_t)(equals - argv[i]), equals + 1);
	}
	if (fclose(out))
		fail(argv[1]);
	return 0;
}
