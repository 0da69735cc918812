#include "few-bits.h"

#include <stdlib.h>
#include <string.h>

#include "random-bpf.h"

/* Cells that no step reads. */
enum { SPARE = 15, SPARE_A = 14, UNUSED = 12 };

/* Where a jump goes if not to a step: to the next instruction. */
enum { NEXT = STEPS_MAX };

struct jump {
	size_t at;
	unsigned yes, no;
};

struct writer {
	const struct few_fields *fields;
	struct few_code *code;
	size_t start[STEPS_MAX];
	struct jump jumps[FEW_CODE_MAX];
	size_t jump_count;
	unsigned form; /* of the step being written; 0: the plain one */
};

static void
put(struct writer *w, uint16_t code, uint32_t k)
{
	if (w->code->n == FEW_CODE_MAX)
		abort();
	w->code->v[w->code->n++] = (struct sock_filter){ code, 0, 0, k };
}

static void
put_jump(struct writer *w, uint16_t op, uint32_t k, unsigned yes, unsigned no)
{
	w->jumps[w->jump_count++] = (struct jump){ w->code->n, yes, no };
	put(w, BPF_JMP | op, k);
}

/* An operation by way of X, which is kept. */
static void
put_by_x(struct writer *w, uint16_t op, uint32_t k)
{
	put(w, BPF_STX, SPARE);
	put(w, BPF_LDX | BPF_IMM, k);
	put(w, BPF_ALU | op | BPF_X, 0);
	put(w, BPF_LDX | BPF_MEM, SPARE);
}

static void
put_two(struct writer *w, uint16_t op, uint32_t k, uint16_t op2, uint32_t k2)
{
	put(w, BPF_ALU | op | BPF_K, k);
	put(w, BPF_ALU | op2 | BPF_K, k2);
}

/* The same in arithmetic. */
static void
put_alu_otherwise(struct writer *w, uint16_t op, uint32_t k)
{
	switch (op) {
	case BPF_ADD:
		put(w, BPF_ALU | BPF_SUB | BPF_K, -k);
		break;
	case BPF_SUB:
		put(w, BPF_ALU | BPF_ADD | BPF_K, -k);
		break;
	case BPF_AND:
		put_two(w, BPF_OR, ~k, BPF_XOR, ~k);
		break;
	case BPF_OR:
		put_two(w, BPF_AND, ~k, BPF_XOR, k);
		break;
	case BPF_LSH:
		put(w, BPF_ALU | BPF_MUL | BPF_K, 1u << k);
		break;
	case BPF_RSH:
		put(w, BPF_ALU | BPF_DIV | BPF_K, 1u << k);
		break;
	case BPF_XOR:
		put_two(w, BPF_XOR, ~k, BPF_XOR, UINT32_MAX);
		break;
	default:
		put_by_x(w, op, k);
		break;
	}
}

static void
put_alu(struct writer *w, uint16_t op, uint32_t k)
{
	if (!w->form)
		put(w, BPF_ALU | op | BPF_K, k);
	else if (w->form == 1)
		put_by_x(w, op, k);
	else
		put_alu_otherwise(w, op, k);
}

/* A == k, A > k and A >= k by each other. */
static void
put_comparison_otherwise(struct writer *w, uint16_t op, uint32_t k,
			 unsigned yes, unsigned no)
{
	uint32_t part = k & random_word();

	switch (op) {
	case BPF_JEQ:
		put_jump(w, BPF_JGE | BPF_K, k, NEXT, no);
		put_jump(w, BPF_JGT | BPF_K, k, no, yes);
		break;
	case BPF_JGE:
		if (k)
			put_jump(w, BPF_JGT | BPF_K, k - 1, yes, no);
		else
			put_jump(w, BPF_JA, 0, yes, NEXT);
		break;
	case BPF_JGT:
		put_jump(w, BPF_JEQ | BPF_K, k, no, NEXT);
		put_jump(w, BPF_JGE | BPF_K, k, yes, no);
		break;
	default:
		put_jump(w, BPF_JSET | BPF_K, part, yes, NEXT);
		put_jump(w, BPF_JSET | BPF_K, k & ~part, yes, no);
		break;
	}
}

static void
put_comparison(struct writer *w, uint16_t op, uint32_t k, unsigned yes,
	       unsigned no)
{
	if (w->form)
		put_comparison_otherwise(w, op, k, yes, no);
	else
		put_jump(w, op | BPF_K, k, yes, no);
}

static void
put_comparison_x(struct writer *w, uint16_t op, unsigned yes, unsigned no)
{
	if (!w->form || op == BPF_JSET) {
		put_jump(w, op | BPF_X, 0, yes, no);
	} else if (op == BPF_JEQ) {
		put_jump(w, BPF_JGE | BPF_X, 0, NEXT, no);
		put_jump(w, BPF_JGT | BPF_X, 0, no, yes);
	} else if (op == BPF_JGE) {
		put_jump(w, BPF_JGT | BPF_X, 0, yes, NEXT);
		put_jump(w, BPF_JEQ | BPF_X, 0, yes, no);
	} else {
		put_jump(w, BPF_JEQ | BPF_X, 0, no, NEXT);
		put_jump(w, BPF_JGE | BPF_X, 0, yes, no);
	}
}

static void
put_load(struct writer *w, const struct few_field *f)
{
	put(w, BPF_LD | BPF_W | BPF_ABS, 4 * f->word);
	if (!w->form)
		put(w, BPF_ALU | BPF_AND | BPF_K, f->mask);
	else if (w->form == 1)
		put_two(w, BPF_OR, ~f->mask, BPF_XOR, ~f->mask);
	else
		put_two(w, BPF_AND, f->mask | random_word(), BPF_AND, f->mask);
}

/* A is k where the comparison holds, else other; no word is left in A. */
static void
put_choice(struct writer *w, const struct step *s)
{
	const struct few_field *f = &w->fields->v[s->field];
	uint32_t k = f->constant[s->yes];
	size_t at;

	put(w, BPF_LD | BPF_W | BPF_ABS, 4 * f->word);
	at = w->code->n;
	put(w, BPF_JMP | s->op | BPF_K, k);
	/* x > k is x >= k + 1, and x == k is not (x < k or x > k) */
	if (w->form && s->op == BPF_JGT && k != UINT32_MAX) {
		w->code->v[at].code = BPF_JMP | BPF_JGE | BPF_K;
		w->code->v[at].k = k + 1;
	} else if (w->form && s->op == BPF_JEQ) {
		w->code->v[at].code = BPF_JMP | BPF_JGE | BPF_K;
		put(w, BPF_JMP | BPF_JGT | BPF_K, k);
		w->code->v[at].jf = s->kind == STEP_REFUSE ? 2 : 3;
		at++;
		w->code->v[at].jt = s->kind == STEP_REFUSE ? 1 : 2;
		w->code->v[at].jf = 0;
	}
	if (w->code->v[at].jt == 0)
		w->code->v[at].jf = s->kind == STEP_REFUSE ? 1 : 2;
	put(w, s->kind == STEP_REFUSE ? BPF_RET | BPF_K : BPF_LD | BPF_IMM,
	    s->k);
	if (s->kind == STEP_CHOOSE)
		put(w, BPF_JMP | BPF_JA, 1);
	put(w, BPF_LD | BPF_IMM, s->other);
}

/* Through a spare cell, or at once. */
static void
put_move(struct writer *w, uint16_t code, uint16_t store, uint16_t fetch)
{
	if (w->form) {
		put(w, store, SPARE_A);
		put(w, fetch, SPARE_A);
	} else {
		put(w, code, 0);
	}
}

static void
put_return(struct writer *w, const struct step *s)
{
	if (!w->form) {
		put(w, BPF_RET | BPF_K, s->k);
		return;
	}
	put(w, BPF_LD | BPF_IMM, s->k);
	put(w, BPF_RET | BPF_A, 0);
}

/* An operand of A, and what is in X. */
static void
put_load_imm(struct writer *w, uint16_t class, uint32_t k)
{
	if (w->form && class == BPF_LD) {
		put(w, BPF_LD | BPF_IMM, k ^ 0x5a5a5a5a);
		put(w, BPF_ALU | BPF_XOR | BPF_K, 0x5a5a5a5a);
	} else {
		put(w, class | BPF_IMM, k);
	}
}

static void
put_negation(struct writer *w)
{
	if (w->form)
		put_two(w, BPF_XOR, UINT32_MAX, BPF_ADD, 1);
	else
		put(w, BPF_ALU | BPF_NEG, 0);
}

/* Nothing: dead code, a cell that nobody reads, or a branch to one place. */
static void
put_nothing(struct writer *w)
{
	switch (below(3)) {
	case 0:
		put(w, BPF_JMP | BPF_JA, 1);
		put(w, BPF_RET | BPF_K, random_word());
		break;
	case 1:
		put(w, below(2) ? BPF_ST : BPF_STX, UNUSED);
		break;
	default:
		put_jump(w, BPF_JEQ | BPF_K, random_word(), NEXT, NEXT);
		break;
	}
}

/* Where a program goes on, or ends. */
static void
put_branch(struct writer *w, const struct step *s)
{
	switch (s->kind) {
	case STEP_JUMP:
		put_comparison(w, s->op, s->k, s->yes, s->no);
		break;
	case STEP_JUMP_X:
		put_comparison_x(w, s->op, s->yes, s->no);
		break;
	case STEP_GO:
		put_jump(w, BPF_JA, 0, s->yes, NEXT);
		break;
	case STEP_RETURN:
		put_return(w, s);
		break;
	default:
		put(w, BPF_RET | BPF_A, 0);
		break;
	}
}

static void
put_step(struct writer *w, const struct step *s)
{
	switch (s->kind) {
	case STEP_LOAD:
		put_load(w, &w->fields->v[s->field]);
		break;
	case STEP_CHOOSE:
	case STEP_REFUSE:
		put_choice(w, s);
		break;
	case STEP_ALU:
		put_alu(w, s->op, s->k);
		break;
	case STEP_ALU_X:
		put(w, BPF_ALU | s->op | BPF_X, 0);
		break;
	case STEP_NEG:
		put_negation(w);
		break;
	case STEP_TAX:
		put_move(w, BPF_MISC | BPF_TAX, BPF_ST, BPF_LDX | BPF_MEM);
		break;
	case STEP_TXA:
		put_move(w, BPF_MISC | BPF_TXA, BPF_STX, BPF_LD | BPF_MEM);
		break;
	case STEP_LEN:
		put(w, w->form ? BPF_LD | BPF_IMM : BPF_LD | BPF_W | BPF_LEN,
		    64);
		break;
	case STEP_LEN_X:
		put(w, w->form ? BPF_LDX | BPF_IMM : BPF_LDX | BPF_W | BPF_LEN,
		    64);
		break;
	case STEP_IMM:
		put_load_imm(w, BPF_LD, s->k);
		break;
	case STEP_IMM_X:
		put_load_imm(w, BPF_LDX, s->k);
		break;
	case STEP_STORE:
		put(w, BPF_ST, s->cell);
		break;
	case STEP_STORE_X:
		put(w, BPF_STX, s->cell);
		break;
	case STEP_FETCH:
		put(w, BPF_LD | BPF_MEM, s->cell);
		break;
	case STEP_FETCH_X:
		put(w, BPF_LDX | BPF_MEM, s->cell);
		break;
	default:
		put_branch(w, s);
		break;
	}
}

static uint8_t
distance(const struct writer *w, size_t at, unsigned target)
{
	return target == NEXT ? 0 : (uint8_t)(w->start[target] - at - 1);
}

void
steps_write(const struct few_fields *fields, const struct steps *steps,
	    uint64_t forms, struct few_code *code)
{
	struct writer w = { .fields = fields, .code = code };

	random_state = forms;
	code->n = 0;
	/* A and X are 0 here, and cells are written before they are read. */
	for (unsigned i = 0; i < 3; i++)
		put(&w, BPF_ST, i);
	for (unsigned i = 0; i < steps->n; i++) {
		w.start[i] = code->n;
		w.form = forms ? below(3) : 0;
		if (forms && !below(6))
			put_nothing(&w);
		put_step(&w, &steps->v[i]);
	}
	for (size_t i = 0; i < w.jump_count; i++) {
		const struct jump *jump = &w.jumps[i];
		struct sock_filter *insn = &code->v[jump->at];

		if (BPF_OP(insn->code) == BPF_JA) {
			insn->k = distance(&w, jump->at, jump->yes);
			continue;
		}
		insn->jt = distance(&w, jump->at, jump->yes);
		insn->jf = distance(&w, jump->at, jump->no);
	}
}
