/*
 * Random programs, most of them such as the kernel takes.  SECCOMPC_SEED in
 * the environment repeats or varies a run.
 */
#ifndef TESTS_RANDOM_BPF_H
#define TESTS_RANDOM_BPF_H

#include <stdio.h>
#include <stdlib.h>

#include "compiler.h"

enum { PROGRAM_MAX = 48 };

struct test_program {
	struct sock_filter code[PROGRAM_MAX];
	size_t count;
};

static uint64_t random_state;

static inline void
random_init(void)
{
	const char *seed = getenv("SECCOMPC_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) : 1;
	printf("SECCOMPC_SEED=%llu\n", (unsigned long long)random_state);
}

/* splitmix64 */
static inline uint32_t
random_word(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)(z >> 32);
}

static inline uint32_t
below(uint32_t limit)
{
	return random_word() % limit;
}

static inline uint32_t
random_constant(void)
{
	static const uint32_t edges[] = {
		0,	    1,		2,	    3,		4,
		15,	    16,		31,	    32,		60,
		63,	    64,		65,	    255,	0x3fffffff,
		0x40000000, 0x7fffffff, 0x80000000, 0xc000003e, 0xfffff000,
		0xfffffffe, 0xffffffff,
	};

	return below(3) ? edges[below(LENGTH(edges))] : random_word();
}

/* The opcodes of the kernel's list, so that most programs are nearly good. */
static const uint8_t opcodes_known[] = {
	0x20, 0x20, 0x20, 0x80, 0x81, 0x00, 0x01, 0x60, 0x61, 0x02, 0x02, 0x03,
	0x03, 0x04, 0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54,
	0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84, 0xa4, 0xac, 0x05, 0x15, 0x1d, 0x25,
	0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07, 0x87,
};

/* An instruction that fits at a place with left instructions after it. */
static inline struct sock_filter
random_instruction(size_t left, uint32_t cells)
{
	struct sock_filter insn = {
		.code = opcodes_known[below(LENGTH(opcodes_known))],
		.jt = (uint8_t)below((uint32_t)left),
		.jf = below(2) ? 0 : (uint8_t)below((uint32_t)left),
		.k = random_constant(),
	};

	switch (insn.code) {
	case 0x20:
		insn.k = 4 * below(16);
		break;
	case 0x02:
	case 0x03:
	case 0x60:
	case 0x61:
		insn.k = below(cells);
		break;
	case 0x34:
		insn.k |= 1;
		break;
	case 0x64:
	case 0x74:
		insn.k %= 32;
		break;
	case 0x05:
		insn.k = below((uint32_t)left);
		break;
	}
	return insn;
}

static inline void
random_program(struct test_program *p)
{
	/* With few cells, most of them are written. */
	uint32_t cells = 1 + below(3);

	p->count = 1 + below(PROGRAM_MAX - 1);
	for (size_t i = 0; i + 1 < p->count; i++)
		p->code[i] = random_instruction(p->count - i - 1, cells);
	p->code[p->count - 1] = (struct sock_filter)BPF_STMT(
		BPF_RET | (below(2) ? BPF_K : BPF_A), random_word());
	/* Begin with a few stores, or not. */
	for (uint32_t i = 0, n = below(cells + 1); i < n; i++)
		if (i + 1 < p->count)
			p->code[i] = (struct sock_filter)BPF_STMT(BPF_ST, i);
}

static inline void
print_program(const struct sock_filter *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		printf("%3zu: 0x%04x %3u %3u 0x%08x\n", i, code[i].code,
		       code[i].jt, code[i].jf, code[i].k);
}

#endif
