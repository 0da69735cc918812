/*
 * Reads the filters of a process back from the kernel.
 *
 *	get-filter PID FOLDER
 *
 * Writes each one to FOLDER/N.bpf, an array of struct sock_filter, 0 for the
 * oldest, and prints a line with N, its length, and "log" if it has that flag.
 * The process then goes on.  Exits with 77 where the kernel does not allow
 * this: it takes root, a caller without a filter of its own, and
 * CONFIG_CHECKPOINT_RESTORE.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SKIPPED = 77, SECONDS = 30 };

static struct sock_filter program[BPF_MAXINSNS];

static int
skip(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return SKIPPED;
}

/* The kernel lets go of the process when this one ends. */
static bool
stop(pid_t pid)
{
	int status;

	return !ptrace(PTRACE_SEIZE, pid, NULL, NULL) &&
	       !ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) &&
	       waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

/* How many instructions a filter has, 0 if there is none, -1 with errno. */
static long
length(pid_t pid, unsigned long index)
{
	long n = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, NULL);

	/* Before the first one, past the last one. */
	if (n < 0 && (errno == EINVAL || errno == ENOENT))
		return 0;
	return n;
}

static bool
save(pid_t pid, unsigned long index, long n, const char *folder)
{
	struct __ptrace_seccomp_metadata metadata = { .filter_off = index };
	char path[4096];
	FILE *file;
	bool done;

	if (n > BPF_MAXINSNS ||
	    ptrace(PTRACE_SECCOMP_GET_FILTER, pid, index, program) != n ||
	    ptrace(PTRACE_SECCOMP_GET_METADATA, pid, sizeof(metadata),
		   &metadata) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/%lu.bpf", folder, index);
	file = fopen(path, "wb");
	if (!file)
		return false;
	done = fwrite(program, sizeof(*program), n, file) == (size_t)n;
	done = fclose(file) == 0 && done;
	printf("%lu %ld%s\n", index, n,
	       metadata.flags & SECCOMP_FILTER_FLAG_LOG ? " log" : "");
	return done;
}

int
main(int argc, char **argv)
{
	unsigned long index = 0;
	pid_t pid;
	long n;

	if (argc != 3) {
		fprintf(stderr, "usage: get-filter PID FOLDER\n");
		return 2;
	}
	pid = atoi(argv[1]);
	alarm(SECONDS);
	if (!stop(pid))
		return skip("the process cannot be traced");
	while ((n = length(pid, index)) > 0) {
		if (!save(pid, index, n, argv[2])) {
			perror(argv[2]);
			return 1;
		}
		index++;
	}
	return n < 0 ? skip("filters cannot be read") : 0;
}
