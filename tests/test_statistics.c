/*
 * What is counted of programs, against running them: the programs of a
 * folder's profiles on calls around all their constants, and random ones.
 * Arguments: the folder, and one for want of it.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "cache-walk.h"
#include "explore.h"
#include "normalise.h"
#include "random-bpf.h"
#include "sample.h"

enum { TRIES = 2000, CALLS = 4000, PROGRAMS = 3000, THREADS = 4 };

static struct pool pool;
static size_t failed, inexact, conditional;

static void
fail(const char *path, const char *what, unsigned got, unsigned wanted)
{
	failed++;
	printf("not ok - %s: %s: %u, not %u\n", path, what, got, wanted);
}

/* The longest way that there is, whether or not a call can take it. */
static unsigned
longest_way(const struct sock_filter *code, size_t count)
{
	static unsigned to[BPF_MAXINSNS];
	unsigned most = 0;

	memset(to, 0, count * sizeof(*to));
	to[0] = 1;
	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		size_t next[2] = { pc + 1, pc + 1 };

		if (!to[pc])
			continue;
		if (to[pc] > most)
			most = to[pc];
		if (BPF_CLASS(insn->code) == BPF_RET)
			continue;
		if (insn->code == (BPF_JMP | BPF_JA)) {
			next[0] = next[1] += insn->k;
		} else if (BPF_CLASS(insn->code) == BPF_JMP) {
			next[0] += insn->jt;
			next[1] += insn->jf;
		}
		for (size_t i = 0; i < 2; i++)
			if (to[next[i]] <= to[pc])
				to[next[i]] = to[pc] + 1;
	}
	return most;
}

static void
check_longest(const char *path, const struct longest *longest,
	      const struct sock_filter *code, size_t count)
{
	unsigned executed, way = longest_way(code, count);

	bpf_run(code, count, &longest->call, &executed);
	if (executed != longest->executed)
		fail(path, "its call executes", executed, longest->executed);
	if (longest->exact && longest->bound != longest->executed)
		fail(path, "bound", longest->bound, longest->executed);
	if (longest->bound > way)
		fail(path, "bound", longest->bound, way);
	inexact += !longest->exact;
}

/*
 * Runs a call, and adds what is asked of its arguments on the way: few
 * values, so that calls made of them soon pass every test and fail it.  It
 * knows the instructions that the compiler makes.
 */
static uint32_t
trace(const struct seccomp_data *call, struct call_values *values)
{
	unsigned word = 0;
	uint32_t a = 0;

	for (size_t pc = 0;; pc++) {
		const struct sock_filter *insn = &pool.code[pc];
		uint32_t k = insn->k;
		bool jumps = (BPF_OP(insn->code) == BPF_JEQ && a == k) ||
			     (BPF_OP(insn->code) == BPF_JGT && a > k) ||
			     (BPF_OP(insn->code) == BPF_JGE && a >= k) ||
			     (BPF_OP(insn->code) == BPF_JSET && (a & k));

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			word = k / 4;
			a = call_get(call, word);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += k;
			continue;
		case BPF_RET | BPF_K:
			return normalise(k);
		}
		for (uint32_t i = 0; word >= DD_ARGS && i < 3; i++)
			values_add(values, word, k + i - 1);
		if (word >= DD_ARGS) /* bits that a JSET may be about */
			values_add(values, word, k & -k);
		pc += jumps ? insn->jt : insn->jf;
	}
}

/* A call under a number, with arguments that tests ask for. */
static void
choose(struct seccomp_data *call, const struct call_values *values,
       uint32_t arch, uint32_t number)
{
	memset(call, 0, sizeof(*call));
	for (unsigned word = 2; values && word < DD_WORDS; word++) {
		size_t known = values->n[word];

		if (known && below(4))
			call_set(call, word,
				 values->v[word][below((uint32_t)known)]);
	}
	call->arch = arch;
	call->nr = (int)number;
}

static void
add_answer(struct abi_statistics *s, uint32_t action, bool open)
{
	s->known++;
	if (open)
		s->conditional++;
	else if (action == SECCOMP_RET_ALLOW)
		s->allowed++;
	else if (action == SECCOMP_RET_LOG)
		s->logged++;
	else if (action >> 16 == SECCOMP_RET_TRACE >> 16)
		s->traced++;
	else if (action == SECCOMP_RET_USER_NOTIF)
		s->notified++;
	else
		s->denied++;
}

/* Whether a call's answer depends on its arguments. */
static bool
depends(uint32_t arch, uint32_t number, uint32_t *action)
{
	static struct call_values values;
	struct seccomp_data call;
	bool any = false, differ = false;

	memset(values.n, 0, sizeof(values.n));
	choose(&call, NULL, arch, number);
	*action = trace(&call, &values);
	/* No argument was looked at, whatever it is. */
	for (unsigned word = DD_ARGS; word < DD_WORDS; word++)
		any |= values.n[word] > 0;
	for (unsigned i = 0; i < TRIES && any && !differ; i++) {
		values_tidy(&values);
		choose(&call, &values, arch, number);
		differ = trace(&call, &values) != *action;
	}
	return differ;
}

/* The counts again, by running. */
static void
count_again(struct abi_statistics *s, enum abi abi)
{
	const struct arch *arch = arch_table[abi];

	memset(s, 0, sizeof(*s));
	for (uint32_t i = 0; i < 1024; i++) {
		uint32_t number = i | arch->number_bit, action;
		bool open;

		if (!syscall_find_number(abi, i))
			continue;
		open = depends(arch->audit_token, number, &action);
		add_answer(s, action, open);
		s->cached += !arch->number_bit &&
			     cache_allows(pool.code, pool.count,
					  arch->audit_token, number);
	}
	conditional += s->conditional;
}

static void
check_counts(const char *path, const struct abi_statistics *got,
	     const struct abi_statistics *wanted)
{
	if (got->known != wanted->known)
		fail(path, "known", got->known, wanted->known);
	if (got->allowed != wanted->allowed)
		fail(path, "allowed", got->allowed, wanted->allowed);
	if (got->logged != wanted->logged)
		fail(path, "logged", got->logged, wanted->logged);
	if (got->traced != wanted->traced)
		fail(path, "traced", got->traced, wanted->traced);
	if (got->notified != wanted->notified)
		fail(path, "notified", got->notified, wanted->notified);
	if (got->denied != wanted->denied)
		fail(path, "denied", got->denied, wanted->denied);
	if (got->conditional != wanted->conditional)
		fail(path, "conditional", got->conditional,
		     wanted->conditional);
	if (got->cached != wanted->cached)
		fail(path, "cached", got->cached, wanted->cached);
}

static unsigned
most_executed(void)
{
	unsigned most = 0, executed;

	for (size_t i = 0; i < pool.n + CALLS; i++) {
		struct seccomp_data call =
			pool.samples[i < pool.n ? i : below((uint32_t)pool.n)]
				.call;

		if (i >= pool.n)
			choose(&call, &pool.values, call.arch,
			       below(2) ? (uint32_t)call.nr : below(600));
		bpf_run(pool.code, pool.count, &call, &executed);
		if (executed > most)
			most = executed;
	}
	return most;
}

static void
check_program(const char *path, const struct statistics *s)
{
	unsigned most = most_executed();

	for (size_t i = 0; i < ABI_COUNT; i++) {
		struct abi_statistics wanted;

		count_again(&wanted, (enum abi)i);
		check_counts(path, &s->abis[i], &wanted);
	}
	check_longest(path, &s->longest, pool.code, pool.count);
	if (most > s->longest.bound)
		fail(path, "some call executes", most, s->longest.bound);
}

/* Writers of one compilation, at the same time. */
struct writer {
	pthread_t thread;
	const struct compilation *c;
	struct arena arena;
	struct buf buf;
};

static void *
write_all(void *data)
{
	struct writer *w = data;

	if (setjmp(w->arena.oom))
		abort();
	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (i != FORMAT_OCI)
			output_write(&w->buf, (enum format)i, w->c, "filter");
	if (!manifest_write(&w->buf, w->c))
		abort();
	return w;
}

static void
check_threads(const char *path, const struct compilation *c)
{
	static struct compilation before;
	struct writer w[THREADS];

	memcpy(&before, c, sizeof(before));
	for (size_t i = 0; i < THREADS; i++) {
		w[i].c = c;
		arena_init(&w[i].arena);
		w[i].buf = (struct buf){ .arena = &w[i].arena };
		if (pthread_create(&w[i].thread, NULL, write_all, &w[i]))
			abort();
	}
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(w[i].thread, NULL);
		if (w[i].buf.len != w[0].buf.len ||
		    memcmp(w[i].buf.data, w[0].buf.data, w[0].buf.len))
			fail(path, "a writer wrote", (unsigned)w[i].buf.len,
			     (unsigned)w[0].buf.len);
	}
	if (memcmp(&before, c, sizeof(before)))
		fail(path, "the compilation changed", 1, 0);
	for (size_t i = 0; i < THREADS; i++)
		arena_finish(&w[i].arena);
}

static void
check_profile(const struct sampled *sampled, bool threads)
{
	struct compilation c;
	struct statistics s;

	sample_compile(&c, sampled);
	if (setjmp(c.arena.oom))
		abort();
	pool_open(&pool, c.program->code.v, c.program->code.n);
	if (statistics_find(&s, &c.arena, pool.code, pool.count))
		check_program(sampled->path, &s);
	else
		fail(sampled->path, "counted", 0, 1);
	if (!s.longest.exact)
		fail(sampled->path, "exact", 0, 1);
	if (threads)
		check_threads(sampled->path, &c);
	compilation_finish(&c);
}

/* Programs that compute: bounds hold, whatever is known of them. */
static void
check_random(void)
{
	struct test_program p;
	struct longest longest;
	struct arena arena;
	size_t at;

	random_program(&p);
	if (bpf_check(p.code, p.count, &at))
		return;
	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
	longest_find(&longest, &arena, p.code, p.count, false);
	check_longest("random", &longest, p.code, p.count);
	for (size_t i = 0; i < 200; i++) {
		struct seccomp_data call;
		unsigned executed;

		for (unsigned word = 0; word < DD_WORDS; word++)
			call_set(&call, word, random_constant());
		bpf_run(p.code, p.count, &call, &executed);
		if (executed > longest.bound)
			fail("random", "some call executes", executed,
			     longest.bound);
	}
	arena_finish(&arena);
}

/*
 * Many ways, each of which is long, and one instruction short of the longest
 * that there seems to be: too many to try all of them.
 */
static size_t
make_slow(struct sock_filter code[BPF_MAXINSNS])
{
	static const struct sock_filter
		load = BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		end[] = {
			BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x7fffffff),
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x80000000, 0, 1),
			BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		};
	size_t n = 0;

	for (uint32_t bit = 0; bit < 3; bit++) {
		for (uint32_t word = 1; word < 16; word++) {
			code[n++] = (struct sock_filter)BPF_STMT(
				BPF_LD | BPF_W | BPF_ABS, 4 * word);
			code[n++] = (struct sock_filter)BPF_STMT(
				BPF_ALU | BPF_AND | BPF_K, UINT32_MAX >> bit);
			code[n++] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JGE | BPF_K,
				UINT32_C(1) << (31 - bit), 0, 0);
		}
	}
	while (n + sizeof(end) / sizeof(*end) < BPF_MAXINSNS)
		code[n++] = load;
	memcpy(code + n, end, sizeof(end));
	return BPF_MAXINSNS;
}

static void
check_slow(void)
{
	static struct sock_filter code[BPF_MAXINSNS];
	size_t count = make_slow(code), at;
	struct statistics s;
	struct arena arena;

	if (bpf_check(code, count, &at))
		fail("slow", "not a program", (unsigned)at, 0);
	arena_init(&arena);
	if (setjmp(arena.oom) || !statistics_find(&s, &arena, code, count))
		fail("slow", "too complex to count", 1, 0);
	arena_finish(&arena);
	check_longest("slow", &s.longest, code, count);
	/* It gives up, and what it says still holds. */
	if (s.longest.exact)
		fail("slow", "all ways were tried", 0, 1);
}

int
main(int argc, char **argv)
{
	static struct sample sample;

	if (argc != 3)
		return 2;
	random_init();
	check_slow();
	sample_choose(&sample, argv[1], argv[2], 250);
	for (size_t i = 0; i < sample.n; i++)
		check_profile(&sample.v[i], i % 8 == 0);
	printf("# %zu profiles, %zu conditional syscalls\n", sample.n,
	       conditional);
	inexact = 0;
	for (size_t i = 0; i < PROGRAMS; i++)
		check_random();
	printf("# random programs: %zu without an exact answer\n%zu failed\n",
	       inexact, failed);
	failed += sample.unproved + !sample.n + !conditional;
	sample_finish(&sample);
	return failed != 0;
}
