/*
 * Watching the syscalls of a command with ptrace(2).
 *
 * The command gets a filter that returns TRACE for every call.  Each call then
 * stops (PTRACE_EVENT_SECCOMP) where a filter decides: before it is carried
 * out, with the number, the architecture and the registers that a filter sees,
 * and only after the filters that the command installs itself have let it
 * pass.  A tracer that dies takes the command along (PTRACE_O_EXITKILL).
 */
#ifndef SECCOMPC_OBSERVE_H
#define SECCOMPC_OBSERVE_H

#include "learn/learn.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/types.h>

/* What the filter returns with TRACE; a filter of the command's own that
 * returns TRACE as well returns other data. */
enum { OBSERVE_DATA = 0x5ecc };

/* observe-tasks.c: threads that are traced, by their ids. */

struct task {
	pid_t tid;	 /* 0: no task */
	bool started;	 /* it stopped once; else another has announced it */
	bool thread;	 /* what it clones now is a thread */
	bool untraced;	 /* it clones something that asked not to be traced */
	const char *exe; /* or NULL: not known */
	/* What observe_clone() changed: a register, by its offset in struct
	 * user, or memory, by its address. */
	bool in_memory;
	uint64_t flags, place;
};

struct tasks {
	struct task *v; /* hashed by tid */
	size_t size;	/* a power of two, or 0 */
	size_t n;
};

/* Pointers are good until the next tasks_add() or tasks_remove(). */
struct task *tasks_find(const struct tasks *tasks, pid_t tid);
struct task *tasks_add(struct tasks *tasks, struct arena *arena, pid_t tid);
void tasks_remove(struct tasks *tasks, pid_t tid);

/* Sends a signal to each process, once. */
void tasks_signal(const struct tasks *tasks, int signal);

/* observe-signals.c: signals to this process.  Handlers have nothing but
 * static memory, so all of it is there. */

struct signals_before {
	struct sigaction actions[_NSIG];
	sigset_t mask;
};

/*
 * Blocks signals, and takes them from now on.  With ticks, waits are
 * interrupted (EINTR) once a second.  False, with errno, if there is no timer.
 */
bool signals_start(struct signals_before *before, bool ticks);

/* For the parent: lets signals in. */
void signals_allow(void);

/* For the child: as it was before. */
void signals_restore(const struct signals_before *before);

/* Whether there is a tick or a signal; false costs nothing. */
bool signals_due(void);

/* The next signal that came.  A wait that it should have interrupted, and did
 * not because it came just before, is interrupted within 10 ms. */
bool signals_take(siginfo_t *info);

/* Has waits interrupted every 10 ms until signals_take() has nothing again. */
void signals_hurry(void);

/* Nothing that is waited for is interrupted any more but by a signal, which is
 * lost but for that. */
void signals_finish(void);

/* Stops this process as a signal does, until it is continued. */
void signals_stop(int signal);

/* observe-near.c */

struct nearness {
	int calls;	   /* of this sample, */
	int64_t since;	   /* which began then, in ns */
	int skip, skipped; /* samples to do nothing about, and that were */
};

/* CLOCK_MONOTONIC, in ns. */
int64_t observe_now(void);

/* Is told of each call.  Moves this process to where the task runs if calls
 * take long. */
void observe_near(struct nearness *near, pid_t tid);

/* observe.c */

struct observer {
	struct seen *seen;
	struct tasks tasks;
	bool quiet;

	pid_t command;
	const char *name; /* of the command as given, safe for terminals */
	VEC(const char *) exes; /* that were seen, at most SEEN_EXES */
	int errors;    /* a pipe: struct start_error, if it cannot run */
	bool executed; /* the command runs */
	bool ended;    /* it has ended: */
	int wait_status;
	bool stopped;	    /* it is, by a signal */
	bool foreign;	    /* this process had children before */
	int fault;	    /* an errno: calls cannot be told */
	uint64_t execve[6]; /* registers of its first call */
	uint32_t arch, number;

	int stop_signal;    /* was sent to this process; 0: none */
	bool some_stopped;  /* since then */
	int64_t stop_asked; /* when, in ns */
	bool hung_up;	    /* the terminal, which this process led */
	unsigned ends;	    /* signals that came when the command had ended */
	struct nearness near;
	uint64_t processes; /* all that there were */
	unsigned shown;	 /* syscalls when progress was last shown, and when, */
	time_t shown_at; /* in seconds of CLOCK_MONOTONIC */
};

/* Follows the command and what comes of it to the end of all. */
void observe(struct observer *o);

/* Lets a task go on after a stop. */
void observe_continue(const struct task *task, int signal);

/* observe-clone.c */

/* Makes a call that would start an untraced task, whose every call would fail
 * with ENOSYS, start a traced one. */
void observe_clone(struct task *task, const struct __ptrace_syscall_info *info);

/* What that changed is put back when the call is done. */
void observe_clone_done(struct task *task);

/* observe-relay.c: passes on the signals that came. */
void observe_relay(struct observer *o);

/* observe-start.c */

struct start_error {
	enum start_step {
		START_FILTER,
		START_EXEC,
	} step;
	int error;
};

/*
 * Starts the command up to its first call.  Returns STATUS_OK, or another
 * status after reporting.
 */
int observe_start(struct observer *o, char **command);

/* Why it did not run, as a status, after reporting. */
int observe_start_failed(const struct observer *o);

/* observe-progress.c: messages while it runs, none of them if quiet. */

/* What is new, at most once a second. */
void observe_show(struct observer *o);

/* The command has ended, others go on. */
void observe_show_rest(const struct observer *o);

/* The rest was killed. */
void observe_show_cut(const struct observer *o);

#endif
