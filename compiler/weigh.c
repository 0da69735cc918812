#include "compiler.h"

#include <stdlib.h>

/*
 * How much of all calls each range of numbers gets.  Counts are by name, the
 * same for every ABI; of all calls the native ABI makes nearly all.
 */
enum {
	NATIVE_PARTS = 256,
	OTHER_PARTS = 8,
	BIT_PARTS = 1, /* with a number bit: x32 */
	EVEN_PARTS = 2, /* one in so many is spread evenly */
};

static unsigned
abi_parts(enum abi abi, enum abi native)
{
	if (abi == native)
		return NATIVE_PARTS;
	return arch_table[abi]->number_bit ? BIT_PARTS : OTHER_PARTS;
}

static unsigned
all_parts(const struct decisions *decisions, enum abi native)
{
	unsigned parts = 0;

	for (size_t i = 0; i < decisions->spaces.n; i++)
		for (unsigned abi = 0; abi < ABI_COUNT; abi++)
			if (arch_table[abi]->audit_token ==
			    decisions->spaces.v[i].audit_token)
				parts += abi_parts((enum abi)abi, native);
	return parts;
}

/* Whether calls that lead to a node do not run the filter (kernel/seccomp.c,
 * seccomp_cache_check_allow: numbers of x32 are never cached). */
static bool
is_cached(const struct graph *graph, uint32_t node, enum abi abi,
	  const struct options *options)
{
	const struct node *n = &graph->nodes.v[node];

	return options->tune == TUNE_CACHED && n->kind == NODE_RETURN &&
	       n->k == SECCOMP_RET_ALLOW && !arch_table[abi]->number_bit;
}

/* Calls visit with the weight of each known number of an ABI that is not
 * cached, and the index of its range. */
struct visit {
	const struct graph *graph;
	const struct options *options;
	const struct number_space *space;
	enum abi abi;
};

static size_t
find_range(const struct number_space *space, size_t from, uint32_t number)
{
	while (space->ranges.v[from].last < number)
		from++;
	return from;
}

static uint64_t
count_of(const struct options *options, size_t name)
{
	return options->weights->count ? options->weights->count[name] : 0;
}

/* Adds an ABI's calls, of which there are share in all. */
static void
add_abi(const struct visit *v, double share, uint64_t *weights)
{
	size_t count = syscall_number_count[v->abi], known = 0;
	double sum = 0, even = share;

	for (int adding = 0; adding < 2; adding++) {
		size_t range = 0;

		for (size_t i = 0; i < count; i++) {
			uint16_t name = syscall_numbers[v->abi][i];
			uint32_t number =
				(uint32_t)syscall_names[name].number[v->abi] |
				arch_table[v->abi]->number_bit;
			double calls = (double)count_of(v->options, name);

			range = find_range(v->space, range, number);
			if (is_cached(v->graph,
				      v->space->ranges.v[range].decision,
				      v->abi, v->options))
				continue;
			if (!adding) {
				sum += calls;
				known++;
				continue;
			}
			weights[range] += (uint64_t)(even / (double)known);
			if (sum > 0)
				weights[range] +=
					(uint64_t)((share - even) / sum *
						   calls);
		}
		if (sum > 0)
			even = share * v->options->weights->even / 100;
	}
}

uint64_t *
weigh_space(struct arena *arena, const struct graph *graph,
	    const struct decisions *decisions, size_t index,
	    const struct options *options)
{
	const struct number_space *space = &decisions->spaces.v[index];
	unsigned all = all_parts(decisions, options->native);
	uint64_t *weights =
		arena_alloc(arena, space->ranges.n * sizeof(*weights));

	for (unsigned abi = 0; abi < ABI_COUNT; abi++) {
		const struct visit v = { graph, options, space,
					 (enum abi)abi };

		if (arch_table[abi]->audit_token == space->audit_token)
			add_abi(&v,
				(double)SEARCH_UNIT *
					abi_parts(v.abi, options->native) /
					all,
				weights);
	}
	return weights;
}
