#include "base.h"

#include <stdlib.h>
#include <string.h>

/* A call, or all calls of a number, of which the base is asked. */
struct question {
	enum abi abi;
	uint32_t number;
	bool whole;  /* whatever the arguments */
	bool wanted; /* it was not seen */
	uint64_t args[6];
	uint64_t count;
};

struct asker {
	struct base *base;
	VEC(struct question) questions;
	struct trace *traces; /* by question */
};

/* What is said of all arguments of a number: none were seen, or they were not
 * held against rules that hold now. */
static void
ask_whole(struct asker *a, enum abi abi, uint32_t number, bool wanted)
{
	struct base *base = a->base;
	uint64_t count = base->seen->count[abi][number];

	*vec_push(base->arena, &a->questions) = (struct question){
		.abi = abi,
		.number = number,
		.whole = true,
		.wanted = wanted,
		.count = wanted ? 0 : count,
	};
}

static void
ask_seen(struct asker *a, enum abi abi)
{
	const struct base *base = a->base;
	const struct seen *seen = base->seen;
	bool all = !(seen->base_abis >> abi & 1) || seen->many_misses;

	for (uint32_t i = 0; i < SEEN_NUMBERS; i++)
		if (seen->blind[abi][i] || (all && seen->count[abi][i]))
			ask_whole(a, abi, i, false);
}

static void
ask_misses(struct asker *a)
{
	const struct base *base = a->base;
	const struct seen *seen = base->seen;
	abi_set abis = base->now->ruleset->abis & seen->base_abis;

	for (size_t i = 0; i < seen->misses.n; i++) {
		const struct seen_miss *miss = &seen->misses.v[i];
		struct question *q;

		if (!(abis >> miss->abi & 1))
			continue;
		q = vec_push(base->arena, &a->questions);
		*q = (struct question){ .abi = miss->abi,
					.number = miss->number,
					.count = miss->count };
		memcpy(q->args, miss->args, sizeof(q->args));
	}
}

/* A runtime is of the native ABI, and families of those that were seen. */
static abi_set
abis_of_want(const struct base *base, const struct want *want)
{
	abi_set abis = want->reason == WANT_RUNTIME
			       ? 1u << base->first->options.native
			       : base->seen->abis;

	return abis & base->now->ruleset->abis;
}

static void
ask_wants(struct asker *a)
{
	const struct base *base = a->base;

	for (size_t i = 0; i < base->options->wants.n; i++) {
		const struct want *want = &base->options->wants.v[i];
		abi_set abis = abis_of_want(base, want);

		for (size_t abi = 0; abi < ABI_COUNT; abi++)
			if (abis >> abi & 1 && want->name->number[abi] >= 0)
				ask_whole(a, (enum abi)abi,
					  (uint32_t)want->name->number[abi],
					  true);
	}
}

/* Whether a call runs, or somebody is asked, with a rule that says so.  A log
 * of what the default lets through is what is to become rules. */
static bool
is_allowed(const struct trace_case *c)
{
	if (c->action == SECCOMP_RET_ALLOW)
		return true;
	return c->why == TRACE_RULE &&
	       (c->action == SECCOMP_RET_LOG ||
		c->action == SECCOMP_RET_USER_NOTIF ||
		(c->action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE);
}

/* The first rule on a name, with conditions, that is not for running it: what
 * allows the name on other arguments could get in its way. */
static const struct json *
find_other(const struct base *base, const struct syscall_name *name)
{
	const struct ruleset *rules = base->now->ruleset;

	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *rule = &rules->rules.v[i];

		if (rule->action == SECCOMP_RET_ALLOW)
			continue;
		for (size_t j = 0; j < rule->targets.n; j++)
			if (!strcmp(rule->targets.v[j].name, name->name))
				return rule->targets.v[j].where;
	}
	return NULL;
}

static const char *
find_waits(const struct trace *trace)
{
	for (size_t i = 0; i < trace->lost.n; i++) {
		const struct trace_lost *lost = &trace->lost.v[i];

		if (lost->rule->action == SECCOMP_RET_ALLOW &&
		    (lost->loss == LOSS_CAPS || lost->loss == LOSS_KERNEL))
			return lost->clause->string;
	}
	return NULL;
}

/* One line for a syscall of an ABI that is said the same of. */
static void
add_item(struct base *base, const struct base_item *item)
{
	for (size_t i = 0; i < base->items.n; i++) {
		struct base_item *it = &base->items.v[i];

		if (it->verdict == item->verdict && it->abi == item->abi &&
		    it->name == item->name && it->where == item->where) {
			it->count += item->count;
			return;
		}
	}
	*vec_push(base->arena, &base->items) = *item;
}

static struct base_addition *
find_addition(struct base *base, const struct syscall_name *name)
{
	size_t at = 0;

	while (at < base->additions.n && base->additions.v[at].name < name)
		at++;
	if (at < base->additions.n && base->additions.v[at].name == name)
		return &base->additions.v[at];
	vec_push(base->arena, &base->additions);
	for (size_t i = base->additions.n - 1; i > at; i--)
		base->additions.v[i] = base->additions.v[i - 1];
	base->additions.v[at] = (struct base_addition){ .name = name };
	return &base->additions.v[at];
}

static bool
has_value(const struct base_addition *added, const struct seen_value *value)
{
	for (size_t i = 0; i < added->values.list.n; i++)
		if (!memcmp(added->values.list.v[i].v, value->v,
			    sizeof(value->v)))
			return true;
	return false;
}

/* The values that a question is about: that of its call, or all. */
static bool
is_asked(const struct question *q, const struct watched *watched,
	 const struct seen_value *value)
{
	for (size_t i = 0; !q->whole && i < watched->count; i++)
		if (((uint32_t)q->args[watched->arg[i]] & watched->mask[i]) !=
		    value->v[i])
			return false;
	return true;
}

/* A question more about a name: once plain, an addition stays so. */
static void
add(struct base *base, const struct syscall_name *name,
    const struct question *q)
{
	const struct seen_values *values = seen_values(base->seen, name);
	struct base_addition *added = find_addition(base, name);

	if (!learned_is_narrow(base->seen, base->options, name))
		return;
	added->values.watched = values->watched;
	for (size_t i = 0; i < values->list.n; i++)
		if (is_asked(q, values->watched, &values->list.v[i]) &&
		    !has_value(added, &values->list.v[i]))
			*vec_push(base->arena, &added->values.list) =
				values->list.v[i];
}

/* A value of the text as it is, in that of the base: architectures are all
 * that it may have more of. */
static const struct json *
find_in_base(const struct base *base, const struct json *value)
{
	const struct json *parent;

	if (!value || !value->parent)
		return value ? base->first->json : NULL;
	parent = find_in_base(base, value->parent);
	return value->key ? json_member(parent, value->key)
			  : &parent->children[value->index];
}

static const struct json *
find_refusal(const struct trace *trace, const struct trace_case *c)
{
	if (c->why == TRACE_RULE)
		return c->target->where;
	for (size_t i = 0; i < trace->lost.n; i++)
		if (trace->lost.v[i].loss == LOSS_DEFAULT)
			return trace->lost.v[i].name;
	return NULL;
}

static bool
is_ruled(const struct trace_case *c)
{
	return c->why == TRACE_RULE || c->why == TRACE_REPEATED;
}

/* A case that is allowed, or is not: if it can be, one that a rule decides. */
static const struct trace_case *
find_case(const struct trace *trace, bool allowed)
{
	const struct trace_case *found = NULL;

	for (size_t i = 0; i < trace->cases.n; i++) {
		const struct trace_case *c = &trace->cases.v[i];

		if (is_allowed(c) == allowed && (!found || is_ruled(c)))
			found = c;
	}
	return found;
}

static void
answer(struct base *base, const struct question *q, const struct trace *trace)
{
	const struct trace_case *no = find_case(trace, false);
	const struct trace_case *yes = find_case(trace, true);
	struct base_item item = { .abi = q->abi,
				  .name = trace->name,
				  .count = q->count,
				  .waits = find_waits(trace) };

	if (!no)
		return;
	item.action = no->action;
	if (yes && q->whole) {
		item.verdict = BASE_UNSURE;
		item.where = yes->why == TRACE_RULE ? yes->target->where : NULL;
	} else if (is_ruled(no)) {
		item.verdict = BASE_REFUSED;
		item.where = find_refusal(trace, no);
	} else if ((item.where = find_other(base, item.name))) {
		item.verdict = BASE_REFUSED;
	} else {
		add(base, item.name, q);
	}
	item.where = find_in_base(base, item.where);
	add_item(base, &item);
}

static bool
trace_all(struct asker *a)
{
	struct base *base = a->base;
	struct side side = { .ruleset = base->now->ruleset,
			     .code = base->now->program->code.v,
			     .count = base->now->program->code.n };
	size_t n = a->questions.n;
	struct trace_request *requests =
		arena_alloc(base->arena, (n + 1) * sizeof(*requests));
	char reason[160];

	a->traces = arena_alloc(base->arena, (n + 1) * sizeof(*a->traces));
	for (size_t i = 0; i < n; i++) {
		const struct question *q = &a->questions.v[i];
		const struct arch *arch = arch_table[q->abi];

		requests[i].arch = arch->audit_token;
		requests[i].number = q->number | arch->number_bit;
		requests[i].given = q->whole ? 0 : 0x3f;
		memcpy(requests[i].args, q->args, sizeof(q->args));
	}
	if (trace_calls(base->arena, &side, requests, n, a->traces, reason,
			sizeof(reason)) == DD_DONE)
		return true;
	base->problem = arena_printf(base->arena, "%s", reason);
	base->unproved = true;
	return false;
}

static int
compare_items(const void *a, const void *b)
{
	const struct base_item *x = a, *y = b;

	if (x->verdict != y->verdict)
		return x->verdict < y->verdict ? -1 : 1;
	if (x->name != y->name)
		return x->name < y->name ? -1 : 1;
	if (x->abi != y->abi)
		return x->abi < y->abi ? -1 : 1;
	if (x->where && y->where)
		return x->where < y->where ? -1 : x->where > y->where;
	return !x->where - !y->where;
}

bool
base_ask(struct base *base)
{
	struct asker a = { .base = base };

	ask_misses(&a);
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (base->now->ruleset->abis >> i & 1)
			ask_seen(&a, (enum abi)i);
	ask_wants(&a);
	if (!trace_all(&a))
		return false;
	for (size_t i = 0; i < a.questions.n; i++)
		if (a.traces[i].name)
			answer(base, &a.questions.v[i], &a.traces[i]);
	if (base->items.n)
		qsort(base->items.v, base->items.n, sizeof(*base->items.v),
		      compare_items);
	return true;
}
