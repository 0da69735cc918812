#include "build.h"
#include "input.h"
#include "join.h"
#include "oci.h"
#include "tools.h"
#include "tuning.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help_merge[] =
	"Usage: seccompc merge [OPTION]... A B [-o FILE]\n"
	"Writes a profile that allows what A or B allows: every call gets the "
	"laxer of\nboth actions.  If they are the same with another errno, "
	"the default action is\npreferred, then A.\n\n";

static const char help_intersect[] =
	"Usage: seccompc intersect [OPTION]... A B [-o FILE]\n"
	"Writes a profile that allows what A and B allow: every call gets the "
	"stricter of\nboth actions, as when the kernel runs both.  If they "
	"are the same with another\nerrno, B's counts, as that of a filter "
	"installed later does.\n\n";

static const char help_common[] =
	"A and B are profiles (JSON) or programs (.bpf), whoever made them; "
	"- is standard\ninput.\n\n"
	"  -o, --output=FILE      where to write; standard output without it\n"
	"  -f, --format=FORMAT    oci (default): a profile; bpf, asm: the "
	"program, also\n"
	"                         where no rules say what comes out\n"
	"      --denials=MODE     exact (default), or any: if need be, a "
	"call that is\n"
	"                         refused may be so by another action or "
	"errno\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc %s runtime.json app.json -o both.json\n"
	"  seccompc %s --caps=docker --kernel=6.1 default.json app.json\n"
	"  seccompc %s -f bpf runtime.bpf app.json -o both.bpf\n"
	"\nWhat is written is proved to decide every call so.  A profile is "
	"to be read in\nthe dialect oci; flags and listener are those of the "
	"first profile.\nExit status: 0 written, 1 no rules say it, or A or "
	"B is refused, 2 usage, 3\nthere is no answer.\n";

enum { OPTION_DENIALS = 0x100 };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "denials", required_argument, NULL, OPTION_DENIALS },
	TARGET_OPTIONS,
	TUNING_OPTIONS,
	{ 0 },
};

struct request {
	const char *command;
	struct join join;
	bool any_denial;
	struct target_options target;
	struct tuning tuning;
	enum format format;
	const char *output;
	const struct input *a, *b;
};

/* What can be done where no rules say it. */
static const char *
choose_hint(const struct request *r)
{
	bool profiles = !r->a->is_program && !r->b->is_program;

	if (profiles && r->a->c.ruleset->abis != r->b->c.ruleset->abis)
		return "A and B are about other ABIs, and a rule holds for all "
		       "of them: --arch makes both about the same; or "
		       "--format=bpf writes a program";
	return r->any_denial ? "--format=bpf writes a program that decides so"
			     : "--denials=any leaves open how calls are "
			       "refused; or --format=bpf writes a program";
}

static bool
same_string(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Says so if B's flags and listener are lost. */
static void
note_lost(const struct request *r)
{
	const struct profile *a = r->a->c.profile, *b = r->b->c.profile;

	if (r->a->is_program || r->b->is_program || r->target.quiet)
		return;
	if (a->filter_flags != b->filter_flags ||
	    !same_string(a->listener_path, b->listener_path) ||
	    !same_string(a->listener_metadata, b->listener_metadata))
		tool_error("note: flags and listener are those of %s",
			   r->a->name);
}

static int
write_profile(const struct request *r, const char *name)
{
	const struct input *first = r->a->is_program ? r->b : r->a;
	struct rewrite rewrite = {
		.wanted = join_read,
		.data = &r->join,
		.native = r->join.native,
		.has_default = r->join.has_default,
		.default_action = r->join.default_action,
		.source = first->is_program ? NULL : first->c.profile,
		.any_denial = r->any_denial,
	};
	const struct oci_job job = { .name = name,
				     .hint = choose_hint(r),
				     .output = r->output,
				     .quiet = r->target.quiet };
	int status;

	status = oci_write(&rewrite, &job);
	if (status == STATUS_OK)
		note_lost(r);
	return status;
}

static bool
write_code(const struct request *r, struct build *b)
{
	struct buf buf = { .arena = &b->arena };

	if (setjmp(b->arena.oom)) {
		tool_error("out of memory");
		return false;
	}
	if (r->format == FORMAT_ASM)
		disasm_write(&buf, &b->arena, b->program->code.v,
			     b->program->code.n);
	else
		buf_append(&buf, b->program->code.v,
			   b->program->code.n * sizeof(*b->program->code.v));
	return tool_write(r->output, buf.data, buf.len);
}

static int
write_program(const struct request *r, const char *name)
{
	struct build b = { .wanted = join_read,
			   .data = &r->join,
			   .options = &r->target.settings.options };
	enum build_end end = build(&b);
	int status = STATUS_REJECTED;

	if (end == BUILD_DONE) {
		status = write_code(r, &b) ? STATUS_OK : STATUS_REJECTED;
	} else if (end == BUILD_NO_MEMORY) {
		tool_error("%s: out of memory", name);
	} else {
		tool_error("%s: %s%s; nothing was written", name,
			   end == BUILD_GAVE_UP ? "the proof gave up: " : "",
			   b.reason);
		if (end == BUILD_GAVE_UP)
			status = STATUS_UNPROVED;
	}
	build_finish(&b);
	return status;
}

static int
run(struct request *r)
{
	char name[1024];

	snprintf(name, sizeof(name), "%s of %s and %s", r->command, r->a->name,
		 r->b->name);
	r->join.a = &r->a->side;
	r->join.b = &r->b->side;
	r->join.native = r->target.settings.options.native;
	join_open(&r->join);
	if (r->format == FORMAT_OCI)
		return write_profile(r, name);
	if (r->format == FORMAT_BPF && !strcmp(r->output, "-") &&
	    isatty(STDOUT_FILENO)) {
		tool_error("a program is no text: say -o FILE, or -f asm");
		return STATUS_REJECTED;
	}
	return write_program(r, name);
}

static bool
take_denials(struct request *r, const char *value)
{
	r->any_denial = !strcmp(value, "any");
	if (r->any_denial || !strcmp(value, "exact"))
		return true;
	tool_error("--denials cannot be '%s': there are exact and any", value);
	return false;
}

static bool
take(struct request *r, int option, const char *value)
{
	if (option == 'o') {
		r->output = value;
		return true;
	}
	if (option == OPTION_DENIALS)
		return take_denials(r, value);
	if (option >= TUNING_WEIGHTS && option < TUNING_LAST)
		return tuning_take(&r->tuning, &r->target, option, value);
	if (option != 'f')
		return target_take(&r->target, option, value);
	if (!strcmp(value, "oci"))
		r->format = FORMAT_OCI;
	else if (!strcmp(value, "bpf"))
		r->format = FORMAT_BPF;
	else if (!strcmp(value, "asm"))
		r->format = FORMAT_ASM;
	else {
		tool_error("--format cannot be '%s': there are oci, bpf and "
			   "asm",
			   value);
		return false;
	}
	return true;
}

static void
print_help(const struct request *r)
{
	fputs(r->join.laxer ? help_merge : help_intersect, stdout);
	printf("%s\n%s%s", help_common, target_help, tuning_help);
	printf(examples, r->command, r->command, r->command);
}

static int
join_files(struct request *r, char **paths)
{
	struct input a, b = { 0 };
	int status = input_load(&a, &r->target, paths[0]);

	if (status == STATUS_OK)
		status = input_load(&b, &r->target, paths[1]);
	r->a = &a;
	r->b = &b;
	if (status == STATUS_OK)
		status = run(r);
	input_finish(&a);
	input_finish(&b);
	return status;
}

/* Returns -1 to go on, else the exit status. */
static int
parse(struct request *r, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:f:h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			print_help(r);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused(r->command);
		if (!take(r, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind != 2)
		return tool_usage(r->command, "two profiles or programs are "
					      "needed");
	option = tuning_load(&r->tuning, &r->target, argv + optind, 2);
	return option == STATUS_OK ? -1 : option;
}

static int
join(struct request *r, int argc, char **argv)
{
	int status;

	r->output = "-";
	r->format = FORMAT_OCI;
	target_init(&r->target);
	tuning_init(&r->tuning);
	status = parse(r, argc, argv);
	if (status < 0)
		status = join_files(r, argv + optind);
	tuning_finish(&r->tuning);
	return status;
}

int
cmd_merge(int argc, char **argv)
{
	struct request r = { .command = "merge", .join.laxer = true };

	return join(&r, argc, argv);
}

int
cmd_intersect(int argc, char **argv)
{
	struct request r = { .command = "intersect" };

	return join(&r, argc, argv);
}
