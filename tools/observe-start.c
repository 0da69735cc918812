#include "observe.h"

#include "tools.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	OPTIONS = PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP |
		  PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		  PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
		  PTRACE_O_TRACESYSGOOD,
};

/* Waits to be traced, then becomes the command. */
static _Noreturn void
become(char **command, const int go[2], int errors,
       const struct signals_before *before)
{
	static const struct sock_filter filter = {
		BPF_RET | BPF_K, 0, 0, SECCOMP_RET_TRACE | OBSERVE_DATA
	};
	struct start_error error = { START_FILTER, 0 };
	int thread;
	char c;

	/* If the parent is killed, nobody is left to write. */
	close(go[1]);
	if (read(go[0], &c, 1) != 1)
		_exit(1);
	signals_restore(before);
	if (!install_filter(&filter, 1, 0, &thread)) {
		error.step = START_EXEC;
		execvp(command[0], command);
	}
	error.error = errno;
	if (write(errors, &error, sizeof(error)) < 0)
		_exit(1);
	_exit(1);
}

/* A number out of a file of /proc behind a text, or 0. */
static int
read_proc(const char *path, const char *behind)
{
	char text[4096];
	const char *at;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, behind);
	return at ? atoi(at + strlen(behind)) : 0;
}

static void
explain(const char *name, int error)
{
	int tracer = read_proc("/proc/self/status", "TracerPid:");
	int scope = read_proc("/proc/sys/kernel/yama/ptrace_scope", "");
	const char *cause = "a container's filter or a security module does "
			    "not let it";

	if (tracer)
		cause = "seccompc is traced itself, by strace or a debugger";
	else if (scope > 1)
		cause = "the sysctl kernel.yama.ptrace_scope is 2 or 3";
	tool_error("%s: cannot be observed: ptrace: %s: %s", name,
		   strerror(error), cause);
	tool_error("without ptrace there is the kernel's log: run the command "
		   "under a profile that logs, and give the log to 'learn'");
}

static int
trace(struct observer *o, int go)
{
	int error;

	if (!ptrace(PTRACE_SEIZE, o->command, 0L, (long)OPTIONS) &&
	    write(go, "", 1) == 1)
		return STATUS_OK;
	error = errno;
	kill(o->command, SIGKILL);
	waitpid(o->command, NULL, __WALL);
	explain(o->name, error);
	return 126;
}

/* Descriptors that the command has to find free are taken only as long as it
 * is not there yet. */
int
observe_start(struct observer *o, char **command)
{
	struct signals_before before;
	int go[2], errors[2], status;

	if (pipe2(go, O_CLOEXEC) || pipe2(errors, O_CLOEXEC) ||
	    !signals_start(&before, !o->quiet && isatty(STDERR_FILENO))) {
		tool_error("%s: %s", o->name, strerror(errno));
		return 126;
	}
	o->foreign = waitid(P_ALL, 0, NULL,
			    WEXITED | WNOHANG | WNOWAIT | __WALL) == 0;
	o->command = fork();
	if (o->command == 0)
		become(command, go, errors[1], &before);
	close(go[0]);
	close(errors[1]);
	if (o->command > 0) {
		o->errors = errors[0];
		o->processes = 1;
		status = trace(o, go[1]);
	} else {
		tool_error("%s: fork: %s", o->name, strerror(errno));
		status = 126;
	}
	close(go[1]);
	signals_allow();
	return status;
}

int
observe_start_failed(const struct observer *o)
{
	struct start_error error;
	ssize_t n = read(o->errors, &error, sizeof(error));

	close(o->errors);
	if (o->fault) {
		tool_error("%s: cannot be observed: PTRACE_GET_SYSCALL_INFO: "
			   "%s: Linux 5.3 is needed, or the kernel's log",
			   o->name, strerror(o->fault));
		return 126;
	}
	if (n != sizeof(error)) {
		tool_error("%s: ended before it was run", o->name);
		return WIFSIGNALED(o->wait_status)
			       ? 128 + WTERMSIG(o->wait_status)
			       : 126;
	}
	if (error.step == START_FILTER) {
		tool_error("%s: cannot be observed: cannot install the filter: "
			   "%s (errno %d)",
			   o->name, install_cause(error.error), error.error);
		return 126;
	}
	tool_error("%s: %s", o->name, strerror(error.error));
	return error.error == ENOENT ? 127 : 126;
}
