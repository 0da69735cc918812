#include "audit-loss.h"

#include <string.h>

/*
 * Texts as they are in the sources: kernel/audit.c (audit_log_lost() and its
 * callers, which print "audit: " in front), lib/ratelimit.c, where the name is
 * the function that asked, kernel/printk/printk.c (on consoles), systemd's
 * journald-kmsg.c and journald-manager.c, rsyslog's ratelimit.c, and auditd's
 * auditd.c and auditd-event.c.
 */
static const struct {
	const char *text;
	enum audit_loss loss;
	enum { NO_NUMBER, BEFORE, BY_AUDIT, BEHIND } number; /* of lines */
	const char *rest; /* what is behind a number that is behind text */
} notices[] = {
	{ " callbacks suppressed", AUDIT_LOSS_PRINTK, BY_AUDIT, "" },
	{ "audit: printk limit exceeded", AUDIT_LOSS_PRINTK, NO_NUMBER, "" },
	{ "audit: rate limit exceeded", AUDIT_LOSS_RATE, NO_NUMBER, "" },
	{ "audit: backlog limit exceeded", AUDIT_LOSS_BACKLOG, NO_NUMBER, "" },
	{ "audit: audit_backlog=", AUDIT_LOSS_BACKLOG, NO_NUMBER, "" },
	{ "audit: kauditd hold queue overflow", AUDIT_LOSS_BACKLOG, NO_NUMBER,
	  "" },
	{ "audit: kauditd retry queue overflow", AUDIT_LOSS_BACKLOG, NO_NUMBER,
	  "" },
	{ "audit: out of memory in audit_", AUDIT_LOSS_BACKLOG, NO_NUMBER, "" },
	{ "audit: audit_lost=", AUDIT_LOSS_BACKLOG, NO_NUMBER, "" },
	{ " printk messages dropped **", AUDIT_LOSS_RING, BEFORE, "" },
	{ "/dev/kmsg buffer overrun, some messages lost", AUDIT_LOSS_RING,
	  NO_NUMBER, "" },
	{ "Missed ", AUDIT_LOSS_RING, BEHIND, " kernel messages" },
	{ "Suppressed ", AUDIT_LOSS_JOURNAL, BEHIND, " messages from " },
	{ " messages lost due to rate-limiting", AUDIT_LOSS_SYSLOG, BEFORE,
	  "" },
	{ "begin to drop messages due to rate-limiting", AUDIT_LOSS_SYSLOG,
	  NO_NUMBER, "" },
	{ "is full - dropping event", AUDIT_LOSS_AUDITD, NO_NUMBER, "" },
	{ "Audit daemon is suspending logging", AUDIT_LOSS_AUDITD, NO_NUMBER,
	  "" },
};

static bool
starts(const char *at, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - at) >= n && !memcmp(at, text, n);
}

static uint64_t
read_number(const char *at, const char *end)
{
	uint64_t value = 0;

	for (; at < end && *at >= '0' && *at <= '9'; at++)
		value = value < UINT64_MAX / 32
				? value * 10 + (uint64_t)(*at - '0')
				: value;
	return value;
}

/* The word in front of at, without its first and last blank. */
static const char *
word_before(const char *line, const char *at)
{
	while (at > line && at[-1] != ' ')
		at--;
	return at;
}

/*
 * Others' calls are limited as well, "net_ratelimit: 5 callbacks suppressed":
 * the limit of printk_ratelimit() is one for all, but is mostly met by audit
 * where audit's records are printed at all.
 */
static bool
is_of_audit(const char *line, const char *number)
{
	static const char *const names[] = {
		"kauditd_printk_skb: ",
		"audit_printk_skb: ", /* until 4.9 */
		"audit_log_lost: ",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);

		if ((size_t)(number - line) >= n &&
		    !memcmp(number - n, names[i], n))
			return true;
	}
	return false;
}

/* Whether the text, found at at, is that notice and not a part of others. */
static bool
is_whole(size_t i, const char *line, const char *at, const char *end,
	 uint64_t *lines)
{
	const char *number = at + strlen(notices[i].text);

	*lines = 0;
	switch (notices[i].number) {
	case BEFORE:
	case BY_AUDIT:
		number = word_before(line, at);
		*lines = read_number(number, at);
		return *lines && (notices[i].number == BEFORE ||
				  is_of_audit(line, number));
	case BEHIND:
		*lines = read_number(number, end);
		while (number < end && *number >= '0' && *number <= '9')
			number++;
		return *lines && starts(number, end, notices[i].rest);
	default:
		return true;
	}
}

static bool
has(const char *line, const char *end, const char *text)
{
	return memmem(line, (size_t)(end - line), text, strlen(text)) != NULL;
}

/* Whether a line can be one: all of them have some of these words, and most
 * lines of most logs have none. */
static bool
can_be_notice(const char *line, const char *end)
{
	return has(line, end, "messages") || has(line, end, "audit") ||
	       has(line, end, "Audit") || has(line, end, "dropping event");
}

enum audit_loss
audit_loss_find(const char *line, const char *end, uint64_t *lines)
{
	*lines = 0;
	if (!can_be_notice(line, end))
		return AUDIT_LOSS_NONE;
	for (size_t i = 0; i < sizeof(notices) / sizeof(notices[0]); i++) {
		const char *at = memmem(line, (size_t)(end - line),
					notices[i].text,
					strlen(notices[i].text));

		if (at && is_whole(i, line, at, end, lines))
			return notices[i].loss;
	}
	*lines = 0;
	return AUDIT_LOSS_NONE;
}
