/* Lines in the frames of JSON and others: audit-json.c, for audit-stream.c. */
#ifndef SECCOMPC_AUDIT_FRAMED_H
#define SECCOMPC_AUDIT_FRAMED_H

#include "audit-line.h"

struct audit_framed {
	const char *text; /* not NUL-terminated */
	size_t len;
	bool foreign;		  /* as of struct audit_call */
	struct audit_stamp stamp; /* as the frame has it */
};

/* Takes the frame off a line, if there is one; memory is of arena. */
void audit_unframe(struct audit_framed *framed, struct arena *arena);

/* As audit_line_read(), with what the frame has and the line has not. */
enum audit_kind audit_framed_read(const struct audit_framed *framed,
				  struct audit_call *call);

#endif
