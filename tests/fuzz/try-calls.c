#include "fuzz.h"

#include <string.h>

#include "tests/eval.h"

enum {
	TARGETS = 8, /* names of which all numbers are tried */
	MIN_CALLS = 256,
	MAX_CALLS = 1024,
	/* eval_call looks at every name of every rule: looks in all. */
	MAX_LOOKS = 1 << 19,
};

static const uint32_t tokens[] = { 0xc000003e, 0x40000003, 0xc00000b7, 0 };

static const uint32_t edge_numbers[] = {
	0x00000000, 0x00000001, 0x00000066, 0x00000075, 0x0000014f, 0x000001d2,
	0x00000200, 0x00000223, 0x00000400, 0x0000ffff, 0x3fffffff, 0x40000000,
	0x400001d2, 0x40000223, 0x40000400, 0x7fffffff, 0x80000000, 0xbfffffff,
	0xc0000000, 0xfffffffe, 0xffffffff,
};

struct trial {
	const struct compilation *c;
	uint64_t seed;
	size_t *count;
	struct difference *difference;
};

static size_t
below(struct trial *t, size_t limit)
{
	return (size_t)(fuzz_random(&t->seed) >> 16) % limit;
}

static bool
agree(struct trial *t, const struct seccomp_data *data)
{
	const struct program *program = t->c->program;
	uint64_t args[6];

	memcpy(args, data->args, sizeof(args));
	++*t->count;
	t->difference->data = *data;
	t->difference->expected =
		eval_call(t->c->ruleset, data->arch, (uint32_t)data->nr, args);
	t->difference->actual =
		bpf_run(program->code.v, program->code.n, data, NULL);
	return t->difference->expected == t->difference->actual;
}

/* A number under every token, all bits of the arguments clear and set. */
static bool
try_number(struct trial *t, uint32_t nr)
{
	for (size_t i = 0; i < LENGTH(tokens); i++) {
		struct seccomp_data data = { .nr = (int)nr, .arch = tokens[i] };

		if (!agree(t, &data))
			return false;
		memset(data.args, 0xff, sizeof(data.args));
		data.instruction_pointer = fuzz_random(&t->seed);
		if (!agree(t, &data))
			return false;
	}
	return true;
}

/* The numbers of a name and their neighbours, with and without bit 30. */
static bool
try_target(struct trial *t, const struct target *target)
{
	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		uint32_t number = (uint32_t)target->number[abi];

		if (target->number[abi] < 0)
			continue;
		for (uint32_t i = 0; i < 3; i++) {
			uint32_t nr = number + i - 1;

			if (!try_number(t, nr) ||
			    !try_number(t, nr ^ 0x40000000))
				return false;
		}
	}
	return true;
}

static size_t
count_targets(const struct ruleset *ruleset)
{
	size_t n = 0;

	for (size_t i = 0; i < ruleset->rules.n; i++)
		n += ruleset->rules.v[i].targets.n;
	return n;
}

static uint64_t
perturb(struct trial *t, uint64_t x)
{
	uint64_t ones = UINT64_C(0xffffffff00000000);

	switch (below(t, 10)) {
	case 0:
		return x + 1;
	case 1:
		return x - 1;
	case 2:
		return x ^ UINT64_C(1) << below(t, 64);
	case 3:
		return (uint32_t)x;
	case 4:
		return x | ones;
	case 5:
		return x ^ UINT64_C(1) << 32;
	case 6:
		return x << 32 | x >> 32;
	case 7:
		return x & ones;
	case 8:
		return ~x;
	default:
		return fuzz_random(&t->seed);
	}
}

/* A value for which a condition holds, or nearly so. */
static uint64_t
satisfy(struct trial *t, const struct condition *c)
{
	uint64_t random = fuzz_random(&t->seed);

	switch (c->op) {
	case CMP_NE:
		return random & 1 ? c->value + 1 : random;
	case CMP_LT:
		return random & 1 || !c->value ? c->value - 1
					       : random % c->value;
	case CMP_LE:
		return random & 1 || !c->value ? c->value : random % c->value;
	case CMP_GT:
		return random & 1 ? c->value + 1 : c->value | random;
	case CMP_GE:
		return random & 1 ? c->value : c->value | random;
	case CMP_MASKED_EQ:
		return c->value2 | (random & ~c->value);
	default:
		return c->value;
	}
}

static void
satisfy_rule(struct trial *t, const struct resolved_rule *rule,
	     struct seccomp_data *data)
{
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *c = &rule->conditions[i];

		data->args[c->arg] = satisfy(t, c);
	}
}

/* Aims at a name on an ABI; false if the ABI does not have it. */
static bool
aim(struct trial *t, const struct target *target, enum abi abi,
    struct seccomp_data *data)
{
	const struct arch *arch = arch_table[abi];
	int32_t number = target->number[abi];

	data->arch = arch->audit_token;
	if (target->mux[abi] >= 0 && (number < 0 || below(t, 2))) {
		const struct mux *mux = &arch->muxes[target->mux[abi]];

		number = syscall_find(mux->name)->number[abi];
		data->args[0] = target->mux_call[abi] |
				(fuzz_random(&t->seed) & ~mux->mask);
	}
	data->nr = (int)((uint32_t)number | arch->number_bit);
	return number >= 0;
}

/*
 * A call that a rule is about, with the conditions of that rule and perhaps
 * of another one nearly met.
 */
static bool
try_random(struct trial *t)
{
	const struct ruleset *ruleset = t->c->ruleset;
	const struct resolved_rule *rules = ruleset->rules.v;
	const struct resolved_rule *rule = &rules[below(t, ruleset->rules.n)];
	struct seccomp_data data = { 0 };

	if (!rule->targets.n)
		return true;
	if (!below(t, 4))
		for (size_t i = 0; i < 6; i++)
			data.args[i] = fuzz_random(&t->seed);
	if (below(t, 2))
		satisfy_rule(t, &rules[below(t, ruleset->rules.n)], &data);
	satisfy_rule(t, rule, &data);
	if (!aim(t, &rule->targets.v[below(t, rule->targets.n)],
		 (enum abi)below(t, ABI_COUNT), &data))
		return true;
	for (size_t n = below(t, 3); n; n--) {
		size_t arg = below(t, 6);

		if (rule->condition_count && below(t, 8))
			arg = rule->conditions[below(t, rule->condition_count)]
				      .arg;
		data.args[arg] = perturb(t, data.args[arg]);
	}
	if (!below(t, 16))
		data.nr ^= 1 << below(t, 31);
	if (!below(t, 32))
		data.arch = tokens[below(t, LENGTH(tokens))];
	return agree(t, &data);
}

bool
try_calls(const struct compilation *c, uint64_t seed, size_t *count,
	  struct difference *difference)
{
	const struct ruleset *ruleset = c->ruleset;
	size_t targets = count_targets(ruleset);
	size_t calls = MAX_LOOKS / (targets + 1);
	struct trial t = { c, seed, count, difference };

	calls = calls < MIN_CALLS ? MIN_CALLS : calls;
	calls = calls > MAX_CALLS ? MAX_CALLS : calls;
	for (size_t i = 0; i < LENGTH(edge_numbers); i++)
		if (!try_number(&t, edge_numbers[i]))
			return false;
	for (size_t i = 0; targets && i < TARGETS; i++) {
		const struct resolved_rule *rule =
			&ruleset->rules.v[below(&t, ruleset->rules.n)];

		if (rule->targets.n &&
		    !try_target(&t,
				&rule->targets.v[below(&t, rule->targets.n)]))
			return false;
	}
	for (size_t i = 0; targets && i < calls; i++)
		if (!try_random(&t))
			return false;
	return true;
}
