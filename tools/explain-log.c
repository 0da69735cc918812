#include "explain.h"
#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_EDITS = 32 }; /* kinds of calls for which changes are sought */

static bool
is_alike(const struct audit_call *a, const struct audit_call *b)
{
	return a->arch == b->arch && a->number == b->number &&
	       a->code == b->code && !strcmp(a->comm, b->comm);
}

static void
take(void *context, const struct audit_call *call)
{
	struct audit_log *log = context;
	size_t i = 0;

	while (i < log->n && !is_alike(&log->groups[i].call, call))
		i++;
	if (i == AUDIT_GROUPS) {
		log->others++;
		return;
	}
	log->n = i < log->n ? log->n : i + 1;
	log->groups[i].call = *call;
	log->groups[i].count++;
}

/* Runs the stream over what a descriptor has; memory does not grow. */
static bool
read_all(struct audit_log *log, struct arena *arena, int fd)
{
	char *text = arena_alloc(arena, 1 << 14);
	struct arena scratch;
	ssize_t got;

	arena_init(&scratch);
	if (setjmp(scratch.oom)) {
		arena_finish(&scratch);
		errno = ENOMEM;
		return false;
	}
	do {
		got = read(fd, text, 1 << 14);
		if (got > 0)
			audit_stream_add(&log->stream, &scratch, text,
					 (size_t)got);
	} while (got > 0 || (got < 0 && errno == EINTR));
	audit_stream_end(&log->stream, &scratch);
	arena_finish(&scratch);
	return got == 0;
}

static int
compare_groups(const void *a, const void *b)
{
	const struct audit_group *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	if (x->call.arch != y->call.arch)
		return x->call.arch > y->call.arch ? -1 : 1;
	if (x->call.number != y->call.number)
		return x->call.number < y->call.number ? -1 : 1;
	if (x->call.code != y->call.code)
		return x->call.code < y->call.code ? -1 : 1;
	return strcmp(x->call.comm, y->call.comm);
}

bool
explain_read_log(struct audit_log *log, const char *path)
{
	bool std = !strcmp(path, "-"), ok;
	int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	struct arena arena;

	log->stream.take = take;
	log->stream.context = log;
	if (fd < 0) {
		tool_error("%s: %s", path, strerror(errno));
		return false;
	}
	arena_init(&arena);
	if (setjmp(arena.oom)) {
		errno = ENOMEM;
		ok = false;
	} else {
		ok = tool_keep(fd) && read_all(log, &arena, fd);
	}
	if (!ok)
		tool_error("%s: %s", path, strerror(errno));
	arena_finish(&arena);
	if (!std)
		close(fd);
	qsort(log->groups, log->n, sizeof(*log->groups), compare_groups);
	return ok;
}

bool
explain_read_line(struct audit_log *log, const char *line)
{
	struct audit_call call;

	log->stream.lines = 1;
	switch (audit_line_read(&call, line, strlen(line))) {
	case AUDIT_CALL:
		log->stream.calls = 1;
		take(log, &call);
		return true;
	default:
		tool_error("the line has no arch, syscall or code");
		return false;
	}
}

/* Calls of other programs or with another code can be the same request. */
static size_t
find_request(struct trace_request *requests, size_t *n,
	     const struct audit_call *call)
{
	for (size_t i = 0; i < *n; i++)
		if (requests[i].arch == call->arch &&
		    requests[i].number == call->number)
			return i;
	requests[*n] = (struct trace_request){ .arch = call->arch,
					       .number = call->number };
	return (*n)++;
}

/* Without a profile there is the call alone. */
static void
decode(struct explanation *e, const struct trace_request *requests, size_t n)
{
	e->n = n;
	e->v = arena_alloc(e->arena, (n + 1) * sizeof(*e->v));
	for (size_t i = 0; i < n; i++)
		trace_start(&e->v[i].trace, &requests[i]);
}

int
explain_log(struct explanation *e, struct audit_log *log, bool *disagrees)
{
	struct trace_request *requests =
		arena_alloc(e->arena, (log->n + 1) * sizeof(*requests));
	size_t n = 0;
	int status;

	for (size_t i = 0; i < log->n; i++)
		log->groups[i].index =
			find_request(requests, &n, &log->groups[i].call);
	if (!e->in) {
		decode(e, requests, n);
		return STATUS_OK;
	}
	status = explain_find(e, requests, n, e->brief ? 0 : MOST_EDITS);
	for (size_t i = 0; status == STATUS_OK && i < log->n; i++) {
		struct audit_group *group = &log->groups[i];
		const struct trace *trace = &e->v[group->index].trace;

		for (size_t j = 0; j < trace->cases.n; j++)
			group->agrees |=
				(trace->cases.v[j].action &
				 SECCOMP_RET_ACTION_FULL) == group->call.code;
		*disagrees |= !group->agrees && group->call.signal != 9;
	}
	return status;
}
