#include "libc.h"
#include "lint.h"

#include <string.h>

enum {
	X86_64 = 1 << ABI_X86_64,
	I386 = 1 << ABI_I386,
	/* Nobody runs x32 but to get around filters. */
	BOTH = X86_64 | I386,
};

/*
 * What programs try first, and make in its place if that gives ENOSYS, but not
 * on another error.  "Measured" is with the error injection of strace, on glibc
 * 2.36, musl 1.2.3 (x86_64 alone) and coreutils 9.1; the others are read in
 * source.  Neighbours of the same family are reported together.
 */
static const struct libc_attempt attempts[] = {
	/* measured */
	{ "faccessat", "faccessat2", "faccessat", BOTH,
	  "glibc 2.33 and musl's faccessat() fall" },
	{ "stat", "statx", "newfstatat", X86_64,
	  "statx(), with which ls and stat look at files, falls" },
	{ "stat", "statx", "fstatat64", I386,
	  "stat() of glibc 2.33 and later falls" },
	{ "renameat", "renameat2", "renameat", BOTH, "mv falls" },
	{ "preadv", "preadv2", "preadv", BOTH, "glibc falls" },
	{ "preadv", "pwritev2", "pwritev", BOTH, "glibc falls" },
	{ "time64", "timerfd_gettime64", "timerfd_gettime", I386,
	  "glibc 2.34 and musl 1.2 fall" },
	{ "time64", "timer_gettime64", "timer_gettime", I386,
	  "glibc 2.34 and musl 1.2 fall" },
	/* musl makes the old ones of these. */
	{ "time64", "timer_settime64", "timer_settime", I386,
	  "glibc 2.34 falls" },
	{ "time64", "recvmmsg_time64", "recvmmsg", I386, "glibc 2.34 falls" },
	{ "time64", "clock_getres_time64", "clock_getres", I386,
	  "glibc 2.34 falls" },
	{ "time64", "clock_adjtime64", "clock_adjtime", I386,
	  "glibc 2.34 falls" },
	{ "time64", "sched_rr_get_interval_time64", "sched_rr_get_interval",
	  I386, "glibc 2.34 falls" },
	/* Not measured: clock_gettime.c of musl.  glibc takes the answer of
	 * the vDSO, which makes this call for the time of a process, and does
	 * not fall back at all. */
	{ "time64", "clock_gettime64", "clock_gettime", I386,
	  "musl 1.2 falls" },
	/* Not measured: fchmodat.c of glibc, which goes on with chmod, and of
	 * musl; nor are the numbers of the releases. */
	{ "fchmodat", "fchmodat2", "fchmodat", BOTH,
	  "fchmodat() with flags of glibc 2.39 and musl 1.2.5 falls" },
	/* Not measured: openat2.c of gnulib, 2025. */
	{ "openat", "openat2", "openat", BOTH,
	  "openat2() of gnulib, for GNU programs, falls" },
};

const struct libc_attempt *
libc_attempt_at(size_t i)
{
	return i < LENGTH(attempts) ? &attempts[i] : NULL;
}

static bool
runs(struct lint *l, enum abi abi, const char *name)
{
	return lint_where(l, lint_call(l, abi, name), LINT_RUNS) != DD_FALSE;
}

/* Whether the first syscall is denied so that the other is not tried. */
static bool
fails(struct lint *l, enum abi abi, const struct libc_attempt *a)
{
	dd call = lint_call(l, abi, a->first);

	return a->abis >> abi & 1 && call != DD_NONE &&
	       !lint_is_new(l, abi, a->first) && /* lint_default()'s */
	       lint_where(l, call, LINT_RUNS | LINT_ASKS) == DD_FALSE &&
	       lint_where(l, call, LINT_ERRNO | LINT_KILLS) != DD_FALSE &&
	       runs(l, abi, a->then);
}

/* The ABI on which it fails, ABI_COUNT if on none. */
static enum abi
fails_on(struct lint *l, const struct libc_attempt *a)
{
	unsigned abi = 0;

	while (abi < ABI_COUNT && !fails(l, (enum abi)abi, a))
		abi++;
	return (enum abi)abi;
}

/* A family begins at `first`; returns the number after its last one. */
static size_t
check_family(struct lint *l, size_t first)
{
	const struct libc_attempt *worst = NULL;
	const char *who = NULL;
	enum abi worst_abi = ABI_COUNT;
	struct lint_list list;
	size_t i;

	lint_list_init(&list, l->arena, 4);
	for (i = first; i < LENGTH(attempts); i++) {
		const struct libc_attempt *a = &attempts[i];
		enum abi abi = fails_on(l, a);

		if (strcmp(a->family, attempts[first].family))
			break;
		if (abi == ABI_COUNT || (worst && abi != worst_abi))
			continue;
		worst = worst ? worst : a;
		who = !who || !strcmp(who, a->who) ? a->who : "libcs fall";
		worst_abi = abi;
		lint_list_add(&list, "'%s' (before '%s')", a->first, a->then);
	}
	if (worst)
		lint_report(
			l, DIAG_NO_FALLBACK,
			lint_place(l, lint_is_named(l, worst->first)
					      ? worst->first
					      : worst->then),
			list.count > 1 ? "allow them, or give them "
					 "\"errnoRet\": 38 (ENOSYS)"
				       : "allow it, or give it "
					 "\"errnoRet\": 38 (ENOSYS)",
			"%s: %s for %s: %s back on ENOSYS alone",
			arch_table[worst_abi]->name,
			lint_denial(l, lint_call(l, worst_abi, worst->first)),
			lint_list_end(&list), who);
	return i;
}

void
lint_fallbacks(struct lint *l)
{
	for (size_t i = 0; i < LENGTH(attempts);)
		i = check_family(l, i);
}

void
lint_tried(struct lint *l, struct lint_list *list)
{
	enum abi native = l->c->ruleset->options->native;

	if (lint_is_new(l, native, "clone3") && runs(l, native, "clone"))
		lint_list_add(list, "'clone3'");
	for (size_t i = 0; i < LENGTH(attempts); i++)
		if (attempts[i].abis >> native & 1 &&
		    lint_is_new(l, native, attempts[i].first) &&
		    runs(l, native, attempts[i].then))
			lint_list_add(list, "'%s'", attempts[i].first);
}

enum { GLIBC, MUSL, GO, LIBC_COUNT };

static const char *const libcs[LIBC_COUNT] = {
	[GLIBC] = "glibc 2.36",
	[MUSL] = "musl 1.2",
	[GO] = "Go",
};

/*
 * What one libc makes where another makes something else, and nothing besides;
 * with falls_back, it makes the other on ENOSYS.  glibc 2.36 and musl 1.2.3
 * were traced on x86_64; Go as its syscall package has it.
 */
static const struct libc_choice choices[] = {
	{ GLIBC, "openat", "open", false },
	{ GLIBC, "newfstatat", "stat", false },
	{ GLIBC, "getdents64", "getdents", false },
	{ GLIBC, "clone", "fork", false },
	{ GLIBC, "vfork", "fork", false },
	{ GLIBC, "pipe2", "pipe", false },
	{ GLIBC, "pselect6", "select", false },
	{ GLIBC, "mknodat", "mknod", false },
	{ GLIBC, "utimensat", "utimes", false },
	{ GLIBC, "prlimit64", "getrlimit", false },
	{ GLIBC, "clock_nanosleep", "nanosleep", false },
	{ GLIBC, "eventfd2", "eventfd", false },
	{ GLIBC, "signalfd4", "signalfd", false },
	{ GLIBC, "epoll_wait", "epoll_pwait", false },
	{ GLIBC, "access", "faccessat", false },
	{ GLIBC, "mkdir", "mkdirat", false },
	{ GLIBC, "unlink", "unlinkat", false },
	{ GLIBC, "rename", "renameat", false },
	{ GLIBC, "readlink", "readlinkat", false },
	{ GLIBC, "dup2", "dup3", false },
	{ GLIBC, "poll", "ppoll", false },
	{ MUSL, "open", "openat", false },
	{ MUSL, "stat", "newfstatat", false },
	{ MUSL, "lstat", "newfstatat", false },
	{ MUSL, "fstat", "newfstatat", false },
	{ MUSL, "fork", "clone", false },
	{ MUSL, "vfork", "clone", false },
	{ MUSL, "pipe", "pipe2", false },
	{ MUSL, "select", "pselect6", false },
	{ MUSL, "nanosleep", "clock_nanosleep", false },
	{ MUSL, "access", "faccessat", false },
	{ MUSL, "mkdir", "mkdirat", false },
	{ MUSL, "unlink", "unlinkat", false },
	{ MUSL, "rename", "renameat", false },
	{ MUSL, "readlink", "readlinkat", false },
	{ MUSL, "dup2", "dup3", false },
	{ MUSL, "poll", "ppoll", false },
	{ MUSL, "getdents64", "getdents", false },
	{ MUSL, "epoll_pwait", "epoll_wait", true },
	{ MUSL, "epoll_create1", "epoll_create", true },
	{ MUSL, "eventfd2", "eventfd", true },
	{ MUSL, "signalfd4", "signalfd", true },
	{ MUSL, "inotify_init1", "inotify_init", true },
	{ GO, "openat", "open", false },
	{ GO, "newfstatat", "stat", false },
	{ GO, "getdents64", "getdents", false },
	{ GO, "clone", "fork", false },
	{ GO, "pipe2", "pipe", false },
	{ GO, "dup3", "dup2", false },
	{ GO, "epoll_pwait", "epoll_wait", false },
	{ GO, "epoll_create1", "epoll_create", false },
	{ GO, "faccessat", "access", false },
	{ GO, "mkdirat", "mkdir", false },
	{ GO, "unlinkat", "unlink", false },
	{ GO, "renameat", "rename", false },
	{ GO, "readlinkat", "readlink", false },
	{ GO, "fchmodat", "chmod", false },
	{ GO, "fchownat", "chown", false },
};

const struct libc_choice *
libc_choice_at(size_t i)
{
	return i < LENGTH(choices) ? &choices[i] : NULL;
}

const char *
libc_name(unsigned libc)
{
	return libcs[libc];
}

static bool
is_missed(struct lint *l, enum abi abi, const struct libc_choice *c)
{
	dd call = lint_call(l, abi, c->makes);
	unsigned works = LINT_RUNS | LINT_ASKS;

	if (c->falls_back)
		works |= LINT_ENOSYS;
	return call != DD_NONE && lint_where(l, call, works) == DD_FALSE &&
	       runs(l, abi, c->other);
}

/* Adds what a libc makes and cannot; *where: the first that is allowed. */
static void
list_choices(struct lint *l, unsigned libc, struct buf *text,
	     const struct json **where)
{
	enum abi native = l->c->ruleset->options->native;
	const char *last = "";
	struct lint_list list;

	lint_list_init(&list, l->arena, 4);
	for (size_t i = 0; i < LENGTH(choices); i++) {
		const struct libc_choice *c = &choices[i];

		if (c->libc != libc || !strcmp(c->makes, last) ||
		    !is_missed(l, native, c))
			continue;
		last = c->makes;
		lint_list_add(&list, "'%s' (not '%s')", c->makes, c->other);
		if (!*where)
			*where = lint_place(l, c->other);
	}
	if (list.count)
		buf_printf(text, "%s%s makes %s", text->len ? "; " : "",
			   libcs[libc], lint_list_end(&list));
}

/* Of a list of what is allowed; those who deny have their reasons. */
void
lint_libcs(struct lint *l)
{
	struct buf text = { .arena = l->arena };
	const struct json *where = NULL;

	if (lint_runs_default(l))
		return;
	for (unsigned i = 0; i < LIBC_COUNT; i++)
		list_choices(l, i, &text, &where);
	if (where)
		lint_report(l, DIAG_LIBC_CHOICE, where,
			    "allow both, unless all programs are known to use "
			    "one libc",
			    "what other libcs make is denied: %s", text.data);
}
