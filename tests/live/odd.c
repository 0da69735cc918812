/*
 * Does one of the odd things that an observer has to get right.
 *
 *	odd THING [ARGUMENT]...
 *
 * Exits with 0 if all went as it does without an observer, with 1 after saying
 * what did not, and with 77 where the kernel cannot do it.  Linked statically,
 * so that all its calls are here.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
check(int ok, const char *what)
{
	if (ok)
		return;
	printf("# not as expected: %s (errno %d)\n", what, errno);
	fflush(stdout);
	_exit(1);
}

static int
status_of(pid_t pid)
{
	int status = -1;

	while (waitpid(pid, &status, __WALL) < 0 && errno == EINTR)
		;
	return status;
}

static int
make_calls(char **args)
{
	for (; *args; args++)
		syscall(strtol(*args, NULL, 0), 0L, 0L, 0L, 0L, 0L, 0L);
	return 0;
}

/* By number, the way of i386 also in a 64-bit process. */
static int
make_int80(char **args)
{
	for (; *args; args++) {
		long result;

		__asm__ volatile("int $0x80"
				 : "=a"(result)
				 : "a"(strtol(*args, NULL, 0))
				 : "memory", "cc"
#ifdef __x86_64__
				   ,
				   "r8", "r9", "r10", "r11"
#endif
		);
		(void)result;
	}
	return 0;
}

#ifdef __x86_64__
/* clone(2); *first is what is in its register afterwards. */
static long
raw_clone(unsigned long *first)
{
	long result;

	__asm__ volatile("xor %%r10d, %%r10d\n\txor %%r8d, %%r8d\n\tsyscall"
			 : "=a"(result), "+D"(*first)
			 : "a"(SYS_clone), "S"(0L), "d"(0L)
			 : "rcx", "r8", "r10", "r11", "memory", "cc");
	return result;
}
#else
static long
raw_clone(unsigned long *first)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result), "+b"(*first)
			 : "a"(SYS_clone), "c"(0L), "d"(0L), "S"(0L), "D"(0L)
			 : "memory", "cc");
	return result;
}
#endif

/* The child is seen if what only it calls (times) is. */
static int
hidden_clone(void)
{
	unsigned long flags = CLONE_UNTRACED | SIGCHLD;
	long pid = raw_clone(&flags);

	if (pid == 0) {
		errno = 0;
		_exit(syscall(SYS_getppid) > 0 && syscall(SYS_times, 0L) != -1
			      ? 9
			      : 1);
	}
	check(pid > 0, "clone");
	check(flags == (CLONE_UNTRACED | SIGCHLD), "its register stays");
	check(status_of((pid_t)pid) == 9 << 8, "a child with CLONE_UNTRACED");
	/* One that fails: threads without memory in common. */
	flags = CLONE_UNTRACED | CLONE_THREAD;
	check(raw_clone(&flags) == -EINVAL, "clone fails");
	check(flags == (CLONE_UNTRACED | CLONE_THREAD), "its register stays");
	return 0;
}

static int
hidden_clone3(void)
{
	struct clone_args args = {
		.flags = CLONE_UNTRACED,
		.exit_signal = SIGCHLD,
	};
	long pid = syscall(SYS_clone3, &args, sizeof(args));

	if (pid < 0 && errno == ENOSYS)
		return 77;
	if (pid == 0)
		_exit(syscall(SYS_getppid) > 0 && syscall(SYS_times, 0L) != -1
			      ? 9
			      : 1);
	check(pid > 0, "clone3");
	check(args.flags == CLONE_UNTRACED, "its flags stay");
	check(status_of((pid_t)pid) == 9 << 8, "a child with CLONE_UNTRACED");
	return 0;
}

/* What follows vfork() is to have no variables to spoil. */
static __attribute__((noinline)) pid_t
make_child(int number)
{
	pid_t pid = number % 2 ? vfork() : fork();

	if (pid == 0)
		_exit(number & 127);
	return pid;
}

static int
make_children(int count, int at_once)
{
	int alive = 0, good = 0, status;

	for (int i = 0; i < count; i++) {
		check(make_child(i) > 0, "fork");
		alive++;
		while (alive >= at_once || (alive && i == count - 1)) {
			check(wait(&status) > 0, "wait");
			good += WIFEXITED(status);
			alive--;
		}
	}
	check(good == count, "all children exit");
	return 0;
}

static void *
be_thread(void *number)
{
	syscall(SYS_getppid);
	return number;
}

static int
make_threads(int count)
{
	for (int i = 0; i < count; i++) {
		pthread_t thread;
		void *result = NULL;

		check(!pthread_create(&thread, NULL, be_thread, &i),
		      "pthread_create");
		pthread_join(thread, &result);
		check(result == &i, "a thread's result");
	}
	return 0;
}

static char *self;

static void *
exec_again(void *unused)
{
	execl(self, self, "exit", "5", (char *)NULL);
	return unused;
}

static void *
wait_forever(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* The thread gets the id of the first one. */
static int
exec_thread(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, wait_forever, NULL), "a thread");
	check(!pthread_create(&thread, NULL, exec_again, NULL), "a thread");
	wait_forever(NULL);
	return 1;
}

static void *
outlive(void *unused)
{
	usleep(20000);
	exit(3);
	return unused;
}

static int
end_leader(void)
{
	pthread_t thread;

	check(!pthread_create(&thread, NULL, outlive, NULL), "a thread");
	pthread_exit(NULL);
}

/* A filter of its own for getppid. */
static int
filter_own(uint32_t action, int error)
{
	struct sock_filter code[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 0, 0,
		  offsetof(struct seccomp_data, nr) },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_getppid },
		{ BPF_RET | BPF_K, 0, 0, action },
		{ BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW },
	};
	struct sock_fprog program = { 4, code };

	check(!prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
	check(!prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "filter");
	errno = 0;
	syscall(SYS_getppid);
	check(errno == error, "what the filter refuses fails");
	syscall(SYS_times, 0L);
	return 0;
}

static siginfo_t got;
static volatile sig_atomic_t times_got;

static void
take(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	got = *info;
	times_got++;
}

static void
handle(int number, int flags)
{
	struct sigaction action = { .sa_sigaction = take,
				    .sa_flags = SA_SIGINFO | flags };

	sigaction(number, &action, NULL);
}

static int
get_info(void)
{
	union sigval value = { .sival_int = 0x1234 };

	handle(SIGUSR1, 0);
	handle(SIGRTMIN + 3, 0);
	check(!sigqueue(getpid(), SIGRTMIN + 3, value), "sigqueue");
	check(times_got == 1 && got.si_code == SI_QUEUE &&
		      got.si_pid == getpid() &&
		      got.si_value.sival_int == 0x1234,
	      "what is known of a queued signal");
	kill(getpid(), SIGUSR1);
	check(times_got == 2 && got.si_code == SI_USER &&
		      got.si_uid == getuid(),
	      "what is known of a signal");
	return 0;
}

static void
ring_in(long ms)
{
	struct timespec time = { 0, ms * 1000000 };
	pid_t parent = getpid();

	if (fork() == 0) {
		nanosleep(&time, NULL);
		kill(parent, SIGUSR1);
		nanosleep(&time, NULL);
		_exit(0);
	}
}

/* read(2) is restarted or fails, as the handler was set; a sleep is not. */
static int
interrupt(void)
{
	struct timespec second = { 1, 0 };
	int ends[2];
	char c;

	check(!pipe(ends), "pipe");
	handle(SIGUSR1, 0);
	ring_in(20);
	check(read(ends[0], &c, 1) == -1 && errno == EINTR, "EINTR");
	handle(SIGUSR1, SA_RESTART);
	if (fork() == 0) {
		kill(getppid(), SIGUSR1);
		usleep(20000);
		check(write(ends[1], "x", 1) == 1, "write");
		_exit(0);
	}
	check(read(ends[0], &c, 1) == 1 && c == 'x', "a restart");
	ring_in(20);
	check(nanosleep(&second, &second) == -1 && errno == EINTR, "a sleep");
	check(second.tv_sec == 0 && second.tv_nsec > 0, "what is left of it");
	return 0;
}

/* SIGSTOP and SIGCONT, as the parent and the child see them.  The child goes on
 * to the next stop when the parent has seen the end of this one. */
static int
stop(void)
{
	int status, ends[2];
	char c = 0;
	pid_t pid;

	check(!pipe(ends), "pipe");
	pid = fork();
	if (pid == 0) {
		handle(SIGCONT, SA_RESTART);
		for (int i = 0; i < 2; i++) {
			raise(SIGSTOP);
			check(read(ends[0], &c, 1) == 1, "read");
		}
		_exit(times_got == 2 ? 4 : 5);
	}
	for (int i = 0; i < 2; i++) {
		check(waitpid(pid, &status, WUNTRACED) == pid &&
			      WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP,
		      "a stop");
		usleep(20000);
		check(waitpid(pid, &status, WNOHANG) == 0, "it stays stopped");
		kill(pid, SIGCONT);
		check(waitpid(pid, &status, WCONTINUED) == pid &&
			      WIFCONTINUED(status),
		      "it is continued");
		check(write(ends[1], &c, 1) == 1, "write");
	}
	status = status_of(pid);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 4, "it ends");
	return 0;
}

/* Busy with calls while it is killed and stopped. */
static int
kill_busy(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0)
			for (;;)
				syscall(SYS_getppid);
		usleep((useconds_t)(i * 37 % 1000));
		kill(pid, SIGSTOP);
		kill(pid, i % 2 ? SIGCONT : SIGSTOP);
		kill(pid, i % 3 ? SIGKILL : SIGTERM);
		kill(pid, SIGCONT);
		check(status_of(pid) == (i % 3 ? SIGKILL : SIGTERM), "killed");
	}
	return 0;
}

/* Processes and threads that come and go, until their parents do. */
static int
grow_tree(int depth, pid_t parent)
{
	pid_t own = getpid();
	char name[16];

	snprintf(name, sizeof(name), "%d", (int)own);
	for (int i = 0; getppid() == parent; i++) {
		if (depth > 0 && fork() == 0)
			return i % 2 ? grow_tree(depth - 1, own)
				     : execl(self, self, "tree", "0", name,
					     (char *)NULL);
		make_threads(2);
		if (depth == 0 && i == 3)
			return 0;
		while (waitpid(-1, NULL, i % 4 ? WNOHANG : 0) > 0)
			;
	}
	return 0;
}

static int
is_traced(void)
{
	errno = 0;
	check(ptrace(PTRACE_TRACEME, 0, 0, 0) == -1 && errno == EPERM,
	      "ptrace fails");
	return 0;
}

int
main(int argc, char **argv)
{
	const char *thing = argc > 1 ? argv[1] : "";
	int number = argc > 2 ? atoi(argv[2]) : 0;

	self = argv[0];
	if (!strcmp(thing, "exit"))
		return number;
	if (!strcmp(thing, "calls"))
		return make_calls(argv + 2);
	if (!strcmp(thing, "int80"))
		return make_int80(argv + 2);
	if (!strcmp(thing, "untraced"))
		return hidden_clone();
	if (!strcmp(thing, "untraced3"))
		return hidden_clone3();
	if (!strcmp(thing, "children"))
		return make_children(number, argc > 3 ? atoi(argv[3]) : 1);
	if (!strcmp(thing, "threads"))
		return make_threads(number);
	if (!strcmp(thing, "exec-thread"))
		return exec_thread();
	if (!strcmp(thing, "end-leader"))
		return end_leader();
	if (!strcmp(thing, "filter-errno"))
		return filter_own(SECCOMP_RET_ERRNO | EXDEV, EXDEV);
	if (!strcmp(thing, "filter-trace"))
		return filter_own(SECCOMP_RET_TRACE | 1, ENOSYS);
	if (!strcmp(thing, "info"))
		return get_info();
	if (!strcmp(thing, "interrupt"))
		return interrupt();
	if (!strcmp(thing, "stop"))
		return stop();
	if (!strcmp(thing, "kill-busy"))
		return kill_busy(number);
	if (!strcmp(thing, "tree"))
		return grow_tree(number, argc > 3 ? atoi(argv[3]) : getppid());
	if (!strcmp(thing, "traced"))
		return is_traced();
	fprintf(stderr, "odd: no such thing: %s\n", thing);
	return 2;
}
