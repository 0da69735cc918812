#include "compiler.h"

#include <linux/audit.h>
#include <stdio.h>
#include <string.h>

#include "disasm.h"

/* Programs for other machines can be listed too. */
static const struct {
	uint32_t token;
	const char *name;
} other_archs[] = {
	{ AUDIT_ARCH_AARCH64, "AUDIT_ARCH_AARCH64" },
	{ AUDIT_ARCH_ARM, "AUDIT_ARCH_ARM" },
	{ AUDIT_ARCH_ARMEB, "AUDIT_ARCH_ARMEB" },
	{ AUDIT_ARCH_M68K, "AUDIT_ARCH_M68K" },
	{ AUDIT_ARCH_MIPS, "AUDIT_ARCH_MIPS" },
	{ AUDIT_ARCH_MIPSEL, "AUDIT_ARCH_MIPSEL" },
	{ AUDIT_ARCH_MIPS64, "AUDIT_ARCH_MIPS64" },
	{ AUDIT_ARCH_MIPS64N32, "AUDIT_ARCH_MIPS64N32" },
	{ AUDIT_ARCH_MIPSEL64, "AUDIT_ARCH_MIPSEL64" },
	{ AUDIT_ARCH_MIPSEL64N32, "AUDIT_ARCH_MIPSEL64N32" },
	{ AUDIT_ARCH_PARISC, "AUDIT_ARCH_PARISC" },
	{ AUDIT_ARCH_PARISC64, "AUDIT_ARCH_PARISC64" },
	{ AUDIT_ARCH_PPC, "AUDIT_ARCH_PPC" },
	{ AUDIT_ARCH_PPC64, "AUDIT_ARCH_PPC64" },
	{ AUDIT_ARCH_PPC64LE, "AUDIT_ARCH_PPC64LE" },
	{ AUDIT_ARCH_RISCV32, "AUDIT_ARCH_RISCV32" },
	{ AUDIT_ARCH_RISCV64, "AUDIT_ARCH_RISCV64" },
	{ AUDIT_ARCH_S390, "AUDIT_ARCH_S390" },
	{ AUDIT_ARCH_S390X, "AUDIT_ARCH_S390X" },
	{ AUDIT_ARCH_SH, "AUDIT_ARCH_SH" },
	{ AUDIT_ARCH_SPARC64, "AUDIT_ARCH_SPARC64" },
#ifdef AUDIT_ARCH_LOONGARCH64
	{ AUDIT_ARCH_LOONGARCH64, "AUDIT_ARCH_LOONGARCH64" },
#endif
};

static const char *
arch_name(uint32_t token)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token)
			return arch_table[i]->audit_name;
	for (size_t i = 0; i < LENGTH(other_archs); i++)
		if (other_archs[i].token == token)
			return other_archs[i].name;
	return NULL;
}

void
disasm_arg_name(struct buf *buf, const struct facts *f, const char *before)
{
	size_t arg = (f->word - OFFSET_ARGS) / 2;
	const struct syscall_name *call;
	const struct syscall_args *args;
	enum abi abi = ABI_COUNT;

	if (f->word < OFFSET_ARGS)
		return;
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (f->abis == 1u << i)
			abi = (enum abi)i;
	if (abi == ABI_COUNT || f->low != f->high)
		return;
	call = syscall_find_number(abi, f->low & ~facts_abi_bits(abi));
	if (!call)
		return;
	args = &call->args[abi];
	if (args->known && arg < args->count)
		buf_printf(buf, "%s%s of %s", before,
			   syscall_arg_name(args, arg), call->name);
}

void
disasm_word(struct buf *buf, const struct facts *f)
{
	size_t arg = (f->word - OFFSET_ARGS) / 2;
	const char *half = f->word % 2 ? "high" : "low";

	if (f->word == OFFSET_NR)
		buf_printf(buf, "nr");
	else if (f->word == OFFSET_ARCH)
		buf_printf(buf, "arch");
	else if (f->word < OFFSET_ARGS)
		buf_printf(buf, "ip.%s", half);
	else
		buf_printf(buf, "args[%zu].%s", arg, half);
	if (f->mask != UINT32_MAX)
		buf_printf(buf, " & 0x%x", f->mask);
}

static void
write_word(struct buf *buf, const struct facts *f)
{
	disasm_word(buf, f);
	disasm_arg_name(buf, f, ", ");
}

/*
 * The syscalls that a constant means, each with its ABI unless only one is
 * possible.  Returns false, having written nothing, if there is none.
 */
static bool
write_syscalls(struct buf *buf, const struct facts *f, const char *relation,
	       uint32_t k)
{
	uint32_t fits = k & ~f->mask ? 0 : f->abis;
	bool any = false;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!facts_abi_fits((enum abi)i, k, f->mask))
			fits &= ~(1u << i);
	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t bits = facts_abi_bits((enum abi)i);
		const struct syscall_name *call;

		/* The number must be known in full. */
		if (!(fits & 1u << i) || (f->mask | bits) != UINT32_MAX)
			continue;
		call = syscall_find_number((enum abi)i, k & ~bits);
		if (!call)
			continue;
		buf_printf(buf, "%s", any ? ", " : relation);
		/* x32 always shows: its numbers are those of x86_64. */
		if (fits != 1u << i || arch_table[i]->number_bit)
			buf_printf(buf, "%s ", arch_table[i]->name);
		buf_printf(buf, "%s", call->name);
		any = true;
	}
	return any;
}

bool
disasm_constant(struct buf *buf, const struct facts *f,
		const struct sock_filter *insn)
{
	uint16_t op = BPF_OP(insn->code);
	const char *relation = op == BPF_JGE   ? ">= "
			       : op == BPF_JGT ? "> "
					       : "";

	if (BPF_SRC(insn->code) != BPF_K || op == BPF_JSET)
		return false;
	if (f->word == OFFSET_ARCH && f->mask == UINT32_MAX &&
	    arch_name(insn->k)) {
		buf_printf(buf, "%s%s", relation, arch_name(insn->k));
		return true;
	}
	return f->word == OFFSET_NR &&
	       write_syscalls(buf, f, relation, insn->k);
}

static void
write_comment(struct buf *buf, const struct facts *f, bool reachable,
	      const struct sock_filter *insn)
{
	const struct bpf_op *op = bpf_op(insn->code);
	struct facts after = *f;
	char action[32];

	if (!reachable)
		buf_printf(buf, "unreachable%s",
			   insn->code == (BPF_RET | BPF_K) ? ", " : "");
	if (insn->code == (BPF_RET | BPF_K)) {
		action_print(action, insn->k);
		buf_printf(buf, "%s", action);
	} else if (f->reached && op->operand == OPERAND_WORD) {
		facts_step(&after, insn);
		write_word(buf, &after);
	} else if (f->reached && op->branch && f->word != FACTS_NO_WORD &&
		   !disasm_constant(buf, f, insn)) {
		write_word(buf, f);
	}
}

struct listing {
	const struct sock_filter *code;
	size_t count;
	unsigned *labels; /* by instruction, from 1; 0: none */
	unsigned label_count;
};

static void
find_labels(struct listing *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct sock_filter *insn = &l->code[i];
		const struct bpf_op *op = bpf_op(insn->code);

		if (op->branch && insn->jt)
			l->labels[i + 1 + insn->jt] = 1;
		if (op->branch && insn->jf)
			l->labels[i + 1 + insn->jf] = 1;
		if (op->operand == OPERAND_TARGET && insn->k)
			l->labels[i + 1 + insn->k] = 1;
	}
	for (size_t i = 0; i < l->count; i++)
		if (l->labels[i])
			l->labels[i] = ++l->label_count;
}

static void
print_label(char out[16], const struct listing *l, size_t i, uint32_t offset)
{
	if (offset)
		snprintf(out, 16, "L%u", l->labels[i + 1 + offset]);
	else
		snprintf(out, 16, "next");
}

void
disasm_operand(char out[24], const struct sock_filter *insn)
{
	const struct bpf_op *op = bpf_op(insn->code);

	out[0] = '\0';
	if (BPF_CLASS(insn->code) == BPF_MISC || op->operand == OPERAND_NONE ||
	    op->operand == OPERAND_TARGET)
		return;
	if (op->operand == OPERAND_WORD)
		snprintf(out, 24, "[%u]", insn->k);
	else if (op->operand == OPERAND_MEM || op->operand == OPERAND_STORE)
		snprintf(out, 24, "M[%u]", insn->k);
	else if (op->operand == OPERAND_LEN)
		snprintf(out, 24, "len");
	else if (op->operand == OPERAND_A || op->operand == OPERAND_X)
		snprintf(out, 24, op->operand == OPERAND_A ? "a" : "x");
	else if (BPF_CLASS(insn->code) == BPF_RET)
		snprintf(out, 24, "#0x%08x", insn->k);
	else if (op->bits || insn->k > 9999)
		snprintf(out, 24, "#0x%x", insn->k);
	else
		snprintf(out, 24, "#%u", insn->k);
}

static void
print_operands(char out[64], const struct listing *l, size_t i)
{
	const struct sock_filter *insn = &l->code[i];
	const struct bpf_op *op = bpf_op(insn->code);
	char operand[24], yes[16], no[16];

	disasm_operand(operand, insn);
	snprintf(out, 64, "%s", operand);
	if (op->operand == OPERAND_TARGET)
		print_label(out, l, i, insn->k);
	if (!op->branch)
		return;
	print_label(yes, l, i, insn->jt);
	print_label(no, l, i, insn->jf);
	snprintf(out, 64, "%s, %s, %s", operand, yes, no);
}

/* Index, label, mnemonic, operands, comment; no blanks at the end. */
static void
write_line(struct buf *buf, const struct listing *l, size_t i, int width,
	   const char *comment)
{
	char number[24], label[16] = "", operands[64];
	int index = snprintf(number, sizeof(number), "%zu", l->count - 1);
	int labels = snprintf(number, sizeof(number), "L%u:", l->label_count);

	if (l->labels[i])
		snprintf(label, sizeof(label), "L%u:", l->labels[i]);
	print_operands(operands, l, i);
	buf_printf(buf, "%*zu  ", index, i);
	if (l->label_count)
		buf_printf(buf, "%-*s ", labels, label);
	buf_printf(buf, "%-4s", bpf_op(l->code[i].code)->mnemonic);
	if (*comment)
		buf_printf(buf, "  %-*s  ; %s", width, operands, comment);
	else if (*operands)
		buf_printf(buf, "  %s", operands);
	while (buf->data[buf->len - 1] == ' ')
		buf->data[--buf->len] = '\0';
	buf_append(buf, "\n", 1);
}

void
disasm_write(struct buf *buf, struct arena *arena,
	     const struct sock_filter *code, size_t count)
{
	struct listing l = { .code = code, .count = count };
	struct facts *facts = arena_alloc(arena, count * sizeof(*facts));
	bool *reachable = arena_alloc(arena, count * sizeof(*reachable));
	struct buf comment = { .arena = arena };
	int width = 0;

	l.labels = arena_alloc(arena, count * sizeof(*l.labels));
	find_labels(&l);
	facts_find(facts, code, count);
	bpf_reachable(code, count, reachable);
	for (size_t i = 0; i < count; i++) {
		char operands[64];

		print_operands(operands, &l, i);
		if ((int)strlen(operands) > width)
			width = (int)strlen(operands);
	}
	for (size_t i = 0; i < count; i++) {
		comment.len = 0;
		buf_append(&comment, "", 0);
		write_comment(&comment, &facts[i], reachable[i], &code[i]);
		write_line(buf, &l, i, width, comment.data);
	}
}
