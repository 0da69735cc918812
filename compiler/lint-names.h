/*
 * The names of the lints, as diag-names.h has those of the compiler: what is
 * wrong with a profile that compiles, and `seccompc check` alone looks for.
 */
#ifndef SECCOMPC_LINT_NAMES_H
#define SECCOMPC_LINT_NAMES_H

/* clang-format off */
/* check/lint-name.c */
#define LINT_NAMES_OF_NAMES(X) \
X(DIAG_DUPLICATE_NAME, "duplicate-name", SEVERITY_NOTE, true, \
  "a name stands twice in a rule, or in two rules that say the same") \
X(DIAG_NEWER_THAN_KERNEL, "newer-than-kernel", SEVERITY_NOTE, true, \
  "a rule names syscalls that the kernel of --kernel does not have") \
X(DIAG_WRAPPER_NAME, "wrapper-name", SEVERITY_WARNING, true, \
  "a rule names a function that calls a syscall of another name")

/* check/lint-rule.c, check/lint-width.c */
#define LINT_NAMES_OF_RULES(X) \
X(DIAG_REDUNDANT_RULE, "redundant-rule", SEVERITY_NOTE, true, \
  "a rule that can go: nothing would change") \
X(DIAG_REDUNDANT_NAME, "redundant-name", SEVERITY_NOTE, true, \
  "a name that can leave a rule: nothing would change") \
X(DIAG_SHADOWED_RULE, "shadowed-rule", SEVERITY_WARNING, true, \
  "a rule that never gets its way, because others win") \
X(DIAG_ALWAYS_TRUE, "always-true", SEVERITY_WARNING, true, \
  "a condition that holds whatever the argument") \
X(DIAG_NO_SUCH_ARGUMENT, "no-such-argument", SEVERITY_WARNING, true, \
  "a condition on an argument that the syscall does not have") \
X(DIAG_POINTER_COMPARED, "pointer-compared", SEVERITY_WARNING, true, \
  "a condition on an address, as if it were what lies there") \
X(DIAG_INVERTED_MASK, "inverted-mask", SEVERITY_WARNING, true, \
  "a rule denies the calls that lack some flags, and not those with them") \
X(DIAG_ALL_FLAGS, "all-flags", SEVERITY_WARNING, true, \
  "a rule denies several flags only where all of them are set") \
X(DIAG_EXACT_FLAGS, "exact-flags", SEVERITY_WARNING, true, \
  "a rule denies flags only where no other flag is set") \
X(DIAG_TRUNCATED_DENY, "truncated-deny", SEVERITY_ERROR, true, \
  "a call gets around a denial by bits that the kernel does not read") \
X(DIAG_TRUNCATED_ALLOW, "truncated-allow", SEVERITY_WARNING, true, \
  "a call that is not allowed runs by bits that the kernel does not read") \
X(DIAG_SIGN_EXTENDED, "sign-extended", SEVERITY_WARNING, true, \
  "an allowed negative number is denied in the other of its two forms") \
X(DIAG_UNSIGNED_COMPARE, "unsigned-compare", SEVERITY_WARNING, true, \
  "kill is allowed for a range of process ids that has -1 in it")

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

/* check/lint-dialect*.c, check/lint-runtime.c: what consumers make of it */
#define LINT_NAMES_OF_DIALECTS(X) \
X(DIAG_OPENED_BY_CONSUMER, "opened-by-consumer", SEVERITY_ERROR, true, \
  "the program of --for ignores a field and so allows what it refuses") \
X(DIAG_CHANGED_BY_CONSUMER, "changed-by-consumer", SEVERITY_WARNING, true, \
  "the program of --for ignores a field and so decides otherwise") \
X(DIAG_LISTENER_NEEDED, "listener-needed", SEVERITY_WARNING, true, \
  "NOTIFY without a listenerPath, for a container runtime") \
X(DIAG_LISTENER_PATH, "listener-path", SEVERITY_WARNING, true, \
  "a listenerPath that is not absolute, or that nothing notifies") \
X(DIAG_FLAG_REFUSED, "flag-refused", SEVERITY_WARNING, true, \
  "a filter flag that runtimes of --for refuse") \
X(DIAG_RUNTIME_NEEDS, "runtime-needs", SEVERITY_WARNING, true, \
  "a call is refused that a container runtime makes under the filter")

/* check/kubernetes.c: manifests */
#define LINT_NAMES_OF_KUBERNETES(X) \
X(LINT_YAML_SYNTAX, "yaml-syntax", SEVERITY_ERROR, false, \
  "the text of a manifest is not YAML") \
X(LINT_KUBERNETES_KIND, "kubernetes-kind", SEVERITY_ERROR, true, \
  "a kind that differs from one of Kubernetes in case alone: it is refused") \
X(LINT_KUBERNETES_TYPE, "kubernetes-type", SEVERITY_ERROR, true, \
  "a seccompProfile without a type, or of one that does not exist") \
X(LINT_KUBERNETES_LOCALHOST, "kubernetes-localhost", SEVERITY_ERROR, true, \
  "a localhostProfile is missing, empty, or beside another type") \
X(LINT_KUBERNETES_PATH, "kubernetes-path", SEVERITY_ERROR, true, \
  "a localhostProfile is not a path below the kubelet's root") \
X(LINT_KUBERNETES_ABSENT, "kubernetes-absent", SEVERITY_ERROR, true, \
  "there is no such profile: the container cannot be created") \
X(LINT_KUBERNETES_OUTSIDE, "kubernetes-outside", SEVERITY_WARNING, true, \
  "a link leads from a localhostProfile out of the kubelet's root") \
X(LINT_KUBERNETES_MISPLACED, "kubernetes-misplaced", SEVERITY_ERROR, true, \
  "a field about seccomp that Kubernetes does not have: it has no effect") \
X(LINT_KUBERNETES_UNREAD, "kubernetes-unread", SEVERITY_NOTE, true, \
  "a seccompProfile in a kind of object that is not looked at") \
X(LINT_KUBERNETES_WINDOWS, "kubernetes-windows", SEVERITY_ERROR, true, \
  "a pod for Windows with a seccompProfile, which is refused") \
X(LINT_KUBERNETES_ANNOTATION_REFUSED, "kubernetes-annotation-refused", \
  SEVERITY_ERROR, true, \
  "a seccomp annotation that is invalid or contradicts a field") \
X(LINT_KUBERNETES_ANNOTATION, "kubernetes-annotation", SEVERITY_WARNING, true, \
  "a seccomp annotation, which has no effect since 1.27") \
X(LINT_KUBERNETES_UNCONFINED, "kubernetes-unconfined", SEVERITY_WARNING, true, \
  "a pod or container that asks for no filter") \
X(LINT_KUBERNETES_WITHOUT_EFFECT, "kubernetes-without-effect", \
  SEVERITY_WARNING, true, \
  "the profile of a privileged container, which has no effect") \
X(LINT_KUBERNETES_PRIVILEGED, "kubernetes-privileged", SEVERITY_NOTE, true, \
  "a privileged container, which runs unconfined") \
X(LINT_KUBERNETES_NO_PROFILE, "kubernetes-no-profile", SEVERITY_NOTE, true, \
  "a container without a seccompProfile")

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
