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
 * That is as a list of ranges, and adjacent equal ranges are one.  A word at
 * which masks look is cut into fields where the masks' bits begin and end, and
 * each field has thresholds of its own:
 *
 *	flags & 0x7e020000 == 0		fields 31, 30-25, 24-18, 17, 16-0
 *
 * As all functions of a set have the same cuts, equal ones are the same node.
 */
enum {
	FIRST_SIZE = 1 << 10, /* of the hash table */
	MAX_MEMO = 1 << 18,
	MAX_STARTS = 8, /* for fields; then words are cut into bits */
};

/* arch, number, the arguments' high words before their low ones; the
 * instruction pointer last. */
static uint32_t
place_of(unsigned word)
{
	if (word < 2)
		return word ^ 1;
	return word < DD_ARGS ? (word ^ 1) + DD_WORDS - DD_ARGS
			      : (word ^ 1) - 2;
}

static unsigned
word_at(uint32_t place)
{
	if (place < 2)
		return place ^ 1;
	return place < DD_WORDS - 2 ? (place + 2) ^ 1
				    : (place + DD_ARGS - DD_WORDS) ^ 1;
}

uint32_t
dd_rank_of(unsigned word)
{
	return place_of(word) * DD_FIELDS;
}

struct dd_field
dd_field_with(const struct dd_set *set, unsigned word, unsigned bit)
{
	uint32_t cuts = set->cuts[word] | 1;
	uint32_t above = cuts & ~(uint32_t)((UINT64_C(2) << bit) - 1);
	unsigned low = 31 - (unsigned)__builtin_clz(cuts & ~above);
	unsigned end = above ? (unsigned)__builtin_ctz(above) : 32;

	return (struct dd_field){ word, low, end - low };
}

uint32_t
dd_field_rank(const struct dd_set *set, const struct dd_field *f)
{
	uint32_t top = 32 - f->low - f->width;

	if (set->interleaved && dd_has_bits(set, f->word))
		return DD_BITS_RANK + top * DD_WORDS + place_of(f->word);
	return dd_rank_of(f->word) + top;
}

struct dd_field
dd_field_of(const struct dd_set *set, uint32_t rank)
{
	if (rank < DD_BITS_RANK)
		return dd_field_with(set, word_at(rank / DD_FIELDS),
				     31 - rank % DD_FIELDS);
	rank -= DD_BITS_RANK;
	return dd_field_with(set, word_at(rank % DD_WORDS),
			     31 - rank / DD_WORDS);
}

bool
dd_has_bits(const struct dd_set *set, unsigned word)
{
	return set->bits >> word & 1;
}

_Noreturn void
dd_stop(struct dd_set *set, enum dd_end end)
{
	set->end = end;
	longjmp(set->stop, 1);
}

/* Cuts a word where it is not.  Returns whether that was nowhere. */
static bool
cut(struct dd_set *set, unsigned word, uint32_t cuts)
{
	/* Not too often, a few at a time. */
	if (set->whole_bits || set->interleaved || set->starts > MAX_STARTS)
		cuts = ~1u;
	if (!(cuts & ~set->cuts[word]))
		return true;
	set->cuts[word] |= cuts;
	set->bits |= 1u << word;
	return false;
}

void
dd_need_cuts(struct dd_set *set, unsigned word, uint32_t cuts)
{
	if (!cut(set, word, cuts))
		dd_stop(set, DD_AGAIN);
}

void
dd_need_bits(struct dd_set *set, unsigned word)
{
	dd_need_cuts(set, word, ~1u);
}

void
dd_plan_cuts(struct dd_set *set, unsigned word, uint32_t cuts)
{
	if (!cut(set, word, cuts) && set->tests)
		dd_stop(set, DD_AGAIN);
}

void
dd_need_interleaved(struct dd_set *set)
{
	if (set->interleaved)
		return;
	set->interleaved = true;
	for (unsigned i = 0; i < DD_WORDS; i++)
		if (dd_has_bits(set, i))
			set->cuts[i] = ~1u;
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

/* The memo, a quarter as large up to its bound, starts anew. */
static void
grow_table(struct dd_set *set)
{
	set->table_size = set->table_size ? set->table_size * 2 : FIRST_SIZE;
	if (set->table_size / 4 <= MAX_MEMO) {
		set->memo_size = set->table_size / 4;
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
	set->tests |= n->rank != DD_VALUE_RANK;
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
	set->nodes.cap = FIRST_SIZE / 2 + 1;
	set->nodes.v = arena_alloc(&set->arena,
				   set->nodes.cap * sizeof(*set->nodes.v));
	memset(&set->spine, 0, sizeof(set->spine));
	memset(&set->marks, 0, sizeof(set->marks));
	memset(&set->room, 0, sizeof(set->room));
	set->walk = 0;
	set->tests = false;
	set->table = NULL;
	set->table_size = 0;
	set->memo_size = 0;
	grow_table(set);
	for (uint32_t i = DD_FALSE; i <= DD_CLASH; i++)
		dd_value(set, i);
}

static enum dd_end
run(struct dd_set *set, void (*work)(struct dd_set *, void *), void *data,
    bool whole_bits)
{
	memset(set, 0, sizeof(*set));
	set->whole_bits = whole_bits;
	arena_init(&set->arena);
	if (setjmp(set->arena.oom))
		return DD_NO_MEMORY;
	do {
		arena_finish(&set->arena);
		if (setjmp(set->stop))
			continue;
		set->starts++;
		start(set);
		work(set, data);
		set->end = DD_DONE;
	} while (set->end == DD_AGAIN);
	return set->end;
}

enum dd_end
dd_run(struct dd_set *set, void (*work)(struct dd_set *, void *), void *data)
{
	return run(set, work, data, true);
}

enum dd_end
dd_run_fields(struct dd_set *set, void (*work)(struct dd_set *, void *),
	      void *data)
{
	return run(set, work, data, false);
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
	struct dd_node n = { dd_rank_of(word), k, below, above };

	return dd_make(set, &n);
}

dd
dd_on_bit(struct dd_set *set, unsigned word, unsigned bit, dd clear, dd set_)
{
	struct dd_field f = { word, bit, 1 };
	struct dd_node n = { 0, 1, clear, set_ };

	dd_need_bits(set, word);
	n.rank = dd_field_rank(set, &f);
	return dd_make(set, &n);
}

dd
dd_bit(struct dd_set *set, unsigned word, unsigned bit)
{
	return dd_on_bit(set, word, bit, DD_FALSE, DD_TRUE);
}
