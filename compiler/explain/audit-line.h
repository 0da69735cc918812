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

#include "audit-loss.h"
#include "audit-stamp.h"
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
	/* Of journalctl -o json, which says who wrote: not the kernel. */
	bool foreign;
	struct audit_stamp stamp; /* its own, or that of its line */
	/* Safe for terminals; "" if not said. */
	char comm[AUDIT_COMM], exe[AUDIT_EXE];
	char name[AUDIT_NAME]; /* as auditd called it (SYSCALL=), or "" */
};

enum audit_kind {
	AUDIT_OTHER, /* some other line */
	AUDIT_CALL,
	/* Of seccomp, but without arch, syscall or code; or like one of seccomp,
	 * but not where and as it would be (audit-mark.h). */
	AUDIT_BROKEN,
};

/* Reads one line, without its end; any bytes. */
enum audit_kind audit_line_read(struct audit_call *call, const char *line,
				size_t len);

/* The same of a JSON object of journalctl -o json; memory is of arena. */
enum audit_kind audit_json_read(struct arena *arena, struct audit_call *call,
				const char *line, size_t len);

/* Whether a text looks like a line of that kind. */
bool audit_line_is(const char *text);

/* The same as audit_line_read() has them: a name as the kernel puts it. */
void audit_escape(char *out, size_t size, const char *s, size_t len);

/* What a line says, whatever it is about. */
struct audit_line {
	enum audit_kind kind;
	struct audit_stamp stamp; /* of a record of any type, else empty */
	enum audit_loss loss;
	uint64_t lost;	   /* lines, 0: it does not say how many */
	bool has_sequence; /* of /dev/kmsg */
	uint64_t sequence;
};

/* Takes text in pieces; each line is read when it is whole. */
struct audit_stream {
	void (*take)(void *context, const struct audit_call *call);
	/* For each line, before what take gets of it; NULL: not wanted. */
	void (*see)(void *context, const struct audit_line *line);
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

/* Drops the begin of a line that will not be continued. */
void audit_stream_drop(struct audit_stream *stream);

#endif
