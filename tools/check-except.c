/* Exceptions of settings files: which findings they silence. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

/* A name in a rule. */
struct use {
	const char *name;
	const struct rule *rule;
};

/* Where the syscalls of exceptions are looked for. */
struct uses {
	struct arena *arena;
	const struct profile *profile; /* or NULL */
	struct use *list;	       /* sorted; NULL: not made yet */
	size_t count;
};

static int
compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	if (names)
		return names;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* Made for the first exception that asks; the limits of settings and profiles
 * multiply to too many comparisons of names. */
static void
list_uses(struct uses *uses)
{
	const struct profile *p = uses->profile;
	size_t count = 0;

	for (size_t i = 0; i < p->rules.n; i++)
		count += p->rules.v[i].names.n;
	uses->list = arena_alloc(uses->arena, (count + 1) * sizeof(struct use));
	for (size_t i = 0; i < p->rules.n; i++) {
		const struct rule *rule = &p->rules.v[i];

		for (size_t j = 0; j < rule->names.n; j++)
			uses->list[uses->count++] = (struct use){
				rule->names.v[j]->string,
				rule,
			};
	}
	qsort(uses->list, uses->count, sizeof(struct use), compare_uses);
}

/* Whether a JSON pointer leads to a value or into it. */
static bool
is_inside(struct arena *arena, const char *pointer, const struct json *value)
{
	const char *outer = json_pointer(arena, value);
	size_t len = strlen(outer);

	return pointer && !strncmp(pointer, outer, len) &&
	       (!pointer[len] || pointer[len] == '/');
}

/* The rule of a profile that a finding is in, or NULL. */
static const struct rule *
find_rule(const struct uses *uses, const struct diag *diag)
{
	const struct profile *p = uses->profile;
	size_t low = 0, high = p ? p->rules.n : 0;

	/* low: how many rules begin before it or there. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->rules.v[middle].where->offset <= diag->offset)
			low = middle + 1;
		else
			high = middle;
	}
	/* What stands behind a rule is not about it. */
	if (!low ||
	    !is_inside(uses->arena, diag->pointer, p->rules.v[low - 1].where))
		return NULL;
	return &p->rules.v[low - 1];
}

/* The name that a finding is at, or NULL. */
static const char *
find_name(const struct rule *rule, const struct diag *diag)
{
	for (size_t i = 0; rule && i < rule->names.n; i++)
		if (rule->names.v[i]->offset == diag->offset)
			return rule->names.v[i]->string;
	return NULL;
}

static bool
has_name(struct uses *uses, const struct rule *rule, const char *name)
{
	const struct use use = { name, rule };

	if (!rule)
		return false;
	if (!uses->list)
		list_uses(uses);
	return bsearch(&use, uses->list, uses->count, sizeof(use),
		       compare_uses);
}

static bool
is_excepted(struct check_job *job, struct uses *uses, const struct diag *diag)
{
	const struct rule *rule = find_rule(uses, diag);
	const char *name = find_name(rule, diag);
	bool excepted = false;

	for (size_t i = 0; i < job->exceptions.n; i++) {
		struct check_exception *e = job->exceptions.v[i];

		if (e->id != diag->id)
			continue;
		/* At a name of its own, or elsewhere in a rule that has it. */
		if (e->syscall && (name ? strcmp(name, e->syscall) != 0
					: !has_name(uses, rule, e->syscall)))
			continue;
		e->used = true;
		excepted = true;
	}
	return excepted;
}

/* Which exceptions are about the profile; the command line wins. */
static void
find_exceptions(struct check_job *job)
{
	struct check *check = job->check;
	const char *path;

	if (!job->file || !job->file->exceptions.n)
		return;
	path = check_file_path(check, job->file, job->path);
	for (size_t i = 0; i < job->file->exceptions.n; i++) {
		struct check_exception *e = &job->file->exceptions.v[i];

		if (job->given[e->id] || !check_file_meets(e, path))
			continue;
		e->met = true;
		*vec_push(&check->arena, &job->exceptions) = e;
	}
}

/*
 * Whether all of a kind of finding is silenced, wherever it is.  Of exceptions
 * about a syscall nobody knows, and none is said to be without effect.
 */
static bool
is_silenced(struct check_job *job, enum diag_id id)
{
	bool silenced = false;

	for (size_t i = 0; i < job->exceptions.n; i++) {
		struct check_exception *e = job->exceptions.v[i];

		if (e->id != id)
			continue;
		e->used = true;
		silenced |= !e->syscall;
	}
	return silenced;
}

/* Counts what is not in the list by its severity in the end; an exception
 * about a syscall cannot be held against it. */
static size_t
count_dropped(struct check_job *job, struct diags *diags)
{
	size_t excepted = 0;

	for (size_t i = 0; i < DIAG_COUNT; i++) {
		size_t n = diags->dropped[i];

		diags->count[diags->level[i]] -= n;
		if (n && is_silenced(job, (enum diag_id)i))
			excepted += n;
		else
			diags->count[job->level[i]] += n;
	}
	return excepted;
}

void
check_job_keep(struct check_job *job, struct diags *diags,
	       const struct profile *profile)
{
	struct uses uses = { &job->check->arena, profile, NULL, 0 };
	size_t n = 0, excepted;

	find_exceptions(job);
	excepted = count_dropped(job, diags);
	for (size_t i = 0; i < diags->list.n; i++) {
		struct diag diag = diags->list.v[i];

		diags->count[diag.severity]--;
		diag.severity = job->level[diag.id];
		if (job->exceptions.n && is_excepted(job, &uses, &diag)) {
			excepted++;
			continue;
		}
		diags->count[diag.severity]++;
		diags->list.v[n++] = diag;
	}
	diags->list.n = n;
	check_keep(job->check, diags, excepted);
}
