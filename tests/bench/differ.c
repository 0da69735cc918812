#include "bench.h"

#include <linux/audit.h>
#include <string.h>

enum { VALUES_MAX = 512 };

/* Values to try on arguments: around each constant of the rules. */
struct values {
	uint64_t v[VALUES_MAX];
	size_t n;
};

static void
add(struct values *values, uint64_t x)
{
	for (size_t i = 0; i < values->n; i++)
		if (values->v[i] == x)
			return;
	if (values->n < VALUES_MAX)
		values->v[values->n++] = x;
}

static void
collect(struct values *values, const struct selection *s)
{
	values->n = 0;
	add(values, 0);
	add(values, UINT64_MAX);
	for (size_t i = 0; i < s->rules.n; i++) {
		const struct rule *rule = s->rules.v[i];

		for (size_t j = 0; j < rule->conditions.n; j++) {
			const struct condition *c = &rule->conditions.v[j];

			add(values, c->value);
			add(values, c->value - 1);
			add(values, c->value + 1);
			add(values, ~c->value);
			add(values, c->value2);
			add(values, c->value | UINT64_C(1) << 32);
		}
	}
}

static bool
is_different(const struct code *a, const struct code *b,
	     const struct seccomp_data *data)
{
	return bpf_run(a->v, a->n, data, NULL) !=
	       bpf_run(b->v, b->n, data, NULL);
}

/* Of one number, with each value in all arguments, then in each alone. */
static size_t
count_number(const struct code *a, const struct code *b,
	     const struct values *values, int32_t number)
{
	struct seccomp_data data = { .nr = number, .arch = AUDIT_ARCH_X86_64 };
	size_t n = 0;

	for (size_t i = 0; i < values->n; i++) {
		for (size_t arg = 0; arg < 6; arg++)
			data.args[arg] = values->v[i];
		n += is_different(a, b, &data);
		memset(data.args, 0, sizeof(data.args));
		for (size_t arg = 0; i && arg < 6; arg++) {
			data.args[arg] = values->v[i];
			n += is_different(a, b, &data);
			data.args[arg] = 0;
		}
	}
	return n;
}

size_t
figures_differ(const struct code *a, const struct code *b,
	       const struct selection *s)
{
	bool without_new = s->abis != 1 << ABI_X86_64;
	struct values values;
	size_t n = 0;

	collect(&values, s);
	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++) {
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[ABI_X86_64][i]];

		if (!without_new || peer_knows(name->name))
			n += count_number(a, b, &values,
					  name->number[ABI_X86_64]);
	}
	return n;
}
