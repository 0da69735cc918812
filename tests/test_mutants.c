/*
 * Compiled programs with one field of one instruction changed: the prover must
 * find that a mutant decides differently exactly when it does.  Whether it
 * does is settled by running both, on calls at and around every constant of
 * both, on all ways through the program, and on random ones.
 *
 * Argument: a folder of profiles; the second is taken if it is not there.
 * SECCOMPC_CORPUS_STEP=N takes every Nth profile and a sample that is as much
 * smaller.  SECCOMPC_MUTANT_CALLS=N tries so many random calls on a mutant
 * that is said to decide alike; .ci/nightly asks for a million.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval.h"
#include "explore.h"
#include "mutate.h"
#include "normalise.h"
#include "random-bpf.h"
#include "sample.h"

enum {
	PROFILES = 40,
	MUTANTS = 240, /* of each profile, without those refused */
	MUTANTS_LEAST = 200,
	SINGLE_MUTANTS =
		12, /* of each, that are meant to differ in one value */
	RANDOM_CALLS = 1500,
};

struct tally {
	size_t profiles, mutants, refused, alike, changed, single, no_answer;
	size_t calls, failed;
	size_t by_call; /* changed, and only the prover's call shows it */
};

static struct pool pool;
static struct tally tally;
static size_t random_calls = RANDOM_CALLS;

/* One mutant. */
struct mutant {
	const struct compilation *c;
	const char *path;
	struct sock_filter code[BPF_MAXINSNS];
	size_t pc;
	struct proof proof;
	struct seccomp_data found; /* a call that is decided differently */
};

static bool
decide_unlike(struct mutant *m, const struct seccomp_data *call,
	      uint32_t expected)
{
	tally.calls++;
	m->found = *call;
	return normalise(bpf_run(m->code, pool.count, call, NULL)) != expected;
}

static bool
differ(struct mutant *m, const struct seccomp_data *call)
{
	return decide_unlike(
		m, call, normalise(bpf_run(pool.code, pool.count, call, NULL)));
}

/* From calls that come to the instruction: all values of every word. */
static bool
differ_around(struct mutant *m, const struct call_values *values)
{
	for (size_t i = 0; i < pool.reached[m->pc]; i++) {
		const struct pool_sample *s =
			&pool.samples[pool.reaching[m->pc][i]];

		for (unsigned word = 0; word < DD_WORDS; word++) {
			struct seccomp_data call = s->call;

			for (size_t j = 0; j < values->n[word]; j++) {
				call_set(&call, word, values->v[word][j]);
				if (differ(m, &call))
					return true;
			}
		}
	}
	return false;
}

static bool
differ_at_random(struct mutant *m, const struct call_values *values)
{
	size_t near = pool.reached[m->pc];

	for (size_t i = 0; i < random_calls; i++) {
		size_t from =
			near && below(4)
				? pool.reaching[m->pc][below((uint32_t)near)]
				: below((uint32_t)pool.n);
		struct seccomp_data call = pool.samples[from].call;

		for (uint32_t n = 1 + below(4); n > 0; n--) {
			unsigned word = below(DD_WORDS);
			size_t known = values->n[word];

			call_set(&call, word,
				 known && below(8) ? values->v[word][below(
							     (uint32_t)known)]
						   : random_word());
		}
		if (differ(m, &call))
			return true;
	}
	return false;
}

/* Without the prover. */
static bool
is_changed(struct mutant *m)
{
	static struct call_values values;
	const uint32_t ks[] = { pool.code[m->pc].k, m->code[m->pc].k };

	for (size_t i = 0; i < pool.n; i++)
		if (decide_unlike(m, &pool.samples[i].call,
				  pool.samples[i].decided))
			return true;
	values = pool.values;
	values_collect(&values, m->code, pool.count);
	for (unsigned word = 0; word < DD_WORDS; word++)
		for (uint32_t i = 0; i < 6; i++)
			values_add(&values, word, ks[i / 3] + i % 3 - 1);
	values_tidy(&values);
	return differ_around(m, &values) || differ_at_random(m, &values);
}

static void
fail(const struct mutant *m, const char *what)
{
	const struct sock_filter *a = &pool.code[m->pc], *b = &m->code[m->pc];
	const struct seccomp_data *d = &m->found;

	tally.failed++;
	printf("not ok - %s, instruction %zu, 0x%x %u %u 0x%x to 0x%x %u %u "
	       "0x%x: %s; arch 0x%x nr 0x%x args %llx %llx %llx %llx %llx "
	       "%llx\n",
	       m->path, m->pc, a->code, a->jt, a->jf, a->k, b->code, b->jt,
	       b->jf, b->k, what, d->arch, (unsigned)d->nr, d->args[0],
	       d->args[1], d->args[2], d->args[3], d->args[4], d->args[5]);
}

/* A call that the prover names must be one, and its words what they say. */
static void
check_call(struct mutant *m)
{
	const struct proof *proof = &m->proof;
	const struct seccomp_data *d = &proof->call;
	uint64_t args[6];
	uint32_t rules;

	memcpy(args, d->args, sizeof(args));
	rules = normalise(
		eval_call(m->c->ruleset, d->arch, (uint32_t)d->nr, args));
	m->found = *d;
	if (rules != proof->expected ||
	    rules != normalise(bpf_run(pool.code, pool.count, d, NULL)))
		fail(m, "the rules say something else of the call");
	if (proof->actual != normalise(bpf_run(m->code, pool.count, d, NULL)))
		fail(m, "the mutant says something else of the call");
	if (proof->expected == proof->actual)
		fail(m, "there is no difference on the call");
}

/* Judges a mutant that the kernel would take.  Returns whether it decides
 * differently on m->found. */
static bool
judge(struct mutant *m)
{
	bool changed = is_changed(m);

	tally.mutants++;
	prove(&m->proof, m->c->ruleset, m->code, pool.count);
	switch (m->proof.answer) {
	case PROOF_EQUAL:
		if (changed)
			fail(m, "said to decide alike");
		tally.alike++;
		return changed;
	case PROOF_DIFFERENT:
		if (!changed)
			tally.by_call++;
		tally.changed++;
		check_call(m);
		return true;
	case PROOF_GAVE_UP:
		tally.no_answer++;
		return false;
	default:
		fail(m, "no answer to a valid program");
		return false;
	}
}

static bool
open_mutant(struct mutant *m, size_t pc, const struct sock_filter *insn)
{
	size_t at;

	m->code[m->pc] = pool.code[m->pc];
	m->pc = pc;
	m->code[pc] = *insn;
	if (!bpf_check(m->code, pool.count, &at))
		return true;
	tally.refused++;
	return false;
}

/* In an order that spreads over instructions and kinds of change. */
static void
try_mutants(struct mutant *m)
{
	size_t all = pool.count * mutate_kinds(), made = 0;

	for (size_t i = 0; i < all && made < MUTANTS; i++) {
		size_t index = i * 1000003 % all;
		size_t pc = index / mutate_kinds();
		struct sock_filter insn;

		if (!mutate(&pool.code[pc], (unsigned)(index % mutate_kinds()),
			    &insn) ||
		    !open_mutant(m, pc, &insn))
			continue;
		judge(m);
		made++;
	}
}

/*
 * The changed instruction takes the other way for one value of a low word.
 * The argument has one value there if no other high word shows a difference;
 * i386 has none.
 */
static bool
is_single(struct mutant *m, unsigned word)
{
	struct seccomp_data call = m->found;
	uint32_t high = call_get(&call, word + 1);

	if (call.arch == 0x40000003)
		return true;
	for (uint32_t i = 0; i < 200; i++) {
		uint32_t other = i < 32	  ? high ^ 1u << i
				 : i < 40 ? high + i - 36
					  : random_constant();

		call_set(&call, word + 1, other);
		if (other != high && differ(m, &call))
			return false;
	}
	/* Nor does the value beside it. */
	call_set(&call, word + 1, high);
	for (uint32_t i = 0; i < 32; i++) {
		call_set(&call, word, call_get(&m->proof.call, word) ^ 1u << i);
		if (differ(m, &call))
			return false;
	}
	return true;
}

/*
 * A test of one value of an argument that no longer counts, or an interval
 * that is longer by one.
 */
static void
try_single_mutants(struct mutant *m)
{
	size_t made = 0;

	for (size_t pc = 0; pc < pool.count && made < SINGLE_MUTANTS; pc++) {
		struct sock_filter insn = pool.code[pc];
		unsigned word = pool.word[pc];

		/* The low word of an argument, whole. */
		if (word < DD_ARGS || word >= DD_WORDS || word % 2 ||
		    pool.mask[pc] != UINT32_MAX)
			continue;
		if (insn.code == (BPF_JMP | BPF_JEQ | BPF_K))
			insn.jt = insn.jf;
		else if (insn.code == (BPF_JMP | BPF_JGE | BPF_K) ||
			 insn.code == (BPF_JMP | BPF_JGT | BPF_K))
			insn.k++;
		else
			continue;
		if (!open_mutant(m, pc, &insn) || !judge(m) ||
		    m->proof.answer != PROOF_DIFFERENT)
			continue;
		made++;
		m->found = m->proof.call;
		tally.single += is_single(m, word);
	}
}

static void
try_profile(const struct sampled *s)
{
	static struct mutant m;
	struct compilation c;
	size_t before = tally.mutants;

	tally.profiles++;
	sample_compile(&c, s);
	pool_open(&pool, c.program->code.v, c.program->code.n);
	m = (struct mutant){ .c = &c, .path = s->path };
	memcpy(m.code, pool.code, pool.count * sizeof(*m.code));
	try_mutants(&m);
	/* A program of a few instructions has no more. */
	if (tally.mutants - before < MUTANTS_LEAST && pool.count > 20)
		fail(&m, "too few mutants");
	try_single_mutants(&m);
	compilation_finish(&c);
}

static bool
is_enough(void)
{
	return tally.profiles >= PROFILES &&
	       tally.mutants >= PROFILES * MUTANTS_LEAST &&
	       tally.single >= 100 && tally.alike > 100 &&
	       tally.changed > 1000 && tally.no_answer < tally.mutants / 50;
}

int
main(int argc, char **argv)
{
	static struct sample sample;
	const char *calls = getenv("SECCOMPC_MUTANT_CALLS");

	if (argc != 3)
		return 2;
	random_init();
	if (calls)
		random_calls = strtoul(calls, NULL, 10);
	sample_choose(&sample, argv[1], argv[2], PROFILES);
	tally.failed = sample.unproved;
	for (size_t i = 0; i < sample.n; i++)
		try_profile(&sample.v[i]);
	sample_finish(&sample);
	printf("# %zu profiles, %zu mutants and %zu that the kernel refuses; "
	       "%zu calls run\n# %zu decide alike, %zu do not, %zu of those in "
	       "one value of one argument alone, %zu by the proof's call "
	       "alone; %zu proofs gave up\n%zu failed\n",
	       tally.profiles, tally.mutants, tally.refused, tally.calls,
	       tally.alike, tally.changed, tally.single, tally.by_call,
	       tally.no_answer, tally.failed);
	if (sample.whole && !is_enough()) {
		printf("not ok - too few mutants of some kind\n");
		return 1;
	}
	return tally.failed || !tally.changed;
}
