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
#define LINT_NAMES_OF_HOLES(X) \
X(DIAG_TERMINAL_OPEN, "terminal-open", SEVERITY_NOTE, true, \
  "ioctl is not filtered by request: TIOCSTI and TIOCLINUX are open") \
X(DIAG_TERMINAL_MISSED, "terminal-missed", SEVERITY_WARNING, true, \
  "rules filter the requests of ioctl and miss TIOCSTI or TIOCLINUX") \
X(DIAG_PTRACE_OPEN, "ptrace-open", SEVERITY_WARNING, true, \
  "ptrace is open, with which filters are evaded before Linux 4.8") \
X(DIAG_DEFAULT_ALLOW, "default-allow", SEVERITY_NOTE, true, \
  "syscalls newer than all that a deny list names are open") \
X(DIAG_ABI_OPEN, "abi-open", SEVERITY_WARNING, true, \
  "i386 or x32 lets through what x86_64 denies") \
X(DIAG_VARIANT_OPEN, "variant-open", SEVERITY_WARNING, true, \
  "a syscall is restricted, and one that does the same is open") \
X(DIAG_CLONE3_OPEN, "clone3-open", SEVERITY_WARNING, true, \
  "clone is filtered by its flags, and clone3 is open")

/* check/lint-break.c: what is closed that programs need */
#define LINT_NAMES_OF_BREAKAGE(X) \
X(DIAG_CLONE3_ERRNO, "clone3-errno", SEVERITY_WARNING, true, \
  "clone3 is denied, but not with ENOSYS, on which libcs fall back to clone") \
X(DIAG_DEFAULT_ERRNO, "default-errno", SEVERITY_WARNING, true, \
  "new syscalls get the default action, not ENOSYS, as libcs expect") \
X(DIAG_NO_FALLBACK, "no-fallback", SEVERITY_WARNING, true, \
  "a new syscall is denied, but not with ENOSYS, and an old one is allowed") \
X(DIAG_LIBC_CHOICE, "libc-choice", SEVERITY_NOTE, true, \
  "of syscalls that libcs choose between, only some are allowed") \
X(DIAG_NO_EXECVE, "no-execve", SEVERITY_WARNING, true, \
  "execve is missing: nothing can be started under the filter") \
X(DIAG_NO_EXIT, "no-exit", SEVERITY_WARNING, true, \
  "exit_group is missing: processes do not end as they mean to")

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
