/*
 * What a container runtime does: a profile and a container's bounding set in,
 * the program out.
 *
 *	runtime PROFILE CAPS OUTPUT
 *
 * CAPS is the bounding set as /proc/PID/status has it in CapBnd (hexadecimal),
 * or "self" for the one of this process.  Diagnostics go to standard error,
 * the flags for seccomp(2) to standard output.  OUTPUT is the whole program,
 * or what it was before.
 */
#define _DEFAULT_SOURCE /* fchmod, mkstemp */

#include <errno.h>
#include <inttypes.h>
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { MAX_PROFILE = 1 << 24 };

static int
complain(const char *what, const char *why)
{
	fprintf(stderr, "runtime: %s: %s\n", what, why);
	return -1;
}

static int
parse_caps(const char *text, uint64_t *caps)
{
	char *end;

	errno = 0;
	*caps = strtoull(text, &end, 16);
	return errno || end == text || (*end && *end != '\n') ? -1 : 0;
}

/* The bounding set of this process. */
static int
read_caps(uint64_t *caps)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	int result = -1;

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "CapBnd:", 7))
			result = parse_caps(line + 7, caps);
	if (file)
		fclose(file);
	return result;
}

static int
set_kernel(struct scc_options *options)
{
	struct utsname kernel;

	if (uname(&kernel))
		return complain("uname", strerror(errno));
	if (scc_options_set(options, "kernel", kernel.release))
		return complain("kernel", scc_options_error(options));
	return 0;
}

static int
compile(struct scc_filter **filter, const struct scc_options *options,
	const char *path, char *text)
{
	FILE *file = fopen(path, "rb");
	enum scc_result result;
	size_t i, len;

	*filter = NULL;
	if (!file)
		return complain(path, strerror(errno));
	len = fread(text, 1, MAX_PROFILE, file);
	if (ferror(file) || !feof(file)) {
		fclose(file);
		return complain(path, "cannot be read");
	}
	fclose(file);
	result = scc_compile(filter, options, path, text, len);
	for (i = 0; *filter && i < scc_diagnostic_count(*filter); i++)
		fputs(scc_diagnostic_text(scc_diagnostic_at(*filter, i)), stderr);
	return result ? complain(path, scc_result_text(result)) : 0;
}

/* Writes all of it to a new file, and puts that in the place of path. */
static int
write_file(const char *path, const char *data, size_t len)
{
	size_t size = strlen(path) + sizeof(".XXXXXX");
	char *name = (char *)malloc(size);
	FILE *file = NULL;
	int fd = -1, failed = 1;

	if (name) {
		snprintf(name, size, "%s.XXXXXX", path);
		fd = mkstemp(name);
	}
	if (fd >= 0)
		file = fdopen(fd, "wb");
	if (file) {
		failed = fwrite(data, 1, len, file) != len || fflush(file) ||
			 fchmod(fd, 0644) || fsync(fd);
		failed |= fclose(file);
		failed = failed || rename(name, path);
	} else if (fd >= 0) {
		close(fd);
	}
	if (failed && fd >= 0)
		unlink(name);
	free(name);
	return failed ? complain(path, "cannot be written") : 0;
}

static int
write_program(const struct scc_filter *filter, const char *path)
{
	char *data;
	size_t len;
	enum scc_result result;
	int failed;

	result = scc_write(filter, "bpf", NULL, &data, &len);
	if (result)
		return complain(path, scc_result_text(result));
	failed = write_file(path, data, len);
	free(data);
	return failed;
}

int
main(int argc, char **argv)
{
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter = NULL;
	char *text = (char *)malloc(MAX_PROFILE);
	uint64_t caps;
	int failed;

	if (!options || !text) {
		failed = complain("start", "out of memory");
	} else if (argc != 4) {
		failed = complain("usage", "runtime PROFILE CAPS OUTPUT");
	} else if (strcmp(argv[2], "self") ? parse_caps(argv[2], &caps)
					   : read_caps(&caps)) {
		failed = complain(argv[2], "is no bounding set");
	} else {
		scc_options_set_caps(options, caps);
		failed = set_kernel(options) ||
			 compile(&filter, options, argv[1], text) ||
			 write_program(filter, argv[3]);
		if (!failed)
			printf("flags: 0x%x\n", scc_flags(filter));
	}
	scc_filter_destroy(filter);
	scc_options_destroy(options);
	free(text);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
