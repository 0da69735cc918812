#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "compiler.h"
#include "tools.h"

static const char help[] =
	"Usage: seccompc disasm [-o FILE] PROGRAM\n"
	"\n"
	"Lists the instructions of a seccomp program: an array of struct\n"
	"sock_filter, 8 bytes each, whoever made it.  A program that the\n"
	"kernel would refuse is not listed; the message says where it is\n"
	"wrong.  PROGRAM is a file, or - for standard input.\n"
	"\n"
	"  -o, --output=FILE  write the listing there (- for standard output)\n"
	"  -h, --help         show this text\n"
	"\n"
	"Examples:\n"
	"  seccompc disasm default.bpf\n"
	"  seccompc disasm -o default.asm default.bpf\n"
	"  base64 -d filter.base64 | seccompc disasm - | less\n";

enum {
	/* Read more than a program can be, to say by how much. */
	READ_LIMIT = 1 << 24,
	INSTRUCTION = sizeof(struct sock_filter),
};

/* Returns NULL when out of memory. */
static const char *
list(struct arena *arena, const struct sock_filter *code, size_t count,
     size_t *len)
{
	struct buf buf = { .arena = arena };

	if (setjmp(arena->oom))
		return NULL;
	disasm_write(&buf, arena, code, count);
	*len = buf.len;
	return buf.data;
}

static bool
check(const char *path, const struct sock_filter *code, size_t size)
{
	const char *wrong;
	size_t at, count = size / INSTRUCTION;

	if (!size || size % INSTRUCTION || count > BPF_MAXINSNS) {
		tool_error("%s: %zu bytes: not a program, which is 1 to %d "
			   "instructions of %d bytes each",
			   path, size, BPF_MAXINSNS, INSTRUCTION);
		return false;
	}
	wrong = bpf_check(code, count, &at);
	if (wrong)
		tool_error("%s: instruction %zu: %s", path, at, wrong);
	return !wrong;
}

static int
disasm(const char *path, const char *output)
{
	struct arena arena;
	const char *text;
	size_t size, len;
	void *code = tool_read(path, READ_LIMIT, &size);
	bool ok;

	if (!code)
		return STATUS_REJECTED;
	if (!check(path, code, size)) {
		free(code);
		return STATUS_REJECTED;
	}
	arena_init(&arena);
	text = list(&arena, code, size / INSTRUCTION, &len);
	if (!text)
		tool_error("out of memory");
	ok = text && tool_write(output, text, len);
	arena_finish(&arena);
	free(code);
	return ok ? STATUS_OK : STATUS_REJECTED;
}

int
cmd_disasm(int argc, char **argv)
{
	static const struct option options[] = {
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	const char *output = "-";
	int option;

	optind = 0; /* the caller may have used getopt before */
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) >= 0) {
		switch (option) {
		case 'o':
			output = optarg;
			break;
		case 'h':
			return tool_write("-", help, sizeof(help) - 1)
				       ? STATUS_OK
				       : STATUS_REJECTED;
		case ':':
			return tool_usage("disasm", "%s needs a file",
					  argv[optind - 1]);
		default:
			return tool_usage("disasm", "unknown option %s",
					  argv[optind - 1]);
		}
	}
	if (argc - optind != 1)
		return tool_usage("disasm", "one program is needed");
	return disasm(argv[optind], output);
}
