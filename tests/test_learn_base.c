/*
 * What was seen, added to profiles of a folder: random calls, with arguments
 * and without.  By eval.c, which shares no code with what is tested: every
 * call that was seen is allowed then, or is said not to be, at a name of the
 * base; and of many others none gets another action than it had, unless it is
 * said to be added.  The base's text is all there, in its order.
 *
 * Arguments: a folder, and another one if it is not there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "eval.h"
#include "learn/base.h"
#include "sample.h"

enum { PROFILES = 60, SETS = 3, CALLS = 24, OTHERS = 2 };

struct call {
	enum abi abi;
	uint32_t number;
	bool blind;
	uint64_t args[6];
};

struct trial {
	const struct compilation *c;
	const char *path;
	uint64_t seed;
	struct call calls[CALLS];
	struct arena arena;
	struct seen *seen;
	struct learned_options options;
	struct base base;
	size_t bases, same, added, narrow, refused, unsure, abis, uncut,
		problems, others, failed;
};

static void
fail(struct trial *t, const struct call *call, const char *what)
{
	const struct syscall_name *name =
		call ? syscall_find_number(call->abi, call->number) : NULL;

	if (t->failed++ < 20)
		printf("not ok - %s: %s %s: %s\n", t->path,
		       call ? arch_table[call->abi]->name : "",
		       name ? name->name : "", what);
}

/* Of these some have arguments that are watched. */
static uint32_t
choose_number(struct trial *t, enum abi abi)
{
	uint64_t r = calls_random(&t->seed);
	size_t n = 0;

	while (watched_at(n))
		n++;
	if (r % 3 == 0) {
		int32_t number = syscall_find(watched_at((r >> 8) % n)->name)
					 ->number[abi];

		if (number >= 0)
			return (uint32_t)number;
	}
	n = (r >> 8) % syscall_number_count[abi];
	return (uint32_t)syscall_names[syscall_numbers[abi][n]].number[abi];
}

static void
choose_args(struct trial *t, uint64_t args[6])
{
	const struct ruleset *rules = t->c->ruleset;

	for (unsigned i = 0; i < 6; i++) {
		uint64_t r = calls_random(&t->seed);
		const struct resolved_rule *rule;

		args[i] = r % 4 ? r >> 61 : r;
		if (!rules->rules.n || r % 3)
			continue;
		rule = &rules->rules.v[(r >> 8) % rules->rules.n];
		if (rule->condition_count)
			args[rule->conditions[0].arg] =
				rule->conditions[0].value + (r >> 40) % 2;
	}
}

static uint32_t
eval(const struct ruleset *rules, const struct call *call, const uint64_t *args)
{
	const struct arch *arch = arch_table[call->abi];

	return eval_call(rules, arch->audit_token,
			 call->number | arch->number_bit, args);
}

static void
see(struct trial *t, bool blind)
{
	t->seen = seen_create(&t->arena);
	seen_against(t->seen, base_widen(&t->arena, t->c));
	for (size_t i = 0; i < CALLS; i++) {
		struct call *call = &t->calls[i];
		struct seen_call seen = { .action = SECCOMP_RET_LOG,
					  .exe = i % 3 ? "/a" : "/b" };
		uint64_t r = calls_random(&t->seed);

		call->abi = r % 8 ? ABI_X86_64 : (enum abi)(r / 8 % ABI_COUNT);
		call->number = choose_number(t, call->abi);
		call->blind = blind;
		choose_args(t, call->args);
		seen.arch = arch_table[call->abi]->audit_token;
		seen.number = call->number | arch_table[call->abi]->number_bit;
		seen.args = blind ? NULL : call->args;
		seen_add(t->seen, &seen);
	}
}

/* What is said of a call, or NULL. */
static const struct base_item *
find_item(const struct trial *t, const struct call *call,
	  enum base_verdict verdict)
{
	const struct syscall_name *name =
		syscall_find_number(call->abi, call->number);

	for (size_t i = 0; i < t->base.items.n; i++) {
		const struct base_item *item = &t->base.items.v[i];

		if (item->verdict == verdict && item->abi == call->abi &&
		    item->name == name)
			return item;
	}
	return NULL;
}

/* Whether an action runs the call, or a rule has it decided elsewhere. */
static bool
is_allowed(const struct trial *t, uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return true;
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return action != t->c->ruleset->default_action;
	default:
		return false;
	}
}

static void
check_seen(struct trial *t, const struct call *call)
{
	const struct ruleset *after = t->base.now->ruleset;
	uint64_t args[6];
	bool all = true;

	memcpy(args, call->args, sizeof(args));
	for (size_t i = 0; i < (call->blind ? 8 : 1); i++) {
		if (i)
			choose_args(t, args);
		all &= is_allowed(t, eval(after, call, args));
	}
	if (all)
		return;
	if (find_item(t, call, BASE_REFUSED))
		t->refused++;
	else if (call->blind && find_item(t, call, BASE_UNSURE))
		t->unsure++;
	else if (!find_item(t, call, BASE_NO_ABI))
		fail(t, call, "it is not allowed, and nothing is said");
}

static const struct base_addition *
find_addition(const struct trial *t, const struct call *call)
{
	const struct syscall_name *name =
		syscall_find_number(call->abi, call->number);

	for (size_t i = 0; i < t->base.additions.n; i++)
		if (t->base.additions.v[i].name == name)
			return &t->base.additions.v[i];
	return NULL;
}

/* Whether arguments are like those of some call of the name that was seen. */
static bool
was_seen_so(const struct trial *t, const struct call *call,
	    const uint64_t *args)
{
	const struct syscall_name *name =
		syscall_find_number(call->abi, call->number);
	const struct watched *w = watched_find(name->name);

	for (size_t i = 0; i < CALLS; i++) {
		const struct call *seen = &t->calls[i];
		bool same =
			syscall_find_number(seen->abi, seen->number) == name;

		for (size_t j = 0; w && j < w->count; j++)
			same &= !((args[w->arg[j]] ^ seen->args[w->arg[j]]) &
				  w->mask[j]);
		if (same)
			return true;
	}
	return false;
}

/* Rule 11, by all names of the result. */
static bool
may_be_uncut(const struct trial *t, const struct call *call)
{
	const struct ruleset *before = t->c->ruleset;
	int32_t highest = -1;

	for (size_t i = 0; i < before->rules.n; i++)
		for (size_t j = 0; j < before->rules.v[i].targets.n; j++) {
			const struct target *target =
				&before->rules.v[i].targets.v[j];

			if (target->number[call->abi] > highest)
				highest = target->number[call->abi];
		}
	return (int64_t)call->number > highest;
}

static bool
is_carried(const struct trial *t, const struct call *call)
{
	const struct syscall_name *name =
		syscall_find_number(call->abi, call->number);

	if (call->abi != ABI_I386 ||
	    (strcmp(name->name, "socketcall") && strcmp(name->name, "ipc")))
		return false;
	for (size_t i = 0; i < t->base.additions.n; i++) {
		const char *added = t->base.additions.v[i].name->name;
		const struct arch *arch = arch_table[ABI_I386];

		for (size_t j = 0; j < arch->mux_count; j++)
			for (size_t k = 0; k < arch->muxes[j].count; k++)
				if (!strcmp(arch->muxes[j].calls[k].name,
					    added))
					return true;
	}
	return false;
}

static void
check_other(struct trial *t, const struct call *call, const uint64_t *args)
{
	const struct ruleset *after = t->base.now->ruleset;
	uint32_t x = eval(t->c->ruleset, call, args);
	uint32_t y = eval(after, call, args);
	const struct base_addition *added = find_addition(t, call);

	t->others++;
	if (t->base.abis >> call->abi & 1)
		return;
	if (added && y == SECCOMP_RET_ALLOW) {
		if (x != y && added->values.list.n &&
		    !was_seen_so(t, call, args))
			fail(t, call, "arguments that were not seen");
		return;
	}
	if (x == y || (y == SECCOMP_RET_ALLOW && is_carried(t, call)))
		return;
	if (x == (SECCOMP_RET_ERRNO | ENOSYS) && y == after->default_action &&
	    may_be_uncut(t, call)) {
		t->uncut++;
		return;
	}
	fail(t, call, "it changed, and that is not said");
}

static void
check_others(struct trial *t)
{
	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		for (size_t i = 0; i < syscall_number_count[abi]; i++)
			for (size_t j = 0; j < OTHERS; j++) {
				const struct syscall_name *name =
					&syscall_names[syscall_numbers[abi][i]];
				struct call call = {
					.abi = (enum abi)abi,
					.number = (uint32_t)name->number[abi]
				};
				uint64_t args[6];

				choose_args(t, args);
				check_other(t, &call, args);
			}
}

/* Whether one text is another with bytes put in. */
static bool
is_within(const struct source *source, const char *text, size_t len)
{
	size_t at = 0;

	for (size_t i = 0; i < len && at < source->len; i++)
		at += text[i] == source->text[at];
	return at == source->len;
}

static void
check_text(struct trial *t)
{
	const struct base *base = &t->base;
	bool same =
		base->draft.len == t->c->source.len &&
		!memcmp(base->draft.text, t->c->source.text, t->c->source.len);

	t->same += same;
	if (same != (!base->additions.n && !base->abis))
		fail(t, NULL, "the text is the base's, or it is not");
	if (!is_within(&t->c->source, base->draft.text, base->draft.len))
		fail(t, NULL, "the base's text is not in it");
}

static void
count(struct trial *t)
{
	t->bases++;
	for (size_t i = 0; i < t->base.additions.n; i++) {
		t->added++;
		t->narrow += t->base.additions.v[i].values.list.n > 0;
	}
	t->abis += t->base.abis != 0;
}

static void
try_set(struct trial *t, bool blind, bool arguments)
{
	enum base_end end;

	arena_init(&t->arena);
	if (setjmp(t->arena.oom))
		abort();
	see(t, blind);
	t->options = (struct learned_options){ .arguments = arguments };
	end = base_extend(&t->base, &t->arena, t->c, t->seen, &t->options);
	if (end == BASE_UNPROVED)
		fail(t, NULL, t->base.problem);
	if (end == BASE_FAILED) {
		printf("# %s: %s\n", t->path, t->base.problem);
		t->problems++;
	}
	if (end == BASE_DONE) {
		count(t);
		check_text(t);
		for (size_t i = 0; i < CALLS; i++)
			check_seen(t, &t->calls[i]);
		check_others(t);
	}
	arena_finish(&t->arena);
}

/* Half of them without --arch, so that ABIs can be added. */
static bool
open_base(struct compilation *c, const struct sampled *s, size_t at)
{
	struct options options;
	enum severity level[DIAG_COUNT];

	sample_compile(c, s);
	if (at % 2)
		return true;
	options = c->options;
	memcpy(level, c->diags.level, sizeof(level));
	compilation_finish(c);
	compilation_init(c, s->path, s->text, s->len);
	c->options = options;
	c->options.abis = 0;
	memcpy(c->diags.level, level, sizeof(level));
	return compile(c);
}

int
main(int argc, char **argv)
{
	static struct sample sample;
	static struct trial t = { .seed = 11 };

	if (argc != 3)
		return 2;
	sample_choose(&sample, argv[1], argv[2], PROFILES);
	t.failed = sample.unproved;
	for (size_t i = 0; i < sample.n; i++) {
		struct compilation c;

		t.c = &c;
		t.path = sample.v[i].path;
		if (open_base(&c, &sample.v[i], i))
			for (size_t j = 0; j < SETS; j++)
				try_set(&t, j == 0, j == 2);
		compilation_finish(&c);
	}
	printf("# %zu profiles, %zu results, %zu of them as the base; %zu "
	       "additions, %zu on some arguments; %zu calls refused, %zu not "
	       "known; %zu times an ABI; %zu without a result; %zu other "
	       "calls, %zu no longer ENOSYS\n%zu failed\n",
	       sample.n, t.bases, t.same, t.added, t.narrow, t.refused,
	       t.unsure, t.abis, t.problems, t.others, t.uncut, t.failed);
	if (sample.whole)
		t.failed += !t.narrow || !t.refused || !t.unsure || !t.abis ||
			    t.problems > t.bases / 10;
	sample_finish(&sample);
	return t.failed || !t.bases;
}
