#include "observe.h"

#include <unistd.h>

static bool
is_stop(int number)
{
	return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU;
}

/* Those that ask a program to end. */
static bool
is_end(int number)
{
	return number == SIGHUP || number == SIGINT || number == SIGQUIT ||
	       number == SIGTERM;
}

/* The kernel: for a terminal, but for timers that exec has handed on. */
static bool
is_kernel(const siginfo_t *info)
{
	return info->si_code == SI_KERNEL && info->si_signo != SIGALRM &&
	       info->si_signo != SIGVTALRM && info->si_signo != SIGPROF;
}

/*
 * What a terminal sends goes to all of a process group, and the command has got
 * it as well; but that a line was hung up is told to the leader of a session
 * alone.  What the command sends goes to its parent or its own group.
 */
static bool
is_hung_up(const siginfo_t *info)
{
	return is_kernel(info) && info->si_signo == SIGHUP &&
	       getsid(0) == getpid();
}

static bool
has_it(const struct observer *o, const siginfo_t *info)
{
	if (is_kernel(info))
		return !is_hung_up(info);
	return info->si_code <= 0 && (info->si_pid == getpid() ||
				      tasks_find(&o->tasks, info->si_pid));
}

static void
pass_on(const struct observer *o, const siginfo_t *info)
{
	if (info->si_code == SI_QUEUE)
		sigqueue(o->command, info->si_signo, info->si_value);
	else
		kill(o->command, info->si_signo);
}

/* The first goes to all, as far as the first process was all to a shell; who
 * asks again is not to wait for them. */
static void
relay_to_rest(struct observer *o, const siginfo_t *info)
{
	o->ends += is_end(info->si_signo);
	if (o->ends > 1)
		tasks_signal(&o->tasks, SIGKILL);
	else
		tasks_signal(&o->tasks, info->si_signo);
	if (o->ends == 2)
		observe_show_cut(o);
}

static void
relay(struct observer *o, const siginfo_t *info)
{
	int number = info->si_signo;

	o->hung_up |= is_hung_up(info);
	if (is_stop(number)) {
		o->stop_signal = number;
		o->some_stopped = false;
		o->stop_asked = observe_now();
	}
	if (o->ended) {
		if (!is_stop(number))
			relay_to_rest(o, info);
		return;
	}
	/* A shell continues a group; then this would be the second one. */
	if (number == SIGCONT && !o->stopped)
		return;
	if (!has_it(o, info))
		pass_on(o, info);
}

/*
 * A shell has to see that its job has stopped.  Not at once: other processes of
 * the job may handle the signal, and clear the screen, before they stop.  Nor
 * is it the command that stops first, while it waits for what it started with
 * vfork(2).  Where all ignore the signal, nothing stops.
 */
static void
stop_alike(struct observer *o)
{
	const int64_t ms = 1000000;
	int64_t since = observe_now() - o->stop_asked;
	int number = o->stop_signal;

	if (!number)
		return;
	signals_hurry();
	if (since < 50 * ms)
		return;
	if (o->some_stopped || o->ended) {
		o->stop_signal = 0;
		signals_stop(number);
	} else if (since > 10000 * ms) {
		o->stop_signal = 0;
	}
}

void
observe_relay(struct observer *o)
{
	siginfo_t info;

	while (signals_take(&info))
		relay(o, &info);
	stop_alike(o);
}
