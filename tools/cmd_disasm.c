#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "input.h"
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

static int
disasm(const char *path, const char *output)
{
	struct arena arena;
	struct input in;
	const char *text;
	size_t len;
	bool ok;
	int status = input_load_program(&in, path);

	if (status == STATUS_OK) {
		arena_init(&arena);
		text = list(&arena, in.side.code, in.side.count, &len);
		if (!text)
			tool_error("out of memory");
		ok = text && tool_write(output, text, len);
		arena_finish(&arena);
		status = ok ? STATUS_OK : STATUS_REJECTED;
	}
	input_finish(&in);
	return status;
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
