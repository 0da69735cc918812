/* Whether a program has what it does not need. */
#ifndef SECCOMPC_TIDY_H
#define SECCOMPC_TIDY_H

#include "compiler.h"

/*
 * Returns NULL if every instruction can be reached and every JA is one that a
 * conditional jump needs; else what is wrong with instruction *at.
 */
const char *tidy_check(const struct program *program, size_t *at);

static inline bool
tidy_is_ja(const struct sock_filter *insn)
{
	return insn->code == (BPF_JMP | BPF_JA);
}

static inline bool
tidy_is_branch(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP && !tidy_is_ja(insn);
}

#endif
