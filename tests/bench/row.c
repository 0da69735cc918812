#include "bench.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const abi_set abi_sets[ABIS_COUNT] = {
	[ABIS_ALONE] = 1 << ABI_X86_64,
	[ABIS_THREE] = (1 << ABI_COUNT) - 1,
};

/* What the measurements of a profile share. */
struct rig {
	struct subject *subject;
	const struct setup *setup;
	/* Of each choice of ABIs, as read: rules for libseccomp. */
	struct compilation read[ABIS_COUNT];
	struct rule_list rules[ABIS_COUNT];
	char rules_path[ABIS_COUNT][4096];
	int null; /* /dev/null */
	struct series compile[ROWS_MAX], process[ROWS_MAX], empty;
};

static bool
fail(const struct rig *rig, const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", rig->subject->name, what);
	return false;
}

static struct row *
add_row(struct subject *subject, const char *by, enum abi_choice abis)
{
	struct row *row = &subject->rows[subject->n++];

	*row = (struct row){ .by = by, .abis = abis };
	figures_clear(&row->figures);
	return row;
}

/* A program that is not there is said, and the others are measured. */
static void
add_ours(struct rig *rig, const struct line *line)
{
	struct row *row = add_row(rig->subject, line->name, line->abis);
	const char *options[OPTIONS_MAX];
	char hot[4200];
	size_t n = 0;

	snprintf(hot, sizeof(hot), "--weights=%s", rig->setup->hot);
	line_options(line, hot, options);
	row->line = line;
	for (size_t i = 0; options[i] && n < sizeof(row->options); i++)
		n += (size_t)snprintf(
			row->options + n, sizeof(row->options) - n, "%s%s",
			i ? " " : "",
			options[i] == hot ? LINE_HOT_FILE : options[i]);
	if (blob_compile(&row->blob, rig->setup->seccompc, rig->setup->folder,
			 rig->subject->path, options))
		figures_measure(&row->figures, &row->blob.code,
				abi_sets[line->abis]);
}

/* Ours of the same ABIs, without ENOSYS for new numbers as libseccomp. */
static void
compare_peer(struct rig *rig, struct row *row)
{
	struct compilation c;

	compilation_init(&c, rig->subject->path, rig->subject->text,
			 rig->subject->len);
	c.options = rig->read[row->abis].options;
	c.options.unknown = UNKNOWN_DEFAULT;
	c.options.foreign_default = false;
	if (compile(&c)) {
		struct code ours = { c.program->code.v, c.program->code.n };

		row->differing =
			figures_differ(&ours, &row->blob.code, c.selection);
	}
	compilation_finish(&c);
}

static bool
add_peer(struct rig *rig, enum abi_choice abis, enum peer_tree tree)
{
	static const char *const names[PEER_COUNT] = {
		[PEER_LINEAR] = "libseccomp, linear",
		[PEER_TREE] = "libseccomp, tree",
	};
	struct row *row = add_row(rig->subject, names[tree], abis);
	uint64_t ns;

	row->peer = true;
	row->tree = tree;
	row->blob.code.v = malloc(BPF_MAXINSNS * sizeof(struct sock_filter));
	if (!row->blob.code.v ||
	    !peer_make(&rig->rules[abis], tree, &row->blob.code, &ns))
		return fail(rig, "libseccomp does not compile the rules");
	figures_measure(&row->figures, &row->blob.code, abi_sets[abis]);
	compare_peer(rig, row);
	return true;
}

/* Takes the rules as libseccomp gets them, and as a file for its process. */
static bool
read_rules(struct rig *rig, enum abi_choice abis)
{
	static const struct line nothing_said[ABIS_COUNT] = {
		[ABIS_ALONE] = { .abis = ABIS_ALONE },
		[ABIS_THREE] = { .abis = ABIS_THREE },
	};
	struct compilation *c = &rig->read[abis];
	struct line line = nothing_said[abis];
	FILE *file;
	bool ok;

	line.weights = &weights_built_in;
	line_start(c, &line, rig->subject->path, rig->subject->text,
		   rig->subject->len);
	if (!compile(c))
		return fail(rig, "the profile does not compile");
	if (!peer_version())
		return true;
	if (!rule_list_take(&rig->rules[abis], c->selection))
		return fail(rig, "out of memory");
	snprintf(rig->rules_path[abis], sizeof(rig->rules_path[abis]),
		 "%s/rules-%d", rig->setup->folder, (int)abis);
	file = fopen(rig->rules_path[abis], "w");
	ok = file && rule_list_write(&rig->rules[abis], file);
	if (file)
		fclose(file);
	return ok || fail(rig, "cannot write a temporary file");
}

static bool
time_in_process(struct rig *rig, const struct row *row, struct series *series)
{
	const struct subject *s = rig->subject;
	uint64_t before = clock_now();
	bool ok;

	if (row->peer) {
		/* Nothing cheaper makes libseccomp finish its work. */
		ok = peer_compile(&rig->rules[row->abis], row->tree, rig->null);
	} else {
		struct compilation c;

		line_start(&c, row->line, s->path, s->text, s->len);
		ok = compile(&c) && code_is(&row->blob.code, c.program);
		compilation_finish(&c);
	}
	series_add(series, clock_now() - before);
	return ok || fail(rig, "a timed compilation failed, or "
			       "made another program than the command");
}

/* Each process writes a new file: a rename over one waits for a disk. */
static bool
time_process(struct rig *rig, const struct row *row, struct series *series)
{
	const char *argv[OPTIONS_MAX + 6] = { NULL };
	char hot[4200], peer[4096], output[4200];
	uint64_t ns;
	bool ok;

	snprintf(output, sizeof(output), "%s/timed", rig->setup->outputs);
	if (row->peer) {
		snprintf(peer, sizeof(peer), "%s/tests/bench/bench-peer",
			 rig->setup->build);
		argv[0] = peer;
		argv[1] = row->tree == PEER_TREE ? "tree" : "linear";
		argv[2] = rig->rules_path[row->abis];
	} else {
		snprintf(hot, sizeof(hot), "--weights=%s", rig->setup->hot);
		line_options(row->line, hot, argv + 5);
		argv[0] = rig->setup->seccompc;
		argv[1] = "compile";
		argv[2] = rig->subject->path;
		argv[3] = "-o";
		argv[4] = output;
	}
	ok = !process_run(argv, row->peer ? output : NULL, &ns) &&
	     !unlink(output);
	if (!ok)
		return fail(rig, "a timed process failed");
	series_add(series, ns);
	return true;
}

static bool
time_empty(struct rig *rig)
{
	char path[4096];
	const char *argv[] = { path, NULL };
	uint64_t ns;

	snprintf(path, sizeof(path), "%s/tests/bench/empty-dynamic",
		 rig->setup->build);
	if (process_run(argv, NULL, &ns))
		return fail(rig, "a process that does nothing failed");
	series_add(&rig->empty, ns);
	return true;
}

/* One of each in turn, so that noise meets all of them. */
static bool
time_rows(struct rig *rig)
{
	struct subject *s = rig->subject;
	size_t passes = rig->setup->passes;

	for (size_t pass = 0; pass < passes; pass++) {
		if (pass <= passes / 2 && !time_empty(rig))
			return false;
		for (size_t i = 0; i < s->n; i++) {
			const struct row *row = &s->rows[i];

			if (!row->blob.code.v)
				continue;
			if (!time_in_process(rig, row, &rig->compile[i]) ||
			    (pass <= passes / 2 &&
			     !time_process(rig, row, &rig->process[i])))
				return false;
		}
	}
	return true;
}

static void
take_times(struct rig *rig)
{
	rig->subject->empty = series_finish(&rig->empty);
	for (size_t i = 0; i < rig->subject->n; i++) {
		double *v = rig->subject->rows[i].figures.v;
		struct summary inside = series_finish(&rig->compile[i]);
		struct summary process = series_finish(&rig->process[i]);

		if (inside.minimum)
			v[TIME_COMPILE] = (double)inside.minimum;
		if (process.minimum)
			v[TIME_PROCESS] = (double)process.minimum;
	}
}

static bool
is_hot(const struct line *line)
{
	return line->options[0] && !strcmp(line->options[0], LINE_HOT_FILE);
}

/* Of the mean over known syscalls, or of the one that was asked for. */
static void
find_bound(struct row *row)
{
	size_t n = syscall_number_count[ABI_X86_64];
	double *weights = calloc(n, sizeof(*weights));
	bool hot = is_hot(row->line);

	for (size_t i = 0; weights && i < n; i++)
		weights[i] = hot ? weights_hot(i) : 1;
	if (weights)
		bound_find(&row->bound, &row->blob.code, weights);
	row->bound.hot = hot;
	free(weights);
}

/* Of the lines where nothing is said about weights. */
static bool
measure_stages(struct rig *rig)
{
	struct subject *s = rig->subject;

	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];

		if (!row->line || row->line->options[0] || !row->blob.code.v)
			continue;
		if (!stages_measure(&s->stages[row->abis], row->line, s->path,
				    s->text, s->len, &row->blob.code,
				    rig->setup->passes))
			return fail(rig, "the passes make another program "
					 "than the command");
	}
	return true;
}

static bool
measure(struct rig *rig)
{
	for (enum abi_choice abis = 0; abis < ABIS_COUNT; abis++) {
		if (!read_rules(rig, abis))
			return false;
		for (size_t i = 0; i < line_count; i++)
			if (lines[i].abis == abis)
				add_ours(rig, &lines[i]);
		if (peer_version() && (!add_peer(rig, abis, PEER_LINEAR) ||
				       !add_peer(rig, abis, PEER_TREE)))
			return false;
	}
	for (size_t i = 0; i < rig->subject->n; i++) {
		struct row *row = &rig->subject->rows[i];

		if (row->line && row->blob.code.v)
			find_bound(row);
	}
	return time_rows(rig) && measure_stages(rig);
}

bool
subject_measure(struct subject *subject, const struct setup *setup)
{
	static struct rig rig;
	bool ok;

	memset(&rig, 0, sizeof(rig));
	rig.subject = subject;
	rig.setup = setup;
	rig.null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	ok = measure(&rig);
	take_times(&rig);
	if (rig.null >= 0)
		close(rig.null);
	for (size_t i = 0; i < ABIS_COUNT; i++) {
		if (rig.rules_path[i][0])
			unlink(rig.rules_path[i]);
		rule_list_finish(&rig.rules[i]);
		if (rig.read[i].source.text)
			compilation_finish(&rig.read[i]);
	}
	peers_add(subject);
	return ok;
}

void
subject_finish(struct subject *subject)
{
	for (size_t i = 0; i < subject->n; i++)
		blob_finish(&subject->rows[i].blob);
	free(subject->text);
	subject->text = NULL;
}
