#include "bench.h"

#include <linux/audit.h>
#include <math.h>
#include <string.h>

#include "../cache-walk.h"

const struct column_info columns[COLUMN_COUNT] = {
	[INSTRUCTIONS] = { "instr.", "instructions", 0 },
	[BYTES] = { "bytes", "bytes", 0 },
	[WORST_ZERO] = { "worst,0", "worst_zero", 0 },
	[WORST] = { "worst", "worst", 0 },
	[MEAN_KNOWN] = { "known", "mean_known", 2 },
	[MEAN_ALLOWED] = { "allowed", "mean_allowed", 2 },
	[MEAN_DENIED] = { "denied", "mean_denied", 2 },
	[MEAN_HOT] = { "hot", "mean_hot", 2 },
	[CACHED_ALLOWED] = { "cached,a", "cached_allowed_percent", 1 },
	[CACHED_KNOWN] = { "cached", "cached_known_percent", 1 },
	[TIME_COMPILE] = { "compile", "compile_ns", 0 },
	[TIME_PROCESS] = { "process", "process_ns", 0 },
	[TIME_INSTALL] = { "install", "install_ns", 0 },
	[TIME_GETPPID] = { "getppid", "getppid_ns", 1 },
	[TIME_PERSONALITY] = { "personality", "personality_ns", 1 },
	[TIME_DENIED] = { "denied", "denied_ns", 1 },
};

void
figures_clear(struct figures *figures)
{
	*figures = (struct figures){ 0 };
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		figures->v[i] = (double)NAN;
}

unsigned
figures_executed(const struct code *code, uint32_t arch, uint32_t nr,
		 uint32_t *action)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };
	unsigned executed;

	*action = bpf_run(code->v, code->n, &data, &executed);
	return executed;
}

struct mean {
	double sum;
	size_t n;
};

static void
mean_add(struct mean *mean, double x)
{
	mean->sum += x;
	mean->n++;
}

static double
mean_of(const struct mean *mean)
{
	return mean->n ? mean->sum / (double)mean->n : (double)NAN;
}

static void
measure_means(struct figures *f, const struct code *code)
{
	struct mean known = { 0 }, allowed = { 0 }, denied = { 0 };
	struct mean hot = { 0 };
	uint32_t action;

	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++) {
		uint16_t name = syscall_numbers[ABI_X86_64][i];
		unsigned n = figures_executed(
			code, AUDIT_ARCH_X86_64,
			(uint32_t)syscall_names[name].number[ABI_X86_64],
			&action);

		mean_add(&known, n);
		mean_add(action == SECCOMP_RET_ALLOW ? &allowed : &denied, n);
	}
	for (size_t i = 0; i < HOT_COUNT; i++) {
		const struct syscall_name *name = syscall_find(hot_names[i]);

		mean_add(&hot,
			 figures_executed(code, AUDIT_ARCH_X86_64,
					  (uint32_t)name->number[ABI_X86_64],
					  &action));
	}
	f->v[MEAN_KNOWN] = mean_of(&known);
	f->v[MEAN_ALLOWED] = mean_of(&allowed);
	f->v[MEAN_DENIED] = mean_of(&denied);
	f->v[MEAN_HOT] = mean_of(&hot);
}

/* What a program allows whatever the arguments, by the prover's reading. */
struct plain {
	const struct code *code;
	abi_set abis;
	size_t allowed, cached, known;
};

static void
count_plain(struct dd_set *set, void *data)
{
	struct plain *plain = data;
	dd meaning = symbolic_run(set, plain->code->v, plain->code->n);
	dd allow = dd_value(set, SECCOMP_RET_ALLOW);

	plain->allowed = plain->cached = plain->known = 0;
	for (enum abi abi = ABI_X86_64; abi <= ABI_I386; abi++) {
		uint32_t token = arch_table[abi]->audit_token;
		dd under = dd_at(set, meaning, DD_ARCH, token);

		if (!(plain->abis >> abi & 1))
			continue;
		for (size_t i = 0; i < syscall_number_count[abi]; i++) {
			uint16_t name = syscall_numbers[abi][i];
			uint32_t nr = (uint32_t)syscall_names[name].number[abi];

			plain->known++;
			if (dd_at(set, under, DD_NUMBER, nr) != allow)
				continue;
			plain->allowed++;
			plain->cached += cache_allows(
				plain->code->v, plain->code->n, token, nr);
		}
	}
}

static void
measure_cache(struct figures *f, const struct code *code, abi_set abis)
{
	struct plain plain = { .code = code, .abis = abis };
	struct dd_set set;
	bool done = dd_run(&set, count_plain, &plain) == DD_DONE;

	dd_finish(&set);
	if (!done)
		return;
	f->v[CACHED_KNOWN] = 100 * (double)plain.cached / (double)plain.known;
	if (plain.allowed)
		f->v[CACHED_ALLOWED] =
			100 * (double)plain.cached / (double)plain.allowed;
}

void
figures_measure(struct figures *figures, const struct code *code, abi_set abis)
{
	struct longest longest;

	figures_clear(figures);
	figures->v[INSTRUCTIONS] = (double)code->n;
	figures->v[BYTES] = (double)(code->n * sizeof(*code->v));
	paths_longest(code, true, &longest);
	figures->v[WORST_ZERO] = longest.executed;
	figures->inexact = !longest.exact;
	paths_longest(code, false, &longest);
	figures->v[WORST] = longest.executed;
	figures->inexact |= !longest.exact;
	measure_means(figures, code);
	measure_cache(figures, code, abis);
}
