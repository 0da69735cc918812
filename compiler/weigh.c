#include "compiler.h"

/*
 * How much of all calls each range of numbers gets.  Counts are by name, the
 * same for every ABI; of all calls the native ABI makes nearly all.
 */
enum {
	NATIVE_PARTS = 256,
	OTHER_PARTS = 8,
	BIT_PARTS = 1, /* with a number bit: x32 */
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

/* The numbers of an ABI whose calls run the filter. */
struct callers {
	const struct graph *graph;
	const struct options *options;
	const struct number_space *space;
	enum abi abi;
	const uint64_t *counts; /* by name, or NULL */
	/* By index into syscall_numbers: the range, if it is one of them. */
	uint32_t *range;
	double known, sum; /* of them, and of their counts */
	/* What each one gets, and for each time it was counted. */
	double even, each;
};

#define NO_RANGE UINT32_MAX

static double
calls_of(const struct callers *c, size_t i)
{
	return c->counts ? (double)c->counts[syscall_numbers[c->abi][i]] : 0;
}

/* Finds range, known and sum. */
static void
find_callers(struct callers *c)
{
	uint32_t bit = arch_table[c->abi]->number_bit;
	const struct range *range = c->space->ranges.v;

	for (size_t i = 0; i < syscall_number_count[c->abi]; i++) {
		uint16_t name = syscall_numbers[c->abi][i];
		uint32_t number = (uint32_t)syscall_names[name].number[c->abi];

		while (range->last < (number | bit))
			range++;
		c->range[i] = NO_RANGE;
		if (is_cached(c->graph, range->decision, c->abi, c->options))
			continue;
		c->range[i] = (uint32_t)(range - c->space->ranges.v);
		c->known++;
		c->sum += calls_of(c, i);
	}
}

/* The range that all numbers of an ABI are in, as those of a foreign one. */
static const struct range *
find_only_range(const struct callers *c)
{
	uint32_t bit = arch_table[c->abi]->number_bit;
	size_t count = syscall_number_count[c->abi];
	const uint16_t *names = syscall_numbers[c->abi];
	const struct range *range = c->space->ranges.v;
	int32_t first = syscall_names[names[0]].number[c->abi];
	int32_t last = syscall_names[names[count - 1]].number[c->abi];

	while (range->last < ((uint32_t)first | bit))
		range++;
	return range->last >= ((uint32_t)last | bit) ? range : NULL;
}

/* Adds an ABI's calls, of which there are share in all. */
static void
add_abi(struct callers *c, double share, uint64_t *weights)
{
	const struct range *only = find_only_range(c);
	double even = share;

	if (only) {
		if (!is_cached(c->graph, only->decision, c->abi, c->options))
			weights[only - c->space->ranges.v] += (uint64_t)share;
		return;
	}
	find_callers(c);
	if (c->sum > 0)
		even = share * c->options->weights->even / 100;
	c->even = c->known > 0 ? even / c->known : 0;
	c->each = c->sum > 0 ? (share - even) / c->sum : 0;
	for (size_t i = 0; i < syscall_number_count[c->abi]; i++)
		if (c->range[i] != NO_RANGE)
			weights[c->range[i]] +=
				(uint64_t)(c->even + c->each * calls_of(c, i));
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
		struct callers c = { .graph = graph,
				     .options = options,
				     .space = space,
				     .abi = (enum abi)abi,
				     .counts = options->weights->count };
		double share = (double)SEARCH_UNIT *
			       abi_parts(c.abi, options->native) / all;

		if (arch_table[abi]->audit_token != space->audit_token)
			continue;
		c.range = arena_alloc(arena, syscall_number_count[abi] *
						     sizeof(*c.range));
		add_abi(&c, share, weights);
	}
	return weights;
}
