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
	struct report_set reported;
	/* For lint_reading(): made once, by enum dialect. */
	struct reading *readings[DIALECT_OCI + 1];
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

/* Whether there is much room left for work on diagrams.  A lint that compares
 * many rules asks, and leaves the rest alone: what compiles can be checked. */
bool lint_has_room(const struct lint *l);

/* Counts work that is not done on diagrams, such as looking at a condition. */
void lint_spend(struct lint *l, size_t steps);

/* A call in `where`, which is not empty, in words: "x86_64 ioctl(...)". */
const char *lint_witness(struct lint *l, enum abi abi, const char *name,
			 dd where);

/* What a function returns for that call. */
uint32_t lint_gets(struct lint *l, dd function, dd where);

/* Where the profile names a syscall for the first time in rules that are
 * selected; the default action if it does not. */
const struct json *lint_place(const struct lint *l, const char *name);
bool lint_is_named(const struct lint *l, const char *name);

/* An action of a function that denies, in words. */
const char *lint_denial(struct lint *l, dd function);

/* Whether the default action is one that runs a call. */
bool lint_runs_default(const struct lint *l);

/* Whether the kernel that the options name, if they do, has a syscall. */
bool lint_exists(const struct lint *l, enum abi abi, const char *name);

/* Whether a syscall is newer than all that rules name on an ABI, by number:
 * those that rule 11 and runc answer with ENOSYS. */
bool lint_is_new(const struct lint *l, enum abi abi, const char *name);

/* lint-list.c: names in a message. */

/* "'a', 'b' and 3 more" */
struct lint_list {
	struct buf text;
	unsigned count, limit; /* limit: how many are printed */
};

void lint_list_init(struct lint_list *list, struct arena *arena,
		    unsigned limit);
void lint_list_add(struct lint_list *list, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The text; nothing can be added after it. */
const char *lint_list_end(struct lint_list *list);

/* The lints, by file. */

/* lint-name.c: names that stand twice, are too new, or are no syscalls of an
 * ABI although the C library has functions of that name. */
void lint_naming(struct lint *l);

/* lint-redundant.c: rules and names without which nothing would change. */
void lint_redundant(struct lint *l);

/* lint-rule.c: conditions that say something else than they seem to. */
void lint_rules(struct lint *l);

/* lint-width.c: arguments that are narrower than what is compared. */
void lint_widths(struct lint *l);
/* lint-dialect.c, lint-dialect-listener.c, lint-runtime.c */
void lint_dialect(struct lint *l);
void lint_listener(struct lint *l);
void lint_runtime(struct lint *l);

/* budget.c */
void budget_cached(struct lint *l);

/* lint-hole.c: what is open */
void lint_terminal(struct lint *l);
void lint_ptrace(struct lint *l);
void lint_newer(struct lint *l);

/* lint-hole-variant.c */
void lint_variants(struct lint *l);

/*
 * Adds to list what is restricted on x86_64 and open on another ABI under a
 * name that x86_64 does not have; *where becomes the first such restricted
 * name.
 */
void lint_variants_of(struct lint *l, enum abi abi, struct lint_list *list,
		      const struct json **where);

/* lint-hole-abi.c */
void lint_abis(struct lint *l);

/* lint-break.c: what is closed */
void lint_clone3(struct lint *l);
void lint_default(struct lint *l);
void lint_process(struct lint *l);

/* lint-break-libc.c */
void lint_fallbacks(struct lint *l);
void lint_libcs(struct lint *l);

/*
 * Adds to list the syscalls that libcs try before an older one, which is
 * allowed, and that are newer than all that rules name.
 */
void lint_tried(struct lint *l, struct lint_list *list);

#endif
