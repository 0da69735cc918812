/*
 * What the prover takes rules and programs for, against the plain evaluation
 * and against running them: every profile of a folder, in one of three ways,
 * on calls at and around the constants of its program.
 *
 * Arguments: a folder, and another one if it is not there.
 */
#include <stdio.h>
#include <string.h>

#include "eval.h"
#include "explore.h"
#include "normalise.h"
#include "random-bpf.h"
#include "sample.h"

enum { RANDOM_CALLS = 4000 };

struct trial {
	const struct compilation *c;
	const char *path;
	struct dd_set *set;
	dd meaning, program;
	size_t calls, failed;
};

static struct pool pool;

static void
try_call(struct trial *t, const struct seccomp_data *call)
{
	uint64_t args[6];
	uint32_t rules, program;

	memcpy(args, call->args, sizeof(args));
	rules = normalise(
		eval_call(t->c->ruleset, call->arch, (uint32_t)call->nr, args));
	program = normalise(bpf_run(pool.code, pool.count, call, NULL));
	t->calls++;
	if (dd_decide(t->set, t->meaning, call) == rules &&
	    dd_decide(t->set, t->program, call) == program)
		return;
	if (t->failed++)
		return;
	printf("not ok - %s: arch 0x%x nr 0x%x args %llx %llx %llx %llx %llx "
	       "%llx: rules 0x%x, as read 0x%x; program 0x%x, as read 0x%x\n",
	       t->path, call->arch, (unsigned)call->nr, call->args[0],
	       call->args[1], call->args[2], call->args[3], call->args[4],
	       call->args[5], rules, dd_decide(t->set, t->meaning, call),
	       program, dd_decide(t->set, t->program, call));
}

/* Some words of a sample become others that are asked for, or anything. */
static void
vary(struct seccomp_data *call)
{
	for (uint32_t n = 1 + below(3); n > 0; n--) {
		unsigned word = below(DD_WORDS);
		uint32_t known = (uint32_t)pool.values.n[word];

		call_set(call, word,
			 known && below(8) ? pool.values.v[word][below(known)]
					   : random_word());
	}
}

static void
try_calls(struct dd_set *set, void *data)
{
	struct trial *t = data;
	bool clash;

	t->set = set;
	t->meaning = meaning_of(set, t->c->ruleset, &clash);
	t->program = symbolic_run(set, pool.code, pool.count);
	for (size_t i = 0; i < pool.n; i++)
		try_call(t, &pool.samples[i].call);
	for (size_t i = 0; i < RANDOM_CALLS; i++) {
		struct seccomp_data call =
			pool.samples[below((uint32_t)pool.n)].call;

		vary(&call);
		try_call(t, &call);
	}
	if (t->meaning == t->program)
		return;
	t->failed++;
	printf("not ok - %s: proved, and two functions\n", t->path);
}

static void
try_profile(struct trial *t, const struct sampled *s)
{
	struct compilation c;
	struct dd_set set;

	sample_compile(&c, s);
	t->c = &c;
	t->path = s->path;
	pool_open(&pool, c.program->code.v, c.program->code.n);
	if (dd_run(&set, try_calls, t) != DD_DONE) {
		t->failed++;
		printf("not ok - %s: no answer\n", s->path);
	}
	dd_finish(&set);
	compilation_finish(&c);
}

int
main(int argc, char **argv)
{
	static struct sample sample;
	struct trial t = { 0 };

	if (argc != 3)
		return 2;
	random_init();
	sample_choose(&sample, argv[1], argv[2], SAMPLE_MAX);
	t.failed = sample.unproved;
	for (size_t i = 0; i < sample.n; i++)
		try_profile(&t, &sample.v[i]);
	printf("# %zu profiles, %zu calls\n%zu failed\n", sample.n, t.calls,
	       t.failed);
	sample_finish(&sample);
	return t.failed || !sample.n;
}
