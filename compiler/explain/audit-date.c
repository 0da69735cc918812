#include "audit-stamp.h"

#include <string.h>

#define SECOND INT64_C(1000000)

/* A number of at least..most digits; the rest is left. */
static bool
take_number(const char **at, const char *end, unsigned least, unsigned most,
	    unsigned *value)
{
	unsigned n = 0;

	*value = 0;
	for (; *at < end && n < most && **at >= '0' && **at <= '9'; n++)
		*value = *value * 10 + (unsigned)(*(*at)++ - '0');
	return n >= least;
}

static bool
take_char(const char **at, const char *end, const char *set)
{
	if (*at == end || !**at || !strchr(set, **at))
		return false;
	++*at;
	return true;
}

bool
audit_date_count(int64_t *time, unsigned year, unsigned month, unsigned day,
		 unsigned seconds)
{
	static const unsigned short before[] = { 0,   31,  59,	90,  120,
						 151, 181, 212, 243, 273,
						 304, 334, 365 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	unsigned last, past = year - 1;
	int64_t days;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1)
		return false;
	last = before[month] - before[month - 1] + (leap && month == 2);
	if (day > last)
		return false;
	days = (int64_t)past * 365 + past / 4 - past / 100 + past / 400 +
	       before[month - 1] + (leap && month > 2) + day - 1;
	/* The same of 1970-01-01. */
	days -= 719162;
	*time = (days * 86400 + seconds) * SECOND;
	return true;
}

/* HH:MM:SS; 60 is a leap second. */
static bool
take_clock(const char **at, const char *end, unsigned *seconds)
{
	unsigned hour, minute, second;

	if (!take_number(at, end, 2, 2, &hour) || !take_char(at, end, ":") ||
	    !take_number(at, end, 2, 2, &minute) || !take_char(at, end, ":") ||
	    !take_number(at, end, 2, 2, &second))
		return false;
	*seconds = hour * 3600 + minute * 60 + second;
	return hour < 24 && minute < 60 && second <= 60;
}

/* Microseconds; what is finer is dropped.  Not there: 0. */
static int64_t
take_fraction(const char **at, const char *end)
{
	int64_t fraction = 0, unit = SECOND / 10;

	if (end - *at < 2 || (**at != '.' && **at != ',') || (*at)[1] < '0' ||
	    (*at)[1] > '9')
		return 0;
	for (++*at; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		fraction += (**at - '0') * unit;
		unit /= 10;
	}
	return fraction;
}

/* Z, +HHMM or +HH:MM; journalctl -o short-full has a name, of which UTC alone
 * says the same everywhere. */
static bool
take_zone(const char **at, const char *end, int64_t *offset)
{
	const char *start = *at;
	unsigned hours, minutes;
	bool west;

	*offset = 0;
	if (take_char(at, end, "Z"))
		return true;
	if (end - *at >= 4 && !memcmp(*at, " UTC", 4)) {
		*at += 4;
		return true;
	}
	west = start < end && *start == '-';
	if (take_char(at, end, "+-") && take_number(at, end, 2, 2, &hours) &&
	    (take_char(at, end, ":") || true) &&
	    take_number(at, end, 2, 2, &minutes) && hours < 24 &&
	    minutes < 60) {
		*offset = (int64_t)(hours * 60 + minutes) * 60 * SECOND;
		*offset = west ? -*offset : *offset;
		return true;
	}
	*at = start;
	return false;
}

/* 2026-11-26 10:00:00[.5][+01:00] */
static bool
take_iso(struct audit_stamp *stamp, const char **at, const char *end)
{
	unsigned year, month, day, seconds;
	int64_t time, offset;

	if (!take_number(at, end, 4, 4, &year) || !take_char(at, end, "-") ||
	    !take_number(at, end, 2, 2, &month) || !take_char(at, end, "-") ||
	    !take_number(at, end, 2, 2, &day) || !take_char(at, end, "T ") ||
	    !take_clock(at, end, &seconds) ||
	    !audit_date_count(&time, year, month, day, seconds))
		return false;
	stamp->time = time + take_fraction(at, end);
	stamp->clock = AUDIT_LOCAL;
	if (take_zone(at, end, &offset)) {
		stamp->time -= offset;
		stamp->clock = AUDIT_EPOCH;
	}
	return true;
}

/* 11/26/26 10:00:00.087, also with a year of four digits */
static bool
take_us(struct audit_stamp *stamp, const char **at, const char *end)
{
	unsigned year, month, day, seconds;
	int64_t time;

	if (!take_number(at, end, 2, 2, &month) || !take_char(at, end, "/") ||
	    !take_number(at, end, 2, 2, &day) || !take_char(at, end, "/") ||
	    !take_number(at, end, 2, 4, &year) || !take_char(at, end, " ") ||
	    !take_clock(at, end, &seconds) ||
	    !audit_date_count(&time, year < 100 ? 2000 + year : year, month,
			      day, seconds))
		return false;
	stamp->time = time + take_fraction(at, end);
	stamp->clock = AUDIT_LOCAL;
	return true;
}

/* Nov 26 10:00:00, of days below 10 with a blank more (RFC 3164) */
static bool
take_yearless(struct audit_stamp *stamp, const char **at, const char *end)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned month = 0, day, seconds;
	int64_t time;

	if (end - *at < 4)
		return false;
	while (month < 12 && memcmp(names + 3 * month, *at, 3) != 0)
		month++;
	*at += 3;
	if (month == 12 || !take_char(at, end, " "))
		return false;
	take_char(at, end, " ");
	if (!take_number(at, end, 1, 2, &day) || !take_char(at, end, " ") ||
	    !take_clock(at, end, &seconds) ||
	    !audit_date_count(&time, 1972, month + 1, day, seconds))
		return false;
	stamp->time = time + take_fraction(at, end);
	stamp->clock = AUDIT_YEARLESS;
	return true;
}

bool
audit_date_read(struct audit_stamp *stamp, const char **at, const char *end)
{
	static bool (*const forms[])(struct audit_stamp *, const char **,
				     const char *) = { take_iso, take_us,
						       take_yearless };

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const char *from = *at;

		if (forms[i](stamp, &from, end)) {
			*at = from;
			return true;
		}
	}
	return false;
}
