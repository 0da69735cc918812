#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Prints a message; names of files in it may hold anything. */
static void
print(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	text_clean(text);
	fprintf(stderr, "seccompc: %s\n", text);
	free(text);
}

void
tool_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
}

int
tool_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print(fmt, ap);
	va_end(ap);
	return tool_misused(command);
}

int
tool_misused(const char *command)
{
	fprintf(stderr, "Try 'seccompc %s%s--help'.\n", command,
		*command ? " " : "");
	return STATUS_USAGE;
}

void *
tool_read(const char *path, size_t limit, size_t *len)
{
	bool std = !strcmp(path, "-");
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	char *data = NULL;
	size_t n = 0, cap = 0;
	ssize_t got = 1;

	if (fd < 0) {
		tool_error("%s: %s", path, strerror(errno));
		return NULL;
	}
	while (got > 0 && n <= limit) {
		if (n == cap) {
			char *grown;

			cap = cap ? cap * 2 : 1 << 14;
			grown = realloc(data, cap);
			if (!grown)
				break;
			data = grown;
		}
		got = read(fd, data + n, cap - n);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			n += (size_t)got;
	}
	if (got != 0 || n > limit) {
		if (n > limit)
			tool_error("%s: larger than the limit of %zu bytes",
				   path, limit);
		else
			tool_error("%s: %s", path, strerror(errno));
		free(data);
		data = NULL;
	}
	if (!std)
		close(fd);
	*len = n;
	return data;
}

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

/* Where data goes that is written to a path. */
struct place {
	char *real;   /* the target of a symbolic link, or NULL */
	bool special; /* a device or pipe */
	mode_t mode;  /* of the file that is made */
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
 * Devices and pipes cannot be replaced by a rename, and need not be.  A
 * symbolic link stays one: its target is replaced.  A file of its own keeps
 * the permissions it had, a new one follows umask.
 */
static struct place
find_place(const char *path)
{
	struct place place = { 0 };
	struct stat st;
	bool exists = !lstat(path, &st);

	if (exists && S_ISLNK(st.st_mode)) {
		place.real = realpath(path, NULL);
		exists = !stat(path, &st);
	}
	if (exists) {
		place.special = !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
		place.mode = st.st_mode & 0777;
		return place;
	}
	place.mode = 0666 & ~get_umask();
	return place;
}

static bool
replace_file(const char *path, mode_t mode, const void *data, size_t len)
{
	static const char suffix[] = ".XXXXXX";
	char *temporary = malloc(strlen(path) + sizeof(suffix));
	int fd, error;
	bool ok;

	if (!temporary)
		return false;
	strcpy(stpcpy(temporary, path), suffix);
	fd = mkostemp(temporary, O_CLOEXEC);
	ok = fd >= 0 && write_all(fd, data, len) && !fchmod(fd, mode);
	if (fd >= 0 && close(fd))
		ok = false;
	ok = ok && !rename(temporary, path);
	error = errno;
	if (!ok && fd >= 0)
		unlink(temporary);
	free(temporary);
	errno = error;
	return ok;
}

bool
tool_write(const char *path, const void *data, size_t len)
{
	struct place place = { 0 };
	bool ok;

	if (!strcmp(path, "-")) {
		ok = write_all(STDOUT_FILENO, data, len);
	} else {
		place = find_place(path);
		ok = place.special
			     ? write_special(path, data, len)
			     : replace_file(place.real ? place.real : path,
					    place.mode, data, len);
	}
	if (!ok)
		tool_error("cannot write %s: %s", path, strerror(errno));
	free(place.real);
	return ok;
}
