/*
 * A program that puts itself under a filter before it does anything else:
 *
 *	start [PROFILE]
 *
 * It goes on under the filter, or not at all.
 */
#define _DEFAULT_SOURCE /* syscall */

#include <errno.h>
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What this program is under if it is told nothing else. */
static const char built_in[] =
	"{ \"defaultAction\": \"SCMP_ACT_ALLOW\",\n"
	"  \"syscalls\": [\n"
	"    { \"names\": [\"mount\", \"ptrace\", \"setns\", \"unshare\"],\n"
	"      \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 1 } ] }\n";

static char text[1 << 20];

static size_t
read_profile(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t len = 0;

	if (file) {
		len = fread(text, 1, sizeof(text), file);
		/* The rest of a larger one must not be missing. */
		if (ferror(file) || len == sizeof(text))
			len = 0;
		fclose(file);
	}
	if (!len) {
		fprintf(stderr, "start: cannot read %s\n", path);
		exit(EXIT_FAILURE);
	}
	return len;
}

/* For this kernel, and for a program that will not ask for capabilities. */
static struct scc_options *
make_options(void)
{
	struct scc_options *options = scc_options_create();
	struct utsname kernel;

	if (!options || uname(&kernel)) {
		fprintf(stderr, "start: cannot tell what to compile for\n");
		exit(EXIT_FAILURE);
	}
	scc_options_set_caps(options, 0);
	if (scc_options_set(options, "kernel", kernel.release)) {
		fprintf(stderr, "start: %s\n", scc_options_error(options));
		exit(EXIT_FAILURE);
	}
	return options;
}

/* Returns with the filter in force, or exits. */
static void
confine(const char *name, const char *profile, size_t len)
{
	struct scc_options *options = make_options();
	struct scc_filter *filter;
	enum scc_result result;
	const char *why;
	size_t i;

	result = scc_compile(&filter, options, name, profile, len);
	scc_options_destroy(options);
	if (result) {
		for (i = 0; filter && i < scc_diagnostic_count(filter); i++)
			fputs(scc_diagnostic_text(scc_diagnostic_at(filter, i)),
			      stderr);
		fprintf(stderr, "start: %s\n", scc_result_text(result));
		exit(EXIT_FAILURE);
	}
	if (scc_install(filter, scc_flags(filter))) {
		why = scc_install_error(errno);
		fprintf(stderr, "start: no filter: %s\n",
			why ? why : strerror(errno));
		exit(EXIT_FAILURE);
	}
	/* The kernel has a copy. */
	scc_filter_destroy(filter);
}

int
main(int argc, char **argv)
{
	if (argc > 1)
		confine(argv[1], text, read_profile(argv[1]));
	else
		confine("built-in", built_in, strlen(built_in));

	/* Does nothing, and without a filter everybody may. */
	if (!syscall(SYS_unshare, 0)) {
		puts("unshare is allowed");
		return EXIT_FAILURE;
	}
	printf("unshare: %s\n", strerror(errno));
	return EXIT_SUCCESS;
}
