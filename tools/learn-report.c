#include "learn-log.h"

#include "learn-time.h"
#include "tools.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* By enum audit_loss: what happened, and what to do about it. */
static const struct {
	const char *what, *remedy;
} losses[AUDIT_LOSS_COUNT] = {
	[AUDIT_LOSS_PRINTK] = { "without auditd the kernel prints its records, "
				"and printk was limited",
				"sysctl kernel.printk_ratelimit=0, or run "
				"auditd" },
	[AUDIT_LOSS_RATE] = { "the kernel met audit's limit of records a "
			      "second",
			      "auditctl -r 0" },
	[AUDIT_LOSS_BACKLOG] = { "the kernel's queue of audit records was full",
				 "auditctl -b 65536, and run auditd" },
	[AUDIT_LOSS_RING] = { "messages of the kernel were overwritten before "
			      "they were read",
			      "boot with log_buf_len=16M, or run auditd" },
	[AUDIT_LOSS_JOURNAL] = { "journald met its limit for a unit",
				 "RateLimitBurst=0 in journald.conf" },
	[AUDIT_LOSS_SYSLOG] = { "rsyslog met its limit",
				"RateLimit.Interval=\"0\" of the module" },
	[AUDIT_LOSS_AUDITD] = { "auditd's queue or disk was full",
				"q_depth and disk_full_action in auditd.conf" },
};

#define ULL(n) ((unsigned long long)(n))

static void
print_losses(const struct learn_reader *reader)
{
	for (size_t i = 0; i < AUDIT_LOSS_COUNT; i++) {
		const struct learn_loss *loss = &reader->losses[i];
		char lines[64] = "an unknown number of lines";

		if (!loss->notices)
			continue;
		if (loss->lines)
			snprintf(lines, sizeof(lines), "%llu line%s",
				 ULL(loss->lines), learn_plural(loss->lines));
		tool_error("warning: %s %s lost: %s (%s)", lines,
			   loss->lines == 1 ? "is" : "are", losses[i].what,
			   losses[i].remedy);
	}
}

static void
print_serials(const struct learn_reader *reader)
{
	const struct audit_serials *s = reader->serials;
	uint64_t missing = audit_serials_missing(s);

	if (missing)
		tool_error("warning: %llu audit event%s between the first and "
			   "the last %s not in the log: lost, or taken out by "
			   "what made it (grep, ausearch -m)",
			   ULL(missing), learn_plural(missing),
			   missing == 1 ? "is" : "are");
	if (s->disordered)
		tool_error("warning: %llu audit event%s older than events "
			   "before: logs are joined in another order, or twice",
			   ULL(s->disordered),
			   s->disordered == 1 ? " is" : "s are");
	if (s->twice)
		tool_error("%llu line%s there twice and counted once",
			   ULL(s->twice), s->twice == 1 ? " is" : "s are");
}

static void
print_lines(const struct learn_reader *reader)
{
	if (reader->broken)
		tool_error("warning: %llu line%s of seccomp without arch, "
			   "syscall or code, or just like one",
			   ULL(reader->broken),
			   reader->broken == 1 ? " is" : "s are");
	if (reader->cut)
		tool_error("warning: %llu line%s longer than %d bytes: the "
			   "rest was not read",
			   ULL(reader->cut), reader->cut == 1 ? " is" : "s are",
			   AUDIT_LINE);
	if (reader->foreign)
		tool_error("warning: %llu line%s of seccomp not from the "
			   "kernel, says the journal (_TRANSPORT), and left "
			   "out",
			   ULL(reader->foreign),
			   reader->foreign == 1 ? " is" : "s are");
	if (reader->untimed)
		tool_error("warning: %llu call%s left out because the time is "
			   "not said",
			   ULL(reader->untimed),
			   reader->untimed == 1 ? " is" : "s are");
}

void
learn_report(const struct learn_reader *reader)
{
	print_lines(reader);
	print_losses(reader);
	print_serials(reader);
	if (reader->before)
		tool_error("%llu message%s of the kernel since it started %s "
			   "not there any more",
			   ULL(reader->before), learn_plural(reader->before),
			   reader->before == 1 ? "is" : "are");
	if (reader->rotated || reader->truncated)
		tool_error("files were rotated %llu time%s and emptied %llu "
			   "time%s",
			   ULL(reader->rotated), learn_plural(reader->rotated),
			   ULL(reader->truncated),
			   learn_plural(reader->truncated));
	tool_error("%llu line%s, %llu of seccomp; a log shows what was called "
		   "and logged so far, and no more",
		   ULL(reader->lines), learn_plural(reader->lines),
		   ULL(reader->calls));
}

/* What was asked for, as it was given. */
static void
append_names(struct buf *buf, const char *option,
	     const struct learn_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		buf_printf(buf, "%s--%s=%s", buf->len ? " " : "", option,
			   names->v[i]);
}

/* A name that was there and could have been meant. */
static void
print_nearest(const struct learn_names *asked, const char *const *found,
	      size_t count, const char *option)
{
	for (size_t i = 0; i < asked->n; i++) {
		const char *near = diag_nearest(asked->v[i], found, count);

		if (near && strcmp(near, asked->v[i]) != 0)
			tool_error("did you mean --%s=%s?", option, near);
	}
}

static void
print_meant(const struct learn_reader *reader)
{
	const struct learn_others *others = reader->others;
	const char *comms[LEARN_OTHERS], *exes[LEARN_OTHERS];

	for (size_t i = 0; i < others->n; i++) {
		comms[i] = others->v[i].comm;
		exes[i] = others->v[i].exe;
	}
	print_nearest(&reader->options->comm, comms, others->n, "comm");
	print_nearest(&reader->options->exe, exes, others->n, "exe");
}

static void
print_none_left(const struct learn_reader *reader)
{
	const struct learn_log_options *options = reader->options;
	const struct learn_others *others = reader->others;
	struct buf buf = { .arena = reader->request->seen->arena };
	char first[32], last[32];

	append_names(&buf, "comm", &options->comm);
	append_names(&buf, "exe", &options->exe);
	append_names(&buf, "pid", &options->pid);
	if (!reader->named)
		tool_error("no call is one of %s", buf.data);
	else
		tool_error("no call is of the time that is asked for");
	if (others->timed) {
		learn_time_write(first, others->first);
		learn_time_write(last, others->last);
		tool_error("there are calls from %s until %s, local time",
			   first, last);
	}
}

static void
print_others(const struct learn_others *others)
{
	for (size_t i = 0; i < others->n; i++)
		tool_error("  %llu call%s of comm '%s', exe '%s'",
			   ULL(others->v[i].calls),
			   learn_plural(others->v[i].calls), others->v[i].comm,
			   others->v[i].exe);
	if (others->rest)
		tool_error("  %llu call%s of others", ULL(others->rest),
			   learn_plural(others->rest));
}

void
learn_report_nothing(const struct learn_reader *reader)
{
	print_lines(reader);
	print_losses(reader);
	if (!reader->left_out) {
		tool_error("there is no call in the log: %llu line%s, none of "
			   "seccomp that can be used; is the profile one that "
			   "logs, and is auditd or the journal where the lines "
			   "go?",
			   ULL(reader->lines), learn_plural(reader->lines));
		return;
	}
	print_none_left(reader);
	print_meant(reader);
	tool_error("left out:");
	print_others(reader->others);
}

void
learn_progress(struct learn_progress *progress, const char *path, off_t done,
	       off_t size, uint64_t lines)
{
	int64_t now = learn_time_now();

	if (!isatty(STDERR_FILENO) || now - progress->last < 500000)
		return;
	/* Nothing at all of what is soon done. */
	if (progress->last) {
		char name[64];

		snprintf(name, sizeof(name), "%s", tool_name(path));
		text_clean(name);
		if (size > 0 && done <= size)
			fprintf(stderr, "\r\033[K%s: %d%%", name,
				(int)(done * INT64_C(100) / size));
		else
			fprintf(stderr, "\r\033[K%s: %llu lines", name,
				ULL(lines));
		progress->shown = true;
	}
	progress->last = now;
}

void
learn_progress_end(struct learn_progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
