/*
 * Expectations as diagrams.  A line holds if no call that it is about gets an
 * action that it does not take: an exact answer, with a call if it is no.
 */
#include "expect-diagram.h"

#include <stdio.h>

enum {
	MOST_VALUES = 1024, /* that a program returns in one place */
	BATCH = 128,	    /* lines that share a reading of the program */
};

/* Of work on all expectations: each alone may take LIMIT_PROOF_STEPS. */
static const size_t most_steps = (size_t)16 * LIMIT_PROOF_STEPS;

struct judge {
	const struct expectations *list;
	size_t first, count; /* of the list, this time */
	struct expect_subject subject;
	struct expect_result *results;
	size_t steps;  /* so far, of all times */
	bool too_many; /* values, which ended the work */
	struct dd_set *set;
	dd program;
};

const struct syscall_name *
expect_call_name(const struct expect_call *call, enum abi abi)
{
	uint32_t bit = arch_table[abi]->number_bit;

	if (call->name || call->every || call->first != call->last)
		return call->name;
	return syscall_find_number(abi, call->first & ~bit);
}

/* The numbers of a line on an ABI, with its bit; false: it has none. */
static bool
find_numbers(const struct expect_call *call, enum abi abi, uint32_t *first,
	     uint32_t *last)
{
	uint32_t bit = arch_table[abi]->number_bit;

	*first = call->first | bit;
	*last = call->last | bit;
	if (call->name) {
		*first = *last = (uint32_t)call->name->number[abi] | bit;
		return call->name->number[abi] >= 0;
	}
	if (call->every) {
		*first = bit;
		/* The numbers of other ABIs of its kind begin at their bit. */
		*last = INT32_MAX;
		for (size_t i = 0; i < ABI_COUNT; i++)
			if (arch_table[i]->audit_token ==
				    arch_table[abi]->audit_token &&
			    arch_table[i]->number_bit > bit)
				*last = arch_table[i]->number_bit - 1;
		return true;
	}
	/* x86_64 has no numbers with the bit of x32. */
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (arch_table[i]->audit_token ==
			    arch_table[abi]->audit_token &&
		    arch_table[i]->number_bit > bit &&
		    call->first & arch_table[i]->number_bit)
			return false;
	return true;
}

/* Where a function returns something that a line takes. */
static dd
taken(struct judge *d, const struct expectation *e, dd function)
{
	uint32_t values[MOST_VALUES];
	size_t count = 0;
	dd where = DD_FALSE;

	d->too_many = !dd_values(d->set, function, values, &count, MOST_VALUES);
	if (d->too_many)
		dd_stop(d->set, DD_TOO_LARGE);
	for (size_t i = 0; i < count; i++) {
		bool good = false;
		dd value = dd_value(d->set, values[i]);

		for (size_t j = 0; j < e->actions.n && !good; j++)
			good = (values[i] & e->actions.v[j].mask) ==
			       e->actions.v[j].value;
		if (good)
			where = dd_or(d->set, where,
				      dd_apply(d->set, DD_IS, function, value,
					       DD_FALSE));
	}
	return where;
}

/* One call of a line on one ABI; true: it is about something. */
static bool
decide_call(struct judge *d, const struct expectation *e,
	    const struct expect_call *call, enum abi abi,
	    struct expect_result *result)
{
	struct dd_set *set = d->set;
	const struct syscall_name *name = expect_call_name(call, abi);
	dd function =
		dd_at(set, d->program, DD_ARCH, arch_table[abi]->audit_token);
	dd about = DD_TRUE, wrong;
	struct expect_failure *f = &result->failures[result->count];
	uint32_t first, last;
	bool single;

	find_numbers(call, abi, &first, &last);
	single = first == last;
	if (single)
		function = dd_at(set, function, DD_NUMBER, first);
	else
		about = dd_and(set,
			       dd_reaches(set, DD_NUMBER, UINT32_MAX, first),
			       dd_less(set, DD_NUMBER, last + 1));
	for (unsigned i = 0; i < 6; i++)
		about = dd_and(set, about,
			       expect_arg_diagram(set, e, i, name, abi));
	wrong = dd_and(set, about, dd_not(set, taken(d, e, function)));
	/* One failure on each ABI will do. */
	if (wrong == DD_FALSE || (result->count && f[-1].abi == abi))
		return about != DD_FALSE;
	f->words = dd_difference(set, wrong, DD_FALSE, &f->call);
	f->abi = abi;
	f->call.arch = arch_table[abi]->audit_token;
	if (single)
		f->call.nr = (int)first;
	f->actual = dd_decide(set, d->program, &f->call);
	result->count++;
	return true;
}

static void
decide_line(struct judge *d, const struct expectation *e,
	    struct expect_result *result)
{
	bool here = false, about = false;
	uint32_t first, last;

	*result = (struct expect_result){ 0 };
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(e->abis >> i & 1) ||
		    (e->every_abi && !(d->subject.abis >> i & 1)))
			continue;
		for (size_t j = 0; j < e->calls.n; j++) {
			const struct expect_call *call = &e->calls.v[j];

			if (!find_numbers(call, (enum abi)i, &first, &last))
				continue;
			here = true;
			about |= decide_call(d, e, call, (enum abi)i, result);
		}
	}
	result->answer = !here		 ? EXPECT_SKIPPED
			 : !about	 ? EXPECT_EMPTY
			 : result->count ? EXPECT_FAILS
					 : EXPECT_HOLDS;
}

/* Before all else this saves starting again. */
static void
plan_masks(struct judge *d)
{
	for (size_t i = d->first; i < d->first + d->count; i++) {
		const struct expectation *e = &d->list->list.v[i];

		for (unsigned arg = 0; arg < 6; arg++) {
			for (size_t j = 0; j < e->args[arg].tests.n; j++) {
				const struct expect_test *t =
					&e->args[arg].tests.v[j];
				unsigned word = DD_ARGS + 2 * arg;

				if (t->op != EXPECT_MASK)
					continue;
				dd_plan_mask(d->set, word, (uint32_t)t->a);
				dd_plan_mask(d->set, word + 1,
					     (uint32_t)(t->a >> 32));
			}
		}
	}
}

/* May be called again on an empty set. */
static void
work(struct dd_set *set, void *data)
{
	struct judge *d = data;

	d->set = set;
	plan_masks(d);
	d->program = symbolic_run(set, d->subject.code, d->subject.count);
	set->where = "expectation ";
	for (size_t i = d->first; i < d->first + d->count; i++) {
		set->where_index = i + 1;
		decide_line(d, &d->list->list.v[i], &d->results[i]);
	}
}

/* A batch that is too much is tried again line by line. */
static enum dd_end
decide_batch(struct judge *d, size_t *stopped, char *why, size_t size)
{
	size_t first = d->first, count = d->count;
	struct dd_set set;
	enum dd_end end;

	if (d->steps > most_steps) {
		snprintf(why, size, "all expectations together take too long");
		*stopped = first;
		return DD_TOO_LONG;
	}
	end = dd_run_fields(&set, work, d);
	d->steps += set.steps;
	dd_explain(&set, end, why, size);
	if (end == DD_TOO_LARGE && d->too_many)
		snprintf(why, size,
			 "the program has more than %d actions for "
			 "one syscall",
			 MOST_VALUES);
	dd_finish(&set);
	if (end == DD_DONE || end == DD_NO_MEMORY || count == 1) {
		*stopped = first;
		return end;
	}
	d->count = 1;
	end = DD_DONE;
	for (size_t i = 0; i < count && end == DD_DONE; i++) {
		d->first = first + i;
		end = decide_batch(d, stopped, why, size);
	}
	return end;
}

/* An ABI whose calls all get one denial, with masks of DD_AGAIN's work. */
struct looker {
	const struct sock_filter *code;
	size_t count;
	abi_set abis;
};

static bool
is_refused(struct dd_set *set, dd program, enum abi abi)
{
	static const struct expect_call all = { .every = true };
	dd of = dd_at(set, program, DD_ARCH, arch_table[abi]->audit_token);
	uint32_t first, last, value;
	struct seccomp_data call = { 0 };
	dd numbers, same;

	find_numbers(&all, abi, &first, &last);
	numbers = dd_and(set, dd_reaches(set, DD_NUMBER, UINT32_MAX, first),
			 dd_less(set, DD_NUMBER, last + 1));
	call.arch = arch_table[abi]->audit_token;
	call.nr = (int)first;
	value = dd_decide(set, of, &call);
	same = dd_apply(set, DD_IS, of, dd_value(set, value), DD_FALSE);
	if (dd_and(set, numbers, dd_not(set, same)) != DD_FALSE)
		return false;
	switch (value & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
	case SECCOMP_RET_ERRNO:
		return true;
	default:
		return false;
	}
}

static void
look(struct dd_set *set, void *data)
{
	struct looker *l = data;
	dd program = symbolic_run(set, l->code, l->count);

	l->abis = 0;
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!is_refused(set, program, (enum abi)i))
			l->abis |= 1u << i;
	if (!l->abis)
		l->abis = (1u << ABI_COUNT) - 1;
}

enum dd_end
expect_abis(const struct sock_filter *code, size_t count, abi_set *abis)
{
	struct looker l = { code, count, 0 };
	struct dd_set set;
	enum dd_end end = dd_run_fields(&set, look, &l);

	dd_finish(&set);
	*abis = l.abis;
	return end;
}

enum dd_end
expect_decide(const struct expectations *list,
	      const struct expect_subject *subject,
	      struct expect_result *results, size_t *stopped, char *why,
	      size_t size)
{
	struct judge d = { .list = list,
			   .subject = *subject,
			   .results = results };
	enum dd_end end = DD_DONE;

	*stopped = 0;
	snprintf(why, size, "the program is too hard to read");
	if (!d.subject.abis)
		end = expect_abis(d.subject.code, d.subject.count,
				  &d.subject.abis);
	for (size_t i = 0; i < list->list.n && end == DD_DONE; i += BATCH) {
		d.first = i;
		d.count = list->list.n - i < BATCH ? list->list.n - i : BATCH;
		end = decide_batch(&d, stopped, why, size);
	}
	if (end == DD_NO_MEMORY)
		longjmp(list->arena->oom, 1);
	return end;
}
