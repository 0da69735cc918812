#include "input.h"
#include "tools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char help[] =
	"Usage: seccompc run [OPTION]... FILE -- COMMAND [ARGUMENT]...\n"
	"Runs a command under a seccomp filter.\n\n"
	"FILE is a profile (JSON), which is compiled first, or a program that "
	"'seccompc\ncompile' or another compiler wrote.  no_new_privs is set, "
	"the filter is\ninstalled with prctl(PR_SET_SECCOMP), or with "
	"seccomp(2) if the profile has\nflags, and the command takes the place "
	"of seccompc.\n\n"
	"  -h, --help             show this text\n\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc run profile.bpf -- ./server --port 80\n"
	"  seccompc run --caps=none --kernel=6.1 default.json -- ls\n"
	"\nExit status: the command's; 1 the file is refused or cannot be "
	"installed, 2\nusage, 126 the command cannot be run, 127 it is not "
	"found.  The command is never\nrun without the filter.\n";

/* What is to be installed. */
struct filter {
	const struct sock_filter *code;
	size_t count;
	uint32_t flags;
};

/* Returns STATUS_OK, or another status after reporting. */
static int
load(const struct target_options *target, struct input *in, const char *path,
     struct filter *filter)
{
	int status = input_load(in, target, path);

	if (status != STATUS_OK)
		return status;
	filter->code = in->side.code;
	filter->count = in->side.count;
	filter->flags = in->is_program ? 0 : in->c.profile->filter_flags;
	if (!install_needs_listener(filter->code, filter->count))
		return STATUS_OK;
	tool_error("%s: it uses NOTIFY, which needs a listener: 'run' has none",
		   in->name);
	return STATUS_REJECTED;
}

/*
 * Whether execve would be refused.  Then not even an exit may be possible
 * once the filter is installed.
 */
static bool
refuses_execve(const struct filter *filter, char **command)
{
	const uint64_t args[6] = { (uintptr_t)command[0], (uintptr_t)command,
				   (uintptr_t)environ };

	return install_refuses(filter->code, filter->count, SYS_execve, args);
}

static bool
install(const struct filter *filter)
{
	int thread;

	if (!install_filter(filter->code, filter->count, filter->flags,
			    &thread))
		return true;
	if (thread)
		tool_error("cannot install the filter: thread %d cannot take "
			   "it (TSYNC)",
			   thread);
	else
		tool_error("cannot install the filter: %s (errno %d)",
			   install_cause(errno), errno);
	return false;
}

static int
run(const struct filter *filter, char **command)
{
	int error;

	if (refuses_execve(filter, command)) {
		tool_error("%s: the filter refuses execve: no command can be "
			   "run under it",
			   command[0]);
		return 126;
	}
	if (!install(filter))
		return STATUS_REJECTED;
	execvp(command[0], command);
	error = errno;
	/* The filter may refuse write as well; the status remains. */
	tool_error("%s: %s%s", command[0], strerror(error),
		   error == EPERM || error == ENOSYS
			   ? ": does the filter allow execve?"
			   : "");
	return error == ENOENT ? 127 : 126;
}

static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

int
cmd_run(int argc, char **argv)
{
	struct target_options target;
	struct filter filter = { 0 };
	struct input in = { 0 };
	const char *path;
	int option, status;

	target_init(&target);
	/* "+": options behind FILE are the command's. */
	while ((option = getopt_long(argc, argv, "+h", long_options, NULL)) !=
	       -1) {
		if (option == 'h') {
			printf("%s%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option < TARGET_FIRST || option >= TARGET_LAST)
			return tool_misused("run");
		if (!target_take(&target, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind < 2)
		return tool_usage("run", "FILE and COMMAND are needed");
	path = argv[optind];
	argv += optind + 1;
	if (!strcmp(argv[0], "--"))
		argv++;
	if (!argv[0])
		return tool_usage("run", "COMMAND is needed");
	status = load(&target, &in, path, &filter);
	if (status == STATUS_OK)
		status = run(&filter, argv);
	input_finish(&in);
	return status;
}
