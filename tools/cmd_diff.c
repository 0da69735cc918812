#include "diff-report.h"
#include "input.h"
#include "tools.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc diff [OPTION]... A B\n"
	"Compares two profiles or programs, for all calls, exactly.\n\n"
	"A and B are profiles (JSON) or programs (.bpf), whoever made them; "
	"- is standard\ninput.  What differs is grouped by syscall, with the "
	"smallest condition on\narguments that says where, and a call to "
	"show it.\n\n"
	"  -f, --format=FORMAT    text (default) or json\n"
	"      --compare=WHAT     value (default): an action and its data, "
	"such as\n"
	"                         the errno; action: the action alone\n"
	"      --no-weaker        fail only if A allows more than B on some "
	"call\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc diff old.json new.json\n"
	"  seccompc diff --no-weaker hardened.json default.json\n"
	"  seccompc diff --caps=docker --kernel=6.1 default.json filter.bpf\n"
	"\nActions are ordered as the kernel orders them.  Exit status: 0 "
	"equal "
	"(with\n--no-weaker: A is equal or stricter), 1 different or refused, "
	"2 "
	"usage,\n3 there is no answer.\n";

enum { OPTION_COMPARE = 0x100, OPTION_NO_WEAKER };

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "compare", required_argument, NULL, OPTION_COMPARE },
	{ "no-weaker", no_argument, NULL, OPTION_NO_WEAKER },
	TARGET_OPTIONS,
	{ 0 },
};

struct request {
	struct target_options target;
	bool json, by_action, no_weaker;
	const char *output;
};

static bool
take(struct request *r, int option, const char *value)
{
	switch (option) {
	case 'o':
		r->output = value;
		return true;
	case 'f':
		return tool_take_json(value, &r->json);
	case OPTION_COMPARE:
		r->by_action = !strcmp(value, "action");
		if (r->by_action || !strcmp(value, "value"))
			return true;
		tool_error("--compare cannot be '%s': there are value and "
			   "action",
			   value);
		return false;
	case OPTION_NO_WEAKER:
		r->no_weaker = true;
		return true;
	default:
		return target_take(&r->target, option, value);
	}
}

struct report {
	const struct request *r;
	const struct diff *diff;
	struct diff_sides sides;
};

static void
make(struct buf *buf, const void *data)
{
	const struct report *report = data;

	if (report->r->json)
		diff_write_json(buf, report->diff, &report->sides);
	else
		diff_write_text(buf, report->diff, &report->sides);
}

static int
compare(const struct request *r, const struct input *a, const struct input *b)
{
	struct diff diff;
	struct report report = { r, &diff, { a->shown, b->shown } };
	enum dd_end end = diff_find(&diff, &a->side, &b->side, r->by_action);
	int status = STATUS_UNPROVED;

	if (end != DD_DONE)
		diff_explain_end(&diff, end);
	else if (!diff_print(r->output, make, &report))
		status = STATUS_REJECTED;
	else
		status = r->no_weaker ? diff.found[DD_WEAKER] : !diff.equal;
	diff_finish(&diff);
	return status;
}

int
cmd_diff(int argc, char **argv)
{
	struct request r = { .output = "-" };
	struct input a, b = { 0 };
	int option, status;

	target_init(&r.target);
	while ((option = getopt_long(argc, argv, "f:o:h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			printf("%s\n%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("diff");
		if (!take(&r, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind != 2)
		return tool_usage("diff", "two profiles or programs are "
					  "needed");
	status = input_load(&a, &r.target, argv[optind]);
	if (status == STATUS_OK)
		status = input_load(&b, &r.target, argv[optind + 1]);
	if (status == STATUS_OK)
		status = compare(&r, &a, &b);
	input_finish(&a);
	input_finish(&b);
	return status;
}
