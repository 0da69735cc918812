#include "learn.h"

#include "explain/audit-line.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
take(void *context, const struct audit_call *call)
{
	struct learn_request *request = context;
	const struct seen_call seen = {
		.arch = call->arch,
		.number = call->number,
		.action = call->code,
		.exe = call->exe,
	};

	seen_add(request->seen, &seen);
}

static bool
read_all(struct learn_request *request, int fd)
{
	struct arena *arena = request->seen->arena, scratch;
	struct audit_stream *stream = arena_alloc(arena, sizeof(*stream));
	char *text = arena_alloc(arena, 1 << 14);
	ssize_t got;

	stream->take = take;
	stream->context = request;
	arena_init(&scratch);
	if (setjmp(scratch.oom)) {
		arena_finish(&scratch);
		errno = ENOMEM;
		return false;
	}
	do {
		got = read(fd, text, 1 << 14);
		if (got > 0)
			audit_stream_add(stream, &scratch, text, (size_t)got);
	} while (got > 0 || (got < 0 && errno == EINTR));
	audit_stream_end(stream, &scratch);
	arena_finish(&scratch);
	return got == 0;
}

int
learn_log(struct learn_request *request, const char *path)
{
	bool std = !strcmp(path, "-");
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && tool_keep(fd) && read_all(request, fd);

	if (!ok)
		tool_error("%s: %s", tool_name(path), strerror(errno));
	if (fd >= 0 && !std)
		close(fd);
	return ok ? STATUS_OK : STATUS_REJECTED;
}
