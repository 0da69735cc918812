#include "learn.h"

#include "explain/audit-line.h"
#include "observe.h"
#include "tools.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a file can be made where a path leads, in place of the one there. */
static bool
is_folder_writable(const char *path)
{
	char *real = realpath(path, NULL), *slash;
	char *folder = real ? real : strdup(path);
	bool ok = false;
	int error;

	slash = folder ? strrchr(folder, '/') : NULL;
	if (slash)
		slash[1] = '\0';
	if (folder)
		ok = !faccessat(AT_FDCWD, slash ? folder : ".", W_OK | X_OK,
				AT_EACCESS);
	error = errno;
	free(folder);
	errno = error;
	return ok;
}

/*
 * A command may run for hours, and what was learned is not to be lost at its
 * end.  Nothing is made or opened, which who reads a pipe would notice.
 */
static bool
is_writable(const char *path)
{
	int fd = tool_descriptor(path), flags;
	struct stat st;
	bool ok;

	if (fd >= 0) {
		flags = fcntl(fd, F_GETFL);
		errno = EBADF;
		ok = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
	} else if (!*path || stat(path, &st) || S_ISREG(st.st_mode)) {
		errno = ENOENT;
		ok = *path && is_folder_writable(path);
	} else if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		ok = false;
	} else {
		ok = !faccessat(AT_FDCWD, path, W_OK, AT_EACCESS);
	}
	if (!ok)
		tool_error("cannot write %s: %s; nothing was run", path,
			   strerror(errno));
	return ok;
}

/*
 * Who reads what the command writes waits until nobody can write any more; and
 * the command may close what it has got, and go on.  Messages of ours need
 * standard error.
 */
static void
let_go(int errors, const struct learn_request *request)
{
	int output = tool_descriptor(request->output);
	int counts = request->counts ? tool_descriptor(request->counts) : -1;
	DIR *dir = opendir("/proc/self/fd");
	int nothing = open("/", O_PATH | O_CLOEXEC);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] == '.' || fd == STDERR_FILENO ||
		    fd == dirfd(dir) || fd == nothing || fd == errors ||
		    fd == output || fd == counts)
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

	if (!is_writable(request->output) ||
	    (request->counts && !is_writable(request->counts)))
		return STATUS_REJECTED;
	audit_escape(name, sizeof(name), command[0], strlen(command[0]));
	status = observe_start(&o, command);
	if (status != STATUS_OK)
		return status;
	let_go(o.errors, request);
	observe(&o);
	signals_finish();
	if (!o.executed)
		return observe_start_failed(&o);
	*wait_status = o.wait_status;
	return STATUS_OK;
}
