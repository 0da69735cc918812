#include "lint.h"

#include <string.h>

enum {
	X86_64 = 1 << ABI_X86_64,
	I386 = 1 << ABI_I386,
	X32 = 1 << ABI_X32,
	ALL = X86_64 | I386 | X32,
};

/*
 * What a program tries first, and makes in its place if that gives ENOSYS, but
 * not on another error.  "Measured" is with strace and its error injection, on
 * glibc 2.36 and musl 1.2.3; the others are read in the source of the release
 * that is named.  Neighbours with the same family are reported together.
 */
static const struct attempt {
	const char *family;
	const char *first, *then;
	abi_set abis;
	const char *who;
} attempts[] = {
	{ "faccessat", "faccessat2", "faccessat", ALL,
	  "glibc 2.33 and later and musl" }, /* measured */
	{ "fchmodat", "fchmodat2", "fchmodat", ALL,
	  "glibc 2.39 and later and musl 1.2.5" }, /* fchmodat.c of both */
	{ "openat", "openat2", "openat", ALL,
	  "GNU programs (gnulib)" }, /* gnulib's openat2.c */
	{ "renameat", "renameat2", "renameat", ALL,
	  "GNU programs (gnulib), as mv" }, /* gnulib's renameatu.c */
	{ "stat", "statx", "newfstatat", X86_64 | X32,
	  "glibc's statx(), as in ls and stat" },	/* measured */
	{ "stat", "statx", "fstatat64", I386,
	  "stat() of glibc 2.33 and later" },		/* measured */
	{ "preadv", "preadv2", "preadv", ALL, "glibc" },     /* measured */
	{ "preadv", "pwritev2", "pwritev", ALL, "glibc" },   /* pwritev2.c */
	{ "epoll", "epoll_pwait", "epoll_wait", ALL,
	  "musl's epoll_wait()" },			/* measured */
	{ "epoll", "epoll_create1", "epoll_create", ALL,
	  "musl's epoll_create()" },			/* measured */
	{ "descriptors", "eventfd2", "eventfd", ALL, "musl" },	/* measured */
	{ "descriptors", "signalfd4", "signalfd", ALL, "musl" }, /* measured */
	{ "descriptors", "inotify_init1", "inotify_init", ALL,
	  "musl" },					/* measured */
	{ "time64", "clock_gettime64", "clock_gettime", I386,
	  "musl 1.2 and glibc 2.34" },		   /* clock_gettime.c */
	{ "time64", "clock_getres_time64", "clock_getres", I386,
	  "glibc 2.34" },				/* measured */
	{ "time64", "timerfd_gettime64", "timerfd_gettime", I386,
	  "glibc 2.34" },				/* measured */
	{ "time64", "sched_rr_get_interval_time64", "sched_rr_get_interval",
	  I386, "glibc 2.34" },				/* measured */
};

static bool
runs(struct lint *l, enum abi abi, const char *name)
{
	return lint_where(l, lint_call(l, abi, name), LINT_RUNS) != DD_FALSE;
}

/* Whether the first syscall is denied so that the other is not tried. */
static bool
fails(struct lint *l, enum abi abi, const struct attempt *a)
{
	dd call = lint_call(l, abi, a->first);

	return a->abis >> abi & 1 && call != DD_NONE &&
	       lint_where(l, call, LINT_RUNS | LINT_ASKS) == DD_FALSE &&
	       lint_where(l, call, LINT_ERRNO | LINT_KILLS) != DD_FALSE &&
	       runs(l, abi, a->then);
}

/* The ABI on which it fails, ABI_COUNT if on none. */
static enum abi
fails_on(struct lint *l, const struct attempt *a)
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
	const struct attempt *worst = NULL;
	struct lint_list list;
	size_t i;

	lint_list_init(&list, l, 6);
	for (i = first; i < LENGTH(attempts); i++) {
		const struct attempt *a = &attempts[i];
		enum abi abi = fails_on(l, a);

		if (strcmp(a->family, attempts[first].family))
			break;
		if (abi == ABI_COUNT)
			continue;
		worst = worst ? worst : a;
		lint_list_add(&list, "%s '%s' (then '%s')",
			      arch_table[abi]->name, a->first, a->then);
	}
	if (worst)
		lint_report(l, LINT_NO_FALLBACK,
			    lint_place(l, lint_is_named(l, worst->first)
						  ? worst->first
						  : worst->then),
			    "allow it, or give it \"errnoRet\": 38 (ENOSYS)",
			    "%s: %s fall%s back on ENOSYS alone, which this "
			    "is not",
			    lint_list_end(&list), worst->who,
			    strchr(worst->who, ' ') ? "" : "s");
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

	if (!lint_is_named(l, "clone3") && runs(l, native, "clone"))
		lint_list_add(list, "'clone3'");
	for (size_t i = 0; i < LENGTH(attempts); i++)
		if (attempts[i].abis >> native & 1 &&
		    !lint_is_named(l, attempts[i].first) &&
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
 * What one libc makes where another makes something else, and nothing besides.
 * glibc 2.36 and musl 1.2.3 were traced; Go as of its syscall and os packages.
 */
static const struct choice {
	uint8_t libc;
	const char *makes, *other;
} choices[] = {
	{ GLIBC, "openat", "open" },
	{ GLIBC, "newfstatat", "stat" },
	{ GLIBC, "newfstatat", "fstat" },
	{ GLIBC, "getdents64", "getdents" },
	{ GLIBC, "clone", "fork" },
	{ GLIBC, "vfork", "fork" },
	{ GLIBC, "pipe2", "pipe" },
	{ GLIBC, "pselect6", "select" },
	{ GLIBC, "mknodat", "mknod" },
	{ GLIBC, "utimensat", "utimes" },
	{ GLIBC, "prlimit64", "getrlimit" },
	{ GLIBC, "clock_nanosleep", "nanosleep" },
	{ GLIBC, "eventfd2", "eventfd" },
	{ GLIBC, "signalfd4", "signalfd" },
	{ GLIBC, "epoll_wait", "epoll_pwait" },
	{ GLIBC, "access", "faccessat" },
	{ GLIBC, "mkdir", "mkdirat" },
	{ GLIBC, "unlink", "unlinkat" },
	{ GLIBC, "rename", "renameat" },
	{ GLIBC, "readlink", "readlinkat" },
	{ GLIBC, "dup2", "dup3" },
	{ GLIBC, "poll", "ppoll" },
	{ MUSL, "open", "openat" },
	{ MUSL, "stat", "newfstatat" },
	{ MUSL, "lstat", "newfstatat" },
	{ MUSL, "fstat", "newfstatat" },
	{ MUSL, "fork", "clone" },
	{ MUSL, "vfork", "clone" },
	{ MUSL, "pipe", "pipe2" },
	{ MUSL, "select", "pselect6" },
	{ MUSL, "nanosleep", "clock_nanosleep" },
	{ MUSL, "access", "faccessat" },
	{ MUSL, "mkdir", "mkdirat" },
	{ MUSL, "unlink", "unlinkat" },
	{ MUSL, "rename", "renameat" },
	{ MUSL, "readlink", "readlinkat" },
	{ MUSL, "dup2", "dup3" },
	{ MUSL, "poll", "ppoll" },
	{ MUSL, "getdents64", "getdents" },
	{ GO, "openat", "open" },
	{ GO, "newfstatat", "stat" },
	{ GO, "getdents64", "getdents" },
	{ GO, "clone", "fork" },
	{ GO, "pipe2", "pipe" },
	{ GO, "dup3", "dup2" },
	{ GO, "epoll_pwait", "epoll_wait" },
	{ GO, "epoll_create1", "epoll_create" },
	{ GO, "faccessat", "access" },
	{ GO, "mkdirat", "mkdir" },
	{ GO, "unlinkat", "unlink" },
	{ GO, "renameat", "rename" },
	{ GO, "readlinkat", "readlink" },
	{ GO, "fchmodat", "chmod" },
	{ GO, "fchownat", "chown" },
};

static bool
is_closed(struct lint *l, enum abi abi, const char *name)
{
	dd call = lint_call(l, abi, name);

	return call != DD_NONE &&
	       lint_where(l, call, LINT_RUNS | LINT_ASKS) == DD_FALSE;
}

/* Adds what a libc makes and cannot; *where: the first that is allowed. */
static void
list_choices(struct lint *l, unsigned libc, struct buf *text,
	     const struct json **where)
{
	enum abi native = l->c->ruleset->options->native;
	const char *last = "";
	struct lint_list list;

	lint_list_init(&list, l, 4);
	for (size_t i = 0; i < LENGTH(choices); i++) {
		const struct choice *c = &choices[i];

		if (c->libc != libc || !strcmp(c->makes, last) ||
		    !is_closed(l, native, c->makes) ||
		    !runs(l, native, c->other))
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
		lint_report(l, LINT_LIBC_CHOICE, where,
			    "allow both, unless all programs are known to use "
			    "one libc",
			    "what is denied here, other libcs make: %s",
			    text.data);
}
