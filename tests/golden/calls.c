/*
 * Holds a program against expectations, with bpf_run for a kernel:
 *
 *	calls PROGRAM CALLS
 *
 * CALLS has a line per call; what follows a # is a comment:
 *
 *	arch syscall argument... -> ACTION
 *
 * arch is an ABI or an audit arch token, syscall a name on that ABI or the
 * number as the filter sees it, and absent arguments are 0.  Prints a line
 * of TAP for each, without a plan: the caller may print more.
 */
#include "compiler.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program_file {
	struct sock_filter code[BPF_MAXINSNS + 1];
	size_t count;
};

static bool
read_program(const char *path, struct program_file *program)
{
	FILE *file = fopen(path, "rb");
	const char *wrong;
	size_t at;

	if (!file) {
		fprintf(stderr, "calls: %s: %s\n", path, strerror(errno));
		return false;
	}
	program->count = fread(program->code, sizeof(*program->code),
			       LENGTH(program->code), file);
	fclose(file);
	wrong = bpf_check(program->code, program->count, &at);
	if (wrong)
		fprintf(stderr, "calls: %s: instruction %zu: %s\n", path, at,
			wrong);
	return !wrong;
}

/* Hexadecimal with 0x, decimal, or a negative number in 64 bits. */
static bool
read_number(const char *s, uint64_t *out)
{
	const char *digits = *s == '-' ? s + 1 : s;
	bool hex = !strncmp(digits, "0x", 2);
	char *end;

	digits += hex ? 2 : 0;
	if (!*digits || strspn(digits, hex ? "0123456789abcdefABCDEF"
					   : "0123456789") != strlen(digits))
		return false;
	errno = 0;
	*out = strtoull(digits, &end, hex ? 16 : 10);
	if (*s == '-')
		*out = -*out;
	return !errno && !*end;
}

/* Fills in arch and nr; NULL, or what is wrong. */
static const char *
read_call(const char *arch, const char *syscall, struct seccomp_data *data)
{
	const struct syscall_name *name = syscall_find(syscall);
	enum abi abi = arch_find(arch);
	uint64_t number;

	if (abi != ABI_COUNT)
		data->arch = arch_table[abi]->audit_token;
	else if (read_number(arch, &number) && number <= UINT32_MAX)
		data->arch = (uint32_t)number;
	else
		return "no such arch";
	if (read_number(syscall, &number)) {
		data->nr = (int)number;
		return number <= UINT32_MAX ? NULL : "number above 32 bits";
	}
	if (abi == ABI_COUNT || !name || name->number[abi] < 0)
		return "no such syscall on this arch";
	data->nr = name->number[abi] | (int)arch_table[abi]->number_bit;
	return NULL;
}

/* Reads words up to `-> ACTION`; NULL, or what is wrong. */
static const char *
read_line(char *line, struct seccomp_data *data, const char **action)
{
	char *save, *word = strtok_r(line, " \t\n", &save);
	char *syscall = strtok_r(NULL, " \t\n", &save);
	const char *wrong = "a line is: arch syscall argument... -> ACTION";
	size_t n = 0;

	*data = (struct seccomp_data){ 0 };
	if (!syscall)
		return wrong;
	wrong = read_call(word, syscall, data);
	while (!wrong && (word = strtok_r(NULL, " \t\n", &save)) &&
	       strcmp(word, "->")) {
		uint64_t value;

		if (n == LENGTH(data->args) || !read_number(word, &value))
			return "bad argument";
		data->args[n++] = value;
	}
	*action = wrong || !word ? NULL : strtok_r(NULL, " \t\n", &save);
	if (!wrong && (!*action || strtok_r(NULL, " \t\n", &save)))
		wrong = "-> ACTION is missing or not the end of the line";
	return wrong;
}

static bool
check_line(const struct program_file *program, const char *path, size_t number,
	   char *line)
{
	char *text = strdup(line), got[32] = "";
	const char *wanted = NULL, *wrong;
	struct seccomp_data data;
	bool ok;

	text[strcspn(text, "\n")] = '\0';
	wrong = read_line(line, &data, &wanted);
	if (!wrong)
		action_print(got, bpf_run(program->code, program->count, &data,
					  NULL));
	ok = !wrong && !strcmp(got, wanted);
	printf("%s - %s:%zu: %s\n", ok ? "ok" : "not ok", path, number, text);
	if (!ok)
		printf("# %s%s\n", wrong ? wrong : "got ", got);
	free(text);
	return ok;
}

int
main(int argc, char **argv)
{
	static struct program_file program;
	size_t number = 0, size = 0, calls = 0;
	FILE *file = argc == 3 ? fopen(argv[2], "r") : NULL;
	char *line = NULL;
	bool ok = true;

	if (!file) {
		fprintf(stderr, "usage: calls PROGRAM CALLS\n");
		return 2;
	}
	if (!read_program(argv[1], &program))
		return 2;
	while (getline(&line, &size, file) > 0) {
		number++;
		line[strcspn(line, "#")] = '\0';
		if (!line[strspn(line, " \t\n")])
			continue;
		calls++;
		ok &= check_line(&program, argv[2], number, line);
	}
	free(line);
	fclose(file);
	return ok && calls ? 0 : 1;
}
