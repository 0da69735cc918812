/*
 * The names of all diagnostics.  X(identifier, name, severity, adjustable,
 * help); docs/diagnostics.md has a section for each.
 */
#ifndef SECCOMPC_DIAG_NAMES_H
#define SECCOMPC_DIAG_NAMES_H

/* clang-format off */
#define DIAG_NAMES(X) \
X(DIAG_JSON_SYNTAX, "json-syntax", SEVERITY_ERROR, false, \
  "the text is not JSON") \
X(DIAG_INVALID_UTF8, "invalid-utf8", SEVERITY_ERROR, false, \
  "the text is not UTF-8, or a string holds half a surrogate pair") \
X(DIAG_NUL_IN_STRING, "nul-in-string", SEVERITY_ERROR, false, \
  "a string holds a NUL character") \
X(DIAG_DUPLICATE_KEY, "duplicate-key", SEVERITY_ERROR, false, \
  "an object has a key twice") \
X(DIAG_LIMIT, "limit", SEVERITY_ERROR, false, \
  "the profile is larger than this compiler takes") \
X(DIAG_WRONG_TYPE, "wrong-type", SEVERITY_ERROR, false, \
  "a field has a value of another type") \
X(DIAG_OUT_OF_RANGE, "out-of-range", SEVERITY_ERROR, false, \
  "a number is outside the range of its field") \
X(DIAG_MISSING_FIELD, "missing-field", SEVERITY_ERROR, false, \
  "a required field is absent") \
X(DIAG_KEY_CASE, "key-case", SEVERITY_ERROR, false, \
  "a key differs from a known one only in case") \
X(DIAG_UNKNOWN_FIELD, "unknown-field", SEVERITY_NOTE, true, \
  "a field that no dialect knows; it is ignored") \
X(DIAG_IGNORED_FIELD, "ignored-field", SEVERITY_NOTE, true, \
  "a field that the chosen dialect ignores") \
X(DIAG_EXCLUSIVE_FIELDS, "exclusive-fields", SEVERITY_ERROR, false, \
  "two fields that exclude each other") \
X(DIAG_UNKNOWN_ACTION, "unknown-action", SEVERITY_ERROR, false, \
  "an action that does not exist") \
X(DIAG_UNKNOWN_OPERATOR, "unknown-operator", SEVERITY_ERROR, false, \
  "an operator that does not exist") \
X(DIAG_UNKNOWN_ARCH, "unknown-arch", SEVERITY_ERROR, false, \
  "an architecture that does not exist") \
X(DIAG_UNKNOWN_FLAG, "unknown-flag", SEVERITY_ERROR, false, \
  "a filter flag that does not exist") \
X(DIAG_UNKNOWN_CAPABILITY, "unknown-capability", SEVERITY_WARNING, true, \
  "a capability that does not exist is never held") \
X(DIAG_ARCH_SPELLING, "arch-spelling", SEVERITY_WARNING, true, \
  "includes and excludes compare Go's names; SCMP_ARCH_* never matches") \
X(DIAG_FOREIGN_ARCH, "foreign-arch", SEVERITY_NOTE, true, \
  "the profile lists architectures that this compiler has no table for") \
X(DIAG_CAPS_NEEDED, "caps-needed", SEVERITY_ERROR, false, \
  "the profile depends on capabilities and --caps was not given") \
X(DIAG_KERNEL_NEEDED, "kernel-needed", SEVERITY_ERROR, false, \
  "the profile depends on the kernel and --kernel was not given") \
X(DIAG_EMPTY_NAMES, "empty-names", SEVERITY_WARNING, true, \
  "a rule that names no syscall") \
X(DIAG_FOREIGN_NAME, "foreign-name", SEVERITY_NOTE, true, \
  "a syscall that exists on other architectures only") \
X(DIAG_UNKNOWN_NAME, "unknown-name", SEVERITY_WARNING, true, \
  "a name that is no syscall anywhere") \
X(DIAG_UNKNOWN_DENIED_NAME, "unknown-denied-name", SEVERITY_ERROR, true, \
  "a rule denies a name that is no syscall: nothing would be denied") \
X(DIAG_ERRNO_WITHOUT_EFFECT, "errno-without-effect", SEVERITY_ERROR, true, \
  "an errno on an action that carries none") \
X(DIAG_ERRNO_ZERO, "errno-zero", SEVERITY_WARNING, true, \
  "ERRNO with 0: the call reports success and is not run") \
X(DIAG_REPEATED_INDEX, "repeated-index", SEVERITY_ERROR, true, \
  "a rule repeats an argument index: AND as written, OR in runc") \
X(DIAG_REPEATED_INDEX_OR, "repeated-index-or", SEVERITY_WARNING, true, \
  "a rule whose conditions exclude each other is read as OR, as in runc") \
X(DIAG_NEVER_TRUE, "never-true", SEVERITY_WARNING, true, \
  "the conditions of a rule can never hold together") \
X(DIAG_IMPOSSIBLE_MASK, "impossible-mask", SEVERITY_ERROR, true, \
  "MASKED_EQ compares with bits outside its mask: never true") \
X(DIAG_CONFLICTING_RULES, "conflicting-rules", SEVERITY_ERROR, true, \
  "two rules with different actions hold for the same call") \
X(DIAG_VOIDED_CONDITION, "voided-condition", SEVERITY_ERROR, true, \
  "a stricter rule has no effect beside a rule that beats it") \
X(DIAG_CONTRADICTING_RULES, "contradicting-rules", SEVERITY_WARNING, true, \
  "two rules without conditions name the same syscall; the laxer one wins") \
X(DIAG_WIDE_CONSTANT, "wide-constant", SEVERITY_WARNING, true, \
  "a constant does not fit in a 32-bit argument") \
X(DIAG_NOT_ENFORCEABLE, "not-enforceable-i386", SEVERITY_WARNING, true, \
  "a multiplexed syscall lets through what a rule restricts") \
X(DIAG_MULTIPLEXED_DENY, "multiplexed-deny", SEVERITY_NOTE, true, \
  "a rule with conditions denies the multiplexed call whatever its arguments") \
X(DIAG_NOTIFY, "notify", SEVERITY_WARNING, true, \
  "NOTIFY needs a listener, which prctl cannot make") \
X(DIAG_NOTIFY_REFUSED, "notify-refused", SEVERITY_ERROR, false, \
  "NOTIFY as the default action or on write, which runtimes refuse") \
X(DIAG_NOT_IN_BLOB, "not-in-blob", SEVERITY_NOTE, true, \
  "flags and listener fields are not part of a program") \
X(DIAG_TOO_COMPLEX, "too-complex", SEVERITY_ERROR, false, \
  "more rules with conditions than this compiler compares in pairs") \
X(DIAG_TOO_LONG, "too-long", SEVERITY_ERROR, false, \
  "the program is longer than the 4096 instructions that the kernel takes") \
X(DIAG_WEIGHTS_SYNTAX, "weights-syntax", SEVERITY_ERROR, false, \
  "a line of a file of weights that is in none of their forms") \
X(DIAG_WEIGHTS_NAME, "weights-name", SEVERITY_WARNING, true, \
  "a file of weights counts what is no syscall here") \
X(DIAG_WEIGHTS_TOTAL, "weights-total", SEVERITY_WARNING, true, \
  "the rows of a table of weights do not add up to its total") \
X(DIAG_WEIGHTS_EMPTY, "weights-empty", SEVERITY_ERROR, false, \
  "a file of weights counts no calls of known syscalls")
/* clang-format on */

#endif
