#include "learn-log.h"

#include "learn-time.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static void
add_loss(struct learn_reader *reader, enum audit_loss loss, uint64_t lines)
{
	reader->losses[loss].notices++;
	reader->losses[loss].lines += lines;
}

/* Dates of ausearch -i are local; the same event is that of other forms. */
static bool
add_record(struct learn_reader *reader, const struct audit_stamp *stamp,
	   uint32_t call)
{
	struct audit_stamp plain = *stamp;

	if (stamp->clock == AUDIT_LOCAL)
		learn_time_of(&plain.time, stamp, 0);
	return audit_serials_add(reader->serials, &plain, call);
}

/* A sequence that jumps: the ring of messages went round before it was read.
 * What was before its start may have been, or was cleared. */
static void
see(void *context, const struct audit_line *line)
{
	struct learn_source *source = context;
	struct learn_reader *reader = source->reader;

	if (line->loss != AUDIT_LOSS_NONE)
		add_loss(reader, line->loss, line->lost);
	if (line->has_sequence) {
		if (!source->has_sequence)
			reader->before += line->sequence;
		else if (line->sequence > source->sequence)
			add_loss(reader, AUDIT_LOSS_RING,
				 line->sequence - source->sequence);
		source->has_sequence = true;
		source->sequence = line->sequence + 1;
	}
	if (line->kind != AUDIT_CALL && line->stamp.has_serial)
		add_record(reader, &line->stamp, 0);
}

/* Tells calls that share a serial apart; never 0. */
static uint32_t
identify(const struct audit_call *call)
{
	uint64_t hash = call->arch;

	hash = (hash ^ call->number) * UINT64_C(0x9e3779b97f4a7c15);
	hash = (hash ^ (uint64_t)call->pid) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(hash >> 32) | 1;
}

static void
print_new(const struct audit_call *call, enum seen_news news)
{
	enum abi abi = arch_of_call(call->arch, call->number);
	uint32_t number = call->number & ~arch_table[abi]->number_bit;

	tool_error("%s: %s (%s %u) by %s", news == SEEN_NEW ? "new" : "also",
		   syscall_find_number(abi, number)->name,
		   arch_table[abi]->name, number,
		   *call->exe ? call->exe : "an unknown program");
}

static void
take(void *context, const struct audit_call *call)
{
	struct learn_source *source = context;
	struct learn_reader *reader = source->reader;
	const struct seen_call seen = {
		.arch = call->arch,
		.number = call->number,
		.action = call->code,
		.exe = call->exe,
	};
	enum seen_news news;

	if (call->foreign) {
		reader->foreign++;
		return;
	}
	if (call->stamp.has_serial &&
	    add_record(reader, &call->stamp, identify(call)))
		return;
	if (!learn_filter(reader, call))
		return;
	news = seen_add(reader->request->seen, &seen);
	if (news == SEEN_BEFORE)
		return;
	reader->changed = true;
	if (reader->options->follow && !reader->request->quiet)
		print_new(call, news);
}

bool
learn_source_open(struct learn_source *source)
{
	bool std = !strcmp(source->path, "-");
	struct stat st;

	source->fd =
		std ? STDIN_FILENO : open(source->path, O_RDONLY | O_CLOEXEC);
	if (source->fd < 0 || fstat(source->fd, &st) ||
	    !tool_keep(source->fd)) {
		tool_error("%s: %s", tool_name(source->path), strerror(errno));
		return false;
	}
	source->regular = S_ISREG(st.st_mode);
	/* Documentation/admin-guide/devices.txt */
	source->kmsg = S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 11);
	source->dev = st.st_dev;
	source->ino = st.st_ino;
	source->offset = 0;
	source->stream->see = see;
	source->stream->take = take;
	source->stream->context = source;
	audit_serials_next_file(source->reader->serials);
	return true;
}

/* Whether /dev/kmsg has a message; without one, reading would wait. */
static bool
has_message(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) > 0 && p.revents & POLLIN;
}

ssize_t
learn_source_read(struct learn_source *source)
{
	static char text[LEARN_PIECE];
	ssize_t got;

	do {
		if (source->kmsg && !has_message(source->fd))
			return 0;
		got = read(source->fd, text, sizeof(text));
		/* The sequence will say how many; the next read goes on. */
	} while (got < 0 &&
		 (errno == EINTR || (errno == EPIPE && source->kmsg)));
	if (got > 0) {
		source->offset += got;
		audit_stream_add(source->stream, &source->reader->scratch, text,
				 (size_t)got);
	}
	return got;
}

void
learn_source_end(struct learn_source *source)
{
	struct learn_reader *reader = source->reader;

	if (source->fd < 0)
		return;
	audit_stream_end(source->stream, &reader->scratch);
	reader->lines += source->stream->lines;
	reader->calls += source->stream->calls;
	reader->broken += source->stream->broken;
	reader->cut += source->stream->cut;
	if (source->fd != STDIN_FILENO)
		close(source->fd);
	source->fd = -1;
}

static bool
read_whole(struct learn_source *source)
{
	struct learn_progress progress = { 0 };
	struct stat st = { 0 };
	ssize_t got;

	if (!learn_source_open(source))
		return false;
	if (source->regular && fstat(source->fd, &st))
		st.st_size = 0;
	do {
		got = learn_source_read(source);
		if (!source->reader->request->quiet)
			learn_progress(&progress, source->path, source->offset,
				       st.st_size, source->stream->lines);
	} while (got > 0);
	learn_progress_end(&progress);
	if (got < 0)
		tool_error("%s: %s", tool_name(source->path), strerror(errno));
	learn_source_end(source);
	return got == 0;
}

/* One stream is enough for files that are read one after another. */
static bool
read_logs(struct learn_reader *reader, struct arena *arena, char *const *paths,
	  size_t count)
{
	bool follow = reader->options->follow, ok = true;
	struct learn_source *sources =
		arena_alloc(arena, count * sizeof(*sources));

	for (size_t i = 0; i < count; i++) {
		struct learn_source *source = &sources[i];

		source->reader = reader;
		source->path = paths[i];
		source->fd = -1;
		source->stream =
			i && !follow
				? sources[0].stream
				: arena_alloc(arena, sizeof(*source->stream));
		if (follow)
			continue;
		memset(source->stream, 0, sizeof(*source->stream));
		ok &= read_whole(source);
	}
	return follow ? learn_follow(reader, sources, count) : ok;
}

int
learn_log(struct learn_request *request,
	  const struct learn_log_options *options, char *const *paths,
	  size_t count)
{
	struct arena *arena = request->seen->arena;
	struct learn_reader *reader = arena_alloc(arena, sizeof(*reader));
	bool ok;

	reader->request = request;
	reader->options = options;
	reader->serials = arena_alloc(arena, sizeof(*reader->serials));
	reader->others = arena_alloc(arena, sizeof(*reader->others));
	arena_init(&reader->scratch);
	if (setjmp(reader->scratch.oom)) {
		tool_error("out of memory");
		arena_finish(&reader->scratch);
		return STATUS_REJECTED;
	}
	ok = read_logs(reader, arena, paths, count);
	arena_finish(&reader->scratch);
	if (!ok)
		return STATUS_REJECTED;
	if (!request->seen->calls) {
		learn_report_nothing(reader);
		return STATUS_REJECTED;
	}
	if (!request->quiet)
		learn_report(reader);
	return STATUS_OK;
}
