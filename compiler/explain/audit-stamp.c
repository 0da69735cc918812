#include "audit-stamp.h"

#include <string.h>

/* Past these, nothing is a time or a number of the kernel's. */
#define MOST_SECONDS UINT64_C(253402300799) /* 9999-12-31 23:59:59 */
#define MOST_SERIAL UINT64_C(0xffffffffffff)

static bool
take_number(const char **at, const char *end, uint64_t most, uint64_t *value)
{
	const char *start = *at;

	*value = 0;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		*value = *value * 10 + (uint64_t)(**at - '0');
		if (*value > most)
			return false;
	}
	return *at > start;
}

/* SECONDS.FRACTION */
static bool
take_epoch(struct audit_stamp *stamp, const char **at, const char *end)
{
	uint64_t seconds;
	int64_t fraction = 0, unit = 100000;

	if (!take_number(at, end, MOST_SECONDS, &seconds) || *at == end ||
	    *(*at)++ != '.' || *at == end || **at < '0' || **at > '9')
		return false;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		fraction += (**at - '0') * unit;
		unit /= 10;
	}
	stamp->clock = AUDIT_EPOCH;
	stamp->time = (int64_t)seconds * 1000000 + fraction;
	return true;
}

/*
 * What is between the brackets of audit(..).  ausearch -i has a date in place
 * of the seconds, in the form of its locale: then the serial alone is sure.
 */
static bool
read_stamp(struct audit_stamp *stamp, const char *at, const char *end)
{
	struct audit_stamp found = { 0 };
	const char *from = at, *close = memchr(at, ')', (size_t)(end - at));

	if (!close)
		return false;
	if (!take_epoch(&found, &from, close) || from == close ||
	    *from != ':') {
		found = (struct audit_stamp){ 0 };
		from = at;
		if (!audit_date_read(&found, &from, close)) {
			from = memrchr(at, ':', (size_t)(close - at));
			/* 10:00:00.087:28929 has four parts. */
			if (!from || !memchr(at, '.', (size_t)(from - at)))
				return false;
		}
	}
	if (from == close || *from++ != ':' ||
	    !take_number(&from, close, MOST_SERIAL, &found.serial) ||
	    from != close)
		return false;
	stamp->clock = found.clock;
	stamp->time = found.time;
	stamp->serial = found.serial;
	stamp->has_serial = true;
	return true;
}

bool
audit_stamp_find(struct audit_stamp *stamp, const char *line, const char *end)
{
	static const char mark[] = "audit(";
	const size_t n = sizeof(mark) - 1;
	const char *at = line;

	while ((at = memmem(at, (size_t)(end - at), mark, n)) != NULL) {
		at += n;
		/* " audit(" of the kernel, "msg=audit(" of auditd. */
		if (at - n == line || at[-(ptrdiff_t)n - 1] == ' ' ||
		    at[-(ptrdiff_t)n - 1] == '=')
			return read_stamp(stamp, at, end);
	}
	return false;
}

void
audit_stamp_prefix(struct audit_stamp *stamp, const char *line, const char *end)
{
	const char *at = line, *blank;

	/* RFC 5424: "<5>1 2026-.." */
	if (at < end && *at == '<') {
		blank = memchr(at, ' ', (size_t)(end - at));
		at = blank && blank - at < 8 ? blank + 1 : at;
	}
	if (audit_date_read(stamp, &at, end))
		return;
	/* short-full: "Thu 2026-.." */
	if (end - at > 4 && at[3] == ' ') {
		at += 4;
		if (audit_date_read(stamp, &at, end))
			return;
	}
	/* short-unix */
	at = line;
	if (!take_epoch(stamp, &at, end) || at == end || *at != ' ') {
		stamp->clock = AUDIT_NO_TIME;
		stamp->time = 0;
	}
}

bool
audit_stamp_sequence(uint64_t *sequence, const char *line, const char *end)
{
	uint64_t priority, time;

	/* PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT
	 * (Documentation/ABI/testing/dev-kmsg) */
	return take_number(&line, end, 1023, &priority) && line < end &&
	       *line++ == ',' &&
	       take_number(&line, end, UINT64_MAX / 32, sequence) &&
	       line < end && *line++ == ',' &&
	       take_number(&line, end, UINT64_MAX / 32, &time) && line < end &&
	       *line == ',';
}
