/*
 * Filters in the running kernel.  Each is installed in a process of its own,
 * which times its installation and then calls; the processes of all filters
 * and of none take turns, so that noise meets all of them, and the minimum
 * counts.
 */
#include "bench.h"

#include <errno.h>
#include <linux/audit.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Calls per time, and times per process. */
enum { CALLS = 200, TIMES = 20 };

#define PERSONALITY_QUERY UINT64_C(0xffffffff)

/* Harmless with arguments zero where no filter is. */
static const struct {
	const char *name;
	long number;
} deniable[] = {
	{ "clone3", SYS_clone3 },
	{ "perf_event_open", SYS_perf_event_open },
	{ "add_key", SYS_add_key },
	{ "bpf", SYS_bpf },
};

/* What a process under a filter found out. */
struct shared {
	bool done;
	int error; /* errno of the installation */
	double install, getppid, personality, denied;
};

struct live {
	struct shared *shared;
	long denied; /* number, or -1 */
	bool getppid, personality;
};

#if defined(__x86_64__)
/* Without the C library: it sets errno, and a filter may refuse more. */
static long
call(long number, unsigned long arg)
{
	register long r10 __asm__("r10") = 0;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(arg), "S"(0), "d"(0), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}
#else
static long
call(long number, unsigned long arg)
{
	return syscall(number, arg, 0, 0, 0);
}
#endif

/* Nanoseconds of one call; clock_gettime makes none itself (vDSO). */
static double
time_call(long number, unsigned long arg)
{
	double least = (double)INFINITY;

	for (int i = 0; i < TIMES; i++) {
		uint64_t before = clock_now();
		double ns;

		for (int j = 0; j < CALLS; j++)
			call(number, arg);
		ns = (double)(clock_now() - before) / CALLS;
		if (ns < least)
			least = ns;
	}
	return least;
}

static void
run_child(const struct live *live, const struct code *code)
{
	struct shared *shared = live->shared;
	struct sock_fprog program = { 0 };
	struct rlimit none = { 0 };
	uint64_t before;

	setrlimit(RLIMIT_CORE, &none);
	if (code) {
		program.len = (unsigned short)code->n;
		program.filter = code->v;
		clock_now();
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			shared->error = errno;
		before = clock_now();
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
			shared->error = errno;
		shared->install = (double)(clock_now() - before);
		if (shared->error)
			return;
	}
	if (live->getppid)
		shared->getppid = time_call(SYS_getppid, 0);
	if (live->personality)
		shared->personality =
			time_call(SYS_personality, PERSONALITY_QUERY);
	if (live->denied >= 0)
		shared->denied = time_call(live->denied, 0);
	shared->done = true;
}

/* False if the process did not come to its end. */
static bool
run_process(const struct live *live, const struct code *code)
{
	int status;
	pid_t pid;

	*live->shared = (struct shared){ 0 };
	pid = fork();
	if (!pid) {
		run_child(live, code);
		/* If the filter refuses that, it is no less over. */
		for (;;) {
			call(SYS_exit_group, 0);
			__builtin_trap();
		}
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return false;
	return live->shared->done;
}

static void
keep_least(double *v, double ns)
{
	if (ns > 0 && !(*v <= ns))
		*v = ns;
}

static void
keep(double v[COLUMN_COUNT], const struct shared *shared)
{
	keep_least(&v[TIME_INSTALL], shared->install);
	keep_least(&v[TIME_GETPPID], shared->getppid);
	keep_least(&v[TIME_PERSONALITY], shared->personality);
	keep_least(&v[TIME_DENIED], shared->denied);
}

static uint32_t
verdict(const struct code *code, long number, uint64_t arg)
{
	struct seccomp_data data = { .nr = (int)number,
				     .arch = AUDIT_ARCH_X86_64,
				     .args = { arg } };

	return bpf_run(code->v, code->n, &data, NULL) & SECCOMP_RET_ACTION_FULL;
}

/* Whether every program decides so. */
static bool
all_say(const struct subject *subject, long number, uint64_t arg, bool allowed,
	bool refused)
{
	for (size_t i = 0; i < subject->n; i++) {
		const struct code *code = &subject->rows[i].blob.code;
		uint32_t action;

		if (!code->v)
			continue;
		action = verdict(code, number, arg);
		if (!(allowed && action == SECCOMP_RET_ALLOW) &&
		    !(refused && action == SECCOMP_RET_ERRNO))
			return false;
	}
	return true;
}

static void
choose_calls(struct live *live, struct subject *subject)
{
	live->getppid = all_say(subject, SYS_getppid, 0, true, true);
	live->personality = all_say(subject, SYS_personality, PERSONALITY_QUERY,
				    true, true);
	live->denied = -1;
	for (size_t i = 0; i < LENGTH(deniable) && live->denied < 0; i++)
		if (all_say(subject, deniable[i].number, 0, false, true)) {
			live->denied = deniable[i].number;
			subject->denied = deniable[i].name;
		}
}

static void
explain(struct subject *subject, const struct live *live)
{
	static char text[160];

	snprintf(text, sizeof(text), "no filter can be installed here: %s",
		 live->shared->error ? strerror(live->shared->error)
				     : "the process ended early");
	subject->no_live = text;
}

void
live_measure(struct subject *subject, size_t passes)
{
	struct live live = { 0 };

	for (size_t i = 0; i < COLUMN_COUNT; i++)
		subject->without[i] = (double)NAN;
	live.shared = mmap(NULL, sizeof(*live.shared), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (live.shared == MAP_FAILED) {
		subject->no_live = "out of memory";
		return;
	}
	choose_calls(&live, subject);
	for (size_t pass = 0; pass < passes && !subject->no_live; pass++) {
		if (run_process(&live, NULL))
			keep(subject->without, live.shared);
		for (size_t i = 0; i < subject->n; i++) {
			struct row *row = &subject->rows[i];

			if (!row->blob.code.v)
				continue;
			if (run_process(&live, &row->blob.code))
				keep(row->figures.v, live.shared);
			else
				explain(subject, &live);
		}
	}
	munmap(live.shared, sizeof(*live.shared));
}
