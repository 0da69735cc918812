/*
 * audit-line.c, audit-stream.c: what the kernel logs of seccomp, as kernels,
 * auditd and journald print it.  Streams of any length; nothing here is about
 * profiles.
 *
 * The kernel's part of a line is from kernel/auditsc.c, audit_seccomp():
 *
 *	auid=.. uid=.. gid=.. ses=.. [subj=..] pid=.. comm=".." exe=".."
 *	sig=.. arch=%x syscall=%ld compat=%d ip=0x%lx code=0x%x
 *
 * where comm and exe are hexadecimal, without quotes, if they have a blank, a
 * quote or what is not printable ASCII.  Filters see the same number, so x32
 * has bit 30 set; arguments are not in there.  The code is the action without
 * its data: no errno (kernel/seccomp.c, seccomp_log()).
 */
#ifndef SECCOMPC_AUDIT_LINE_H
#define SECCOMPC_AUDIT_LINE_H

#include "compiler/compiler.h"

enum {
	AUDIT_COMM = 16 * 4, /* TASK_COMM_LEN, and what escapes take */
	AUDIT_EXE = 256,     /* longer ones are cut */
	AUDIT_NAME = SYSCALL_NAME_SIZE,
	AUDIT_LINE = 1 << 16, /* bytes of a line that are looked at */
};

struct audit_call {
	uint32_t arch, number; /* as in struct seccomp_data */
	uint32_t code;	       /* the action; data is 0 */
	int32_t signal;	       /* SIGSYS if it killed, 0, or -1: not said */
	int64_t pid;	       /* -1: not said */
	uint64_t ip;	       /* 0: not said */
	bool compat;	       /* i386 or x32 */
	/* Safe for terminals; "" if not said. */
	char comm[AUDIT_COMM], exe[AUDIT_EXE];
	char name[AUDIT_NAME]; /* as auditd called it (SYSCALL=), or "" */
};

enum audit_kind {
	AUDIT_OTHER,  /* some other line */
	AUDIT_CALL,
	AUDIT_BROKEN, /* of seccomp, but without arch, syscall or code */
};

/* Reads one line, without its end; any bytes. */
enum audit_kind audit_line_read(struct audit_call *call, const char *line,
				size_t len);

/* The same of a JSON object of journalctl -o json; memory is of arena. */
enum audit_kind audit_json_read(struct arena *arena, struct audit_call *call,
				const char *line, size_t len);

/* Whether a text looks like a line of that kind. */
bool audit_line_is(const char *text);

/* Takes text in pieces; each line is read when it is whole. */
struct audit_stream {
	void (*take)(void *context, const struct audit_call *call);
	void *context;
	size_t lines, calls, broken; /* so far */
	size_t cut; /* lines longer than AUDIT_LINE: the rest is ignored */
	size_t used;
	bool skipping;
	char line[AUDIT_LINE];
};

/* Running out of memory leaves through arena, which is emptied at each line:
 * it is to have nothing else in it. */
void audit_stream_add(struct audit_stream *stream, struct arena *arena,
		      const char *text, size_t len);

/* Reads what is left as the last line. */
void audit_stream_end(struct audit_stream *stream, struct arena *arena);

#endif
