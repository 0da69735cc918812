/*
 * Random programs that look at few bits of a call, so that all calls that
 * matter can be tried, and the same programs written in other ways.
 */
#ifndef TESTS_FEW_BITS_H
#define TESTS_FEW_BITS_H

#include "compiler.h"

enum { FIELD_COUNT = 3, STEPS_MAX = 20, FEW_CODE_MAX = 255 };

/*
 * A word that programs look at: some of its bits, with which they calculate,
 * or where it lies between some constants, which they ask and no more.
 */
struct few_field {
	unsigned word;
	bool between;
	uint32_t mask;	      /* if not between: all that is looked at */
	uint32_t constant[3]; /* if between */
	uint32_t value[16];   /* one for each that can be told apart */
	uint32_t count;
};

struct few_fields {
	struct few_field v[FIELD_COUNT];
};

enum step_kind {
	STEP_LOAD,   /* A = a field's bits */
	STEP_CHOOSE, /* A = k or other, by where a field lies */
	STEP_REFUSE, /* return k, or A = other, by the same */
	STEP_ALU,    /* A op k */
	STEP_ALU_X,
	STEP_NEG,
	STEP_TAX,
	STEP_TXA,
	STEP_LEN,
	STEP_LEN_X,
	STEP_IMM,
	STEP_IMM_X,
	STEP_STORE,
	STEP_STORE_X,
	STEP_FETCH,
	STEP_FETCH_X,
	STEP_JUMP, /* A op k */
	STEP_JUMP_X,
	STEP_GO,
	STEP_RETURN,
	STEP_RETURN_A,
	STEP_KINDS,
};

/* What one or a few instructions do. */
struct step {
	enum step_kind kind;
	uint16_t op;
	unsigned field, cell;
	uint32_t k, other;
	unsigned yes, no; /* steps to go to */
};

struct steps {
	struct step v[STEPS_MAX];
	unsigned n;
};

struct few_code {
	struct sock_filter v[FEW_CODE_MAX];
	size_t n;
};

/* What is random below depends on the seed alone. */
void few_bits_seed(uint64_t seed);

void fields_choose(struct few_fields *fields);

/* How many calls can be told apart, and one of them; all that nothing looks
 * at is random. */
unsigned fields_count(const struct few_fields *fields);
void fields_call(const struct few_fields *fields, unsigned index,
		 struct seccomp_data *data);

void steps_choose(const struct few_fields *fields, struct steps *steps);

/* Changes something, which need not change what is decided. */
void steps_spoil(const struct few_fields *fields, struct steps *steps);

/* As instructions; forms other than 0 choose some that differ but do the
 * same. */
void steps_write(const struct few_fields *fields, const struct steps *steps,
		 uint64_t forms, struct few_code *code);

#endif
