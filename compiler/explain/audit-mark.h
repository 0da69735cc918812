/* What a line of a log is known by, if it is seccomp's: audit-mark.c. */
#ifndef SECCOMPC_AUDIT_MARK_H
#define SECCOMPC_AUDIT_MARK_H

#include "compiler/base.h"

enum audit_mark {
	AUDIT_NO_MARK,
	AUDIT_MARK,
	/* Words like one that stand where programs, or names of files, can have
	 * put them. */
	AUDIT_FALSE_MARK,
};

/*
 * Finds "type=1326", "type=SECCOMP", journald's "SECCOMP" or its older
 * "<audit-1326>", each a word, and where the fields begin, behind it; those are
 * not set if there is none.
 */
enum audit_mark audit_mark_find(const char *line, const char *end,
				const char **fields);

#endif
