/*
 * How near programs come to the best ones, on profiles so small that the
 * best can be found by trying everything.
 *
 * Numbers 0 to 7 get actions of their own, all others the default, and the
 * numbers from 8 to 15 stand for these: a program for all numbers is one for
 * these 16, so no program takes less than the best for 16.  That is found
 * over sets of numbers: a test splits a set in two, and a set that decides
 * alike is done.  Tests are JGE, JEQ and JSET with any constant, and JEQ and
 * JGE behind AND, which is an instruction more.
 *
 * The bounds that benchmarks print (bench/bound.c) are held against that too:
 * they must be no more than the best of JGE and JEQ alone, and of all tests.
 *
 * Besides the tests each call takes the load of the number and a RET, and
 * where the arch matters, which is where the action is not the default, the
 * load and the test of the arch.
 */
#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"

enum { NUMBERS = 8, ALL = 2 * NUMBERS, SETS = 1 << ALL, TESTS_MAX = 1024 };
enum { PROFILES = 60, ACTIONS = 4 };

/*
 * What the mean over calls may be of the best one, per cent: the mean of all
 * profiles, and the farthest off.
 */
enum { MEAN_MAX = 105, FARTHEST_MAX = 130 };

struct splitter {
	uint32_t yes; /* the numbers on one side */
	unsigned cost;
};

struct problem {
	unsigned action[ALL];
	uint64_t weight[ALL];
	struct splitter tests[TESTS_MAX];
	size_t test_count, plain_count; /* the first ones: JGE and JEQ */
	uint64_t best[SETS]; /* instructions by weight, + 1; 0: not known */
};

static uint64_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* A split that is there already costs less there. */
static void
add_test(struct problem *p, uint32_t yes, unsigned cost)
{
	for (size_t i = 0; i < p->test_count; i++)
		if (p->tests[i].yes == yes ||
		    p->tests[i].yes == (~yes & (SETS - 1)))
			return;
	if (yes && yes != SETS - 1)
		p->tests[p->test_count++] = (struct splitter){ yes, cost };
}

static void
add_tests(struct problem *p, uint32_t mask, unsigned cost)
{
	for (uint32_t k = 0; k < ALL; k++) {
		uint32_t equal = 0, reach = 0;

		for (uint32_t x = 0; x < ALL; x++) {
			equal |= (uint32_t)((x & mask) == k) << x;
			reach |= (uint32_t)((x & mask) >= k) << x;
		}
		add_test(p, equal, cost);
		add_test(p, reach, cost);
	}
}

static void
make_tests(struct problem *p)
{
	p->test_count = 0;
	add_tests(p, ALL - 1, 1);
	p->plain_count = p->test_count;
	for (uint32_t k = 1; k < ALL; k++) {
		uint32_t set = 0;

		for (uint32_t x = 0; x < ALL; x++)
			set |= (uint32_t)((x & k) != 0) << x;
		add_test(p, set, 1);
	}
	for (uint32_t mask = 1; mask < ALL - 1; mask++)
		add_tests(p, mask, 2);
}

static bool
decides_alike(const struct problem *p, uint32_t set)
{
	unsigned first = p->action[__builtin_ctz(set)];

	for (unsigned x = 0; x < ALL; x++)
		if (set >> x & 1 && p->action[x] != first)
			return false;
	return true;
}

static uint64_t
find_best(struct problem *p, uint32_t set, size_t tests)
{
	uint64_t weight = 0, best = UINT64_MAX;

	if (p->best[set])
		return p->best[set] - 1;
	for (unsigned x = 0; x < ALL; x++)
		weight += set >> x & 1 ? p->weight[x] : 0;
	if (decides_alike(p, set))
		best = 0;
	for (size_t i = 0; best && i < tests; i++) {
		uint32_t yes = set & p->tests[i].yes, no = set & ~yes;
		uint64_t cost = weight * p->tests[i].cost;

		if (!yes || !no || cost >= best)
			continue;
		cost += find_best(p, yes, tests);
		if (cost < best)
			cost += find_best(p, no, tests);
		if (cost < best)
			best = cost;
	}
	p->best[set] = best + 1;
	return best;
}

/* Actions and weights of one of three kinds: alike, skewed, few calls. */
static void
draw_problem(struct problem *p)
{
	uint32_t actions = 2 + draw(ACTIONS - 1), kind = draw(3);

	for (unsigned x = 0; x < ALL; x++) {
		p->action[x] = x < NUMBERS ? draw(actions) : 0;
		p->weight[x] = 0;
		if (x <= NUMBERS)
			p->weight[x] = kind == 0   ? 1
				       : kind == 1 ? 1 + draw(1000)
						   : 1u << draw(12);
	}
}

static const char *
name_of(unsigned number)
{
	return syscall_find_number(ABI_X86_64, number)->name;
}

/* The profile of a problem: action 0 is the default. */
static void
write_profile(const struct problem *p, FILE *file)
{
	const char *comma = "";

	fputs("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [", file);
	for (unsigned x = 0; x < NUMBERS; x++) {
		if (!p->action[x])
			continue;
		fprintf(file, "%s{\"names\": [\"%s\"], \"action\": ", comma,
			name_of(x));
		if (p->action[x] == 1)
			fputs("\"SCMP_ACT_ALLOW\"}", file);
		else
			fprintf(file, "\"SCMP_ACT_ERRNO\", \"errnoRet\": %u}",
				p->action[x] + 10);
		comma = ",\n";
	}
	fputs("]}", file);
}

/* Instructions by weight of the program; false if there is none. */
static bool
measure(const struct problem *p, const struct compilation *c, uint64_t *total)
{
	*total = 0;
	for (unsigned x = 0; x <= NUMBERS; x++) {
		struct seccomp_data data = { .nr = (int)x,
					     .arch = AUDIT_ARCH_X86_64 };
		unsigned executed;
		uint32_t action = bpf_run(c->program->code.v,
					  c->program->code.n, &data, &executed);
		uint32_t expected =
			p->action[x] == 1
				? SECCOMP_RET_ALLOW
				: SECCOMP_RET_ERRNO |
					  (p->action[x] ? p->action[x] + 10
							: 1);

		if (action != expected)
			return false;
		*total += p->weight[x] * executed;
	}
	return true;
}

/* The bounds on what x86_64 calls take, in instructions by weight. */
static void
find_bound(const struct problem *p, const struct compilation *c,
	   struct bound *bound)
{
	size_t n = syscall_number_count[ABI_X86_64];
	double *weights = calloc(n, sizeof(*weights)), sum = 0;
	struct code code = { c->program->code.v, c->program->code.n };

	if (!weights)
		abort();
	/* Numbers have no gap there. */
	for (unsigned x = 0; x <= NUMBERS; x++) {
		weights[x] = (double)p->weight[x];
		sum += weights[x];
	}
	bound_find(bound, &code, weights);
	bound->any *= sum;
	bound->tree *= sum;
	free(weights);
}

static bool
compile_problem(const struct problem *p, uint64_t *total, struct bound *bound)
{
	uint64_t *counts = calloc(syscall_name_count, sizeof(*counts));
	struct weights weights = { counts, 0 };
	struct compilation c;
	char *text = NULL;
	size_t len;
	FILE *file = open_memstream(&text, &len);
	bool ok;

	if (!file || !counts)
		abort();
	write_profile(p, file);
	fclose(file);
	for (unsigned x = 0; x <= NUMBERS; x++)
		counts[syscall_find(name_of(x)) - syscall_names] = p->weight[x];
	compilation_init(&c, "small.json", text, len);
	c.options.abis = 1 << ABI_X86_64;
	c.options.unknown = UNKNOWN_DEFAULT;
	c.options.foreign_default = true;
	c.options.weights = &weights;
	c.options.optimize = OPTIMIZE_SPEED;
	ok = compile(&c) && measure(p, &c, total);
	if (ok)
		find_bound(p, &c, bound);
	compilation_finish(&c);
	free(text);
	free(counts);
	return ok;
}

/*
 * The instructions by weight that are no tests of the number.  Where all
 * decide alike there is a RET alone.
 */
static uint64_t
besides(const struct problem *p)
{
	bool alike = decides_alike(p, SETS - 1);
	uint64_t sum = 0;

	for (unsigned x = 0; x <= NUMBERS; x++)
		sum += p->weight[x] * (alike ? 1 : p->action[x] ? 4 : 2);
	return sum;
}

struct result {
	double sum, farthest, bounds; /* per cent of the best */
	size_t failed, equal;
};

static void
fail(struct result *result, int i, const char *what, double is, double best)
{
	printf("not ok - profile %d: %s is %.2f, the best %.2f\n", i, what, is,
	       best);
	result->failed++;
}

/* The best of the first tests. */
static uint64_t
solve(struct problem *p, size_t tests)
{
	memset(p->best, 0, sizeof(p->best));
	return besides(p) + find_best(p, SETS - 1, tests);
}

static void
try_problem(struct problem *p, int i, struct result *result)
{
	uint64_t plain = solve(p, p->plain_count);
	uint64_t best = solve(p, p->test_count), total;
	struct bound bound;
	double percent;

	if (!compile_problem(p, &total, &bound)) {
		printf("not ok - profile %d does not compile\n", i);
		result->failed++;
		return;
	}
	percent = 100 * (double)total / (double)best;
	result->sum += percent;
	result->bounds += 100 * bound.tree / (double)plain;
	result->equal += total == best;
	if (percent > result->farthest)
		result->farthest = percent;
	/* Then one of the two is wrong. */
	if (total < best)
		fail(result, i, "the program", (double)total, (double)best);
	if (plain < best)
		fail(result, i, "the best of JGE and JEQ", (double)plain,
		     (double)best);
	/* Nothing is to be told apart where a RET is all. */
	if (decides_alike(p, SETS - 1))
		return;
	if (bound.tree > (double)plain * (1 + 1e-9))
		fail(result, i, "the bound for JGE and JEQ", bound.tree,
		     (double)plain);
	if (bound.any > (double)best * (1 + 1e-9))
		fail(result, i, "the bound for all tests", bound.any,
		     (double)best);
}

int
main(void)
{
	static struct problem problem;
	struct result result = { 0 };

	make_tests(&problem);
	for (int i = 0; i < PROFILES; i++) {
		draw_problem(&problem);
		try_problem(&problem, i, &result);
	}
	printf("# %d profiles, %zu tests: programs take %.1f %% of the best "
	       "one, at most %.1f %%; %zu are the best; the bound for JGE and "
	       "JEQ is %.1f %% of their best\n",
	       PROFILES, problem.test_count, result.sum / PROFILES,
	       result.farthest, result.equal, result.bounds / PROFILES);
	if (result.sum / PROFILES > MEAN_MAX ||
	    result.farthest > FARTHEST_MAX) {
		printf("not ok - more than %d %% and %d %%\n", MEAN_MAX,
		       FARTHEST_MAX);
		result.failed++;
	}
	printf("%zu failed\n", result.failed);
	return result.failed != 0;
}
