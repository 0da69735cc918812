#include "vector.h"

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

enum value_kind {
	VALUE_CONSTANT, /* k */
	VALUE_WORD,	/* word & k, of struct seccomp_data */
	VALUE_VECTOR,	/* vectors[k] */
};

/* Compared as memory, so it has no padding. */
struct value {
	uint16_t kind, word;
	uint32_t k;
};

/* A, X and M[], by their bit in the sets of what is read. */
enum { REG_A, REG_X, REG_CELL, REG_COUNT = REG_CELL + BPF_MEMWORDS };

struct registers {
	struct value v[REG_COUNT];
};

struct context {
	struct registers before;
	uint32_t next;	  /* of this instruction, + 1; 0: none */
	uint32_t yes, no; /* of what follows; no: of a branch */
	struct value operand;
	dd node;
};

struct machine {
	struct dd_set *set;
	const struct sock_filter *code;
	size_t count;
	bool raw;
	uint32_t *reads; /* by pc: registers read from here on */
	uint32_t *first; /* by pc: its contexts, + 1; 0: none */
	VEC(struct context) contexts;
	VEC(struct vector) vectors;
};

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

static bool
uses_x(const struct sock_filter *insn)
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

/* The register that an instruction sets, or REG_COUNT. */
static unsigned
sets(const struct sock_filter *insn)
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

/* Fills m->reads, from the end on. */
static void
find_reads(struct machine *m)
{
	for (size_t pc = m->count; pc-- > 0;) {
		const struct sock_filter *insn = &m->code[pc];
		uint16_t class = BPF_CLASS(insn->code);
		uint32_t reads = 0;
		unsigned set = sets(insn);

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
		if (uses_x(insn))
			reads |= 1u << REG_X;
		if ((class == BPF_LD || class == BPF_LDX) &&
		    BPF_MODE(insn->code) == BPF_MEM)
			reads |= 1u << (REG_CELL + insn->k);
		m->reads[pc] = reads;
	}
}

/* The context of pc with these registers. */
static uint32_t
arrive(struct machine *m, size_t pc, const struct registers *after)
{
	struct context made = { .next = m->first[pc] };

	for (unsigned i = 0; i < REG_COUNT; i++)
		if (m->reads[pc] >> i & 1)
			made.before.v[i] = after->v[i];
	for (uint32_t i = m->first[pc]; i; i = m->contexts.v[i - 1].next) {
		dd_step(m->set);
		if (!memcmp(&m->contexts.v[i - 1].before, &made.before,
			    sizeof(made.before)))
			return i - 1;
	}
	if (m->contexts.n == LIMIT_PROOF_CONTEXTS)
		dd_stop(m->set, DD_TOO_MANY);
	*vec_push(&m->set->arena, &m->contexts) = made;
	m->first[pc] = (uint32_t)m->contexts.n;
	return (uint32_t)m->contexts.n - 1;
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
	return uses_x(insn) ? r->v[REG_X] : constant(insn->k);
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
	struct registers r = m->contexts.v[index].before;
	struct value b = operand(insn, &r);
	uint32_t yes, no = 0;
	unsigned set = sets(insn);

	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		return;
	case BPF_JMP:
		if (BPF_OP(insn->code) == BPF_JA) {
			yes = arrive(m, pc + 1 + insn->k, &r);
			break;
		}
		yes = arrive(m, pc + 1 + insn->jt, &r);
		no = arrive(m, pc + 1 + insn->jf, &r);
		break;
	case BPF_ALU:
		/* What nobody reads may be too hard to find. */
		if (m->reads[pc + 1] >> REG_A & 1)
			r.v[REG_A] =
				compute(m, BPF_OP(insn->code), r.v[REG_A], b);
		yes = arrive(m, pc + 1, &r);
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
		yes = arrive(m, pc + 1, &r);
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
	dd result;

	switch (BPF_CLASS(insn->code)) {
	case BPF_RET:
		if (BPF_RVAL(insn->code) == BPF_K)
			return action(m, insn->k);
		if (c->before.v[REG_A].kind == VALUE_WORD &&
		    !m->set->interleaved)
			return return_word(m, &c->before.v[REG_A], 32, 0);
		v = to_vector(m, c->before.v[REG_A]);
		return return_bits(m, &v, 32, 0, DD_TRUE);
	case BPF_JMP:
		result = m->contexts.v[c->yes].node;
		if (BPF_OP(insn->code) == BPF_JA)
			return result;
		return dd_apply(m->set, DD_ITE,
				branch(m, BPF_OP(insn->code),
				       c->before.v[REG_A], c->operand),
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
	uint32_t root;

	m.reads = arena_alloc(&set->arena, count * sizeof(*m.reads));
	m.first = arena_alloc(&set->arena, count * sizeof(*m.first));
	/* Most instructions have one context. */
	m.contexts.cap = count + count / 4;
	m.contexts.v = arena_alloc(&set->arena,
				   m.contexts.cap * sizeof(*m.contexts.v));
	set->where = "instruction ";
	find_reads(&m);
	root = arrive(&m, 0, &start);
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
