#include "prove.h"

#include <string.h>

/*
 * Ordered decision diagrams with shared nodes.
 *
 * A word whose bits nobody looks at is cut at thresholds, which ascend along
 * `above`:
 *
 *	number < 2 ? ALLOW : number < 135 ? ERRNO : number < 136 ? ... : ERRNO
 *
 * That is as a list of ranges, and adjacent equal ranges are one.  A word of
 * which bits matter is tested bit by bit, from the top.  Both are two-way
 * nodes in one order, and only two things tell them apart: being below a
 * threshold settles all thresholds of that word that are higher, while a bit
 * settles no other bit (see below_of).
 */
enum {
	VALUE_RANK = UINT32_MAX,
	BITS_RANK = DD_WORDS, /* of all bits when they are interleaved */
	FIRST_SIZE = 1 << 12, /* of the hash table */
	MAX_MEMO = 1 << 18,
};

/* arch, number, the arguments' high words before their low ones; the
 * instruction pointer last. */
static uint32_t
rank_of(unsigned word)
{
	if (word < 2)
		return word ^ 1;
	return word < DD_ARGS ? (word ^ 1) + DD_WORDS - DD_ARGS
			      : (word ^ 1) - 2;
}

static unsigned
word_of(uint32_t rank)
{
	if (rank < 2)
		return rank ^ 1;
	return rank < DD_WORDS - 2 ? (rank + 2) ^ 1
				   : (rank + DD_ARGS - DD_WORDS) ^ 1;
}

bool
dd_has_bits(const struct dd_set *set, unsigned word)
{
	return set->bits >> word & 1;
}

static bool
tests_bit(const struct dd_set *set, const struct dd_node *n)
{
	return n->rank == BITS_RANK ||
	       (n->rank < BITS_RANK && dd_has_bits(set, word_of(n->rank)));
}

/* The word and bit that a node tests. */
static unsigned
bit_of(const struct dd_node *n, unsigned *word)
{
	if (n->rank != BITS_RANK) {
		*word = word_of(n->rank);
		return 31 - n->at;
	}
	*word = word_of(n->at % DD_WORDS);
	return 31 - n->at / DD_WORDS;
}

static const struct dd_node *
node(const struct dd_set *set, dd a)
{
	return &set->nodes.v[a];
}

_Noreturn void
dd_stop(struct dd_set *set, enum dd_end end)
{
	set->end = end;
	longjmp(set->stop, 1);
}

void
dd_need_bits(struct dd_set *set, unsigned word)
{
	if (dd_has_bits(set, word))
		return;
	set->bits |= 1u << word;
	dd_stop(set, DD_AGAIN);
}

void
dd_need_interleaved(struct dd_set *set)
{
	if (set->interleaved)
		return;
	set->interleaved = true;
	dd_stop(set, DD_AGAIN);
}

static uint32_t
hash(uint32_t a, uint32_t b, uint32_t c, uint32_t e)
{
	uint64_t h = (uint64_t)a << 32 | b;

	h = (h ^ ((uint64_t)c << 32 | e) * UINT64_C(0x9e3779b97f4a7c15)) *
	    UINT64_C(0xff51afd7ed558ccd);
	return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

static uint32_t *
find_slot(const struct dd_set *set, const struct dd_node *n)
{
	size_t i = hash(n->rank, n->at, n->below, n->above);

	for (;; i++) {
		uint32_t *slot = &set->table[i & (set->table_size - 1)];
		const struct dd_node *other;

		if (!*slot)
			return slot;
		other = node(set, *slot - 1);
		if (other->at == n->at && other->below == n->below &&
		    other->above == n->above && other->rank == n->rank)
			return slot;
	}
}

/* The memo, half as large up to its bound, starts anew. */
static void
grow_table(struct dd_set *set)
{
	set->table_size = set->table_size ? set->table_size * 2 : FIRST_SIZE;
	if (set->table_size / 2 <= MAX_MEMO) {
		set->memo_size = set->table_size / 2;
		set->memo = arena_alloc(&set->arena,
					set->memo_size * sizeof(*set->memo));
	}
	set->table =
		arena_alloc(&set->arena, set->table_size * sizeof(*set->table));
	for (size_t i = 0; i < set->nodes.n; i++)
		*find_slot(set, &set->nodes.v[i]) = (uint32_t)i + 1;
}

static dd
share(struct dd_set *set, const struct dd_node *n)
{
	uint32_t *slot = find_slot(set, n);

	if (*slot)
		return *slot - 1;
	if (set->nodes.n == LIMIT_PROOF_NODES)
		dd_stop(set, DD_TOO_LARGE);
	*vec_push(&set->arena, &set->nodes) = *n;
	*slot = (uint32_t)set->nodes.n;
	if (set->nodes.n * 2 > set->table_size)
		grow_table(set);
	return (dd)set->nodes.n - 1;
}

/* What a is below a test that comes no later than those of a. */
static dd
below_of(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = node(set, a);

	if (n->rank != test->rank ||
	    (n->at != test->at && tests_bit(set, test)))
		return a;
	return n->below;
}

static dd
above_of(const struct dd_set *set, dd a, const struct dd_node *test)
{
	const struct dd_node *n = node(set, a);

	return n->rank == test->rank && n->at == test->at ? n->above : a;
}

/* A node that is needed: not one whose test changes nothing. */
static dd
make(struct dd_set *set, const struct dd_node *n)
{
	if (below_of(set, n->above, n) == n->below)
		return n->above;
	return share(set, n);
}

dd
dd_value(struct dd_set *set, uint32_t value)
{
	return share(set, &(struct dd_node){ VALUE_RANK, value, 0, 0 });
}

bool
dd_is_value(const struct dd_set *set, dd a, uint32_t *value)
{
	*value = node(set, a)->at;
	return node(set, a)->rank == VALUE_RANK;
}

static void
start(struct dd_set *set)
{
	memset(&set->nodes, 0, sizeof(set->nodes));
	memset(&set->spine, 0, sizeof(set->spine));
	set->table = NULL;
	set->table_size = 0;
	set->memo_size = 0;
	set->steps = 0;
	grow_table(set);
	for (uint32_t i = DD_FALSE; i <= DD_CLASH; i++)
		dd_value(set, i);
}

enum dd_end
dd_run(struct dd_set *set, void (*work)(struct dd_set *, void *), void *data)
{
	memset(set, 0, sizeof(*set));
	arena_init(&set->arena);
	if (setjmp(set->arena.oom))
		return DD_NO_MEMORY;
	do {
		arena_finish(&set->arena);
		if (setjmp(set->stop))
			continue;
		start(set);
		work(set, data);
		set->end = DD_DONE;
	} while (set->end == DD_AGAIN);
	return set->end;
}

void
dd_finish(struct dd_set *set)
{
	arena_finish(&set->arena);
}

static int32_t
rank_of_action(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

/* The result on two values, in words of nodes: a and b differ. */
static dd
decide(struct dd_set *set, enum dd_op op, dd a, dd b)
{
	int32_t x = rank_of_action(node(set, a)->at);
	int32_t y = rank_of_action(node(set, b)->at);

	switch (op) {
	case DD_IS:
		return DD_FALSE;
	case DD_MERGE:
		return DD_CLASH;
	case DD_STRICTEST:
		return y < x ? b : a;
	case DD_LAXEST:
		return y > x ? b : a;
	case DD_STACKED:
		return y <= x ? b : a;
	default:
		return dd_value(set, x < y   ? DD_STRICTER
				     : y < x ? DD_WEAKER
					     : DD_OTHER_DATA);
	}
}

static bool
settle_bool(struct dd_set *set, enum dd_op op, dd a, dd b, dd *result)
{
	dd whole = op == DD_AND ? DD_TRUE : DD_FALSE;

	if (a == whole)
		*result = b;
	else if (b == whole)
		*result = a;
	else if (a == b)
		*result = op == DD_XOR ? DD_FALSE : a;
	else if (op == DD_XOR)
		return false;
	else if (a <= DD_TRUE || b <= DD_TRUE)
		*result = op == DD_AND ? DD_FALSE : DD_TRUE;
	else
		return false;
	(void)set;
	return true;
}

/* The result where no test has to be looked at. */
static bool
settle(struct dd_set *set, enum dd_op op, dd a, dd b, dd c, dd *result)
{
	bool values = node(set, a)->rank == VALUE_RANK &&
		      node(set, b)->rank == VALUE_RANK;

	switch (op) {
	case DD_ITE:
		*result = a == DD_TRUE ? b : c;
		return a <= DD_TRUE || b == c;
	case DD_AND:
	case DD_OR:
	case DD_XOR:
		return settle_bool(set, op, a, b, result);
	case DD_WITH:
		*result = a;
		return b == DD_TRUE || node(set, a)->rank == VALUE_RANK;
	case DD_ORDER:
		*result = a == b ? dd_value(set, DD_EQUAL) : a;
		break;
	case DD_IS:
		*result = a == b ? DD_TRUE : a;
		break;
	default:
		if (a == DD_NONE || b == DD_NONE) {
			*result = a == DD_NONE ? b : a;
			return true;
		}
		*result = a;
		if (op == DD_FIRST && node(set, a)->rank == VALUE_RANK)
			return true;
		break;
	}
	if (a == b)
		return true;
	if (values)
		*result = decide(set, op, a, b);
	return values;
}

/* The first test of a, b and c. */
static struct dd_node
first_test(const struct dd_set *set, dd a, dd b, dd c)
{
	const struct dd_node *list[3] = { node(set, a), node(set, b),
					  node(set, c) };
	const struct dd_node *first = list[0];

	for (int i = 1; i < 3; i++)
		if (list[i]->rank < first->rank ||
		    (list[i]->rank == first->rank && list[i]->at < first->at))
			first = list[i];
	return (struct dd_node){ first->rank, first->at, 0, 0 };
}

static struct dd_memo *
memo_at(const struct dd_set *set, enum dd_op op, dd a, dd b, dd c)
{
	return &set->memo[hash(a, b, c, op) & (set->memo_size - 1)];
}

/* Leaves a frame for the way above; the way below is done at once. */
static void
open_frame(struct dd_set *set, enum dd_op op, dd *a, dd *b, dd *c)
{
	struct dd_frame f = { first_test(set, *a, *b, *c), *a, *b, *c };

	f.node.below = dd_apply(set, op, below_of(set, *a, &f.node),
				below_of(set, *b, &f.node),
				below_of(set, *c, &f.node));
	*a = above_of(set, *a, &f.node);
	*b = above_of(set, *b, &f.node);
	*c = above_of(set, *c, &f.node);
	*vec_push(&set->arena, &set->spine) = f;
}

/*
 * DD_WITH: where b cannot hold on one side of its test, that side does not
 * count.  Returns whether there was such a side.
 */
static bool
skip_side(const struct dd_set *set, dd *a, dd *b)
{
	struct dd_node test = first_test(set, *a, *b, *b);
	dd below = below_of(set, *b, &test), above = above_of(set, *b, &test);

	if (below == DD_FALSE) {
		*a = above_of(set, *a, &test);
		*b = above;
	} else if (above == DD_FALSE) {
		*a = below_of(set, *a, &test);
		*b = below;
	} else {
		return false;
	}
	return true;
}

/*
 * Recursion goes below, a loop above, as lists of ranges are long there; so
 * the depth is at most that of the words and their bits.
 */
dd
dd_apply(struct dd_set *set, enum dd_op op, dd a, dd b, dd c)
{
	size_t base = set->spine.n;
	dd result;

	while (!settle(set, op, a, b, c, &result)) {
		const struct dd_memo *memo = memo_at(set, op, a, b, c);

		if (++set->steps > LIMIT_PROOF_STEPS)
			dd_stop(set, DD_TOO_LONG);
		if (op == DD_WITH && skip_side(set, &a, &b))
			continue;
		if (memo->a == a && memo->b == b && memo->c == c &&
		    memo->op == op + 1) {
			result = memo->result;
			break;
		}
		open_frame(set, op, &a, &b, &c);
	}
	while (set->spine.n > base) {
		struct dd_frame *f = &set->spine.v[--set->spine.n];

		f->node.above = result;
		result = make(set, &f->node);
		*memo_at(set, op, f->a, f->b, f->c) =
			(struct dd_memo){ op + 1, f->a, f->b, f->c, result };
	}
	return result;
}

dd
dd_threshold(struct dd_set *set, unsigned word, uint32_t k, dd below, dd above)
{
	struct dd_node n = { rank_of(word), k, below, above };

	return make(set, &n);
}

dd
dd_bit(struct dd_set *set, unsigned word, unsigned bit)
{
	struct dd_node n = { rank_of(word), 31 - bit, DD_FALSE, DD_TRUE };

	dd_need_bits(set, word);
	if (set->interleaved) {
		n.at = n.at * DD_WORDS + n.rank;
		n.rank = BITS_RANK;
	}
	return make(set, &n);
}

/* Takes the way above a node: the word's value grows. */
static void
go_above(const struct dd_set *set, const struct dd_node *test,
	 uint32_t words[DD_WORDS])
{
	unsigned word;

	if (tests_bit(set, test)) {
		unsigned bit = bit_of(test, &word);

		words[word] |= 1u << bit;
	} else {
		words[word_of(test->rank)] = test->at;
	}
}

static unsigned
word_tested(const struct dd_set *set, const struct dd_node *test)
{
	unsigned word = 0;

	if (!tests_bit(set, test))
		return word_of(test->rank);
	bit_of(test, &word);
	return word;
}

uint32_t
dd_difference(const struct dd_set *set, dd a, dd b, struct seccomp_data *data)
{
	uint32_t words[DD_WORDS] = { 0 }, looked_at = 0;

	for (;;) {
		struct dd_node test = first_test(set, a, b, b);
		dd x = below_of(set, a, &test), y = below_of(set, b, &test);

		if (test.rank == VALUE_RANK)
			break;
		looked_at |= 1u << word_tested(set, &test);
		if (x == y) {
			go_above(set, &test, words);
			x = above_of(set, a, &test);
			y = above_of(set, b, &test);
		}
		a = x;
		b = y;
	}
	memcpy(data, words, sizeof(words));
	return looked_at;
}

uint32_t
dd_decide(const struct dd_set *set, dd a, const struct seccomp_data *data)
{
	uint32_t words[DD_WORDS];

	memcpy(words, data, sizeof(words));
	for (;;) {
		const struct dd_node *n = node(set, a);
		unsigned word;
		bool above;

		if (n->rank == VALUE_RANK)
			return n->at;
		if (tests_bit(set, n)) {
			unsigned bit = bit_of(n, &word);

			above = words[word] >> bit & 1;
		} else {
			above = words[word_of(n->rank)] >= n->at;
		}
		a = above ? n->above : n->below;
	}
}

dd
dd_combine(struct dd_set *set, enum dd_op op, const dd *list, size_t count,
	   dd empty)
{
	size_t half = count / 2;

	if (count < 2)
		return count ? *list : empty;
	return dd_apply(set, op, dd_combine(set, op, list, half, empty),
			dd_combine(set, op, list + half, count - half, empty),
			DD_FALSE);
}
