/*
 * Writes a profile in a format, as seccompc compile --format does:
 *
 *	write FORMAT PROFILE
 *
 * Ends with the result of the library, whose errors go to standard error.
 */
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>

static char text[1 << 20];

int
main(int argc, char **argv)
{
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter;
	enum scc_result result;
	FILE *file;
	char *data;
	size_t len;

	if (argc != 3 || !options || !(file = fopen(argv[2], "rb")))
		return 99;
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (scc_options_set(options, "caps", "docker") ||
	    scc_options_set(options, "kernel", "6.1"))
		return 98;
	result = scc_compile(&filter, options, argv[2], text, len);
	for (size_t i = 0; i < scc_diagnostic_count(filter); i++)
		fputs(scc_diagnostic_text(scc_diagnostic_at(filter, i)),
		      stderr);
	if (result == SCC_OK)
		result = scc_write(filter, argv[1], NULL, &data, &len);
	if (result == SCC_OK) {
		fwrite(data, 1, len, stdout);
		free(data);
	}
	scc_filter_destroy(filter);
	scc_options_destroy(options);
	return (int)result;
}
