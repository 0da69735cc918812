/* What listings and pictures say of an instruction (disasm.c). */
#ifndef SECCOMPC_DISASM_H
#define SECCOMPC_DISASM_H

#include "bpf-ops.h"
#include "facts.h"

/* Appends what A is, "args[0].low & 0x3"; f->word is a word. */
void disasm_word(struct buf *buf, const struct facts *f);

/* Appends before and "domain of socket", if A is an argument of a syscall
 * that is known; else nothing. */
void disasm_arg_name(struct buf *buf, const struct facts *f,
		     const char *before);

/*
 * Appends what the constant means that a branch compares A with: an arch, or
 * syscalls, after ">= " and the like.  False, having written nothing, if
 * nothing is known of it; f->word is a word.
 */
bool disasm_constant(struct buf *buf, const struct facts *f,
		     const struct sock_filter *insn);

/* An operand as listings have it, without jumps. */
void disasm_operand(char out[24], const struct sock_filter *insn);

#endif
