#include "bench.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

uint64_t
clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

void
series_add(struct series *series, uint64_t ns)
{
	if (series->n == series->cap) {
		series->cap = series->cap ? 2 * series->cap : 256;
		series->v =
			realloc(series->v, series->cap * sizeof(*series->v));
		if (!series->v)
			abort();
	}
	series->v[series->n++] = ns;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct summary
series_finish(struct series *series)
{
	struct summary summary = { 0 };

	if (series->n) {
		qsort(series->v, series->n, sizeof(*series->v), compare);
		summary.minimum = series->v[0];
		summary.median = series->v[series->n / 2];
	}
	free(series->v);
	*series = (struct series){ 0 };
	return summary;
}

int
process_run(const char *const argv[], const char *output, uint64_t *ns)
{
	const char *path = output ? output : "/dev/null";
	posix_spawn_file_actions_t actions;
	uint64_t start;
	pid_t pid;
	int status = -1;

	if (posix_spawn_file_actions_init(&actions))
		return -1;
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, path,
					 O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO,
					 STDERR_FILENO);
	start = clock_now();
	/* The strings are not written to: exec's old prototype. */
	if (!posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv,
			 environ) &&
	    waitpid(pid, &status, 0) == pid)
		status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (ns)
		*ns = clock_now() - start;
	posix_spawn_file_actions_destroy(&actions);
	return status;
}

char *
folder_in_memory(void)
{
	char path[] = "/dev/shm/seccompc-bench-XXXXXX";
	struct statfs fs;

	if (statfs("/dev/shm", &fs) || fs.f_type != TMPFS_MAGIC ||
	    !mkdtemp(path))
		return NULL;
	return strdup(path);
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

void
folder_remove(const char *path)
{
	nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}
