#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		data += done;
		len -= (size_t)done;
	}
	return true;
}

static bool
write_special(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, data, len);

	if (fd >= 0 && close(fd))
		ok = false;
	return ok;
}

int
tool_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (!strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < 2; i++) {
		const char *digits = path + strlen(folders[i]);
		size_t n;

		if (strncmp(path, folders[i], strlen(folders[i])) != 0)
			continue;
		n = strspn(digits, "0123456789");
		if (n > 0 && n < 8 && !digits[n])
			return atoi(digits);
	}
	return -1;
}

/* The folder that a path is in; false if it cannot be looked at. */
static bool
find_folder(const char *path, const char *name, struct stat *st)
{
	char *folder = strndup(path, (size_t)(name - path));
	bool ok = folder && !stat(*folder ? folder : ".", st);

	free(folder);
	return ok;
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool
tool_is_same(const char *a, const char *b)
{
	const char *in_a = last_name(a), *in_b = last_name(b);
	struct stat x, y;

	if (!strcmp(a, b))
		return true;
	if (!strcmp(a, "-") || !strcmp(b, "-"))
		return false;
	if (!stat(a, &x) && !stat(b, &y))
		return S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
		       x.st_ino == y.st_ino;
	return !strcmp(in_a, in_b) && find_folder(a, in_a, &x) &&
	       find_folder(b, in_b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

/* Where data goes that is written to a path. */
struct place {
	char *real;   /* the target of a symbolic link, or NULL */
	bool special; /* a device or pipe, or open already */
	mode_t mode;  /* of the file that is made */
	bool owned;   /* it is to have this owner */
	uid_t uid;
	gid_t gid;
};

/* It can only be read by changing it, for all threads: one at a time. */
static mode_t
get_umask(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	mode_t mask;

	pthread_mutex_lock(&lock);
	mask = umask(0);
	umask(mask);
	pthread_mutex_unlock(&lock);
	return mask;
}

/*
 * Devices and pipes cannot be replaced by a rename, and need not be; nor is a
 * file that is open already, which others may have written to before.  A
 * symbolic link to a file stays one: its target is replaced.  A file of its own
 * keeps the permissions it had, a new one follows umask.
 */
static struct place
find_place(const char *path)
{
	struct place place = { 0 };
	struct stat st;
	bool exists = !lstat(path, &st);

	if (tool_descriptor(path) >= 0) {
		place.special = true;
		return place;
	}
	if (exists && S_ISLNK(st.st_mode)) {
		exists = !stat(path, &st);
		place.real = realpath(path, NULL);
	}
	if (exists) {
		place.special = !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
		place.mode = st.st_mode & 0777;
		place.uid = st.st_uid;
		place.gid = st.st_gid;
		return place;
	}
	place.mode = 0666 & ~get_umask();
	return place;
}

/*
 * A file that is written but not yet in its place.  It has no name until then
 * where the file system can do that: whatever ends the process, nothing of it
 * stays.
 */
struct pending {
	struct place place;
	bool made;
	int fd;		 /* of what has no name, or -1 */
	char *temporary; /* its name, or NULL */
};

static const char *
target(const struct pending *pending, const struct output *output)
{
	return pending->place.real ? pending->place.real : output->path;
}

static bool
set_owner(int fd, const struct place *place)
{
	struct stat st;

	if (!place->owned)
		return true;
	if (fstat(fd, &st))
		return false;
	return (st.st_uid == place->uid && st.st_gid == place->gid) ||
	       !fchown(fd, place->uid, place->gid);
}

/* A file without a name in the folder of a path; -1: there is none. */
static int
open_nameless(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	int fd = -1;

	if (folder)
		fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	free(folder);
	return fd;
}

static bool
fill(int fd, const struct pending *pending, const struct output *output)
{
	return write_all(fd, output->data, output->len) &&
	       set_owner(fd, &pending->place) &&
	       !fchmod(fd, pending->place.mode);
}

static bool
prepare_named(struct pending *pending, const struct output *output)
{
	char *name;
	bool ok;
	int fd;

	if (asprintf(&name, "%s.XXXXXX", target(pending, output)) < 0)
		return false;
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		free(name);
		return false;
	}
	pending->temporary = name;
	ok = fill(fd, pending, output);
	return !close(fd) && ok;
}

static bool
prepare(struct pending *pending, const struct output *output, bool owned)
{
	pending->fd = -1;
	if (!strcmp(output->path, "-"))
		return true;
	pending->place = find_place(output->path);
	pending->place.owned = owned;
	if (pending->place.special)
		return true;
	pending->made = true;
	pending->fd = open_nameless(target(pending, output));
	return pending->fd >= 0 ? fill(pending->fd, pending, output)
				: prepare_named(pending, output);
}

/* What is no file, such as a pipe, has no temporary one. */
static bool
write_now(const struct output *output)
{
	int fd = strcmp(output->path, "-") != 0 ? tool_descriptor(output->path)
						: STDOUT_FILENO;

	return fd >= 0 ? write_all(fd, output->data, output->len)
		       : write_special(output->path, output->data, output->len);
}

/* Gives a file without a name that one; it must be free. */
static bool
name_it(const struct pending *pending, const char *name)
{
	char link[32];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", pending->fd);
	return !linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
}

/* The same with a name that is not in use yet. */
static bool
name_anyhow(struct pending *pending, const char *path)
{
	enum { TRIES = 1000 };

	for (unsigned i = 0; i < TRIES; i++) {
		char *name;

		if (asprintf(&name, "%s.%ld.%u", path, (long)getpid(), i) < 0)
			return false;
		if (name_it(pending, name)) {
			pending->temporary = name;
			return true;
		}
		free(name);
		if (errno != EEXIST)
			return false;
	}
	return false;
}

static bool
put_in_place(struct pending *pending, const struct output *output)
{
	const char *path = target(pending, output);

	if (pending->fd >= 0 && name_it(pending, path))
		return true;
	/* Without /proc it cannot get a name: once more, with one. */
	if (pending->fd >= 0 && !name_anyhow(pending, path) &&
	    !prepare_named(pending, output))
		return false;
	if (rename(pending->temporary, path))
		return false;
	free(pending->temporary);
	pending->temporary = NULL;
	return true;
}

static void
drop(struct pending *pending)
{
	if (pending->temporary)
		unlink(pending->temporary);
	if (pending->made && pending->fd >= 0)
		close(pending->fd);
	free(pending->temporary);
	free(pending->place.real);
}

static bool
write_outputs(const struct output *outputs, size_t count, bool owned)
{
	struct pending pending[MAX_OUTPUTS] = { 0 };
	const struct output *last = outputs;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		last = &outputs[i];
		ok = prepare(&pending[i], last, owned);
	}
	for (size_t i = 0; ok && i < count; i++) {
		last = &outputs[i];
		ok = pending[i].made || write_now(last);
	}
	for (size_t i = 0; ok && i < count; i++) {
		last = &outputs[i];
		ok = !pending[i].made || put_in_place(&pending[i], last);
	}
	if (!ok)
		tool_error("cannot write %s: %s", last->path, strerror(errno));
	for (size_t i = 0; i < count; i++)
		drop(&pending[i]);
	return ok;
}

bool
tool_write_all(const struct output *outputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!tool_is_input(outputs[i].path, false))
			continue;
		tool_error("%s would be written over, and was read",
			   outputs[i].path);
		return false;
	}
	return write_outputs(outputs, count, false);
}

bool
tool_rewrite(const char *path, const void *data, size_t len)
{
	struct stat st;

	if (tool_is_input(path, true))
		return write_outputs(&(struct output){ path, data, len }, 1,
				     true);
	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		tool_error("%s is not a regular file: say where to write",
			   path);
	else
		tool_error("%s was changed by somebody else meanwhile; "
			   "nothing was written",
			   path);
	return false;
}

bool
tool_write(const char *path, const void *data, size_t len)
{
	return tool_write_all(&(struct output){ path, data, len }, 1);
}
