#include "bench.h"

#include <math.h>

static void
put_string(const char *s, FILE *file)
{
	fputc('"', file);
	for (; *s; s++) {
		unsigned char byte = (unsigned char)*s;

		if (byte < ' ' || byte == '"' || byte == '\\')
			fprintf(file, "\\u%04x", byte);
		else
			fputc(byte, file);
	}
	fputc('"', file);
}

static void
put_member(const char *key, const char *value, FILE *file)
{
	fprintf(file, ", \"%s\": ", key);
	if (value && *value)
		put_string(value, file);
	else
		fputs("null", file);
}

/* Each value that is there. */
static void
put_columns(const double v[COLUMN_COUNT], FILE *file)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (!isnan(v[i]))
			fprintf(file, ", \"%s\": %.*f", columns[i].key,
				columns[i].decimals ? 4 : 0, v[i]);
}

static void
put_row(const struct row *row, FILE *file)
{
	fputs("   {\"by\": ", file);
	put_string(row->by, file);
	put_member("maker",
		   row->line   ? "seccompc"
		   : row->peer ? "libseccomp"
			       : "constant",
		   file);
	put_member("abis", abi_titles[row->abis], file);
	put_member("options", row->options, file);
	put_member("sha256", row->blob.digest, file);
	put_member("source", row->source, file);
	put_member("error", row->blob.error, file);
	fprintf(file, ", \"worst_is_exact\": %s, \"differing_calls\": %zu",
		row->figures.inexact || row->source ? "false" : "true",
		row->differing);
	if (row->bound.runs)
		fprintf(file,
			", \"runs\": %zu, \"bound\": {\"of\": \"%s\", "
			"\"mean\": %.4f, \"at_least\": %.4f, "
			"\"with_any_tests\": %.4f}",
			row->bound.runs,
			row->bound.hot ? "hot x 1000" : "known",
			row->bound.mean, row->bound.tree, row->bound.any);
	put_columns(row->figures.v, file);
	fputc('}', file);
}

static void
put_stages(const struct stages *stages, FILE *file)
{
	fprintf(file,
		"{\"compile_ns\": %llu, \"json_c_ns\": %llu, \"nodes\": %zu, "
		"\"steps\": %zu, \"passes\": {",
		(unsigned long long)stages->whole.minimum,
		(unsigned long long)stages->json_c.minimum, stages->nodes,
		stages->steps);
	for (size_t i = 0; i < STAGE_COUNT; i++)
		fprintf(file, "%s\"%s\": %llu", i ? ", " : "", stage_names[i],
			(unsigned long long)stages->v[i].minimum);
	fputs("}}", file);
}

static void
put_launches(const struct launch launches[LAUNCHES], FILE *file)
{
	const char *comma = "";

	fputc('[', file);
	for (size_t i = 0; i < LAUNCHES; i++) {
		const struct launch *launch = &launches[i];

		if (!launch->tried)
			continue;
		fprintf(file, "%s{\"command\": ", comma);
		put_string(launch_names[i], file);
		fprintf(file, ", \"status\": %d", launch->status);
		if (!launch->status)
			fprintf(file,
				", \"plain_ns\": %llu, \"launched_ns\": %llu",
				(unsigned long long)launch->plain.minimum,
				(unsigned long long)launch->launched.minimum);
		fputc('}', file);
		comma = ", ";
	}
	fputc(']', file);
}

static void
put_subject(const struct subject *s, FILE *file)
{
	fputs("  {\"profile\": ", file);
	put_string(s->name, file);
	put_member("denied_call", s->denied, file);
	put_member("calls_not_timed", s->no_live, file);
	fprintf(file, ", \"empty_process_ns\": %llu",
		(unsigned long long)s->empty.minimum);
	fputs(",\n   \"no_filter\": {\"filter\": false", file);
	put_columns(s->without, file);
	fputs("},\n   \"stages\": {", file);
	for (size_t i = 0; i < ABIS_COUNT; i++) {
		fprintf(file, "%s\n    ", i ? "," : "");
		put_string(abi_titles[i], file);
		fputs(": ", file);
		put_stages(&s->stages[i], file);
	}
	fputs("},\n   \"launches\": {", file);
	for (size_t i = 0; i < ABIS_COUNT; i++) {
		fputs(i ? ", " : "", file);
		put_string(abi_titles[i], file);
		fputs(": ", file);
		put_launches(s->launches[i], file);
	}
	fputs("},\n   \"rows\": [\n", file);
	for (size_t i = 0; i < s->n; i++) {
		put_row(&s->rows[i], file);
		fputs(i + 1 < s->n ? ",\n" : "]}", file);
	}
}

static void
put_whole(const struct whole *whole, FILE *file)
{
	fprintf(file,
		",\n \"whole\": {\"profiles\": %zu, \"programs\": %zu, "
		"\"proved\": %zu, \"proofs_ns\": %llu, "
		"\"slowest_proof_ns\": %llu, \"most_nodes\": %zu, "
		"\"most_steps\": %zu, \"rows\": [\n",
		whole->profiles, whole->programs, whole->proved,
		(unsigned long long)whole->total,
		(unsigned long long)whole->slowest, whole->nodes, whole->steps);
	for (size_t i = 0; i < whole->n; i++) {
		const struct whole_row *row = &whole->rows[i];

		fputs("  {\"by\": ", file);
		put_string(row->by, file);
		put_member("maker", row->peer ? "libseccomp" : "seccompc",
			   file);
		put_member("abis", abi_titles[row->abis], file);
		put_member("error", row->error, file);
		fprintf(file,
			", \"programs\": %zu, \"refused\": %zu, "
			"\"longest\": %zu, \"programs_not_all_cached\": %zu, "
			"\"ns\": %llu",
			row->programs, row->refused, row->longest,
			row->uncached, (unsigned long long)row->ns);
		put_columns(row->sum.v, file);
		fputs(i + 1 < whole->n ? "},\n" : "}]}", file);
	}
}

static void
put_cost(const char *maker, const struct growth_cost *cost, FILE *file)
{
	fputs(", ", file);
	put_string(maker, file);
	fprintf(file, ": {\"end\": \"%s\"",
		cost->end == LIMITED_DONE   ? "done"
		: cost->end == LIMITED_LATE ? "too slow"
					    : "no program");
	if (cost->ns)
		fprintf(file, ", \"ns\": %llu", (unsigned long long)cost->ns);
	if (cost->instructions)
		fprintf(file, ", \"instructions\": %zu, \"executed\": %.4f",
			cost->instructions, cost->executed);
	fputc('}', file);
}

static void
put_growth(const struct growth *growth, FILE *file)
{
	fputs(",\n \"growth\": {", file);
	for (size_t kind = 0; kind < GROWTH_COUNT; kind++) {
		size_t makers = kind == GROWTH_PROFILES || !peer_version()
					? 1
					: GROWTH_MAKERS;

		fprintf(file, "%s\n  ", kind ? "," : "");
		put_string(growth_titles[kind], file);
		fputs(": [", file);
		for (size_t i = 0; i < growth->n[kind]; i++) {
			const struct growth_point *point =
				&growth->points[kind][i];

			fprintf(file, "%s\n   {\"size\": %zu", i ? "," : "",
				point->size);
			for (size_t j = 0; j < makers; j++)
				put_cost(growth_makers[j], &point->by[j], file);
			fputc('}', file);
		}
		fputc(']', file);
	}
	fputs("}", file);
}

void
report_json(const struct results *results, FILE *file)
{
	fputs("{\"build\": ", file);
	put_string(results->build, file);
	put_member("libseccomp", peer_version(), file);
	fprintf(file, ", \"passes\": %zu,\n \"profiles\": [\n",
		results->passes);
	for (size_t i = 0; i < results->n; i++) {
		put_subject(&results->subjects[i], file);
		fputs(i + 1 < results->n ? ",\n" : "", file);
	}
	fputc(']', file);
	if (results->whole)
		put_whole(results->whole, file);
	if (results->growth)
		put_growth(results->growth, file);
	fputs("}\n", file);
}
