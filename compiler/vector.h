/*
 * vector.c: 32 bits of which each is a diagram, and the kernel's arithmetic
 * on them (kernel/bpf/core.c; classic programs have 32-bit registers).
 */
#ifndef SECCOMPC_VECTOR_H
#define SECCOMPC_VECTOR_H

#include "prove.h"

struct vector {
	dd bit[32];	/* from the lowest on; each is a truth value */
};

struct vector vector_constant(uint32_t k);

/* word & mask of the call */
struct vector vector_word(struct dd_set *set, unsigned word, uint32_t mask);

/* If all bits are known. */
bool vector_is_constant(const struct vector *v, uint32_t *k);

/*
 * What an ALU instruction makes of A and its operand; op is BPF_OP of its
 * code.  DIV by 0 gives whatever: the program ends there.
 */
struct vector vector_compute(struct dd_set *set, uint16_t op,
			     const struct vector *a, const struct vector *b);

/* a == b, a >= b, a & b */
dd vector_equal(struct dd_set *set, const struct vector *a,
		const struct vector *b);
dd vector_reaches(struct dd_set *set, const struct vector *a,
		  const struct vector *b);
dd vector_meets(struct dd_set *set, const struct vector *a,
		const struct vector *b);

#endif
