#include "base.h"

#include <stdlib.h>
#include <string.h>

/*
 * What functions of a C library call that bear the name of no syscall, or of
 * one that x86_64 does not have, sorted.  Source: sections 2 and 3 of the
 * manual (man-pages 6.03), and what glibc 2.36 was seen to call on x86_64
 * under strace.  Functions that make several calls have the one that does
 * what they are for.
 */
static const struct wrapper {
	const char *function, *call;
} wrappers[] = {
	{ "_exit", "exit_group" },
	{ "clock", "clock_gettime" },
	{ "execl", "execve" },
	{ "execle", "execve" },
	{ "execlp", "execve" },
	{ "execv", "execve" },
	{ "execvp", "execve" },
	{ "execvpe", "execve" },
	{ "fexecve", "execveat" },
	{ "fstatat", "newfstatat" },
	{ "fstatvfs", "fstatfs" },
	{ "futimens", "utimensat" },
	{ "futimes", "utimensat" },
	{ "getdomainname", "uname" },
	{ "getdtablesize", "prlimit64" },
	{ "getentropy", "getrandom" },
	{ "gethostname", "uname" },
	{ "initgroups", "setgroups" },
	{ "isatty", "ioctl" },
	{ "killpg", "kill" },
	{ "lockf", "fcntl" },
	{ "mkfifo", "mknodat" },
	{ "mq_close", "close" },
	{ "mq_receive", "mq_timedreceive" },
	{ "mq_send", "mq_timedsend" },
	{ "nice", "setpriority" },
	{ "opendir", "openat" },
	{ "posix_fadvise", "fadvise64" },
	{ "posix_fallocate", "fallocate" },
	{ "posix_madvise", "madvise" },
	{ "posix_spawn", "clone" },
	{ "pread", "pread64" },
	{ "preadv64", "preadv" },
	{ "prlimit", "prlimit64" },
	{ "pselect", "pselect6" },
	{ "pthread_create", "clone" },
	{ "pthread_kill", "tgkill" },
	{ "pthread_setname_np", "prctl" },
	{ "pwrite", "pwrite64" },
	{ "pwritev64", "pwritev" },
	{ "raise", "tgkill" },
	{ "readdir", "getdents64" },
	{ "recv", "recvfrom" },
	{ "remove", "unlink" },
	{ "sbrk", "brk" },
	{ "send", "sendto" },
	{ "setegid", "setresgid" },
	{ "seteuid", "setresuid" },
	{ "setpgrp", "setpgid" },
	{ "shm_open", "openat" },
	{ "shm_unlink", "unlink" },
	{ "sigaction", "rt_sigaction" },
	{ "signal", "rt_sigaction" },
	{ "sigpending", "rt_sigpending" },
	{ "sigprocmask", "rt_sigprocmask" },
	{ "sigqueue", "rt_sigqueueinfo" },
	{ "sigreturn", "rt_sigreturn" },
	{ "sigsuspend", "rt_sigsuspend" },
	{ "sigtimedwait", "rt_sigtimedwait" },
	{ "sigwait", "rt_sigtimedwait" },
	{ "sigwaitinfo", "rt_sigtimedwait" },
	{ "sleep", "clock_nanosleep" },
	{ "sockatmark", "ioctl" },
	{ "statvfs", "statfs" },
	{ "sysctl", "_sysctl" },
	{ "tcdrain", "ioctl" },
	{ "tcgetattr", "ioctl" },
	{ "tcsetattr", "ioctl" },
	{ "ttyname", "ioctl" },
	{ "ulimit", "prlimit64" },
	{ "umount", "umount2" },
	{ "usleep", "clock_nanosleep" },
	{ "wait", "wait4" },
	{ "wait3", "wait4" },
	{ "waitpid", "wait4" },
};

static int
compare(const void *key, const void *element)
{
	return strcmp(key, ((const struct wrapper *)element)->function);
}

const char *
syscall_wrapped(const char *function)
{
	const struct wrapper *found =
		bsearch(function, wrappers, LENGTH(wrappers), sizeof(*wrappers),
			compare);

	return found ? found->call : NULL;
}
