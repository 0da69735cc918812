#include "express.h"

#include <inttypes.h>

static dd
and_(struct dd_set *set, dd a, dd b)
{
	return dd_and(set, a, b);
}

/* arg < k */
static dd
less(struct dd_set *set, unsigned arg, uint64_t k)
{
	unsigned word = DD_ARGS + 2 * arg;
	uint32_t high = (uint32_t)(k >> 32);

	return dd_apply(set, DD_ITE, dd_less(set, word + 1, high), DD_TRUE,
			and_(set, dd_equals(set, word + 1, UINT32_MAX, high),
			     dd_less(set, word, (uint32_t)k)));
}

static dd
range(struct dd_set *set, unsigned arg, bool low, uint64_t first, uint64_t last)
{
	unsigned word = DD_ARGS + 2 * arg;
	dd to = DD_TRUE, from;

	if (low) {
		from = dd_less(set, word, (uint32_t)first);
		if (last < UINT32_MAX)
			to = dd_less(set, word, (uint32_t)last + 1);
	} else {
		from = less(set, arg, first);
		if (last < UINT64_MAX)
			to = less(set, arg, last + 1);
	}
	return dd_apply(set, DD_ITE, from, DD_FALSE, to);
}

dd
express_piece(struct dd_set *set, const struct piece *p)
{
	unsigned word = DD_ARGS + 2 * p->arg;
	dd where;

	if (p->masked)
		where = and_(set,
			     dd_equals(set, word, (uint32_t)p->mask,
				       (uint32_t)p->value),
			     dd_equals(set, word + 1, (uint32_t)(p->mask >> 32),
				       (uint32_t)(p->value >> 32)));
	else
		where = range(set, p->arg, p->low, p->first, p->last);
	return p->negated ? dd_not(set, where) : where;
}

dd
express_conjunction(struct dd_set *set, const struct conjunction *c)
{
	dd where = DD_TRUE;

	for (size_t i = c->n; i-- > 0;)
		where = and_(set, express_piece(set, &c->v[i]), where);
	return where;
}

static void
write_number(struct buf *buf, uint64_t value)
{
	buf_printf(buf, value < 65536 ? "%" PRIu64 : "0x%" PRIx64, value);
}

/* What a piece is about; a mask comes with it. */
static void
write_subject(struct buf *buf, const struct piece *p,
	      const struct syscall_args *args, bool narrow)
{
	bool low = p->low && !p->masked && !narrow;
	bool masked = p->masked || low;

	buf_printf(buf, "%s", masked ? "(" : "");
	if (args && args->known && p->arg < args->count)
		buf_printf(buf, "%s", syscall_arg_name(args, p->arg));
	else
		buf_printf(buf, "arg%u", p->arg);
	if (masked)
		buf_printf(buf, " & 0x%" PRIx64 ")",
			   p->masked ? p->mask : UINT32_MAX);
}

static void
write_piece(struct buf *buf, const struct piece *p,
	    const struct syscall_args *args, bool narrow)
{
	uint64_t whole = p->low ? UINT32_MAX : UINT64_MAX;
	bool single = p->masked || p->first == p->last;
	bool within = !single && p->first && p->last != whole;

	if (within && p->negated)
		buf_printf(buf, "not ");
	if (within) {
		write_number(buf, p->first);
		buf_printf(buf, " <= ");
	}
	write_subject(buf, p, args, narrow);
	if (single) {
		buf_printf(buf, p->negated ? " != " : " == ");
		if (p->masked && p->value > 9)
			buf_printf(buf, "0x%" PRIx64, p->value);
		else
			write_number(buf, p->masked ? p->value : p->first);
		return;
	}
	if (p->last == whole)
		buf_printf(buf, p->negated ? " < " : " >= ");
	else
		buf_printf(buf, p->negated && !p->first ? " > " : " <= ");
	write_number(buf, p->last == whole ? p->first : p->last);
}

void
express_write(struct buf *buf, const struct conjunction *c,
	      const struct syscall_args *args)
{
	if (!c->n)
		buf_printf(buf, "always");
	for (size_t i = 0; i < c->n; i++) {
		buf_printf(buf, "%s", i ? " and " : "");
		write_piece(buf, &c->v[i], args, c->narrow);
	}
}
