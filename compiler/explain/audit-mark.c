#include "audit-mark.h"

#include <string.h>

/*
 * Other lines of the kernel have names in them that anybody chooses, as they
 * are: "NAME[417]: segfault at 8 ip .. sp .. error 6 in FILE[..]" of
 * arch/x86/mm/fault.c, "NAME[417] bad frame in rt_sigreturn frame:.. ip:..
 * sp:.. orax:.. in FILE[..]" of arch/x86/kernel/signal.c, "process 'NAME'
 * launched 'FILE'" of fs/exec.c; and so have records that ausearch -i decoded.
 * NAME has 15 bytes, FILE 255 and no slash.  So what is in front of a mark has
 * to be what a log puts in front of a line, and what is behind it has to be
 * longer than NAME.
 */

enum {
	/* "kern  :notice: [Thu Nov 26 11:30:32 2026] [ T1234] audit: " has
	 * that many; "bad frame" has one more. */
	MOST_WORDS = 9,
};

static bool
starts(const char *at, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - at) >= n && !memcmp(at, text, n);
}

/* The start of the word that a blank at end is behind. */
static const char *
last_word(const char *line, const char *end)
{
	const char *at = end;

	while (at > line && at[-1] != ' ')
		at--;
	return at;
}

/* A word that ends in a colon says who speaks, but for dmesg -x's ":notice:";
 * one that begins with "type=" is another record's. */
static bool
is_others(const char *at, size_t len)
{
	if (starts(at, at + len, "type="))
		return true;
	return at[len - 1] == ':' && (at[0] != ':' || len == 1) &&
	       (len != 7 || memcmp(at, "kernel:", len) != 0);
}

/* What is in front of a mark: stamps, a host, and right before it, or before
 * the node's name, who speaks. */
static bool
is_front(const char *line, const char *mark)
{
	size_t words = 0;

	/* A name that has a line end goes on there, indented by dmesg and
	 * journalctl. */
	if (*line == ' ')
		return false;
	if (mark > line) {
		const char *node = last_word(line, mark - 1);

		if (starts(node, mark, "node="))
			mark = node;
	}
	for (const char *at = line; at < mark;) {
		const char *stop = memchr(at, ' ', (size_t)(mark - at));
		size_t len;

		if (!stop)
			return false;
		len = (size_t)(stop - at);
		if (memchr(at, '\'', len) || memchr(at, '`', len))
			return false;
		if (len && stop + 1 < mark && is_others(at, len))
			return false;
		words += len && !(stop + 1 == mark && at[len - 1] == ':');
		at = stop + 1;
	}
	return words <= MOST_WORDS;
}

/* Two fields, " auid=1 uid=". */
static bool
are_fields(const char *at, const char *end, const char *first)
{
	const char *number, *name;

	if (!starts(at, end, first))
		return false;
	number = at += strlen(first);
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	if (at == number || at == end || *at != ' ')
		return false;
	name = ++at;
	while (at < end && *at >= 'a' && *at <= 'z')
		at++;
	return at > name && at < end && *at == '=';
}

static bool
is_behind(const char *at, const char *end, bool typed)
{
	if (typed)
		return starts(at, end, " audit(") ||
		       starts(at, end, " msg=audit(");
	return are_fields(at, end, " auid=") || are_fields(at, end, " pid=");
}

enum audit_mark
audit_mark_find(const char *line, const char *end, const char **fields)
{
	static const struct {
		const char *word;
		bool sure, typed;
	} marks[] = {
		{ "type=1326", true, true },
		{ "type=SECCOMP", true, true },
		{ "<audit-1326>", true, false },
		/* Others have such words. */
		{ "SECCOMP", false, false },
	};

	/* Most lines of most logs have neither. */
	if (!memmem(line, (size_t)(end - line), "SECCOMP", 7) &&
	    !memmem(line, (size_t)(end - line), "1326", 4))
		return AUDIT_NO_MARK;
	for (const char *at = line; at < end;) {
		const char *stop = memchr(at, ' ', (size_t)(end - at));

		stop = stop ? stop : end;
		for (size_t i = 0; i < LENGTH(marks); i++) {
			if ((size_t)(stop - at) != strlen(marks[i].word) ||
			    !starts(at, end, marks[i].word) ||
			    (!marks[i].sure && !starts(stop, end, " auid=") &&
			     !starts(stop, end, " pid=")))
				continue;
			*fields = stop;
			/* The first one counts: behind it are names. */
			return is_front(line, at) && is_behind(stop, end,
							       marks[i].typed)
				       ? AUDIT_MARK
				       : AUDIT_FALSE_MARK;
		}
		at = stop + 1;
	}
	return AUDIT_NO_MARK;
}
