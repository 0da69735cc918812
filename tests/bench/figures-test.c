/*
 * Programs that the command writes, held against bounds on what they take.
 *
 *	bench-figures SECCOMPC FOLDER CORPUS
 *
 * FOLDER is for temporary files.  Executed instructions are counted here a
 * second time by another interpreter, and the worst paths are compared with
 * the longest ones that calls around the constants of the program take.
 */
#include "bench.h"

#include <linux/audit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../corpus.h"
#include "../explore.h"

#define FINE "k8s-fine-grained.json"
#define MOBY "moby-default-current.json"
#define UNIFORM                                                                \
	{                                                                      \
		"--weights=uniform"                                            \
	}
#define SIZE_UNIFORM                                                           \
	{                                                                      \
		"--optimize=size", "--weights=uniform"                         \
	}
#define SIZE                                                                   \
	{                                                                      \
		"--optimize=size"                                              \
	}
#define HOT                                                                    \
	{                                                                      \
		LINE_HOT_FILE                                                  \
	}

/* A line by its options, which is to take no more of a column. */
struct limit {
	const char *profile;
	enum abi_choice abis;
	const char *options[3];
	enum column column;
	double at_most;
	/* With a second line: so many times what that one takes. */
	bool relative;
	const char *other[3];
};

static const struct limit limits[] = {
	{ FINE, ABIS_ALONE, UNIFORM, MEAN_KNOWN, 7.1, false, { NULL } },
	{ FINE, ABIS_ALONE, UNIFORM, WORST_ZERO, 10, false, { NULL } },
	{ FINE, ABIS_ALONE, UNIFORM, WORST, 10, false, { NULL } },
	{ FINE, ABIS_ALONE, SIZE_UNIFORM, INSTRUCTIONS, 40, false, { NULL } },
	{ FINE, ABIS_ALONE, HOT, MEAN_HOT, 7.3, false, { NULL } },
	{ FINE, ABIS_ALONE, HOT, MEAN_DENIED, 8.8, false, { NULL } },
	/* clock_gettime is hot there, and is not in the recorded weights. */
	{ FINE, ABIS_ALONE, { NULL }, MEAN_KNOWN, 1.065, true, UNIFORM },
	{ FINE, ABIS_ALONE, { NULL }, MEAN_HOT, 1.11, true, HOT },
	{ MOBY, ABIS_ALONE, UNIFORM, INSTRUCTIONS, 64, false, { NULL } },
	{ MOBY, ABIS_ALONE, UNIFORM, MEAN_KNOWN, 8.9, false, { NULL } },
	{ MOBY, ABIS_ALONE, UNIFORM, WORST_ZERO, 11, false, { NULL } },
	{ MOBY, ABIS_ALONE, UNIFORM, WORST, 14, false, { NULL } },
	{ MOBY, ABIS_ALONE, SIZE_UNIFORM, INSTRUCTIONS, 59, false, { NULL } },
	{ MOBY, ABIS_ALONE, HOT, MEAN_HOT, 6.7, false, { NULL } },
	{ MOBY, ABIS_ALONE, HOT, MEAN_DENIED, 9.4, false, { NULL } },
	{ MOBY, ABIS_ALONE, { NULL }, MEAN_KNOWN, 1.05, true, UNIFORM },
	{ MOBY, ABIS_ALONE, { NULL }, MEAN_HOT, 1.10, true, HOT },
	{ MOBY, ABIS_THREE, { NULL }, INSTRUCTIONS, 212, false, { NULL } },
	{ MOBY, ABIS_THREE, SIZE, INSTRUCTIONS, 192, false, { NULL } },
};

struct run {
	const char *seccompc, *corpus;
	char folder[4096], hot[4200];
	size_t failed, checks;
};

static void
check(struct run *run, bool ok, const char *what)
{
	run->checks++;
	run->failed += !ok;
	printf("%s - %s\n", ok ? "ok" : "not ok", what);
}

/* The instructions that a call executes, 0 if one is none that we make. */
static unsigned
recount(const struct code *code, const uint32_t words[16])
{
	uint64_t a = 0;
	unsigned n = 0;

	for (const struct sock_filter *at = code->v;; at++) {
		bool jumps;

		n++;
		if (at->code == 0x06) /* ret #k */
			return n;
		if (at->code == 0x20) { /* ld [k] */
			a = words[at->k / 4];
			continue;
		}
		if (at->code == 0x54) { /* and #k */
			a &= at->k;
			continue;
		}
		if (at->code == 0x05) { /* ja */
			at += at->k;
			continue;
		}
		if (at->code == 0x15) /* jeq #k */
			jumps = a == at->k;
		else if (at->code == 0x25) /* jgt #k */
			jumps = a > at->k;
		else if (at->code == 0x35) /* jge #k */
			jumps = a >= at->k;
		else if (at->code == 0x45) /* jset #k */
			jumps = (a & at->k) != 0;
		else
			return 0;
		at += jumps ? at->jt : at->jf;
	}
}

static bool
agrees(const struct code *code, const struct figures *f)
{
	uint64_t known = 0;
	size_t n = syscall_number_count[ABI_X86_64];

	for (size_t i = 0; i < n; i++) {
		uint16_t name = syscall_numbers[ABI_X86_64][i];
		uint32_t words[16] = {
			(uint32_t)syscall_names[name].number[ABI_X86_64],
			AUDIT_ARCH_X86_64
		};

		known += recount(code, words);
	}
	return fabs((double)known / (double)n - f->v[MEAN_KNOWN]) < 1e-9;
}

/* The longest of many calls, by the same count. */
static unsigned
longest_tried(const struct code *code)
{
	static struct pool pool;
	unsigned most = 0;

	pool_open(&pool, code->v, code->n);
	for (size_t i = 0; i < pool.n; i++) {
		uint32_t words[16];
		unsigned n;

		memcpy(words, &pool.samples[i].call, sizeof(words));
		n = recount(code, words);
		if (n > most)
			most = n;
	}
	return most;
}

static bool
make_line(struct run *run, const char *profile, enum abi_choice abis,
	  const char *const options[3], struct figures *figures,
	  char error[256])
{
	struct line line = { .abis = abis };
	const char *all[OPTIONS_MAX];
	char path[4200], hot[4400];
	struct blob blob;
	bool ok;

	memcpy(line.options, options, sizeof(line.options));
	snprintf(path, sizeof(path), "%s/%s", run->corpus, profile);
	snprintf(hot, sizeof(hot), "--weights=%s", run->hot);
	line_options(&line, hot, all);
	ok = blob_compile(&blob, run->seccompc, run->folder, path, all);
	if (ok) {
		unsigned tried = longest_tried(&blob.code);

		figures_measure(figures, &blob.code, 1 << ABI_X86_64);
		ok = agrees(&blob.code, figures) && !figures->inexact &&
		     tried <= (unsigned)figures->v[WORST];
		snprintf(error, 256, "two counts of one program differ");
	} else {
		snprintf(error, 256, "%s", blob.error);
	}
	blob_finish(&blob);
	return ok;
}

static void
describe(const char *const options[3], char *out, size_t size)
{
	if (!options[0])
		snprintf(out, size, "nothing said");
	else
		snprintf(out, size, "%s%s%s", options[0], options[1] ? " " : "",
			 options[1] ? options[1] : "");
}

static void
check_limit(struct run *run, const struct limit *limit)
{
	char what[1024], options[128], other[128] = "", error[256];
	struct figures f, base;
	double at_most = limit->at_most, is = 0;
	bool ok = make_line(run, limit->profile, limit->abis, limit->options,
			    &f, error);

	describe(limit->options, options, sizeof(options));
	if (ok && limit->relative) {
		ok = make_line(run, limit->profile, limit->abis, limit->other,
			       &base, error);
		describe(limit->other, other, sizeof(other));
		at_most *= ok ? base.v[limit->column] : 0;
	}
	if (ok)
		is = f.v[limit->column];
	if (!ok)
		snprintf(what, sizeof(what), "%s, %s, %s: %s", limit->profile,
			 abi_titles[limit->abis], options, error);
	else
		snprintf(what, sizeof(what),
			 "%s, %s, %s: %s is %.2f, at most %.2f%s%s",
			 limit->profile, abi_titles[limit->abis], options,
			 columns[limit->column].key, is, at_most,
			 other[0] ? " by " : "", other);
	/* A mean is printed with less than it has. */
	check(run, ok && is <= at_most + 1e-9, what);
}

struct cached {
	const char *outputs;
	size_t programs, failed;
};

static void
visit_cached(void *context, const char *path, const char *text, size_t len)
{
	struct cached *cached = context;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct figures f;
	struct blob blob;
	char output[8192];

	(void)text;
	(void)len;
	snprintf(output, sizeof(output), "%s/%.*s.bpf", cached->outputs,
		 (int)strlen(name) - 5, name);
	if (blob_read(&blob, output)) {
		figures_measure(&f, &blob.code, (1 << ABI_COUNT) - 1);
		cached->programs++;
		if (f.v[CACHED_ALLOWED] < 100) {
			printf("# %s: %.1f %% are cached\n", name,
			       f.v[CACHED_ALLOWED]);
			cached->failed++;
		}
	}
	blob_finish(&blob);
}

/* All that is allowed whatever its arguments is in the allow cache. */
static void
check_cache(struct run *run, const char *option)
{
	char outputs[4200], what[256];
	const char *argv[] = { run->seccompc,
			       "compile",
			       run->corpus,
			       "--quiet",
			       "-o",
			       outputs,
			       "--caps=none",
			       "--kernel=6.1",
			       "--arch=x86_64,i386,x32",
			       option,
			       NULL };
	struct cached cached = { .outputs = outputs };
	int status;

	snprintf(outputs, sizeof(outputs), "%s/programs", run->folder);
	mkdir(outputs, 0700);
	/* 1: some of the profiles are refused. */
	status = process_run(argv, NULL, NULL);
	corpus_visit(run->corpus, visit_cached, &cached);
	folder_remove(outputs);
	snprintf(what, sizeof(what),
		 "%s: of %zu programs for three ABIs, %zu leave something out "
		 "of the allow cache",
		 option ? option : "nothing said", cached.programs,
		 cached.failed);
	check(run,
	      (status == 0 || status == 1) && cached.programs && !cached.failed,
	      what);
}

int
main(int argc, char **argv)
{
	static struct run run;
	char path[4200];

	if (argc != 4) {
		fprintf(stderr, "usage: bench-figures SECCOMPC FOLDER "
				"CORPUS\n");
		return 2;
	}
	run.seccompc = argv[1];
	run.corpus = argv[3];
	snprintf(path, sizeof(path), "%s/" FINE, run.corpus);
	if (access(path, R_OK)) {
		printf("# skipped: there is no %s\n", path);
		return 77;
	}
	snprintf(run.folder, sizeof(run.folder), "%s/figures-XXXXXX", argv[2]);
	if (!mkdtemp(run.folder)) {
		perror(run.folder);
		return 1;
	}
	snprintf(run.hot, sizeof(run.hot), "%s/hot", run.folder);
	check(&run, weights_write(run.hot), "the weights are written");
	for (size_t i = 0; i < LENGTH(limits); i++)
		check_limit(&run, &limits[i]);
	check_cache(&run, NULL);
	check_cache(&run, "--optimize=size");
	folder_remove(run.folder);
	printf("# %zu checks\n%zu failed\n", run.checks, run.failed);
	return run.failed != 0;
}
