#include "observe.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

/* Those that are waiting.  More than these at once are lost, as signals that
 * are pending already are. */
enum { QUEUED = 64 };

static struct {
	volatile sig_atomic_t due, count;
	siginfo_t queue[QUEUED];
	timer_t timer;
	bool ticks;
} state;

/* The kernel has no wait(2) that lets signals in for its own time alone: one
 * that comes just before does not interrupt it.  So there are more, until this
 * one has been seen. */
static void
repeat(bool often)
{
	const long ms = 1000000;
	struct itimerspec every = { 0 };

	if (often)
		every.it_interval.tv_nsec = 10 * ms;
	else if (state.ticks)
		every.it_interval.tv_sec = 1;
	every.it_value = every.it_interval;
	timer_settime(state.timer, 0, &every, NULL);
}

/* All signals are blocked in it. */
static void
take(int number, siginfo_t *info, void *context)
{
	int error = errno;

	(void)number;
	(void)context;
	state.due = 1;
	if (info->si_code == SI_TIMER && info->si_value.sival_ptr == &state)
		return;
	if (state.count < QUEUED)
		state.queue[state.count++] = *info;
	repeat(true);
	errno = error;
}

/* These say that something here is wrong; or they are no news, or cannot be
 * taken. */
static bool
is_own(int number)
{
	switch (number) {
	case SIGBUS:
	case SIGCHLD:
	case SIGFPE:
	case SIGILL:
	case SIGKILL:
	case SIGSEGV:
	case SIGSTOP:
	case SIGSYS:
	case SIGTRAP:
		return true;
	default:
		return false;
	}
}

static void
set_action(int number)
{
	struct sigaction action = { .sa_sigaction = take,
				    .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

bool
signals_start(struct signals_before *before, bool ticks)
{
	struct sigevent event = {
		.sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGALRM,
		.sigev_value.sival_ptr = &state,
	};
	const struct sigaction child = { .sa_handler = SIG_DFL,
					 .sa_flags = SA_NOCLDSTOP };
	sigset_t all;

	if (timer_create(CLOCK_MONOTONIC, &event, &state.timer))
		return false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before->mask);
	state.ticks = ticks;
	for (int i = 1; i < _NSIG; i++) {
		sigaction(i, NULL, &before->actions[i]);
		if (!is_own(i))
			set_action(i);
	}
	/* If it is ignored, there is nobody to wait for; nor is every stop to
	 * be told twice. */
	sigaction(SIGCHLD, &child, NULL);
	return true;
}

void
signals_allow(void)
{
	sigset_t none;

	sigemptyset(&none);
	repeat(false);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void
signals_restore(const struct signals_before *before)
{
	for (int i = 1; i < _NSIG; i++)
		sigaction(i, &before->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &before->mask, NULL);
}

bool
signals_due(void)
{
	return state.due;
}

bool
signals_take(siginfo_t *info)
{
	sigset_t all, before;
	bool some;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	some = state.count > 0;
	if (some) {
		*info = state.queue[0];
		state.count--;
		for (int i = 0; i < state.count; i++)
			state.queue[i] = state.queue[i + 1];
	} else {
		repeat(false);
		state.due = 0;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return some;
}

void
signals_hurry(void)
{
	repeat(true);
}

void
signals_finish(void)
{
	timer_delete(state.timer);
}

void
signals_stop(int number)
{
	signal(number, SIG_DFL);
	raise(number);
	set_action(number);
}
