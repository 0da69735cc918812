#include "audit-line.h"
#include "audit-mark.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* A field's value in a line. */
struct text {
	const char *at;
	size_t len;
};

static bool
is(const struct text *t, const char *s)
{
	return t->len == strlen(s) && !memcmp(t->at, s, t->len);
}

/* The first field of a name.  Values that the kernel did not write are quoted
 * or hexadecimal and cannot look like a field, but for ausearch -i. */
static bool
find(const char *at, const char *end, const char *name, struct text *value)
{
	size_t n = strlen(name);

	for (; at < end; at++) {
		/* Fields behind it are auditd's own, in capitals. */
		if (at > end - 1 || (at[0] != ' ' && at[0] != 0x1d))
			continue;
		if ((size_t)(end - at) < n + 2 || memcmp(at + 1, name, n) ||
		    at[n + 1] != '=')
			continue;
		value->at = at + n + 2;
		for (at = value->at; at < end && *at != ' ' && *at != 0x1d;)
			at++;
		value->len = (size_t)(at - value->at);
		return true;
	}
	return false;
}

/*
 * Where the fields of the call begin, " arch=".. " syscall=", behind what a
 * program can choose: ausearch -i takes quotes off, and then a program can call
 * itself "a arch=i386".  Without them, the end.
 */
static const char *
find_call(const char *at, const char *end)
{
	static const char next[] = " syscall=";
	const char *found = end;
	struct text value;

	while (find(at, end, "arch", &value)) {
		at = value.at + value.len;
		if ((size_t)(end - at) >= strlen(next) &&
		    !memcmp(at, next, strlen(next)))
			found = value.at - strlen(" arch=");
	}
	return found;
}

/* The last field of a name: what is behind a program's name, and not in it. */
static bool
find_last(const char *at, const char *end, const char *name, struct text *value)
{
	bool found = false;

	for (; find(at, end, name, value); at = value->at + value->len)
		found = true;
	return found;
}

static bool
read_number(const struct text *t, unsigned base, uint64_t max, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t value = 0;

	if (!t->len)
		return false;
	for (size_t i = 0; i < t->len; i++) {
		const char *digit =
			memchr(digits, tolower((unsigned char)t->at[i]), base);

		if (!digit || value > (max - (uint64_t)(digit - digits)) / base)
			return false;
		value = value * base + (uint64_t)(digit - digits);
	}
	*out = value;
	return true;
}

/* Hexadecimal after 0x. */
static bool
read_hex(struct text t, uint64_t max, uint64_t *out)
{
	if (t.len < 3 || t.at[0] != '0' || t.at[1] != 'x')
		return false;
	t.at += 2;
	t.len -= 2;
	return read_number(&t, 16, max, out);
}

/* A number, or a name as ausearch -i puts it. */
static bool
read_arch(struct text t, uint32_t *arch)
{
	uint64_t value;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!arch_table[i]->number_bit && is(&t, arch_table[i]->name)) {
			*arch = arch_table[i]->audit_token;
			return true;
		}
	if (!read_number(&t, 16, UINT32_MAX, &value))
		return false;
	*arch = (uint32_t)value;
	return true;
}

/* What libaudit calls in another way than the kernel (lib/x86_64_table.h,
 * lib/i386_table.h). */
static const char *
name_of_kernel(const char *name)
{
	static const struct {
		const char *audit, *kernel;
	} names[] = {
		{ "pread", "pread64" },
		{ "pwrite", "pwrite64" },
		{ "sched_rr_get_interval64", "sched_rr_get_interval_time64" },
		{ "sys_kexec_load", "kexec_load" },
	};

	for (size_t i = 0; i < LENGTH(names); i++)
		if (!strcmp(name, names[i].audit))
			return names[i].kernel;
	return name;
}

/* A number that libaudit has no name for: "unknown-syscall(463)". */
static void
take_unknown(struct text *t)
{
	static const char mark[] = "unknown-syscall(";
	const size_t n = sizeof(mark) - 1;

	if (t->len > n && !memcmp(t->at, mark, n) && t->at[t->len - 1] == ')') {
		t->at += n;
		t->len -= n + 1;
	}
}

/* %ld of an int: -1 is what a tracer skips. */
static bool
read_syscall(struct text t, struct audit_call *call)
{
	bool negative;
	uint64_t value;
	char name[AUDIT_NAME];

	take_unknown(&t);
	negative = t.len && t.at[0] == '-';
	if (negative) {
		t.at++;
		t.len--;
	}
	if (read_number(&t, 10, negative ? 1u << 31 : UINT32_MAX, &value)) {
		call->number = (uint32_t)(negative ? -value : value);
		return true;
	}
	if (negative || !t.len || t.len >= sizeof(name))
		return false;
	memcpy(name, t.at, t.len);
	name[t.len] = '\0';
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct syscall_name *known =
			syscall_find(name_of_kernel(name));

		if (arch_table[i]->audit_token != call->arch || !known ||
		    known->number[i] < 0)
			continue;
		call->number =
			(uint32_t)known->number[i] | arch_table[i]->number_bit;
		return true;
	}
	return false;
}

/* As ausearch -i names them (auparse, seccomp codes). */
static bool
read_code(struct text t, uint32_t *code)
{
	static const struct {
		const char *name;
		uint32_t code;
	} names[] = {
		{ "kill", SECCOMP_RET_KILL_THREAD },
		{ "kill-thread", SECCOMP_RET_KILL_THREAD },
		{ "kill_thread", SECCOMP_RET_KILL_THREAD },
		{ "kill-process", SECCOMP_RET_KILL_PROCESS },
		{ "kill_process", SECCOMP_RET_KILL_PROCESS },
		{ "trap", SECCOMP_RET_TRAP },
		{ "errno", SECCOMP_RET_ERRNO },
		{ "user-notif", SECCOMP_RET_USER_NOTIF },
		{ "user_notif", SECCOMP_RET_USER_NOTIF },
		{ "trace", SECCOMP_RET_TRACE },
		{ "log", SECCOMP_RET_LOG },
		{ "allow", SECCOMP_RET_ALLOW },
	};
	uint64_t value;

	for (size_t i = 0; i < LENGTH(names); i++)
		if (is(&t, names[i].name)) {
			*code = names[i].code;
			return true;
		}
	if (!read_hex(t, UINT32_MAX, &value))
		return false;
	*code = (uint32_t)value & SECCOMP_RET_ACTION_FULL;
	return true;
}

/* What a text has that is not plain becomes "\xNN". */
static void
append_escaped(char *out, size_t size, size_t *n, unsigned char c)
{
	static const char digits[] = "0123456789abcdef";
	bool plain = c >= ' ' && c < 0x7f && c != '\\';
	size_t need = plain ? 1 : 4;

	if (*n + need >= size)
		return;
	if (plain) {
		out[(*n)++] = (char)c;
	} else {
		memcpy(out + *n, "\\x", 2);
		out[*n + 2] = digits[c >> 4];
		out[*n + 3] = digits[c & 15];
		*n += 4;
	}
	out[*n] = '\0';
}

void
audit_escape(char *out, size_t size, const char *s, size_t len)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < len; i++)
		append_escaped(out, size, &n, (unsigned char)s[i]);
}

/* Text in quotes, in hexadecimal, or as it is ("(null)", and all that ausearch
 * -i prints, which is not raw). */
static void
read_text(const struct text *t, bool raw, char *out, size_t size)
{
	bool hex = raw && t->len >= 2 && t->len % 2 == 0;
	struct text rest = *t;
	size_t n = 0;
	uint64_t c;

	for (size_t i = 0; i < t->len; i++)
		hex &= isxdigit((unsigned char)t->at[i]) != 0;
	if (t->len >= 2 && t->at[0] == '"' && t->at[t->len - 1] == '"')
		rest = (struct text){ t->at + 1, t->len - 2 };
	for (size_t i = 0; i < rest.len; i += hex ? 2 : 1) {
		struct text pair = { rest.at + i, 2 };

		if (!hex || !read_number(&pair, 16, 255, &c))
			c = (unsigned char)rest.at[i];
		append_escaped(out, size, &n, (unsigned char)c);
	}
}

/* A name that auditd resolved, if it is one. */
static void
read_name(const struct text *t, char out[AUDIT_NAME])
{
	if (!t->len || t->len >= AUDIT_NAME)
		return;
	for (size_t i = 0; i < t->len; i++)
		if (!isalnum((unsigned char)t->at[i]) && t->at[i] != '_')
			return;
	memcpy(out, t->at, t->len);
	out[t->len] = '\0';
}

/*
 * The program's path.  ausearch -i has it without quotes: then all between the
 * first that can be its start and the last that can be its end is taken, so
 * that "/tmp/a exe=/bin/b" is no other program's.
 */
static bool
find_exe(const char *at, const char *call_at, bool raw, struct text *value)
{
	struct text sig;

	if (raw)
		return find_last(at, call_at, "exe", value);
	if (!find(at, call_at, "exe", value))
		return false;
	value->len = (size_t)(call_at - value->at);
	if (find_last(value->at, call_at, "sig", &sig))
		value->len = (size_t)(sig.at - strlen(" sig=") - value->at);
	return true;
}

/* What there need not be. */
static void
read_rest(struct audit_call *call, const char *at, const char *call_at,
	  const char *end)
{
	struct text t;
	uint64_t value;

	/* Raw records have seconds. */
	bool raw = !call->stamp.has_serial || call->stamp.clock == AUDIT_EPOCH;

	call->signal = -1;
	call->pid = -1;
	if (find_last(at, call_at, "sig", &t) &&
	    read_number(&t, 10, 127, &value))
		call->signal = (int32_t)value;
	if (find(at, end, "pid", &t) && read_number(&t, 10, INT32_MAX, &value))
		call->pid = (int64_t)value;
	if (find(call_at, end, "compat", &t) && read_number(&t, 10, 1, &value))
		call->compat = value;
	if (find(call_at, end, "ip", &t) && read_hex(t, UINT64_MAX, &value))
		call->ip = value;
	if (find(at, end, "comm", &t))
		read_text(&t, raw, call->comm, sizeof(call->comm));
	if (find_exe(at, call_at, raw, &t))
		read_text(&t, raw, call->exe, sizeof(call->exe));
	if (find(at, end, "SYSCALL", &t))
		read_name(&t, call->name);
}

/* That of the record stands behind what the line was found by. */
static void
read_stamp(struct audit_call *call, const char *line, const char *at,
	   const char *end)
{
	static const char *const marks[] = { " audit(", " msg=audit(" };

	for (size_t i = 0; i < LENGTH(marks); i++) {
		size_t n = strlen(marks[i]);

		if ((size_t)(end - at) > n && !memcmp(at, marks[i], n) &&
		    audit_stamp_find(&call->stamp, at, end))
			break;
	}
	if (call->stamp.clock == AUDIT_NO_TIME)
		audit_stamp_prefix(&call->stamp, line, end);
}

enum audit_kind
audit_line_read(struct audit_call *call, const char *line, size_t len)
{
	const char *end = line + len, *at, *call_at;
	enum audit_mark mark = audit_mark_find(line, end, &at);
	struct text arch, number, code;

	memset(call, 0, sizeof(*call));
	if (mark != AUDIT_MARK)
		return mark == AUDIT_NO_MARK ? AUDIT_OTHER : AUDIT_BROKEN;
	call_at = find_call(at, end);
	if (!find(call_at, end, "arch", &arch) ||
	    !read_arch(arch, &call->arch) ||
	    !find(call_at, end, "syscall", &number) ||
	    !read_syscall(number, call) || !find(call_at, end, "code", &code) ||
	    !read_code(code, &call->code))
		return AUDIT_BROKEN;
	read_stamp(call, line, at, end);
	read_rest(call, at, call_at, end);
	return AUDIT_CALL;
}

bool
audit_line_is(const char *text)
{
	const char *fields;

	return audit_mark_find(text, text + strlen(text), &fields) !=
	       AUDIT_NO_MARK;
}
