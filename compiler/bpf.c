#include "compiler.h"

#include <string.h>

#include "bpf-ops.h"

/* clang-format off */
#define OP(code, name, from) \
	[code] = { .mnemonic = name, .operand = from }
#define ALU(op, name, from, is_bits)                                       \
	[BPF_ALU | (op) | BPF_K] =                                         \
		{ .mnemonic = name, .operand = from, .bits = is_bits },    \
	[BPF_ALU | (op) | BPF_X] = { .mnemonic = name, .operand = OPERAND_X }
#define BRANCH(op, name, is_bits)                                          \
	[BPF_JMP | (op) | BPF_K] = { .mnemonic = name, .branch = true,     \
				     .operand = OPERAND_K, .bits = is_bits }, \
	[BPF_JMP | (op) | BPF_X] = { .mnemonic = name, .branch = true,     \
				     .operand = OPERAND_X }

static const struct bpf_op ops[] = {
	OP(BPF_LD | BPF_W | BPF_ABS, "ld", OPERAND_WORD),
	OP(BPF_LD | BPF_W | BPF_LEN, "ld", OPERAND_LEN),
	OP(BPF_LD | BPF_IMM, "ld", OPERAND_K),
	OP(BPF_LD | BPF_MEM, "ld", OPERAND_MEM),
	OP(BPF_LDX | BPF_W | BPF_LEN, "ldx", OPERAND_LEN),
	OP(BPF_LDX | BPF_IMM, "ldx", OPERAND_K),
	OP(BPF_LDX | BPF_MEM, "ldx", OPERAND_MEM),
	OP(BPF_ST, "st", OPERAND_STORE),
	OP(BPF_STX, "stx", OPERAND_STORE),
	ALU(BPF_ADD, "add", OPERAND_K, false),
	ALU(BPF_SUB, "sub", OPERAND_K, false),
	ALU(BPF_MUL, "mul", OPERAND_K, false),
	ALU(BPF_DIV, "div", OPERAND_DIVISOR, false),
	ALU(BPF_AND, "and", OPERAND_K, true),
	ALU(BPF_OR, "or", OPERAND_K, true),
	ALU(BPF_XOR, "xor", OPERAND_K, true),
	ALU(BPF_LSH, "lsh", OPERAND_SHIFT, false),
	ALU(BPF_RSH, "rsh", OPERAND_SHIFT, false),
	OP(BPF_ALU | BPF_NEG, "neg", OPERAND_NONE),
	OP(BPF_JMP | BPF_JA, "ja", OPERAND_TARGET),
	BRANCH(BPF_JEQ, "jeq", false),
	BRANCH(BPF_JGT, "jgt", false),
	BRANCH(BPF_JGE, "jge", false),
	BRANCH(BPF_JSET, "jset", true),
	[BPF_RET | BPF_K] = { .mnemonic = "ret", .operand = OPERAND_K,
			      .bits = true },
	OP(BPF_RET | BPF_A, "ret", OPERAND_A),
	OP(BPF_MISC | BPF_TAX, "tax", OPERAND_A),
	OP(BPF_MISC | BPF_TXA, "txa", OPERAND_X),
};
/* clang-format on */

const struct bpf_op *
bpf_op(uint16_t code)
{
	if (code >= LENGTH(ops) || !ops[code].mnemonic)
		return NULL;
	return &ops[code];
}

/* left: the instructions after this one. */
static const char *
check_operands(const struct bpf_op *op, const struct sock_filter *insn,
	       size_t left)
{
	if (op->branch && (insn->jt >= left || insn->jf >= left))
		return "jump past the end";
	switch (op->operand) {
	case OPERAND_TARGET:
		return insn->k >= left ? "jump past the end" : NULL;
	case OPERAND_DIVISOR:
		return insn->k == 0 ? "division by 0" : NULL;
	case OPERAND_SHIFT:
		return insn->k >= 32 ? "shift by 32 or more" : NULL;
	case OPERAND_MEM:
	case OPERAND_STORE:
		return insn->k >= BPF_MEMWORDS ? "there is no M[k] past M[15]"
					       : NULL;
	case OPERAND_WORD:
		if (insn->k >= sizeof(struct seccomp_data))
			return "load past the end of struct seccomp_data";
		return insn->k % 4 ? "k is not a multiple of 4" : NULL;
	default:
		return NULL;
	}
}

/*
 * What check_load_and_stores in net/core/filter.c does, which is a little
 * stricter than every path: a RET does not end a path, so the cells written
 * before it must also suffice for what follows it in the program.
 */
static bool
check_cells(const struct sock_filter *code, size_t count, size_t *at)
{
	uint16_t masks[BPF_MAXINSNS], valid = 0;

	memset(masks, 0xff, count * sizeof(*masks));
	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		const struct bpf_op *op = bpf_op(insn->code);

		valid &= masks[pc];
		if (op->operand == OPERAND_STORE) {
			valid |= (uint16_t)(1u << insn->k);
		} else if (op->operand == OPERAND_MEM) {
			*at = pc;
			if (!(valid & 1u << insn->k))
				return false;
		} else if (op->operand == OPERAND_TARGET) {
			masks[pc + 1 + insn->k] &= valid;
			valid = UINT16_MAX;
		} else if (op->branch) {
			masks[pc + 1 + insn->jt] &= valid;
			masks[pc + 1 + insn->jf] &= valid;
			valid = UINT16_MAX;
		}
	}
	return true;
}

const char *
bpf_check(const struct sock_filter *code, size_t count, size_t *at)
{
	*at = count;
	if (count == 0)
		return "no instructions";
	if (count > BPF_MAXINSNS)
		return "more than 4096 instructions";
	for (size_t pc = 0; pc < count; pc++) {
		const struct bpf_op *op = bpf_op(code[pc].code);
		const char *wrong;

		*at = pc;
		if (!op)
			return "not an opcode that seccomp takes";
		wrong = check_operands(op, &code[pc], count - pc - 1);
		if (wrong)
			return wrong;
	}
	if (BPF_CLASS(code[count - 1].code) != BPF_RET)
		return "the last instruction is not RET K or RET A";
	if (!check_cells(code, count, at))
		return "M[k] is read but not written on every path";
	return NULL;
}

/* bpf_convert_filter, net/core/filter.c. */
static size_t
converted(const struct sock_filter *insn)
{
	const struct bpf_op *op = bpf_op(insn->code);
	size_t length = 1;

	if (insn->code == (BPF_RET | BPF_K))
		return 2;
	if (insn->code == (BPF_ALU | BPF_DIV | BPF_X))
		return 5;
	if (!op || !op->branch)
		return 1;
	/* An immediate is signed there: a large one goes through a register. */
	if (op->operand == OPERAND_K && insn->k >> 31)
		length++;
	/* There is no opposite of JSET, else one zero offset is free. */
	if (insn->jf && (insn->jt || BPF_OP(insn->code) == BPF_JSET))
		length++;
	return length;
}

size_t
bpf_converted_length(const struct sock_filter *code, size_t count)
{
	size_t length = 3; /* clears A and X, keeps the context */

	for (size_t pc = 0; pc < count; pc++)
		length += converted(&code[pc]);
	return length;
}

struct machine {
	uint32_t a, x, cells[BPF_MEMWORDS];
	const struct seccomp_data *data;
};

static uint32_t
operand(const struct machine *m, const struct sock_filter *insn)
{
	uint32_t word;

	switch (bpf_op(insn->code)->operand) {
	case OPERAND_A:
		return m->a;
	case OPERAND_X:
		return m->x;
	case OPERAND_LEN:
		return sizeof(struct seccomp_data);
	case OPERAND_WORD:
		memcpy(&word, (const char *)m->data + insn->k, sizeof(word));
		return word;
	case OPERAND_MEM:
		return m->cells[insn->k];
	default:
		return insn->k;
	}
}

/* b is not 0 for DIV. */
static uint32_t
compute(uint16_t code, uint32_t a, uint32_t b)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return a / b;
	case BPF_AND:
		return a & b;
	case BPF_OR:
		return a | b;
	case BPF_XOR:
		return a ^ b;
	/* Shifts by X: the interpreter and the JITs take X modulo 32. */
	case BPF_LSH:
		return a << (b & 31);
	case BPF_RSH:
		return a >> (b & 31);
	default:
		return -a;
	}
}

size_t
bpf_jump(const struct sock_filter *insn, uint32_t a, uint32_t b)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == b ? insn->jt : insn->jf;
	case BPF_JGT:
		return a > b ? insn->jt : insn->jf;
	case BPF_JGE:
		return a >= b ? insn->jt : insn->jf;
	case BPF_JSET:
		return a & b ? insn->jt : insn->jf;
	default:
		return insn->k;
	}
}

/* path, if not NULL, takes the instructions that are executed. */
static inline uint32_t
run(const struct sock_filter *code, size_t count,
    const struct seccomp_data *data, unsigned *executed, uint16_t *path)
{
	struct machine m = { .data = data };

	*executed = 0;
	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		uint32_t value = operand(&m, insn);

		if (path)
			path[*executed] = (uint16_t)pc;
		++*executed;
		switch (BPF_CLASS(insn->code)) {
		case BPF_LD:
			m.a = value;
			break;
		case BPF_LDX:
			m.x = value;
			break;
		case BPF_ST:
			m.cells[insn->k] = m.a;
			break;
		case BPF_STX:
			m.cells[insn->k] = m.x;
			break;
		case BPF_ALU:
			/* The program ends; 0 is KILL_THREAD. */
			if (BPF_OP(insn->code) == BPF_DIV && value == 0)
				return 0;
			m.a = compute(insn->code, m.a, value);
			break;
		case BPF_JMP:
			pc += bpf_jump(insn, m.a, value);
			break;
		case BPF_RET:
			return value;
		case BPF_MISC:
			if (insn->code == (BPF_MISC | BPF_TAX))
				m.x = value;
			else
				m.a = value;
			break;
		}
	}
	return SECCOMP_RET_KILL_THREAD;
}

uint32_t
bpf_run(const struct sock_filter *code, size_t count,
	const struct seccomp_data *data, unsigned *executed)
{
	unsigned ignored;

	return run(code, count, data, executed ? executed : &ignored, NULL);
}

uint32_t
bpf_trace(const struct sock_filter *code, size_t count,
	  const struct seccomp_data *data, unsigned *executed, uint16_t *path)
{
	return run(code, count, data, executed, path);
}

void
bpf_reachable(const struct sock_filter *code, size_t count, bool *reachable)
{
	memset(reachable, 0, count * sizeof(*reachable));
	if (count)
		reachable[0] = true;
	for (size_t pc = 0; pc < count; pc++) {
		const struct sock_filter *insn = &code[pc];
		const struct bpf_op *op = bpf_op(insn->code);

		if (!reachable[pc] || BPF_CLASS(insn->code) == BPF_RET)
			continue;
		if (op->branch) {
			reachable[pc + 1 + insn->jt] = true;
			reachable[pc + 1 + insn->jf] = true;
		} else if (op->operand == OPERAND_TARGET) {
			reachable[pc + 1 + insn->k] = true;
		} else {
			reachable[pc + 1] = true;
		}
	}
}
