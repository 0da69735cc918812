/*
 * Every profile of a folder, compiled in several ways, against the plain
 * evaluation.  Arguments: folders with profiles; a missing one is said.
 */
#include <stdio.h>

#include "calls.h"
#include "corpus.h"
#include "tidy.h"

/* How to compile; every profile goes through all of them. */
struct way {
	const char *name;
	enum dialect dialect;
	const char *caps;
	abi_set abis;
	enum conflict_mode conflicts;
	enum repeated_mode repeated;
	enum mux_mode muxes;
	enum unknown_mode unknown;
	bool foreign_default;
};

enum { ALL_ABIS = (1 << ABI_COUNT) - 1 };

static const struct way ways[] = {
	{ "plain OCI", .dialect = DIALECT_OCI },
	{ "Docker, no capabilities", .caps = "none",
	  .conflicts = CONFLICTS_RUNC },
	{ "Docker's capabilities, all ABIs", .caps = "docker",
	  .abis = ALL_ABIS, .conflicts = CONFLICTS_FIRST },
	{ "Podman, all capabilities", .dialect = DIALECT_PODMAN,
	  .caps = "all", .abis = ALL_ABIS, .conflicts = CONFLICTS_STRICTEST,
	  .unknown = UNKNOWN_DEFAULT, .foreign_default = true },
	{ "since 4.8, libseccomp's multiplexers", .caps = "docker",
	  .abis = 1 << ABI_X86_64 | 1 << ABI_I386,
	  .conflicts = CONFLICTS_STRICTEST, .repeated = REPEATED_AND,
	  .muxes = MUX_LIBSECCOMP, .unknown = UNKNOWN_SINCE },
};

struct tally {
	size_t files, compiled[LENGTH(ways)], calls, failed;
};

static void
set_options(struct options *options, const struct way *way)
{
	const char *bad;

	options->dialect = way->dialect;
	options->abis = way->abis;
	options->conflicts = way->conflicts;
	options->repeated = way->repeated;
	options->muxes = way->muxes;
	options->unknown = way->unknown;
	options->since = 4 << 8 | 8;
	options->foreign_default = way->foreign_default;
	options->kernel_given = true;
	options->kernel = 6 << 8 | 1;
	options->caps_given = way->caps != NULL;
	if (way->caps)
		options_parse_caps(way->caps, &options->caps, &bad);
}

static void
check_profile(struct tally *tally, const char *path, const char *text,
	      size_t len, size_t index)
{
	struct mismatch m;
	struct compilation c;
	const struct seccomp_data *d = &m.data;
	const char *wrong;
	size_t at;

	compilation_init(&c, path, text, len);
	set_options(&c.options, &ways[index]);
	if (compile(&c)) {
		tally->compiled[index]++;
		wrong = tidy_check(c.program, &at);
		if (wrong) {
			tally->failed++;
			printf("not ok - %s, %s: instruction %zu: %s\n", path,
			       ways[index].name, at, wrong);
		}
		if (!calls_agree(&c, len + index, &tally->calls, &m)) {
			tally->failed++;
			printf("not ok - %s, %s: arch 0x%x nr 0x%x args "
			       "%llx %llx %llx %llx %llx %llx: expected "
			       "0x%08x, got 0x%08x\n",
			       path, ways[index].name, d->arch,
			       (unsigned)d->nr, d->args[0], d->args[1],
			       d->args[2], d->args[3], d->args[4], d->args[5],
			       m.expected, m.actual);
		}
	} else if (c.out_of_memory || c.proof.answer > PROOF_EQUAL || !c.diags.list.n) {
		tally->failed++;
		printf("not ok - %s, %s: %s\n", path, ways[index].name,
		       c.proof.answer > PROOF_EQUAL ? "not proved" : "neither program nor diagnostic");
	}
	compilation_finish(&c);
}

static void
check_all_ways(void *context, const char *path, const char *text, size_t len)
{
	struct tally *tally = context;

	tally->files++;
	for (size_t i = 0; i < LENGTH(ways); i++)
		check_profile(tally, path, text, len, i);
}

int
main(int argc, char **argv)
{
	struct tally tally = { 0 };
	size_t compiled = 0;

	for (int i = 1; i < argc; i++)
		corpus_visit(argv[i], check_all_ways, &tally);
	for (size_t i = 0; i < LENGTH(ways); i++) {
		printf("# %s: %zu of %zu compiled\n", ways[i].name,
		       tally.compiled[i], tally.files);
		compiled += tally.compiled[i];
	}
	printf("# %zu calls compared\n%zu passed, %zu failed\n", tally.calls,
	       compiled, tally.failed);
	return tally.failed || !compiled;
}
