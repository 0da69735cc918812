#include "vector.h"

static dd
xor_(struct dd_set *set, dd a, dd b)
{
	return dd_apply(set, DD_XOR, a, b, DD_FALSE);
}

struct vector
vector_constant(uint32_t k)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = k >> i & 1 ? DD_TRUE : DD_FALSE;
	return v;
}

struct vector
vector_word(struct dd_set *set, unsigned word, uint32_t mask)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = mask >> i & 1 ? dd_bit(set, word, i) : DD_FALSE;
	return v;
}

bool
vector_is_constant(const struct vector *v, uint32_t *k)
{
	*k = 0;
	for (unsigned i = 0; i < 32; i++) {
		if (v->bit[i] > DD_TRUE)
			return false;
		*k |= (uint32_t)v->bit[i] << i;
	}
	return true;
}

static struct vector
choose(struct dd_set *set, dd where, const struct vector *a,
       const struct vector *b)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = dd_apply(set, DD_ITE, where, a->bit[i], b->bit[i]);
	return v;
}

/* a + b + carry */
static struct vector
add(struct dd_set *set, const struct vector *a, const struct vector *b,
    dd carry)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++) {
		dd x = a->bit[i], y = b->bit[i], differ = xor_(set, x, y);

		v.bit[i] = xor_(set, differ, carry);
		carry = dd_or(set, dd_and(set, x, y),
			      dd_and(set, differ, carry));
	}
	return v;
}

/* a - b, as a + ~b + 1 */
static struct vector
subtract(struct dd_set *set, const struct vector *a, const struct vector *b)
{
	struct vector inverse;

	for (unsigned i = 0; i < 32; i++)
		inverse.bit[i] = dd_not(set, b->bit[i]);
	return add(set, a, &inverse, DD_TRUE);
}

static struct vector
shift_left(const struct vector *a, unsigned n)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = i < n ? DD_FALSE : a->bit[i - n];
	return v;
}

static struct vector
shift_right(const struct vector *a, unsigned n)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = i + n < 32 ? a->bit[i + n] : DD_FALSE;
	return v;
}

/* By the low 5 bits of b, each of which may shift. */
static struct vector
shift(struct dd_set *set, const struct vector *a, const struct vector *b,
      bool left)
{
	struct vector v = *a;

	for (unsigned i = 0; i < 5; i++) {
		struct vector moved = left ? shift_left(&v, 1u << i)
					   : shift_right(&v, 1u << i);

		v = choose(set, b->bit[i], &moved, &v);
	}
	return v;
}

static struct vector
multiply(struct dd_set *set, const struct vector *a, const struct vector *b)
{
	struct vector sum = vector_constant(0);

	for (unsigned i = 0; i < 32; i++) {
		struct vector part = shift_left(a, i);

		for (unsigned j = 0; j < 32; j++)
			part.bit[j] = dd_and(set, part.bit[j], b->bit[i]);
		sum = add(set, &sum, &part, DD_FALSE);
	}
	return sum;
}

/* Long division.  What is left has no more bits than a has had so far, so that
 * there is room to shift it. */
static struct vector
divide(struct dd_set *set, const struct vector *a, const struct vector *b)
{
	struct vector quotient = vector_constant(0);
	struct vector left = vector_constant(0);

	for (unsigned i = 32; i-- > 0;) {
		dd fits;
		struct vector less;

		left = shift_left(&left, 1);
		left.bit[0] = a->bit[i];
		fits = vector_reaches(set, &left, b);
		less = subtract(set, &left, b);
		left = choose(set, fits, &less, &left);
		quotient.bit[i] = fits;
	}
	return quotient;
}

static struct vector
combine(struct dd_set *set, enum dd_op op, const struct vector *a,
	const struct vector *b)
{
	struct vector v;

	for (unsigned i = 0; i < 32; i++)
		v.bit[i] = dd_apply(set, op, a->bit[i], b->bit[i], DD_FALSE);
	return v;
}

struct vector
vector_compute(struct dd_set *set, uint16_t op, const struct vector *a,
	       const struct vector *b)
{
	struct vector zero = vector_constant(0);

	switch (op) {
	case BPF_ADD:
		return add(set, a, b, DD_FALSE);
	case BPF_SUB:
		return subtract(set, a, b);
	case BPF_MUL:
		return multiply(set, a, b);
	case BPF_DIV:
		return divide(set, a, b);
	case BPF_AND:
		return combine(set, DD_AND, a, b);
	case BPF_OR:
		return combine(set, DD_OR, a, b);
	case BPF_XOR:
		return combine(set, DD_XOR, a, b);
	case BPF_LSH:
		return shift(set, a, b, true);
	case BPF_RSH:
		return shift(set, a, b, false);
	default:
		return subtract(set, &zero, a);
	}
}

dd
vector_equal(struct dd_set *set, const struct vector *a, const struct vector *b)
{
	dd equal = DD_TRUE;

	for (unsigned i = 0; i < 32; i++)
		equal = dd_and(set, equal,
			       dd_not(set, xor_(set, a->bit[i], b->bit[i])));
	return equal;
}

dd
vector_reaches(struct dd_set *set, const struct vector *a,
	       const struct vector *b)
{
	dd reaches = DD_TRUE;

	/* From the lowest bit on: where higher ones differ, they decide. */
	for (unsigned i = 0; i < 32; i++)
		reaches = dd_apply(set, DD_ITE, xor_(set, a->bit[i], b->bit[i]),
				   a->bit[i], reaches);
	return reaches;
}

dd
vector_meets(struct dd_set *set, const struct vector *a, const struct vector *b)
{
	dd meets = DD_FALSE;

	for (unsigned i = 0; i < 32; i++)
		meets = dd_or(set, meets, dd_and(set, a->bit[i], b->bit[i]));
	return meets;
}
