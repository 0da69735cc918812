#include "bench.h"

const char *const maker_names[MAKER_COUNT] = {
	[MAKER_SECCOMPC] = "seccompc",
	[MAKER_SECCOMPC_PLAIN] = "seccompc --unknown=default",
	[MAKER_LINEAR] = "libseccomp, linear",
	[MAKER_TREE] = "libseccomp, tree",
};

const char *const timing_names[TIMING_COUNT] = {
	[TIME_JSON] = "seccompc: JSON reading",
	[TIME_PASSES] = "seccompc: all passes but the proof",
	[TIME_PROOF] = "seccompc: the proof",
	[TIME_COMPILE] = "seccompc: JSON to program",
	[TIME_LINEAR] = "libseccomp, linear: rules to program",
	[TIME_TREE] = "libseccomp, tree: rules to program",
	[PROCESS_SECCOMPC] = "process: seccompc compile",
	[PROCESS_LINEAR] = "process: libseccomp, linear",
	[PROCESS_TREE] = "process: libseccomp, tree",
	[PROCESS_DYNAMIC] = "process: empty, dynamic",
	[PROCESS_STATIC] = "process: empty, static",
};

/* What libseccomp needs for the same step; 0 if it was not measured. */
static uint64_t
peer_time(const struct bench_case *c, size_t timing, enum peer_tree tree)
{
	size_t first =
		timing >= PROCESS_SECCOMPC ? PROCESS_LINEAR : TIME_LINEAR;

	return c->times[first + tree].minimum;
}

static double
ratio(uint64_t a, uint64_t b)
{
	return b ? (double)a / (double)b : 0;
}

static void
report_programs(const struct bench_case *c, FILE *file)
{
	fprintf(file, "%-38s %8s %8s %8s %8s %8s\n", "program", "instr.",
		"bytes", "mean", "max, 0", "max");
	for (size_t i = 0; i < MAKER_COUNT; i++) {
		const struct executed *e = &c->executed[i];

		if (c->code[i].v)
			fprintf(file, "%-38s %8zu %8zu %8.2f %8u %8u\n",
				maker_names[i], c->code[i].n,
				c->code[i].n * sizeof(*c->code[i].v), e->mean,
				e->max_zero, e->max);
	}
	if (c->left_out)
		fprintf(file,
			"libseccomp leaves out %zu rules on syscalls newer "
			"than it\n",
			c->left_out);
	for (size_t i = 0; i < PEER_COUNT; i++)
		if (c->differing[i])
			fprintf(file,
				"NOT THE SAME WORK: %s decides %zu x86_64 "
				"calls otherwise\n",
				maker_names[MAKER_LINEAR + i], c->differing[i]);
}

void
report_text(const struct bench_case *c, FILE *file)
{
	fprintf(file, "\n%s, %s\n\n", c->name, c->abi_names);
	report_programs(c, file);
	fprintf(file, "\n%-38s %8s %8s %8s %8s\n", "microseconds", "minimum",
		"median", "/linear", "/tree");
	for (size_t i = 0; i < TIMING_COUNT; i++) {
		const struct summary *t = &c->times[i];

		if (!t->minimum)
			continue;
		fprintf(file, "%-38s %8.1f %8.1f", timing_names[i],
			(double)t->minimum / 1000, (double)t->median / 1000);
		for (int tree = 0; tree < PEER_COUNT; tree++) {
			uint64_t peer = peer_time(c, i, (enum peer_tree)tree);

			if (peer)
				fprintf(file, " %8.3f",
					(double)t->minimum / (double)peer);
			else
				fprintf(file, " %8s", "-");
		}
		fputc('\n', file);
	}
	fprintf(file,
		"the proof takes %.2f times what the other passes take: %zu "
		"nodes, %zu steps\n",
		ratio(c->times[TIME_PROOF].minimum,
		      c->times[TIME_PASSES].minimum),
		c->nodes, c->steps);
}

void
report_proofs(const struct proofs *proofs, FILE *file)
{
	fprintf(file,
		"\nall %zu profiles: %zu programs, %zu proved in %.1f ms; "
		"slowest %.1f ms (%s); most nodes %zu (%s), most steps %zu "
		"(%s)\n",
		proofs->profiles, proofs->programs, proofs->proved,
		(double)proofs->total / 1e6, (double)proofs->slowest / 1e6,
		proofs->slowest_name, proofs->nodes, proofs->nodes_name,
		proofs->steps, proofs->steps_name);
}

static void
json_programs(const struct bench_case *c, FILE *file)
{
	const char *comma = "";

	fprintf(file, "   \"programs\": [");
	for (size_t i = 0; i < MAKER_COUNT; i++) {
		const struct executed *e = &c->executed[i];

		if (!c->code[i].v)
			continue;
		fprintf(file,
			"%s\n    {\"by\": \"%s\", \"instructions\": %zu, "
			"\"bytes\": %zu, \"mean_executed\": %.4f, "
			"\"max_executed_zero\": %u, \"max_executed\": %u}",
			comma, maker_names[i], c->code[i].n,
			c->code[i].n * sizeof(*c->code[i].v), e->mean,
			e->max_zero, e->max);
		comma = ",";
	}
	fprintf(file,
		"],\n   \"rules_left_out\": %zu, "
		"\"differing_calls\": [%zu, %zu],\n"
		"   \"proof\": {\"nodes\": %zu, \"steps\": %zu, "
		"\"to_other_passes\": %.4f},\n",
		c->left_out, c->differing[PEER_LINEAR], c->differing[PEER_TREE],
		c->nodes, c->steps,
		ratio(c->times[TIME_PROOF].minimum,
		      c->times[TIME_PASSES].minimum));
}

static void
json_times(const struct bench_case *c, FILE *file)
{
	static const char *const keys[PEER_COUNT] = { "to_linear", "to_tree" };
	const char *comma = "";

	fprintf(file, "   \"times\": [");
	for (size_t i = 0; i < TIMING_COUNT; i++) {
		const struct summary *t = &c->times[i];

		if (!t->minimum)
			continue;
		fprintf(file,
			"%s\n    {\"of\": \"%s\", \"minimum_ns\": %llu, "
			"\"median_ns\": %llu",
			comma, timing_names[i], (unsigned long long)t->minimum,
			(unsigned long long)t->median);
		for (int tree = 0; tree < PEER_COUNT; tree++) {
			uint64_t peer = peer_time(c, i, (enum peer_tree)tree);

			if (peer)
				fprintf(file, ", \"%s\": %.4f", keys[tree],
					(double)t->minimum / (double)peer);
		}
		fputc('}', file);
		comma = ",";
	}
	fprintf(file, "]}");
}

static void
json_string(const char *s, FILE *file)
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
json_proofs(const struct proofs *proofs, FILE *file)
{
	fprintf(file,
		",\n \"proofs\": {\"profiles\": %zu, \"programs\": %zu, "
		"\"proved\": %zu, \"total_ns\": %llu,\n"
		"  \"slowest_ns\": %llu, \"slowest\": ",
		proofs->profiles, proofs->programs, proofs->proved,
		(unsigned long long)proofs->total,
		(unsigned long long)proofs->slowest);
	json_string(proofs->slowest_name, file);
	fprintf(file, ",\n  \"most_nodes\": %zu, \"most_steps\": %zu}",
		proofs->nodes, proofs->steps);
}

void
report_json(const struct bench_case *cases, size_t count,
	    const struct proofs *proofs, FILE *file)
{
	const char *version = peer_version();

	fprintf(file, "{\"libseccomp\": %s%s%s,\n \"cases\": [",
		version ? "\"" : "", version ? version : "null",
		version ? "\"" : "");
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "%s\n  {\"profile\": ", i ? "," : "");
		json_string(cases[i].name, file);
		fprintf(file, ", \"abis\": \"%s\", \"passes\": %zu,\n",
			cases[i].abi_names, cases[i].passes);
		json_programs(&cases[i], file);
		json_times(&cases[i], file);
	}
	fprintf(file, "]");
	if (proofs->profiles)
		json_proofs(proofs, file);
	fprintf(file, "}\n");
}
