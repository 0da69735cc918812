#include "observe.h"

#include "explain/audit-line.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* A task may be killed at any time: then ptrace fails with ESRCH, and its end
 * is what is waited for next. */
void
observe_continue(const struct task *task, int number)
{
	ptrace(task->untraced ? PTRACE_SYSCALL : PTRACE_CONT, task->tid, 0L,
	       (long)number);
}

/* One of the paths that are kept, so that there are never too many. */
static const char *
intern(struct observer *o, const char *path)
{
	const char *kept;

	for (size_t i = 0; i < o->exes.n; i++)
		if (!strcmp(o->exes.v[i], path))
			return o->exes.v[i];
	if (o->exes.n == SEEN_EXES)
		return "";
	kept = arena_strndup(o->seen->arena, path, strlen(path));
	*vec_push(o->seen->arena, &o->exes) = kept;
	return kept;
}

/* What a process executes; or as it is known otherwise. */
static const char *
read_exe(struct observer *o, pid_t tid, const char *otherwise)
{
	char link[32], path[4096], exe[AUDIT_EXE];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)tid);
	len = readlink(link, path, sizeof(path));
	if (len <= 0)
		return otherwise;
	audit_escape(exe, sizeof(exe), path, (size_t)len);
	return intern(o, exe);
}

static struct task *
find_or_add(struct observer *o, pid_t tid)
{
	struct task *task = tasks_find(&o->tasks, tid);

	if (!task)
		task = tasks_add(&o->tasks, o->seen->arena, tid);
	if (!task->started && !task->exe)
		task->exe = read_exe(o, tid, NULL);
	if (!task->started && o->hung_up && o->ended)
		kill(tid, SIGHUP);
	task->started = true;
	return task;
}

/* Leaves it to no kernel too old for this that calls are not seen: then the
 * command, which has not made a call yet, ends. */
static bool
get_call(struct observer *o, pid_t tid, struct __ptrace_syscall_info *info)
{
	if (ptrace(PTRACE_GET_SYSCALL_INFO, tid, sizeof(*info), info) > 0 &&
	    info->op == PTRACE_SYSCALL_INFO_SECCOMP)
		return true;
	if (errno != ESRCH && !o->executed) {
		o->fault = errno;
		kill(o->command, SIGKILL);
	}
	return false;
}

static void
add_call(struct observer *o, const struct task *task, uint32_t arch,
	 uint32_t number, const uint64_t *args)
{
	const struct seen_call call = {
		.arch = arch,
		.number = number,
		.action = SECCOMP_RET_TRACE,
		.exe = task->exe ? task->exe : "",
		.args = args,
	};

	seen_add(o->seen, &call);
}

/* execvp(3) tries one path after the other; the call that succeeds counts. */
static void
keep_first(struct observer *o, const struct __ptrace_syscall_info *info)
{
	o->arch = info->arch;
	o->number = (uint32_t)info->seccomp.nr;
	for (int i = 0; i < 6; i++)
		o->execve[i] = info->seccomp.args[i];
}

/*
 * Where a filter of the command's own returned TRACE there would be no tracer
 * without us: the call fails with ENOSYS, which the kernel has put into the
 * register of the result already.
 */
static void
skip_call(const struct task *task)
{
	ptrace(PTRACE_POKEUSER, task->tid, offsetof(struct user, regs.orig_rax),
	       -1L);
}

static void
on_call(struct observer *o, struct task *task)
{
	struct __ptrace_syscall_info info;
	uint64_t args[6];

	if (get_call(o, task->tid, &info)) {
		for (int i = 0; i < 6; i++)
			args[i] = info.seccomp.args[i];
		if (info.seccomp.ret_data != OBSERVE_DATA) {
			skip_call(task);
		} else if (!o->executed) {
			keep_first(o, &info);
		} else {
			add_call(o, task, info.arch, (uint32_t)info.seccomp.nr,
				 args);
			observe_clone(task, &info);
		}
	}
	observe_continue(task, 0);
	observe_near(&o->near, task->tid);
}

/*
 * The other threads are gone; the one that made the call has the id of the
 * first from now on, and its own one names nobody.
 */
static void
on_exec(struct observer *o, pid_t pid)
{
	struct task *task;
	unsigned long former = 0;

	if (!ptrace(PTRACE_GETEVENTMSG, pid, 0L, &former) && former != 0 &&
	    (pid_t)former != pid)
		tasks_remove(&o->tasks, (pid_t)former);
	task = find_or_add(o, pid);
	task->untraced = false;
	task->exe = read_exe(o, pid, o->executed ? "" : intern(o, o->name));
	if (!o->executed) {
		o->executed = true;
		close(o->errors);
		add_call(o, task, o->arch, o->number, o->execve);
	}
	observe_continue(task, 0);
}

/* One that has ended before its start was told would never be removed; to the
 * parent it is there still, but nobody here will wait for it. */
static bool
is_traced(pid_t tid)
{
	siginfo_t info;

	return !waitid(P_PID, (id_t)tid, &info,
		       WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL);
}

/* The new task stops by itself, and may have done so before. */
static void
on_fork(struct observer *o, struct task *task, bool thread)
{
	const char *exe = task->exe;
	unsigned long child = 0;
	struct task *new;
	pid_t tid = task->tid;

	o->processes += !thread;
	if (!ptrace(PTRACE_GETEVENTMSG, tid, 0L, &child) && child &&
	    is_traced((pid_t)child)) {
		new = tasks_add(&o->tasks, o->seen->arena, (pid_t)child);
		if (!new->exe)
			new->exe = exe;
		task = tasks_find(&o->tasks, tid);
	}
	observe_continue(task, 0);
}

/*
 * The kernel reports the start of a task and the end of a stop with SIGTRAP,
 * and a stop of the whole process with its signal: it lasts until SIGCONT.
 */
static void
on_stop(struct observer *o, struct task *task, int number)
{
	if (number == SIGTRAP) {
		observe_continue(task, 0);
		return;
	}
	if (task->tid == o->command)
		o->stopped = true;
	o->some_stopped = true;
	ptrace(PTRACE_LISTEN, task->tid, 0L, 0L);
}

static void
on_event(struct observer *o, pid_t tid, int event, int number)
{
	struct task *task = find_or_add(o, tid);

	if (tid == o->command)
		o->stopped = false;
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		on_call(o, task);
		break;
	case PTRACE_EVENT_EXEC:
		on_exec(o, tid);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
		on_fork(o, task, false);
		break;
	case PTRACE_EVENT_CLONE:
		on_fork(o, task, task->thread);
		break;
	case PTRACE_EVENT_STOP:
		on_stop(o, task, number);
		break;
	default:
		/* A signal; or the end of a call, with TRACESYSGOOD. */
		if (number == (SIGTRAP | 0x80)) {
			observe_clone_done(task);
			number = 0;
		}
		observe_continue(task, number);
	}
}

static void
on_end(struct observer *o, pid_t tid, int status)
{
	tasks_remove(&o->tasks, tid);
	if (tid != o->command || o->ended)
		return;
	o->ended = true;
	o->wait_status = status;
	/* As the kernel does when the leader of a session ends. */
	if (o->hung_up)
		tasks_signal(&o->tasks, SIGHUP);
	if (o->tasks.n > 0)
		observe_show_rest(o);
}

static bool
is_over(const struct observer *o)
{
	return o->foreign && o->ended && o->tasks.n == 0;
}

void
observe(struct observer *o)
{
	int status;
	pid_t tid;

	do {
		tid = waitpid(-1, &status, __WALL);
		if (tid > 0 && WIFSTOPPED(status))
			on_event(o, tid, status >> 16, WSTOPSIG(status));
		else if (tid > 0)
			on_end(o, tid, status);
		else if (errno != EINTR)
			break;
		if (signals_due()) {
			observe_relay(o);
			observe_show(o);
		}
	} while (!is_over(o));
}
