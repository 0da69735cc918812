#include "libc.h"
#include "lint-consumer.h"

#include <errno.h>
#include <string.h>

/* How a call is refused when no container starts for it. */
enum fatal {
	N, /* it is not made */
	K, /* by killing alone: the runtime passes over an errno */
	P, /* or by an errno but EPERM, EINVAL, EROFS */
	E, /* or by an errno but ENOSYS */
	F, /* or by an errno but EPERM, ENOSYS */
	R, /* in any way */
	T, /* the same, at times: Go's scheduler makes the call */
};

/* Who makes the calls. */
enum maker {
	RUNC,
	CRUN,
	CRUN_EXEC, /* a process more in a container; runc's needs no more */
	MAKERS,
};

static const struct {
	const char *name;
	unsigned runtime;
} makers[] = {
	[RUNC] = { "runc 1.1.5", RUNTIME_RUNC },
	[CRUN] = { "crun 1.8.1", RUNTIME_CRUN },
	[CRUN_EXEC] = { "crun 1.8.1 exec", RUNTIME_CRUN },
};

struct need {
	const char *name;
	uint8_t late[MAKERS];  /* with no_new_privs: the filter comes last */
	uint8_t early[MAKERS]; /* without: before privileges are dropped */
	const char *after;     /* made only if this one fails; or NULL */
};

/*
 * What runtimes call between installing the filter and the execve of the
 * container's process, with that.  Measured on 2026-11-26 with runc
 * 1.1.5+ds1-1+deb12u1 (Go 1.19.8) and crun 1.8.1-1+deb12u1 of Debian 12 on
 * Linux 6.18, x86_64, by strace, and by refusing one call at a time with EPERM,
 * ENOSYS and KILL_PROCESS: for users 0 and 1000, with capabilities and without.
 * tests/live/consumers.py does it again.  What Go calls once in thousands
 * of starts is not in here.
 */
/* clang-format off */
static const struct need needs[] = {
	/*                  with no_new_privs, without */
	{ "capget",         { N, N, N }, { R, N, N }, NULL },
	{ "capset",         { N, N, N }, { R, R, R }, NULL },
	{ "chdir",          { N, N, N }, { R, N, N }, NULL },
	{ "close",          { R, K, K }, { R, K, K }, NULL },
	{ "epoll_ctl",      { K, N, N }, { K, N, N }, NULL },
	{ "execve",         { R, R, R }, { R, R, R }, NULL },
	{ "faccessat",      { N, N, N }, { R, N, N }, "faccessat2" },
	{ "faccessat2",     { N, N, N }, { F, N, N }, NULL },
	{ "fchown",         { N, N, N }, { P, N, P }, NULL },
	{ "fcntl",          { N, N, N }, { K, N, N }, NULL },
	{ "fstat",          { N, N, N }, { R, N, N }, NULL },
	{ "fstatfs",        { R, N, N }, { R, N, N }, NULL },
	{ "futex",          { T, N, N }, { T, N, N }, NULL },
	{ "getcwd",         { N, N, N }, { R, N, N }, NULL },
	{ "getdents64",     { R, N, N }, { R, N, N }, NULL },
	{ "getegid",        { N, N, N }, { K, N, N }, "faccessat2" },
	{ "geteuid",        { N, N, N }, { K, N, N }, "faccessat2" },
	{ "getgid",         { N, N, N }, { K, N, N }, "faccessat2" },
	{ "getpid",         { K, N, N }, { K, N, N }, NULL },
	{ "getppid",        { N, N, N }, { R, N, N }, NULL },
	{ "getuid",         { N, N, N }, { K, N, N }, "faccessat2" },
	{ "ioctl",          { N, N, N }, { N, N, K }, NULL },
	{ "newfstatat",     { N, N, N }, { R, N, N }, NULL },
	{ "newfstatat",     { N, N, N }, { N, N, R }, "statx" },
	{ "openat",         { R, N, N }, { R, N, R }, NULL },
	{ "prctl",          { N, N, N }, { R, R, R }, NULL },
	{ "read",           { N, N, N }, { R, N, R }, NULL },
	{ "rt_sigaction",   { N, N, N }, { N, R, N }, NULL },
	{ "rt_sigprocmask", { N, N, N }, { N, R, N }, NULL },
	{ "rt_sigreturn",   { T, N, N }, { T, N, N }, NULL },
	{ "setgid",         { N, N, N }, { R, N, N }, NULL },
	{ "setgroups",      { N, N, N }, { R, N, R }, NULL },
	{ "setresgid",      { N, N, N }, { N, R, R }, NULL },
	{ "setresuid",      { N, N, N }, { N, R, R }, NULL },
	{ "setuid",         { N, N, N }, { R, N, N }, NULL },
	{ "statx",          { N, N, N }, { N, N, E }, NULL },
	{ "umask",          { N, N, K }, { N, N, K }, NULL },
	{ "write",          { R, N, R }, { R, R, R }, NULL },
};
/* clang-format on */

const char runtime_calls_measured[] = "2026-11-26";

/* The names of a rule, or the default action, and what is refused there. */
struct place {
	const struct json *where;
	struct buf late[MAKERS], early[MAKERS]; /* names */
};

/* Whether a refusal keeps containers from starting. */
static bool
is_fatal(uint32_t action, enum fatal fatal)
{
	uint32_t error = action & SECCOMP_RET_DATA;

	if (fatal == N)
		return false;
	if (lint_verdict(action) == LINT_KILLS)
		return true;
	switch (fatal) {
	case P:
		return error != EPERM && error != EINVAL && error != EROFS;
	case E:
		return error != ENOSYS;
	case F:
		return error != EPERM && error != ENOSYS;
	default:
		return fatal != K;
	}
}

/* Numbers above all that are named get ENOSYS under some runtimes. */
static bool
is_needed(uint32_t action, enum fatal fatal)
{
	return is_fatal(action, fatal) ||
	       is_fatal(SECCOMP_RET_ERRNO | ENOSYS, fatal);
}

bool
runtime_call_next(size_t *at, unsigned runtimes, uint32_t action,
		  struct runtime_call *call)
{
	for (; *at < LENGTH(needs) * MAKERS; ++*at) {
		const struct need *need = &needs[*at / MAKERS];
		size_t m = *at % MAKERS;
		bool late = is_needed(action, need->late[m]);

		if (!(runtimes & makers[m].runtime) ||
		    (!late && !is_needed(action, need->early[m])))
			continue;
		*call = (struct runtime_call){
			.name = need->name,
			.maker = makers[m].name,
			.late = late,
			.at_times = need->early[m] == T,
		};
		++*at;
		return true;
	}
	return false;
}

/*
 * What a call gets whatever its arguments, if that is a refusal.  crun has not
 * got rule 11: what no rule names gets the default action, however new it is.
 */
static bool
is_refused(struct lint *l, enum maker maker, const char *name, uint32_t *action)
{
	dd call = lint_call(l, ABI_X86_64, name);

	if (call == DD_NONE || !dd_is_value(l->set, call, action))
		return false;
	if (maker != RUNC && !lint_is_named(l, name))
		*action = l->c->ruleset->default_action;
	return lint_verdict(*action) & LINT_DENIES;
}

static void
add(struct buf *names, const struct need *need, enum fatal fatal)
{
	buf_printf(names, "%s%s%s", names->len ? ", " : "", need->name,
		   fatal == T	? " (at times)"
		   : fatal == P ? " (unless root)"
				: "");
}

static struct place *
find_place(struct lint *l, struct place *places, size_t *count,
	   const char *name)
{
	const struct json *where = lint_place(l, name);
	struct place *place;

	for (size_t i = 0; i < *count; i++)
		if (places[i].where->parent == where->parent)
			return &places[i];
	place = &places[(*count)++];
	*place = (struct place){ .where = where };
	for (size_t i = 0; i < MAKERS; i++)
		place->late[i].arena = place->early[i].arena = l->arena;
	return place;
}

static void
report(struct lint *l, const struct place *place)
{
	struct buf buf = { .arena = l->arena };

	for (size_t i = 0; i < MAKERS; i++) {
		const struct buf *late = &place->late[i];
		const struct buf *early = &place->early[i];

		if (!late->len && !early->len)
			continue;
		buf_printf(&buf, "%s%s needs ", buf.len ? "; " : "",
			   makers[i].name);
		if (!late->len)
			buf_printf(&buf, "%s without no_new_privs",
				   early->data);
		else if (!early->len)
			buf_printf(&buf, "%s", late->data);
		else
			buf_printf(&buf, "%s, and without no_new_privs also %s",
				   late->data, early->data);
	}
	lint_report(l, DIAG_RUNTIME_NEEDS, place->where,
		    "allow them, or no container starts; with no_new_privs "
		    "(Kubernetes: allowPrivilegeEscalation: false) the filter "
		    "is installed last",
		    "refused to the runtime under its own filter: %s",
		    buf.data);
}

/* Whether both calls fail, or none does: Go compares what they return. */
static bool
are_alike(struct lint *l, enum maker maker, const char *a, const char *b)
{
	uint32_t action;

	return is_refused(l, maker, a, &action) ==
	       is_refused(l, maker, b, &action);
}

/* Whether a call is made at all, as far as that depends on the filter. */
static bool
is_made(struct lint *l, enum maker maker, const struct need *need)
{
	uint32_t action;

	if (!need->after)
		return true;
	if (!is_refused(l, maker, need->after, &action) ||
	    lint_verdict(action) == LINT_KILLS)
		return false;
	if (!strcmp(need->after, "statx"))
		return lint_verdict(action) == LINT_ENOSYS;
	/* The others are what it asks before faccessat. */
	return need->early[RUNC] == K ||
	       (are_alike(l, maker, "getuid", "geteuid") &&
		are_alike(l, maker, "getgid", "getegid"));
}

/* Files a call under who needs it; what `run` needs is not said of exec. */
static void
check_need(struct lint *l, const struct need *need, struct place *places,
	   size_t *count)
{
	unsigned runtimes = consumer_info(l->options->consumer)->runtimes;

	for (size_t m = 0; m < MAKERS; m++) {
		struct place *place;
		uint32_t action;
		bool late, early;

		if (!(runtimes & makers[m].runtime) ||
		    !is_refused(l, (enum maker)m, need->name, &action) ||
		    !is_made(l, (enum maker)m, need))
			continue;
		late = is_fatal(action, need->late[m]);
		early = is_fatal(action, need->early[m]);
		if (!late && !early)
			continue;
		if (m == CRUN_EXEC &&
		    is_fatal(action,
			     late ? need->late[CRUN] : need->early[CRUN]))
			continue;
		place = find_place(l, places, count, need->name);
		add(late ? &place->late[m] : &place->early[m], need,
		    late ? need->late[m] : need->early[m]);
	}
}

void
lint_runtime(struct lint *l)
{
	struct place places[LENGTH(needs)];
	size_t count = 0;

	if (l->c->options.native != ABI_X86_64)
		return;
	for (size_t i = 0; i < LENGTH(needs); i++)
		check_need(l, &needs[i], places, &count);
	for (size_t i = 0; i < count; i++)
		report(l, &places[i]);
}
