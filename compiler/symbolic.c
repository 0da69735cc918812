#include "symbolic.h"

#include <string.h>

/*
 * A program as a function, read as the kernel runs it
 * (Documentation/networking/filter.rst, kernel/bpf/core.c).
 *
 * Jumps go forward only.  On the way down each instruction is met in one or
 * more contexts: what A, X and M[] are there, as expressions over the call,
 * as far as they are still read from there on.  On the way up each context
 * gets its function; a branch chooses between the functions of two contexts.
 *
 *	pc  0  ld  [0]       context: nothing
 *	    1  jeq #2, L1    context: A = number
 *	    2  ret ERRNO     context: nothing, so one for all ways here
 *	L1: 3  ld  [16]      context: nothing
 */

static const struct value zero;

static struct value
constant(uint32_t k)
{
	return (struct value){ VALUE_CONSTANT, 0, k };
}

static struct vector
to_vector(struct machine *m, struct value v)
{
	switch (v.kind) {
	case VALUE_CONSTANT:
		return vector_constant(v.k);
	case VALUE_WORD:
		return vector_word(m->set, v.word, v.k);
	default:
		return m->vectors.v[v.k];
	}
}

/* Equal vectors are one, so that contexts compare. */
static struct value
from_vector(struct machine *m, const struct vector *vector)
{
	uint32_t k;

	if (vector_is_constant(vector, &k))
		return constant(k);
	for (size_t i = 0; i < m->vectors.n; i++) {
		dd_step(m->set);
		if (!memcmp(&m->vectors.v[i], vector, sizeof(*vector)))
			return (struct value){ VALUE_VECTOR, 0, (uint32_t)i };
	}
	*vec_push(&m->set->arena, &m->vectors) = *vector;
	return (struct value){ VALUE_VECTOR, 0, (uint32_t)m->vectors.n - 1 };
}

/* A in a context of an instruction that reads it. */
static struct value
value_of_a(const struct machine *m, const struct context *c)
{
	return m->values.v[c->values];
}

/* What a load, an ALU operation or a comparison takes besides A. */
static struct value
operand(const struct sock_filter *insn, const struct registers *r)
{
	uint16_t class = BPF_CLASS(insn->code);

	if (class == BPF_LD || class == BPF_LDX) {
		switch (BPF_MODE(insn->code)) {
		case BPF_ABS:
			return (struct value){ VALUE_WORD,
					       (uint16_t)(insn->k / 4),
					       UINT32_MAX };
		case BPF_MEM:
			return r->v[REG_CELL + insn->k];
		case BPF_LEN:
			return constant(sizeof(struct seccomp_data));
		}
	}
	return context_uses_x(insn) ? r->v[REG_X] : constant(insn->k);
}

/* Whether bits of two different values are combined. */
static bool
mixes(struct value a, struct value b)
{
	return a.kind != VALUE_CONSTANT && b.kind != VALUE_CONSTANT &&
	       memcmp(&a, &b, sizeof(a)) != 0;
}

static struct value
compute(struct machine *m, uint16_t op, struct value a, struct value b)
{
	struct vector x, y, result;

	if (op == BPF_AND && a.kind == VALUE_WORD && b.kind == VALUE_CONSTANT) {
		a.k &= b.k;
		return a.k ? a : zero;
	}
	if (op == BPF_NEG)
		b = zero;
	if (mixes(a, b))
		dd_need_interleaved(m->set);
	x = to_vector(m, a);
	y = to_vector(m, b);
	result = vector_compute(m->set, op, &x, &y);
	return from_vector(m, &result);
}

/* Where the branch at pc is taken. */
static dd
branch(struct machine *m, uint16_t op, struct value a, struct value b)
{
	bool constants = b.kind == VALUE_CONSTANT;
	struct vector x, y;

	if (constants && a.kind == VALUE_WORD) {
		switch (op) {
		case BPF_JEQ:
			return dd_equals(m->set, a.word, a.k, b.k);
		case BPF_JGE:
			return dd_reaches(m->set, a.word, a.k, b.k);
		case BPF_JGT:
			return b.k == UINT32_MAX ? DD_FALSE
						 : dd_reaches(m->set, a.word,
							      a.k, b.k + 1);
		default:
			return dd_not(m->set,
				      dd_equals(m->set, a.word, a.k & b.k, 0));
		}
	}
	if (mixes(a, b))
		dd_need_interleaved(m->set);
	x = to_vector(m, a);
	y = to_vector(m, b);
	switch (op) {
	case BPF_JEQ:
		return vector_equal(m->set, &x, &y);
	case BPF_JGE:
		return vector_reaches(m->set, &x, &y);
	case BPF_JGT:
		return dd_not(m->set, vector_reaches(m->set, &y, &x));
	default:
		return vector_meets(m->set, &x, &y);
	}
}

/* Runs one instruction in one context, down to what follows it. */
static void
step(struct machine *m, size_t pc, uint32_t index)
{
	const struct sock_filter *insn = &m->code[pc];
	struct registers r = context_registers(m, pc, &m->contexts.v[index]);
	struct facts facts = m->contexts.v[index].facts;
	struct value b = operand(insn, &r);
	uint32_t yes, no = 0;
	unsigned set = context_sets(insn);

	if (region_begins(m, pc, &r, &m->contexts.v[index].word)) {
		m->contexts.v[index].kind = CONTEXT_REGION;
		region_read(m, pc, index, &r);
		return;
	}
	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		return;
	case BPF_JMP:
		if (BPF_OP(insn->code) == BPF_JA) {
			yes = context_arrive(m, pc + 1 + insn->k, &r, &facts);
			break;
		}
		yes = context_arrive(m, pc + 1 + insn->jt, &r, &facts);
		no = context_arrive(m, pc + 1 + insn->jf, &r, &facts);
		break;
	case BPF_ALU:
		/* What nobody reads may be too hard to find. */
		if (m->reads[pc + 1] >> REG_A & 1)
			r.v[REG_A] =
				compute(m, BPF_OP(insn->code), r.v[REG_A], b);
		yes = context_arrive(m, pc + 1, &r, &facts);
		break;
	default:
		if (BPF_CLASS(insn->code) == BPF_LD ||
		    BPF_CLASS(insn->code) == BPF_LDX)
			r.v[set] = b;
		else if (BPF_CLASS(insn->code) == BPF_ST ||
			 insn->code == (BPF_MISC | BPF_TAX))
			r.v[set] = r.v[REG_A];
		else
			r.v[set] = r.v[REG_X];
		yes = context_arrive(m, pc + 1, &r, &facts);
		break;
	}
	m->contexts.v[index].yes = yes;
	m->contexts.v[index].no = no;
	m->contexts.v[index].operand = b;
}

static dd
action(struct machine *m, uint32_t value)
{
	return dd_value(m->set, m->raw ? meaning_strip(value)
				       : meaning_normalise(value));
}

/* Whether all values with these bits at the top come to one action. */
static bool
is_settled(const struct machine *m, uint32_t top, unsigned bits)
{
	uint32_t first = top << bits, last = first | ((1u << bits) - 1);

	if (bits > 16)
		return !m->raw && !meaning_is_known(top, bits);
	/* Data is cut from above, if at all. */
	return meaning_strip(first) == meaning_strip(last) ||
	       (!m->raw && !meaning_is_known(first >> 16, 16));
}

/*
 * RET A: by the bits of A, from the top, as far as they are open; those
 * below can only be as they are where care is true.
 */
static dd
return_bits(struct machine *m, const struct vector *v, unsigned bits,
	    uint32_t value, dd care)
{
	dd top, rest, clear, set;

	dd_step(m->set);
	if (bits < 32 && is_settled(m, value, bits))
		return action(m, value << bits);
	top = v->bit[bits - 1];
	rest = dd_and(m->set, care, top);
	if (rest == DD_FALSE || rest == care)
		return return_bits(m, v, bits - 1,
				   value << 1 | (rest != DD_FALSE), care);
	set = return_bits(m, v, bits - 1, value << 1 | 1, rest);
	rest = dd_apply(m->set, DD_ITE, top, DD_FALSE, care);
	clear = return_bits(m, v, bits - 1, value << 1, rest);
	return dd_apply(m->set, DD_ITE, top, set, clear);
}

/* The same where A is a word, of which bits can be anything. */
static dd
return_word(struct machine *m, const struct value *a, unsigned bits,
	    uint32_t top)
{
	dd clear, set;

	dd_step(m->set);
	if (bits < 32 && is_settled(m, top, bits))
		return action(m, top << bits);
	clear = return_word(m, a, bits - 1, top << 1);
	if (!(a->k >> (bits - 1) & 1))
		return clear;
	set = return_word(m, a, bits - 1, top << 1 | 1);
	return dd_on_bit(m->set, a->word, bits - 1, clear, set);
}

static dd
finish(struct machine *m, const struct sock_filter *insn,
       const struct context *c)
{
	struct vector v;
	struct value a;
	dd result;

	if (c->kind == CONTEXT_REGION)
		return region_finish(m, c);
	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		if (BPF_RVAL(insn->code) == BPF_K)
			return action(m, insn->k);
		a = value_of_a(m, c);
		if (a.kind == VALUE_WORD && !m->set->interleaved)
			return return_word(m, &a, 32, 0);
		v = to_vector(m, value_of_a(m, c));
		return return_bits(m, &v, 32, 0, DD_TRUE);
	case BPF_JMP:
		result = m->contexts.v[c->yes].node;
		if (BPF_OP(insn->code) == BPF_JA)
			return result;
		return dd_apply(m->set, DD_ITE,
				branch(m, BPF_OP(insn->code), value_of_a(m, c),
				       c->operand),
				result, m->contexts.v[c->no].node);
	case BPF_ALU:
		result = m->contexts.v[c->yes].node;
		/* The program ends with 0, which is KILL_THREAD. */
		if (insn->code == (BPF_ALU | BPF_DIV | BPF_X)) {
			struct vector none = vector_constant(0);

			v = to_vector(m, c->operand);
			result = dd_apply(m->set, DD_ITE,
					  vector_equal(m->set, &v, &none),
					  dd_value(m->set, 0), result);
		}
		return result;
	default:
		return m->contexts.v[c->yes].node;
	}
}

static dd
run(struct dd_set *set, const struct sock_filter *code, size_t count, bool raw)
{
	struct machine m = {
		.set = set, .code = code, .count = count, .raw = raw
	};
	struct registers start = { 0 };
	struct facts none = { 0 };
	uint32_t root;

	m.reads = arena_alloc(&set->arena, count * sizeof(*m.reads));
	m.first = arena_alloc(&set->arena, count * sizeof(*m.first));
	m.arrived = arena_alloc(&set->arena, count * sizeof(*m.arrived));
	m.waiting =
		arena_alloc(&set->arena, (count / 64 + 1) * sizeof(*m.waiting));
	set->where = "instruction ";
	context_find_reads(&m);
	root = context_arrive(&m, 0, &start, &none);
	for (size_t pc = 0; pc < count; pc++) {
		set->where_index = pc;
		for (uint32_t i = m.first[pc]; i; i = m.contexts.v[i - 1].next)
			step(&m, pc, i - 1);
	}
	for (size_t pc = count; pc-- > 0;) {
		set->where_index = pc;
		for (uint32_t i = m.first[pc]; i;
		     i = m.contexts.v[i - 1].next) {
			dd node = finish(&m, &code[pc], &m.contexts.v[i - 1]);

			m.contexts.v[i - 1].node = node;
		}
	}
	return m.contexts.v[root].node;
}

dd
symbolic_run(struct dd_set *set, const struct sock_filter *code, size_t count)
{
	return run(set, code, count, false);
}

dd
symbolic_run_raw(struct dd_set *set, const struct sock_filter *code,
		 size_t count)
{
	return run(set, code, count, true);
}
