#include "check.h"
#include "jobs.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
	"Usage: seccompc check [OPTION]... PROFILE...\n"
	"       seccompc check [OPTION]... --manifest=FILE...\n"
	"Checks seccomp profiles: all that the compiler says, and lints.\n"
	"\n"
	"PROFILE is a file, - for standard input, or a folder: then every "
	"*.json in it.\n"
	"\n"
	"      --for=CONSUMER     what reads the profile: docker, podman, "
	"crio, oci or\n"
	"                         kubernetes (containerd); its dialect is "
	"taken as well\n"
	"      --threshold=LEVEL  findings from this severity on make the exit "
	"status 1:\n"
	"                         error (default), warning, note\n"
	"      --config=FILE      settings in place of the .seccompc.json that "
	"is nearest\n"
	"                         upwards from each profile\n"
	"      --no-config        no settings from files\n"
	"  -f, --format=FORMAT    text (default), json, sarif, github\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"      --list             list the names of all findings, with their "
	"severities\n"
	"  -h, --help             show this text\n"
	"Kubernetes:\n"
	"      --manifest=FILE    which container gets which profile, and the "
	"profiles;\n"
	"                         can be given several times\n"
	"      --profile-root=DIR\n"
	"                         what stands for the kubelet's folder of "
	"profiles\n"
	"      --seccomp-default  the kubelet has this option: RuntimeDefault "
	"where no\n"
	"                         profile is written\n"
	"Budgets:\n"
	"      --max-instructions=N\n"
	"                         of the program\n"
	"      --max-path=N       that any call executes\n"
	"      --min-cached=N     syscalls that the kernel's cache answers; "
	"with %, of\n"
	"                         those that can be allowed\n"
	"      --no-weaker-than=FILE\n"
	"                         a profile or program; a call that is treated "
	"more\n"
	"                         laxly than there is an error\n"
	"\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc check --caps=docker --kernel=6.1 default.json\n"
	"  seccompc check --for=kubernetes --threshold=warning profiles/\n"
	"  seccompc check --manifest=pod.yaml --profile-root=nodes\n"
	"  seccompc check --format=sarif -o findings.sarif profile.json\n"
	"  seccompc check --no-weaker-than=base.json --max-path=40 profile.json"
	"\n"
	"  seccompc check --list\n"
	"\nExit status: 0 clean, 1 findings at or above the threshold, 2 "
	"usage, "
	"3 a proof\nfailed or gave up.\n";

enum {
	OPTION_FOR = 0x100,
	OPTION_THRESHOLD,
	OPTION_MANIFEST,
	OPTION_PROFILE_ROOT,
	OPTION_SECCOMP_DEFAULT,
	OPTION_CONFIG,
	OPTION_NO_CONFIG,
	OPTION_MAX_INSTRUCTIONS,
	OPTION_MAX_PATH,
	OPTION_MIN_CACHED,
	OPTION_BASELINE,
	OPTION_LIST,
};

static const struct option long_options[] = {
	{ "for", required_argument, NULL, OPTION_FOR },
	{ "threshold", required_argument, NULL, OPTION_THRESHOLD },
	{ "manifest", required_argument, NULL, OPTION_MANIFEST },
	{ "profile-root", required_argument, NULL, OPTION_PROFILE_ROOT },
	{ "seccomp-default", no_argument, NULL, OPTION_SECCOMP_DEFAULT },
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "no-config", no_argument, NULL, OPTION_NO_CONFIG },
	{ "max-instructions", required_argument, NULL,
	  OPTION_MAX_INSTRUCTIONS },
	{ "max-path", required_argument, NULL, OPTION_MAX_PATH },
	{ "min-cached", required_argument, NULL, OPTION_MIN_CACHED },
	{ "no-weaker-than", required_argument, NULL, OPTION_BASELINE },
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "list", no_argument, NULL, OPTION_LIST },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct command {
	struct check check;
	struct check_settings scratch; /* what options are tried on */
	enum findings_format format;
	enum severity threshold;
	const char *output;
	VEC(const char *) manifests;
	bool auto_colour;
	bool help, list;
};

static void
print_list(void)
{
	for (size_t i = 0; i < DIAG_COUNT; i++) {
		const struct diag_info *info = &diag_table[i];

		printf("%-26s %s%-*s %s\n", info->name,
		       info->adjustable ? "" : "always ",
		       info->adjustable ? 12 : 5, severity_name(info->severity),
		       info->help);
	}
}

static bool
set_threshold(struct command *c, const char *value)
{
	for (size_t i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++) {
		if (!strcmp(value, severity_name((enum severity)i))) {
			c->threshold = (enum severity)i;
			return true;
		}
	}
	tool_error("--threshold cannot be '%s': there are error, warning and "
		   "note",
		   value);
	return false;
}

static bool
set_format(struct command *c, const char *value)
{
	c->format = findings_find(value);
	if (c->format != FINDINGS_FORMATS)
		return true;
	tool_error("--format cannot be '%s': there are text, json, sarif and "
		   "github",
		   value);
	return false;
}

/* An option that a settings file can have as well. */
static bool
take(struct command *c, const char *name, const char *value)
{
	char why[256];

	if (!check_set(&c->scratch, name, value, why, sizeof(why))) {
		tool_error("--%s", why);
		return false;
	}
	*vec_push(&c->check.arena, &c->check.options) =
		(struct check_option){ name, value };
	return true;
}

static bool
take_option(struct command *c, int option, int index)
{
	switch (option) {
	case 'h':
		c->help = true;
		return true;
	case 'f':
		return set_format(c, optarg);
	case 'o':
		c->output = optarg;
		return true;
	case OPTION_LIST:
		c->list = true;
		return true;
	case OPTION_MANIFEST:
		*vec_push(&c->check.arena, &c->manifests) = optarg;
		return true;
	case OPTION_PROFILE_ROOT:
		c->check.manifest.root = optarg;
		return true;
	case OPTION_SECCOMP_DEFAULT:
		c->check.manifest.seccomp_default = true;
		return true;
	case OPTION_CONFIG:
		c->check.settings_file = optarg;
		return true;
	case OPTION_NO_CONFIG:
		c->check.no_settings_file = true;
		return true;
	case OPTION_THRESHOLD:
		return set_threshold(c, optarg);
	case TARGET_QUIET:
		c->check.quiet = true;
		return true;
	case TARGET_COLOUR:
		c->auto_colour = !strcmp(optarg, "auto");
		return target_take(&c->scratch.target, option, optarg);
	default:
		return take(c, long_options[index].name, optarg);
	}
}

/* Returns STATUS_OK, or another status after reporting. */
static int
read_options(struct command *c, int argc, char **argv)
{
	int option, index = 0;

	while ((option = getopt_long(argc, argv, "hf:o:", long_options,
				     &index)) != -1) {
		if (option == '?')
			return tool_misused("check");
		if (!take_option(c, option, index))
			return STATUS_USAGE;
	}
	if (!c->help && !c->list && optind == argc && !c->manifests.n)
		return tool_usage("check", "PROFILE is needed");
	if (!c->manifests.n &&
	    (c->check.manifest.root || c->check.manifest.seccomp_default))
		return tool_usage("check",
				  "--%s has no effect without --manifest",
				  c->check.manifest.root ? "profile-root"
							 : "seccomp-default");
	return STATUS_OK;
}

static int
exit_status(const struct command *c)
{
	if (c->check.unproved)
		return STATUS_UNPROVED;
	if (c->check.failed)
		return STATUS_REJECTED;
	for (size_t i = 0; i < c->check.files.n; i++) {
		const struct diags *diags = c->check.files.v[i].diags;

		for (size_t s = c->threshold; s <= SEVERITY_ERROR; s++)
			if (diags->count[s])
				return STATUS_REJECTED;
	}
	return STATUS_OK;
}

static bool
is_for_eyes(const struct command *c)
{
	return !strcmp(c->output, "-") && isatty(STDOUT_FILENO) &&
	       !getenv("NO_COLOR");
}

static const char *const *
name_settings(struct check *check)
{
	const char **names = arena_alloc(
		&check->arena, (check->settings_files.n + 1) * sizeof(*names));

	for (size_t i = 0; i < check->settings_files.n; i++)
		names[i] = check->settings_files.v[i]->source.name;
	return names;
}

static bool
write_findings(struct command *c)
{
	struct buf buf = { .arena = &c->check.arena };
	struct findings findings = {
		.files = c->check.files.v,
		.count = c->check.files.n,
		.threshold = c->threshold,
		.status = exit_status(c),
		.incomplete = c->check.failed,
		.colour = c->auto_colour ? is_for_eyes(c)
					 : c->scratch.target.colour,
		.settings = name_settings(&c->check),
		.settings_count = c->check.settings_files.n,
	};

	findings_find_root(&findings, &c->check.arena);
	findings_write(&buf, c->format, &findings);
	return tool_write(c->output, buf.data ? buf.data : "", buf.len);
}

/* The manifests, and the profiles that they name. */
static void
check_manifests(struct command *c)
{
	struct check *check = &c->check;

	for (size_t i = 0; i < c->manifests.n && !check->misused; i++)
		check_manifest(check, c->manifests.v[i]);
	for (size_t i = 0; i < check->named.n && !check->misused; i++)
		check_profile(check, check->named.v[i], "kubernetes");
}

/* What was meant, where manifests are given as profiles. */
static void
hint_at_manifests(char **operands, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *end = strrchr(operands[i], '.');

		if (end && (!strcmp(end, ".yaml") || !strcmp(end, ".yml")))
			tool_error("%s: manifests are given as --manifest=FILE",
				   operands[i]);
	}
}

/* Running out of memory leaves through the arena. */
static int
run(struct command *c, int argc, char **argv)
{
	int status = read_options(c, argc, argv);
	struct jobs jobs;

	if (status != STATUS_OK)
		return status;
	if (c->help) {
		printf("%s%s%s", help, target_help, examples);
		return STATUS_OK;
	}
	if (c->list) {
		print_list();
		return STATUS_OK;
	}
	if (!jobs_list(&jobs, argv + optind, (size_t)(argc - optind), NULL)) {
		jobs_finish(&jobs);
		return STATUS_REJECTED;
	}
	check_manifests(c);
	for (size_t i = 0; i < jobs.n && !c->check.misused; i++)
		check_profile(&c->check, jobs.v[i].input, NULL);
	jobs_finish(&jobs);
	if (c->check.misused)
		return STATUS_USAGE;
	/* A report must not pass for one of all profiles. */
	if (c->check.failed && strcmp(c->output, "-") != 0) {
		tool_error("%s is not written", c->output);
		return STATUS_REJECTED;
	}
	if (exit_status(c) != STATUS_OK)
		hint_at_manifests(argv + optind, (size_t)(argc - optind));
	check_file_report(&c->check);
	return write_findings(c) ? exit_status(c) : STATUS_REJECTED;
}

int
cmd_check(int argc, char **argv)
{
	struct command c = { .threshold = SEVERITY_ERROR,
			     .output = "-",
			     .auto_colour = true };
	int status;

	arena_init(&c.check.arena);
	check_settings_init(&c.scratch);
	if (setjmp(c.check.arena.oom)) {
		tool_error("out of memory");
		status = STATUS_REJECTED;
	} else {
		status = run(&c, argc, argv);
	}
	arena_finish(&c.check.arena);
	return status;
}
