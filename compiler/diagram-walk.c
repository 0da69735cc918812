#include "diagram.h"

#include <string.h>

/* Takes the way above a node: the word's value grows. */
static void
go_above(const struct dd_set *set, const struct dd_node *test,
	 uint32_t words[DD_WORDS])
{
	struct dd_field f = dd_field_of(set, test->rank);

	words[f.word] &= ~(dd_field_max(&f) << f.low);
	words[f.word] |= test->at << f.low;
}

static unsigned
word_tested(const struct dd_set *set, const struct dd_node *test)
{
	return dd_field_of(set, test->rank).word;
}

uint32_t
dd_difference(const struct dd_set *set, dd a, dd b, struct seccomp_data *data)
{
	uint32_t words[DD_WORDS] = { 0 }, looked_at = 0;

	for (;;) {
		struct dd_node test = dd_first_test(set, a, b, b);
		dd x, y;

		if (test.rank == DD_VALUE_RANK)
			break;
		x = dd_below(set, a, &test);
		y = dd_below(set, b, &test);
		looked_at |= 1u << word_tested(set, &test);
		if (x == y) {
			go_above(set, &test, words);
			x = dd_above(set, a, &test);
			y = dd_above(set, b, &test);
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
		const struct dd_node *n = dd_node_at(set, a);
		struct dd_field f;

		if (n->rank == DD_VALUE_RANK)
			return n->at;
		f = dd_field_of(set, n->rank);
		a = (words[f.word] >> f.low & dd_field_max(&f)) >= n->at
			    ? n->above
			    : n->below;
	}
}

bool
dd_split(const struct dd_set *set, unsigned word, dd *a, dd *b,
	 struct dd_cell *cell)
{
	struct dd_node test = dd_first_test(set, *a, *b, *b);

	cell->a = *a;
	cell->b = *b;
	if (test.rank != dd_rank_of(word) || dd_has_bits(set, word)) {
		cell->last = UINT32_MAX;
		return false;
	}
	cell->last = test.at - 1;
	cell->a = dd_below(set, *a, &test);
	cell->b = dd_below(set, *b, &test);
	*a = dd_above(set, *a, &test);
	*b = dd_above(set, *b, &test);
	return true;
}

/* All nodes that a leads to, itself included. */
static dd *
list_nodes(struct dd_set *set, dd a, size_t *count)
{
	VEC(dd) list = { 0 };

	dd_start_walk(set);
	*vec_push(&set->arena, &list) = a;
	set->marks.v[a].walk = set->walk;
	for (size_t i = 0; i < list.n; i++) {
		const struct dd_node *n = dd_node_at(set, list.v[i]);
		dd next[2] = { n->below, n->above };

		for (int j = 0; j < 2 && n->rank != DD_VALUE_RANK; j++) {
			if (set->marks.v[next[j]].walk == set->walk)
				continue;
			dd_step(set);
			*vec_push(&set->arena, &list) = next[j];
			set->marks.v[next[j]].walk = set->walk;
		}
	}
	*count = list.n;
	return list.v;
}

bool
dd_values(struct dd_set *set, dd a, uint32_t *values, size_t *count,
	  size_t limit)
{
	size_t n;
	const dd *list = list_nodes(set, a, &n);

	*count = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t value;

		if (!dd_is_value(set, list[i], &value))
			continue;
		if (*count == limit)
			return false;
		values[(*count)++] = value;
	}
	return true;
}

uint32_t
dd_words(struct dd_set *set, dd a)
{
	size_t n;
	const dd *list = list_nodes(set, a, &n);
	uint32_t words = 0;

	for (size_t i = 0; i < n; i++) {
		const struct dd_node *test = dd_node_at(set, list[i]);

		if (test->rank != DD_VALUE_RANK)
			words |= 1u << word_tested(set, test);
	}
	return words;
}

bool
dd_top(const struct dd_set *set, dd a, struct dd_test *test)
{
	const struct dd_node *n = dd_node_at(set, a);
	struct dd_field f;

	*test = (struct dd_test){ .below = n->below, .above = n->above };
	if (n->rank == DD_VALUE_RANK)
		return false;
	f = dd_field_of(set, n->rank);
	test->word = f.word;
	test->bit = f.width == 1;
	test->k = n->at << f.low;
	return true;
}
