#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"
#include "syscall-report.h"
#include "target.h"
#include "tools.h"

static const char help[] =
	"Usage: seccompc syscalls [OPTION]... [NAME | NUMBER]...\n"
	"Lists the system calls of all ABIs with their numbers, the kernel\n"
	"that first had each number (-: too old to tell, or reserved) and the\n"
	"arguments.  With operands, resolves those: a line for each ABI.\n"
	"\n"
	"Numbers are those that a filter sees, so those of x32 have bit 30\n"
	"set; take 0x40000000 away for the number in the kernel's table.  In\n"
	"operands they are decimal, or hexadecimal after 0x.  A number with\n"
	"bit 30 set is x32, whatever --arch says; another one is looked up on\n"
	"every ABI.  The list shows the arguments on the first ABI that has\n"
	"the call; they can differ on the others.\n"
	"\n"
	"      --arch=LIST      only these ABIs: x86_64, i386, x32, or\n"
	"                       SCMP_ARCH_*, separated by commas\n"
	"      --since=A.B      list only what is new in kernel A.B or later, "
	"on\n"
	"                       one of the ABIs at least\n"
	"  -f, --format=FORMAT  text (default) or json\n"
	"  -h, --help           show this text\n"
	"\n"
	"Exit status: 0 fine, 1 an operand is no syscall, 2 usage.\n"
	"\n"
	"Examples:\n"
	"  seccompc syscalls openat\n"
	"  seccompc syscalls 257 0x40000101 socketcall\n"
	"  seccompc syscalls --arch=i386 102 bind\n"
	"  seccompc syscalls --since=6.10\n"
	"  seccompc syscalls --format=json | jq '.syscalls[].name'\n";

struct query {
	abi_set abis;
	kernel_release since; /* 0: all */
	bool json;
};

struct lookup {
	struct arena *arena;
	const struct query *query;
	struct syscall_entries entries;
	bool failed;  /* an operand is no syscall */
	bool misused; /* an operand makes no sense */
};

/* Where else a name exists; nothing is written if it does nowhere. */
static void
write_elsewhere(struct buf *out, const char *s)
{
	const struct syscall_name *name = syscall_find(s);
	const struct syscall_foreign *foreign = syscall_find_foreign(s);
	char text[16];

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t call;
		const struct mux *mux = report_find_mux(s, i, &call);

		if (name && name->number[i] >= 0)
			buf_printf(out, "; on %s it is %s", arch_table[i]->name,
				   report_number(text, name, i));
		if (!mux)
			continue;
		buf_printf(out, "; on %s it is behind ", arch_table[i]->name);
		report_mux(out, mux, call);
	}
	if (foreign)
		buf_printf(out, "; other architectures have it: %s",
			   syscall_foreign_archs(foreign));
}

/* A name that has no number where it is looked for. */
static void
report_missing(struct lookup *lookup, const char *s)
{
	struct buf where = { .arena = lookup->arena };
	struct buf out = { .arena = lookup->arena };
	const char *near;

	write_elsewhere(&where, s);
	if (where.len) {
		buf_printf(&out, "'%s' has no number on ", s);
		describe_abis(&out, lookup->query->abis);
		buf_append(&out, where.data, where.len);
	} else {
		buf_printf(&out, "no kernel has a syscall '");
		diag_write_safe(&out, s);
		near = syscall_nearest(s);
		buf_printf(&out, near ? "'; did you mean '%s'?" : "'", near);
	}
	tool_error("%s", out.data);
	lookup->failed = true;
}

static void
look_up_name(struct lookup *lookup, const char *s)
{
	const struct syscall_name *name = syscall_find(s);
	abi_set abis = lookup->query->abis;
	bool found = false;

	for (size_t i = 0; name && i < ABI_COUNT; i++)
		found |= (abis >> i & 1) && name->number[i] >= 0;
	if (found)
		*vec_push(lookup->arena, &lookup->entries) =
			(struct syscall_entry){ name, abis };
	else
		report_missing(lookup, s);
}

/* The ABIs that a number can be of: its bit tells, or else query do. */
static abi_set
number_abis(const struct query *query, uint32_t number)
{
	abi_set abis = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (number & arch_table[i]->number_bit)
			abis |= 1u << i;
	return abis ? abis : query->abis;
}

static void
look_up_number(struct lookup *lookup, uint32_t number)
{
	abi_set abis = number_abis(lookup->query, number);
	size_t start = lookup->entries.n, at;
	struct buf out = { .arena = lookup->arena };

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct syscall_name *name;

		if (!(abis >> i & 1))
			continue;
		name = syscall_find_number((enum abi)i,
					   number & ~arch_table[i]->number_bit);
		if (!name)
			continue;
		for (at = start; at < lookup->entries.n; at++)
			if (lookup->entries.v[at].name == name)
				break;
		if (at == lookup->entries.n)
			vec_push(lookup->arena, &lookup->entries)->name = name;
		lookup->entries.v[at].abis |= 1u << i;
	}
	if (lookup->entries.n > start)
		return;
	describe_abis(&out, abis);
	tool_error("no syscall has the number %u (0x%x) on %s", number, number,
		   out.data);
	lookup->failed = true;
}

/* No name of a syscall begins with a digit. */
static void
look_up(struct lookup *lookup, const char *s)
{
	bool hex = s[0] == '0' && (s[1] == 'x' || s[1] == 'X');
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)*s)) {
		look_up_name(lookup, s);
		return;
	}
	errno = 0;
	number = strtoull(s, &end, hex ? 16 : 10);
	if (*end || errno || number > UINT32_MAX) {
		tool_usage("syscalls", "'%s' is not a number of 32 bits", s);
		lookup->misused = true;
		return;
	}
	look_up_number(lookup, (uint32_t)number);
}

static bool
is_listed(const struct query *query, const struct syscall_name *name)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if ((query->abis >> i & 1) && name->number[i] >= 0 &&
		    name->since[i] >= query->since)
			return true;
	return false;
}

static void
list_all(struct lookup *lookup)
{
	for (size_t i = 0; i < syscall_name_count; i++)
		if (is_listed(lookup->query, &syscall_names[i]))
			*vec_push(lookup->arena, &lookup->entries) =
				(struct syscall_entry){
					&syscall_names[i],
					lookup->query->abis,
				};
}

static int
report(struct arena *arena, const struct query *query, char **operands)
{
	struct lookup lookup = { .arena = arena, .query = query };
	struct buf out = { .arena = arena };

	if (setjmp(arena->oom)) {
		tool_error("out of memory");
		return STATUS_REJECTED;
	}
	if (!*operands)
		list_all(&lookup);
	for (char **operand = operands; *operand; operand++)
		look_up(&lookup, *operand);
	if (lookup.misused)
		return STATUS_USAGE;
	if (query->json)
		report_json(&out, &lookup.entries);
	else if (*operands)
		report_lines(&out, &lookup.entries);
	else
		report_list(&out, &lookup.entries, query->abis);
	if (out.len && !tool_write("-", out.data, out.len))
		return STATUS_REJECTED;
	return lookup.failed ? STATUS_REJECTED : STATUS_OK;
}

static bool
parse_option(struct query *query, int option, char *value)
{
	switch (option) {
	case 'a':
		query->abis = target_abis("arch", value);
		if (!query->abis)
			tool_misused("syscalls");
		return query->abis;
	case 's':
		if (kernel_release_parse(value, &query->since))
			return true;
		tool_usage("syscalls",
			   "--since: '%s' is not a kernel version such as 6.1",
			   value);
		return false;
	default:
		if (tool_take_json(value, &query->json))
			return true;
		tool_misused("syscalls");
		return false;
	}
}

int
cmd_syscalls(int argc, char **argv)
{
	static const struct option options[] = {
		{ "arch", required_argument, NULL, 'a' },
		{ "since", required_argument, NULL, 's' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct query query = { .abis = (1u << ABI_COUNT) - 1 };
	struct arena arena;
	int option, status;

	optind = 0; /* the caller may have used getopt before */
	while ((option = getopt_long(argc, argv, "f:h", options, NULL)) >= 0) {
		switch (option) {
		case 'h':
			return tool_write("-", help, sizeof(help) - 1)
				       ? STATUS_OK
				       : STATUS_REJECTED;
		case '?':
			return tool_misused("syscalls");
		default:
			if (!parse_option(&query, option, optarg))
				return STATUS_USAGE;
		}
	}
	if (optind < argc && query.since)
		return tool_usage("syscalls", "--since takes no operands");
	arena_init(&arena);
	status = report(&arena, &query, argv + optind);
	arena_finish(&arena);
	return status;
}
