#include "learn.h"

#include <string.h>

#include "compiler/check/libc.h"

enum {
	X86_64 = 1 << ABI_X86_64,
	I386 = 1 << ABI_I386,
	X32 = 1 << ABI_X32,
	ALL = X86_64 | I386 | X32,
};

/*
 * What else may be called where something was, apart from what libc.h has.
 * Kernel: restart_syscall is what a sleep goes on with that was stopped
 * (kernel/signal.c); the vDSO makes the call itself where the clock source is
 * none that it can read (lib/vdso/gettimeofday.c).  Libraries: glibc's
 * fstat(), clone_internal.c and accept(); Go's runtime/preempt.go and
 * runtime/lock_futex.go.
 */
static const struct sibling {
	const char *seen; /* any of these, with blanks between; "": all is */
	const char *may;  /* these */
	abi_set abis;
	const char *why;
} siblings[] = {
	{ "", "clock_getres clock_gettime getcpu gettimeofday time",
	  X86_64 | X32,
	  "the vDSO answers these without a call where the clock source lets "
	  "it" },
	{ "",
	  "clock_getres clock_getres_time64 clock_gettime clock_gettime64 "
	  "getcpu gettimeofday time",
	  I386,
	  "the vDSO answers these without a call where the clock source lets "
	  "it" },
	{ "clock_nanosleep clock_nanosleep_time64 futex futex_time64 nanosleep "
	  "poll",
	  "restart_syscall", ALL,
	  "a sleep goes on with it after the process was stopped" },
	{ "rt_sigaction", "rt_sigreturn", ALL,
	  "it is made when a signal's handler returns" },
	{ "rt_sigaction sigaction signal", "sigreturn", I386,
	  "it is made when a signal's handler returns" },
	{ "", "exit_group", ALL, "a process ends with it" },
	{ "", "exit", ALL, "a thread ends with it" },
	{ "clone3", "clone", ALL, "glibc falls back to it on ENOSYS" },
	{ "clone", "clone3", ALL, "glibc 2.34 and later try it first" },
	{ "fstat", "newfstatat", X86_64 | X32,
	  "fstat() of glibc makes either, by its release" },
	{ "newfstatat", "fstat", X86_64 | X32,
	  "fstat() of glibc makes either, by its release" },
	{ "epoll_pwait", "epoll_pwait2", ALL,
	  "programs that ask for timeouts in nanoseconds make it" },
	{ "accept", "accept4", ALL, "programs choose between them" },
	{ "accept4", "accept", X86_64 | X32, "programs choose between them" },
	{ "futex futex_time64", "futex_waitv", ALL,
	  "programs that wait for several futexes make it" },
};

/* Pairs of i386, 32 bits of time and 64. */
static const char *const times[][2] = {
	{ "clock_nanosleep", "clock_nanosleep_time64" },
	{ "clock_settime", "clock_settime64" },
	{ "futex", "futex_time64" },
	{ "mq_timedreceive", "mq_timedreceive_time64" },
	{ "mq_timedsend", "mq_timedsend_time64" },
	{ "ppoll", "ppoll_time64" },
	{ "pselect6", "pselect6_time64" },
	{ "rt_sigtimedwait", "rt_sigtimedwait_time64" },
	{ "timer_settime", "timer_settime64" },
	{ "timerfd_settime", "timerfd_settime64" },
	{ "utimensat", "utimensat_time64" },
};

/* All of these are made by Go's runtime as it starts. */
static const char *const go[] = { "gettid", "rt_sigprocmask",
				  "sched_getaffinity", "sigaltstack" };
static const char *const go_makes[] = { "getpid",      "madvise",
					"nanosleep",   "rt_sigreturn",
					"sched_yield", "tgkill" };

struct finder {
	const struct seen *seen;
	const struct learned_options *options;
	family_notes *notes;
	struct family_note *note; /* the one that is being made, or NULL */
	struct buf buf;
};

/* What is allowed for a runtime counts as seen. */
static bool
was_seen(const struct finder *f, abi_set abis, const char *name, size_t len)
{
	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *n = &syscall_names[i];

		if (strncmp(n->name, name, len) != 0 || n->name[len])
			continue;
		for (size_t abi = 0; abi < ABI_COUNT; abi++)
			if (abis >> abi & 1 && n->number[abi] >= 0 &&
			    (f->seen->count[abi][n->number[abi]] ||
			     (f->seen->abis >> abi & 1 && learned_wants(f->options, n))))
				return true;
	}
	return false;
}

/* Whether a profile that is added to allows a call without arguments. */
static bool
is_allowed(const struct finder *f, enum abi abi, uint32_t number)
{
	const struct seccomp_data call = {
		.nr = (int)(number | arch_table[abi]->number_bit),
		.arch = arch_table[abi]->audit_token
	};

	return f->seen->base && bpf_run(f->seen->base, f->seen->base_count,
					&call, NULL) == SECCOMP_RET_ALLOW;
}

/* A syscall for the note; `after`, if not NULL, is what it is made for. */
static void
add(struct finder *f, abi_set abis, const char *name, size_t len,
    const char *after)
{
	char text[SYSCALL_NAME_SIZE];
	const struct syscall_name *known;
	bool exists = false;

	if (len >= sizeof(text) || was_seen(f, ALL, name, len))
		return;
	memcpy(text, name, len);
	text[len] = '\0';
	known = syscall_find(text);
	for (size_t i = 0; known && i < ABI_COUNT; i++)
		exists |=
			abis >> i & 1 && f->seen->abis >> i & 1 &&
			known->number[i] >= 0 &&
			!is_allowed(f, (enum abi)i, (uint32_t)known->number[i]);
	if (!exists)
		return;
	if (!f->note) {
		f->note = vec_push(f->seen->arena, f->notes);
		f->buf = (struct buf){ .arena = f->seen->arena };
	}
	for (size_t i = 0; i < f->note->names.n; i++)
		if (f->note->names.v[i] == known)
			return;
	buf_printf(&f->buf, "%s%s", f->note->names.n ? ", " : "", text);
	if (after)
		buf_printf(&f->buf, " (for %s)", after);
	*vec_push(f->seen->arena, &f->note->names) = known;
}

/* Ends a note with the reason; fmt has a place for it. */
static void
end(struct finder *f, const char *why)
{
	if (!f->note)
		return;
	buf_printf(&f->buf, ": %s", why);
	f->note->text = f->buf.data;
	f->note = NULL;
}

static bool
any_was_seen(const struct finder *f, const struct sibling *s)
{
	const char *name = s->seen;

	while (*name) {
		size_t len = strcspn(name, " ");

		if (was_seen(f, s->abis, name, len))
			return true;
		name += len + strspn(name + len, " ");
	}
	return !*s->seen;
}

static void
find_siblings(struct finder *f)
{
	for (size_t i = 0; i < LENGTH(siblings); i++) {
		const struct sibling *s = &siblings[i];
		const char *name = s->may;

		while (any_was_seen(f, s) && *name) {
			size_t len = strcspn(name, " ");

			add(f, s->abis, name, len, NULL);
			name += len + strspn(name + len, " ");
		}
		if (i + 1 == LENGTH(siblings) ||
		    strcmp(s->why, siblings[i + 1].why) != 0)
			end(f, s->why);
	}
}

static void
find_go(struct finder *f)
{
	for (size_t i = 0; i < LENGTH(go); i++)
		if (!was_seen(f, ALL, go[i], strlen(go[i])))
			return;
	for (size_t i = 0; i < LENGTH(go_makes); i++)
		add(f, ALL, go_makes[i], strlen(go_makes[i]), NULL);
	end(f, "Go's scheduler makes these in some runs, if this is a Go "
	       "program");
}

static void
find_times(struct finder *f)
{
	for (size_t i = 0; i < LENGTH(times); i++)
		for (size_t j = 0; j < 2; j++)
			if (was_seen(f, I386, times[i][j], strlen(times[i][j])))
				add(f, I386, times[i][1 - j],
				    strlen(times[i][1 - j]), times[i][j]);
	end(f, "libcs with times of 64 bits make the one, others the other");
}

static void
find_attempts(struct finder *f)
{
	const struct libc_attempt *a, *next;

	for (size_t i = 0; (a = libc_attempt_at(i)); i++) {
		next = libc_attempt_at(i + 1);
		if (was_seen(f, a->abis, a->first, strlen(a->first)))
			add(f, a->abis, a->then, strlen(a->then), a->first);
		else if (was_seen(f, a->abis, a->then, strlen(a->then)))
			add(f, a->abis, a->first, strlen(a->first), a->then);
		if (!next || strcmp(next->who, a->who) != 0)
			end(f, arena_printf(f->seen->arena,
					    "%s back from the newer one on "
					    "ENOSYS",
					    a->who));
	}
}

static void
find_choices(struct finder *f)
{
	const struct libc_choice *c, *next;

	for (size_t i = 0; (c = libc_choice_at(i)); i++) {
		next = libc_choice_at(i + 1);
		if (was_seen(f, X86_64 | I386, c->other, strlen(c->other)))
			add(f, X86_64 | I386, c->makes, strlen(c->makes),
			    c->other);
		if (!next || next->libc != c->libc)
			end(f, arena_printf(f->seen->arena, "%s makes these",
					    libc_name(c->libc)));
	}
}

void
families_find(family_notes *notes, const struct seen *seen,
	      const struct learned_options *options)
{
	struct finder f = { .seen = seen, .options = options, .notes = notes };

	find_siblings(&f);
	find_attempts(&f);
	find_choices(&f);
	find_times(&f);
	find_go(&f);
}
