#include "lint.h"

#include <stdio.h>

void
lint_report(struct lint *l, enum diag_id id, const struct json *where,
	    const char *hint, const char *fmt, ...)
{
	struct lint_finding *finding;
	struct buf buf = { .arena = l->arena };
	va_list ap;

	if (!report_is_new(&l->reported, l->arena, id, where))
		return;
	va_start(ap, fmt);
	buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	finding = vec_push(l->arena, &l->found);
	*finding = (struct lint_finding){ id, where, hint, buf.data };
}

/* Every lint, in the order of lint-names.h. */
static void (*const lints[])(struct lint *l) = {
	lint_naming,
	lint_redundant,
	lint_rules,
	lint_widths,
	lint_terminal,
	lint_ptrace,
	lint_newer,
	lint_abis,
	lint_variants,
	lint_clone3,
	lint_default,
	lint_fallbacks,
	lint_libcs,
	lint_process,
	lint_dialect,
	lint_listener,
	lint_runtime,
	budget_cached,
};

/* May be called again on an empty set. */
static void
work(struct dd_set *set, void *data)
{
	struct lint *l = data;
	bool clash;

	l->set = set;
	l->found.n = 0;
	l->reported = (struct report_set){ 0 };
	l->decides = meaning_of(set, l->c->ruleset, &clash);
	for (size_t i = 0; i < ABI_COUNT; i++)
		l->abis[i] = l->c->ruleset->abis >> i & 1
				     ? dd_at(set, l->decides, DD_ARCH,
					     arch_table[i]->audit_token)
				     : DD_NONE;
	for (size_t i = 0; i < LENGTH(lints); i++)
		lints[i](l);
}

static void
finish(void *set)
{
	dd_finish(set);
}

const struct json **
lint_names(struct arena *arena, const struct ruleset *rules)
{
	const struct json **named =
		arena_alloc(arena, syscall_name_count * sizeof(*named));

	for (size_t i = 0; i < rules->rules.n; i++) {
		for (size_t j = 0; j < rules->rules.v[i].targets.n; j++) {
			const struct target *t =
				&rules->rules.v[i].targets.v[j];
			const struct syscall_name *known =
				syscall_find(t->name);

			/* Some are behind multiplexers alone. */
			if (known && !named[known - syscall_names])
				named[known - syscall_names] = t->where;
		}
	}
	return named;
}

/* Running out of memory leaves through the arena. */
static void
run(struct compilation *c, const struct lint_options *options)
{
	struct lint l = { .c = c, .options = options, .arena = &c->arena };
	struct dd_set *set = arena_alloc(&c->arena, sizeof(*set));
	char reason[160];
	enum dd_end end;

	l.named = lint_names(&c->arena, c->ruleset);
	arena_own(&c->arena, set, finish);
	end = dd_run_fields(set, work, &l);
	dd_explain(set, end, reason, sizeof(reason));
	dd_finish(set);
	if (end == DD_NO_MEMORY)
		longjmp(c->arena.oom, 1);
	if (end != DD_DONE)
		diag_at(&c->diags, DIAG_TOO_COMPLEX, c->profile->root, NULL,
			"lints cannot look at all that the profile decides: %s",
			reason);
	for (size_t i = 0; end == DD_DONE && i < l.found.n; i++) {
		const struct lint_finding *f = &l.found.v[i];

		diag_at(&c->diags, f->id, f->where, f->hint, "%s", f->message);
	}
}

bool
lint_run(struct compilation *c, const struct lint_options *options)
{
	if (!c->ruleset || c->out_of_memory)
		return !c->out_of_memory;
	if (setjmp(c->arena.oom)) {
		c->out_of_memory = true;
		return false;
	}
	run(c, options);
	return true;
}
