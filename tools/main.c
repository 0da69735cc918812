#include "tools.h"

#include "compiler.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "compile", cmd_compile, "turn profiles into programs" },
	{ "check", cmd_check, "find mistakes in profiles, for CI" },
	{ "prove", cmd_prove, "prove that a program does what a profile says" },
	{ "diff", cmd_diff, "compare two profiles or programs, exactly" },
	{ "merge", cmd_merge, "allow what one of two profiles allows" },
	{ "intersect", cmd_intersect, "allow what both profiles allow" },
	{ "explain", cmd_explain, "say why a call gets what it gets" },
	{ "report", cmd_report, "write a page about profiles" },
	{ "learn", cmd_learn, "write a profile of what was seen" },
	{ "run", cmd_run, "run a command under a profile or program" },
	{ "test", cmd_test, "hold a profile or program against expectations" },
	{ "sim", cmd_sim, "run a program on a call, step by step" },
	{ "disasm", cmd_disasm, "list a program" },
	{ "oci-annotate", cmd_oci_annotate, "give a program to a container" },
	{ "syscalls", cmd_syscalls, "list and resolve syscalls" },
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void
print_help(FILE *out)
{
	fputs("Usage: seccompc COMMAND [OPTION]...\n"
	      "Compiles seccomp profiles (JSON) into classic BPF filters.\n\n"
	      "Commands:\n",
	      out);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name,
			commands[i].help);
	fputs("\n  -h, --help  show this text\n"
	      "  --version   print the version\n"
	      "\nExamples:\n"
	      "  seccompc check profile.json\n"
	      "  seccompc compile profile.json -o profile.bpf\n"
	      "  seccompc run profile.bpf -- ./server\n"
	      "  seccompc explain profile.json openat2\n\n"
	      "'seccompc COMMAND --help' says more.\n"
	      "Exit status: 0 fine, 1 rejected or different, 2 usage, 3 a "
	      "proof\n"
	      "failed or gave up.\n",
	      out);
}

/*
 * A file opened as descriptor 0, 1 or 2 would take what is printed there.
 * What is written to a closed one still fails: it can only be read.
 */
static void
fill_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest one that is free, so it is this one. */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
			return;
	}
}

/*
 * The process lives for one job: heap that one pass gives back is for the
 * next, not for the kernel, and grows in few steps.  musl has no such knobs.
 */
static void
keep_heap(void)
{
#ifdef M_TOP_PAD
	mallopt(M_TOP_PAD, 1 << 20);
	mallopt(M_TRIM_THRESHOLD, 1 << 30);
	mallopt(M_MMAP_THRESHOLD, 1 << 22);
#endif
}

/* COMMANDS if there is no such command. */
static size_t
find_command(const char *name)
{
	size_t i = 0;

	while (i < COMMANDS && strcmp(name, commands[i].name) != 0)
		i++;
	return i;
}

static int
refuse_command(const char *name)
{
	const char *names[COMMANDS], *near;

	if (*name == '-')
		return tool_usage("", "unknown option '%s'", name);
	for (size_t i = 0; i < COMMANDS; i++)
		names[i] = commands[i].name;
	near = diag_nearest(name, names, COMMANDS);
	return tool_usage("",
			  near ? "unknown command '%s'; did you mean '%s'?"
			       : "unknown command '%s'",
			  name, near);
}

int
main(int argc, char **argv)
{
	/* getopt(3) begins its messages with the name of the program. */
	static char name[] = "seccompc", help[] = "--help";
	size_t i;

	fill_descriptors();
	keep_heap();
	if (argc > 2 && !strcmp(argv[1], "help")) {
		argv[1] = argv[2];
		argv[2] = help;
	}
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help"))) {
		print_help(stdout);
		return STATUS_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		puts("seccompc " SECCOMPC_VERSION);
		return STATUS_OK;
	}
	if (argc < 2) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	i = find_command(argv[1]);
	if (i == COMMANDS)
		return refuse_command(argv[1]);
	argv[1] = name;
	return commands[i].run(argc - 1, argv + 1);
}
