/*
 * Inside of programs as functions: what symbolic.c, context.c and region.c
 * share.
 */
#ifndef SECCOMPC_SYMBOLIC_H
#define SECCOMPC_SYMBOLIC_H

#include "vector.h"

enum value_kind {
	VALUE_CONSTANT, /* k */
	VALUE_WORD,	/* word & k, of struct seccomp_data */
	VALUE_VECTOR,	/* vectors[k] */
};

/* Compared as memory, so it has no padding. */
struct value {
	uint16_t kind, word;
	uint32_t k;
};

/* A, X and M[], by their bit in the sets of what is read. */
enum { REG_A, REG_X, REG_CELL, REG_COUNT = REG_CELL + BPF_MEMWORDS };

struct registers {
	struct value v[REG_COUNT];
};

/* What is known of words: each value that leads here is first to last. */
enum { FACTS = 4 };

struct facts {
	struct fact {
		uint32_t word, first, last;
	} v[FACTS];
	uint32_t n;
};

enum context_kind {
	CONTEXT_PLAIN,	/* one instruction */
	CONTEXT_REGION, /* all that looks at one word from here on */
};

struct context {
	uint32_t next;	 /* of this instruction, + 1; 0: none */
	uint32_t values; /* where those of the registers that are read are */
	uint16_t kind, word;
	uint32_t yes, no; /* of what follows; no: of a branch.  Of a region:
			     its first piece, and how many there are */
	struct value operand;
	struct facts facts;
	dd node;	  /* right for the calls that come here */
};

/* A region ends in a context where its word is first or more, up to the next
 * piece. */
struct piece {
	uint32_t first, context;
};

/* Values of a word; a list by index + 1.  At the end of a region, last is the
 * context. */
struct interval {
	uint32_t first, last, next;
};

/* An instruction of a region: A is the word & mask, for these values. */
struct arrival {
	uint32_t mask;
	uint32_t head, tail; /* intervals */
	uint32_t next;	     /* of this instruction, + 1 */
};

struct machine {
	struct dd_set *set;
	const struct sock_filter *code;
	size_t count;
	bool raw;
	uint32_t *reads; /* by pc: registers read from here on */
	uint32_t *first; /* by pc: its contexts, + 1; 0: none */
	VEC(struct context) contexts;
	VEC(struct value) values;
	VEC(struct vector) vectors;
	/* Of the region that is being read. */
	uint32_t *arrived;     /* by pc: its arrivals, + 1; 0: none */
	uint64_t *waiting;     /* bit by pc: there are some */
	VEC(struct arrival) arrivals;
	VEC(struct interval) intervals;
	uint32_t ends[32]; /* sorted lists */
	size_t runs; /* more than there were, that masks made */
	uint16_t word;
	struct facts facts;
	VEC(struct piece) pieces; /* of all regions */
	VEC(struct dd_range) ranges;
};

/* context.c: which registers matter at an instruction, and what is known. */

/* Whether an instruction reads X; the register that it sets, or REG_COUNT. */
bool context_uses_x(const struct sock_filter *insn);
unsigned context_sets(const struct sock_filter *insn);

/* Fills m->reads, from the end on. */
void context_find_reads(struct machine *m);

/* The context of pc with these registers, where calls come with these facts. */
uint32_t context_arrive(struct machine *m, size_t pc,
			const struct registers *after,
			const struct facts *facts);

/* The registers of a context; those that are not read are 0. */
struct registers context_registers(const struct machine *m, size_t pc,
				   const struct context *c);

/* What is known where a word is from first to last as well. */
struct facts facts_with(const struct facts *before, uint16_t word,
			uint32_t first, uint32_t last);

/* What is known of a word. */
struct fact facts_of(const struct facts *facts, uint16_t word);

/* region.c: instructions that look at one word. */

/* Whether an instruction begins a region, with its registers; *word then is
 * what it looks at. */
bool region_begins(const struct machine *m, size_t pc,
		   const struct registers *r, uint16_t *word);

/* Reads a region on the way down: to contexts that come after it. */
void region_read(struct machine *m, size_t pc, uint32_t index,
		 const struct registers *r);

/* Its function, once these contexts have theirs. */
dd region_finish(struct machine *m, const struct context *c);

#endif
