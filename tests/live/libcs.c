/*
 * Calls one function of the C library after the other, each behind a write
 * of its name to descriptor -1, so that libcs.py can tell in a trace which
 * syscalls it makes.  Results do not matter.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void
say(const char *name)
{
	if (write(-1, name, strlen(name)) == 0)
		_exit(1);
}

#define CALL(name, ...)                                                        \
	do {                                                                   \
		say(name);                                                     \
		(void)!(__VA_ARGS__);                                          \
	} while (0)

static void
files(int fd)
{
	struct stat st;
	char b[8];

	CALL("stat", stat("f", &st));
	CALL("lstat", lstat("f", &st));
	CALL("fstat", fstat(fd, &st));
	CALL("access", access("f", R_OK));
	CALL("faccessat2", faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS));
	CALL("mkdir", mkdir("d", 0700));
	CALL("rename", rename("d", "e"));
	CALL("symlink", symlink("f", "s"));
	CALL("readlink", readlink("s", b, sizeof(b)));
	CALL("unlink", unlink("s"));
	CALL("rmdir", rmdir("e"));
	CALL("mknod", mknod("n", S_IFIFO | 0600, 0));
	CALL("utimes", utimes("f", NULL));
}

static void
descriptors(int fd)
{
	struct epoll_event event;
	struct pollfd pollfd = { .fd = fd };
	struct timeval none = { 0, 0 };
	sigset_t set;
	int p[2], e;
	DIR *dir;

	CALL("dup2", dup2(fd, 9));
	CALL("pipe", pipe(p));
	CALL("select", select(0, NULL, NULL, NULL, &none));
	CALL("poll", poll(&pollfd, 1, 0));
	CALL("epoll_create", e = epoll_create(1));
	CALL("epoll_wait", epoll_wait(e, &event, 1, 0));
	CALL("eventfd", eventfd(0, 0));
	sigemptyset(&set);
	CALL("signalfd", signalfd(-1, &set, 0));
	CALL("inotify_init", inotify_init());
	dir = opendir(".");
	if (dir)
		CALL("getdents", readdir(dir) == NULL);
}

static void
times(void)
{
	struct sigevent event = { .sigev_notify = SIGEV_NONE };
	struct timespec ts = { 0, 1 };
	struct mmsghdr message = { 0 };
	struct itimerspec its = { 0 };
	struct timex timex = { 0 };
	struct rlimit limit;
	timer_t timer;
	int fd;

	CALL("getrlimit", getrlimit(RLIMIT_CORE, &limit));
	CALL("nanosleep", nanosleep(&ts, NULL));
	fd = timerfd_create(CLOCK_MONOTONIC, 0);
	CALL("timerfd_gettime", timerfd_gettime(fd, &its));
	CALL("sched_rr_get_interval", sched_rr_get_interval(0, &ts));
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == 0) {
		CALL("timer_settime", timer_settime(timer, 0, &its, NULL));
		CALL("timer_gettime", timer_gettime(timer, &its));
	}
	CALL("recvmmsg", recvmmsg(-1, &message, 1, 0, NULL));
	/* The vDSO has no answer for this clock. */
	CALL("clock_getres", clock_getres(CLOCK_PROCESS_CPUTIME_ID, &ts));
	CALL("clock_adjtime", clock_adjtime(CLOCK_REALTIME, &timex));
}

#ifdef __GLIBC__
static void
only_glibc(int fd)
{
	char b[8];
	struct iovec iov = { b, 1 };
	struct statx sx;

	CALL("statx", statx(AT_FDCWD, "f", 0, STATX_SIZE, &sx));
	CALL("preadv2", preadv2(fd, &iov, 1, 0, 0));
	CALL("pwritev2", pwritev2(fd, &iov, 1, 0, 0));
}
#endif

static void *
thread(void *argument)
{
	return argument;
}

static void
processes(void)
{
	pthread_t t;
	pid_t pid;

	CALL("fork", pid = fork());
	if (pid == 0)
		_exit(0);
	waitpid(-1, NULL, 0);
	CALL("vfork", pid = vfork());
	if (pid == 0)
		_exit(0);
	waitpid(-1, NULL, 0);
	say("clone3");
	if (!pthread_create(&t, NULL, thread, NULL))
		pthread_join(t, NULL);
}

int
main(void)
{
	int fd;

	CALL("open", fd = open("f", O_RDWR | O_CREAT, 0600));
	files(fd);
	descriptors(fd);
	times();
#ifdef __GLIBC__
	only_glibc(fd);
#endif
	processes();
	say("end");
	return 0;
}
