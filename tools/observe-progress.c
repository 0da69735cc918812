#include "observe.h"

#include "tools.h"

#include <time.h>
#include <unistd.h>
#include <stdio.h>

static bool
is_silent(const struct observer *o)
{
	return o->quiet || !isatty(STDERR_FILENO);
}

static unsigned
count_syscalls(const struct seen *seen)
{
	unsigned n = 0;

	for (int abi = 0; abi < ABI_COUNT; abi++)
		for (int i = 0; i < SEEN_NUMBERS; i++)
			n += seen->count[abi][i] > 0;
	return n;
}

void
observe_show(struct observer *o)
{
	struct timespec now;
	unsigned syscalls;

	if (is_silent(o))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	syscalls = count_syscalls(o->seen);
	if (now.tv_sec == o->shown_at || syscalls == o->shown)
		return;
	o->shown = syscalls;
	o->shown_at = now.tv_sec;
	fprintf(stderr, "seccompc: %u syscalls, %llu calls, %llu process%s\n",
		syscalls, (unsigned long long)o->seen->calls,
		(unsigned long long)o->processes,
		o->processes == 1 ? "" : "es");
}

void
observe_show_rest(const struct observer *o)
{
	if (!is_silent(o))
		tool_error("the command has ended; what it started goes on "
			   "and is observed; a signal (^C) goes to all of it, "
			   "a second one kills it");
}

void
observe_show_cut(const struct observer *o)
{
	if (!o->quiet)
		tool_error("%s: what the command started is killed, and the "
			   "profile ends here",
			   o->name);
}
