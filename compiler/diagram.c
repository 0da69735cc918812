#include "diagram.h"

#include <stdio.h>
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
 * settles no other bit (see dd_below).
 */
enum {
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

unsigned
dd_word_of(uint32_t rank)
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

/* The word and bit that a node tests. */
unsigned
dd_bit_of(const struct dd_node *n, unsigned *word)
{
	if (n->rank != DD_BITS_RANK) {
		*word = dd_word_of(n->rank);
		return 31 - n->at;
	}
	*word = dd_word_of(n->at % DD_WORDS);
	return 31 - n->at / DD_WORDS;
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
	set->bit_ranks |= 1u << rank_of(word);
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

static uint32_t *
find_slot(const struct dd_set *set, const struct dd_node *n)
{
	size_t i = dd_hash(n->rank, n->at, n->below, n->above);

	for (;; i++) {
		uint32_t *slot = &set->table[i & (set->table_size - 1)];
		const struct dd_node *other;

		if (!*slot)
			return slot;
		other = dd_node_at(set, *slot - 1);
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

/* A node that is needed: not one whose test changes nothing. */
dd
dd_make(struct dd_set *set, const struct dd_node *n)
{
	if (dd_below(set, n->above, n) == n->below)
		return n->above;
	return share(set, n);
}

dd
dd_value(struct dd_set *set, uint32_t value)
{
	return share(set, &(struct dd_node){ DD_VALUE_RANK, value, 0, 0 });
}

bool
dd_is_value(const struct dd_set *set, dd a, uint32_t *value)
{
	*value = dd_node_at(set, a)->at;
	return dd_node_at(set, a)->rank == DD_VALUE_RANK;
}

static void
start(struct dd_set *set)
{
	set->nodes.n = 0;
	set->nodes.cap = FIRST_SIZE;
	set->nodes.v =
		arena_alloc(&set->arena, FIRST_SIZE * sizeof(*set->nodes.v));
	memset(&set->spine, 0, sizeof(set->spine));
	memset(&set->marks, 0, sizeof(set->marks));
	set->walk = 0;
	set->table = NULL;
	set->table_size = 0;
	set->memo_size = 0;
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
dd_explain(const struct dd_set *set, enum dd_end end, char *out, size_t size)
{
	const char *what = set->where ? set->where : "the start";

	if (end == DD_TOO_LARGE)
		snprintf(out, size, "more than %d nodes at %s%zu",
			 LIMIT_PROOF_NODES, what, set->where_index);
	else if (end == DD_TOO_LONG)
		snprintf(out, size, "more than %d steps at %s%zu",
			 LIMIT_PROOF_STEPS, what, set->where_index);
	else if (end == DD_TOO_MANY)
		snprintf(out, size, "more than %d contexts at %s%zu",
			 LIMIT_PROOF_CONTEXTS, what, set->where_index);
	else
		snprintf(out, size, "out of memory");
}

void
dd_start_walk(struct dd_set *set)
{
	while (set->marks.n < set->nodes.n)
		vec_push(&set->arena, &set->marks);
	set->walk++;
}

void
dd_finish(struct dd_set *set)
{
	arena_finish(&set->arena);
}

dd
dd_threshold(struct dd_set *set, unsigned word, uint32_t k, dd below, dd above)
{
	struct dd_node n = { rank_of(word), k, below, above };

	return dd_make(set, &n);
}

dd
dd_on_bit(struct dd_set *set, unsigned word, unsigned bit, dd clear, dd set_)
{
	struct dd_node n = { rank_of(word), 31 - bit, clear, set_ };

	dd_need_bits(set, word);
	if (set->interleaved) {
		n.at = n.at * DD_WORDS + n.rank;
		n.rank = DD_BITS_RANK;
	}
	return dd_make(set, &n);
}

dd
dd_bit(struct dd_set *set, unsigned word, unsigned bit)
{
	return dd_on_bit(set, word, bit, DD_FALSE, DD_TRUE);
}
