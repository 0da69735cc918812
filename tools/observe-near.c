/*
 * Keeps this process on the processor of what it observes.
 *
 * Each call is a switch to this process and back.  On one processor that takes
 * about 6 us; between two that are idle meanwhile, ten times as much in a
 * virtual machine, where each has to be woken by the host.  The kernel mostly
 * has both on one, as each wakes the other and goes to sleep; where it does
 * not, this process moves.  The command runs where it likes.
 */
#include "observe.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SAMPLE = 128,	   /* calls that are timed together */
	SLOW = 20000,	   /* ns for each, if something is to be done, */
	ASLEEP = 1000000,  /* and if the command does something else */
	MOST_SKIPPED = 64, /* samples, where moving is of no use */
};

/* The processor that a task last ran on: the 39th field of its line; -1: not
 * known. */
static int
find_cpu(pid_t tid)
{
	char name[40], line[1024], *at;
	int fd, field = 2;
	ssize_t n;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)tid);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[n > 0 ? n : 0] = '\0';
	/* The second one may have anything in it, but ends with the last ). */
	for (at = strrchr(line, ')'); at && field < 39; field++)
		at = strchr(at + 1, ' ');
	return at ? atoi(at) : -1;
}

/* Where this process may run stays what it was. */
static void
move_to(int cpu)
{
	cpu_set_t allowed, one;

	if (cpu < 0 || cpu >= CPU_SETSIZE || cpu == sched_getcpu() ||
	    sched_getaffinity(0, sizeof(allowed), &allowed) ||
	    !CPU_ISSET(cpu, &allowed))
		return;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (!sched_setaffinity(0, sizeof(one), &one))
		sched_setaffinity(0, sizeof(allowed), &allowed);
}

int64_t
observe_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
observe_near(struct nearness *near, pid_t tid)
{
	int64_t now, each;

	if (++near->calls < SAMPLE)
		return;
	near->calls = 0;
	now = observe_now();
	each = (now - near->since) / SAMPLE;
	near->since = now;
	if (each < SLOW)
		near->skip = near->skipped = 0;
	if (each < SLOW || each > ASLEEP || near->skipped++ < near->skip)
		return;
	near->skipped = 0;
	near->skip =
		near->skip < MOST_SKIPPED ? near->skip * 2 + 1 : near->skip;
	move_to(find_cpu(tid));
}
