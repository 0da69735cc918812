#include "expect.h"
#include "tracer.h"

#include <string.h>

enum {
	MOST_CONJUNCTIONS = 12, /* of a case that are spelled out */
	MOST_ACTIONS = 256,	/* of a program, on one syscall */
};

void
trace_start(struct trace *trace, const struct trace_request *request)
{
	const struct seccomp_data call = { .nr = (int)request->number,
					   .arch = request->arch };

	memset(trace, 0, sizeof(*trace));
	trace->request = *request;
	trace->highest = -1;
	trace->abi = call_abi(&call);
	trace->name = call_name(&call);
}

enum trace_high
trace_high(const struct trace *trace, unsigned arg)
{
	uint64_t value = trace->request.args[arg];

	if (trace->abi == ABI_COUNT)
		return HIGH_GIVEN;
	if (arch_table[trace->abi]->args == ARGS_LOW)
		return HIGH_ANY;
	if (call_arg_width(trace->name, trace->abi, arg) == 32 &&
	    (value >> 31 == UINT64_MAX >> 31 ||
	     (value >> 31 == 1 &&
	      call_arg_signed(trace->name, trace->abi, arg))))
		return HIGH_SIGN;
	return HIGH_GIVEN;
}

static dd
find_high(struct tracer *t, const struct trace *trace, unsigned arg)
{
	unsigned word = DD_ARGS + 2 * arg + 1;
	uint32_t high = (uint32_t)(trace->request.args[arg] >> 32);

	switch (trace_high(trace, arg)) {
	case HIGH_ANY:
		return DD_TRUE;
	case HIGH_SIGN:
		return dd_or(t->set, dd_equals(t->set, word, UINT32_MAX, 0),
			     dd_equals(t->set, word, UINT32_MAX, UINT32_MAX));
	case HIGH_GIVEN:
		break;
	}
	return dd_equals(t->set, word, UINT32_MAX, high);
}

/* Where the arguments that are known have their values. */
static dd
find_asked(struct tracer *t, const struct trace *trace)
{
	const struct trace_request *request = &trace->request;
	dd where = DD_TRUE;

	for (unsigned i = 0; i < 6; i++) {
		unsigned word = DD_ARGS + 2 * i;

		if (!(request->given >> i & 1))
			continue;
		where = dd_and(t->set, where,
			       dd_equals(t->set, word, UINT32_MAX,
					 (uint32_t)request->args[i]));
		where = dd_and(t->set, where, find_high(t, trace, i));
	}
	return where;
}

static void
spell_out(struct tracer *t, struct trace_case *made, dd where)
{
	struct conjunctions list = { 0 };

	made->always = where == t->asked;
	if (made->always)
		return;
	made->more = (dd_words(t->set, where) & DD_IP_WORDS) ||
		     !express(t->set, where, &list, MOST_CONJUNCTIONS);
	/* The set goes; what arguments were asked for is no condition. */
	for (size_t i = 0; !made->more && i < list.n; i++)
		*vec_push(t->arena, &made->where) = list.v[i];
}

/* The program's answer on a call of a case. */
static bool
is_confirmed(struct tracer *t, const struct trace_case *made)
{
	uint32_t says;

	if (!t->side->code)
		return true;
	says = bpf_run(t->side->code, t->side->count, &made->call, NULL);
	return meaning_normalise(says) == meaning_normalise(made->action);
}

void
trace_add(struct tracer *t, struct trace *trace, struct trace_case made,
	  dd where)
{
	dd value = dd_value(t->set, meaning_normalise(made.action));

	t->made = dd_apply(t->set, DD_ITE, where, value, t->made);
	where = dd_and(t->set, where, t->asked);
	if (where == DD_FALSE)
		return;
	made.words = dd_difference(t->set, where, DD_FALSE, &made.call);
	made.call.arch = trace->request.arch;
	made.call.nr = (int)trace->request.number;
	for (unsigned i = 0; i < 6; i++)
		if (trace->request.given >> i & 1) {
			/* What is above may depend on the case. */
			made.call.args[i] &= UINT64_MAX << 32;
			made.call.args[i] |=
				trace_high(trace, i) == HIGH_GIVEN
					? trace->request.args[i]
					: (uint32_t)trace->request.args[i];
			made.words |= 1u << (DD_ARGS + 2 * i);
		}
	spell_out(t, &made, where);
	if (!is_confirmed(t, &made))
		trace->wrong = true;
	*vec_push(t->arena, &trace->cases) = made;
}

void
trace_rest(struct tracer *t, struct trace *trace, enum trace_why why,
	   uint32_t action, dd where)
{
	trace_add(t, trace, (struct trace_case){ .why = why, .action = action },
		  where);
}

/* What a program tells apart; its values are the kernel's actions. */
static void
trace_program(struct tracer *t, struct trace *trace)
{
	uint32_t values[MOST_ACTIONS];
	struct seccomp_data call = { 0 };
	size_t n;

	if (!dd_values(t->set, t->function, values, &n, MOST_ACTIONS)) {
		/* Too many actions: one call has to do. */
		values[0] = dd_decide(t->set, t->function, &call);
		trace_rest(t, trace, TRACE_PROGRAM, values[0],
			   dd_apply(t->set, DD_IS, t->function,
				    dd_value(t->set, values[0]), DD_FALSE));
		t->made = t->function;
		return;
	}
	for (size_t i = 0; i < n; i++)
		trace_rest(t, trace, TRACE_PROGRAM, values[i],
			   dd_apply(t->set, DD_IS, t->function,
				    dd_value(t->set, values[i]), DD_FALSE));
}

static void
trace_one(struct tracer *t, struct trace *trace,
	  const struct trace_request *request)
{
	trace_start(trace, request);
	t->function =
		dd_at(t->set, dd_at(t->set, t->decides, DD_ARCH, request->arch),
		      DD_NUMBER, request->number);
	t->asked = find_asked(t, trace);
	t->made = DD_NONE;
	if (t->side->ruleset)
		trace_rules(t, trace);
	else
		trace_program(t, trace);
	if (t->made != t->function)
		trace->wrong = true;
}

/* May be called again on an empty set. */
static void
work(struct dd_set *set, void *data)
{
	struct tracer *t = data;

	t->set = set;
	memset(&t->parts, 0, sizeof(t->parts));
	if (t->side->ruleset)
		meaning_open(&t->r, set, t->side->ruleset);
	t->decides = side_read(set, t->side);
	for (size_t i = 0; i < t->count; i++)
		trace_one(t, &t->traces[i], &t->requests[i]);
}

static void
finish(void *set)
{
	dd_finish(set);
}

enum dd_end
trace_calls(struct arena *arena, const struct side *side,
	    const struct trace_request *requests, size_t count,
	    struct trace *traces, char *reason, size_t size)
{
	struct tracer t = { .arena = arena,
			    .side = side,
			    .requests = requests,
			    .count = count,
			    .traces = traces };
	struct dd_set *set = arena_alloc(arena, sizeof(*set));
	enum dd_end end;

	arena_own(arena, set, finish);
	end = dd_run(set, work, &t);
	dd_explain(set, end, reason, size);
	dd_finish(set);
	if (end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
	for (size_t i = 0; end == DD_DONE && side->ruleset && i < count; i++)
		trace_excluded(arena, &traces[i], side->ruleset->selection);
	return end;
}
