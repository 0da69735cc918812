/*
 * Compiles a profile for a container without extra capabilities, installs it,
 * and makes calls: what the kernel does with them has to be what the library
 * said, and what is written here of Docker's profile.
 *
 *	confined PROFILE
 */
#define _DEFAULT_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static char text[1 << 20];

/* Calls that are harmless if they are let through, and then end otherwise. */
static const struct {
	const char *name;
	long number;
	unsigned long args[2];
	int error; /* under the filter; 0: it is let through */
} calls[] = {
	{ "unshare", SYS_unshare, { 0, 0 }, EPERM },
	{ "keyctl", SYS_keyctl, { 9999, 0 }, EPERM },
	{ "add_key", SYS_add_key, { 0, 0 }, EPERM },
	{ "bpf", SYS_bpf, { 9999, 0 }, EPERM },
	{ "userfaultfd", SYS_userfaultfd, { 0xffffffff, 0 }, EPERM },
	{ "mount", SYS_mount, { 0, 0 }, EPERM },
	{ "clone3", SYS_clone3, { 0, 0 }, ENOSYS },
	{ "personality", SYS_personality, { 0x1000000, 0 }, EPERM },
	{ "personality", SYS_personality, { 0xffffffff, 0 }, 0 },
	{ "socket", SYS_socket, { 40, 0 }, EPERM },
	{ "getppid", SYS_getppid, { 0, 0 }, 0 },
	{ "getuid", SYS_getuid, { 0, 0 }, 0 },
	{ "close_range", SYS_close_range, { 9999, 9999 }, 0 },
};

static void
need(int fine, const char *what)
{
	if (fine)
		return;
	printf("%s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static struct scc_filter *
compile(const char *path)
{
	struct scc_options *options = scc_options_create();
	struct scc_filter *filter;
	struct utsname kernel;
	FILE *file = fopen(path, "rb");
	size_t len;

	need(options && file && !uname(&kernel), "start");
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	need(!scc_options_set(options, "caps", "docker") &&
		     !scc_options_set(options, "kernel", kernel.release),
	     scc_options_error(options));
	need(!scc_compile(&filter, options, path, text, len), path);
	scc_options_destroy(options);
	return filter;
}

static void
make_call(const struct scc_filter *filter, size_t i)
{
	uint32_t wanted = calls[i].error
				  ? SECCOMP_RET_ERRNO | (uint32_t)calls[i].error
				  : SECCOMP_RET_ALLOW;
	struct seccomp_data call;
	long result;

	need(scc_call(&call, "x86_64", calls[i].name), calls[i].name);
	need(call.nr == calls[i].number, "number");
	call.args[0] = calls[i].args[0];
	call.args[1] = calls[i].args[1];
	need(scc_decide(filter, &call, NULL) == wanted, calls[i].name);
	errno = 0;
	result = syscall(calls[i].number, calls[i].args[0], calls[i].args[1], 0,
			 0, 0);
	need(calls[i].error ? result == -1 && errno == calls[i].error
			    : result >= 0,
	     calls[i].name);
}

int
main(int argc, char **argv)
{
	struct scc_filter *filter;
	char line[256];
	FILE *status;
	size_t i;

	need(argc == 2, "usage");
	filter = compile(argv[1]);
	need(!scc_install(filter, scc_flags(filter)), "install");
	status = fopen("/proc/self/status", "r");
	need(status != NULL, "status");
	while (fgets(line, sizeof(line), status))
		if (!strncmp(line, "Seccomp:", 8) ||
		    !strncmp(line, "NoNewPrivs:", 11))
			fputs(line, stdout);
	fclose(status);
	for (i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		make_call(filter, i);
	scc_filter_destroy(filter);
	printf("%zu calls\n", i);
	return EXIT_SUCCESS;
}
