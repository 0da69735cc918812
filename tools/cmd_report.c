#include "check.h"
#include "input.h"
#include "jobs.h"
#include "report.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc report [OPTION]... PROFILE... -o FILE\n"
	"Writes a page (HTML) to look at: what profiles let through, and "
	"why.\n\n"
	"PROFILE is a file, - for standard input, or a folder: then every "
	"*.json in it.\nThe page is one file that fetches nothing. It has the "
	"verdict on every syscall,\nfindings with source lines, the decision "
	"tree and figures.\n\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"      --baseline=FILE    compare with this profile or program\n"
	"      --for=CONSUMER     what reads the profile: docker, podman, "
	"crio, oci or\n"
	"                         kubernetes (containerd); its dialect is "
	"taken as well\n"
	"  -h, --help             show this text\n\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc report profile.json -o report.html\n"
	"  seccompc report --caps=docker --kernel=6.1 default.json -o "
	"report.html\n"
	"  seccompc report --baseline=old.json new.json -o report.html\n"
	"\nExit status: 0 fine, 1 a profile was refused (the page says why), "
	"2 usage, 3 a\nproof failed or gave up.\n";

enum { OPTION_BASELINE = 0x100, OPTION_FOR };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "baseline", required_argument, NULL, OPTION_BASELINE },
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct request {
	struct check_settings settings;
	const char *output, *baseline;
	bool help;
};

static bool
take(struct request *r, int option, int index)
{
	char why[256];

	switch (option) {
	case 'h':
		r->help = true;
		return true;
	case 'o':
		r->output = optarg;
		return true;
	case OPTION_BASELINE:
		r->baseline = optarg;
		return true;
	case TARGET_QUIET:
	case TARGET_COLOUR:
		return target_take(&r->settings.target, option, optarg);
	default:
		if (check_set(&r->settings, long_options[index].name, optarg,
			      why, sizeof(why)))
			return true;
		tool_error("--%s", why);
		return false;
	}
}

static int
read_options(struct request *r, int argc, char **argv)
{
	int option, index = 0;

	while ((option = getopt_long(argc, argv, "ho:", long_options,
				     &index)) != -1) {
		if (option == '?')
			return tool_misused("report");
		if (!take(r, option, index))
			return STATUS_USAGE;
	}
	if (r->help)
		return STATUS_OK;
	if (optind == argc)
		return tool_usage("report", "PROFILE is needed");
	if (!r->output)
		return tool_usage("report", "-o FILE is needed");
	return STATUS_OK;
}

/*
 * Adds what a compilation came to.  Running out of memory leaves through the
 * arena of the report, or is reported by lint_run().
 */
static int
add_compiled(const struct request *r, struct report *report,
	     struct compilation *c)
{
	struct buf why = { .arena = report->arena };

	if (!lint_run(c, &r->settings.lint)) {
		tool_error("%s: out of memory", c->source.name);
		return STATUS_REJECTED;
	}
	if (compilation_unproved(c)) {
		proof_write(&why, &c->proof);
		tool_error("%s: %s", c->source.name, why.data);
		return STATUS_UNPROVED;
	}
	if (!report_add(report, c)) {
		tool_error("%s: the page gets longer than %d bytes: make "
			   "several",
			   c->source.name, REPORT_PAGE);
		return STATUS_REJECTED;
	}
	return STATUS_OK;
}

/* Adds a profile.  refused is set if it has no program, which is shown. */
static int
add(const struct request *r, struct report *report, const char *path,
    bool *refused)
{
	size_t len;
	char *text = tool_read(path, LIMIT_FILE, &len);
	struct compilation *c;
	int status;

	if (!text)
		return STATUS_REJECTED;
	/* If memory runs out, the arena has to find them. */
	arena_own(report->arena, text, free);
	c = arena_alloc(report->arena, sizeof(*c));
	arena_own(report->arena, c, (void (*)(void *))compilation_finish);
	target_compile(&r->settings.target, c, tool_name(path), text, len);
	status = add_compiled(r, report, c);
	if (status == STATUS_OK && !c->program) {
		tool_error("%s: refused; the page says why", c->source.name);
		*refused = true;
	}
	compilation_finish(c);
	return status;
}

/* Running out of memory leaves through the arena. */
static int
write_page(const struct request *r, const struct jobs *jobs,
	   const struct report_baseline *baseline, struct arena *arena)
{
	struct report report;
	struct buf buf = { .arena = arena };
	bool refused = false;

	report_init(&report, arena, baseline);
	for (size_t i = 0; i < jobs->n; i++) {
		int status = add(r, &report, jobs->v[i].input, &refused);

		if (status != STATUS_OK)
			return status;
	}
	report_write(&buf, &report);
	return tool_write(r->output, buf.data, buf.len) && !refused
		       ? STATUS_OK
		       : STATUS_REJECTED;
}

static int
try_page(const struct request *r, const struct jobs *jobs,
	 const struct report_baseline *baseline, struct arena *arena)
{
	if (!setjmp(arena->oom))
		return write_page(r, jobs, baseline, arena);
	tool_error("out of memory");
	return STATUS_REJECTED;
}

static int
make(const struct request *r, const struct jobs *jobs)
{
	struct target_options target = r->settings.target;
	struct report_baseline baseline;
	struct input in = { 0 };
	struct arena arena;
	int status = STATUS_OK;

	/* The page is about the others. */
	target.quiet = true;
	if (r->baseline)
		status = input_load(&in, &target, r->baseline);
	arena_init(&arena);
	baseline = (struct report_baseline){ in.name, in.side };
	if (status == STATUS_OK)
		status = try_page(r, jobs, r->baseline ? &baseline : NULL,
				  &arena);
	arena_finish(&arena);
	input_finish(&in);
	return status;
}

int
cmd_report(int argc, char **argv)
{
	struct request r = { 0 };
	struct jobs jobs = { 0 };
	int status;

	check_settings_init(&r.settings);
	status = read_options(&r, argc, argv);
	if (status != STATUS_OK)
		return status;
	if (r.help) {
		printf("%s%s%s", help, target_help, examples);
		return STATUS_OK;
	}
	if (!jobs_list(&jobs, argv + optind, (size_t)(argc - optind), NULL)) {
		status = STATUS_REJECTED;
	} else if (jobs.n > REPORT_PROFILES) {
		tool_error("%zu profiles are more than the %d of a page: make "
			   "several",
			   jobs.n, REPORT_PROFILES);
		status = STATUS_REJECTED;
	} else {
		status = make(&r, &jobs);
	}
	jobs_finish(&jobs);
	return status;
}
