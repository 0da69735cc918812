#include "learn-profile.h"
#include "tools.h"

#include "compiler/check/lint-consumer.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"Usage: seccompc learn [OPTION]... [LOG]...\n"
	"       seccompc learn [OPTION]... -o FILE -- COMMAND [ARGUMENT]...\n"
	"Writes a profile that allows the syscalls that were seen: in a log of "
	"the kernel\nunder a profile that logs, or of a command that is run "
	"and observed.  What was\nnot seen is not in it.\n\n"
	"LOG is what kernels, auditd and journald write (also journalctl -o "
	"json), among\nother lines; - and none are standard input.\n\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"      --base=PROFILE     add to a profile, whose text is kept; FILE "
	"can be\n"
	"                         the same\n"
	"      --args             hold arguments that say what a call does to "
	"those\n"
	"                         that were seen; not of a log, which has "
	"none\n"
	"      --for=NAME         add what a container runtime calls under the "
	"filter:\n"
	"                         runc, crun, or who uses them: docker, "
	"podman, crio,\n"
	"                         kubernetes, oci; several with commas\n"
	"      --no-new-privs     of that, alone what it needs with "
	"no_new_privs\n"
	"      --families         add what notes say may be called in the "
	"place of a\n"
	"                         call that was seen\n"
	"      --default=ACTION   what all else gets: an SCMP_ACT_ name, or "
	"an errno\n"
	"                         such as ENOSYS (default EPERM)\n"
	"      --counts=FILE      also write how often each was called, for "
	"compile\n"
	"                         --weights\n"
	"  -v, --verbose          say why calls may be made that were not "
	"seen\n"
	"  -q                     the same as --quiet\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nThe options on how a profile is read are about --base.\n"
	"\nExamples:\n"
	"  seccompc learn audit.log -o server.json\n"
	"  seccompc learn -o server.json -- ./server --version\n"
	"  seccompc learn --args --for=docker -o server.json -- ./server "
	"--version\n"
	"  seccompc learn --base=server.json -o server.json -- ./server "
	"--help\n"
	"  seccompc learn --counts=counts audit.log -o server.json\n"
	"\nExit status: that of the command if it failed, or its signal.  "
	"Else 0 written;\n1 a log cannot be read, a profile cannot be written, "
	"or a rule of the base\nrefuses what was seen; 2 usage; 3 a proof "
	"failed, and nothing was written; 126\nthe command cannot be run, 127 "
	"it is not found.\n";

enum {
	OPERAND = 1, /* getopt(3) has that */
	OPTION_BASE = 0x100,
	OPTION_ARGS,
	OPTION_FOR,
	OPTION_NO_NEW_PRIVS,
	OPTION_FAMILIES,
	OPTION_DEFAULT,
	OPTION_COUNTS,
};

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "base", required_argument, NULL, OPTION_BASE },
	{ "args", no_argument, NULL, OPTION_ARGS },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "no-new-privs", no_argument, NULL, OPTION_NO_NEW_PRIVS },
	{ "families", no_argument, NULL, OPTION_FAMILIES },
	{ "default", required_argument, NULL, OPTION_DEFAULT },
	{ "counts", required_argument, NULL, OPTION_COUNTS },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	LEARN_LOG_OPTIONS,
	TARGET_OPTIONS,
	{ 0 },
};

struct learning {
	struct learn_request request;
	struct learn_job job;
	const char *target; /* an option that is about a base, or NULL */
	const char *no_new; /* one that is about a new profile, likewise */
	struct learn_log_options log;
	char **paths; /* of logs that were given */
	size_t logs;
	char **command;	 /* or NULL */
	int wait_status; /* of the command */
};

/* ALLOW would make a profile of nothing, and NOTIFY cannot be a default. */
static bool
take_default(struct learning *l, const char *value)
{
	const struct action_info *info = action_find(value);
	int number = errno_find(value);

	l->no_new = "--default";
	if (number > 0) {
		l->job.options.default_action =
			SECCOMP_RET_ERRNO | (uint32_t)number;
		return true;
	}
	if (!info || info->value == SECCOMP_RET_ALLOW ||
	    info->value == SECCOMP_RET_USER_NOTIF) {
		tool_error("--default: '%s' is neither an action such as "
			   "SCMP_ACT_KILL_PROCESS nor an errno such as ENOSYS",
			   value);
		return false;
	}
	l->job.options.default_action =
		info->value | (info->data != ACTION_NO_DATA ? 1 : 0);
	return true;
}

/* The runtimes of a name, 0 if there is none. */
static unsigned
find_runtimes(const char *name)
{
	enum consumer consumer;

	if (!strcmp(name, "runc"))
		return RUNTIME_RUNC;
	if (!strcmp(name, "crun"))
		return RUNTIME_CRUN;
	consumer = consumer_find(name);
	return consumer != CONSUMER_ANY ? consumer_info(consumer)->runtimes : 0;
}

static bool
take_for(struct learning *l, const char *value)
{
	char name[32];

	for (;; value++) {
		size_t len = strcspn(value, ",");
		unsigned found;

		snprintf(name, sizeof(name), "%.*s", (int)len, value);
		found = find_runtimes(name);
		if (!found) {
			tool_error("--for cannot be '%s': there are runc, "
				   "crun, docker, podman, crio, kubernetes "
				   "and oci",
				   name);
			return false;
		}
		l->job.runtimes |= found;
		value += len;
		if (*value != ',')
			return true;
	}
}

static bool
take_target(struct learning *l, int option, const char *value)
{
	if (option == TARGET_QUIET)
		l->request.quiet = true;
	else if (option != TARGET_COLOUR)
		for (const struct option *o = long_options; o->name; o++)
			if (o->val == option)
				l->target = o->name;
	return target_take(&l->job.target, option, value);
}

static bool
take(struct learning *l, int option, char *value)
{
	if (learn_log_has(option))
		return learn_log_take(&l->log, option, value);
	switch (option) {
	case OPERAND:
		l->paths[l->logs++] = value;
		return true;
	case 'o':
		l->job.output = value;
		return true;
	case OPTION_BASE:
		l->job.base = value;
		return true;
	case OPTION_ARGS:
		l->job.options.arguments = true;
		return true;
	case OPTION_FOR:
		return take_for(l, value);
	case OPTION_NO_NEW_PRIVS:
		l->job.no_new_privs = true;
		return true;
	case OPTION_FAMILIES:
		l->job.families = true;
		return true;
	case OPTION_DEFAULT:
		return take_default(l, value);
	case OPTION_COUNTS:
		l->job.counts = value;
		return true;
	case 'v':
		l->job.verbose = true;
		return true;
	case 'q':
		option = TARGET_QUIET;
		break;
	}
	return take_target(l, option, value);
}

/* Of a log that is followed: in memory of its own, as often as it may be. */
static bool
write_again(void *context)
{
	struct learning *l = context;
	struct learn_request request = l->request;
	struct seen seen = *l->request.seen;
	struct arena arena;
	int status;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("out of memory");
		arena_finish(&arena);
		l->job.again = false;
		return false;
	}
	seen.arena = &arena;
	request.seen = &seen;
	request.quiet = true;
	l->job.again = true;
	status = learn_write(&l->job, &request);
	l->job.again = false;
	arena_finish(&arena);
	return status == STATUS_OK;
}

/* Whether what is written takes the place of what was written before. */
static bool
is_replaced(const char *path)
{
	struct stat st;

	return !path || (strcmp(path, "-") != 0 && tool_descriptor(path) < 0 &&
			 (stat(path, &st) || S_ISREG(st.st_mode)));
}

static int
learn_logs(struct learning *l)
{
	static char standard_input[] = "-";
	char *const std[] = { standard_input };

	if (is_replaced(l->job.output) && is_replaced(l->job.counts))
		l->log.write = write_again;
	l->log.context = l;
	return l->logs ? learn_log(&l->request, &l->log, l->paths, l->logs)
		       : learn_log(&l->request, &l->log, std, 1);
}

static int
learn(struct learning *l)
{
	struct arena arena;
	int status;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("out of memory");
		arena_finish(&arena);
		learn_close(&l->job);
		return STATUS_REJECTED;
	}
	l->request.seen = seen_create(&arena);
	status = learn_open(&l->job, &l->request);
	l->request.output = l->job.output;
	l->request.counts = l->job.counts;
	if (status == STATUS_OK)
		status = l->command ? learn_run(&l->request, l->command,
						&l->wait_status)
				    : learn_logs(l);
	if (status == STATUS_OK)
		status = learn_write(&l->job, &l->request);
	arena_finish(&arena);
	learn_close(&l->job);
	return status;
}

/* Ends as the command did. */
static int
end_alike(int wait_status)
{
	if (WIFSIGNALED(wait_status)) {
		/* Whoever wants a core wants that of the command. */
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
		signal(WTERMSIG(wait_status), SIG_DFL);
		raise(WTERMSIG(wait_status));
		return 128 + WTERMSIG(wait_status);
	}
	return WEXITSTATUS(wait_status);
}

static bool
reads_standard_input(const struct learning *l)
{
	for (size_t i = 0; i < l->logs; i++)
		if (!strcmp(l->paths[i], "-"))
			return true;
	return !l->logs;
}

/* Whether options go together; else says what does not. */
static bool
are_sound(const struct learning *l)
{
	const struct learn_job *job = &l->job;

	if (l->command && !strcmp(job->output, "-"))
		tool_error("-o FILE is needed: standard output is the "
			   "command's");
	else if (!l->command && job->options.arguments)
		tool_error("--args: a log has no arguments: run the command");
	else if (job->base && l->no_new)
		tool_error("%s: --base has a default action", l->no_new);
	else if (!job->base && l->target)
		tool_error("--%s is about a --base, and there is none",
			   l->target);
	else if (job->no_new_privs && !job->runtimes)
		tool_error("--no-new-privs is about --for");
	else if (job->counts &&
		 (tool_is_same(job->counts, job->output) ||
		  (job->base && tool_is_same(job->counts, job->base))))
		tool_error("--counts would be written over the profile");
	else if (!l->command && job->base && !strcmp(job->base, "-") &&
		 reads_standard_input(l))
		tool_error("standard input can be read once");
	else
		return l->command || learn_log_check(&l->log);
	return false;
}

int
cmd_learn(int argc, char **argv)
{
	struct learning l = {
		.job = { .options.default_action = SECCOMP_RET_ERRNO | 1,
			 .output = "-" },
		/* What was read of these is not needed any more. */
		.paths = argv + 1,
	};
	int option, status;

	target_init(&l.job.target);
	learn_log_init(&l.log);
	/* "-": operands come as options do, so that -- is where it was. */
	while ((option = getopt_long(argc, argv, "-o:vqhf", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			printf("%s%s%s%s", help, learn_log_help, target_help,
			       examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("learn");
		if (!take(&l, option, optarg))
			return STATUS_USAGE;
	}
	if (!strcmp(argv[optind - 1], "--"))
		l.command = argv + optind;
	if ((l.logs && l.command) || (l.command && !l.command[0]))
		return tool_usage("learn", "a LOG, or -- and a COMMAND");
	if (!are_sound(&l))
		return STATUS_USAGE;
	status = learn(&l);
	if (!l.command || (status != STATUS_OK && status != STATUS_REJECTED))
		return status;
	if (WIFEXITED(l.wait_status) && !WEXITSTATUS(l.wait_status))
		return status;
	return end_alike(l.wait_status);
}
