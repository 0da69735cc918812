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

static bool
is_input(const char *path, bool text)
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
		place.uid = st.st_uid;
		place.gid = st.st_gid;
		return place;
	}
	place.mode = 0666 & ~get_umask();
	return place;
}

/* A file that is written but not yet in its place. */
struct pending {
	struct place place;
	char *temporary; /* NULL: it is no file, or in its place */
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

static bool
prepare(struct pending *pending, const struct output *output, bool owned)
{
	static const char suffix[] = ".XXXXXX";
	char *name;
	bool ok;
	int fd;

	if (!strcmp(output->path, "-"))
		return true;
	pending->place = find_place(output->path);
	pending->place.owned = owned;
	if (pending->place.special)
		return true;
	name = malloc(strlen(target(pending, output)) + sizeof(suffix));
	if (!name)
		return false;
	strcpy(stpcpy(name, target(pending, output)), suffix);
	fd = mkostemp(name, O_CLOEXEC);
	if (fd < 0) {
		free(name);
		return false;
	}
	pending->temporary = name;
	ok = write_all(fd, output->data, output->len) &&
	     set_owner(fd, &pending->place) && !fchmod(fd, pending->place.mode);
	return !close(fd) && ok;
}

/* What is no file, such as a pipe, has no temporary one. */
static bool
write_now(const struct output *output)
{
	return strcmp(output->path, "-") != 0
		       ? write_special(output->path, output->data, output->len)
		       : write_all(STDOUT_FILENO, output->data, output->len);
}

static bool
put_in_place(struct pending *pending, const struct output *output)
{
	if (rename(pending->temporary, target(pending, output)))
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
		ok = pending[i].temporary || write_now(last);
	}
	for (size_t i = 0; ok && i < count; i++) {
		last = &outputs[i];
		ok = !pending[i].temporary || put_in_place(&pending[i], last);
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
		if (!is_input(outputs[i].path, false))
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

	if (is_input(path, true))
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
