/*
 * Lints: what is wrong with a profile although it has a meaning.  Each is
 * about what the profile decides, not about how it is written, wherever that
 * can be: it looks at the function of the rules and shows a call.
 */
#ifndef SECCOMPC_LINT_H
#define SECCOMPC_LINT_H

#include "budget.h"
#include "compiler/compiler.h"

/* Programs that read a profile. */
enum consumer {
	CONSUMER_ANY,
	CONSUMER_DOCKER,
	CONSUMER_PODMAN,
	CONSUMER_CRIO,
	CONSUMER_KUBERNETES, /* with containerd */
	CONSUMER_OCI,	     /* runc and crun */
};

/* What to look for. */
struct lint_options {
	enum consumer consumer;
	const struct budgets *budgets; /* or NULL; budget_cached() */
};

struct lint_finding {
	enum diag_id id;
	const struct json *where;
	const char *hint; /* or NULL */
	const char *message;
};

/* What every lint reads. */
struct lint {
	const struct compilation *c; /* of which ruleset is not NULL */
	const struct lint_options *options;
	struct arena *arena; /* of the compilation */
	struct dd_set *set;
	dd decides;		   /* what the rules say of any call */
	dd abis[ABI_COUNT];	   /* of those through an ABI; DD_NONE: the
				    * filter does not have it */
	const struct json **named; /* lint_names() */
	VEC(struct lint_finding) found;
};

/*
 * Adds to c->diags what lints find in a compilation that got as far as
 * c->ruleset (before that there is nothing to look at), whether or not a
 * program came of it.  Returns false if memory ran out.
 */
bool lint_run(struct compilation *c, const struct lint_options *options);

/* By index into syscall_names: where a rule that is selected names it for the
 * first time, or NULL. */
const struct json **lint_names(struct arena *arena,
			       const struct ruleset *rules);

/*
 * Reports id at a value of the profile; hint may be NULL.  It is printed when
 * all lints are done: work on diagrams may start again.  The same id at the
 * same place is kept once, the first time.
 */
void lint_report(struct lint *l, enum diag_id id, const struct json *where,
		 const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* lint-call.c: questions about what a profile decides. */

/*
 * What a syscall gets on an ABI, as a function of the arguments; DD_NONE if
 * it has no number there or the ABI is not in the filter.
 */
dd lint_call(struct lint *l, enum abi abi, const char *name);

/* Where a function returns an action that one of the masks of enum
 * lint_verdict has: DD_TRUE, DD_FALSE or a condition on arguments. */
enum lint_verdict {
	LINT_RUNS = 1,	 /* ALLOW, LOG */
	LINT_ENOSYS = 2, /* ERRNO(ENOSYS) */
	LINT_ERRNO = 4,	 /* any other errno */
	LINT_KILLS = 8,	 /* TRAP, KILL_THREAD, KILL_PROCESS */
	LINT_ASKS = 16,	 /* TRACE, NOTIFY: somebody else decides */
	LINT_DENIES = LINT_ENOSYS | LINT_ERRNO | LINT_KILLS,
};
dd lint_where(struct lint *l, dd function, unsigned verdicts);

/* The verdict of one action. */
enum lint_verdict lint_verdict(uint32_t action);

/* A call in `where`, which is not empty, in words: "x86_64 ioctl(...)". */
const char *lint_witness(struct lint *l, enum abi abi, const char *name,
			 dd where);

/* Where the profile names a syscall for the first time in rules that are
 * selected; the default action if it does not. */
const struct json *lint_place(const struct lint *l, const char *name);
bool lint_is_named(const struct lint *l, const char *name);

/* The lints, by file. */

/* budget.c */
void budget_cached(struct lint *l);

#endif
