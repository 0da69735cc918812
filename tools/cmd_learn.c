#include "learn.h"
#include "tools.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"Usage: seccompc learn [OPTION]... [LOG] [-o FILE]\n"
	"       seccompc learn [OPTION]... -o FILE -- COMMAND [ARGUMENT]...\n"
	"Writes a profile that allows the syscalls that were seen: in a log of "
	"the kernel\nunder a profile that logs, or of a command that is run "
	"and observed.\n\n"
	"  -o, --output=FILE      where to write; standard output without it\n"
	"  -q, --quiet            errors alone are printed\n"
	"  -h, --help             show this text\n"
	"\nExamples:\n"
	"  seccompc learn audit.log -o server.json\n"
	"  seccompc learn -o server.json -- ./server --port 80\n"
	"\nExit status: that of the command; or 0 written, 1 the log cannot "
	"be read or\nthe profile cannot be written, 2 usage, 126 the command "
	"cannot be run, 127 it is\nnot found.\n";

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

struct learning {
	struct learn_request request;
	struct learned_options options;
	const char *output;
	const char *log; /* or NULL */
	char **command;	 /* or NULL */
	int wait_status; /* of the command */
};

static int
write_profile(struct learning *l)
{
	struct buf buf = { .arena = l->request.seen->arena };

	learned_write(&buf, l->request.seen, &l->options);
	return tool_write(l->output, buf.data, buf.len) ? STATUS_OK
							: STATUS_REJECTED;
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
		return STATUS_REJECTED;
	}
	l->request.seen = seen_create(&arena);
	status = l->command
			 ? learn_run(&l->request, l->command, &l->wait_status)
			 : learn_log(&l->request, l->log);
	if (status == STATUS_OK)
		status = write_profile(l);
	arena_finish(&arena);
	return status;
}

/* Ends as the command did. */
static int
end_alike(int wait_status)
{
	if (WIFSIGNALED(wait_status)) {
		signal(WTERMSIG(wait_status), SIG_DFL);
		raise(WTERMSIG(wait_status));
		return 128 + WTERMSIG(wait_status);
	}
	return WEXITSTATUS(wait_status);
}

int
cmd_learn(int argc, char **argv)
{
	struct learning l = {
		.options.default_action = SECCOMP_RET_ERRNO | 1,
		.output = "-",
		.log = "-",
	};
	int option, status;

	while ((option = getopt_long(argc, argv, "+o:qh", long_options,
				     NULL)) != -1) {
		switch (option) {
		case 'o':
			l.output = optarg;
			break;
		case 'q':
			l.request.quiet = true;
			break;
		case 'h':
			fputs(help, stdout);
			return STATUS_OK;
		default:
			return tool_misused("learn");
		}
	}
	if (optind > 0 && !strcmp(argv[optind - 1], "--"))
		l.command = argv + optind;
	else if (optind < argc)
		l.log = argv[optind++];
	if (l.command ? !l.command[0] : optind < argc)
		return tool_usage("learn", "a LOG, or -- and a COMMAND");
	if (l.command && !strcmp(l.output, "-"))
		return tool_usage("learn", "-o FILE is needed: standard output "
					   "is the command's");
	status = learn(&l);
	return status == STATUS_OK && l.command ? end_alike(l.wait_status)
						: status;
}
