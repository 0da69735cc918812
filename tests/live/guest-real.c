/*
 * A program that makes calls in earnest, with libc, and what they have to
 * give: nearly all that have an x32 number of their own (512 to 547), and what
 * every program needs.
 *
 *	guest-real free|filtered
 *
 * filtered is under the default profile of a container runtime, without
 * capabilities.  Prints TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef __x86_64__
#define ABI "i386"
#elif defined(__ILP32__)
#define ABI "x32"
#else
#define ABI "x86_64"
#endif

static bool failed;
static volatile sig_atomic_t caught;

static void
is(bool ok, const char *title)
{
	int error = errno;

	printf("%sok - " ABI ": %s", ok ? "" : "not ", title);
	if (!ok)
		printf(" (errno %d)", error);
	putchar('\n');
	failed |= !ok;
}

static void
on_signal(int sig, siginfo_t *info, void *context)
{
	(void)context;
	caught = sig == SIGUSR1 && info->si_pid == getpid() ? 1 : 2;
}

/* rt_sigaction, rt_sigprocmask, rt_sigpending, rt_sigreturn, rt_sigtimedwait */
static void
try_signals(void)
{
	struct sigaction action = { .sa_sigaction = on_signal,
				    .sa_flags = SA_SIGINFO };
	struct timespec soon = { .tv_nsec = 1000 };
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	is(!sigaction(SIGUSR1, &action, NULL) && !raise(SIGUSR1) && caught == 1,
	   "a signal is caught, and its handler returns");
	is(!sigprocmask(SIG_BLOCK, &set, NULL) && !raise(SIGUSR1) &&
		   !sigpending(&pending) && sigismember(&pending, SIGUSR1) &&
		   sigtimedwait(&set, NULL, &soon) == SIGUSR1,
	   "a blocked signal waits");
}

/* readv, writev, preadv, pwritev, ioctl */
static void
try_files(void)
{
	char text[] = "twelve bytes", first[3] = "", second[4] = "";
	struct iovec out = { text, 12 };
	struct iovec in[] = { { first, 2 }, { second, 3 } };
	int fds[2], waiting = 0, file = open("/file", O_RDWR | O_CREAT, 0600);

	is(file >= 0 && pwritev(file, &out, 1, 0) == 12 &&
		   preadv(file, in, 2, 4) == 5 && !strcmp(first, "ve") &&
		   !strcmp(second, " by") && !close(file) && !unlink("/file"),
	   "a file is written and read at offsets");
	is(!pipe(fds) && writev(fds[1], &out, 1) == 12 &&
		   !ioctl(fds[0], FIONREAD, &waiting) && waiting == 12 &&
		   readv(fds[0], in, 2) == 5 && !strcmp(first, "tw"),
	   "a pipe, by vectors and ioctl");
}

/* socketpair, sendmsg, recvmsg, setsockopt, getsockopt */
static void
try_sockets(void)
{
	char sent[] = "socket", text[8] = "";
	struct iovec out = { sent, 7 }, in = { text, sizeof(text) };
	struct msghdr send = { .msg_iov = &out, .msg_iovlen = 1 };
	struct msghdr receive = { .msg_iov = &in, .msg_iovlen = 1 };
	int fds[2], on = 1, type = 0;
	socklen_t len = sizeof(type);

	is(!socketpair(AF_UNIX, SOCK_STREAM, 0, fds) &&
		   sendmsg(fds[0], &send, 0) == 7 &&
		   recvmsg(fds[1], &receive, 0) == 7 && !strcmp(text, "socket"),
	   "a message goes through a pair of sockets");
	is(!setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) &&
		   !getsockopt(fds[0], SOL_SOCKET, SO_TYPE, &type, &len) &&
		   type == SOCK_STREAM,
	   "options of sockets");
}

static void *
add_one(void *data)
{
	++*(int *)data;
	return data;
}

/* fork, execve, waitid, clone, set_robust_list, mmap, timer_create */
static void
try_processes(const char *self)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	int number = 41;
	pthread_t thread;
	siginfo_t info = { 0 };
	timer_t timer;
	pid_t pid;
	char *page;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execl(self, self, "exit", (char *)NULL);
		_exit(1);
	}
	is(pid > 0 && !waitid(P_PID, (id_t)pid, &info, WEXITED) &&
		   info.si_code == CLD_EXITED && info.si_status == 42,
	   "a child executes another program");
	is(!pthread_create(&thread, NULL, add_one, &number) &&
		   !pthread_join(thread, NULL) && number == 42,
	   "a thread");
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	is(page != MAP_FAILED && !page[8191] && !munmap(page, 8192), "memory");
	is(!timer_create(CLOCK_MONOTONIC, &event, &timer) &&
		   !timer_delete(timer),
	   "a timer");
}

/* What a filter is for, and that without one the kernel has the call. */
static void
try_refused(bool filtered)
{
	int result = swapon(NULL, 0);

	is(result == -1 && errno == (filtered ? EPERM : EFAULT),
	   filtered ? "swapon is refused" : "swapon has no file");
#if defined(__x86_64__) && defined(__ILP32__)
	/* Old kernels took 512 to 547 without bit 30 as well (before 5.4). */
	result = (int)syscall(SYS_execve & ~0x40000000L, NULL, NULL, NULL);
	is(result == -1 && errno == ENOSYS, "520 without bit 30 is no call");
#endif
}

int
main(int argc, char **argv)
{
	struct utsname names;

	if (argc != 2)
		return 2;
	if (!strcmp(argv[1], "exit"))
		return 42;
	is(!uname(&names) && !strcmp(names.sysname, "Linux"), "uname");
	is(getpid() > 1 && getpid() == (pid_t)syscall(SYS_gettid),
	   "getpid and gettid");
	try_signals();
	try_files();
	try_sockets();
	try_processes(argv[0]);
	try_refused(!strcmp(argv[1], "filtered"));
	return failed;
}
