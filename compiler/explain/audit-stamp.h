/*
 * audit-date.c, audit-stamp.c: when a line of a log was written, and which
 * record of the kernel's audit system it is.
 */
#ifndef SECCOMPC_AUDIT_STAMP_H
#define SECCOMPC_AUDIT_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum audit_clock {
	AUDIT_NO_TIME,
	AUDIT_EPOCH,	/* since 1970 in UTC */
	AUDIT_LOCAL,	/* a date of an unknown zone, as if that were UTC */
	AUDIT_YEARLESS, /* the same, of a year that is not said: in 1972 */
};

struct audit_stamp {
	enum audit_clock clock;
	bool has_serial;
	int64_t time; /* microseconds */
	/* Of audit(SECONDS.MILLISECONDS:SERIAL): records of one event share
	 * it, and the next event has the next (kernel/audit.c). */
	uint64_t serial;
};

/*
 * Reads a date at *at, which is moved behind it: "2026-11-26T10:00:00" with a
 * blank or T, fraction and zone or without, "Nov 26 10:00:00", or as ausearch
 * -i prints it in the C locale, "11/26/26 10:00:00".  Returns false, with
 * stamp as it was, if there is none.
 */
bool audit_date_read(struct audit_stamp *stamp, const char **at,
		     const char *end);

/* A day and a time of that day; false if there is no such day.  The year is
 * 1..9999. */
bool audit_date_count(int64_t *time, unsigned year, unsigned month,
		      unsigned day, unsigned seconds);

/* The first audit(..) of a line.  Returns false, with stamp as it was, if
 * there is none that can be read. */
bool audit_stamp_find(struct audit_stamp *stamp, const char *line,
		      const char *end);

/* What syslog or journalctl put in front of a line. */
void audit_stamp_prefix(struct audit_stamp *stamp, const char *line,
			const char *end);

/* The number that /dev/kmsg has in front of a line. */
bool audit_stamp_sequence(uint64_t *sequence, const char *line,
			  const char *end);

#endif
