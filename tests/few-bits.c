#include "few-bits.h"

#include <stdlib.h>
#include <string.h>

#include "random-bpf.h"

enum { CELLS = 3 };

static const uint32_t returns[] = {
	SECCOMP_RET_ALLOW,
	SECCOMP_RET_ALLOW,
	SECCOMP_RET_ALLOW | 9,
	SECCOMP_RET_LOG | 1,
	SECCOMP_RET_ERRNO | 1,
	SECCOMP_RET_ERRNO | 4095,
	0x00051000,
	0x0005ffff,
	SECCOMP_RET_TRACE | 1,
	SECCOMP_RET_TRAP | 2,
	SECCOMP_RET_KILL_THREAD,
	0x00000005,
	0x80000003,
	SECCOMP_RET_USER_NOTIF | 4,
	0x00040000,
	0x7fff8000,
	0x12345678,
	0xffffffff,
};

void
few_bits_seed(uint64_t seed)
{
	random_state = seed;
}

static uint32_t
random_return(void)
{
	return returns[below(LENGTH(returns))];
}

/* Numbers small and large, among them what makes an action of a few bits. */
static uint32_t
random_k(void)
{
	switch (below(5)) {
	case 0:
		return random_return();
	case 1:
		return below(16);
	case 2:
		return -below(16);
	default:
		return random_constant();
	}
}

static int
compare_values(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Each constant, and each stretch between them. */
static void
choose_between(struct few_field *f)
{
	uint32_t all[2 * LENGTH(f->constant) + 1] = { 0 };
	size_t n = 1;

	f->between = true;
	for (size_t i = 0; i < LENGTH(f->constant); i++) {
		f->constant[i] = random_constant();
		all[n++] = f->constant[i];
		all[n++] = f->constant[i] + 1;
	}
	qsort(all, n, sizeof(*all), compare_values);
	f->count = 0;
	for (size_t i = 0; i < n; i++)
		if (!i || all[i] != all[i - 1])
			f->value[f->count++] = all[i];
}

/* Each subset of the bits. */
static void
choose_bits(struct few_field *f, unsigned bits)
{
	uint32_t x = 0;

	f->between = false;
	f->mask = 0;
	while (__builtin_popcount(f->mask) < (int)bits)
		f->mask |= below(2) ? 1u << below(32) : 1u << below(4);
	f->count = 0;
	do {
		f->value[f->count++] = x;
		x = (x - f->mask) & f->mask;
	} while (x);
}

void
fields_choose(struct few_fields *fields)
{
	uint32_t taken = 0;

	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		struct few_field *f = &fields->v[i];

		do
			f->word = below(DD_WORDS);
		while (taken >> f->word & 1);
		taken |= 1u << f->word;
		if (i && !below(3))
			choose_between(f);
		else
			choose_bits(f, 2 + below(2));
	}
}

unsigned
fields_count(const struct few_fields *fields)
{
	unsigned count = 1;

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		count *= fields->v[i].count;
	return count;
}

void
fields_call(const struct few_fields *fields, unsigned index,
	    struct seccomp_data *data)
{
	uint32_t words[DD_WORDS];

	for (unsigned i = 0; i < DD_WORDS; i++)
		words[i] = random_word();
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		const struct few_field *f = &fields->v[i];
		uint32_t value = f->value[index % f->count];

		words[f->word] = f->between
					 ? value
					 : value | (words[f->word] & ~f->mask);
		index /= f->count;
	}
	memcpy(data, words, sizeof(words));
}

static uint32_t
random_operand(uint16_t op)
{
	uint32_t k = random_k();

	switch (op) {
	case BPF_DIV:
		return k ? k : 3;
	case BPF_LSH:
	case BPF_RSH:
		return below(2) ? below(32) : below(4);
	default:
		return k;
	}
}

static uint16_t
random_comparison(void)
{
	static const uint16_t ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

	return ops[below(LENGTH(ops))];
}

static unsigned
random_field(const struct few_fields *fields, bool between)
{
	unsigned i = below(FIELD_COUNT);

	while (fields->v[i].between != between)
		i = (i + 1) % FIELD_COUNT;
	return i;
}

/* What A may be after a load. */
static uint32_t
random_bits(const struct few_fields *fields)
{
	const struct few_field *f = &fields->v[random_field(fields, false)];

	return f->value[below(f->count)];
}

/* Mostly what makes a program depend on something. */
static enum step_kind
random_kind(bool between)
{
	static const enum step_kind often[] = {
		STEP_LOAD, STEP_ALU,  STEP_ALU_X, STEP_JUMP,   STEP_JUMP,
		STEP_TAX,  STEP_LOAD, STEP_STORE, STEP_CHOOSE,
	};
	enum step_kind kind = below(3) ? often[below(LENGTH(often))]
				       : (enum step_kind)below(STEP_RETURN);

	if (!between && (kind == STEP_CHOOSE || kind == STEP_REFUSE))
		return STEP_JUMP_X;
	return kind;
}

/* A step that fits where left steps follow. */
static struct step
choose_step(const struct few_fields *fields, unsigned at, unsigned left)
{
	static const uint16_t ops[] = { BPF_ADD, BPF_SUB, BPF_MUL,
					BPF_DIV, BPF_AND, BPF_OR,
					BPF_XOR, BPF_LSH, BPF_RSH };
	struct step s = { .op = ops[below(LENGTH(ops))] };
	bool between = false;

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		between |= fields->v[i].between;
	s.kind = random_kind(between);
	between = s.kind == STEP_CHOOSE || s.kind == STEP_REFUSE;
	s.field = random_field(fields, between);
	s.cell = below(CELLS);
	s.yes = at + 1 + below(left < 5 ? left : 5);
	s.no = at + 1 + below(left < 3 ? left : 3);
	s.k = random_operand(s.op);
	s.other = random_k();
	if (between) {
		s.op = (uint16_t)(BPF_JEQ + 0x10 * below(3));
		s.k = s.kind == STEP_REFUSE ? random_return() : random_k();
		s.yes = below(LENGTH(fields->v->constant));
	} else if (s.kind == STEP_JUMP || s.kind == STEP_JUMP_X) {
		s.op = random_comparison();
		s.k = below(2) ? random_bits(fields) : random_k();
	}
	return s;
}

/* The end: bits of A as an action's, or an action by a comparison. */
static void
choose_end(struct step *end)
{
	if (below(2)) {
		end[0] = (struct step){ .kind = STEP_ALU,
					.op = BPF_AND,
					.k = 7u << below(12) | 1 };
		/* Few bits of A stay open: a return of many is too hard. */
		end[1] = (struct step){ .kind = STEP_ALU,
					.op = below(2) ? BPF_OR : BPF_ADD,
					.k = returns[below(12)] };
		end[2] = (struct step){ .kind = STEP_RETURN_A };
	} else {
		end[1] = (struct step){ .kind = STEP_RETURN,
					.k = random_return() };
		end[2] = (struct step){ .kind = STEP_RETURN,
					.k = random_return() };
	}
}

void
steps_choose(const struct few_fields *fields, struct steps *steps)
{
	steps->n = 6 + below(STEPS_MAX - 6);
	for (unsigned i = 0; i + 1 < steps->n; i++)
		steps->v[i] = choose_step(fields, i, steps->n - i - 1);
	/* What can be told apart on the way. */
	for (unsigned i = 3; i < steps->n; i += 3 + below(4))
		if (steps->v[i - 1].kind == STEP_JUMP)
			steps->v[i] = (struct step){ .kind = STEP_RETURN,
						     .k = random_return() };
	do
		steps->v[steps->n - 3] = choose_step(fields, steps->n - 3, 2);
	while (steps->v[steps->n - 3].kind != STEP_JUMP);
	choose_end(&steps->v[steps->n - 3]);
}

static void
spoil_number(struct step *s)
{
	switch (below(3)) {
	case 0:
		s->k += below(2) ? 1 : UINT32_MAX;
		break;
	case 1:
		s->k ^= 1u << below(32);
		break;
	default:
		s->other ^= 1u << below(32);
		break;
	}
	if (s->op == BPF_DIV && !s->k)
		s->k = 1;
	if (s->op == BPF_LSH || s->op == BPF_RSH)
		s->k %= 32;
}

void
steps_spoil(const struct few_fields *fields, struct steps *steps)
{
	unsigned at = below(steps->n - 1);
	struct step *s = &steps->v[at];

	switch (below(4)) {
	case 0:
		*s = choose_step(fields, at, steps->n - at - 1);
		break;
	case 1:
		s->cell = (s->cell + 1) % CELLS;
		if (s->kind >= STEP_JUMP && s->no + 1 < steps->n)
			s->no++;
		break;
	default:
		spoil_number(s);
		break;
	}
}
