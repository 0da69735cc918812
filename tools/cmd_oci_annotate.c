#include "annotate.h"
#include "input.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char help[] =
	"Usage: seccompc oci-annotate [OPTION]... BUNDLE FILE [-o OUTPUT]\n"
	"       seccompc oci-annotate --remove BUNDLE [-o OUTPUT]\n"
	"Puts a program into config.json of an OCI bundle, for crun (0.18 or "
	"later): as\nannotation " ANNOTATION ".\n\n"
	"BUNDLE is a folder with a config.json, such a file, or - for standard "
	"input.\nFILE is a profile (JSON), which is compiled and proved first, "
	"or a program that\n'seccompc compile' or another compiler wrote.  All "
	"else in config.json stays as\nit is, byte for byte.\n\n"
	"  -o, --output=FILE      where to write, - for standard output; "
	"without it\n"
	"                         config.json is written anew\n"
	"      --remove           take the annotation out\n"
	"  -h, --help             show this text\n\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc oci-annotate --caps=docker --kernel=6.1 bundle "
	"default.json\n"
	"  seccompc oci-annotate bundle profile.bpf\n"
	"  seccompc oci-annotate bundle bundle/config.json  # the profile in "
	"it\n"
	"  seccompc oci-annotate --remove bundle -o -\n"
	"\ncrun installs the program in the place of linux.seccomp.  Other "
	"runtimes ignore\nthe annotation.  For podman, which writes "
	"config.json "
	"itself, see the examples\nof 'seccompc compile --help'.\n\nExit "
	"status: "
	"0 written, 1 a file is refused, 2 usage, 3 a proof failed or gave\n"
	"up.  Nothing is written then.\n";

struct job {
	struct target_options target;
	const char *output; /* NULL: in place */
	bool remove;
	const char *bundle, *file;
	char *path; /* of config.json */
};

/* Of a folder, its config.json. */
static bool
find_config(struct job *job)
{
	struct stat st;
	bool folder = strcmp(job->bundle, "-") != 0 &&
		      !stat(job->bundle, &st) && S_ISDIR(st.st_mode);

	if (asprintf(&job->path, "%s%s", job->bundle,
		     folder ? "/config.json" : "") < 0)
		job->path = NULL;
	if (!job->path)
		tool_error("out of memory");
	return job->path;
}

/* What a profile says and a program does not is reported where it is
 * compiled. */
static int
check_program(const struct job *job, const struct input *in)
{
	const uint64_t args[6] = { 0 };

	if (install_needs_listener(in->side.code, in->side.count)) {
		tool_error("%s: it uses NOTIFY, which needs a listener: crun "
			   "has none for a program",
			   in->name);
		return STATUS_REJECTED;
	}
	if (!job->target.quiet &&
	    install_refuses(in->side.code, in->side.count, SYS_execve, args))
		tool_error("%s: warning: it refuses execve: crun cannot start "
			   "a program under it",
			   in->name);
	return STATUS_OK;
}

/* Who takes which filter. */
static void
print_note(const struct job *job, const struct annotate *a)
{
	if (job->target.quiet)
		return;
	if (!job->remove)
		tool_error(a->has_seccomp
				   ? "%s: note: crun installs this program and "
				     "ignores linux.seccomp; runc and others "
				     "use that and ignore the program"
				   : "%s: note: runc and others ignore the "
				     "program: with them, as there is no "
				     "linux.seccomp, there is no filter",
			   a->source.name);
	else if (!a->has_seccomp)
		tool_error("%s: note: there is no linux.seccomp, and so no "
			   "filter",
			   a->source.name);
}

static int
write_text(const struct job *job, const struct annotate *a)
{
	const char *output = job->output;
	bool ok;

	if (!output && !strcmp(job->path, "-"))
		output = "-";
	ok = output ? tool_write(output, a->draft.text, a->draft.len)
		    : tool_rewrite(job->path, a->draft.text, a->draft.len);
	if (ok)
		print_note(job, a);
	return ok ? STATUS_OK : STATUS_REJECTED;
}

static int
annotate(const struct job *job, struct annotate *a)
{
	struct input in = { 0 };
	int status;

	if (job->remove) {
		if (annotate_remove(a) || job->output)
			return write_text(job, a);
		if (!job->target.quiet)
			tool_error(
				"%s: note: there is no annotation " ANNOTATION,
				a->source.name);
		return STATUS_OK;
	}
	status = input_load(&in, &job->target, job->file);
	if (status == STATUS_OK)
		status = check_program(job, &in);
	if (status == STATUS_OK) {
		annotate_put(a, in.side.code, in.side.count);
		status = write_text(job, a);
	}
	input_finish(&in);
	return status;
}

static int
edit_config(const struct job *job, const char *text, size_t len)
{
	struct arena arena;
	struct annotate a = {
		.arena = &arena,
		.source = { tool_name(job->path), text, len },
	};
	int status = STATUS_REJECTED;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("out of memory");
		arena_finish(&arena);
		return STATUS_REJECTED;
	}
	diags_init(&a.diags, &arena, &a.source);
	if (annotate_read(&a))
		status = annotate(job, &a);
	else
		target_print(&job->target, &a.diags);
	arena_finish(&arena);
	return status;
}

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "remove", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

/* Returns -1 to go on, else the exit status. */
static int
parse(struct job *job, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) !=
	       -1) {
		if (option == 'o')
			job->output = optarg;
		else if (option == 'r')
			job->remove = true;
		else if (option == 'h') {
			printf("%s%s%s", help, target_help, examples);
			return STATUS_OK;
		} else if (option < TARGET_FIRST || option >= TARGET_LAST)
			return tool_misused("oci-annotate");
		else if (!target_take(&job->target, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind != (job->remove ? 1 : 2))
		return tool_usage("oci-annotate",
				  job->remove ? "BUNDLE alone is needed"
					      : "BUNDLE and FILE are needed");
	job->bundle = argv[optind];
	job->file = argv[optind + 1];
	if (job->file && !strcmp(job->bundle, "-") && !strcmp(job->file, "-"))
		return tool_usage("oci-annotate",
				  "standard input cannot be both");
	return -1;
}

int
cmd_oci_annotate(int argc, char **argv)
{
	struct job job = { 0 };
	int status;
	char *text;
	size_t len;

	target_init(&job.target);
	status = parse(&job, argc, argv);
	if (status >= 0)
		return status;
	if (!find_config(&job))
		return STATUS_REJECTED;
	text = tool_read(job.path, LIMIT_FILE, &len);
	status = text ? edit_config(&job, text, len) : STATUS_REJECTED;
	free(text);
	free(job.path);
	return status;
}
