#include "fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fuzz_totals fuzz_totals;

/* One input while it runs. */
struct input {
	const char *text;
	size_t len;
	bool generated;
	struct compilation c;
};

/* Faults of the compiler end here: a fuzzer takes an abort for a find. */
__attribute__((noreturn, format(printf, 2, 3))) static void
fail(const struct input *input, const char *fmt, ...)
{
	const struct options *o = &input->c.options;
	va_list ap;

	fprintf(stderr, "fuzz: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr,
		"\noptions: dialect %d, abis 0x%x, native %d, conflicts %d, "
		"repeated %d, muxes %d, unknown %d since 0x%x, foreign %s0x%x, "
		"caps %s0x%" PRIx64 ", kernel %s0x%x\n",
		o->dialect, o->abis, o->native, o->conflicts, o->repeated,
		o->muxes, o->unknown, o->since,
		o->foreign_default ? "default " : "", o->foreign_action,
		o->caps_given ? "" : "not given ", o->caps,
		o->kernel_given ? "" : "not given ", o->kernel);
	if (input->generated)
		fprintf(stderr, "profile: %s\n", input->text);
	abort();
}

static void
set_options(struct options *o, const uint8_t *header)
{
	static const kernel_release releases[] = { 4 << 8 | 8, 0, 5 << 8 | 4,
						   6 << 8 | 1 };
	static const uint32_t foreign[] = {
		SECCOMP_RET_KILL_THREAD,
		SECCOMP_RET_KILL_THREAD, /* the default in its place */
		SECCOMP_RET_ALLOW,
		SECCOMP_RET_ERRNO | 1,
	};
	static const char *const caps[] = { "none", "none", "all", "docker" };
	const char *bad;

	o->dialect = (enum dialect)(header[HEADER_DIALECT] % 4);
	o->abis = header[HEADER_ABIS] % 8;
	o->native = (enum abi)(header[HEADER_NATIVE] % ABI_COUNT);
	o->conflicts = (enum conflict_mode)(header[HEADER_CONFLICTS] % 4);
	o->repeated = (enum repeated_mode)(header[HEADER_REPEATED] % 3);
	o->muxes = (enum mux_mode)(header[HEADER_MUXES] % 2);
	o->unknown = (enum unknown_mode)(header[HEADER_UNKNOWN] % 3);
	o->since = releases[header[HEADER_SINCE] % LENGTH(releases)];
	o->foreign_default = header[HEADER_FOREIGN] % 4 == 1;
	o->foreign_action = foreign[header[HEADER_FOREIGN] % 4];
	o->caps_given = header[HEADER_CAPS] % 4 != 0;
	options_parse_caps(caps[header[HEADER_CAPS] % 4], &o->caps, &bad);
	o->kernel_given = header[HEADER_KERNEL] % 4 != 0;
	o->kernel = releases[header[HEADER_KERNEL] % 4];
}

/*
 * Lets profiles through that are errors by default.  Not those whose meaning
 * then has no plain statement: conflicting-rules and repeated-index.
 */
static void
set_levels(struct diags *diags, const uint8_t *header)
{
	static const enum diag_id lenient[] = {
		DIAG_UNKNOWN_DENIED_NAME,
		DIAG_ERRNO_WITHOUT_EFFECT,
		DIAG_IMPOSSIBLE_MASK,
		DIAG_VOIDED_CONDITION,
	};

	switch (header[HEADER_LEVELS] % 3) {
	case 1:
		for (size_t i = 0; i < LENGTH(lenient); i++)
			diags->level[lenient[i]] = SEVERITY_WARNING;
		break;
	case 2:
		for (size_t i = 0; i < DIAG_COUNT; i++)
			if (diag_table[i].severity == SEVERITY_WARNING)
				diags->level[i] = SEVERITY_NONE;
		break;
	}
}

/* Diagnostics are made from hostile text too. */
static void
write_diagnostics(struct input *input)
{
	struct compilation *c = &input->c;
	struct buf buf = { .arena = &c->arena };

	for (size_t i = 0; i < c->diags.list.n; i++)
		diag_write(&buf, &c->source, &c->diags.list.v[i], i & 1);
	/* Nothing in a message may act on a terminal. */
	for (size_t i = 0; i < buf.len; i++)
		if ((unsigned char)buf.data[i] < ' ' && buf.data[i] != '\n' &&
		    buf.data[i] != '\t' && buf.data[i] != '\033')
			fail(input, "byte 0x%x in a diagnostic", buf.data[i]);
}

static void
write_outputs(struct input *input)
{
	struct compilation *c = &input->c;
	struct buf buf = { .arena = &c->arena };

	for (int pass = PASS_PROFILE; pass <= PASS_EMIT; pass++)
		dump_pass(&buf, c, (enum pass)pass);
	for (int i = 0; c->program && i < FORMAT_COUNT; i++)
		output_write(&buf, (enum format)i, c, "filter");
	/* What was proved is not too hard to count. */
	if (c->program && !manifest_write(&buf, c))
		fail(input, "no manifest");
}

static void
check_program(struct input *input, uint64_t seed)
{
	const struct compilation *c = &input->c;
	const struct sock_filter *code = c->program->code.v;
	size_t at, count = c->program->code.n;
	const char *fault = bpf_check(code, count, &at);
	struct difference d;
	char expected[32], actual[32];

	if (fault)
		fail(input, "instruction %zu: %s", at, fault);
	if (bpf_converted_length(code, count) < count)
		fail(input, "%zu instructions convert to fewer", count);
	if (try_calls(c, seed, &fuzz_totals.calls, &d))
		return;
	action_print(expected, d.expected);
	action_print(actual, d.actual);
	fail(input,
	     "arch 0x%x nr 0x%x args 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx "
	     "0x%llx: the program says %s (0x%x), the rules %s (0x%x)",
	     d.data.arch, (unsigned)d.data.nr, d.data.args[0], d.data.args[1],
	     d.data.args[2], d.data.args[3], d.data.args[4], d.data.args[5],
	     actual, d.actual, expected, d.expected);
}

static void
run(struct input *input, const uint8_t *header)
{
	struct compilation *c = &input->c;
	bool ok;

	compilation_init(c, "fuzz.json", input->text, input->len);
	set_options(&c->options, header);
	set_levels(&c->diags, header);
	ok = compile(c);
	if (c->proof.answer > PROOF_EQUAL)
		fail(input, "proof: answer %d, %s", c->proof.answer,
		     c->proof.reason);
	if (c->out_of_memory)
		fail(input, "out of memory");
	if (ok != (c->program != NULL) ||
	    ok == (c->diags.count[SEVERITY_ERROR] > 0))
		fail(input, "compile says %d, with %zu errors", ok,
		     c->diags.count[SEVERITY_ERROR]);
	if (setjmp(c->arena.oom))
		fail(input, "out of memory");
	write_diagnostics(input);
	if (header[HEADER_OUTPUTS] % 2)
		write_outputs(input);
	if (ok) {
		fuzz_totals.programs++;
		check_program(input, header[HEADER_SEED]);
	}
	compilation_finish(c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile_text text;
	struct input input = { 0 };
	uint8_t header[HEADER_SIZE] = { 0 };
	struct bytes rest = { header, header };

	fuzz_totals.inputs++;
	memcpy(header, data, size < HEADER_SIZE ? size : HEADER_SIZE);
	if (size > HEADER_SIZE)
		rest = (struct bytes){ data + HEADER_SIZE, data + size };
	input.generated = header[HEADER_MODE] % 2;
	if (input.generated) {
		generate_profile(&text, &rest);
		input.text = text.s;
		input.len = text.len;
	} else {
		input.text = (const char *)rest.at;
		input.len = (size_t)(rest.end - rest.at);
	}
	run(&input, header);
	return 0;
}
