/*
 * Compiles a profile in the locale of the environment, which has other letters
 * and numbers, and prints all that there is to print of it.
 *
 *	locale PROFILE
 */
#include <locale.h>
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char text[1 << 20];

int
main(int argc, char **argv)
{
	static const char *const formats[] = { "c", "asm", "json", "oci" };
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter;
	FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
	size_t len;

	if (!setlocale(LC_ALL, "") || !file || !options)
		return EXIT_FAILURE;
	/* In capitals, and not. */
	fprintf(stderr, "%.1f %d\n", 0.5,
		scc_options_set(options, "caps", "sys_admin,SETFCAP,kill"));
	scc_options_set(options, "kernel", "6.1");
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	printf("%d\n", scc_compile(&filter, options, "profile", text, len));
	for (size_t i = 0; i < scc_diagnostic_count(filter); i++)
		puts(scc_diagnostic_text(scc_diagnostic_at(filter, i)));
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		char *data;

		printf("%d\n",
		       scc_write(filter, formats[i], NULL, &data, &len));
		fputs(data ? data : "", stdout);
		free(data);
	}
	scc_filter_destroy(filter);
	scc_options_destroy(options);
	return EXIT_SUCCESS;
}
