/* The kernel's allow cache. */
#ifndef TESTS_CACHE_WALK_H
#define TESTS_CACHE_WALK_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The kernel's walk over a filter at its installation (Linux 5.11 and later,
 * kernel/seccomp.c, seccomp_is_const_allow): number and arch are known, any
 * other instruction ends it, and calls for which it ends in a plain ALLOW
 * never run the filter.
 */
static inline bool
cache_allows(const struct sock_filter *code, size_t count, uint32_t arch,
	     uint32_t number)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		bool jump;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k == offsetof(struct seccomp_data, nr))
				a = number;
			else if (insn->k == offsetof(struct seccomp_data, arch))
				a = arch;
			else
				return false;
			continue;
		case BPF_RET | BPF_K:
			return insn->k == SECCOMP_RET_ALLOW;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = a == insn->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = a >= insn->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = a > insn->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = a & insn->k;
			break;
		default:
			return false;
		}
		pc += jump ? insn->jt : insn->jf;
	}
	return false;
}

#endif
