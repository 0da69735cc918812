#include "facts.h"

#include "bpf-ops.h"

uint32_t
facts_abi_bits(enum abi abi)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == arch_table[abi]->audit_token)
			bits |= -arch_table[i]->number_bit;
	return bits;
}

bool
facts_abi_fits(enum abi abi, uint32_t bits, uint32_t mask)
{
	uint32_t own = arch_table[abi]->number_bit;

	return !((own ^ bits) & mask & facts_abi_bits(abi));
}

static void
learn_arch(struct facts *f, uint32_t token, bool equal)
{
	uint32_t same = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token == token)
			same |= 1u << i;
	if (equal)
		f->abis &= same ? same : FACTS_OTHER_ABI;
	else
		f->abis &= ~same;
}

/* What a test of all 32 bits of the number says about its bounds. */
static void
learn_bounds(struct facts *f, uint16_t op, uint32_t k, bool yes)
{
	uint32_t low = 0, high = UINT32_MAX;

	if (op == BPF_JEQ && yes)
		low = high = k;
	else if (op == BPF_JEQ && k == f->low && k != UINT32_MAX)
		low = k + 1;
	else if (op == BPF_JEQ && k == f->high && k)
		high = k - 1;
	else if (op == BPF_JGE && yes)
		low = k;
	else if (op == BPF_JGE && k)
		high = k - 1;
	else if (op == BPF_JGT && !yes)
		high = k;
	else if (op == BPF_JGT && k != UINT32_MAX)
		low = k + 1;
	if (low > f->low)
		f->low = low;
	if (high < f->high)
		f->high = high;
}

/* Whether the outcome of a test on the number leaves an ABI possible. */
static bool
stays_possible(const struct facts *f, enum abi abi, uint16_t op, uint32_t k,
	       bool yes)
{
	uint32_t bits = facts_abi_bits(abi),
		 first = arch_table[abi]->number_bit;
	bool fixed; /* every number of the ABI gives the same answer */

	if (f->high < first || f->low > (first | ~bits))
		return false;
	if (op == BPF_JEQ) {
		fixed = !(f->mask & ~bits);
		return yes ? facts_abi_fits(abi, k, f->mask)
			   : !fixed || (first & f->mask) != k;
	}
	if (op == BPF_JSET) {
		fixed = !(f->mask & k & ~bits);
		return yes ? !fixed || (first & f->mask & k)
			   : !(first & f->mask & k);
	}
	return true;
}

/* The facts on one side of a jump. */
static struct facts
learn(struct facts f, const struct sock_filter *insn, bool yes)
{
	uint16_t op = BPF_OP(insn->code);

	if (BPF_SRC(insn->code) != BPF_K)
		return f;
	if (f.word == OFFSET_ARCH && op == BPF_JEQ && f.mask == UINT32_MAX)
		learn_arch(&f, insn->k, yes);
	if (f.word != OFFSET_NR)
		return f;
	if (f.mask == UINT32_MAX)
		learn_bounds(&f, op, insn->k, yes);
	f.reached = f.low <= f.high;
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!stays_possible(&f, (enum abi)i, op, insn->k, yes))
			f.abis &= ~(1u << i);
	return f;
}

/* What holds both here and there. */
static void
join(struct facts *to, const struct facts *from)
{
	if (!from->reached)
		return;
	if (!to->reached) {
		*to = *from;
		return;
	}
	to->abis |= from->abis;
	if (from->low < to->low)
		to->low = from->low;
	if (from->high > to->high)
		to->high = from->high;
	if (to->word != from->word || to->mask != from->mask)
		to->word = FACTS_NO_WORD;
}

void
facts_step(struct facts *f, const struct sock_filter *insn)
{
	uint16_t class = BPF_CLASS(insn->code);

	if (insn->code == (BPF_LD | BPF_W | BPF_ABS)) {
		f->word = (uint8_t)(insn->k / 4);
		f->mask = UINT32_MAX;
	} else if (insn->code == (BPF_ALU | BPF_AND | BPF_K)) {
		f->mask &= insn->k;
	} else if (class == BPF_LD || class == BPF_ALU ||
		   insn->code == (BPF_MISC | BPF_TXA)) {
		f->word = FACTS_NO_WORD;
	}
}

void
facts_find(struct facts *facts, const struct sock_filter *code, size_t count)
{
	facts[0] = (struct facts){
		.reached = true,
		.abis = FACTS_ALL_ABIS,
		.high = UINT32_MAX,
		.word = FACTS_NO_WORD,
	};
	for (size_t i = 0; i < count; i++) {
		const struct sock_filter *insn = &code[i];
		const struct bpf_op *op = bpf_op(insn->code);
		struct facts next = facts[i];

		if (!next.reached || BPF_CLASS(insn->code) == BPF_RET)
			continue;
		if (op->branch) {
			next = learn(facts[i], insn, true);
			join(&facts[i + 1 + insn->jt], &next);
			next = learn(facts[i], insn, false);
			join(&facts[i + 1 + insn->jf], &next);
		} else if (op->operand == OPERAND_TARGET) {
			join(&facts[i + 1 + insn->k], &next);
		} else {
			facts_step(&next, insn);
			join(&facts[i + 1], &next);
		}
	}
}
