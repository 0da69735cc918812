/*
 * Random functions of a call: as a tree that plain C evaluates, and as a
 * diagram.
 */
#ifndef TESTS_EXPRESSIONS_H
#define TESTS_EXPRESSIONS_H

#include "compiler.h"

enum { GROUND_WORDS = 3, GROUND_POINTS = 8 * 8 * 8 };

/* What expressions look at in a word. */
enum ground_shape {
	SHAPE_ANY,
	SHAPE_TOP, /* nothing but its three highest bits */
	SHAPE_LOW, /* nothing but its three lowest bits */
};

/* The words that expressions look at, in the order of diagrams. */
struct ground {
	unsigned word[GROUND_WORDS];
	enum ground_shape shape[GROUND_WORDS];
	bool holes; /* masks with holes and single bits are asked for */
};

enum expr_kind {
	EXPR_VALUE, /* k */
	EXPR_LESS,
	EXPR_EQUALS,
	EXPR_REACHES,
	EXPR_BIT, /* k is its number */
	EXPR_APPLY,
};

struct expr {
	enum expr_kind kind;
	enum dd_op op;
	unsigned word;
	uint32_t mask, k;
	struct expr *a, *b, *c;
};

/* Forgets all expressions.  What is random below depends on the seed alone. */
void expr_reset(uint64_t seed);

/* Three different words of random shapes, or all of one shape. */
void ground_choose(struct ground *ground);
void ground_choose_shape(struct ground *ground, enum ground_shape shape);

/*
 * A point of ground: three bits for each word, the first word's highest.  The
 * bits that nothing looks at, and all other words, are filler.
 */
void ground_point(const struct ground *ground, unsigned point,
		  const uint32_t filler[DD_WORDS], uint32_t words[DD_WORDS]);

/* A truth value, or an action that may be NONE. */
struct expr *expr_truth(const struct ground *ground, unsigned depth);
struct expr *expr_action(const struct ground *ground, unsigned depth);

/* The same function in another way. */
struct expr *expr_rewrite(struct expr *e);

/* A copy of which one place says something else: mostly, another function. */
struct expr *expr_spoil(const struct ground *ground, struct expr *e);

struct expr *expr_value(uint32_t k);

/* What b of DD_WITH asks for: a word has a value. */
struct expr *expr_word_is(unsigned word, uint32_t value);

/* c is NULL but for DD_ITE. */
struct expr *expr_apply(enum dd_op op, struct expr *a, struct expr *b,
			struct expr *c);

uint32_t expr_evaluate(const struct expr *e, const uint32_t words[DD_WORDS]);
dd expr_build(struct dd_set *set, const struct expr *e);

/* Values worth trying for the words of an expression. */
struct expr_values {
	uint32_t v[256];
	size_t n;
};

void expr_collect(const struct expr *e, struct expr_values by_word[DD_WORDS]);

#endif
