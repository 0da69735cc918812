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

bool
tool_take_json(const char *value, bool *json)
{
	*json = !strcmp(value, "json");
	if (*json || !strcmp(value, "text"))
		return true;
	tool_error("--format cannot be '%s': there are text and json", value);
	return false;
}

struct input_file {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

/* The files that were read, which nothing is to be written over. */
static struct {
	pthread_mutex_t lock;
	struct input_file *v;
	size_t n, cap;
} inputs = { .lock = PTHREAD_MUTEX_INITIALIZER };

bool
tool_keep(int fd)
{
	struct stat st;
	bool ok = true;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return true;
	pthread_mutex_lock(&inputs.lock);
	if (inputs.n == inputs.cap) {
		size_t cap = inputs.cap ? inputs.cap * 2 : 16;
		void *grown = realloc(inputs.v, cap * sizeof(*inputs.v));

		ok = grown != NULL;
		if (ok) {
			inputs.v = grown;
			inputs.cap = cap;
		}
	}
	if (ok)
		inputs.v[inputs.n++] =
			(struct input_file){ st.st_dev, st.st_ino, st.st_size,
					     st.st_mtim };
	pthread_mutex_unlock(&inputs.lock);
	return ok;
}

/* The same file, with the text that it had; or with any text. */
static bool
is_same(const struct input_file *a, const struct input_file *b, bool text)
{
	return a->dev == b->dev && a->ino == b->ino &&
	       (!text ||
		(a->size == b->size && a->changed.tv_sec == b->changed.tv_sec &&
		 a->changed.tv_nsec == b->changed.tv_nsec));
}

bool
tool_is_input(const char *path, bool text)
{
	struct input_file file;
	struct stat st;
	bool found = false;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	file = (struct input_file){ st.st_dev, st.st_ino, st.st_size,
				    st.st_mtim };
	pthread_mutex_lock(&inputs.lock);
	for (size_t i = 0; i < inputs.n && !found; i++)
		found = is_same(&inputs.v[i], &file, text);
	pthread_mutex_unlock(&inputs.lock);
	return found;
}

void
tool_release(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return;
	pthread_mutex_lock(&inputs.lock);
	for (size_t i = inputs.n; i-- > 0;)
		if (inputs.v[i].dev == st.st_dev &&
		    inputs.v[i].ino == st.st_ino)
			inputs.v[i] = inputs.v[--inputs.n];
	pthread_mutex_unlock(&inputs.lock);
}

const char *
tool_name(const char *path)
{
	return strcmp(path, "-") != 0 ? path : "<stdin>";
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
	if (!tool_keep(fd))
		got = -1;
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
