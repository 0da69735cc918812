/*
 * Writes the calls that guest-verdicts makes under a program:
 *
 *	guest-calls PROGRAM PROFILE CALLS [NAME=VALUE]...
 *
 * PROGRAM is what `seccompc compile --NAME=VALUE` made of PROFILE.  CALLS gets
 * all numbers up to 1023, with and without bit 30, and the edges of the number
 * space, for both audit archs, with three sets of arguments; and calls at and
 * around every constant that the program asks for, on all ways through it.
 * What has to become of each is what the interpreter makes of the program and
 * what eval.c makes of the profile: they have to agree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../eval.h"
#include "../explore.h"
#include "../normalise.h"
#include "guest.h"

enum { MAX_TEXT = 1 << 20, MAX_NUMBER = 1024 };

struct writer {
	const struct compilation *c;
	struct sock_filter code[BPF_MAXINSNS + 1];
	size_t count;
	FILE *file;
	size_t calls;
	bool ok;
};

static size_t
read_file(const char *path, void *data, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t n = file ? fread(data, 1, size, file) : 0;

	if (!n || n == size) {
		fprintf(stderr, "guest-calls: cannot read %s\n", path);
		exit(2);
	}
	fclose(file);
	return n;
}

static void
write_call(struct writer *w, const struct seccomp_data *data)
{
	struct guest_call call = { .arch = data->arch,
				   .number = (uint32_t)data->nr };
	uint32_t ran, said;

	memcpy(call.args, data->args, sizeof(call.args));
	ran = normalise(bpf_run(w->code, w->count, data, NULL));
	said = normalise(
		eval_call(w->c->ruleset, call.arch, call.number, call.args));
	call.verdict = guest_verdict(ran);
	if (ran != said || call.verdict == (SECCOMP_RET_ERRNO | GUEST_MARK)) {
		printf("not ok - %#x %#x: %#x, not %#x\n", call.arch,
		       call.number, ran, said);
		w->ok = false;
	}
	w->ok &= fwrite(&call, sizeof(call), 1, w->file) == 1;
	w->calls++;
}

/* Nothing, what is no address and no file, and something in both halves. */
static void
write_number(struct writer *w, uint32_t arch, uint32_t number)
{
	static const uint64_t args[] = { 0, UINT64_MAX,
					 UINT64_C(0x0000000100000002) };

	for (size_t i = 0; i < LENGTH(args); i++) {
		struct seccomp_data data = { .nr = (int)number, .arch = arch };

		for (size_t j = 0; j < LENGTH(data.args); j++)
			data.args[j] = args[i];
		write_call(w, &data);
		/* What a 32-bit process can say of it. */
		for (size_t j = 0; j < LENGTH(data.args); j++)
			data.args[j] = (uint32_t)args[i];
		if (args[i])
			write_call(w, &data);
	}
}

static void
write_numbers(struct writer *w, uint32_t arch)
{
	static const uint32_t edges[] = {
		0x3fffffff, 0x7fffffff, 0x80000000, 0x8000003b, 0xbfffffff,
		0xc0000000, 0xc000003b, 0xfffffffe, 0xffffffff,
	};

	for (uint32_t number = 0; number < MAX_NUMBER; number++) {
		write_number(w, arch, number);
		write_number(w, arch, number | 0x40000000);
	}
	for (size_t i = 0; i < LENGTH(edges); i++)
		write_number(w, arch, edges[i]);
}

static void
write_all(struct writer *w)
{
	static struct pool pool;

	write_numbers(w, arch_x86_64.audit_token);
	write_numbers(w, arch_i386.audit_token);
	pool_open(&pool, w->code, w->count);
	for (size_t i = 0; i < pool.n; i++) {
		const struct seccomp_data *call = &pool.samples[i].call;

		if (call->arch == arch_x86_64.audit_token ||
		    call->arch == arch_i386.audit_token)
			write_call(w, call);
	}
}

static void
set_options(struct options *options, char **words)
{
	struct settings settings;
	char why[256];

	settings_init(&settings);
	for (; *words; words++) {
		char *value = strchr(*words, '=');

		*value++ = '\0';
		if (!settings_set(&settings, *words, value, why, sizeof(why))) {
			fprintf(stderr, "guest-calls: %s\n", why);
			exit(2);
		}
	}
	*options = settings.options;
}

int
main(int argc, char **argv)
{
	static char text[MAX_TEXT];
	static struct writer w;
	struct compilation c;
	size_t at;

	if (argc < 4)
		return 2;
	w.count = read_file(argv[1], w.code, sizeof(w.code)) / sizeof(*w.code);
	compilation_init(&c, argv[2], text,
			 read_file(argv[2], text, sizeof(text)));
	set_options(&c.options, argv + 4);
	w.c = &c;
	w.file = fopen(argv[3], "wb");
	w.ok = w.file && !bpf_check(w.code, w.count, &at) && compile(&c);
	if (w.ok) {
		write_all(&w);
		w.ok &= !fclose(w.file);
	}
	printf("# %zu calls\n", w.calls);
	compilation_finish(&c);
	return !w.ok;
}
