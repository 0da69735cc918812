#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "input.h"
#include "tools.h"

static const char help[] =
	"Usage: seccompc disasm [-f FORMAT] [-o FILE] PROGRAM\n"
	"Lists the instructions of a seccomp program: an array of struct\n"
	"sock_filter, 8 bytes each, whoever made it.  A program that the\n"
	"kernel would refuse is not listed; the message says where it is\n"
	"wrong.  PROGRAM is a file, or - for standard input.\n"
	"\n"
	"  -f, --format=FORMAT  asm (default): a listing; dot: a picture, for\n"
	"                       Graphviz; hex, base64: the array as text\n"
	"  -o, --output=FILE    write it there (- for standard output)\n"
	"  -h, --help           show this text\n"
	"\n"
	"Examples:\n"
	"  seccompc disasm default.bpf\n"
	"  seccompc disasm -o default.asm default.bpf\n"
	"  seccompc disasm -f dot default.bpf | dot -Tsvg >default.svg\n"
	"  base64 -d filter.base64 | seccompc disasm - | less\n"
	"\n"
	"Exit status: 0 listed, 1 the kernel would refuse it, or it cannot be\n"
	"read, 2 usage.\n";

/* Returns NULL when out of memory. */
static const char *
list(struct arena *arena, const struct side *program, enum format format,
     size_t *len)
{
	struct buf buf = { .arena = arena };

	if (setjmp(arena->oom))
		return NULL;
	output_program(&buf, format, program->code, program->count);
	*len = buf.len;
	return buf.data;
}

static bool
take_format(const char *value, enum format *format)
{
	*format = format_find(value);
	switch (*format) {
	case FORMAT_ASM:
	case FORMAT_DOT:
	case FORMAT_HEX:
	case FORMAT_BASE64:
		return true;
	default:
		tool_error("--format cannot be '%s': there are asm, dot, hex "
			   "and base64",
			   value);
		return false;
	}
}

static int
disasm(const char *path, const char *output, enum format format)
{
	struct arena arena;
	struct input in;
	const char *text;
	size_t len;
	bool ok;
	int status = input_load_program(&in, path);

	if (status == STATUS_OK) {
		arena_init(&arena);
		text = list(&arena, &in.side, format, &len);
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
		{ "format", required_argument, NULL, 'f' },
		{ "output", required_argument, NULL, 'o' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	enum format format = FORMAT_ASM;
	const char *output = "-";
	int option;

	optind = 0; /* the caller may have used getopt before */
	while ((option = getopt_long(argc, argv, "f:o:h", options, NULL)) >=
	       0) {
		switch (option) {
		case 'f':
			if (!take_format(optarg, &format))
				return STATUS_USAGE;
			break;
		case 'o':
			output = optarg;
			break;
		case 'h':
			return tool_write("-", help, sizeof(help) - 1)
				       ? STATUS_OK
				       : STATUS_REJECTED;
		default:
			return tool_misused("disasm");
		}
	}
	if (argc - optind != 1)
		return tool_usage("disasm", "one program is needed");
	return disasm(argv[optind], output, format);
}
