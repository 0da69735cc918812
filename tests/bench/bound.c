/*
 * What no program can beat on the mean over some syscalls, each run of
 * numbers that decide alike weighing what its syscalls do.
 *
 * A leaf of a tree of JGE and JEQ is an interval without the points that JEQ
 * took out, so a leaf at depth d serves several runs only if no more than d
 * numbers lie between them that decide otherwise.  Let share(r, d) be how
 * many runs such a leaf can serve if r is one of them, and d(r) the least
 * depth at which r has a leaf.  Kraft's inequality over these leaves then
 * says that the sum of 2^-d(r) / share(r, d(r)) is at most 1.  The smallest
 * mean of d(r) under that is bounded by Lagrange's dual, each multiplier of
 * which gives a bound; the best one is searched for.
 *
 * Whatever two-way tests are made, their mean number is no less than the
 * entropy of what they have to tell apart: functions of the arguments.
 *
 * Instructions besides: the load of the number and the RET; the load and the
 * test of the arch where another arch decides otherwise; a load and a test
 * where the arguments have a say.
 */
#include "bench.h"

#include <linux/audit.h>
#include <math.h>
#include <string.h>

enum { RUNS_MAX = 4096, DEPTH_MAX = 64, ROUNDS = 200 };

struct run {
	uint32_t first, last;
	dd decides;
	double weight;
	uint8_t share[DEPTH_MAX + 1]; /* by depth */
};

struct reader {
	struct bound *bound;
	const struct code *code;
	const double *weights;
	struct run runs[RUNS_MAX];
	size_t n;
	double besides; /* mean of the instructions that are no such tests */
	double mean;	/* of what the program executes */
};

static void
cut_runs(struct reader *r, const struct dd_set *set, dd under)
{
	struct dd_cell cell;
	dd rest = under;
	bool more;

	r->n = 0;
	do {
		more = dd_split(set, DD_NUMBER, &rest, &rest, &cell);
		if (!more)
			cell = (struct dd_cell){ UINT32_MAX, rest, rest };
		if (r->n == RUNS_MAX)
			break;
		r->runs[r->n] =
			(struct run){ .last = cell.last, .decides = cell.a };
		if (r->n)
			r->runs[r->n].first = r->runs[r->n - 1].last + 1;
		r->n++;
	} while (more);
}

/* The runs from one on that a leaf at some depth can serve. */
static void
share_from(struct reader *r, size_t from, unsigned depth)
{
	size_t served[DEPTH_MAX + 1], n = 0;
	uint64_t between = 0;

	for (size_t i = from; i < r->n && between <= depth; i++) {
		const struct run *run = &r->runs[i];

		if (run->decides == r->runs[from].decides)
			served[n++] = i;
		else
			between += (uint64_t)run->last - run->first + 1;
	}
	for (size_t i = 0; i < n; i++) {
		uint8_t *share = &r->runs[served[i]].share[depth];

		if (*share < n)
			*share = (uint8_t)n;
	}
}

/* Whether some arch decides otherwise than by decides. */
static bool
needs_arch(struct dd_set *set, dd meaning, uint32_t nr, dd decides)
{
	struct dd_cell cell;
	dd rest = meaning;

	while (dd_split(set, DD_ARCH, &rest, &rest, &cell))
		if (dd_at(set, cell.a, DD_NUMBER, nr) != decides)
			return true;
	return dd_at(set, rest, DD_NUMBER, nr) != decides;
}

static void
weigh(struct reader *r, struct dd_set *set, dd meaning)
{
	double sum = 0;
	uint32_t value;

	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++)
		sum += r->weights[i];
	r->besides = r->mean = 0;
	for (size_t i = 0, at = 0; i < syscall_number_count[ABI_X86_64]; i++) {
		uint16_t name = syscall_numbers[ABI_X86_64][i];
		uint32_t nr = (uint32_t)syscall_names[name].number[ABI_X86_64];
		double weight = r->weights[i] / sum;
		dd decides;

		while (r->runs[at].last < nr)
			at++;
		decides = r->runs[at].decides;
		r->runs[at].weight += weight;
		r->mean += weight * figures_executed(r->code, AUDIT_ARCH_X86_64,
						     nr, &value);
		r->besides += weight * 2;
		if (needs_arch(set, meaning, nr, decides))
			r->besides += weight * 2;
		if (!dd_is_value(set, decides, &value))
			r->besides += weight * 2;
	}
}

/* The dual at one multiplier: a bound on the mean number of tests. */
static double
dual(const struct reader *r, double multiplier)
{
	double sum = -multiplier;

	for (size_t i = 0; i < r->n; i++) {
		double least = multiplier, power = 1;

		for (int d = 1; d <= DEPTH_MAX; d++) {
			double cost;

			power /= 2;
			cost = r->runs[i].weight * d +
			       multiplier * power / r->runs[i].share[d];
			if (cost < least)
				least = cost;
		}
		/* Deeper ones have no cost but their weight, if any. */
		if (!(r->runs[i].weight > 0))
			least = 0;
		sum += least;
	}
	return sum;
}

static double
tests_in_tree(const struct reader *r)
{
	double low = 0, high = 64;

	for (int i = 0; i < ROUNDS; i++) {
		double a = low + (high - low) / 3, b = high - (high - low) / 3;

		if (dual(r, a) < dual(r, b))
			low = a;
		else
			high = b;
	}
	return dual(r, low) > 0 ? dual(r, low) : 0;
}

static double
entropy(const struct reader *r)
{
	double sum = 0;

	for (size_t i = 0; i < r->n; i++) {
		double weight = 0;
		bool first = true;

		for (size_t j = 0; j < r->n; j++) {
			if (r->runs[j].decides != r->runs[i].decides)
				continue;
			first &= j >= i;
			weight += r->runs[j].weight;
		}
		if (first && weight > 0)
			sum -= weight * log2(weight);
	}
	return sum;
}

static void
read_program(struct dd_set *set, void *data)
{
	struct reader *r = data;
	dd meaning = symbolic_run(set, r->code->v, r->code->n);

	cut_runs(r, set, dd_at(set, meaning, DD_ARCH, AUDIT_ARCH_X86_64));
	weigh(r, set, meaning);
	for (unsigned depth = 1; depth <= DEPTH_MAX; depth++)
		for (size_t i = 0; i < r->n; i++)
			share_from(r, i, depth);
}

void
bound_find(struct bound *bound, const struct code *code, const double *weights)
{
	static struct reader reader;
	struct dd_set set;
	bool done;

	reader = (struct reader){ .code = code, .weights = weights };
	*bound = (struct bound){ 0 };
	done = dd_run(&set, read_program, &reader) == DD_DONE;
	dd_finish(&set);
	if (!done || reader.n == RUNS_MAX)
		return;
	bound->runs = reader.n;
	bound->any = reader.besides + entropy(&reader);
	bound->tree = reader.besides + tests_in_tree(&reader);
	bound->mean = reader.mean;
}
