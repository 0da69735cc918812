#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
tool_clean(char *s)
{
	unsigned char *c = (unsigned char *)s;

	for (; *c; c++) {
		/* C1 controls are two bytes in UTF-8. */
		if (*c < 0x20 || *c == 0x7f ||
		    (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0))
			*c = '?';
	}
}

/* Prints a message; names of files in it may hold anything. */
static void
print(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		return;
	tool_clean(text);
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
	fprintf(stderr, "Try 'seccompc %s --help'.\n", command);
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

			cap = cap ? cap * 2 : 1 << 16;
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

/* Devices and pipes cannot be replaced by a rename, and need not be. */
static bool
is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
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

/* A file of its own keeps the permissions it had, a new one follows umask. */
static mode_t
mode_for(const char *path)
{
	struct stat st;
	mode_t mask;

	if (!stat(path, &st))
		return st.st_mode & 0777;
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static bool
replace_file(const char *path, const char *temporary, int fd, const void *data,
	     size_t len)
{
	bool ok = write_all(fd, data, len) && !fchmod(fd, mode_for(path));

	if (close(fd))
		ok = false;
	return ok && !rename(temporary, path);
}

bool
tool_write(const char *path, const void *data, size_t len)
{
	char *temporary = NULL, *real = NULL;
	const char *to = path;
	bool ok;
	int fd;

	if (!strcmp(path, "-")) {
		ok = write_all(STDOUT_FILENO, data, len);
	} else if (is_special(path)) {
		ok = write_special(path, data, len);
	} else {
		/* A symbolic link stays one: its target is replaced. */
		real = realpath(path, NULL);
		if (real)
			to = real;
		if (asprintf(&temporary, "%s.XXXXXX", to) < 0)
			temporary = NULL;
		fd = temporary ? mkostemp(temporary, O_CLOEXEC) : -1;
		ok = fd >= 0 && replace_file(to, temporary, fd, data, len);
	}
	if (!ok) {
		int error = errno;

		tool_error("cannot write %s: %s", path, strerror(error));
		if (temporary)
			unlink(temporary);
	}
	free(temporary);
	free(real);
	return ok;
}
