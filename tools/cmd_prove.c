#include "diff-report.h"
#include "input.h"
#include "tools.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc prove [OPTION]... PROFILE PROGRAM\n"
	"Proves that a program decides every call as a profile says, or shows "
	"calls on\nwhich they differ.\n\n"
	"PROGRAM is an array of struct sock_filter, of whatever compiler; it "
	"is first\nchecked as the kernel does.  Either may be -, standard "
	"input.\n\n"
	"      --all              show all that differs, not the first 20\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc prove profile.json profile.bpf\n"
	"  seccompc prove --caps=docker --kernel=6.1 default.json filter.bpf\n"
	"  base64 -d filter.base64 | seccompc prove profile.json -\n"
	"\nExit status: 0 proved, 1 they differ or one is refused, 2 usage, 3 "
	"there is no\nanswer.\n";

enum { OPTION_ALL = 0x100, SHOWN = 20 };

static const struct option long_options[] = {
	{ "all", no_argument, NULL, OPTION_ALL },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct report {
	const struct diff *diff;
	const struct input *profile, *program;
	size_t limit;
};

static void
make(struct buf *buf, const void *data)
{
	const struct report *r = data;
	const struct side *side = &r->program->side;

	if (r->diff->equal) {
		buf_printf(buf,
			   "proved: the %zu instructions of %s (%zu as the "
			   "kernel counts them) decide every call as %s says\n",
			   side->count, r->program->shown,
			   bpf_converted_length(side->code, side->count),
			   r->profile->shown);
		return;
	}
	buf_printf(buf, "%s does not do what %s says:\n", r->program->shown,
		   r->profile->shown);
	diff_write_calls(buf, r->diff, "the profile", "the program", r->limit);
}

static int
compare(const struct input *profile, const struct input *program, size_t limit)
{
	struct side rules = { .ruleset = profile->side.ruleset };
	struct diff diff;
	struct report report = { &diff, profile, program, limit };
	enum dd_end end = diff_find(&diff, &rules, &program->side, false);
	int status = STATUS_UNPROVED;

	if (end != DD_DONE)
		diff_explain_end(&diff, end);
	else
		status = diff_print("-", make, &report) && diff.equal
				 ? STATUS_OK
				 : STATUS_REJECTED;
	diff_finish(&diff);
	return status;
}

int
cmd_prove(int argc, char **argv)
{
	struct target_options target;
	struct input profile, program = { 0 };
	size_t limit = SHOWN;
	int option, status;

	target_init(&target);
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (option == 'h') {
			printf("%s\n%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("prove");
		if (option == OPTION_ALL)
			limit = SIZE_MAX;
		else if (!target_take(&target, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind != 2)
		return tool_usage("prove", "a profile and a program are "
					   "needed");
	status = input_load_profile(&profile, &target, argv[optind]);
	if (status == STATUS_OK)
		status = input_load_program(&program, argv[optind + 1]);
	if (status == STATUS_OK)
		status = compare(&profile, &program, limit);
	input_finish(&profile);
	input_finish(&program);
	return status;
}
