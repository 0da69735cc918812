#include "explain.h"
#include "tools.h"

#include "compiler/explain/constant.h"
#include "compiler/explain/expect.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc explain [OPTION]... FILE [ABI] SYSCALL [ARGUMENT]...\n"
	"       seccompc explain [OPTION]... [FILE] LINE\n"
	"       seccompc explain [OPTION]... [FILE] --audit=LOG\n"
	"Says what a profile decides for a syscall on each ABI, which rule or\n"
	"default decides it and why, the instructions that come to it, and "
	"the\n"
	"smallest change to the profile that would allow it.\n\n"
	"FILE is a profile (JSON) or a program (.bpf); - is standard input.\n"
	"ABI is x86_64, i386 or x32; without it, all that have the call.\n"
	"SYSCALL is a name, or a number as a filter sees it.  An ARGUMENT is "
	"a\n"
	"number, constants such as O_RDWR|O_CREAT, or * for any value, as are\n"
	"those that are not there.  LINE is what the kernel logged of a call: "
	"it\n"
	"is held against FILE, and decoded alone without one.  A LOG has "
	"many,\n"
	"as kernels, auditd and journald write them (also journalctl -o "
	"json),\n"
	"among other lines.\n\n"
	"      --abi=LIST         only these ABIs: x86_64, i386, x32\n"
	"      --audit=LOG        a file, or - for standard input\n"
	"      --want=ACTION      the action to be got, in place of ALLOW: an\n"
	"                         SCMP_ACT_ name\n"
	"      --brief            no instructions and no changes\n"
	"  -f, --format=FORMAT    text (default) or json\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc explain profile.json openat2\n"
	"  seccompc explain profile.json x86_64 socket AF_INET\n"
	"  seccompc explain --abi=i386 --brief profile.json socketcall 1\n"
	"  seccompc explain --caps=docker --kernel=6.1 default.json socket "
	"AF_PACKET\n"
	"  seccompc explain filter.bpf personality 0x20008\n"
	"  seccompc explain --caps=docker --kernel=6.1 default.json "
	"--audit=audit.log\n"
	"  dmesg | seccompc explain --audit=-\n"
	"\nExit status: 0 fine, 1 refused, or a line is from another filter, "
	"2 usage,\n3 there is no answer.\n";

enum {
	OPTION_ABI = 0x100,
	OPTION_AUDIT,
	OPTION_WANT,
	OPTION_BRIEF,
};

static const struct option long_options[] = {
	{ "abi", required_argument, NULL, OPTION_ABI },
	{ "audit", required_argument, NULL, OPTION_AUDIT },
	{ "want", required_argument, NULL, OPTION_WANT },
	{ "brief", no_argument, NULL, OPTION_BRIEF },
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct request {
	struct target_options target;
	bool json, brief;
	abi_set abis; /* 0: all */
	uint32_t want;
	const char *audit, *output;
};

static bool
take_want(struct request *r, const char *value)
{
	const struct action_info *info = action_find(value);

	if (!info) {
		tool_error("--want: unknown action '%s'; there are "
			   "SCMP_ACT_ALLOW, SCMP_ACT_ERRNO and others",
			   value);
		return false;
	}
	r->want = info->value | (info->data != ACTION_NO_DATA ? 1 : 0);
	return true;
}

static bool
take(struct request *r, int option, const char *value)
{
	switch (option) {
	case 'o':
		r->output = value;
		return true;
	case 'f':
		return tool_take_json(value, &r->json);
	case OPTION_ABI:
		r->abis = target_abis("abi", value);
		return r->abis;
	case OPTION_AUDIT:
		r->audit = value;
		return true;
	case OPTION_WANT:
		return take_want(r, value);
	case OPTION_BRIEF:
		r->brief = true;
		return true;
	default:
		return target_take(&r->target, option, value);
	}
}

/* Fills in what is said of arguments; false after reporting. */
static bool
read_arguments(struct trace_request *request, char **operands, int count)
{
	if (count > 6) {
		tool_usage("explain", "a syscall has six arguments at most");
		return false;
	}
	for (int i = 0; i < count; i++) {
		char why[160];

		if (!strcmp(operands[i], "*"))
			continue;
		if (!constant_read(operands[i], &request->args[i], why,
				   sizeof(why))) {
			tool_usage("explain", "%s", why);
			return false;
		}
		request->given |= 1u << i;
	}
	return true;
}

struct requests {
	struct trace_request v[ABI_COUNT];
	size_t n;
};

static void
add_request(struct requests *list, const struct trace_request *with,
	    enum abi abi, uint32_t number)
{
	struct trace_request *request = &list->v[list->n++];

	*request = *with;
	request->arch = arch_table[abi]->audit_token;
	request->number = number;
}

/* The ABIs that have a number: its bit tells. */
static void
find_number(struct requests *list, const struct trace_request *with,
	    abi_set abis, uint32_t number)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		/* i386 takes any number, but those of x32 mean x32. */
		if (abis >> i & 1 &&
		    arch_of_call(arch->audit_token, number) == (enum abi)i &&
		    !(number & arch_x32.number_bit && !arch->number_bit))
			add_request(list, with, (enum abi)i, number);
	}
}

/* A status; 1 if no ABI has the syscall. */
static int
find_syscall(struct requests *list, struct arena *arena,
	     const struct trace_request *with, abi_set abis, const char *s)
{
	const struct syscall_name *name = syscall_find(s);
	struct buf behind = { .arena = arena };
	const char *near;
	uint64_t number;
	char why[160];

	if (isdigit((unsigned char)*s) &&
	    constant_read(s, &number, why, sizeof(why)) &&
	    number <= UINT32_MAX) {
		find_number(list, with, abis, (uint32_t)number);
	} else if (name) {
		for (size_t i = 0; i < ABI_COUNT; i++)
			if (abis >> i & 1 && name->number[i] >= 0)
				add_request(list, with, (enum abi)i,
					    (uint32_t)name->number[i] |
						    arch_table[i]->number_bit);
	} else if (call_write_behind(&behind, s)) {
		tool_error("there is no number for '%s'; %s", s, behind.data);
		return STATUS_REJECTED;
	} else {
		near = syscall_nearest(s);
		tool_error(near ? "unknown syscall '%s'; did you mean '%s'?"
				: "unknown syscall '%s'",
			   s, near);
		return STATUS_REJECTED;
	}
	if (list->n)
		return STATUS_OK;
	tool_error("'%s' has no number on these ABIs", s);
	return STATUS_REJECTED;
}

/* What is written at the end. */
static int
finish(const struct request *r, struct explanation *e, struct audit_log *log)
{
	struct buf buf = { .arena = e->arena };

	if (r->json)
		explain_write_json(&buf, e, log);
	else if (log)
		explain_write_log(&buf, e, log);
	else
		explain_write_text(&buf, e);
	return tool_write(r->output, buf.data, buf.len) ? STATUS_OK
							: STATUS_REJECTED;
}

/* Memory is of e->arena, through which running out of it leaves. */
static int
explain(const struct request *r, struct explanation *e, struct audit_log *log,
	char **operands, int count)
{
	abi_set all = (1u << ABI_COUNT) - 1;
	struct trace_request with = { 0 };
	struct requests list = { .n = 0 };
	bool disagrees = false;
	int status;

	if (log) {
		status = explain_log(e, log, &disagrees);
	} else if (!read_arguments(&with, operands + 1, count - 1)) {
		return STATUS_USAGE;
	} else {
		status = find_syscall(&list, e->arena, &with,
				      r->abis ? r->abis : all, operands[0]);
		if (status == STATUS_OK)
			status = explain_find(e, list.v, list.n,
					      r->brief ? 0 : list.n);
	}
	if (status == STATUS_OK)
		status = finish(r, e, log);
	return status == STATUS_OK && disagrees ? STATUS_REJECTED : status;
}

static int
run(const struct request *r, const char *file, struct audit_log *log,
    char **operands, int count)
{
	struct arena arena;
	struct input in = { 0 };
	struct explanation e = {
		.arena = &arena,
		.brief = r->brief,
		.foreign = log || r->abis,
		.want = r->want,
	};
	volatile int status = STATUS_OK;

	if (file) {
		status = input_load(&in, &r->target, file);
		e.in = &in;
	}
	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("out of memory");
		status = STATUS_REJECTED;
	} else if (status == STATUS_OK) {
		status = explain(r, &e, log, operands, count);
	}
	arena_finish(&arena);
	if (file)
		input_finish(&in);
	return status;
}

/* An ABI may stand before the syscall, as sim takes it. */
static int
start_call(struct request *r, char **operands, int count)
{
	enum abi abi = count > 2 ? arch_find(operands[1]) : ABI_COUNT;
	int at = abi != ABI_COUNT ? 2 : 1;

	if (count < 2)
		return tool_usage("explain", "a file and a syscall, or a line "
					     "of a log, are needed");
	if (at > 1 && r->abis)
		return tool_usage("explain", "--abi, and '%s' again",
				  operands[1]);
	if (at > 1)
		r->abis = 1u << abi;
	return run(r, operands[0], NULL, operands + at, count - at);
}

/* Which operands there are. */
static int
start(struct request *r, char **operands, int count)
{
	struct audit_log *log = NULL;
	bool line = !r->audit && count && count <= 2 &&
		    audit_line_is(operands[count - 1]);
	int status = STATUS_REJECTED, files = count - line;

	if (r->audit || line) {
		if (files > 1)
			return tool_usage("explain",
					  "a log is held against one "
					  "file");
		if (r->audit && files && !strcmp(r->audit, "-") &&
		    !strcmp(operands[0], "-"))
			return tool_usage("explain", "standard input can be "
						     "read once");
		log = calloc(1, sizeof(*log));
		if (!log) {
			tool_error("out of memory");
			return STATUS_REJECTED;
		}
		log->shown = line ? "<line>" : tool_name(r->audit);
		if (line ? explain_read_line(log, operands[count - 1])
			 : explain_read_log(log, r->audit))
			status = run(r, files ? operands[0] : NULL, log, NULL,
				     0);
		free(log);
		return status;
	}
	return start_call(r, operands, count);
}

int
cmd_explain(int argc, char **argv)
{
	struct request r = { .output = "-", .want = SECCOMP_RET_ALLOW };
	int option;

	target_init(&r.target);
	/* What else is wrong with a profile is for check to say. */
	r.target.quiet = true;
	optind = 0; /* the caller may have used getopt before */
	while ((option = getopt_long(argc, argv, "f:o:h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			printf("%s\n%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("explain");
		if (!take(&r, option, optarg))
			return STATUS_USAGE;
	}
	return start(&r, argv + optind, argc - optind);
}
