#include "sim-report.h"
#include "tools.h"

#include "compiler/explain/constant.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
	"Usage: seccompc sim [OPTION]... FILE [ABI] SYSCALL [ARGUMENT]...\n"
	"Runs a profile (JSON) or program (.bpf) on one call: the action, how "
	"many\n"
	"instructions are executed, and whether the kernel's cache answers "
	"(Linux 5.11).\n\n"
	"ABI is x86_64, i386 or x32; without it, the call is made on all that "
	"have it.\n"
	"SYSCALL is a name or number. An ARGUMENT is a number or constants "
	"such as\n"
	"O_RDWR|O_CREAT, in order or as NAME=VALUE; those that are missing "
	"are 0. An int\n"
	"below 0 is tried with its sign in 64 bits and in 32, which libcs "
	"both do.\n\n"
	"      --trace            print the instructions that are executed\n"
	"  -f, --format=FORMAT    text (default) or json\n"
	"  -o, --output=FILE      where to write (- for standard output)\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc sim profile.json socket AF_INET SOCK_STREAM\n"
	"  seccompc sim filter.bpf x86_64 clone CLONE_NEWUSER\n"
	"  seccompc sim --trace profile.json i386 socketcall SYS_SOCKET\n"
	"  seccompc sim --format=json profile.json ioctl cmd=TIOCSTI\n"
	"\nExit status: 0 fine, whatever the action; 1 the input is refused; "
	"2 usage;\n3 a proof failed.\n";

enum { OPTION_TRACE = 0x100 };

static const struct option long_options[] = {
	{ "trace", no_argument, NULL, OPTION_TRACE },
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	TARGET_OPTIONS,
	{ 0 },
};

struct request {
	struct target_options target;
	bool json, trace;
	const char *output;
	struct arena arena;
	/* What is called; an ABI of ABI_COUNT stands for all. */
	enum abi abi;
	const struct syscall_name *name;
	uint32_t number; /* without a name */
	char **args;
	struct sim_report report;
};

static bool
take(struct request *r, int option, const char *value)
{
	switch (option) {
	case OPTION_TRACE:
		r->trace = true;
		return true;
	case 'o':
		r->output = value;
		return true;
	case 'f':
		return tool_take_json(value, &r->json);
	default:
		return target_take(&r->target, option, value);
	}
}

static bool
take_call(struct request *r, const char *s)
{
	char why[160];
	struct buf behind = { .arena = &r->arena };
	const char *near;
	uint64_t number;

	if (isdigit((unsigned char)*s)) {
		if (!constant_read(s, &number, why, sizeof(why)) ||
		    number > UINT32_MAX) {
			tool_usage("sim", "'%s' is not a number of 32 bits", s);
			return false;
		}
		r->number = (uint32_t)number;
		return true;
	}
	r->name = syscall_find(s);
	if (r->name)
		return true;
	if (!strncmp(s, "--", 2)) {
		tool_usage("sim", "'%s': options stand before FILE", s);
		return false;
	}
	if (call_write_behind(&behind, s)) {
		tool_usage("sim", "there is no number for '%s'; %s", s,
			   behind.data);
		return false;
	}
	near = syscall_nearest(s);
	tool_usage("sim",
		   near ? "unknown syscall '%s'; did you mean '%s'?"
			: "unknown syscall '%s'",
		   s, near);
	return false;
}

/* The index of an argument by its name on an ABI; 6: it has none. */
static unsigned
find_arg(const struct syscall_name *name, enum abi abi, const char *s,
	 size_t len)
{
	const struct syscall_args *args = name ? &name->args[abi] : NULL;

	for (unsigned i = 0; args && args->known && i < args->count; i++) {
		const char *known = syscall_arg_name(args, i);

		if (strlen(known) == len && !strncmp(known, s, len))
			return i;
	}
	return 6;
}

/* Whether text is NAME=VALUE. */
static size_t
name_length(const char *s)
{
	size_t len = strcspn(s, "=");

	return s[len] && (islower((unsigned char)*s) || *s == '_') ? len : 0;
}

/* The arguments of a call on an ABI; words are those that are given. */
static bool
take_args(const struct request *r, struct sim_call *call)
{
	char why[160];
	unsigned next = 0;

	for (char **arg = r->args; *arg; arg++) {
		size_t len = name_length(*arg);
		const char *value = len ? *arg + len + 1 : *arg;
		unsigned at = len ? find_arg(call->name, call->abi, *arg, len)
				  : next++;
		uint64_t number;

		if (at >= 6) {
			tool_usage("sim",
				   len ? "%s: the call has no such argument"
				       : "'%s' is one argument too many",
				   *arg);
			return false;
		}
		if (!strncmp(*arg, "--", 2)) {
			tool_usage("sim", "'%s': options stand before FILE",
				   *arg);
			return false;
		}
		if (!constant_read(value, &number, why, sizeof(why))) {
			tool_usage("sim", "%s", why);
			return false;
		}
		if (call->words >> (DD_ARGS + 2 * at) & 1) {
			tool_usage("sim", "%s: argument %u is given twice",
				   *arg, at + 1);
			return false;
		}
		call->data.args[at] = number;
		call->words |= 3u << (DD_ARGS + 2 * at);
	}
	return true;
}

static void
run_call(struct request *r, struct sim_call call)
{
	const struct side *side = &r->report.input->side;

	call.path = arena_alloc(&r->arena, side->count * sizeof(*call.path));
	call.action =
		meaning_normalise(bpf_trace(side->code, side->count, &call.data,
					    &call.executed, call.path));
	call.cached =
		program_caches(side->code, call.abi, (uint32_t)call.data.nr);
	*vec_push(&r->arena, &r->report.calls) = call;
}

/* An int below 0: its sign is in 32 bits or in 64. */
static bool
has_sign(const struct sim_call *call, unsigned arg)
{
	uint64_t value = call->data.args[arg];

	if (call_arg_width(call->name, call->abi, arg) != 32)
		return false;
	return value >> 31 == UINT64_MAX >> 31 ||
	       (value >> 31 == 1 &&
		call_arg_signed(call->name, call->abi, arg));
}

/* With all signs in 32 bits, then with all in 64, which i386 has not. */
static void
run_both(struct request *r, struct sim_call call)
{
	struct sim_call wide = call;
	bool differ = false;

	for (unsigned i = 0; i < 6; i++) {
		if (!has_sign(&call, i))
			continue;
		call.data.args[i] &= UINT32_MAX;
		wide.data.args[i] |= UINT64_MAX << 32;
		differ = true;
	}
	run_call(r, call);
	if (differ && arch_table[call.abi]->args != ARGS_LOW)
		run_call(r, wide);
}

static void
add_missing(struct request *r, enum abi abi)
{
	struct buf buf = { .arena = &r->arena };

	buf_printf(&buf, "%s %s: no such call", arch_table[abi]->name,
		   r->name->name);
	*vec_push(&r->arena, &r->report.missing) = buf.data;
}

/* Numbers of x32 have its bit, with which they are told from others. */
static bool
has_number(const struct request *r, enum abi abi)
{
	const uint32_t x32 = arch_table[ABI_X32]->number_bit;

	if (r->name)
		return r->name->number[abi] >= 0;
	if (arch_table[abi]->audit_token == arch_table[ABI_X32]->audit_token &&
	    r->abi == ABI_COUNT)
		return !(r->number & x32) == (abi != ABI_X32);
	return r->abi != ABI_COUNT || !(r->number & x32);
}

static bool
run_abi(struct request *r, enum abi abi)
{
	const struct arch *arch = arch_table[abi];
	struct sim_call call = { .abi = abi, .name = r->name };
	uint32_t number = r->number;

	if (!has_number(r, abi)) {
		if (r->name)
			add_missing(r, abi);
		return true;
	}
	if (r->name)
		number = (uint32_t)r->name->number[abi];
	else
		call.name =
			syscall_find_number(abi, number & ~arch->number_bit);
	call.data.nr = (int)(number | arch->number_bit);
	call.data.arch = arch->audit_token;
	if (!take_args(r, &call))
		return false;
	run_both(r, call);
	return true;
}

static int
simulate(struct request *r, const struct input *in)
{
	struct buf out = { .arena = &r->arena };

	r->report.input = in;
	r->report.trace = r->trace;
	for (size_t i = 0; i < ABI_COUNT; i++)
		if ((r->abi == ABI_COUNT || r->abi == i) &&
		    !run_abi(r, (enum abi)i))
			return STATUS_USAGE;
	if (!r->report.calls.n)
		return tool_usage("sim", "%s", r->report.missing.v[0]);
	if (r->json)
		sim_write_json(&out, &r->report);
	else
		sim_write_text(&out, &r->report);
	return tool_write(r->output, out.data, out.len) ? STATUS_OK
							: STATUS_REJECTED;
}

static int
run(struct request *r, struct input *in, char **operands, int count)
{
	int at = 1, status;

	if (setjmp(r->arena.oom)) {
		tool_error("out of memory");
		return STATUS_REJECTED;
	}
	r->abi = ABI_COUNT;
	if (count > 2)
		r->abi = arch_find(operands[1]);
	at += r->abi != ABI_COUNT;
	if (count <= at)
		return tool_usage("sim", "a profile or program and a syscall "
					 "are needed");
	if (!take_call(r, operands[at]))
		return STATUS_USAGE;
	if (!r->name && r->abi == ABI_X86_64 &&
	    r->number & arch_table[ABI_X32]->number_bit)
		return tool_usage("sim",
				  "numbers from 0x%x on are those of x32",
				  arch_table[ABI_X32]->number_bit);
	r->args = operands + at + 1;
	status = input_load(in, &r->target, operands[0]);
	return status == STATUS_OK ? simulate(r, in) : status;
}

int
cmd_sim(int argc, char **argv)
{
	struct request r = { .output = "-" };
	struct input in = { 0 };
	int option, status;

	target_init(&r.target);
	/* What else is wrong with a profile is for check to say. */
	r.target.quiet = true;
	/* "+": arguments such as -1 are no options. */
	while ((option = getopt_long(argc, argv, "+f:o:h", long_options,
				     NULL)) != -1) {
		if (option == 'h') {
			printf("%s\n%s%s", help, target_help, examples);
			return STATUS_OK;
		}
		if (option == '?')
			return tool_misused("sim");
		if (!take(&r, option, optarg))
			return STATUS_USAGE;
	}
	arena_init(&r.arena);
	status = run(&r, &in, argv + optind, argc - optind);
	arena_finish(&r.arena);
	input_finish(&in);
	return status;
}
