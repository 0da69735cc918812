/*
 * audit-loss.c, audit-serial.c: what is not in a log: notices of those who
 * lost lines, and numbers that are missing.
 */
#ifndef SECCOMPC_AUDIT_LOSS_H
#define SECCOMPC_AUDIT_LOSS_H

#include "audit-stamp.h"

/* Who lost lines. */
enum audit_loss {
	AUDIT_LOSS_NONE,
	AUDIT_LOSS_PRINTK,  /* kernel: no daemon, and printk is limited */
	AUDIT_LOSS_RATE,    /* kernel: auditctl -r */
	AUDIT_LOSS_BACKLOG, /* kernel: auditctl -b, queues, memory */
	AUDIT_LOSS_RING,    /* the kernel's ring of messages went round */
	AUDIT_LOSS_JOURNAL, /* journald's limit for a unit */
	AUDIT_LOSS_SYSLOG,  /* rsyslog's limit */
	AUDIT_LOSS_AUDITD,  /* auditd's queues, or a full disk */
	AUDIT_LOSS_COUNT,
};

/* What a line says of lines that were lost.  lines is how many, 0 if it does
 * not say, or says how many since the machine started. */
enum audit_loss audit_loss_find(const char *line, const char *end,
				uint64_t *lines);

enum { AUDIT_SERIAL_SLOTS = 1 << 15 };

/*
 * The serials of the records of a log, of any type, in any order; bounded: what
 * is there twice is noticed within AUDIT_SERIAL_SLOTS events.
 */
struct audit_serials {
	uint64_t twice;	     /* calls that were there before */
	uint64_t disordered; /* events that are older than one before them */
	uint64_t missing;    /* of runs that have ended */
	uint64_t boots;	     /* runs: serials start again with the machine */
	/* The run at hand. */
	uint64_t first, last, events;
	int64_t first_time, last_time;
	uint64_t newest; /* of this file */
	struct audit_slot {
		bool used;
		uint32_t call;
		int64_t time;
		uint64_t serial;
	} slots[AUDIT_SERIAL_SLOTS];
};

/*
 * Adds a record.  call tells the calls of an event apart, 0 for what is none.
 * Returns whether the same call was there before.
 */
bool audit_serials_add(struct audit_serials *serials,
		       const struct audit_stamp *stamp, uint32_t call);

/* Another file begins, which may be older. */
void audit_serials_next_file(struct audit_serials *serials);

/* How many events between the first and the last of each run are not there. */
uint64_t audit_serials_missing(const struct audit_serials *serials);

#endif
