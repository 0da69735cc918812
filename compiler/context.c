#include "symbolic.h"

#include <string.h>

/* Which registers matter at an instruction, and what is known there. */

bool
context_uses_x(const struct sock_filter *insn)
{
	uint16_t class = BPF_CLASS(insn->code);

	return (class == BPF_ALU && BPF_OP(insn->code) != BPF_NEG &&
		BPF_SRC(insn->code) == BPF_X) ||
	       (class == BPF_JMP && BPF_OP(insn->code) != BPF_JA &&
		BPF_SRC(insn->code) == BPF_X) ||
	       class == BPF_STX || insn->code == (BPF_MISC | BPF_TXA);
}

static bool
uses_a(const struct sock_filter *insn)
{
	uint16_t class = BPF_CLASS(insn->code);

	return class == BPF_ALU || class == BPF_ST ||
	       (class == BPF_JMP && BPF_OP(insn->code) != BPF_JA) ||
	       insn->code == (BPF_RET | BPF_A) ||
	       insn->code == (BPF_MISC | BPF_TAX);
}

unsigned
context_sets(const struct sock_filter *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
	case BPF_ALU:
		return REG_A;
	case BPF_LDX:
		return REG_X;
	case BPF_ST:
	case BPF_STX:
		return REG_CELL + insn->k;
	case BPF_MISC:
		return BPF_MISCOP(insn->code) == BPF_TAX ? REG_X : REG_A;
	default:
		return REG_COUNT;
	}
}

void
context_find_reads(struct machine *m)
{
	for (size_t pc = m->count; pc-- > 0;) {
		const struct sock_filter *insn = &m->code[pc];
		uint16_t class = BPF_CLASS(insn->code);
		uint32_t reads = 0;
		unsigned set = context_sets(insn);

		if (class == BPF_JMP && BPF_OP(insn->code) == BPF_JA)
			reads = m->reads[pc + 1 + insn->k];
		else if (class == BPF_JMP)
			reads = m->reads[pc + 1 + insn->jt] |
				m->reads[pc + 1 + insn->jf];
		else if (class != BPF_RET)
			reads = m->reads[pc + 1];
		if (set < REG_COUNT)
			reads &= ~(1u << set);
		if (uses_a(insn))
			reads |= 1u << REG_A;
		if (context_uses_x(insn))
			reads |= 1u << REG_X;
		if ((class == BPF_LD || class == BPF_LDX) &&
		    BPF_MODE(insn->code) == BPF_MEM)
			reads |= 1u << (REG_CELL + insn->k);
		m->reads[pc] = reads;
	}
}

struct facts
facts_with(const struct facts *before, uint16_t word, uint32_t first,
	   uint32_t last)
{
	struct facts facts = { 0 };

	for (uint32_t i = 0; i < before->n; i++)
		/* The oldest one goes when there is no room. */
		if (before->v[i].word != word && (i || before->n < FACTS))
			facts.v[facts.n++] = before->v[i];
	if (first || last != UINT32_MAX)
		facts.v[facts.n++] = (struct fact){ word, first, last };
	return facts;
}

struct fact
facts_of(const struct facts *facts, uint16_t word)
{
	for (uint32_t i = 0; i < facts->n; i++)
		if (facts->v[i].word == word)
			return facts->v[i];
	return (struct fact){ word, 0, UINT32_MAX };
}

static bool
same_values(const struct machine *m, const struct context *c,
	    const struct value *values, size_t n)
{
	return !n ||
	       !memcmp(&m->values.v[c->values], values, n * sizeof(*values));
}

/* Leaves what is known on both ways to a context. */
static void
join_facts(struct facts *to, const struct facts *from)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < to->n; i++) {
		struct fact joined = to->v[i];
		uint32_t j = 0;

		while (j < from->n && from->v[j].word != joined.word)
			j++;
		if (j == from->n)
			continue;
		if (from->v[j].first < joined.first)
			joined.first = from->v[j].first;
		if (from->v[j].last > joined.last)
			joined.last = from->v[j].last;
		to->v[n++] = joined;
	}
	to->n = n;
}

uint32_t
context_arrive(struct machine *m, size_t pc, const struct registers *after,
	       const struct facts *facts)
{
	struct value values[REG_COUNT];
	size_t n = 0;
	struct context made = { .next = m->first[pc],
				.values = (uint32_t)m->values.n,
				.facts = *facts };

	for (uint32_t left = m->reads[pc]; left; left &= left - 1)
		values[n++] = after->v[__builtin_ctz(left)];
	for (uint32_t i = m->first[pc]; i; i = m->contexts.v[i - 1].next) {
		dd_step(m->set);
		if (!same_values(m, &m->contexts.v[i - 1], values, n))
			continue;
		join_facts(&m->contexts.v[i - 1].facts, facts);
		return i - 1;
	}
	if (m->contexts.n == LIMIT_PROOF_CONTEXTS)
		dd_stop(m->set, DD_TOO_MANY);
	for (size_t i = 0; i < n; i++)
		*vec_push(&m->set->arena, &m->values) = values[i];
	*vec_push(&m->set->arena, &m->contexts) = made;
	m->first[pc] = (uint32_t)m->contexts.n;
	return (uint32_t)m->contexts.n - 1;
}

struct registers
context_registers(const struct machine *m, size_t pc, const struct context *c)
{
	struct registers r = { 0 };
	const struct value *v = m->values.n ? &m->values.v[c->values] : NULL;

	for (uint32_t left = m->reads[pc]; left; left &= left - 1)
		r.v[__builtin_ctz(left)] = *v++;
	return r;
}
