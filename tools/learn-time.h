/* learn-time.c: moments, as people and logs put them. */
#ifndef SECCOMPC_TOOLS_LEARN_TIME_H
#define SECCOMPC_TOOLS_LEARN_TIME_H

#include "explain/audit-stamp.h"

/*
 * Reads "2026-11-26", with " 10:00" or " 10:00:00" as well, which is local
 * time, the same with a zone as RFC 3339 has it, seconds since 1970, "now",
 * "today", "yesterday", or "-10min" (s, min, h, d, w).  Returns false if it is
 * anything else.
 */
bool learn_time_parse(int64_t *time, const char *text, int64_t now);

/* Microseconds since 1970. */
int64_t learn_time_now(void);

/* A moment as local clocks show it, "2026-11-26 10:00:00". */
void learn_time_write(char text[32], int64_t time);

/*
 * When a line was written: dates without a zone are local time, and without a
 * year the last such date that is not more than a day ahead of now.  Returns
 * false if the stamp has no time.
 */
bool learn_time_of(int64_t *time, const struct audit_stamp *stamp, int64_t now);

#endif
