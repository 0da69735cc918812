#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "corpus.h"
#include "differ.h"

/*
 * Every two versions of Docker's profile are compared, and what the
 * comparison says is held against running both programs: calls that differ
 * are in a case that names both actions, and no others are.
 */
enum { MAX_PROFILES = 64, MAX_VALUES = 512, TRIES = 6 };

struct version {
	char *text, *path;
	struct compilation c;
	struct side side;
};

struct tally {
	struct version v[MAX_PROFILES];
	size_t n;
	uint64_t values[MAX_VALUES]; /* that conditions compare with */
	size_t value_count;
	size_t pairs, equal, calls, different, failed;
};

static void
add_value(struct tally *t, uint64_t value)
{
	for (size_t i = 0; i < t->value_count; i++)
		if (t->values[i] == value)
			return;
	if (t->value_count < MAX_VALUES)
		t->values[t->value_count++] = value;
}

static void
add_values(struct tally *t, const struct ruleset *rules)
{
	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		for (size_t j = 0; j < rule->condition_count; j++) {
			uint64_t value = rule->conditions[j].value;

			add_value(t, value);
			add_value(t, value + 1);
			add_value(t, value - 1);
			add_value(t, value | UINT64_C(1) << 32);
			add_value(t, rule->conditions[j].value2);
		}
	}
}

static void
take(void *context, const char *path, const char *text, size_t len)
{
	struct tally *t = context;
	struct version *v = &t->v[t->n];
	const char *bad;

	if (!strstr(path, "moby-") || t->n == MAX_PROFILES)
		return;
	v->text = strndup(text, len);
	v->path = strdup(path);
	compilation_init(&v->c, v->path, v->text, len);
	v->c.options.caps_given = v->c.options.kernel_given = true;
	options_parse_caps("docker", &v->c.options.caps, &bad);
	v->c.options.kernel = 6 << 8 | 1;
	v->c.options.abis = (1u << ABI_COUNT) - 1;
	if (!compile(&v->c)) {
		compilation_finish(&v->c);
		free(v->text);
		free(v->path);
		return;
	}
	v->side = (struct side){ v->c.ruleset, v->c.program->code.v,
				 v->c.program->code.n };
	add_values(t, v->c.ruleset);
	t->n++;
}

static bool
piece_holds(const struct piece *p, const struct seccomp_data *call)
{
	uint64_t x = call->args[p->arg];
	bool holds;

	if (p->low)
		x = (uint32_t)x;
	holds = p->masked ? (x & p->mask) == p->value
			  : x >= p->first && x <= p->last;
	return holds != p->negated;
}

static bool
any_holds(const struct conjunctions *list, const struct seccomp_data *call)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct conjunction *all = &list->v[i];
		bool holds = true;

		for (size_t j = 0; j < all->n; j++)
			holds &= piece_holds(&all->v[j], call);
		if (holds)
			return true;
	}
	return false;
}

static bool
has_place(const struct diff_group *group, const struct seccomp_data *call)
{
	for (size_t i = 0; i < group->places.n; i++) {
		const struct diff_place *p = &group->places.v[i];

		if (call->arch >= p->first_arch && call->arch <= p->last_arch &&
		    (uint32_t)call->nr >= p->first &&
		    (uint32_t)call->nr <= p->last)
			return true;
	}
	return false;
}

/*
 * The only case that holds for a call, NULL if there is none.  *more: one
 * that does not spell out all of its conditions says the same of a call.
 */
static const struct diff_case *
find_case(struct tally *t, const struct diff *diff,
	  const struct seccomp_data *call, uint32_t a, uint32_t b, bool *more)
{
	const struct diff_case *found = NULL;

	*more = false;

	for (size_t i = 0; i < diff->groups.n; i++) {
		const struct diff_group *group = &diff->groups.v[i];

		if (!has_place(group, call))
			continue;
		for (size_t j = 0; j < group->cases.n; j++) {
			const struct diff_case *c = &group->cases.v[j];

			*more |= c->more && c->a == a && c->b == b;
			if (!any_holds(&c->where, call) ||
			    any_holds(&c->except, call))
				continue;
			t->failed += found != NULL;
			found = c;
		}
	}
	return found;
}

static uint32_t
run(const struct side *side, const struct seccomp_data *call)
{
	return bpf_run(side->code, side->count, call, NULL);
}

static void
try_call(struct tally *t, const struct diff *diff,
	 const struct seccomp_data *call)
{
	uint32_t a = run(diff->a, call), b = run(diff->b, call);
	bool more;
	const struct diff_case *found = find_case(t, diff, call, a, b, &more);
	bool right = a == b  ? !found
		     : found ? found->a == a && found->b == b
			     : more;

	t->calls++;
	t->different += a != b;
	if (right)
		return;
	t->failed++;
	printf("not ok - arch 0x%x nr 0x%x args 0x%llx 0x%llx: 0x%x and "
	       "0x%x, the comparison says %s\n",
	       call->arch, (unsigned)call->nr, call->args[0], call->args[1], a,
	       b, found ? "something else" : "equal");
}

static void
try_number(struct tally *t, const struct diff *diff, enum abi abi,
	   uint32_t number, uint64_t *seed)
{
	struct seccomp_data call = {
		.arch = arch_table[abi]->audit_token,
		.nr = (int)(number | arch_table[abi]->number_bit),
	};

	for (unsigned i = 0; i < TRIES; i++) {
		try_call(t, diff, &call);
		for (unsigned arg = 0; arg < 6; arg++)
			call.args[arg] =
				t->values[calls_random(seed) % t->value_count];
	}
}

/* What each case gives for example must be so. */
static void
try_examples(struct tally *t, const struct diff *diff)
{
	for (size_t i = 0; i < diff->groups.n; i++) {
		for (size_t j = 0; j < diff->groups.v[i].cases.n; j++) {
			const struct diff_case *c =
				&diff->groups.v[i].cases.v[j];

			if (run(diff->a, &c->call) != c->a ||
			    run(diff->b, &c->call) != c->b || c->a == c->b) {
				t->failed++;
				printf("not ok - an example is wrong\n");
			}
		}
	}
}

static void
try_pair(struct tally *t, const struct side *a, const struct side *b)
{
	uint64_t seed = t->pairs;
	size_t before = t->different;
	struct diff diff;

	t->pairs++;
	if (diff_find(&diff, a, b, false) != DD_DONE) {
		t->failed++;
		printf("not ok - no answer\n");
		diff_finish(&diff);
		return;
	}
	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		for (uint32_t number = 0; number < 600; number++)
			try_number(t, &diff, (enum abi)abi, number, &seed);
	try_examples(t, &diff);
	/* No sampled difference is needed for two that differ. */
	t->failed += diff.equal && t->different != before;
	t->equal += diff.equal;
	diff_finish(&diff);
}

int
main(int argc, char **argv)
{
	static struct tally t;
	struct side program;

	if (argc < 2 || !corpus_visit(argv[1], take, &t))
		return 77;
	for (size_t i = 0; i < t.n; i++) {
		for (size_t j = 0; j < t.n; j++)
			try_pair(&t, &t.v[i].side, &t.v[j].side);
		/* Rules against the program of the next version. */
		program = t.v[(i + 1) % t.n].side;
		program.ruleset = NULL;
		try_pair(&t, &t.v[i].side, &program);
	}
	printf("# %zu profiles, %zu pairs, %zu of them equal; %zu calls, on "
	       "%zu of which they differ\n",
	       t.n, t.pairs, t.equal, t.calls, t.different);
	for (size_t i = 0; i < t.n; i++) {
		compilation_finish(&t.v[i].c);
		free(t.v[i].text);
		free(t.v[i].path);
	}
	printf("%zu failed\n", t.failed);
	return t.failed || !t.different;
}
