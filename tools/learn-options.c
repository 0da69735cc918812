#include "learn.h"

#include "learn-time.h"
#include "tools.h"

#include <string.h>

const char learn_log_help[] =
	"Of a log:\n"
	"  --comm=NAME            calls of threads that are called so\n"
	"  --exe=PATH             calls of that program\n"
	"  --pid=N                calls of that process\n"
	"  --since=TIME --until=TIME\n"
	"                         calls of that time: a date and a time of "
	"day, with\n"
	"                         a zone or local, seconds since the epoch, "
	"today,\n"
	"                         or -10min\n"
	"  -f, --follow           go on reading as the log grows, and write "
	"the "
	"profile\n"
	"                         when something new comes\n";

void
learn_log_init(struct learn_log_options *options)
{
	memset(options, 0, sizeof(*options));
	options->since = INT64_MIN;
	options->until = INT64_MAX;
}

bool
learn_log_has(int option)
{
	return option == 'f' ||
	       (option >= LEARN_COMM && option < LEARN_LOG_LAST);
}

static bool
add_name(struct learn_names *names, const char *option, const char *value)
{
	if (!*value) {
		tool_error("--%s needs a name", option);
		return false;
	}
	if (names->n == LEARN_NAMES) {
		tool_error("--%s is given more than %d times", option,
			   LEARN_NAMES);
		return false;
	}
	names->v[names->n++] = value;
	return true;
}

static bool
add_pid(struct learn_names *names, const char *value)
{
	size_t digits = strspn(value, "0123456789");

	if (!digits || digits > 9 || value[digits] || *value == '0') {
		tool_error("--pid cannot be '%s': it is a number from 1 on",
			   value);
		return false;
	}
	return add_name(names, "pid", value);
}

static bool
take_time(int64_t *time, const char *option, const char *value)
{
	if (learn_time_parse(time, value, learn_time_now()))
		return true;
	tool_error("--%s cannot be '%s': it is a time such as \"2026-11-26 "
		   "10:00:00\", 2026-11-26T10:00:00Z, 1795687200, -10min or "
		   "today",
		   option, value);
	return false;
}

bool
learn_log_take(struct learn_log_options *options, int option, const char *value)
{
	switch (option) {
	case LEARN_COMM:
		return add_name(&options->comm, "comm", value);
	case LEARN_EXE:
		return add_name(&options->exe, "exe", value);
	case LEARN_PID:
		return add_pid(&options->pid, value);
	case LEARN_SINCE:
		return take_time(&options->since, "since", value);
	case LEARN_UNTIL:
		return take_time(&options->until, "until", value);
	default:
		options->follow = true;
		return true;
	}
}

bool
learn_log_check(const struct learn_log_options *options)
{
	if (options->since <= options->until)
		return true;
	tool_error("--since is later than --until");
	return false;
}
