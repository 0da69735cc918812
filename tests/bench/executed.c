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

typedef void visitor(void *context, const struct syscall_name *name,
		     const struct seccomp_data *data);

/*
 * Every known x86_64 syscall: with arguments zero first, then with one value
 * in all arguments, then in each alone.
 */
static void
visit_calls(const struct selection *s, visitor *visit, void *context)
{
	struct values values;

	collect(&values, s);
	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++) {
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[ABI_X86_64][i]];
		struct seccomp_data data = { .nr = name->number[ABI_X86_64],
					     .arch = AUDIT_ARCH_X86_64 };

		for (size_t j = 0; j < values.n; j++) {
			for (size_t arg = 0; arg < 6; arg++)
				data.args[arg] = values.v[j];
			visit(context, name, &data);
			memset(data.args, 0, sizeof(data.args));
			for (size_t arg = 0; j && arg < 6; arg++) {
				data.args[arg] = values.v[j];
				visit(context, name, &data);
				data.args[arg] = 0;
			}
		}
	}
}

struct measured {
	const struct code *code, *other;
	struct executed *executed;
	size_t zero_calls, sum, differ;
	bool without_new;
};

static void
measure_call(void *context, const struct syscall_name *name,
	     const struct seccomp_data *data)
{
	static const uint64_t zero[6];
	struct measured *m = context;
	unsigned n;

	(void)name;
	bpf_run(m->code->v, m->code->n, data, &n);
	if (n > m->executed->max)
		m->executed->max = n;
	if (memcmp(data->args, zero, sizeof(zero)))
		return;
	m->zero_calls++;
	m->sum += n;
	if (n > m->executed->max_zero)
		m->executed->max_zero = n;
}

void
executed_measure(const struct code *code, const struct selection *s,
		 struct executed *executed)
{
	struct measured m = { .code = code, .executed = executed };

	*executed = (struct executed){ 0 };
	visit_calls(s, measure_call, &m);
	executed->mean = (double)m.sum / (double)m.zero_calls;
}

static void
compare_call(void *context, const struct syscall_name *name,
	     const struct seccomp_data *data)
{
	struct measured *m = context;

	if (m->without_new && !peer_knows(name->name))
		return;
	m->differ += bpf_run(m->code->v, m->code->n, data, NULL) !=
		     bpf_run(m->other->v, m->other->n, data, NULL);
}

size_t
executed_differ(const struct code *a, const struct code *b,
		const struct selection *s)
{
	struct measured m = { .code = a,
			      .other = b,
			      .without_new = s->abis != 1 << ABI_X86_64 };

	visit_calls(s, compare_call, &m);
	return m.differ;
}
