#include "calls.h"

#include <string.h>

#include "eval.h"

enum {
	MAX_NUMBER = 1024,
	MAX_RULES = 256,	/* that bear on one number */
	MAX_VALUES = 256,	/* to try on one argument */
	RANDOM_CALLS = 48,
};

struct values {
	uint64_t v[MAX_VALUES];
	size_t n;
};

struct trial {
	const struct compilation *c;
	uint64_t seed;
	size_t count;
	struct mismatch *mismatch;
	const struct resolved_rule *rules[MAX_RULES];
	size_t rule_count;
	struct values values[6];
};

uint64_t
calls_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static bool
try(struct trial *t, const struct seccomp_data *data)
{
	const struct program *program = t->c->program;
	uint64_t args[6];

	memcpy(args, data->args, sizeof(args));
	t->count++;
	t->mismatch->data = *data;
	t->mismatch->expected = eval_call(t->c->ruleset, data->arch,
					  (uint32_t)data->nr, args);
	t->mismatch->actual =
		bpf_run(program->code.v, program->code.n, data, NULL);
	return t->mismatch->expected == t->mismatch->actual;
}

static void
add(struct values *values, uint64_t x)
{
	for (size_t i = 0; i < values->n; i++)
		if (values->v[i] == x)
			return;
	if (values->n < MAX_VALUES)
		values->v[values->n++] = x;
}

/* A constant, its neighbours, and the same in either half alone. */
static void
add_around(struct values *values, uint64_t x)
{
	uint64_t low = (uint32_t)x, high = x - low, one = UINT64_C(1) << 32;

	add(values, x);
	add(values, x - 1);
	add(values, x + 1);
	add(values, low);
	add(values, low | one);
	add(values, low | UINT64_C(0xffffffff00000000));
	add(values, high);
	add(values, x + one);
	add(values, x - one);
	add(values, high | ((low + 1) & UINT32_MAX));
	add(values, high | ((low - 1) & UINT32_MAX));
	add(values, ~x);
}

static void
add_condition(struct trial *t, const struct condition *c)
{
	struct values *values = &t->values[c->arg];

	add_around(values, c->value);
	if (c->op != CMP_MASKED_EQ)
		return;
	add_around(values, c->value2);
	add_around(values, c->value2 | ~c->value);
	for (unsigned bit = 0; bit < 64; bit++)
		if (c->value >> bit & 1)
			add(values, c->value2 ^ UINT64_C(1) << bit);
}

/* A value that a condition holds for, if one is easy to name. */
static uint64_t
satisfying(const struct condition *c)
{
	switch (c->op) {
	case CMP_LT:
		return c->value - 1;
	case CMP_GT:
	case CMP_NE:
		return c->value + 1;
	case CMP_MASKED_EQ:
		return c->value2;
	default:
		return c->value;
	}
}

static bool
bears_on(const struct resolved_rule *rule, enum abi abi, uint32_t number)
{
	for (size_t i = 0; i < rule->targets.n; i++) {
		const struct target *target = &rule->targets.v[i];

		if (target->number[abi] == (int32_t)number)
			return true;
		if (target->mux[abi] >= 0 && (number == 102 || number == 117))
			return true;
	}
	return false;
}

static void
collect(struct trial *t, uint32_t arch, uint32_t nr)
{
	const struct ruleset *ruleset = t->c->ruleset;
	enum abi abi = arch == arch_i386.audit_token ? ABI_I386
		       : nr & 0x40000000	     ? ABI_X32
						     : ABI_X86_64;
	bool mux = abi == ABI_I386 && (nr == 102 || nr == 117);

	t->rule_count = 0;
	memset(t->values, 0, sizeof(t->values));
	for (size_t i = 0; i < 6; i++) {
		add(&t->values[i], 0);
		add(&t->values[i], UINT64_MAX);
	}
	for (uint64_t call = 0; mux && call < 26; call++) {
		add(&t->values[0], call);
		add(&t->values[0], call | 0x10000);
		add(&t->values[0], call | UINT64_C(1) << 32);
	}
	for (size_t i = 0; i < ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &ruleset->rules.v[i];

		if (!rule->condition_count ||
		    !bears_on(rule, abi, nr & ~UINT32_C(0x40000000)))
			continue;
		if (t->rule_count < MAX_RULES)
			t->rules[t->rule_count++] = rule;
		for (size_t j = 0; j < rule->condition_count; j++)
			add_condition(t, &rule->conditions[j]);
	}
}

/* From one base: every value of every argument in turn. */
static bool
try_around(struct trial *t, const struct seccomp_data *base)
{
	struct seccomp_data data = *base;

	for (size_t arg = 0; arg < 6; arg++) {
		for (size_t i = 0; i < t->values[arg].n; i++) {
			data.args[arg] = t->values[arg].v[i];
			if (!try(t, &data))
				return false;
		}
		data.args[arg] = base->args[arg];
	}
	return true;
}

static bool
try_random(struct trial *t, const struct seccomp_data *base)
{
	struct seccomp_data data = *base;

	for (size_t i = 0; i < RANDOM_CALLS; i++) {
		for (size_t arg = 0; arg < 6; arg++) {
			const struct values *values = &t->values[arg];
			uint64_t x = calls_random(&t->seed);

			data.args[arg] = x & 7 ? values->v[(x >> 8) % values->n]
					       : calls_random(&t->seed);
		}
		data.instruction_pointer = calls_random(&t->seed);
		if (!try(t, &data))
			return false;
	}
	return true;
}

static bool
try_number(struct trial *t, uint32_t arch, uint32_t nr)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = arch };

	collect(t, arch, nr);
	if (!try_around(t, &data))
		return false;
	if (!t->rule_count)
		return true;
	for (size_t i = 0; i < t->rule_count; i++) {
		const struct resolved_rule *rule = t->rules[i];

		memset(data.args, 0, sizeof(data.args));
		for (size_t j = 0; j < rule->condition_count; j++)
			data.args[rule->conditions[j].arg] =
				satisfying(&rule->conditions[j]);
		if (i < 16 && !try_around(t, &data))
			return false;
	}
	return try_random(t, &data);
}

bool
calls_agree(const struct compilation *c, uint64_t seed, size_t *count,
	    struct mismatch *mismatch)
{
	static const uint32_t archs[] = { 0xc000003e, 0x40000003, 0xc00000b7,
					  0 };
	static const uint32_t edges[] = {
		0x3fffffff, 0x7fffffff, 0x80000000, 0x8000003b, 0xbfffffff,
		0xc0000000, 0xc000003b, 0xfffffffe, 0xffffffff,
	};
	struct trial t = { .c = c, .seed = seed, .mismatch = mismatch };
	bool ok = true;

	for (size_t i = 0; ok && i < LENGTH(archs); i++) {
		for (uint32_t nr = 0; ok && nr < MAX_NUMBER; nr++)
			ok = try_number(&t, archs[i], nr) &&
			     try_number(&t, archs[i], nr | 0x40000000);
		for (size_t j = 0; ok && j < LENGTH(edges); j++)
			ok = try_number(&t, archs[i], edges[j]);
	}
	*count += t.count;
	return ok;
}
