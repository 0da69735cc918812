#include "learn-log.h"

#include "learn-time.h"

#include <stdlib.h>
#include <string.h>

enum { COMM_BYTES = 15 }; /* TASK_COMM_LEN without its end */

/*
 * Names are compared as they are printed: in what they are escaped to, which
 * is another for each other name.  A name can be given as it is, or as it is
 * printed.  most is how many bytes the kernel keeps of it.
 */
static bool
is_one(const struct learn_names *names, const char *found, size_t size,
       size_t most)
{
	char escaped[AUDIT_EXE];

	for (size_t i = 0; i < names->n; i++) {
		size_t n = strlen(names->v[i]);

		audit_escape(escaped, size, names->v[i], n < most ? n : most);
		if (!strcmp(escaped, found) || !strcmp(names->v[i], found))
			return true;
	}
	return !names->n;
}

static bool
is_pid(const struct learn_names *pids, int64_t pid)
{
	for (size_t i = 0; i < pids->n; i++)
		if (strtol(pids->v[i], NULL, 10) == pid)
			return true;
	return !pids->n;
}

static void
remember(struct learn_others *others, const struct audit_call *call)
{
	struct learn_other *other;
	size_t i = 0;

	while (i < others->n && (strcmp(others->v[i].comm, call->comm) != 0 ||
				 strcmp(others->v[i].exe, call->exe) != 0))
		i++;
	if (i == LEARN_OTHERS) {
		others->rest++;
		return;
	}
	other = &others->v[i];
	if (i == others->n) {
		others->n++;
		strcpy(other->comm, call->comm);
		strcpy(other->exe, call->exe);
	}
	other->calls++;
}

static void
remember_time(struct learn_others *others, int64_t time)
{
	if (!others->timed || time < others->first)
		others->first = time;
	if (!others->timed || time > others->last)
		others->last = time;
	others->timed = true;
}

/* What has no time is left out where a time is asked for. */
static bool
is_of_time(struct learn_reader *reader, const struct audit_call *call)
{
	const struct learn_log_options *options = reader->options;
	int64_t time;

	if (options->since == INT64_MIN && options->until == INT64_MAX)
		return true;
	if (!learn_time_of(&time, &call->stamp, learn_time_now())) {
		reader->untimed++;
		return false;
	}
	remember_time(reader->others, time);
	return time >= options->since && time <= options->until;
}

bool
learn_filter(struct learn_reader *reader, const struct audit_call *call)
{
	const struct learn_log_options *options = reader->options;
	bool named =
		is_one(&options->comm, call->comm, AUDIT_COMM, COMM_BYTES) &&
		is_one(&options->exe, call->exe, AUDIT_EXE, SIZE_MAX) &&
		is_pid(&options->pid, call->pid);

	if (named && is_of_time(reader, call))
		return true;
	reader->named += named;
	reader->left_out++;
	remember(reader->others, call);
	return false;
}
