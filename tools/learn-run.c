#include "learn.h"

#include "explain/audit-line.h"
#include "observe.h"
#include "tools.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The descriptor that a path names; -1: it is a file. */
static int
find_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (!strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	for (int i = 0; i < 2; i++)
		if (!strncmp(path, folders[i], strlen(folders[i])))
			return atoi(path + strlen(folders[i]));
	return -1;
}

/*
 * Who reads what the command writes waits until nobody can write any more; and
 * the command may close what it has got, and go on.  Messages of ours need
 * standard error.
 */
static void
let_go(int errors, int output)
{
	DIR *dir = opendir("/proc/self/fd");
	int nothing = open("/", O_PATH | O_CLOEXEC);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == STDERR_FILENO ||
		    fd == dirfd(dir) || fd == nothing || fd == errors ||
		    fd == output)
			continue;
		if (fd > STDERR_FILENO)
			close(fd);
		else
			dup2(nothing, fd);
	}
	if (dir)
		closedir(dir);
	if (nothing > STDERR_FILENO)
		close(nothing);
}

int
learn_run(struct learn_request *request, char **command, int *wait_status)
{
	char name[AUDIT_EXE];
	struct observer o = {
		.seen = request->seen,
		.quiet = request->quiet,
		.name = name,
	};
	int status;

	audit_escape(name, sizeof(name), command[0], strlen(command[0]));
	status = observe_start(&o, command);
	if (status != STATUS_OK)
		return status;
	let_go(o.errors, find_descriptor(request->output));
	observe(&o);
	if (!o.executed)
		return observe_start_failed(&o);
	*wait_status = o.wait_status;
	return STATUS_OK;
}
