/*
 * Reads the filters of a process back from the kernel.
 *
 *	get-filter PID FOLDER
 *
 * Where the process has none yet, it is followed from call to call until it
 * installs one: a process that its own filter stops can be read that way.
 * Writes each filter to FOLDER/N.bpf, an array of struct sock_filter, 0 for
 * the oldest, and prints a line with N, its length, and "log" if it has that
 * flag.  The process goes on.  Exits with 77 where the kernel does not allow
 * this, which takes root, a caller without a filter of its own, and
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

/* Whether the process stopped, and by which signal, 0 if by none. */
static bool
stopped(pid_t pid, int *signal)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			return false;
	if (!WIFSTOPPED(status))
		return false;
	/* A stop of the tracer's: of a call, of an event. */
	*signal = WSTOPSIG(status);
	if (*signal == (SIGTRAP | 0x80) || status >> 16)
		*signal = 0;
	return true;
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

/* Lets the process go on until it has a filter, and leaves it stopped. */
static long
wait_for_filter(pid_t pid)
{
	int signal = 0;
	long n;

	while (stopped(pid, &signal)) {
		n = length(pid, 0);
		if (n)
			return n;
		ptrace(PTRACE_SYSCALL, pid, NULL, (long)signal);
	}
	return 0;
}

int
main(int argc, char **argv)
{
	pid_t pid;
	long n;

	if (argc != 3) {
		fprintf(stderr, "usage: get-filter PID FOLDER\n");
		return 2;
	}
	pid = atoi(argv[1]);
	alarm(SECONDS);
	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD) ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL))
		return skip("the process cannot be traced");
	n = wait_for_filter(pid);
	if (n < 0)
		return skip("filters cannot be read");
	if (n == 0) {
		fprintf(stderr, "the process ended without a filter\n");
		return 1;
	}
	for (unsigned long i = 0; (n = length(pid, i)) > 0; i++)
		if (!save(pid, i, n, argv[2])) {
			perror(argv[2]);
			return 1;
		}
	return 0;
}
