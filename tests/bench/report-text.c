#include "bench.h"

#include <math.h>

/* Figures first; times in a table of their own. */
static const enum column figure_columns[] = {
	INSTRUCTIONS, BYTES,	    WORST_ZERO,	 WORST,
	MEAN_KNOWN,   MEAN_ALLOWED, MEAN_DENIED, MEAN_HOT,
};

static const struct {
	enum column column;
	double unit;  /* nanoseconds */
	bool to_none; /* ratio to no filter; else to libseccomp's tree */
	const char *title;
} time_columns[] = {
	{ TIME_COMPILE, 1000, false, "compile us" },
	{ TIME_PROCESS, 1000, false, "process us" },
	{ TIME_INSTALL, 1000, false, "install us" },
	{ TIME_GETPPID, 1, true, "getppid ns" },
	{ TIME_PERSONALITY, 1, true, "personality ns" },
	{ TIME_DENIED, 1, true, "denied ns" },
};

static void
print_value(const struct figures *f, enum column column, FILE *file)
{
	bool worst = column == WORST || column == WORST_ZERO;

	if (isnan(f->v[column]))
		fprintf(file, " %8s", "-");
	else if (worst && f->inexact)
		fprintf(file, " %7.*f+", columns[column].decimals,
			f->v[column]);
	else
		fprintf(file, " %8.*f", columns[column].decimals, f->v[column]);
}

static void
print_cached(const struct figures *f, FILE *file)
{
	if (isnan(f->v[CACHED_KNOWN]))
		fprintf(file, " %8s %7s", "-", "-");
	else if (isnan(f->v[CACHED_ALLOWED]))
		fprintf(file, " %8s %6.1f%%", "none", f->v[CACHED_KNOWN]);
	else
		fprintf(file, " %7.1f%% %6.1f%%", f->v[CACHED_ALLOWED],
			f->v[CACHED_KNOWN]);
}

static void
print_heads(FILE *file)
{
	fprintf(file, "%-38s", "");
	for (size_t i = 0; i < LENGTH(figure_columns); i++)
		fprintf(file, " %8s", columns[figure_columns[i]].title);
	fprintf(file, " %8s %7s\n", columns[CACHED_ALLOWED].title,
		columns[CACHED_KNOWN].title);
}

static void
print_name(const struct row *row, FILE *file)
{
	char name[64];

	snprintf(name, sizeof(name), "%s%s%s", row->line ? "seccompc, " : "",
		 row->by, row->source ? " *" : "");
	fprintf(file, "%-38s", name);
}

static void
print_figures(const struct subject *s, enum abi_choice abis, FILE *file)
{
	print_heads(file);
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];

		if (row->abis != abis)
			continue;
		print_name(row, file);
		if (!row->source && !row->blob.code.v) {
			fprintf(file, " no program: %s\n", row->blob.error);
			continue;
		}
		for (size_t j = 0; j < LENGTH(figure_columns); j++)
			print_value(&row->figures, figure_columns[j], file);
		print_cached(&row->figures, file);
		fputc('\n', file);
		if (row->differing)
			fprintf(file,
				"  NOT THE SAME WORK: %zu x86_64 calls are "
				"decided otherwise\n",
				row->differing);
	}
}

/* libseccomp's tree for the same ABIs, NULL if it is not there. */
static const struct figures *
reference(const struct subject *s, enum abi_choice abis)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].abis == abis && s->rows[i].peer &&
		    s->rows[i].tree == PEER_TREE)
			return &s->rows[i].figures;
	return NULL;
}

static void
print_time(double ns, double unit, double base, FILE *file)
{
	if (isnan(ns))
		fprintf(file, " %9s %6s", "-", "");
	else if (!(base > 0))
		fprintf(file, " %9.1f %6s", ns / unit, "");
	else
		fprintf(file, " %9.1f %5.2fx", ns / unit, ns / base);
}

static void
print_row_times(const struct subject *s, const struct row *row, FILE *file)
{
	const struct figures *tree = reference(s, row->abis);

	print_name(row, file);
	for (size_t i = 0; i < LENGTH(time_columns); i++) {
		enum column column = time_columns[i].column;
		double base = 0;

		/* Nothing of another machine is compared with this one. */
		if (!row->source && time_columns[i].to_none)
			base = s->without[column];
		else if (!row->source && tree)
			base = tree->v[column];
		print_time(row->figures.v[column], time_columns[i].unit, base,
			   file);
	}
	fputc('\n', file);
}

static void
print_times(const struct subject *s, enum abi_choice abis, FILE *file)
{
	fprintf(file, "\n%-38s", "");
	for (size_t i = 0; i < LENGTH(time_columns); i++)
		fprintf(file, " %16s", time_columns[i].title);
	fprintf(file, "\n%-38s", "no filter");
	for (size_t i = 0; i < LENGTH(time_columns); i++)
		print_time(time_columns[i].to_none
				   ? s->without[time_columns[i].column]
				   : (double)NAN,
			   1, 0, file);
	fputc('\n', file);
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].abis == abis &&
		    (s->rows[i].blob.code.v || s->rows[i].source))
			print_row_times(s, &s->rows[i], file);
	if (s->no_live)
		fprintf(file, "calls were not timed: %s\n", s->no_live);
	else
		fprintf(file, "the denied call is %s\n",
			s->denied ? s->denied : "none: no harmless one is");
}

/* The process of a line without options, beside one that does nothing. */
static void
print_process(const struct subject *s, enum abi_choice abis, FILE *file)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];
		double ns = row->figures.v[TIME_PROCESS];

		if (row->abis == abis && row->line && !row->line->options[0] &&
		    s->empty.minimum && !isnan(ns))
			fprintf(file,
				"a process that does nothing takes %.1f us; "
				"that of %s %.2f times as long\n",
				(double)s->empty.minimum / 1000, row->by,
				ns / (double)s->empty.minimum);
	}
}

static void
print_launches(const struct subject *s, enum abi_choice abis, FILE *file)
{
	for (size_t i = 0; i < LAUNCHES; i++) {
		const struct launch *launch = &s->launches[abis][i];
		double plain = (double)launch->plain.minimum;
		double launched = (double)launch->launched.minimum;
		bool limited = i == 0;

		if (!launch->tried)
			continue;
		fprintf(file, "started by seccomp-exec, %s ", launch_names[i]);
		if (launch->status)
			fprintf(file, "ends with status %d: not timed\n",
				launch->status);
		else
			fprintf(file,
				"takes %.1f us, %.2f times the %.1f us "
				"without it%s\n",
				launched / 1000, launched / plain, plain / 1000,
				!limited ? ""
				: launched <= LAUNCH_LIMIT * plain
					? ", within the limit of 1.5"
					: ", OVER THE LIMIT OF 1.5");
	}
}

static void
print_stages(const struct subject *s, enum abi_choice abis, FILE *file)
{
	const struct stages *stages = &s->stages[abis];
	double whole = (double)stages->whole.minimum, middle = 0;

	if (!stages->whole.minimum)
		return;
	for (size_t i = STAGE_JSON + 1; i < STAGE_PROOF; i++)
		middle += (double)stages->v[i].minimum;
	fprintf(file, "\npasses, nothing said, us:");
	for (size_t i = 0; i < STAGE_COUNT; i++)
		fprintf(file, "%s %s %.1f", i ? "," : "", stage_names[i],
			(double)stages->v[i].minimum / 1000);
	fprintf(file,
		"\nall of them and memory %.1f; json-c alone on this text "
		"%.1f, passes between JSON and proof %.2f times that; the "
		"proof is %.2f of the whole, %zu nodes and %zu steps\n",
		whole / 1000, (double)stages->json_c.minimum / 1000,
		middle / (double)stages->json_c.minimum,
		(double)stages->v[STAGE_PROOF].minimum / whole, stages->nodes,
		stages->steps);
}

static void
print_bounds(const struct subject *s, enum abi_choice abis, FILE *file)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct row *row = &s->rows[i];

		if (row->abis != abis || !row->bound.runs)
			continue;
		fprintf(file,
			"seccompc, %s: mean over known%s %.2f; no program has "
			"less than %.2f with JGE and JEQ on the number "
			"(%.2f times that), nor less than %.2f with any "
			"tests; %zu runs\n",
			row->by, row->bound.hot ? ", hot ones x 1000," : "",
			row->bound.mean, row->bound.tree,
			row->bound.mean / row->bound.tree, row->bound.any,
			row->bound.runs);
	}
}

static void
print_blobs(const struct subject *s, enum abi_choice abis, FILE *file)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].abis == abis && s->rows[i].blob.digest[0])
			fprintf(file, "%s: %s\n  sha256 %s\n", s->rows[i].by,
				s->rows[i].options, s->rows[i].blob.digest);
}

void
report_subject(const struct subject *s, FILE *file)
{
	for (enum abi_choice abis = 0; abis < ABIS_COUNT; abis++) {
		bool constants = false;

		fprintf(file, "\n== %s, %s\n\n", s->name, abi_titles[abis]);
		print_figures(s, abis, file);
		for (size_t i = 0; i < s->n; i++)
			constants |=
				s->rows[i].abis == abis && s->rows[i].source;
		print_times(s, abis, file);
		if (constants)
			fprintf(file, "* measured on 2026-11-23 on another "
				      "machine, tests/bench/peers.c: no ratio "
				      "to times of this run\n");
		print_process(s, abis, file);
		print_launches(s, abis, file);
		print_stages(s, abis, file);
		print_bounds(s, abis, file);
		print_blobs(s, abis, file);
	}
}

void
report_whole(const struct whole *whole, FILE *file)
{
	fprintf(file,
		"\n== all %zu profiles of the folder: sums of instructions, "
		"means over programs of the means, the worst of the worst\n\n",
		whole->profiles);
	fprintf(file, "%-46s %8s %8s %8s", "", "programs", "refused",
		"longest");
	for (size_t i = 0; i < LENGTH(figure_columns); i++)
		fprintf(file, " %8s", columns[figure_columns[i]].title);
	fprintf(file, " %8s %8s %8s\n", columns[CACHED_ALLOWED].title,
		"uncached", "ms");
	for (size_t i = 0; i < whole->n; i++) {
		const struct whole_row *row = &whole->rows[i];
		char name[96];

		snprintf(name, sizeof(name), "%s: %s", abi_titles[row->abis],
			 row->by);
		fprintf(file, "%-46s", name);
		if (row->error[0]) {
			fprintf(file, " no programs: %s\n", row->error);
			continue;
		}
		fprintf(file, " %8zu %8zu %8zu", row->programs, row->refused,
			row->longest);
		for (size_t j = 0; j < LENGTH(figure_columns); j++)
			print_value(&row->sum, figure_columns[j], file);
		fprintf(file, " %7.1f%% %8zu %8.1f\n",
			row->sum.v[CACHED_ALLOWED], row->uncached,
			(double)row->ns / 1e6);
	}
	fprintf(file,
		"%zu of %zu programs proved in %.1f ms; slowest %.1f ms (%s); "
		"most nodes %zu, most steps %zu\n",
		whole->proved, whole->programs, (double)whole->total / 1e6,
		(double)whole->slowest / 1e6, whole->slowest_name, whole->nodes,
		whole->steps);
}

static void
print_cost(const struct growth_cost *cost, FILE *file)
{
	if (cost->end == LIMITED_LATE)
		fprintf(file, " %10s %8s %8s", "too slow", "-", "-");
	else if (cost->end == LIMITED_FAILED)
		fprintf(file, " %10s %8s %8s", "no program", "-", "-");
	else if (!cost->instructions)
		fprintf(file, " %10.1f %8s %8s", (double)cost->ns / 1000, "-",
			"-");
	else
		fprintf(file, " %10.1f %8zu %8.2f", (double)cost->ns / 1000,
			cost->instructions, cost->executed);
}

void
report_growth(const struct growth *growth, FILE *file)
{
	for (size_t kind = 0; kind < GROWTH_COUNT; kind++) {
		size_t makers = kind == GROWTH_PROFILES || !peer_version()
					? 1
					: GROWTH_MAKERS;

		fprintf(file, "\n== %s: us, instructions, %s\n\n%-8s",
			growth_titles[kind],
			growth_executed[kind][0] ? growth_executed[kind] : "-",
			"");
		for (size_t i = 0; i < makers; i++)
			fprintf(file, " %28s", growth_makers[i]);
		fputc('\n', file);
		for (size_t i = 0; i < growth->n[kind]; i++) {
			const struct growth_point *point =
				&growth->points[kind][i];

			fprintf(file, "%-8zu", point->size);
			for (size_t j = 0; j < makers; j++)
				print_cost(&point->by[j], file);
			fputc('\n', file);
		}
	}
}
