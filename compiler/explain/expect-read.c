/*
 * Lines of expectations as text: a cursor goes over one line from left to
 * right, and the first thing that is wrong with it ends the line.
 */
#include "expect-scan.h"

#include <stdio.h>
#include <string.h>

/* A list of ABIs, or all that the filter has. */
static bool
read_abis(struct scan *s, struct expectation *e)
{
	static const char expected[] = "x86_64, i386, x32 or *";

	if (scan_take(s, "*")) {
		e->every_abi = true;
		e->abis = (1u << ABI_COUNT) - 1;
		return true;
	}
	do {
		const char *word = scan_word(s);
		enum abi abi = word ? arch_find(word) : ABI_COUNT;

		if (abi == ABI_COUNT)
			return scan_fail(s, "an ABI is expected here: %s",
					 expected);
		e->abis |= 1u << abi;
	} while (scan_take(s, ","));
	return true;
}

/* A syscall that has no number of its own on an ABI, or on any. */
static bool
fail_absent(struct scan *s, const char *name, const char *abi)
{
	struct buf behind = { .arena = s->arena };

	if (call_write_behind(&behind, name))
		return scan_fail(s, "%s has no number for '%s'; %s", abi, name,
				 behind.data);
	return scan_fail(s, "%s has no syscall '%s'", abi, name);
}

static bool
fail_unknown(struct scan *s, const char *word)
{
	struct buf behind = { .arena = s->arena };
	const char *near;

	if (call_write_behind(&behind, word))
		return scan_fail(s, "there is no number for '%s'; %s", word,
				 behind.data);
	near = syscall_nearest(word);
	return scan_fail(s,
			 near ? "unknown syscall '%s'; did you mean '%s'?"
			      : "unknown syscall '%s'",
			 word, near);
}

static bool
read_name(struct scan *s, struct expectation *e, const char *word)
{
	const struct syscall_name *name = syscall_find(word);

	if (!name)
		return fail_unknown(s, word);
	for (size_t i = 0; i < ABI_COUNT && !e->every_abi; i++)
		if (e->abis >> i & 1 && name->number[i] < 0)
			return fail_absent(s, word, arch_table[i]->name);
	vec_push(s->arena, &e->calls)->name = name;
	return true;
}

/* Numbers that no ABI of a line can have are a slip. */
static bool
read_numbers(struct scan *s, struct expectation *e)
{
	const uint32_t x32 = arch_table[ABI_X32]->number_bit;
	struct expect_call call = { 0 };
	uint64_t first, last;

	if (!scan_value(s, UINT64_MAX, &first))
		return false;
	last = first;
	if (scan_take(s, "..") && !scan_value(s, UINT64_MAX, &last))
		return false;
	if (last > INT32_MAX)
		return scan_fail(s, "the numbers of syscalls end at %d",
				 INT32_MAX);
	if (first > last)
		return scan_fail(s, "the last number is below the first");
	if ((first ^ last) & x32 ||
	    (first & x32 && e->abis & (1u << ABI_X86_64) && !e->every_abi))
		return scan_fail(s, "numbers from 0x%x on are those of x32",
				 x32);
	call.first = (uint32_t)first;
	call.last = (uint32_t)last;
	*vec_push(s->arena, &e->calls) = call;
	return true;
}

static bool
read_call(struct scan *s, struct expectation *e)
{
	const char *word;

	if (scan_is_digit(s))
		return read_numbers(s, e);
	word = scan_word(s);
	if (!word)
		return scan_fail(s, "a syscall is expected here: a name, a "
				    "number or *");
	return read_name(s, e, word);
}

static bool
read_calls(struct scan *s, struct expectation *e)
{
	if (scan_take(s, "*")) {
		vec_push(s->arena, &e->calls)->every = true;
		return true;
	}
	if (!scan_take(s, "{"))
		return read_call(s, e);
	do {
		if (!read_call(s, e))
			return false;
	} while (scan_take(s, ","));
	return scan_take(s, "}") ||
	       scan_fail(s, "a comma or } is expected here");
}

/* Data in parentheses, an errno by name or any number. */
static bool
read_data(struct scan *s, const char *word, uint32_t limit,
	  struct expect_action *action)
{
	uint64_t data;

	if (!scan_take(s, "("))
		return true;
	if (!limit)
		return scan_fail(s, "%s carries no value", word);
	if (!scan_value(s, UINT64_MAX, &data))
		return false;
	if (data > limit)
		return scan_fail(s, "the value is above %u", limit);
	if (!scan_take(s, ")"))
		return scan_fail(s, ") is expected here");
	action->mask |= SECCOMP_RET_DATA;
	action->value |= (uint32_t)data;
	return true;
}

static const struct verdict {
	const char *name;
	uint32_t limit; /* of the data; 0: it has none */
	unsigned count;
	uint32_t values[4];
} words[] = {
	{ "allow", 0, 1, { SECCOMP_RET_ALLOW } },
	{ "log", 0, 1, { SECCOMP_RET_LOG } },
	{ "errno", 4095, 1, { SECCOMP_RET_ERRNO } },
	{ "kill", 0, 2, { SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS } },
	{ "kill_thread", 0, 1, { SECCOMP_RET_KILL_THREAD } },
	{ "kill_process", 0, 1, { SECCOMP_RET_KILL_PROCESS } },
	{ "trap", UINT16_MAX, 1, { SECCOMP_RET_TRAP } },
	{ "trace", UINT16_MAX, 1, { SECCOMP_RET_TRACE } },
	{ "notify", 0, 1, { SECCOMP_RET_USER_NOTIF } },
	{ "deny",
	  0,
	  4,
	  { SECCOMP_RET_KILL_THREAD, SECCOMP_RET_KILL_PROCESS,
	    SECCOMP_RET_ERRNO, SECCOMP_RET_TRAP } },
};

static bool
fail_action(struct scan *s, const char *word)
{
	const char *names[LENGTH(words)], *near;

	for (size_t i = 0; i < LENGTH(words); i++)
		names[i] = words[i].name;
	near = word ? diag_nearest(word, names, LENGTH(names)) : NULL;
	if (near)
		return scan_fail(s, "unknown action '%s'; did you mean '%s'?",
				 word, near);
	return scan_fail(s, "an action is expected here: allow, log, errno, "
			    "kill, kill_thread, kill_process, trap, trace, "
			    "notify or deny");
}

static bool
read_action(struct scan *s, struct expectation *e)
{
	const char *name = scan_word(s);
	const struct verdict *found = NULL;

	if (name && !strcmp(name, "not")) {
		name = scan_word(s);
		if (!name || strcmp(name, "allow") != 0)
			return scan_fail(s, "only allow can stand behind not");
		name = "deny";
	}
	for (size_t i = 0; name && i < LENGTH(words); i++)
		if (!strcmp(words[i].name, name))
			found = &words[i];
	if (!found)
		return fail_action(s, name);
	for (unsigned i = 0; i < found->count; i++) {
		struct expect_action action = {
			SECCOMP_RET_ACTION_FULL,
			found->values[i],
		};

		if (!read_data(s, name, found->limit, &action))
			return false;
		*vec_push(s->arena, &e->actions) = action;
	}
	return true;
}

static bool
read_line(struct scan *s, struct expectation *e)
{
	if (!read_abis(s, e) || !read_calls(s, e) || !scan_args(s, e))
		return false;
	do {
		if (!read_action(s, e))
			return false;
	} while (scan_take(s, "|"));
	return scan_at_end(s) ||
	       scan_fail(s, "the end of the line, or | and another action, is "
			    "expected here");
}

/* Cuts off what is around a line and its comment; false: nothing is left. */
static bool
trim(const char **text, size_t *len)
{
	const char *comment = memchr(*text, '#', *len);

	if (comment)
		*len = (size_t)(comment - *text);
	while (*len && strchr(" \t\r", (*text)[*len - 1]))
		--*len;
	return *len && strspn(*text, " \t\r") < *len;
}

static bool
take_line(struct scan *s, struct expectations *list, const char *text,
	  size_t len)
{
	struct expectation e = { .file = s->file, .line = s->line };

	if (len > EXPECT_MAX_LINE)
		return scan_fail(s, "the line is longer than %d bytes",
				 EXPECT_MAX_LINE);
	s->tests = 0;
	s->start = s->at = s->token = arena_strndup(s->arena, text, len);
	if (strlen(s->at) != len)
		return scan_fail(s, "the line has a NUL in it");
	e.text = s->at + strspn(s->at, " \t");
	if (!read_line(s, &e))
		return false;
	if (list->list.n == EXPECT_MAX_LINES)
		return scan_fail(s, "there are more than %d expectations",
				 EXPECT_MAX_LINES);
	*vec_push(list->arena, &list->list) = e;
	return true;
}

bool
expect_read(struct expectations *list, const struct source *source,
	    struct buf *errors)
{
	struct scan s = { .arena = list->arena,
			  .file = source->name,
			  .errors = errors };
	const char *text = source->text, *end = text + source->len;
	unsigned wrong = 0;

	while (text < end && wrong < EXPECT_MAX_ERRORS) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t len = (size_t)((newline ? newline : end) - text);
		const char *line = text;

		s.line++;
		s.start = s.at = s.token = line;
		text = newline ? newline + 1 : end;
		if (trim(&line, &len) && !take_line(&s, list, line, len))
			wrong++;
	}
	return !wrong;
}
