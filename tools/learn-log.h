/* What the files of `seccompc learn` about logs share. */
#ifndef SECCOMPC_TOOLS_LEARN_LOG_H
#define SECCOMPC_TOOLS_LEARN_LOG_H

#include <sys/types.h>

#include "explain/audit-line.h"
#include "learn.h"

/* Programs that were left out and are remembered; the rest is counted. */
enum { LEARN_OTHERS = 32 };

struct learn_others {
	struct learn_other {
		char comm[AUDIT_COMM], exe[AUDIT_EXE];
		uint64_t calls;
	} v[LEARN_OTHERS];
	size_t n;
	uint64_t rest;
	bool timed; /* first and last are known */
	int64_t first, last;
};

struct learn_loss {
	uint64_t notices, lines;
};

/* All logs together. */
struct learn_reader {
	struct learn_request *request;
	const struct learn_log_options *options;
	struct arena scratch; /* empty between two lines */
	struct audit_serials *serials;
	struct learn_others *others; /* that filters left out */
	uint64_t left_out;	     /* by filters */
	uint64_t named;		     /* of these, not for their names */
	uint64_t untimed;	     /* of these: when is not said */
	uint64_t foreign;	     /* not the kernel's */
	uint64_t lines, calls, broken, cut;
	struct learn_loss losses[AUDIT_LOSS_COUNT];
	uint64_t before; /* messages of the kernel before the first one */
	uint64_t rotated, truncated; /* files that were followed */
	bool changed;		     /* something new came */
};

/* One log. */
struct learn_source {
	struct learn_reader *reader;
	const char *path;
	int fd; /* -1: it is at its end */
	bool regular, kmsg;
	dev_t dev;
	ino_t ino;
	off_t offset; /* of a regular one */
	bool has_sequence;
	uint64_t sequence; /* that comes next in /dev/kmsg */
	struct audit_stream *stream;
};

enum { LEARN_PIECE = 1 << 16 }; /* that is read at once */

/* learn-log.c */

/* Opens a source, whose reader and path are set.  False after reporting. */
bool learn_source_open(struct learn_source *source);

/*
 * Reads a piece.  Returns what read(2) does; 0 at the end, also where another
 * read would wait for the kernel's next message.
 */
ssize_t learn_source_read(struct learn_source *source);

/* Takes what is left as a line, and the source's counts; closes it. */
void learn_source_end(struct learn_source *source);

/* learn-follow.c */

/* Reads until all sources are at their end, or a signal comes.  False after
 * reporting. */
bool learn_follow(struct learn_reader *reader, struct learn_source *sources,
		  size_t count);

/* learn-filter.c */

/* Whether a call is wanted; else it is counted. */
bool learn_filter(struct learn_reader *reader, const struct audit_call *call);

/* learn-report.c */

/* Prints what was read, and what is not in there. */
void learn_report(const struct learn_reader *reader);

/* Why nothing is to be learned. */
void learn_report_nothing(const struct learn_reader *reader);

/* A line of progress on a terminal, at most twice a second; size 0: unknown.
 * The last one is taken away with done. */
struct learn_progress {
	int64_t last;
	bool shown;
};
void learn_progress(struct learn_progress *progress, const char *path,
		    off_t done, off_t size, uint64_t lines);
void learn_progress_end(struct learn_progress *progress);

#endif
