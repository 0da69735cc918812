#include "expressions.h"

#include <string.h>

/* The smaller one is stricter: include/uapi/linux/seccomp.h. */
static int32_t
strictness(uint32_t action)
{
	return (int32_t)(action & 0xffff0000);
}

static uint32_t
compare(uint32_t a, uint32_t b)
{
	if (a == b)
		return DD_EQUAL;
	if (strictness(a) == strictness(b))
		return DD_OTHER_DATA;
	return strictness(a) < strictness(b) ? DD_STRICTER : DD_WEAKER;
}

/* Two actions as one; NONE says nothing. */
static uint32_t
join(enum dd_op op, uint32_t a, uint32_t b)
{
	int64_t x = strictness(a), y = strictness(b);

	if (a == DD_NONE || b == DD_NONE)
		return a == DD_NONE ? b : a;
	switch (op) {
	case DD_FIRST:
		return a;
	case DD_MERGE:
		return a == b ? a : DD_CLASH;
	case DD_STRICTEST:
		return x <= y ? a : b;
	case DD_LAXEST:
		return x >= y ? a : b;
	default:
		return x < y ? a : b;
	}
}

/* Writes the values that a conjunction of expr_word_is() asks for. */
static void
substitute(const struct expr *e, uint32_t words[DD_WORDS])
{
	if (e->kind == EXPR_EQUALS) {
		words[e->word] = e->k;
	} else {
		substitute(e->a, words);
		substitute(e->b, words);
	}
}

static uint32_t
evaluate_apply(const struct expr *e, const uint32_t words[DD_WORDS])
{
	uint32_t other[DD_WORDS], a, b;

	if (e->op == DD_WITH) {
		memcpy(other, words, sizeof(other));
		substitute(e->b, other);
		return expr_evaluate(e->a, other);
	}
	a = expr_evaluate(e->a, words);
	if (e->op == DD_ITE)
		return expr_evaluate(a ? e->b : e->c, words);
	b = expr_evaluate(e->b, words);
	switch (e->op) {
	case DD_AND:
		return a & b;
	case DD_OR:
		return a | b;
	case DD_XOR:
		return a ^ b;
	case DD_IS:
		return a == b;
	case DD_ORDER:
		return compare(a, b);
	default:
		return join(e->op, a, b);
	}
}

uint32_t
expr_evaluate(const struct expr *e, const uint32_t words[DD_WORDS])
{
	uint32_t word = words[e->word];

	switch (e->kind) {
	case EXPR_VALUE:
		return e->k;
	case EXPR_LESS:
		return word < e->k;
	case EXPR_EQUALS:
		return (word & e->mask) == e->k;
	case EXPR_REACHES:
		return (word & e->mask) >= e->k;
	case EXPR_BIT:
		return word >> e->k & 1;
	default:
		return evaluate_apply(e, words);
	}
}

dd
expr_build(struct dd_set *set, const struct expr *e)
{
	dd a, b, c;

	switch (e->kind) {
	case EXPR_VALUE:
		return dd_value(set, e->k);
	case EXPR_LESS:
		return dd_less(set, e->word, e->k);
	case EXPR_EQUALS:
		return dd_equals(set, e->word, e->mask, e->k);
	case EXPR_REACHES:
		return dd_reaches(set, e->word, e->mask, e->k);
	case EXPR_BIT:
		return dd_bit(set, e->word, e->k);
	default:
		a = expr_build(set, e->a);
		b = expr_build(set, e->b);
		c = e->c ? expr_build(set, e->c) : DD_FALSE;
		return dd_apply(set, e->op, a, b, c);
	}
}

static void
add(struct expr_values *values, uint32_t x)
{
	for (uint32_t i = 0; i < 3 && values->n < LENGTH(values->v); i++)
		values->v[values->n++] = x + i - 1;
}

void
expr_collect(const struct expr *e, struct expr_values by_word[DD_WORDS])
{
	struct expr_values *values = &by_word[e->word];

	switch (e->kind) {
	case EXPR_VALUE:
		return;
	case EXPR_BIT:
		add(values, 1u << e->k);
		add(values, ~(1u << e->k));
		return;
	case EXPR_APPLY:
		expr_collect(e->a, by_word);
		expr_collect(e->b, by_word);
		if (e->c)
			expr_collect(e->c, by_word);
		return;
	default:
		add(values, e->k);
		if (e->kind == EXPR_LESS || e->mask == UINT32_MAX)
			return;
		add(values, e->k | ~e->mask);
		add(values, e->k | (0x5a5a5a5a & ~e->mask));
		add(values, e->k ^ (e->mask & -e->mask));
		return;
	}
}
