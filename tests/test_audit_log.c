/*
 * When lines were written, against the C library's calendar; which notices say
 * that lines were lost, by hand, as the kernel, journald, rsyslog and auditd
 * print them; frames of JSON; what is missing of serials, against a set of
 * them.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"
#include "explain/audit-line.h"

#define SECOND INT64_C(1000000)

static int64_t
at(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = { .tm_year = year - 1900,
			 .tm_mon = month - 1,
			 .tm_mday = day,
			 .tm_hour = hour,
			 .tm_min = minute,
			 .tm_sec = second };

	return timegm(&tm) * SECOND;
}

START_TEST(calendar)
{
	uint64_t seed = 1;

	for (size_t i = 0; i < 20000; i++) {
		time_t seconds = (time_t)(calls_random(&seed) % 315537897600) -
				 62135596800;
		struct audit_stamp stamp = { 0 };
		struct tm tm;
		char text[64];
		const char *from = text;

		gmtime_r(&seconds, &tm);
		snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ",
			 tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
			 tm.tm_hour, tm.tm_min, tm.tm_sec);
		ck_assert_msg(
			audit_date_read(&stamp, &from, text + strlen(text)) &&
				stamp.clock == AUDIT_EPOCH && !*from &&
				stamp.time == seconds * SECOND,
			"%s: %lld", text, (long long)stamp.time);
	}
}
END_TEST

START_TEST(no_dates)
{
	static const char *const texts[] = {
		"2026-02-29 10:00:00",
		"2026-13-01 10:00:00",
		"2026-00-01 10:00:00",
		"2026-04-31 10:00:00",
		"2026-04-00 10:00:00",
		"1900-02-29 10:00:00",
		"0000-01-01 10:00:00",
		"2026-04-01 24:00:00",
		"2026-04-01 10:60:00",
		"2026-04-01 10:00:61",
		"2026-04-01 10:00",
		"2026-4-01 10:00:00",
		"Nov 31 10:00:00",
		"Nov 26",
		"Now 26 10:00:00",
		"13/01/26 10:00:00",
		"11/26/26",
		"",
	};

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct audit_stamp stamp = { .time = 7 };
		const char *from = texts[i];

		ck_assert_msg(
			!audit_date_read(&stamp, &from, from + strlen(from)),
			"%s", texts[i]);
		ck_assert(from == texts[i]);
	}
}
END_TEST

#define CALL "arch=c000003e syscall=41 code=0x7ffc0000"

/* Lines as the tools of each printed them, with other values. */
START_TEST(stamps)
{
	const struct {
		const char *line;
		enum audit_clock clock;
		int64_t time;
		bool has_serial;
		uint64_t serial;
	} lines[] = {
		{ "[46874.338982] audit: type=1326 "
		  "audit(1795692632.999:28758): " CALL,
		  AUDIT_EPOCH, 1795692632999000, true, 28758 },
		{ "kern  :notice: [46874.338982] audit: type=1326 "
		  "audit(1795692632.999:28758): " CALL,
		  AUDIT_EPOCH, 1795692632999000, true, 28758 },
		{ "[Thu Nov 26 11:30:32 2026] audit: type=1326 "
		  "audit(1795692632.999:28758): " CALL,
		  AUDIT_EPOCH, 1795692632999000, true, 28758 },
		{ "2026-11-26T11:30:32,338982+00:00 audit: type=1326 "
		  "audit(1795692632.999:28758): " CALL,
		  AUDIT_EPOCH, 1795692632999000, true, 28758 },
		{ "5,6054,46874338982,-;audit: type=1326 "
		  "audit(1795692632.999:28758): " CALL,
		  AUDIT_EPOCH, 1795692632999000, true, 28758 },
		{ "type=SECCOMP msg=audit(11/26/26 06:31:41.087:28929) : " CALL,
		  AUDIT_LOCAL, at(2026, 11, 26, 6, 31, 41) + 87000, true,
		  28929 },
		{ "type=SECCOMP msg=audit(26.11.2026 06:31:41.087:28929) "
		  ": " CALL,
		  AUDIT_NO_TIME, 0, true, 28929 },
		/* journald writes the record without its stamp. */
		{ "Nov 26 11:30:37 vm audit[12227]: SECCOMP pid=1 " CALL,
		  AUDIT_YEARLESS, at(1972, 11, 26, 11, 30, 37), false, 0 },
		{ "Feb  9 11:30:37 vm audit[12227]: SECCOMP pid=1 " CALL,
		  AUDIT_YEARLESS, at(1972, 2, 9, 11, 30, 37), false, 0 },
		{ "Nov 26 11:30:37.911000 vm audit[12227]: SECCOMP pid=1 " CALL,
		  AUDIT_YEARLESS, at(1972, 11, 26, 11, 30, 37) + 911000, false,
		  0 },
		{ "2026-11-26T11:30:37+0100 vm audit[1]: SECCOMP pid=1 " CALL,
		  AUDIT_EPOCH, at(2026, 11, 26, 10, 30, 37), false, 0 },
		{ "2026-11-26T11:30:37.911000-03:30 vm audit[1]: SECCOMP "
		  "pid=1 " CALL,
		  AUDIT_EPOCH, at(2026, 11, 26, 15, 0, 37) + 911000, false, 0 },
		{ "Thu 2026-11-26 11:30:37 UTC vm audit[1]: SECCOMP "
		  "pid=1 " CALL,
		  AUDIT_EPOCH, at(2026, 11, 26, 11, 30, 37), false, 0 },
		{ "Thu 2026-11-26 11:30:37 CET vm audit[1]: SECCOMP "
		  "pid=1 " CALL,
		  AUDIT_LOCAL, at(2026, 11, 26, 11, 30, 37), false, 0 },
		{ "1795692637.911000 vm audit[12227]: SECCOMP pid=1 " CALL,
		  AUDIT_EPOCH, 1795692637911000, false, 0 },
		{ "<5>1 2026-11-26T11:31:03.266032+00:00 vm audit - - - "
		  "SECCOMP pid=1 " CALL,
		  AUDIT_EPOCH, at(2026, 11, 26, 11, 31, 3) + 266032, false, 0 },
		{ "[46879.466918] vm audit[12227]: SECCOMP pid=1 " CALL,
		  AUDIT_NO_TIME, 0, false, 0 },
		{ "SECCOMP pid=1 " CALL, AUDIT_NO_TIME, 0, false, 0 },
		/* What a program calls itself is no stamp.  A time that cannot
		 * be read may be one of another language. */
		{ "SECCOMP pid=1 comm=\"audit(1.0:1)\" " CALL, AUDIT_NO_TIME, 0,
		  false, 0 },
		{ "type=1326 audit(999999999999999999999.0:1): " CALL,
		  AUDIT_NO_TIME, 0, true, 1 },
		{ "type=1326 audit(1.0:999999999999999999999): " CALL,
		  AUDIT_NO_TIME, 0, false, 0 },
		{ "type=1326 audit(1.0:1 " CALL, AUDIT_NO_TIME, 0, false, 0 },
	};

	for (size_t i = 0; i < LENGTH(lines); i++) {
		struct audit_call call;
		enum audit_kind kind = audit_line_read(&call, lines[i].line,
						       strlen(lines[i].line));

		ck_assert_msg(
			kind == AUDIT_CALL && call.number == 41 &&
				call.stamp.clock == lines[i].clock &&
				call.stamp.time == lines[i].time &&
				call.stamp.has_serial == lines[i].has_serial &&
				call.stamp.serial == lines[i].serial,
			"%s: clock %d time %lld serial %llu", lines[i].line,
			call.stamp.clock, (long long)call.stamp.time,
			(unsigned long long)call.stamp.serial);
	}
}
END_TEST

START_TEST(notices)
{
	static const struct {
		const char *line;
		enum audit_loss loss;
		uint64_t lines;
	} lines[] = {
		{ "[46874.338139] kauditd_printk_skb: 57 callbacks suppressed",
		  AUDIT_LOSS_PRINTK, 57 },
		{ "audit_printk_skb: 5 callbacks suppressed", AUDIT_LOSS_PRINTK,
		  5 },
		{ "[1465.133062] net_ratelimit: 23807 callbacks suppressed",
		  AUDIT_LOSS_NONE, 0 },
		{ "kauditd_printk_skb: callbacks suppressed", AUDIT_LOSS_NONE,
		  0 },
		{ "[ 6640.473092] audit: rate limit exceeded", AUDIT_LOSS_RATE,
		  0 },
		{ "audit: audit_backlog=65 > audit_backlog_limit=64",
		  AUDIT_LOSS_BACKLOG, 0 },
		{ "audit: audit_lost=25791 audit_rate_limit=5 "
		  "audit_backlog_limit=64",
		  AUDIT_LOSS_BACKLOG, 0 },
		{ "audit: backlog limit exceeded", AUDIT_LOSS_BACKLOG, 0 },
		{ "audit: kauditd hold queue overflow", AUDIT_LOSS_BACKLOG, 0 },
		{ "** 257 printk messages dropped **", AUDIT_LOSS_RING, 257 },
		{ "Nov 26 11:30:36 vm systemd-journald[12226]: Missed 5478 "
		  "kernel messages",
		  AUDIT_LOSS_RING, 5478 },
		{ "I Missed 5 trains", AUDIT_LOSS_NONE, 0 },
		{ "systemd-journald[979]: /dev/kmsg buffer overrun, some "
		  "messages lost.",
		  AUDIT_LOSS_RING, 0 },
		{ "systemd-journald[1]: Suppressed 917 messages from a.service",
		  AUDIT_LOSS_JOURNAL, 917 },
		{ "Suppressed 917 coughs", AUDIT_LOSS_NONE, 0 },
		{ "rsyslogd: imjournal: 236 messages lost due to rate-limiting "
		  "(20000 allowed within 600 seconds)",
		  AUDIT_LOSS_SYSLOG, 236 },
		{ "rsyslogd: imuxsock[pid: 1, name: a]: begin to drop messages "
		  "due to rate-limiting",
		  AUDIT_LOSS_SYSLOG, 0 },
		{ "auditd[5]: queue to plugins is full - dropping event",
		  AUDIT_LOSS_AUDITD, 0 },
		{ "nothing", AUDIT_LOSS_NONE, 0 },
		{ "", AUDIT_LOSS_NONE, 0 },
		{ " callbacks suppressed", AUDIT_LOSS_NONE, 0 },
	};

	for (size_t i = 0; i < LENGTH(lines); i++) {
		const char *end = lines[i].line + strlen(lines[i].line);
		uint64_t lost;
		enum audit_loss loss =
			audit_loss_find(lines[i].line, end, &lost);

		ck_assert_msg(loss == lines[i].loss && lost == lines[i].lines,
			      "%s: %d, %llu", lines[i].line, loss,
			      (unsigned long long)lost);
	}
}
END_TEST

struct found {
	size_t calls, others, sequences;
	struct audit_call call;
	struct audit_line line;
};

static void
take(void *context, const struct audit_call *call)
{
	struct found *found = context;

	found->calls++;
	found->call = *call;
}

static void
see(void *context, const struct audit_line *line)
{
	struct found *found = context;

	found->others += line->kind != AUDIT_CALL && line->stamp.has_serial;
	found->sequences += line->has_sequence;
	found->line = *line;
}

static void
feed(struct found *found, const char *text)
{
	static struct audit_stream stream;
	struct arena arena;

	memset(found, 0, sizeof(*found));
	memset(&stream, 0, sizeof(stream));
	stream.take = take;
	stream.see = see;
	stream.context = found;
	arena_init(&arena);
	audit_stream_add(&stream, &arena, text, strlen(text));
	audit_stream_end(&stream, &arena);
	arena_finish(&arena);
}

#define JSON(rest)                                                             \
	"{\"_AUDIT_ID\":\"28837\",\"_SOURCE_REALTIME_TIMESTAMP\":"             \
	"\"1795692637911000\",\"MESSAGE\":\"SECCOMP pid=1 "                    \
	"comm=\\\"true\\\" " CALL                                              \
	"\",\"__REALTIME_TIMESTAMP\":\"1795692637917942\"" rest "}"

START_TEST(frames)
{
	static const struct {
		const char *text;
		bool foreign;
		int64_t time;
		uint64_t serial;
	} texts[] = {
		{ JSON(",\"_TRANSPORT\":\"audit\""), false, 1795692637911000,
		  28837 },
		{ JSON(",\"_TRANSPORT\":\"kernel\""), false, 1795692637911000,
		  28837 },
		{ JSON(""), false, 1795692637911000, 28837 },
		{ JSON(",\"_TRANSPORT\":\"syslog\""), true, 1795692637911000,
		  28837 },
		{ "{\"MESSAGE\":\"audit: type=1326 audit(1.5:9): "
		  "comm=\\\"true\\\" " CALL
		  "\",\"__REALTIME_TIMESTAMP\":\"5\",\"_AUDIT_ID\":\"3\"}",
		  false, 1500000, 9 },
		{ "{\"MESSAGE\":\"SECCOMP pid=1 comm=\\\"true\\\" " CALL
		  "\",\"__REALTIME_TIMESTAMP\":\"5\",\"_AUDIT_ID\":3}",
		  false, 5, 0 },
		/* dmesg --json, journalctl -o json-pretty and -o verbose */
		{ "         \"msg\": \"audit: type=1326 audit(1.5:9): pid=1 "
		  "comm=\\\"true\\\" " CALL "\"",
		  false, 1500000, 9 },
		{ "\t\"MESSAGE\" : \"SECCOMP pid=1 comm=\\\"true\\\" " CALL
		  "\",",
		  false, 0, 0 },
		{ "    MESSAGE=SECCOMP pid=1 comm=\"true\" " CALL, false, 0,
		  0 },
	};

	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct found found;

		feed(&found, texts[i].text);
		ck_assert_msg(found.calls == 1 && found.call.number == 41 &&
				      !strcmp(found.call.comm, "true") &&
				      found.call.foreign == texts[i].foreign &&
				      found.call.stamp.time == texts[i].time &&
				      found.call.stamp.serial ==
					      texts[i].serial,
			      "%s: %zu calls, time %lld", texts[i].text,
			      found.calls, (long long)found.call.stamp.time);
	}
}
END_TEST

/* Records of other types count, auditd's own do not. */
START_TEST(others)
{
	struct found found;

	feed(&found, "type=SYSCALL msg=audit(1.5:10): arch=c000003e\n"
		     "audit: type=1400 audit(1.5:11): apparmor=\"DENIED\"\n"
		     "type=DAEMON_START msg=audit(1.5:388): op=start\n"
		     "{\"_AUDIT_ID\":\"12\",\"MESSAGE\":\"SYSCALL a\"}\n"
		     "I wrote audit(me)\n"
		     "type=1326 audit(1.5:13): cut off");
	ck_assert_uint_eq(found.others, 4);
	ck_assert_uint_eq(found.line.kind, AUDIT_BROKEN);
	ck_assert_uint_eq(found.line.stamp.serial, 13);
	feed(&found, "6,1234,5678,-;a\n SUBSYSTEM=b\n6,1236,5679,-;c\n6,x;\n"
		     "7,8,9");
	ck_assert_uint_eq(found.sequences, 2);
	feed(&found, "{\"_TRANSPORT\":\"syslog\",\"MESSAGE\":\"audit: rate "
		     "limit exceeded\"}");
	ck_assert_uint_eq(found.line.loss, AUDIT_LOSS_NONE);
	feed(&found, "{\"_TRANSPORT\":\"kernel\",\"MESSAGE\":\"audit: rate "
		     "limit exceeded\"}");
	ck_assert_uint_eq(found.line.loss, AUDIT_LOSS_RATE);
}
END_TEST

static struct audit_serials serials;

static bool
add(int64_t time, uint64_t serial, uint32_t call)
{
	struct audit_stamp stamp = { .clock = AUDIT_EPOCH,
				     .has_serial = true,
				     .time = time,
				     .serial = serial };

	return audit_serials_add(&serials, &stamp, call);
}

/* Some of a range, a little out of order, some twice, against counting. */
START_TEST(random_serials)
{
	enum { COUNT = 4000 };
	uint64_t seed = (uint64_t)_i + 1;
	bool there[COUNT] = { false };
	size_t first = COUNT, last = 0, missing = 0, twice = 0;
	int64_t step = (int64_t)(calls_random(&seed) % 20000);

	memset(&serials, 0, sizeof(serials));
	for (size_t i = 0; i + 16 < COUNT; i++) {
		size_t serial = i + calls_random(&seed) % 16;

		if (calls_random(&seed) % 8 < (unsigned)_i)
			continue;
		ck_assert(add((int64_t)serial * step, 1000 + serial, 1) ==
			  there[serial]);
		twice += there[serial];
		there[serial] = true;
		first = serial < first ? serial : first;
		last = serial > last ? serial : last;
	}
	for (size_t i = first; i < last; i++)
		missing += !there[i];
	ck_assert_uint_eq(audit_serials_missing(&serials), missing);
	ck_assert_uint_eq(serials.twice, twice);
	ck_assert_uint_eq(serials.disordered, 0);
	ck_assert_uint_eq(serials.boots, 1);
}
END_TEST

START_TEST(runs)
{
	memset(&serials, 0, sizeof(serials));
	/* Records of one event, of which two are calls of two threads. */
	ck_assert(!add(1 * SECOND, 10, 0) && !add(1 * SECOND, 10, 7) &&
		  !add(1 * SECOND, 10, 9) && !add(1 * SECOND, 12, 7));
	ck_assert_uint_eq(audit_serials_missing(&serials), 1);
	/* The machine starts again, and then an older log comes. */
	ck_assert(!add(90 * SECOND, 3, 7) && !add(90 * SECOND, 6, 7));
	ck_assert_uint_eq(audit_serials_missing(&serials), 3);
	ck_assert_uint_eq(serials.boots, 2);
	ck_assert_uint_eq(serials.disordered, 0);
	/* The same log again, later than it is remembered. */
	memset(&serials, 0, sizeof(serials));
	for (size_t i = 0; i < 2 * AUDIT_SERIAL_SLOTS; i++)
		add((int64_t)i, i, 7);
	ck_assert_uint_eq(serials.disordered, 0);
	for (size_t i = 0; i < 2 * AUDIT_SERIAL_SLOTS; i++)
		add((int64_t)i, i, 7);
	ck_assert_uint_gt(serials.disordered, AUDIT_SERIAL_SLOTS);
	ck_assert_uint_eq(audit_serials_missing(&serials), 0);
	/* An older file behind a newer one is no disorder. */
	memset(&serials, 0, sizeof(serials));
	add(500 * SECOND, 500, 7);
	audit_serials_next_file(&serials);
	add(100 * SECOND, 100, 7);
	ck_assert_uint_eq(serials.disordered, 0);
	ck_assert_uint_eq(audit_serials_missing(&serials), 399);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("audit-log");
	TCase *cases = tcase_create("audit-log");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(cases, calendar);
	tcase_add_test(cases, no_dates);
	tcase_add_test(cases, stamps);
	tcase_add_test(cases, notices);
	tcase_add_test(cases, frames);
	tcase_add_test(cases, others);
	tcase_add_loop_test(cases, random_serials, 0, 8);
	tcase_add_test(cases, runs);
	suite_add_tcase(suite, cases);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
