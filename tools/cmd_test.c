#include "test-report.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc test [OPTION]... FILE EXPECTATIONS...\n"
	"Tests whether a profile (JSON) or program (.bpf) gives calls what is "
	"expected.\n\n"
	"EXPECTATIONS are files with a line for each expectation: an ABI, a "
	"syscall with\n"
	"arguments, and an action. It holds if all such calls get the action, "
	"whatever\n"
	"the values that it leaves open: that is proved, not tried.\n\n"
	"    x86_64 socket(AF_INET, *, *) allow\n"
	"    i386 socketcall(SYS_SOCKET, *) errno(EPERM)\n"
	"    * ptrace(*) errno\n"
	"    x32 * kill\n\n"
	"  -f, --format=FORMAT    text (default), tap, or junit\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc test profile.json profile.expect\n"
	"  seccompc test --caps=docker --kernel=6.1 default.json hosts.expect\n"
	"  echo '* ptrace(*) deny' | seccompc test filter.bpf -\n"
	"  seccompc test --format=junit -o test.xml profile.json "
	"profile.expect\n"
	"\nExit status: 0 all hold, 1 some fail, 2 usage or malformed "
	"expectations,\n3 there is no answer.\n";

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct request {
	struct target_options target;
	enum test_format format;
	const char *output;
	struct arena arena;
	struct expectations list;
};

static bool
take_format(struct request *r, const char *value)
{
	static const char *const names[] = {
		[TEST_TEXT] = "text",
		[TEST_TAP] = "tap",
		[TEST_JUNIT] = "junit",
	};

	for (size_t i = 0; i < LENGTH(names); i++) {
		if (!strcmp(value, names[i])) {
			r->format = (enum test_format)i;
			return true;
		}
	}
	tool_error("--format cannot be '%s': there are text, tap and junit",
		   value);
	return false;
}

static bool
take(struct request *r, int option, const char *value)
{
	switch (option) {
	case 'f':
		return take_format(r, value);
	case 'o':
		r->output = value;
		return true;
	default:
		return target_take(&r->target, option, value);
	}
}

static int
read_file(struct request *r, const char *path)
{
	struct buf errors = { .arena = &r->arena };
	struct source source = { .name = tool_name(path) };
	char *text = tool_read(path, EXPECT_MAX_FILE, &source.len);

	if (!text)
		return STATUS_REJECTED;
	arena_own(&r->arena, text, free);
	source.text = text;
	if (expect_read(&r->list, &source, &errors))
		return STATUS_OK;
	fwrite(errors.data, 1, errors.len, stderr);
	return STATUS_USAGE;
}

static int
hold(struct request *r, const struct input *in)
{
	struct expect_result *results =
		arena_alloc(&r->arena, (r->list.list.n + 1) * sizeof(*results));
	struct expect_subject subject = { in->side.code, in->side.count, 0 };
	struct test_report report = { in, &r->list, results };
	struct buf out = { .arena = &r->arena };
	char why[160];
	size_t stopped;

	if (!in->is_program)
		subject.abis = in->c.ruleset->abis;
	if (expect_decide(&r->list, &subject, results, &stopped, why,
			  sizeof(why)) != DD_DONE) {
		tool_error("%s:%u: no answer: %s", r->list.list.v[stopped].file,
			   r->list.list.v[stopped].line, why);
		return STATUS_UNPROVED;
	}
	test_write(&out, r->format, &report);
	if (!tool_write(r->output, out.data, out.len))
		return STATUS_REJECTED;
	return test_count(&report, 0, r->list.list.n).failed ? STATUS_REJECTED
							     : STATUS_OK;
}

/* All expectations are read first: what is wrong with them is soon told. */
static int
run(struct request *r, struct input *in, char **paths)
{
	int status = STATUS_OK, one;

	if (setjmp(r->arena.oom)) {
		tool_error("out of memory");
		return STATUS_REJECTED;
	}
	r->list.arena = &r->arena;
	for (char **path = paths + 1; *path; path++) {
		one = read_file(r, *path);
		if (one > status)
			status = one;
	}
	if (status == STATUS_OK && !r->list.list.n) {
		tool_error("there are no expectations in these files");
		status = STATUS_USAGE;
	}
	if (status != STATUS_OK)
		return status;
	status = input_load(in, &r->target, *paths);
	return status == STATUS_OK ? hold(r, in) : status;
}

static bool
shares_stdin(char **paths)
{
	size_t count = 0;

	for (; *paths; paths++)
		count += !strcmp(*paths, "-");
	return count > 1;
}

int
cmd_test(int argc, char **argv)
{
	struct request r = { .output = "-" };
	struct input in = { 0 };
	int option, status;

	target_init(&r.target);
	/* What else is wrong with a profile is for check to say. */
	r.target.quiet = true;
	while ((option = getopt_long(argc, argv, "f:o:h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			printf("%s\n%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("test");
		if (!take(&r, option, optarg))
			return STATUS_USAGE;
	}
	if (argc - optind < 2)
		return tool_usage("test", "a profile or program and a file of "
					  "expectations are needed");
	if (shares_stdin(argv + optind))
		return tool_usage("test", "only one file can be standard "
					  "input");
	arena_init(&r.arena);
	status = run(&r, &in, argv + optind);
	arena_finish(&r.arena);
	input_finish(&in);
	return status;
}
