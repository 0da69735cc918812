#include "explore.h"

#include <stdlib.h>
#include <string.h>

#include "normalise.h"

/* A: unreached, a word with a mask, or something else. */
struct register_a {
	enum { UNREACHED, WORD, OTHER } kind;
	uint8_t word;
	uint32_t mask;
};

void
call_set(struct seccomp_data *call, unsigned word, uint32_t value)
{
	memcpy((char *)call + 4 * word, &value, sizeof(value));
}

uint32_t
call_get(const struct seccomp_data *call, unsigned word)
{
	uint32_t value;

	memcpy(&value, (const char *)call + 4 * word, sizeof(value));
	return value;
}

static int
compare_values(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void
values_tidy(struct call_values *values)
{
	for (unsigned word = 0; word < DD_WORDS; word++) {
		uint32_t *v = values->v[word];
		size_t n = 0;

		qsort(v, values->n[word], sizeof(*v), compare_values);
		for (size_t i = 0; i < values->n[word]; i++)
			if (!n || v[n - 1] != v[i])
				v[n++] = v[i];
		values->n[word] = n;
	}
}

void
values_add(struct call_values *values, unsigned word, uint32_t k)
{
	if (values->n[word] == VALUES_MAX)
		values_tidy(values);
	if (values->n[word] < VALUES_MAX)
		values->v[word][values->n[word]++] = k;
}

/* A test of (word & mask) against k. */
static void
add_test(struct call_values *values, unsigned word, uint32_t mask,
	 const struct sock_filter *insn)
{
	uint32_t k = insn->k;

	for (uint32_t i = 0; i < 3; i++)
		values_add(values, word, k + i - 1);
	if (BPF_OP(insn->code) == BPF_JSET) {
		mask &= k;
		k = 0;
	}
	if (mask == UINT32_MAX)
		return;
	values_add(values, word, k);
	values_add(values, word, k | ~mask);
	for (unsigned bit = 0; bit < 32; bit++)
		if (mask >> bit & 1)
			values_add(values, word, k ^ 1u << bit);
}

static void
meet(struct register_a *a, const struct register_a *b)
{
	if (a->kind == UNREACHED)
		*a = *b;
	else if (b->kind != WORD || b->word != a->word || b->mask != a->mask)
		a->kind = OTHER;
}

/* What an instruction leaves in A. */
static struct register_a
step(const struct sock_filter *insn, struct register_a a)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		if (insn->code != (BPF_LD | BPF_W | BPF_ABS))
			return (struct register_a){ .kind = OTHER };
		return (struct register_a){ WORD, (uint8_t)(insn->k / 4),
					    UINT32_MAX };
	case BPF_ALU:
		if (insn->code != (BPF_ALU | BPF_AND | BPF_K))
			a.kind = OTHER;
		a.mask &= insn->k;
		return a;
	case BPF_MISC:
		if (insn->code == (BPF_MISC | BPF_TXA))
			a.kind = OTHER;
		return a;
	default:
		return a;
	}
}

/* Fills before[] for a program that bpf_check() accepts. */
static void
find_words(const struct sock_filter *code, size_t count,
	   struct register_a before[BPF_MAXINSNS])
{
	memset(before, 0, count * sizeof(*before));
	before[0].kind = OTHER;
	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		struct register_a a = before[pc];

		if (a.kind == UNREACHED)
			continue;
		switch (BPF_CLASS(insn->code)) {
		case BPF_RET:
			break;
		case BPF_JMP:
			if (BPF_OP(insn->code) == BPF_JA) {
				meet(&before[pc + 1 + insn->k], &a);
				break;
			}
			meet(&before[pc + 1 + insn->jt], &a);
			meet(&before[pc + 1 + insn->jf], &a);
			break;
		default:
			a = step(insn, a);
			meet(&before[pc + 1], &a);
			break;
		}
	}
}

static bool
is_test(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_JA;
}

void
values_collect(struct call_values *values, const struct sock_filter *code,
	       size_t count)
{
	static struct register_a before[BPF_MAXINSNS];

	find_words(code, count, before);
	for (size_t pc = 0; pc < count; pc++)
		if (before[pc].kind == WORD && is_test(&code[pc]))
			add_test(values, before[pc].word, before[pc].mask,
				 &code[pc]);
}

static bool
is_true(const struct sock_filter *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGT:
		return a > insn->k;
	case BPF_JGE:
		return a >= insn->k;
	default:
		return a & insn->k;
	}
}

struct trace {
	uint16_t pc[BPF_MAXINSNS];
	size_t n;
};

/* The instructions that a call comes to. */
static void
follow(const struct pool *pool, const struct seccomp_data *call,
       struct trace *trace)
{
	uint32_t a = 0;

	trace->n = 0;
	for (size_t pc = 0; pc < pool->count; pc++) {
		const struct sock_filter *insn = &pool->code[pc];

		trace->pc[trace->n++] = (uint16_t)pc;
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = call_get(call, insn->k / 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_RET | BPF_K:
			return;
		default:
			/* The compiler makes no others. */
			if (!is_test(insn) || BPF_SRC(insn->code) != BPF_K)
				abort();
			pc += is_true(insn, a) ? insn->jt : insn->jf;
			break;
		}
	}
}

/* Whether a trace goes a way that few samples do, from its i-th step on. */
static bool
takes_new_way(struct pool *pool, const struct trace *trace, size_t i)
{
	uint16_t pc = trace->pc[i];
	uint8_t *taken;

	if (!is_test(&pool->code[pc]))
		return false;
	taken = &pool->taken[pc]
			    [trace->pc[i + 1] == pc + 1 + pool->code[pc].jt];
	if (*taken == TAKEN_MAX)
		return false;
	++*taken;
	return true;
}

/* Keeps a call if it is among the first that go some way. */
static void
offer(struct pool *pool, const struct seccomp_data *call, bool always)
{
	static struct trace trace;
	struct pool_sample *sample = &pool->samples[pool->n];
	bool wanted = always;

	if (pool->n == POOL_MAX)
		return;
	follow(pool, call, &trace);
	for (size_t i = 0; i < trace.n; i++)
		wanted |= takes_new_way(pool, &trace, i);
	if (!wanted)
		return;
	for (size_t i = 0; i < trace.n; i++) {
		uint16_t pc = trace.pc[i];

		if (pool->reached[pc] < REACHING_MAX)
			pool->reaching[pc][pool->reached[pc]++] =
				(uint32_t)pool->n;
	}
	sample->call = *call;
	sample->decided =
		normalise(bpf_run(pool->code, pool->count, call, NULL));
	pool->n++;
}

/* From a sample: other values of the arguments that its way asks for. */
static void
branch_off(struct pool *pool, size_t from)
{
	static struct trace trace;
	static struct call_values asked;
	const struct seccomp_data base = pool->samples[from].call;

	follow(pool, &base, &trace);
	memset(asked.n, 0, sizeof(asked.n));
	for (size_t i = 0; i < trace.n; i++) {
		uint16_t pc = trace.pc[i];

		if (pool->word[pc] >= DD_ARGS && pool->word[pc] < DD_WORDS &&
		    is_test(&pool->code[pc]))
			add_test(&asked, pool->word[pc], pool->mask[pc],
				 &pool->code[pc]);
	}
	values_tidy(&asked);
	for (unsigned word = DD_ARGS; word < DD_WORDS; word++) {
		struct seccomp_data call = base;

		for (size_t i = 0; i < asked.n[word]; i++) {
			call_set(&call, word, asked.v[word][i]);
			offer(pool, &call, false);
		}
	}
}

/* All numbers that are asked for, on all archs that are. */
static void
offer_numbers(struct pool *pool)
{
	const struct call_values *values = &pool->values;
	struct seccomp_data call = { 0 };

	for (size_t i = 0; i < values->n[DD_ARCH]; i++) {
		const uint32_t *arch = &values->v[DD_ARCH][i];
		/* A constant lies between its neighbours. */
		bool known = i && i + 1 < values->n[DD_ARCH] &&
			     arch[-1] == *arch - 1 && arch[1] == *arch + 1;
		size_t stride = known ? 1 : 16;

		call.arch = *arch;
		for (size_t j = 0; j < values->n[DD_NUMBER]; j += stride) {
			call.nr = (int)values->v[DD_NUMBER][j];
			offer(pool, &call, pool->n < POOL_MAX / 2);
		}
	}
}

void
pool_open(struct pool *pool, const struct sock_filter *code, size_t count)
{
	static struct register_a before[BPF_MAXINSNS];

	memset(pool, 0, sizeof(*pool));
	pool->code = code;
	pool->count = count;
	find_words(code, count, before);
	for (size_t pc = 0; pc < count; pc++) {
		pool->word[pc] =
			before[pc].kind == WORD ? before[pc].word : DD_WORDS;
		pool->mask[pc] = before[pc].mask;
	}
	values_add(&pool->values, DD_ARCH, 0);
	values_add(&pool->values, DD_NUMBER, 0);
	values_collect(&pool->values, code, count);
	values_tidy(&pool->values);
	offer_numbers(pool);
	for (size_t i = 0; i < pool->n; i++)
		branch_off(pool, i);
}
