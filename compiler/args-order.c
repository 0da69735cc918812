#include "args.h"

enum {
	MAX_BYTES = 32 << 20, /* of states, in a compilation */
	MAX_STEPS = 1 << 26,  /* of looking at a test, in a compilation */
};

struct memo {
	struct memo *next; /* in its bucket */
	size_t hash;
	struct state state;
	uint32_t node;
};

bool
args_is_trying(const struct builder *b)
{
	return b->maker.steps < b->try_until;
}

bool
args_is_spent(struct builder *b)
{
	if (b->maker.bytes > MAX_BYTES || b->maker.steps > MAX_STEPS)
		b->failed = true;
	return b->failed;
}

/*
 * What a word may well be: zero, as often as not, and what the tests on it
 * name.
 */
static void
find_samples(const struct state *state, unsigned rank, struct samples *samples)
{
	const struct open_test *test;
	size_t i = 0, j = 0;

	samples->v[0] = (struct sample){ 0, 1 };
	samples->n = 1;
	while (samples->n < LENGTH(samples->v) &&
	       (test = args_next_test(state, rank, &i, &j))) {
		struct word_part part = state_part(test, rank);
		uint32_t value = part.masked ? part.value : part.first;

		if (test->op == CMP_LT && part.last != part.first)
			value--;
		samples->v[samples->n++] = (struct sample){ value, 1 };
		samples->v[0].weight += 2;
	}
}

/* Settles the word first that makes it cheapest. */
static uint32_t
build_best(struct builder *b, const struct state *state)
{
	unsigned words = state_words(state);
	struct cost best_cost = { 0 };
	uint32_t best = 0;
	bool any = false;

	for (unsigned rank = 0; rank < STATE_RANKS && !b->failed; rank++) {
		struct settling s;
		uint32_t node;
		struct cost cost;

		if (!(words >> rank & 1))
			continue;
		if (any && !args_is_trying(b))
			break;
		s.state = state;
		s.rank = rank;
		find_samples(state, rank, &s.samples);
		node = args_word(b, &s);
		if (b->failed || b->graph->nodes.v[node].kind == NODE_RETURN)
			return node;
		/* It may be another state's node, if the word is no matter. */
		cost = cost_noted(&b->costs, node);
		if (b->graph->nodes.v[node].word == state_word(rank))
			cost = cost_measure(&b->costs, node, &s.samples);
		if (any && !cost_better(&b->costs, node, cost, best, best_cost))
			continue;
		best = node;
		best_cost = cost;
		any = true;
	}
	if (any)
		cost_note(&b->costs, best, best_cost);
	return best;
}

/* A larger table with what is in the one before. */
static void
grow_memos(struct builder *b)
{
	size_t before = b->memo_size;
	struct memo **memos;

	b->memo_size = before ? 4 * before : 64;
	memos = arena_alloc(b->arena, b->memo_size * sizeof(struct memo *));
	for (size_t i = 0; i < before; i++) {
		struct memo *memo = b->memos[i], *next;

		for (; memo; memo = next) {
			struct memo **slot =
				&memos[memo->hash & (b->memo_size - 1)];

			next = memo->next;
			memo->next = *slot;
			*slot = memo;
		}
	}
	b->memos = memos;
}

static void
add_memo(struct builder *b, struct memo *memo)
{
	struct memo **slot;

	if (b->memo_count++ == b->memo_size)
		grow_memos(b);
	slot = &b->memos[memo->hash & (b->memo_size - 1)];
	memo->next = *slot;
	*slot = memo;
}

uint32_t
args_state(struct builder *b, const struct state *state)
{
	struct memo *memo = NULL;
	size_t hash;

	if (!state->n)
		return graph_return(b->graph, state->otherwise);
	if (args_is_spent(b))
		return 0;
	hash = state_hash(state);
	if (b->memo_size)
		memo = b->memos[hash & (b->memo_size - 1)];
	for (; memo; memo = memo->next)
		if (memo->hash == hash && state_same(&memo->state, state))
			return memo->node;
	memo = arena_alloc(b->arena, sizeof(*memo));
	memo->state = state_keep(&b->maker, *state);
	memo->hash = hash;
	memo->node = build_best(b, &memo->state);
	if (!b->failed)
		add_memo(b, memo);
	return memo->node;
}
