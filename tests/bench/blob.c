#include "bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The first line of a file, without its newline. */
static void
first_line(const char *path, char *out, size_t size)
{
	FILE *file = fopen(path, "r");

	if (!file || !fgets(out, (int)size, file))
		snprintf(out, size, "failed and said nothing");
	out[strcspn(out, "\n")] = '\0';
	if (file)
		fclose(file);
}

bool
blob_read(struct blob *blob, const char *path)
{
	size_t room = (BPF_MAXINSNS + 1) * sizeof(struct sock_filter), n, at;
	FILE *file = fopen(path, "r");
	struct code *code = &blob->code;

	*blob = (struct blob){ 0 };
	if (!file)
		return false;
	code->v = malloc(room);
	n = code->v ? fread(code->v, 1, room, file) : 0;
	fclose(file);
	code->n = n / sizeof(*code->v);
	if (n && !(n % sizeof(*code->v)) && !bpf_check(code->v, code->n, &at))
		return true;
	blob_finish(blob);
	return false;
}

/* Quietly nothing without sha256sum: the digest is to be read, not used. */
static void
find_digest(struct blob *blob, const char *path, const char *output)
{
	const char *argv[] = { "/usr/bin/sha256sum", path, NULL };
	char line[256];

	if (access(argv[0], X_OK) || process_run(argv, output, NULL))
		return;
	first_line(output, line, sizeof(line));
	if (strspn(line, "0123456789abcdef") == sizeof(blob->digest) - 1)
		memcpy(blob->digest, line, sizeof(blob->digest) - 1);
}

bool
blob_compile(struct blob *blob, const char *seccompc, const char *folder,
	     const char *profile, const char *const options[])
{
	const char *argv[OPTIONS_MAX + 8] = { seccompc, "compile", profile };
	char path[4096], said[4096];
	size_t n = 3;
	bool ok;

	snprintf(path, sizeof(path), "%s/program.bpf", folder);
	snprintf(said, sizeof(said), "%s/said", folder);
	for (size_t i = 0; options[i]; i++)
		argv[n++] = options[i];
	argv[n++] = "--quiet";
	argv[n++] = "-o";
	argv[n++] = path;
	*blob = (struct blob){ 0 };
	ok = !process_run(argv, said, NULL) && blob_read(blob, path);
	if (ok)
		find_digest(blob, path, said);
	else
		first_line(said, blob->error, sizeof(blob->error));
	unlink(path);
	unlink(said);
	return ok;
}

bool
code_is(const struct code *code, const struct program *program)
{
	return program && program->code.n == code->n &&
	       !memcmp(program->code.v, code->v, code->n * sizeof(*code->v));
}

void
blob_finish(struct blob *blob)
{
	free(blob->code.v);
	*blob = (struct blob){ 0 };
}
