#include "expressions.h"

#include <stdlib.h>
#include <string.h>

#include "random-bpf.h"

enum { POOL_SIZE = 1 << 14 };

static struct expr pool[POOL_SIZE];
static size_t pool_used;

/* The order that diagrams test words in: docs/proof.md. */
static const uint8_t word_order[DD_WORDS] = { 1,  0,  5,  4,  7,  6,  9, 8,
					      11, 10, 13, 12, 15, 14, 3, 2 };

static const uint32_t actions[] = {
	DD_NONE,
	SECCOMP_RET_ALLOW,
	SECCOMP_RET_ERRNO | 1,
	SECCOMP_RET_ERRNO | 38,
	SECCOMP_RET_LOG,
	SECCOMP_RET_TRACE | 5,
	SECCOMP_RET_TRAP,
	SECCOMP_RET_KILL_THREAD,
	SECCOMP_RET_KILL_PROCESS,
};

void
ground_choose_shape(struct ground *ground, enum ground_shape shape)
{
	uint32_t chosen = 0;
	size_t n = 0;

	while (__builtin_popcount(chosen) < GROUND_WORDS)
		chosen |= 1u << below(DD_WORDS);
	for (size_t i = 0; i < DD_WORDS; i++)
		if (chosen >> word_order[i] & 1)
			ground->word[n++] = word_order[i];
	for (size_t i = 0; i < GROUND_WORDS; i++)
		ground->shape[i] = shape;
	ground->holes = below(2);
}

void
ground_choose(struct ground *ground)
{
	ground_choose_shape(ground, SHAPE_TOP);
	if (!below(3))
		return;
	for (size_t i = 0; i < GROUND_WORDS; i++)
		if (below(2))
			ground->shape[i] = SHAPE_LOW;
}

void
ground_point(const struct ground *ground, unsigned point,
	     const uint32_t filler[DD_WORDS], uint32_t words[DD_WORDS])
{
	memcpy(words, filler, DD_WORDS * sizeof(*words));
	for (unsigned i = 0; i < GROUND_WORDS; i++) {
		uint32_t *word = &words[ground->word[i]];
		uint32_t bits = point >> 3 * (GROUND_WORDS - 1 - i) & 7;

		if (ground->shape[i] == SHAPE_TOP)
			*word = (*word & ~(UINT32_C(7) << 29)) | bits << 29;
		else
			*word = (*word & ~UINT32_C(7)) | bits;
	}
}

/* Mostly one of few, so that they meet. */
static uint32_t
random_action(void)
{
	return actions[below(3) ? below(4) : below(LENGTH(actions))];
}

void
expr_reset(uint64_t seed)
{
	random_state = seed;
	pool_used = 0;
}

static struct expr *
make(struct expr e)
{
	if (pool_used == POOL_SIZE)
		abort();
	pool[pool_used] = e;
	return &pool[pool_used++];
}

struct expr *
expr_value(uint32_t k)
{
	return make((struct expr){ .kind = EXPR_VALUE, .k = k });
}

struct expr *
expr_apply(enum dd_op op, struct expr *a, struct expr *b, struct expr *c)
{
	return make((struct expr){
		.kind = EXPR_APPLY, .op = op, .a = a, .b = b, .c = c });
}

static struct expr *
negate(struct expr *a)
{
	return expr_apply(DD_ITE, a, expr_value(DD_FALSE), expr_value(DD_TRUE));
}

static struct expr *
ask(enum expr_kind kind, unsigned word, uint32_t mask, uint32_t k)
{
	return make((struct expr){
		.kind = kind, .word = word, .mask = mask, .k = k });
}

struct expr *
expr_word_is(unsigned word, uint32_t k)
{
	return ask(EXPR_EQUALS, word, UINT32_MAX, k);
}

static uint32_t
random_mask(bool holes)
{
	unsigned low = below(32), high = 26 + below(6);

	switch (below(holes ? 4 : 3)) {
	case 0:
		/* All bits from low to high, the highest or nearly. */
		low = low > high ? high : low;
		return UINT32_MAX << low & UINT32_MAX >> (31 - high);
	case 3:
		return below(2) ? 1u << low : random_word() & random_word();
	default:
		return UINT32_MAX;
	}
}

static uint32_t
random_mask_of(const struct ground *ground, unsigned i)
{
	static const uint8_t whole[] = { 1, 2, 4, 3, 6, 7, 7, 7 };
	uint32_t mask = ground->holes ? below(8) : whole[below(LENGTH(whole))];

	switch (ground->shape[i]) {
	case SHAPE_TOP:
		return mask << 29;
	case SHAPE_LOW:
		return mask;
	default:
		return random_mask(ground->holes);
	}
}

static struct expr *
leaf(const struct ground *ground)
{
	unsigned i = below(GROUND_WORDS), word = ground->word[i];
	enum ground_shape shape = ground->shape[i];
	uint32_t mask = random_mask_of(ground, i), k = random_constant();

	switch (below(ground->holes ? 5 : 4)) {
	case 0:
		/* Of a word's low bits alone there is no such question. */
		if (shape == SHAPE_LOW)
			return ask(EXPR_REACHES, word, mask, 1 + below(8));
		if (shape == SHAPE_TOP)
			k = k << 29;
		return ask(EXPR_LESS, word, 0, k);
	case 1:
	case 2:
		/* Bits outside of the mask are never equal. */
		if (below(16))
			k &= mask;
		return ask(EXPR_EQUALS, word, mask, k);
	case 3:
		if (below(4))
			k &= mask;
		return ask(EXPR_REACHES, word, mask, k);
	default:
		if (shape == SHAPE_ANY)
			return ask(EXPR_BIT, word, 0, below(32));
		return ask(EXPR_BIT, word, 0,
			   below(3) + (shape == SHAPE_TOP ? 29 : 0));
	}
}

/* A word has a value, and perhaps another as well. */
static struct expr *
cube(const struct ground *ground)
{
	unsigned i = below(GROUND_WORDS), j = below(GROUND_WORDS);
	struct expr *a = expr_word_is(ground->word[i], random_constant());
	struct expr *b = expr_word_is(ground->word[j], random_constant());

	return ground->word[i] == ground->word[j]
		       ? a
		       : expr_apply(DD_AND, a, b, NULL);
}

struct expr *
expr_truth(const struct ground *ground, unsigned depth)
{
	static const enum dd_op ops[] = { DD_AND, DD_OR,   DD_XOR,  DD_ITE,
					  DD_IS,  DD_WITH, DD_ORDER };
	enum dd_op op = ops[below(LENGTH(ops))];
	struct expr *a, *b;

	if (!depth || !below(6))
		return below(12) ? leaf(ground) : expr_value(below(2));
	switch (op) {
	case DD_IS:
		a = expr_action(ground, depth - 1);
		return expr_apply(op, a, expr_value(random_action()), NULL);
	case DD_ORDER:
		a = expr_action(ground, depth - 1);
		b = expr_action(ground, depth - 1);
		a = expr_apply(DD_ORDER, a, b, NULL);
		return expr_apply(DD_IS, a, expr_value(below(DD_ORDERS)), NULL);
	case DD_WITH:
		a = expr_truth(ground, depth - 1);
		return expr_apply(op, a, cube(ground), NULL);
	default:
		a = expr_truth(ground, depth - 1);
		b = expr_truth(ground, depth - 1);
		return expr_apply(op, a, b,
				  op == DD_ITE ? expr_truth(ground, depth - 1)
					       : NULL);
	}
}

struct expr *
expr_action(const struct ground *ground, unsigned depth)
{
	static const enum dd_op ops[] = { DD_ITE,	DD_ITE,	   DD_WITH,
					  DD_FIRST,	DD_MERGE,  DD_STRICTEST,
					  DD_STRICTEST, DD_LAXEST, DD_STACKED };
	enum dd_op op = ops[below(LENGTH(ops))];
	struct expr *a, *b;

	if (!depth)
		return expr_value(random_action());
	if (op == DD_ITE) {
		a = expr_truth(ground, depth - 1);
		b = expr_action(ground, depth - 1);
		return expr_apply(op, a, b, expr_action(ground, depth - 1));
	}
	a = expr_action(ground, depth - 1);
	b = op == DD_WITH ? cube(ground) : expr_action(ground, depth - 1);
	return expr_apply(op, a, b, NULL);
}

static struct expr *
rewrite_leaf(struct expr *e)
{
	switch (e->kind) {
	case EXPR_LESS:
		return negate(ask(EXPR_REACHES, e->word, UINT32_MAX, e->k));
	case EXPR_BIT:
		return ask(EXPR_EQUALS, e->word, 1u << e->k, 1u << e->k);
	case EXPR_EQUALS:
		if (e->k == UINT32_MAX || e->k & ~e->mask)
			return e;
		return expr_apply(
			DD_AND, ask(EXPR_REACHES, e->word, e->mask, e->k),
			negate(ask(EXPR_REACHES, e->word, e->mask, e->k + 1)),
			NULL);
	default:
		return e;
	}
}

struct expr *
expr_rewrite(struct expr *e)
{
	struct expr *a, *b, *c;

	if (e->kind != EXPR_APPLY)
		return below(2) ? rewrite_leaf(e) : e;
	a = expr_rewrite(e->a);
	b = e->op == DD_WITH ? e->b : expr_rewrite(e->b);
	c = e->c ? expr_rewrite(e->c) : NULL;
	switch (below(3) ? (int)e->op : -1) {
	case DD_AND:
		return negate(expr_apply(DD_OR, negate(b), negate(a), NULL));
	case DD_OR:
		return expr_apply(DD_ITE, b, expr_value(DD_TRUE), a);
	case DD_XOR:
		return expr_apply(DD_ITE, b, negate(a), a);
	case DD_ITE:
		return expr_apply(DD_ITE, negate(a), c, b);
	case DD_FIRST:
		c = expr_apply(DD_IS, a, expr_value(DD_NONE), NULL);
		return expr_apply(DD_ITE, c, b, a);
	case DD_MERGE:
		return expr_apply(DD_MERGE, b, a, NULL);
	case DD_STACKED:
		return expr_apply(DD_STRICTEST, b, a, NULL);
	default:
		return expr_apply(e->op, a, b, c);
	}
}

struct expr *
expr_spoil(const struct ground *ground, struct expr *e)
{
	if (e->kind == EXPR_VALUE)
		return expr_value(e->k <= DD_TRUE ? !e->k : SECCOMP_RET_LOG);
	if (e->kind != EXPR_APPLY)
		return below(4) ? leaf(ground) : negate(e);
	if (e->op == DD_ITE && below(2))
		return expr_apply(e->op, e->a, expr_spoil(ground, e->b), e->c);
	if (e->op == DD_ITE && below(2))
		return expr_apply(e->op, e->a, e->b, expr_spoil(ground, e->c));
	return expr_apply(e->op, expr_spoil(ground, e->a), e->b, e->c);
}
