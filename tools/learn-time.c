#include "learn-time.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)

int64_t
learn_time_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * SECOND + now.tv_nsec / 1000;
}

/* The moment at which local clocks show a date, given as if that were UTC, in
 * a year if that is not 0.  False if the C library has no such moment. */
static bool
to_moment(int64_t *moment, int64_t date, int year)
{
	time_t seconds = (time_t)(date / SECOND - (date % SECOND < 0));
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return false;
	if (year)
		tm.tm_year = year - 1900;
	tm.tm_isdst = -1;
	date -= seconds * SECOND;
	seconds = mktime(&tm);
	*moment = seconds * SECOND + date;
	return seconds != -1;
}

bool
learn_time_of(int64_t *moment, const struct audit_stamp *stamp, int64_t now)
{
	time_t seconds = (time_t)(now / SECOND);
	struct tm tm;
	int year;

	switch (stamp->clock) {
	case AUDIT_EPOCH:
		*moment = stamp->time;
		return true;
	case AUDIT_LOCAL:
		return to_moment(moment, stamp->time, 0);
	case AUDIT_YEARLESS:
		if (!localtime_r(&seconds, &tm))
			return false;
		year = tm.tm_year + 1900;
		return to_moment(moment, stamp->time, year) &&
		       (*moment <= now + 86400 * SECOND ||
			to_moment(moment, stamp->time, year - 1));
	default:
		return false;
	}
}

void
learn_time_write(char text[32], int64_t moment)
{
	time_t seconds = (time_t)(moment / SECOND);
	struct tm tm;

	strcpy(text, "?");
	if (localtime_r(&seconds, &tm) &&
	    !strftime(text, 32, "%Y-%m-%d %H:%M:%S", &tm))
		strcpy(text, "?");
}

/* Midnight, days after today's. */
static bool
parse_day(int64_t *moment, int64_t now, int days)
{
	time_t seconds = (time_t)(now / SECOND);
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return false;
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_mday += days;
	tm.tm_isdst = -1;
	*moment = mktime(&tm) * SECOND;
	return true;
}

/* -10min */
static bool
parse_relative(int64_t *moment, const char *text, int64_t now)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {
		{ "s", 1 },	     { "sec", 1 },    { "m", 60 },
		{ "min", 60 },	     { "h", 3600 },   { "hour", 3600 },
		{ "hours", 3600 },   { "d", 86400 },  { "day", 86400 },
		{ "days", 86400 },   { "w", 604800 }, { "week", 604800 },
		{ "weeks", 604800 },
	};
	char *unit;
	unsigned long n;

	if (text[0] != '-' || text[1] < '0' || text[1] > '9')
		return false;
	n = strtoul(text + 1, &unit, 10);
	unit += *unit == ' ';
	for (size_t i = 0; n < 1000000 && i < sizeof(units) / sizeof(units[0]);
	     i++)
		if (!strcmp(unit, units[i].name)) {
			*moment = now - (int64_t)n * units[i].seconds * SECOND;
			return true;
		}
	return false;
}

/* Seconds since 1970, with a fraction or without, after @ or bare. */
static bool
parse_epoch(int64_t *moment, const char *text)
{
	const char *at = text + (*text == '@');
	int64_t whole = 0, part = 0, unit = SECOND / 10;
	size_t digits = strspn(at, "0123456789");

	if (!digits || digits > 12)
		return false;
	while (digits--)
		whole = whole * 10 + (*at++ - '0');
	if (*at == '.' && at[1] >= '0' && at[1] <= '9')
		for (at++; *at >= '0' && *at <= '9'; unit /= 10)
			part += (*at++ - '0') * unit;
	*moment = whole * SECOND + part;
	return !*at;
}

/* A date, completed with what is not given of the time. */
static bool
parse_date(int64_t *moment, const char *text, int64_t now)
{
	static const char *const rests[] = { "", ":00", " 00:00:00" };
	char whole[64];
	size_t n = strlen(text);

	if (n < 10 || n > 40 || text[4] != '-')
		return false;
	for (size_t i = 0; i < 3; i++) {
		struct audit_stamp stamp = { 0 };
		const char *at = whole;

		memcpy(whole, text, n);
		strcpy(whole + n, rests[i]);
		if (audit_date_read(&stamp, &at, whole + strlen(whole)) && !*at)
			return learn_time_of(moment, &stamp, now);
	}
	return false;
}

bool
learn_time_parse(int64_t *moment, const char *text, int64_t now)
{
	*moment = now;
	if (!strcmp(text, "now"))
		return true;
	if (!strcmp(text, "today"))
		return parse_day(moment, now, 0);
	if (!strcmp(text, "yesterday"))
		return parse_day(moment, now, -1);
	return parse_relative(moment, text, now) || parse_epoch(moment, text) ||
	       parse_date(moment, text, now);
}
