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
 *
 * A way can have thousands of tests, more than the stack of a small thread
 * takes: what is open lies in frames.
 */
#include "compiler.h"

#include <string.h>

#include "bpf-ops.h"

enum {
	WORDS = sizeof(struct seccomp_data) / 4,
	/* Past this the result is not exact, and says so. */
	STEPS_MAX = 1 << 25,
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

/* What is in A: a word and a mask of it. */
struct accumulator {
	unsigned word; /* WORDS: unknown */
	uint32_t mask;
};

/* A test on the way, and what was known before it. */
struct frame {
	struct ask ask;
	bool negated; /* the test jumps where ask does not hold */
	struct accumulator a;
	struct passed before; /* of the word that it looks at */
	size_t pc;
	unsigned executed, sides; /* sides: tried so far */
};

struct finder {
	const struct sock_filter *code;
	size_t count;
	unsigned *bound;	 /* by instruction: those to a RET, at most */
	const struct ask **room; /* for find_value(), 34 times all tests */
	struct frame *frames;
	size_t depth;
	struct longest *longest;
	struct passed words[WORDS];
	size_t steps;
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
	size_t n = 0;

	for (const struct ask *a = word->asks; a; a = a->before)
		f->room[n++] = a;
	word->value = 0;
	return find_value(f, f->room, n, 32, &word->value);
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

/* A RET at the end of a way. */
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

/* Opens a frame; what is no test of a known word ends the way. */
static void
branch(struct finder *f, size_t pc, struct accumulator a, unsigned executed)
{
	struct frame *frame = &f->frames[f->depth];

	if (a.word == WORDS || f->steps > STEPS_MAX ||
	    !read_test(&f->code[pc], a.mask, &frame->ask, &frame->negated)) {
		f->longest->exact = false;
		return;
	}
	frame->ask.before = f->words[a.word].asks;
	frame->before = f->words[a.word];
	frame->a = a;
	frame->pc = pc;
	frame->executed = executed;
	frame->sides = 0;
	f->depth++;
}

/* Goes on to the next test, or to the end. */
static void
walk(struct finder *f, size_t pc, struct accumulator a, unsigned executed)
{
	for (;; pc++) {
		const struct sock_filter *insn = &f->code[pc];

		executed++;
		f->steps++;
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

/* Tries the next side of a test, the longer one first. */
static void
take(struct finder *f, struct frame *frame)
{
	const struct sock_filter *insn = &f->code[frame->pc];
	size_t yes = frame->pc + 1 + insn->jt, no = frame->pc + 1 + insn->jf;
	bool jumps = (f->bound[yes] >= f->bound[no]) == !frame->sides;
	size_t pc = jumps ? yes : no;
	struct passed *word = &f->words[frame->a.word];

	frame->sides++;
	f->steps++;
	if (frame->executed + f->bound[pc] <= f->longest->executed)
		return;
	frame->ask.holds = jumps != frame->negated;
	word->asks = &frame->ask;
	if (fits(&frame->ask, word->value) || settle_word(f, word))
		walk(f, pc, frame->a, frame->executed);
}

static void
try_all(struct finder *f)
{
	walk(f, 0, (struct accumulator){ WORDS, 0 }, 0);
	while (f->depth) {
		struct frame *frame = &f->frames[f->depth - 1];

		f->words[frame->a.word] = frame->before;
		if (frame->sides < 2)
			take(f, frame);
		else
			f->depth--;
	}
}

/* Instructions from each one to a RET, possible or not. */
static void
find_bounds(struct finder *f)
{
	for (size_t pc = f->count; pc-- > 0;) {
		const struct sock_filter *insn = &f->code[pc];
		const struct bpf_op *op = bpf_op(insn->code);
		const unsigned *next = &f->bound[pc + 1];
		unsigned most = 0;

		if (op->branch)
			most = next[insn->jt] > next[insn->jf] ? next[insn->jt]
							       : next[insn->jf];
		else if (op->operand == OPERAND_TARGET)
			most = next[insn->k];
		else if (BPF_CLASS(insn->code) != BPF_RET)
			most = next[0];
		f->bound[pc] = 1 + most;
	}
}

static size_t
count_tests(const struct sock_filter *code, size_t count)
{
	size_t tests = 0;

	for (size_t pc = 0; pc < count; pc++)
		tests += bpf_op(code[pc].code)->branch;
	return tests;
}

/* Finds the longest way with the words that some asks fix, by word. */
static void
find(struct longest *longest, struct arena *arena,
     const struct sock_filter *code, size_t count,
     const struct ask *fixed[WORDS])
{
	/* One more: what fixes a word; and the frame of what is none. */
	size_t tests = count_tests(code, count) + 1;
	struct finder f = { .code = code, .count = count, .longest = longest };
	unsigned executed;

	*longest = (struct longest){ .exact = true };
	f.bound = arena_alloc(arena, count * sizeof(*f.bound));
	f.frames = arena_alloc(arena, tests * sizeof(*f.frames));
	f.room = arena_alloc_raw(arena, 34 * tests * sizeof(*f.room));
	for (size_t i = 0; i < WORDS; i++)
		if (fixed[i])
			f.words[i] = (struct passed){ fixed[i]->k, fixed[i] };
	find_bounds(&f);
	try_all(&f);
	bpf_run(code, count, &longest->call, &executed);
	longest->exact &= executed == longest->executed && f.steps <= STEPS_MAX;
	longest->executed = executed;
	longest->bound = longest->exact ? executed : f.bound[0];
}

void
longest_find(struct longest *longest, struct arena *arena,
	     const struct sock_filter *code, size_t count, bool zero)
{
	static const struct ask zeroes = { .mask = UINT32_MAX, .holds = true };
	const struct ask *fixed[WORDS] = { NULL };

	for (size_t i = 2; zero && i < WORDS; i++)
		fixed[i] = &zeroes;
	find(longest, arena, code, count, fixed);
}

void
longest_find_for(struct longest *longest, struct arena *arena,
		 const struct sock_filter *code, size_t count, uint32_t token,
		 uint32_t number)
{
	const struct ask is_number = { .mask = UINT32_MAX,
				       .k = number,
				       .holds = true };
	const struct ask is_token = { .mask = UINT32_MAX,
				      .k = token,
				      .holds = true };
	const struct ask *fixed[WORDS] = { &is_number, &is_token };

	find(longest, arena, code, count, fixed);
}
