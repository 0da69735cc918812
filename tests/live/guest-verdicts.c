/*
 * Makes calls under a program and compares what the running kernel says:
 *
 *	guest-verdicts PROGRAM CALLS
 *
 * CALLS is of guest-calls.  From a 64-bit process or one of x32 they all are
 * made, those of i386 by int 0x80; from a process of i386 those of i386 that
 * have no high words, by int 0x80 and once more as libcs do.
 *
 * No call is really made: a filter below PROGRAM says ERRNO to all of them,
 * which the kernel prefers to ALLOW, and of two errnos it takes the newer
 * filter's.  One thread has the filters and makes calls; another one of its
 * process sees it end, and a parent sees the process end, so that all ways of
 * killing can be told apart.
 *
 * Prints how many calls of which ABI were made, and TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAW_VDSO
#include "guest.h"
#include "raw-call.h"

enum {
	MAX_SHOWN = 10,
	NO_VERDICT = 0x00060000, /* no filter gets this from the kernel */
	KINDS = 5,
};

/* What is left when the process is killed. */
struct shared {
	volatile bool done, trapped;
	volatile int failed;	/* an errno: no filter was installed */
	volatile size_t at;	/* the call that is made */
	volatile uint32_t trap; /* of the call at */
	uint32_t verdicts[];
};

static struct shared *shared;
static const struct guest_call *calls;
static size_t count;
static struct sock_fprog program;
static long (*enter_i386)(long, const raw_arg[6]) = raw_int80;
static void *resume[5];
static bool has_uretprobe;

extern const char install_end[];

#ifdef __x86_64__
#define NAME (sizeof(void *) == 4 ? "x32" : "x86_64")
#else
#define NAME "i386"
#endif

/* The only call that is let through, by where it is made. */
__attribute__((noinline)) static long
install(const struct sock_fprog *filter)
{
	long result;

#ifdef __x86_64__
	__asm__ volatile("syscall\n"
			 "install_end:"
			 : "=a"(result)
			 : "a"((long)SYS_prctl), "D"((uint64_t)PR_SET_SECCOMP),
			   "S"((uint64_t)SECCOMP_MODE_FILTER),
			   "d"((uint64_t)(uintptr_t)filter)
			 : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80\n"
			 "install_end:"
			 : "=a"(result)
			 : "a"(SYS_prctl), "b"(PR_SET_SECCOMP),
			   "c"(SECCOMP_MODE_FILTER), "d"(filter)
			 : "memory");
#endif
	return result;
}

static long
install_mark(void)
{
	enum { IP = offsetof(struct seccomp_data, instruction_pointer) };
	uint64_t at = (uintptr_t)install_end;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)at, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, IP + 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, at >> 32, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | GUEST_MARK),
	};
	struct sock_fprog mark = { sizeof(code) / sizeof(*code), code };

	return install(&mark);
}

static bool
can_make(const struct guest_call *call)
{
#ifdef __x86_64__
	/* Kernels keep uretprobe and uprobe from all filters. */
	return !has_uretprobe || call->arch != AUDIT_ARCH_X86_64 ||
	       (call->number != 335 && call->number != 336);
#else
	for (int i = 0; i < 6; i++)
		if (call->args[i] > UINT32_MAX)
			return false;
	return call->arch == AUDIT_ARCH_I386;
#endif
}

static long
make(const struct guest_call *call)
{
	raw_arg args[6];

	for (int i = 0; i < 6; i++)
		args[i] = (raw_arg)call->args[i];
	return call->arch == AUDIT_ARCH_I386
		       ? enter_i386((int)call->number, args)
		       : raw_syscall((int)call->number, args);
}

/* Does not return, as the filter may refuse rt_sigreturn. */
static void
on_trap(int sig, siginfo_t *info, void *context)
{
	const struct guest_call *call = &calls[shared->at];

	(void)sig;
	(void)context;
	shared->trap = info->si_code == 1 && /* SYS_SECCOMP */
				       info->si_syscall == (int)call->number &&
				       info->si_arch == call->arch
			       ? SECCOMP_RET_TRAP | (uint16_t)info->si_errno
			       : NO_VERDICT;
	shared->trapped = true;
	__builtin_longjmp(resume, 1);
}

static uint32_t
verdict_of(long result)
{
	if (result == -GUEST_MARK)
		return GUEST_ABOVE;
	if (result > 0 || result < -4095)
		return NO_VERDICT;
	return SECCOMP_RET_ERRNO | (uint32_t)-result;
}

/* The thread that has the filters: nothing is called in it but make(). */
static void *
run_thread(void *unused)
{
	(void)unused;
	shared->failed = (int)-install_mark();
	if (!shared->failed)
		shared->failed = (int)-install(&program);
	for (; !shared->failed && shared->at < count; shared->at++) {
		long result = 0;

		if (!can_make(&calls[shared->at]))
			continue;
		shared->trapped = false;
		if (!__builtin_setjmp(resume))
			result = make(&calls[shared->at]);
		shared->verdicts[shared->at] =
			shared->trapped ? shared->trap : verdict_of(result);
	}
	shared->done = true;
	while (shared->done)
		__asm__ volatile("pause");
	return NULL;
}

/* In a process of its own: makes calls from shared->at on. */
static void
run_process(void)
{
	struct sigaction action = { .sa_sigaction = on_trap,
				    .sa_flags = SA_SIGINFO | SA_NODEFER };

	sigaction(SIGSYS, &action, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (; shared->at < count; shared->at++) {
		pthread_t thread;
		bool ended = false;

		if (pthread_create(&thread, NULL, run_thread, NULL))
			_exit(1);
		while (!shared->done && !ended) {
			usleep(200);
			ended = !pthread_tryjoin_np(thread, NULL);
		}
		if (!ended)
			_exit(shared->failed != 0);
		shared->verdicts[shared->at] = SECCOMP_RET_KILL_THREAD;
	}
	_exit(0);
}

static bool
run(void)
{
	memset(shared->verdicts, 0xff, count * sizeof(*shared->verdicts));
	shared->at = 0;
	shared->done = false;
	while (shared->at < count && !shared->done) {
		int status = 0;
		pid_t pid = fork();

		if (pid == 0)
			run_process();
		if (waitpid(pid, &status, 0) != pid || status == 1 << 8)
			return false;
		if (!WIFSIGNALED(status))
			continue;
		if (WTERMSIG(status) != SIGSYS)
			return false;
		shared->verdicts[shared->at++] = SECCOMP_RET_KILL_PROCESS;
	}
	return true;
}

static size_t
kind_of(uint32_t verdict)
{
	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return 0;
	case SECCOMP_RET_ERRNO:
		return 1;
	case SECCOMP_RET_TRAP:
		return 2;
	case SECCOMP_RET_KILL_THREAD:
		return 3;
	default:
		return 4;
	}
}

static void
show(const struct guest_call *call, uint32_t got)
{
	printf("# %s %#x(", call->arch == AUDIT_ARCH_I386 ? "i386" : "syscall",
	       call->number);
	for (int i = 0; i < 6; i++)
		printf("%s%#llx", i ? ", " : "",
		       (unsigned long long)call->args[i]);
	printf("): %#x, not %#x\n", got, call->verdict);
}

/* Counts by ABI, of the call, and verdict; returns how many are wrong. */
static size_t
compare(size_t made[3][KINDS])
{
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		const struct guest_call *call = &calls[i];
		uint32_t got = shared->verdicts[i];
		size_t abi = call->arch == AUDIT_ARCH_I386 ? 1
			     : call->number & 0x40000000   ? 2
							   : 0;

		if (!can_make(call))
			continue;
		made[abi][kind_of(got)]++;
		if (got != call->verdict && ++wrong <= MAX_SHOWN)
			show(call, got);
	}
	return wrong;
}

static bool
check(const char *title, const char *how)
{
	static const char *const abis[] = { "x86_64", "i386", "x32" };
	size_t made[3][KINDS] = { 0 }, wrong = 1, all = 0;

	if (run())
		wrong = compare(made);
	else
		printf("# no filter was installed: errno %d\n", shared->failed);
	for (size_t i = 0; i < 3; i++) {
		const size_t *m = made[i];
		size_t sum = m[0] + m[1] + m[2] + m[3] + m[4];

		all += sum;
		if (sum)
			printf("# verdicts: %s %s: %zu, that is %zu above "
			       "ERRNO, %zu ERRNO, %zu TRAP, %zu KILL_THREAD, "
			       "%zu KILL_PROCESS\n",
			       NAME, abis[i], sum, m[0], m[1], m[2], m[3],
			       m[4]);
	}
	printf("%sok - %s: %s process%s: %zu calls, %zu wrong\n",
	       wrong || !all ? "not " : "", title, NAME, how, all, wrong);
	fflush(stdout);
	return !wrong && all;
}

/* 6.14 did so first, and then what was released before it, from 6.11 on. */
static bool
find_uretprobe(void)
{
	struct utsname names;
	unsigned version = 0, minor = 0;

	return uname(&names) ||
	       sscanf(names.release, "%u.%u", &version, &minor) != 2 ||
	       version > 6 || (version == 6 && minor >= 11);
}

static const void *
map(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(2);
	}
	*size = (size_t)st.st_size;
	data = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED) {
		perror(path);
		exit(2);
	}
	close(fd);
	return data;
}

int
main(int argc, char **argv)
{
	size_t size;
	bool ok;

	if (argc != 3) {
		fprintf(stderr, "usage: guest-verdicts PROGRAM CALLS\n");
		return 2;
	}
	program.filter = (struct sock_filter *)map(argv[1], &size);
	program.len = (unsigned short)(size / sizeof(*program.filter));
	calls = map(argv[2], &size);
	count = size / sizeof(*calls);
	shared =
		mmap(NULL, sizeof(*shared) + count * sizeof(uint32_t),
		     PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	has_uretprobe = find_uretprobe();
	ok = check(argv[1], "");
#ifndef __x86_64__
	raw_vdso_entry = getauxval(AT_SYSINFO);
	if (raw_vdso_entry) {
		enter_i386 = raw_vdso;
		ok &= check(argv[1], ", through the vdso");
	}
#endif
	return !ok;
}
