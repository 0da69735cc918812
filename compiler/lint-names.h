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

/* check/budget.c: limits that a user sets */
#define LINT_NAMES_OF_BUDGETS(X)
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
