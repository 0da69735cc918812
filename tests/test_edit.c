/*
 * Changes that `explain` proposes, for profiles of a folder: each is put into
 * the profile's text here, step by step, and has to give the text that it was
 * tried on; that text is compiled again and has to give the call what was
 * wanted, by eval.c.  What else it changes is held against evaluating many
 * calls before and after: what differs has to be listed, and what is listed
 * has to differ.
 *
 * Arguments: a folder, and another one if it is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "eval.h"
#include "explain/edit.h"
#include "sample.h"

enum { PROFILES = 40, CALLS = 3, ARGUMENTS = 6 };

struct trial {
	const struct compilation *c;
	const char *path;
	uint64_t seed;
	size_t edits, none, steps, differences, failed;
	size_t ways[EDIT_WAYS];
};

static void
fail(struct trial *t, const struct trace_request *request, const char *what)
{
	if (t->failed++ < 20)
		printf("not ok - %s: arch 0x%x number %u: %s\n", t->path,
		       request->arch, request->number, what);
}

/* Whether a step comes before another in the text. */
static bool
is_before(const struct edit *edit, size_t a, size_t b)
{
	size_t x = edit->steps.v[a].offset, y = edit->steps.v[b].offset;

	return x != y ? x < y : a < b;
}

/* The steps on the first text, by their offsets in it. */
static char *
apply(const struct compilation *c, const struct edit *edit, size_t *len)
{
	size_t at = 0, n = edit->steps.n, done = 0;
	bool *used = calloc(n + 1, sizeof(*used));
	char *text;
	FILE *out = open_memstream(&text, len);

	if (!used || !out)
		abort();
	for (; done < n; done++) {
		size_t next = n;

		for (size_t i = 0; i < n; i++)
			if (!used[i] && (next == n || is_before(edit, i, next)))
				next = i;
		used[next] = true;
		if (edit->steps.v[next].option)
			continue;
		fwrite(c->source.text + at, 1, edit->steps.v[next].offset - at,
		       out);
		at = edit->steps.v[next].offset;
		fputs(edit->steps.v[next].inserted, out);
		at += edit->steps.v[next].removed;
	}
	fwrite(c->source.text + at, 1, c->source.len - at, out);
	fclose(out);
	free(used);
	return text;
}

/* Whether a change with these actions may be about a syscall. */
static bool
is_listed(const struct edit *edit, const struct syscall_name *name,
	  uint32_t before, uint32_t after)
{
	for (size_t i = 0; i < edit->changes.n; i++) {
		const struct edit_change *change = &edit->changes.v[i];
		const char *at = change->calls;
		size_t len = strlen(name->name);

		if (change->before != before || change->after != after)
			continue;
		if (strstr(change->calls, " more"))
			return true;
		while ((at = strstr(at, name->name))) {
			if (at[-1] == ' ' && strchr(",;", at[len]))
				return true;
			at += len;
		}
	}
	return false;
}

/* Arguments that conditions of the profile ask for, now and then. */
static void
choose_args(struct trial *t, uint64_t args[6])
{
	const struct ruleset *rules = t->c->ruleset;

	memset(args, 0, 6 * sizeof(*args));
	for (unsigned i = 0; i < 6; i++) {
		uint64_t r = calls_random(&t->seed);
		const struct resolved_rule *rule;

		args[i] = r % 4 ? r >> 60 : r;
		if (!rules->rules.n)
			continue;
		rule = &rules->rules.v[(r >> 8) % rules->rules.n];
		if (rule->condition_count)
			args[rule->conditions[0].arg] =
				rule->conditions[0].value + (r >> 40) % 2;
	}
}

/* Evaluates all syscalls before and after. */
static void
try_changes(struct trial *t, const struct trace_request *request,
	    const struct edit *edit, const struct ruleset *after)
{
	size_t found = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		for (size_t j = 0; j < syscall_number_count[i]; j++) {
			const struct syscall_name *name =
				&syscall_names[syscall_numbers[i][j]];
			uint32_t nr = (uint32_t)name->number[i] |
				      arch_table[i]->number_bit;
			uint64_t args[6];
			uint32_t x, y;

			choose_args(t, args);
			if (nr == request->number)
				for (unsigned k = 0; k < 6; k++)
					if (request->given >> k & 1)
						args[k] = request->args[k];
			x = eval_call(t->c->ruleset, arch_table[i]->audit_token,
				      nr, args);
			y = eval_call(after, arch_table[i]->audit_token, nr,
				      args);
			if (x == y)
				continue;
			found++;
			if (!is_listed(edit, name, x, y))
				fail(t, request, "a change is not listed");
		}
	t->differences += found;
}

static void
try_edit(struct trial *t, const struct trace_request *request,
	 const struct edit *edit)
{
	struct compilation c;
	size_t len;
	char *text = apply(t->c, edit, &len);
	bool options_only = true;

	t->edits++;
	t->ways[edit->way]++;
	t->steps += edit->steps.n;
	for (size_t i = 0; i < edit->steps.n; i++)
		options_only &= edit->steps.v[i].option != NULL;
	if (edit->way != EDIT_OPTIONS && options_only && !t->c->options.abis)
		fail(t, request, "no step changes the text");
	if (len != edit->len || memcmp(text, edit->text, len) != 0)
		fail(t, request, "the steps do not give the text");
	compilation_init(&c, t->path, text, len);
	c.options = edit->options;
	memcpy(c.diags.level, t->c->diags.level, sizeof(c.diags.level));
	if (!compile(&c)) {
		fail(t, request, "what comes of it does not compile");
	} else {
		for (size_t i = 0; i < ARGUMENTS; i++) {
			uint64_t args[6];

			choose_args(t, args);
			for (unsigned k = 0; k < 6; k++)
				if (request->given >> k & 1)
					args[k] = request->args[k];
			if (eval_call(c.ruleset, request->arch, request->number,
				      args) != SECCOMP_RET_ALLOW)
				fail(t, request, "it is not allowed then");
		}
		if (edit->unknown)
			fail(t, request, "what else changes is not known");
		try_changes(t, request, edit, c.ruleset);
	}
	compilation_finish(&c);
	free(text);
}

/* One way; memory is of arena. */
static bool
try_way(struct trial *t, struct arena *arena,
	const struct trace_request *request, enum edit_way way)
{
	struct edit edit;

	if (setjmp(arena->oom))
		abort();
	edit_find(&edit, arena, t->c, request, way, SECCOMP_RET_ALLOW);
	if (!edit.problem)
		try_edit(t, request, &edit);
	else if (way == EDIT_SYSCALL)
		printf("# %s: arch 0x%x number %u: %s\n", t->path,
		       request->arch, request->number, edit.problem);
	return !edit.problem;
}

static void
try_request(struct trial *t, const struct trace_request *request)
{
	struct arena arena;
	bool any = false;

	arena_init(&arena);
	for (int way = 0; way < EDIT_WAYS; way++)
		if (way != EDIT_ARGUMENTS || request->given)
			any |= try_way(t, &arena, request, (enum edit_way)way);
	t->none += !any;
	arena_finish(&arena);
}

/* A call of some ABI that is not allowed, if there is one; others have to
 * be told apart from that without an answer. */
static bool
choose_call(struct trial *t, struct trace_request *request)
{
	for (size_t tries = 0; tries < 400; tries++) {
		uint64_t r = calls_random(&t->seed), args[6];
		enum abi abi = (enum abi)(r % ABI_COUNT);
		size_t at = (r >> 8) % syscall_number_count[abi];
		const struct syscall_name *name =
			&syscall_names[syscall_numbers[abi][at]];

		memset(request, 0, sizeof(*request));
		request->arch = arch_table[abi]->audit_token;
		request->number = (uint32_t)name->number[abi] |
				  arch_table[abi]->number_bit;
		choose_args(t, args);
		if (eval_call(t->c->ruleset, request->arch, request->number,
			      args) == SECCOMP_RET_ALLOW)
			continue;
		if (tries % 2) {
			request->given = 1 + (r >> 40) % 3;
			memcpy(request->args, args, sizeof(args));
		}
		return true;
	}
	return false;
}

int
main(int argc, char **argv)
{
	static struct sample sample;
	struct trial t = { .seed = 7 };
	struct trace_request request;

	if (argc != 3)
		return 2;
	sample_choose(&sample, argv[1], argv[2], PROFILES);
	t.failed = sample.unproved;
	for (size_t i = 0; i < sample.n; i++) {
		struct compilation c;

		sample_compile(&c, &sample.v[i]);
		t.c = &c;
		t.path = sample.v[i].path;
		for (size_t j = 0; j < CALLS && choose_call(&t, &request); j++)
			try_request(&t, &request);
		compilation_finish(&c);
	}
	printf("# %zu profiles, %zu changes of %zu steps (%zu of options, %zu "
	       "for arguments, %zu for syscalls), %zu calls without; %zu calls "
	       "differ after them\n%zu failed\n",
	       sample.n, t.edits, t.steps, t.ways[EDIT_OPTIONS],
	       t.ways[EDIT_ARGUMENTS], t.ways[EDIT_SYSCALL], t.none,
	       t.differences, t.failed);
	t.failed += sample.whole && t.edits < sample.n;
	sample_finish(&sample);
	return t.failed || !sample.n;
}
