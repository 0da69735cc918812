#include "symbolic.h"

/*
 * Programs spend most instructions on finding out where the value of one word
 * lies.  From the load of a word on, all instructions that compare it with
 * constants, with or without a mask, are read at once: each with the intervals
 * of values that come there, in the order of the program.  What is reached
 * with anything else to do is an end.
 *
 *	    ld  [0]
 *	    jge #2, L1      0 .. ffffffff
 *	    ret ALLOW       0 .. 1              an end
 *	L1: jset #1, L2     2 .. ffffffff
 *
 * The ends, sorted, are the cells of the function.  A mask that makes too many
 * of them is left to diagrams with bits.
 */
enum { MAX_RUNS = 2048 }; /* made by masks, in a region */

/* What a comparison of word & mask comes to. */
struct check {
	uint32_t mask, k;
	bool at_least; /* it is >= k; else it is k */
	bool negated;
	bool never;
	bool whole; /* without a mask: from first to last */
	uint32_t first, last;
};

/*
 * The smallest y >= x with (y & mask) == k, which has no other bits.  word.c
 * finds that as well, for the passes: what judges them does not ask them.
 */
static bool
next_match(uint32_t x, uint32_t mask, uint32_t k, uint32_t *y)
{
	uint32_t wrong = (x ^ k) & mask;
	unsigned bit;
	uint32_t keep;

	*y = x;
	if (!wrong)
		return true;
	bit = 31 - (unsigned)__builtin_clz(wrong);
	keep = ~(uint32_t)((UINT64_C(2) << bit) - 1);
	if (!(k >> bit & 1)) {
		/* A bit above, which does not matter, has to carry. */
		uint32_t open = ~(x | mask) & keep;

		if (!open)
			return false;
		bit = (unsigned)__builtin_ctz(open);
		keep = ~(uint32_t)((UINT64_C(2) << bit) - 1);
		x |= 1u << bit;
		keep |= 1u << bit;
	}
	*y = (x & keep) | (k & ~keep);
	return true;
}

/* Whether it is k at x, and up to where that stays so. */
static bool
run_of_match(const struct check *c, uint32_t x, uint32_t *last)
{
	uint32_t next;

	if (((x ^ c->k) & c->mask) == 0) {
		*last = c->mask ? x | ((c->mask & -c->mask) - 1) : UINT32_MAX;
		return true;
	}
	*last = next_match(x, c->mask, c->k, &next) ? next - 1 : UINT32_MAX;
	return false;
}

/* The same for >= k, with 0 < k <= mask.  Where the mask has no holes values
 * grow with x below its top bit. */
static bool
run_of_reach(const struct check *c, uint32_t x, uint32_t *last)
{
	uint32_t low = c->mask & -c->mask;
	uint32_t below = UINT32_MAX >> __builtin_clz(c->mask);
	bool reaches = (x & c->mask) >= c->k;

	if (((c->mask + low) & c->mask) != 0)
		*last = x | (low - 1);
	else if (reaches)
		*last = x | below;
	else
		*last = (x & ~below) + ((c->k + low - 1) & -low) - 1;
	return reaches;
}

/* A comparison of A with a constant. */
static bool
is_check(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_JMP &&
	       BPF_OP(insn->code) != BPF_JA && BPF_SRC(insn->code) == BPF_K;
}

static struct check
make_check(const struct sock_filter *insn, uint32_t mask)
{
	struct check c = { .mask = mask, .k = insn->k };

	switch (BPF_OP(insn->code)) {
	case BPF_JSET:
		c.mask &= insn->k;
		c.k = 0;
		c.negated = true;
		break;
	case BPF_JGT:
		c.at_least = true;
		c.never = c.k++ == UINT32_MAX;
		break;
	case BPF_JGE:
		c.at_least = true;
		break;
	}
	c.never |= c.at_least ? c.k > c.mask : (c.k & ~c.mask) != 0;
	/* 0 is reached always, which is: 0 & 0 is 0. */
	if (c.at_least && !c.k) {
		c.at_least = false;
		c.mask = 0;
	}
	c.whole = c.mask == UINT32_MAX && !c.negated && !c.never;
	c.first = c.k;
	c.last = c.at_least ? UINT32_MAX : c.k;
	return c;
}

static bool
run_of(const struct check *c, uint32_t x, uint32_t *last)
{
	bool holds;

	*last = UINT32_MAX;
	if (c->never)
		return false;
	holds = c->at_least ? run_of_reach(c, x, last)
			    : run_of_match(c, x, last);
	return holds != c->negated;
}

/* Those that come to pc with the word masked so: an index. */
static uint32_t
arrivals_at(struct machine *m, size_t pc, uint32_t mask)
{
	uint32_t i = m->arrived[pc];

	while (i && m->arrivals.v[i - 1].mask != mask)
		i = m->arrivals.v[i - 1].next;
	if (i)
		return i - 1;
	*vec_push(&m->set->arena, &m->arrivals) =
		(struct arrival){ .mask = mask, .next = m->arrived[pc] };
	m->arrived[pc] = (uint32_t)m->arrivals.n;
	m->waiting[pc / 64] |= UINT64_C(1) << pc % 64;
	return (uint32_t)m->arrivals.n - 1;
}

/* Appends an interval, in the place of one that is used up, or 0. */
static void
add_interval(struct machine *m, uint32_t to, uint32_t used, uint32_t first,
	     uint32_t last)
{
	struct arrival *a = &m->arrivals.v[to];
	struct interval *tail = a->tail ? &m->intervals.v[a->tail - 1] : NULL;

	if (tail && first && tail->last == first - 1) {
		tail->last = last;
		return;
	}
	if (!used) {
		vec_push(&m->set->arena, &m->intervals);
		used = (uint32_t)m->intervals.n;
	}
	m->intervals.v[used - 1] = (struct interval){ first, last, 0 };
	if (a->tail)
		m->intervals.v[a->tail - 1].next = used;
	else
		a->head = used;
	a->tail = used;
}

/* Leads the values of an interval to where a check without a mask sends them.
 */
static void
split_whole(struct machine *m, uint32_t index, const struct check *c,
	    uint32_t yes, uint32_t no)
{
	struct interval i = m->intervals.v[index - 1];
	uint32_t first = i.first > c->first ? i.first : c->first;
	uint32_t last = i.last < c->last ? i.last : c->last;

	if (first > last) {
		add_interval(m, no, index, i.first, i.last);
		return;
	}
	if (i.first < first) {
		add_interval(m, no, index, i.first, first - 1);
		index = 0;
	}
	add_interval(m, yes, index, first, last);
	if (last < i.last)
		add_interval(m, no, 0, last + 1, i.last);
}

/* The same with any mask. */
static void
split_interval(struct machine *m, uint32_t index, const struct check *c,
	       uint32_t yes, uint32_t no)
{
	struct interval whole = m->intervals.v[index - 1];
	uint32_t last, used = index;

	for (uint64_t x = whole.first; x <= whole.last;
	     x = last + UINT64_C(1)) {
		bool holds = run_of(c, (uint32_t)x, &last);

		dd_step(m->set);
		if (last > whole.last)
			last = whole.last;
		add_interval(m, holds ? yes : no, used, (uint32_t)x, last);
		m->runs += !used;
		used = 0;
		/* A comparison behind a mask without holes makes two more. */
		if (m->runs > MAX_RUNS + 4 * m->arrivals.n)
			dd_need_bits(m->set, m->word);
	}
}

static void
branch(struct machine *m, size_t pc, const struct arrival *a)
{
	const struct sock_filter *insn = &m->code[pc];
	struct check c = make_check(insn, a->mask);
	uint32_t yes = arrivals_at(m, pc + 1 + insn->jt, a->mask);
	uint32_t no = arrivals_at(m, pc + 1 + insn->jf, a->mask);
	uint32_t next;

	for (uint32_t i = a->head; i; i = next) {
		next = m->intervals.v[i - 1].next;
		dd_step(m->set);
		(c.whole ? split_whole : split_interval)(m, i, &c, yes, no);
	}
}

static void
lead_on(struct machine *m, size_t pc, uint32_t mask, uint32_t head)
{
	uint32_t to = arrivals_at(m, pc, mask);

	for (uint32_t i = head, next; i; i = next) {
		struct interval whole = m->intervals.v[i - 1];

		next = whole.next;
		dd_step(m->set);
		add_interval(m, to, i, whole.first, whole.last);
	}
}

/* Two ascending lists as one. */
static uint32_t
merge(struct machine *m, uint32_t a, uint32_t b)
{
	struct interval *v = m->intervals.v;
	uint32_t head = 0, *tail = &head;

	while (a && b) {
		uint32_t *low = v[a - 1].first < v[b - 1].first ? &a : &b;
		uint32_t i = *low;

		dd_step(m->set);
		*tail = i;
		tail = &v[i - 1].next;
		*low = *tail;
	}
	*tail = a ? a : b;
	return head;
}

/* Adds a list to those of a region's ends: one of 1, 2, 4, 8 ... lists each. */
static void
add_end(struct machine *m, uint32_t list)
{
	size_t i = 0;

	for (; m->ends[i]; i++) {
		list = merge(m, m->ends[i], list);
		m->ends[i] = 0;
	}
	m->ends[i] = list;
}

/* Here a region ends: what is last of an interval becomes the context. */
static void
end(struct machine *m, size_t pc, const struct arrival *a, struct registers r)
{
	uint32_t context, next, first = UINT32_MAX, last = 0;
	struct facts facts;

	r.v[REG_A] = a->mask ? (struct value){ VALUE_WORD, m->word, a->mask }
			     : (struct value){ 0 };
	for (uint32_t i = a->head; i; i = m->intervals.v[i - 1].next) {
		if (m->intervals.v[i - 1].first < first)
			first = m->intervals.v[i - 1].first;
		if (m->intervals.v[i - 1].last > last)
			last = m->intervals.v[i - 1].last;
	}
	facts = facts_with(&m->facts, m->word, first, last);
	context = context_arrive(m, pc, &r, &facts);
	for (uint32_t i = a->head; i; i = next) {
		struct interval *interval = &m->intervals.v[i - 1];

		next = interval->next;
		interval->last = context;
		interval->next = 0;
		add_end(m, i);
	}
}

/* One instruction of a region, or the end of it. */
static void
read(struct machine *m, size_t pc, const struct arrival *a,
     const struct registers *r)
{
	const struct sock_filter *insn = &m->code[pc];

	if (insn->code == (BPF_JMP | BPF_JA))
		lead_on(m, pc + 1 + insn->k, a->mask, a->head);
	else if (is_check(insn))
		branch(m, pc, a);
	else if (insn->code == (BPF_ALU | BPF_AND | BPF_K))
		lead_on(m, pc + 1, a->mask & insn->k, a->head);
	else if (insn->code == (BPF_LD | BPF_W | BPF_ABS) &&
		 insn->k / 4 == m->word)
		lead_on(m, pc + 1, UINT32_MAX, a->head);
	else
		end(m, pc, a, *r);
}

/* The ends as pieces of a context, without those that say nothing new.  Below
 * the first one there are no calls. */
static void
keep_ends(struct machine *m, uint32_t index)
{
	struct context *c = &m->contexts.v[index];
	uint32_t list = 0, before = UINT32_MAX;

	for (size_t i = 0; i < LENGTH(m->ends); i++) {
		list = merge(m, m->ends[i], list);
		m->ends[i] = 0;
	}
	c->yes = (uint32_t)m->pieces.n;
	for (uint32_t i = list; i; i = m->intervals.v[i - 1].next) {
		const struct interval *end = &m->intervals.v[i - 1];

		if (m->pieces.n == LIMIT_PROOF_NODES)
			dd_stop(m->set, DD_TOO_LARGE);
		if (end->last != before)
			*vec_push(&m->set->arena, &m->pieces) =
				(struct piece){ i == list ? 0 : end->first,
						end->last };
		before = end->last;
	}
	c->no = (uint32_t)m->pieces.n - c->yes;
}

bool
region_begins(const struct machine *m, size_t pc, const struct registers *r,
	      uint16_t *word)
{
	const struct sock_filter *insn = &m->code[pc];

	if (insn->code == (BPF_LD | BPF_W | BPF_ABS))
		*word = (uint16_t)(insn->k / 4);
	else if (is_check(insn) && r->v[REG_A].kind == VALUE_WORD)
		*word = r->v[REG_A].word;
	else
		return false;
	return !dd_has_bits(m->set, *word);
}

void
region_read(struct machine *m, size_t pc, uint32_t index,
	    const struct registers *r)
{
	bool loads = BPF_CLASS(m->code[pc].code) == BPF_LD;
	size_t end = m->count / 64 + 1;
	struct fact known;
	uint32_t to;

	m->word = m->contexts.v[index].word;
	m->arrivals.n = m->intervals.n = m->runs = 0;
	m->facts = m->contexts.v[index].facts;
	to = arrivals_at(m, pc + loads, loads ? UINT32_MAX : r->v[REG_A].k);
	known = facts_of(&m->facts, m->word);
	add_interval(m, to, 0, known.first, known.last);
	for (size_t i = pc / 64; i < end; i += !m->waiting[i]) {
		uint32_t list;

		if (!m->waiting[i])
			continue;
		pc = i * 64 + (size_t)__builtin_ctzll(m->waiting[i]);
		m->waiting[i] &= m->waiting[i] - 1;
		list = m->arrived[pc];
		m->arrived[pc] = 0;
		while (list) {
			struct arrival a = m->arrivals.v[list - 1];

			if (a.head)
				read(m, pc, &a, r);
			list = a.next;
		}
	}
	keep_ends(m, index);
}

dd
region_finish(struct machine *m, const struct context *c)
{
	m->ranges.n = 0;
	for (uint32_t i = c->yes; i < c->yes + c->no; i++) {
		const struct piece *p = &m->pieces.v[i];

		*vec_push(&m->set->arena, &m->ranges) =
			(struct dd_range){ p->first,
					   m->contexts.v[p->context].node };
	}
	return dd_cells(m->set, c->word, m->ranges.v, m->ranges.n);
}
