/*
 * The longest way through a program, exactly.
 *
 * Ways are tried depth first, the longer side of each test first, and left
 * when even a way that need not be possible would be no longer than the best
 * one so far.  A way is possible if, for each word of struct seccomp_data
 * apart, some value passes all tests made of it: a test looks at one word.
 * That value, the smallest there is, is kept as long as further tests let it
 * pass; another one is looked for from the highest bit down, which settles
 * most tests soon.
 *
 * The call that the values make is run afterwards: it shows that the way is
 * there, while having tried all shows that no longer one is.
 */
#include "bench.h"

#include <string.h>

enum {
	WORDS = sizeof(struct seccomp_data) / 4,
	/* Past this the result is not exact, and says so. */
	STEPS_MAX = 1 << 28,
};

/* What the tests on the way ask of a word. */
struct ask {
	uint32_t mask, k;
	enum { ASK_EQUAL, ASK_REACH } kind; /* word & mask == k, >= k */
	bool holds;
	const struct ask *before;
};

/* What a word has passed so far. */
struct passed {
	uint32_t value; /* the smallest that does */
	const struct ask *asks;
};

struct finder {
	const struct code *code;
	unsigned bound[BPF_MAXINSNS]; /* instructions to a RET, at most */
	struct longest *longest;
	struct passed words[WORDS];
	size_t steps;
};

/* What is in A: a word and a mask of it. */
struct accumulator {
	unsigned word; /* WORDS: unknown */
	uint32_t mask;
};

static bool
fits(const struct ask *ask, uint32_t x)
{
	bool is = ask->kind == ASK_EQUAL ? (x & ask->mask) == ask->k
					 : (x & ask->mask) >= ask->k;

	return is == ask->holds;
}

/* What a bit of a word, with those above it, makes of an ask. */
enum told { TOLD_NOTHING, TOLD_PASSED, TOLD_FAILED };

static enum told
tell(const struct ask *ask, unsigned bit, uint32_t value)
{
	uint32_t x = value & ask->mask >> bit & 1, k = ask->k >> bit & 1;
	bool is = ask->kind == ASK_REACH && x > k;

	if (x == k)
		return TOLD_NOTHING;
	return is == ask->holds ? TOLD_PASSED : TOLD_FAILED;
}

/*
 * Finds the smallest value of the bits below a bit that passes the asks of
 * which the bits from there on have told nothing: they are equal so far.
 * asks has room for the lists of lower bits behind its own.
 */
static bool
find_value(struct finder *f, const struct ask **asks, size_t n, unsigned bits,
	   uint32_t *value)
{
	const struct ask **left = asks + n;
	size_t last = SIZE_MAX;

	if (!n)
		return true;
	for (size_t i = 0; !bits && i < n; i++)
		if (!asks[i]->holds)
			return false;
	for (uint32_t bit = 0; bits && bit < 2; bit++) {
		enum told told = TOLD_NOTHING;
		bool same = true;
		size_t count = 0;

		f->steps += n;
		for (size_t i = 0; i < n && told != TOLD_FAILED; i++) {
			told = tell(asks[i], bits - 1, bit);
			same &= told == TOLD_NOTHING;
			if (told == TOLD_NOTHING)
				left[count++] = asks[i];
		}
		/* Nothing was told by 0 either: it is the same again. */
		if (told == TOLD_FAILED || (same && last == n))
			continue;
		last = same ? n : SIZE_MAX;
		if (find_value(f, left, count, bits - 1, value)) {
			*value |= bit << (bits - 1);
			return true;
		}
		if (f->steps > STEPS_MAX)
			return false;
	}
	return !bits;
}

/* Sets value to the smallest that passes all; false if none does. */
static bool
settle_word(struct finder *f, struct passed *word)
{
	static const struct ask *asks[34 * BPF_MAXINSNS];
	size_t n = 0;

	for (const struct ask *a = word->asks; a; a = a->before)
		asks[n++] = a;
	word->value = 0;
	return find_value(f, asks, n, 32, &word->value);
}

static void walk(struct finder *f, size_t pc, struct accumulator a,
		 unsigned executed);

/* One side of a test. */
static void
take(struct finder *f, size_t pc, struct accumulator a, unsigned executed,
     const struct ask *ask)
{
	struct passed *word = &f->words[a.word], before = *word;

	if (executed + f->bound[pc] <= f->longest->executed)
		return;
	word->asks = ask;
	if (fits(ask, word->value) || settle_word(f, word))
		walk(f, pc, a, executed);
	*word = before;
}

/* A test as equality or reaching, and whether that is its negation. */
static bool
read_test(const struct sock_filter *insn, uint32_t mask, struct ask *ask,
	  bool *negated)
{
	*ask = (struct ask){ .mask = mask, .k = insn->k };
	*negated = false;
	switch (insn->code) {
	case BPF_JMP | BPF_JEQ | BPF_K:
		return true;
	case BPF_JMP | BPF_JGE | BPF_K:
		ask->kind = ASK_REACH;
		return true;
	case BPF_JMP | BPF_JGT | BPF_K:
		/* Nothing is above the last value. */
		ask->kind = ASK_REACH;
		if (++ask->k)
			return true;
		*ask = (struct ask){ .mask = 0, .k = 1 };
		return true;
	case BPF_JMP | BPF_JSET | BPF_K:
		ask->mask &= insn->k;
		ask->k = 0;
		*negated = true;
		return true;
	default:
		return false;
	}
}

static void
branch(struct finder *f, size_t pc, struct accumulator a, unsigned executed)
{
	const struct sock_filter *insn = &f->code->v[pc];
	size_t yes = pc + 1 + insn->jt, no = pc + 1 + insn->jf;
	bool first = f->bound[yes] >= f->bound[no], negated;
	struct ask ask;

	if (a.word == WORDS || !read_test(insn, a.mask, &ask, &negated) ||
	    f->steps > STEPS_MAX) {
		f->longest->exact = false;
		return;
	}
	ask.before = f->words[a.word].asks;
	for (int side = 0; side < 2; side++) {
		bool jumps = first == !side;

		ask.holds = jumps != negated;
		take(f, jumps ? yes : no, a, executed, &ask);
	}
}

static void
arrive(struct finder *f, unsigned executed)
{
	struct seccomp_data *call = &f->longest->call;

	if (executed <= f->longest->executed)
		return;
	f->longest->executed = executed;
	for (size_t i = 0; i < WORDS; i++)
		memcpy((char *)call + 4 * i, &f->words[i].value, 4);
}

static void
walk(struct finder *f, size_t pc, struct accumulator a, unsigned executed)
{
	for (;; pc++) {
		const struct sock_filter *insn = &f->code->v[pc];

		executed++;
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = (struct accumulator){ insn->k / 4, UINT32_MAX };
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a.mask &= insn->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			break;
		case BPF_RET | BPF_K:
			arrive(f, executed);
			return;
		default:
			branch(f, pc, a, executed);
			return;
		}
	}
}

/* Instructions from each one to a RET, possible or not. */
static void
find_bounds(struct finder *f)
{
	const struct sock_filter *v = f->code->v;

	for (size_t pc = f->code->n; pc-- > 0;) {
		unsigned most = 0;

		if (v[pc].code == (BPF_JMP | BPF_JA))
			most = f->bound[pc + 1 + v[pc].k];
		else if (BPF_CLASS(v[pc].code) == BPF_JMP)
			most = f->bound[pc + 1 + v[pc].jt] >
					       f->bound[pc + 1 + v[pc].jf]
				       ? f->bound[pc + 1 + v[pc].jt]
				       : f->bound[pc + 1 + v[pc].jf];
		else if (BPF_CLASS(v[pc].code) != BPF_RET)
			most = f->bound[pc + 1];
		f->bound[pc] = 1 + most;
	}
}

void
paths_longest(const struct code *code, bool zero, struct longest *longest)
{
	static const struct ask zeroes = { .mask = UINT32_MAX, .holds = true };
	static struct finder finder;
	unsigned executed;

	memset(&finder, 0, sizeof(finder));
	finder.code = code;
	finder.longest = longest;
	*longest = (struct longest){ .exact = true };
	for (size_t i = 2; zero && i < WORDS; i++)
		finder.words[i].asks = &zeroes;
	find_bounds(&finder);
	walk(&finder, 0, (struct accumulator){ WORDS, 0 }, 0);
	bpf_run(code->v, code->n, &longest->call, &executed);
	longest->exact &=
		executed == longest->executed && finder.steps <= STEPS_MAX;
	longest->executed = executed;
}
