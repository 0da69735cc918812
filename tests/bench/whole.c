#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../corpus.h"

static const abi_set abi_sets[ABIS_COUNT] = {
	[ABIS_ALONE] = 1 << ABI_X86_64,
	[ABIS_THREE] = (1 << ABI_COUNT) - 1,
};

/* libseccomp does not come to an end on every input. */
enum { PEER_SECONDS = 2 };

struct peer_work {
	const struct rule_list *rules;
	enum peer_tree tree;
};

/* Visiting the profiles for one row. */
struct visit {
	enum peer_tree tree;
	struct whole_row *row;
	const char *outputs; /* folder of programs */
	size_t means[COLUMN_COUNT];
};

/* The line of a choice of ABIs that has no options of its own. */
static const struct line *
nothing_said(enum abi_choice abis)
{
	for (size_t i = 0; i < line_count; i++)
		if (lines[i].abis == abis && !lines[i].options[0])
			return &lines[i];
	abort();
}

static void
add_program(struct visit *visit, const struct code *code, abi_set abis)
{
	struct whole_row *row = visit->row;
	struct figures f;

	figures_measure(&f, code, abis);
	row->programs++;
	row->sum.inexact |= f.inexact;
	if (code->n > row->longest)
		row->longest = code->n;
	row->uncached += f.v[CACHED_ALLOWED] < 100;
	for (size_t i = 0; i < COLUMN_COUNT; i++) {
		double *sum = &row->sum.v[i];

		if (isnan(f.v[i]))
			continue;
		if (i == WORST || i == WORST_ZERO)
			*sum = *sum > f.v[i] ? *sum : f.v[i];
		else
			*sum = (isnan(*sum) ? 0 : *sum) + f.v[i];
		visit->means[i]++;
	}
}

static void
visit_ours(void *context, const char *path, const char *text, size_t len)
{
	struct visit *visit = context;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char output[8192];
	struct blob blob;

	(void)text;
	(void)len;
	snprintf(output, sizeof(output), "%s/%.*s.bpf", visit->outputs,
		 (int)strlen(name) - 5, name);
	if (blob_read(&blob, output))
		add_program(visit, &blob.code, abi_sets[visit->row->abis]);
	else
		visit->row->refused++;
	blob_finish(&blob);
}

static struct whole_row *
start_row(struct whole *whole, struct visit *visit, const char *by,
	  enum abi_choice abis)
{
	*visit = (struct visit){ .row = &whole->rows[whole->n++] };
	visit->row->by = by;
	visit->row->abis = abis;
	figures_clear(&visit->row->sum);
	return visit->row;
}

static void
finish_row(struct visit *visit)
{
	for (size_t i = MEAN_KNOWN; i <= CACHED_KNOWN; i++)
		if (visit->means[i])
			visit->row->sum.v[i] /= (double)visit->means[i];
}

/* All profiles in one process of the command. */
static bool
measure_ours(struct whole *whole, const struct line *line, const char *folder,
	     const struct setup *setup)
{
	const char *argv[OPTIONS_MAX + 8] = { setup->seccompc, "compile",
					      folder, "--quiet", "-o" };
	char outputs[4200], said[4200], hot[4200];
	struct visit visit;
	struct whole_row *row =
		start_row(whole, &visit, line->name, line->abis);
	int status;

	snprintf(outputs, sizeof(outputs), "%s/whole", setup->folder);
	snprintf(said, sizeof(said), "%s/said", setup->folder);
	snprintf(hot, sizeof(hot), "--weights=%s", setup->hot);
	mkdir(outputs, 0700);
	argv[5] = outputs;
	line_options(line, hot, argv + 6);
	visit.outputs = outputs;
	/* 1: some profiles are refused, which is as it should be. */
	status = process_run(argv, said, &row->ns);
	if (status != 0 && status != 1) {
		FILE *file = fopen(said, "r");

		if (file && fgets(row->error, sizeof(row->error), file))
			row->error[strcspn(row->error, "\n")] = '\0';
		if (file)
			fclose(file);
	}
	corpus_visit(folder, visit_ours, &visit);
	finish_row(&visit);
	unlink(said);
	folder_remove(outputs);
	return status == 0 || status == 1;
}

static void
count_proof(struct whole *whole, const struct proof *proof, uint64_t ns,
	    const char *path)
{
	const char *slash = strrchr(path, '/');

	whole->programs++;
	whole->proved += proof->answer == PROOF_EQUAL;
	whole->total += ns;
	if (ns > whole->slowest) {
		whole->slowest = ns;
		snprintf(whole->slowest_name, sizeof(whole->slowest_name), "%s",
			 slash ? slash + 1 : path);
	}
	if (proof->nodes > whole->nodes)
		whole->nodes = proof->nodes;
	if (proof->steps > whole->steps)
		whole->steps = proof->steps;
}

/* A program whose proof fails is none afterwards: it counts without a time. */
static void
visit_proofs(void *context, const char *path, const char *text, size_t len)
{
	struct whole *whole = context;

	whole->profiles++;
	for (size_t i = 0; i < ABIS_COUNT; i++) {
		struct compilation c;
		struct proof proof;
		uint64_t before;

		line_start(&c, nothing_said(i), path, text, len);
		if (compile(&c)) {
			before = clock_now();
			prove(&proof, c.ruleset, c.program->code.v,
			      c.program->code.n);
			count_proof(whole, &proof, clock_now() - before, path);
		} else if (c.proof.answer != PROOF_NONE) {
			count_proof(whole, &c.proof, 0, path);
		}
		compilation_finish(&c);
	}
}

static bool
make_peer(void *context, struct code *code, uint64_t *ns)
{
	const struct peer_work *work = context;

	return peer_make(work->rules, work->tree, code, ns);
}

/* On profiles that compile, as long as libseccomp comes to an end. */
static void
visit_peer(void *context, const char *path, const char *text, size_t len)
{
	struct visit *visit = context;
	enum abi_choice abis = visit->row->abis;
	struct compilation c;
	struct rule_list rules = { 0 };
	struct peer_work work = { &rules, visit->tree };
	struct code code = { 0 };
	uint64_t ns = 0;

	line_start(&c, nothing_said(abis), path, text, len);
	if (compile(&c) && rule_list_take(&rules, c.selection) &&
	    limited_run(make_peer, &work, PEER_SECONDS, &code, &ns) ==
		    LIMITED_DONE) {
		add_program(visit, &code, abi_sets[abis]);
		visit->row->ns += ns;
	} else {
		visit->row->refused++;
	}
	free(code.v);
	rule_list_finish(&rules);
	compilation_finish(&c);
}

static void
measure_peers(struct whole *whole, const char *folder)
{
	static const char *const names[PEER_COUNT] = {
		[PEER_LINEAR] = "libseccomp, linear",
		[PEER_TREE] = "libseccomp, tree",
	};

	for (enum abi_choice abis = 0; abis < ABIS_COUNT; abis++)
		for (enum peer_tree tree = 0; tree < PEER_COUNT; tree++) {
			struct visit visit;

			start_row(whole, &visit, names[tree], abis);
			visit.tree = tree;
			visit.row->peer = true;
			corpus_visit(folder, visit_peer, &visit);
			finish_row(&visit);
		}
}

bool
whole_measure(struct whole *whole, const char *folder,
	      const struct setup *setup)
{
	bool ok = true;

	*whole = (struct whole){ 0 };
	if (!corpus_visit(folder, visit_proofs, whole))
		return false;
	for (size_t i = 0; i < line_count; i++)
		ok &= measure_ours(whole, &lines[i], folder, setup);
	if (peer_version())
		measure_peers(whole, folder);
	return ok;
}
