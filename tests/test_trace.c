/*
 * Which rule decides a call, against trying: for every syscall of the tables
 * on every ABI, under the profiles of a folder.
 *
 * A case is held against eval.c and the program, on the call that it shows
 * and on many others: the conditions are evaluated here, in plain C, exactly
 * one case has to hold, and it has to have the action.  That a rule decides is
 * held against taking its name out: then the call gets another action, or some
 * other rule says the same.
 *
 * Arguments: a folder, and another one if it is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "eval.h"
#include "explain/trace.h"
#include "normalise.h"
#include "sample.h"

enum { REQUESTS = 2048, TRIES = 12, PROFILES = 90 };

struct trial {
	const struct compilation *c;
	const char *path;
	uint64_t seed;
	size_t cases, conditional, calls, removed, by_other, failed;
	size_t why[TRACE_PROGRAM + 1];
};

static void
fail(struct trial *t, const struct trace *trace, const char *what)
{
	if (t->failed++ < 20)
		printf("not ok - %s: arch 0x%x number %u: %s\n", t->path,
		       trace->request.arch, trace->request.number, what);
}

static bool
piece_holds(const struct piece *p, const uint64_t args[6])
{
	uint64_t x = args[p->arg];
	bool holds;

	if (p->low)
		x &= 0xffffffff;
	if (p->masked)
		holds = (x & p->mask) == p->value;
	else
		holds = p->first <= x && x <= p->last;
	return holds != p->negated;
}

static bool
case_holds(const struct trace_case *c, const uint64_t args[6])
{
	if (c->always)
		return true;
	for (size_t i = 0; i < c->where.n; i++) {
		bool all = true;

		for (size_t j = 0; j < c->where.v[i].n; j++)
			all &= piece_holds(&c->where.v[i].v[j], args);
		if (all)
			return true;
	}
	return false;
}

/* A call gets what the cases say, by eval.c and by the program. */
static void
try_call(struct trial *t, const struct trace *trace, const uint64_t args[6])
{
	const struct program *program = t->c->program;
	struct seccomp_data data = { .arch = trace->request.arch,
				     .nr = (int)trace->request.number };
	uint32_t rules, runs, found = 0;
	size_t n = 0;
	bool all = true;

	memcpy(data.args, args, sizeof(data.args));
	rules = normalise(
		eval_call(t->c->ruleset, data.arch, (uint32_t)data.nr, args));
	runs = normalise(
		bpf_run(program->code.v, program->code.n, &data, NULL));
	for (size_t i = 0; i < trace->cases.n; i++) {
		all &= !trace->cases.v[i].more;
		if (!case_holds(&trace->cases.v[i], args))
			continue;
		found = normalise(trace->cases.v[i].action);
		n++;
	}
	t->calls++;
	if (!all)
		return;
	if (n != 1)
		fail(t, trace, "not exactly one case holds");
	else if (found != rules || found != runs)
		fail(t, trace, "a case has another action than the rules");
}

/* Whether another name, or the same in another rule, gives the action. */
static bool
has_other(const struct trial *t, const struct trace *trace,
	  const struct trace_case *c)
{
	const struct ruleset *rules = t->c->ruleset;
	const struct arch *arch = arch_table[trace->abi];
	int32_t number = (int32_t)(trace->request.number & ~arch->number_bit);

	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		if (rule->action != c->action)
			continue;
		for (size_t j = 0; j < rule->targets.n; j++) {
			const struct target *target = &rule->targets.v[j];

			if (target != c->target &&
			    (target->number[trace->abi] == number ||
			     target->mux[trace->abi] >= 0))
				return true;
		}
	}
	/* Or what the default comes to is the same. */
	return rules->options->unknown != UNKNOWN_DEFAULT &&
	       c->action == (SECCOMP_RET_ERRNO | 38);
}

/* Takes the name that decides out of its rule. */
static void
try_removal(struct trial *t, const struct trace *trace,
	    const struct trace_case *c)
{
	struct target *target = (struct target *)c->target, saved = *target;
	uint64_t args[6];
	uint32_t after;

	memcpy(args, c->call.args, sizeof(args));
	target->number[trace->abi] = -1;
	target->mux[trace->abi] = -1;
	after = eval_call(t->c->ruleset, trace->request.arch,
			  trace->request.number, args);
	*target = saved;
	t->removed++;
	if (normalise(after) != normalise(c->action))
		return;
	t->by_other++;
	if (!has_other(t, trace, c))
		fail(t, trace, "the rule that is named does not decide");
}

/* Reasons that are not a rule's, by looking for the number in all rules. */
static void
try_reason(struct trial *t, const struct trace *trace,
	   const struct trace_case *c)
{
	const struct ruleset *rules = t->c->ruleset;
	int64_t number, highest = -1;
	bool named = false, in = rules->abis >> trace->abi & 1;

	number = trace->request.number & ~arch_table[trace->abi]->number_bit;
	for (size_t i = 0; i < rules->rules.n; i++)
		for (size_t j = 0; j < rules->rules.v[i].targets.n; j++) {
			int64_t n = rules->rules.v[i]
					    .targets.v[j]
					    .number[trace->abi];

			named |= n == number;
			highest = n > highest ? n : highest;
		}
	if ((c->why == TRACE_FOREIGN) == in)
		fail(t, trace, "foreign, and in the filter");
	if (c->why == TRACE_ABOVE &&
	    (named || number <= highest || trace->highest != highest))
		fail(t, trace, "not above what is named");
	if ((c->why == TRACE_UNNAMED || c->why == TRACE_NEWER) && named)
		fail(t, trace, "named, and said not to be");
	if ((c->why == TRACE_NOT_HELD || c->why == TRACE_REPEATED) && !named)
		fail(t, trace, "not named, and said to be");
}

/* A listing's line for each instruction, up to a RET with the action. */
static void
try_path(struct trial *t, const struct trace *trace, const struct trace_case *c)
{
	static uint16_t path[BPF_MAXINSNS];
	const struct program *p = t->c->program;
	unsigned executed, n;

	bpf_trace(p->code.v, p->code.n, &c->call, &n, path);
	bpf_run(p->code.v, p->code.n, &c->call, &executed);
	if (n != executed || path[0] ||
	    p->code.v[path[n - 1]].code != (BPF_RET | BPF_K) ||
	    normalise(p->code.v[path[n - 1]].k) != normalise(c->action))
		fail(t, trace, "the path does not end in the action");
	for (size_t i = 1; i < n; i++) {
		const struct sock_filter *insn = &p->code.v[path[i - 1]];
		size_t step = path[i] - path[i - 1] - 1u;

		if (BPF_CLASS(insn->code) != BPF_JMP ? step != 0
		    : insn->code == (BPF_JMP | BPF_JA)
			    ? step != insn->k
			    : step != insn->jt && step != insn->jf)
			fail(t, trace, "the path jumps where nothing does");
	}
}

static void
try_trace(struct trial *t, const struct trace *trace)
{
	uint64_t args[6];

	if (trace->wrong)
		fail(t, trace, "it found itself wrong");
	if (!trace->cases.n)
		fail(t, trace, "no case");
	t->conditional += trace->cases.n > 1;
	for (size_t i = 0; i < trace->cases.n; i++) {
		const struct trace_case *c = &trace->cases.v[i];

		t->cases++;
		t->why[c->why]++;
		memcpy(args, c->call.args, sizeof(args));
		try_call(t, trace, args);
		try_path(t, trace, c);
		if (c->why == TRACE_RULE)
			try_removal(t, trace, c);
		else
			try_reason(t, trace, c);
		for (size_t j = 0; trace->cases.n > 1 && j < TRIES; j++) {
			uint64_t r = calls_random(&t->seed);

			memcpy(args, c->call.args, sizeof(args));
			args[r % 6] ^= UINT64_C(1) << (r >> 8) % 64;
			args[(r >> 16) % 6] += (r >> 24) % 3 - 1;
			try_call(t, trace, args);
		}
	}
}

static size_t
list_requests(struct trace_request *requests)
{
	size_t n = 0;

	memset(requests, 0, REQUESTS * sizeof(*requests));
	for (size_t i = 0; i < ABI_COUNT; i++)
		for (size_t j = 0; j < syscall_number_count[i]; j++) {
			const struct syscall_name *name =
				&syscall_names[syscall_numbers[i][j]];

			requests[n].arch = arch_table[i]->audit_token;
			requests[n++].number = (uint32_t)name->number[i] |
					       arch_table[i]->number_bit;
		}
	return n;
}

/* Traces in a new arena; false if there is no answer. */
static bool
ask(struct arena *arena, const struct side *side,
    const struct trace_request *requests, size_t n, struct trace *traces)
{
	char reason[160];

	arena_init(arena);
	if (setjmp(arena->oom))
		abort();
	if (trace_calls(arena, side, requests, n, traces, reason,
			sizeof(reason)) == DD_DONE)
		return true;
	printf("# no answer: %s\n", reason);
	return false;
}

/* Numbers that are no syscall, at the edges of everything. */
static void
try_numbers(struct trial *t, const struct side *side)
{
	static const uint32_t archs[] = { 0xc000003e, 0x40000003, 0xc00000b7 };
	static const uint32_t numbers[] = {
		0,	    335,	0x1ff,	    0x3fffffff, 0x40000000,
		0x400001ff, 0x40000fff, 0x7fffffff, 0x80000000, 0xbfffffff,
		0xc0000000, 0xfffffffe, 0xffffffff,
	};
	struct trace_request requests[LENGTH(archs) * LENGTH(numbers)];
	struct trace traces[LENGTH(requests)];
	struct arena arena;
	size_t n = 0;

	memset(requests, 0, sizeof(requests));
	for (size_t i = 0; i < LENGTH(archs); i++)
		for (size_t j = 0; j < LENGTH(numbers); j++) {
			requests[n].arch = archs[i];
			requests[n++].number = numbers[j];
		}
	if (!ask(&arena, side, requests, n, traces))
		abort();
	for (size_t i = 0; i < n; i++) {
		uint64_t args[6] = { 2, 1 };

		if (traces[i].wrong)
			fail(t, &traces[i], "it found itself wrong");
		try_call(t, &traces[i], args);
		t->why[traces[i].cases.v[0].why]++;
	}
	arena_finish(&arena);
}

/* The same function, from the program alone. */
static void
try_program(struct trial *t, const struct trace_request *requests, size_t n,
	    struct trace *traces)
{
	struct side side = { NULL, t->c->program->code.v,
			     t->c->program->code.n };
	struct arena arena;

	if (!ask(&arena, &side, requests, n, traces))
		abort();
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < traces[i].cases.n; j++) {
			uint64_t args[6];

			if (traces[i].wrong)
				fail(t, &traces[i], "it found itself wrong");
			memcpy(args, traces[i].cases.v[j].call.args,
			       sizeof(args));
			try_call(t, &traces[i], args);
		}
	arena_finish(&arena);
}

static void
try_profile(struct trial *t, const struct sampled *s)
{
	static struct trace_request requests[REQUESTS];
	static struct trace traces[REQUESTS];
	size_t n = list_requests(requests);
	struct compilation c;
	struct side side;
	struct arena arena;

	sample_compile(&c, s);
	t->c = &c;
	t->path = s->path;
	side = (struct side){ c.ruleset, c.program->code.v, c.program->code.n };
	if (ask(&arena, &side, requests, n, traces)) {
		for (size_t i = 0; i < n; i++)
			try_trace(t, &traces[i]);
		try_numbers(t, &side);
		try_program(t, requests, n, traces);
	} else {
		t->failed++;
		printf("not ok - %s: no answer\n", s->path);
	}
	arena_finish(&arena);
	compilation_finish(&c);
}

int
main(int argc, char **argv)
{
	static struct sample sample;
	struct trial t = { .seed = 1 };

	if (argc != 3)
		return 2;
	sample_choose(&sample, argv[1], argv[2], PROFILES);
	t.failed = sample.unproved;
	for (size_t i = 0; i < sample.n; i++)
		try_profile(&t, &sample.v[i]);
	printf("# %zu profiles, %zu cases, %zu syscalls with several, %zu "
	       "calls; %zu names taken out, %zu of them said elsewhere too\n",
	       sample.n, t.cases, t.conditional, t.calls, t.removed,
	       t.by_other);
	for (size_t i = 0; i < TRACE_PROGRAM; i++)
		printf("# reason %zu: %zu\n", i, t.why[i]);
	printf("%zu failed\n", t.failed);
	t.failed += sample.whole && (!t.conditional || t.removed < 1000);
	sample_finish(&sample);
	return t.failed || !sample.n;
}
