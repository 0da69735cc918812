/*
 * The names of the lints, as diag-names.h has those of the compiler: what is
 * wrong with a profile that compiles, and `seccompc check` alone looks for.
 */
#ifndef SECCOMPC_LINT_NAMES_H
#define SECCOMPC_LINT_NAMES_H

/* clang-format off */
/* check/lint-name.c */
#define LINT_NAMES_OF_NAMES(X)

/* check/lint-rule.c, check/lint-width.c */
#define LINT_NAMES_OF_RULES(X)

/* check/lint-hole.c: what is open that should not be */
#define LINT_NAMES_OF_HOLES(X)

/* check/lint-break.c: what is closed that programs need */
#define LINT_NAMES_OF_BREAKAGE(X)

/* check/lint-dialect.c: what a consumer makes of the profile */
#define LINT_NAMES_OF_DIALECTS(X)

/* check/kubernetes.c: manifests */
#define LINT_NAMES_OF_KUBERNETES(X)

/* check/budget.c: limits that a user sets; tools/check-file.c */
#define LINT_NAMES_OF_BUDGETS(X) \
X(DIAG_MAX_INSTRUCTIONS, "max-instructions", SEVERITY_ERROR, true, \
  "the program has more instructions than --max-instructions") \
X(DIAG_MAX_PATH, "max-path", SEVERITY_ERROR, true, \
  "a call executes more instructions than --max-path") \
X(DIAG_MIN_CACHED, "min-cached", SEVERITY_ERROR, true, \
  "the kernel's cache answers fewer syscalls than --min-cached") \
X(DIAG_WEAKER, "weaker-than-baseline", SEVERITY_ERROR, true, \
  "a call is treated more laxly than by the profile of --no-weaker-than") \
X(DIAG_UNUSED_EXCEPTION, "unused-exception", SEVERITY_NOTE, true, \
  "an exception in .seccompc.json that silences nothing")
/* clang-format on */

#define LINT_NAMES(X)               \
	LINT_NAMES_OF_NAMES(X)      \
	LINT_NAMES_OF_RULES(X)      \
	LINT_NAMES_OF_HOLES(X)      \
	LINT_NAMES_OF_BREAKAGE(X)   \
	LINT_NAMES_OF_DIALECTS(X)   \
	LINT_NAMES_OF_KUBERNETES(X) \
	LINT_NAMES_OF_BUDGETS(X)

#endif
