#include "learn-log.h"

#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	LOOK = 200,    /* ms between two looks at files */
	SETTLE = 2000, /* ms at least between two times of writing */
	ROUND = 64,    /* pieces of a source before the others' turn */
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

struct follower {
	struct learn_reader *reader;
	struct learn_source *sources;
	size_t count;
	struct pollfd *polls; /* of sources, then of signals */
	int64_t written;      /* when, in ms */
	bool ever;	      /* it was written */
	bool failed;
};

static void
fail(struct follower *f, const struct learn_source *source)
{
	tool_error("%s: %s", tool_name(source->path), strerror(errno));
	f->failed = true;
}

/* Reads what a file has.  Returns whether there may be more at once. */
static bool
read_file(struct follower *f, struct learn_source *source)
{
	ssize_t got = 1;

	for (size_t i = 0; i < ROUND && got > 0; i++)
		got = learn_source_read(source);
	if (got >= 0)
		return got > 0;
	fail(f, source);
	learn_source_end(source);
	return false;
}

/* A file that got shorter was emptied, and is written anew. */
static void
notice_truncation(struct learn_source *source)
{
	struct stat st;

	if (fstat(source->fd, &st) || st.st_size >= source->offset ||
	    lseek(source->fd, 0, SEEK_SET) < 0)
		return;
	source->offset = 0;
	source->reader->truncated++;
	audit_stream_drop(source->stream);
}

/*
 * Another file of the name: the old one was moved away.  Whoever writes may
 * go on with that for a while, so it is left when the new one has something,
 * and then read to its end once more.
 */
static bool
notice_rotation(struct follower *f, struct learn_source *source)
{
	struct learn_source next = *source;
	struct stat st;

	if (!strcmp(source->path, "-") || stat(source->path, &st) ||
	    !S_ISREG(st.st_mode) || !st.st_size ||
	    (st.st_dev == source->dev && st.st_ino == source->ino))
		return false;
	next.fd = open(source->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (next.fd < 0)
		return false;
	while (source->fd >= 0 && read_file(f, source))
		;
	if (source->fd >= 0) {
		audit_stream_end(source->stream, &source->reader->scratch);
		close(source->fd);
	}
	source->fd = next.fd;
	if (fstat(source->fd, &st) || !tool_keep(source->fd))
		fail(f, source);
	source->dev = st.st_dev;
	source->ino = st.st_ino;
	source->offset = 0;
	source->reader->rotated++;
	audit_serials_next_file(source->reader->serials);
	return true;
}

/* One turn of each file.  Returns whether there may be more at once. */
static bool
read_files(struct follower *f)
{
	bool more = false;

	for (size_t i = 0; i < f->count; i++) {
		struct learn_source *source = &f->sources[i];

		if (source->fd < 0 || !source->regular)
			continue;
		if (read_file(f, source)) {
			more = true;
			continue;
		}
		if (source->fd < 0)
			continue;
		notice_truncation(source);
		more |= notice_rotation(f, source);
	}
	return more;
}

/* One piece of each of the others that poll(2) says have one. */
static void
read_ready(struct follower *f)
{
	for (size_t i = 0; i < f->count; i++) {
		struct learn_source *source = &f->sources[i];
		ssize_t got;

		if (source->fd < 0 || source->regular || !f->polls[i].revents)
			continue;
		got = learn_source_read(source);
		if (got > 0 || (!got && source->kmsg))
			continue;
		if (got < 0)
			fail(f, source);
		learn_source_end(source);
	}
}

/* Writes if there is something new and some time has passed. */
static bool
write_some(struct follower *f)
{
	const struct learn_log_options *options = f->reader->options;
	int64_t now = now_ms();

	if (!f->reader->changed || !options->write ||
	    (f->ever && now - f->written < SETTLE))
		return true;
	f->written = now;
	if (!options->write(options->context))
		/* What cannot be written at all is better known at once; what
		 * could be is tried again. */
		return f->ever;
	f->ever = true;
	f->reader->changed = false;
	return true;
}

/* How long to wait, -1 without end, or -2: nothing is left to wait for. */
static int
find_timeout(const struct follower *f, bool more)
{
	bool files = false, others = false;
	int timeout = -1;

	for (size_t i = 0; i < f->count; i++) {
		files |= f->sources[i].fd >= 0 && f->sources[i].regular;
		others |= f->sources[i].fd >= 0 && !f->sources[i].regular;
	}
	if (!files && !others)
		return -2;
	if (more)
		return 0;
	if (f->reader->changed && f->reader->options->write) {
		int64_t left = f->written + SETTLE - now_ms();

		timeout = left > 0 ? (int)left : 0;
	}
	if (files && (timeout < 0 || timeout > LOOK))
		timeout = LOOK;
	return timeout;
}

/* Waits.  Returns false if a signal came. */
static bool
wait_for_more(struct follower *f, int timeout)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct learn_source *source = &f->sources[i];

		f->polls[i].fd = source->regular ? -1 : source->fd;
		f->polls[i].events = POLLIN;
		f->polls[i].revents = 0;
	}
	f->polls[f->count].events = POLLIN;
	if (poll(f->polls, f->count + 1, timeout) < 0)
		return errno == EINTR;
	return !f->polls[f->count].revents;
}

/* What was there when the signal came.  That is taken, or poll(2) would go on
 * to tell of it; another one ends this. */
static void
read_last(struct follower *f)
{
	struct signalfd_siginfo info;

	if (read(f->polls[f->count].fd, &info, sizeof(info)) != sizeof(info))
		return;
	for (size_t i = 0; i < ROUND && read_files(f); i++)
		;
	for (size_t i = 0; i < ROUND && wait_for_more(f, 0); i++)
		read_ready(f);
}

static bool
follow(struct follower *f)
{
	int timeout;

	for (;;) {
		bool more = read_files(f);

		if (!write_some(f))
			return false;
		timeout = find_timeout(f, more);
		if (timeout == -2)
			return true;
		if (!wait_for_more(f, timeout)) {
			read_last(f);
			return true;
		}
		read_ready(f);
	}
}

bool
learn_follow(struct learn_reader *reader, struct learn_source *sources,
	     size_t count)
{
	struct follower f = {
		.reader = reader,
		.sources = sources,
		.count = count,
		.polls = arena_alloc(reader->request->seen->arena,
				     (count + 1) * sizeof(*f.polls)),
	};
	sigset_t set;
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++)
		ok = learn_source_open(&sources[i]);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	f.polls[count].fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (ok && f.polls[count].fd < 0) {
		tool_error("cannot wait for signals: %s", strerror(errno));
		ok = false;
	}
	ok = ok && follow(&f);
	for (size_t i = 0; i < count; i++)
		learn_source_end(&sources[i]);
	if (f.polls[count].fd >= 0)
		close(f.polls[count].fd);
	return ok && !f.failed;
}
