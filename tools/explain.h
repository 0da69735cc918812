/* What the files of `seccompc explain` share. */
#ifndef SECCOMPC_EXPLAIN_H
#define SECCOMPC_EXPLAIN_H

#include "explain/audit-line.h"
#include "explain/edit.h"
#include "explain/trace.h"
#include "input.h"

/* One call, or a syscall on one ABI. */
struct explained {
	struct trace trace;
	VEC(struct edit) edits; /* to get explanation.want, none repeated */
};

struct explanation {
	struct arena *arena;
	const struct input *in; /* NULL: audit lines alone are read */
	bool brief;		/* without instructions and changes */
	bool foreign; /* changes to take in other ABIs are sought too */
	uint32_t want;
	struct explained *v;
	size_t n;
};

/* Lines that are alike but for the process: grouped, with a count. */
struct audit_group {
	struct audit_call call; /* the last one */
	size_t count;
	size_t index;		/* in explanation.v */
	bool agrees;		/* some case has the code of the line */
};

enum { AUDIT_GROUPS = 1024 };

struct audit_log {
	const char *shown; /* its name, safe */
	struct audit_stream stream;
	struct audit_group groups[AUDIT_GROUPS];
	size_t n;
	size_t others; /* calls that fit in no group, for lack of room */
};

/* explain-find.c */

/*
 * Explains requests, and looks for changes to at most `edits` of them.
 * Returns STATUS_OK, or STATUS_UNPROVED after reporting.
 */
int explain_find(struct explanation *e, const struct trace_request *requests,
		 size_t count, size_t edits);

/* explain-log.c */

/* Reads a log ("-": standard input).  Returns false after reporting. */
bool explain_read_log(struct audit_log *log, const char *path);

/* The same of one line. */
bool explain_read_line(struct audit_log *log, const char *line);

/* Explains what is in a log; *disagrees is set if a line cannot be of the
 * profile.  Returns a status. */
int explain_log(struct explanation *e, struct audit_log *log, bool *disagrees);

/* explain-text.c */
void explain_write_text(struct buf *buf, const struct explanation *e);
void explain_write_log(struct buf *buf, const struct explanation *e,
		       const struct audit_log *log);

/* explain-edit.c */
void explain_write_edits(struct buf *buf, const struct explanation *e,
			 const struct explained *one, const char *indent);
void explain_json_edits(struct buf *buf, const struct explanation *e,
			const struct explained *one, const char *indent);

/* "FILE:LINE:COLUMN" of an offset of the profile. */
void explain_place(struct buf *buf, const struct explanation *e, size_t offset);

/* explain-json.c */
void explain_write_json(struct buf *buf, const struct explanation *e,
			const struct audit_log *log);

/* explain-words.c */

/* "x86_64 socket (41)", or "arch 0xc00000b7 number 63". */
void explain_call(struct buf *buf, const struct trace *trace,
		  const char *name);

/* When a case holds: "when domain == 16", "otherwise", or nothing. */
void explain_when(struct buf *buf, const struct trace *trace, size_t index);

/* A condition of a case. */
void explain_condition(struct buf *buf, const struct trace *trace,
		       const struct conjunction *where);

/* Why, without a place: "no rule names it". */
void explain_why(struct buf *buf, const struct explanation *e,
		 const struct trace *trace, const struct trace_case *c);

/* What decides, as a value of the profile; NULL if none does. */
const struct json *explain_where(const struct explanation *e,
				 const struct trace_case *c);

/* Why a rule says less than it seems. */
void explain_lost(struct buf *buf, const struct trace_lost *lost);

/* A word for programs: "rule", "unnamed", "above". */
const char *explain_why_word(enum trace_why why);
const char *explain_loss_word(enum trace_loss loss);

#endif
