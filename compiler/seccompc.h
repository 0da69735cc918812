/*
 * libseccompc compiles seccomp profiles, the JSON of Docker, Podman,
 * containerd, CRI-O and Kubernetes, into classic BPF filters for x86_64, i386
 * and x32, and proves each one against its profile.
 *
 * Memory: what a create, compile, load or compare function gives is the
 * caller's, to be given back to the destroy function beside it, which takes
 * NULL.  Strings and arrays that are returned as const belong to the object
 * that was asked, and live as long as it.  Out of memory is an error like any
 * other.
 *
 * Threads: the library has no state of its own.  Any number of threads may
 * call any functions at once, and share an object, as long as none of them
 * changes or destroys it: what takes a const pointer only reads.  A thread
 * that compiles or compares needs 1 MiB of stack for the worst of profiles;
 * usual ones take 50 KiB.
 *
 * Errors: nothing is printed, and nothing exits.  A pointer argument must not
 * be NULL unless it says so; what has 0 bytes may be.
 *
 * Stability: functions are added, and enumerations get new members at their
 * ends, with a new minor version; what is here stays.  So a result that a
 * program does not know is a failure.
 */
#ifndef SECCOMPC_H
#define SECCOMPC_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* "0.1.0": the library that runs, not the header. */
const char *scc_version(void);

/* How a call went. */
enum scc_result {
	SCC_OK,
	SCC_REJECTED,	/* the input is refused; diagnostics say why */
	SCC_USAGE,	/* an option, format or other argument is wrong */
	SCC_UNPROVED,	/* a proof failed or gave up: there is no program */
	SCC_NO_MEMORY,
};

/* What a result means, in a few words: "out of memory". */
const char *scc_result_text(enum scc_result result);

/*
 * What a compilation is told: for which kernel and capabilities, how the
 * profile is read, what the program should be good at.  seccompc(1) has a
 * long option for each.
 */
struct scc_options;

/* NULL: out of memory. */
struct scc_options *scc_options_create(void);
void scc_options_destroy(struct scc_options *options);

/*
 * Sets an option by the name that it has on the command line, without
 * dashes: dialect, caps, kernel, native, arch, foreign-arch, unknown,
 * conflicts, repeated-index, multiplexers, deny, warn, allow, weights
 * ("built-in" or "uniform"), optimize, tune.  Both strings are read at once.
 * Returns SCC_OK; SCC_USAGE, and scc_options_error() says what is wrong and
 * nothing is changed.
 */
enum scc_result scc_options_set(struct scc_options *options, const char *name,
				const char *value);

/*
 * The capabilities of the bounding set, bit i for capability i
 * (linux/capability.h), for callers that have them as such.
 */
void scc_options_set_caps(struct scc_options *options, uint64_t caps);

/*
 * How often each syscall is made: len bytes as `strace -c` or `perf trace
 * -s` print them, or lines of a name and a count.  Returns SCC_OK,
 * SCC_NO_MEMORY, or SCC_REJECTED, and scc_options_error() says what is wrong;
 * after an error nothing is changed.
 */
enum scc_result scc_options_set_weights(struct scc_options *options,
					const char *text, size_t len);

/* Why the last call that changes these options failed, in printable ASCII; ""
 * if it did not. */
const char *scc_options_error(const struct scc_options *options);

/*
 * A filter: a profile that was compiled, with what was found in it, or a
 * program that was loaded.  It never changes.
 */
struct scc_filter;

/*
 * Compiles a profile of len bytes and proves the program.  name is what
 * diagnostics call the profile, such as its path; options may be NULL: the
 * defaults.  Nothing of the arguments is needed afterwards.
 *
 * Returns SCC_OK: *filter has a program, which is proved.  SCC_REJECTED: the
 * profile does not compile; SCC_UNPROVED: no proof was found; *filter then
 * has diagnostics, and no program.  SCC_NO_MEMORY: *filter is NULL.
 */
enum scc_result scc_compile(struct scc_filter **filter,
			    const struct scc_options *options,
			    const char *name, const void *text, size_t len);

/*
 * Takes len bytes of struct sock_filter, of whatever compiler, which are
 * checked as the kernel does (bpf_check_classic in net/core/filter.c,
 * seccomp_check_filter in kernel/seccomp.c) and copied.
 *
 * Returns SCC_OK; SCC_REJECTED: the kernel would refuse them, *filter has a
 * diagnostic that names the instruction, and no program; SCC_NO_MEMORY:
 * *filter is NULL.
 */
enum scc_result scc_load(struct scc_filter **filter, const char *name,
			 const void *program, size_t len);

void scc_filter_destroy(struct scc_filter *filter);

/* Something to know about a profile.  It lives as long as its filter. */
struct scc_diagnostic;

enum scc_severity {
	SCC_NOTE = 1,
	SCC_WARNING,
	SCC_ERROR,
};

/* In the order of the text; at most 256 are kept of one profile. */
size_t scc_diagnostic_count(const struct scc_filter *filter);

/* Diagnostic i, counted from 0; NULL if there are not so many. */
const struct scc_diagnostic *
scc_diagnostic_at(const struct scc_filter *filter, size_t i);

enum scc_severity scc_diagnostic_severity(const struct scc_diagnostic *d);

/* "voided-condition", as seccompc --deny, --warn and --allow take it. */
const char *scc_diagnostic_name(const struct scc_diagnostic *d);

/* What is wrong, and what to do; the second may be NULL.  They quote the
 * profile as it is: to a terminal goes scc_diagnostic_text(). */
const char *scc_diagnostic_message(const struct scc_diagnostic *d);
const char *scc_diagnostic_hint(const struct scc_diagnostic *d);

/* The value it is about as a JSON pointer (RFC 6901), or NULL. */
const char *scc_diagnostic_pointer(const struct scc_diagnostic *d);

/* Line and column, in characters, from 1; 0: about no place in the text. */
size_t scc_diagnostic_line(const struct scc_diagnostic *d);
size_t scc_diagnostic_column(const struct scc_diagnostic *d);

/* All of it as seccompc prints it: lines, with the source and a caret. */
const char *scc_diagnostic_text(const struct scc_diagnostic *d);

/*
 * The program, and the number of its instructions in *count.  NULL and 0 if
 * the filter has none.
 */
const struct sock_filter *scc_instructions(const struct scc_filter *filter,
					   size_t *count);

/* SECCOMP_FILTER_FLAG_* that the profile asks for, which no program carries. */
unsigned int scc_flags(const struct scc_filter *filter);

/* What the profile says of its listener, for SECCOMP_RET_USER_NOTIF; NULL if it
 * says nothing. */
const char *scc_listener_path(const struct scc_filter *filter);
const char *scc_listener_metadata(const struct scc_filter *filter);

/* What a filter with a program comes to, in numbers.  It never changes. */
struct scc_statistics;

enum scc_statistic {
	/* Of the program. */
	SCC_INSTRUCTIONS,	/* of 8 bytes each */
	SCC_CONVERTED_LENGTH,	/* instructions that count against the 32768
				 * of all filters on a thread, without the 4 for
				 * each filter (kernel/seccomp.c) */
	SCC_WORST_PATH,		/* no call executes more instructions */
	/* Of an ABI: how many of its known syscalls. */
	SCC_KNOWN,
	SCC_ALLOWED,		/* these five whatever the arguments */
	SCC_LOGGED,
	SCC_TRACED,
	SCC_NOTIFIED,
	SCC_DENIED,		/* ERRNO, TRAP and KILL */
	SCC_CONDITIONAL,	/* it depends on the arguments */
	SCC_CACHED,		/* of the allowed: the kernel, from 5.11 on,
				 * does not run the filter for them */
};

/*
 * Counts.  Returns SCC_OK; SCC_REJECTED: the filter has no program;
 * SCC_UNPROVED: the program, which was loaded, is too complex to count;
 * SCC_NO_MEMORY.  After an error *statistics is NULL.
 */
enum scc_result scc_statistics_create(struct scc_statistics **statistics,
				      const struct scc_filter *filter);
void scc_statistics_destroy(struct scc_statistics *statistics);

/*
 * A figure, of an ABI (x86_64, i386, x32) if it is one of those; abi does not
 * count for others and may then be NULL.  0 if there is no such figure or ABI.
 */
size_t scc_statistic(const struct scc_statistics *statistics,
		     enum scc_statistic which, const char *abi);

/*
 * Writes the filter as seccompc compile --format does: bpf, c, asm, json,
 * hex, base64, dot, oci, or manifest; of a loaded program all but c, json,
 * oci and manifest, which tell of a profile.  symbol is what a C header
 * defines; NULL: filter.
 *
 * *data is memory to free(3), len bytes and a NUL that is not counted.
 * Returns SCC_OK; SCC_USAGE: there is no such format, or not of this filter;
 * SCC_REJECTED or SCC_UNPROVED: the filter has no program, or cannot be said
 * in this format; SCC_NO_MEMORY.  After an error *data is NULL.
 */
enum scc_result scc_write(const struct scc_filter *filter, const char *format,
			  const char *symbol, char **data, size_t *len);

/*
 * What the kernel does with a call under this filter alone: an action with
 * its data (SECCOMP_RET_*).  If executed is not NULL, *executed is how many
 * instructions that takes.  SECCOMP_RET_KILL_PROCESS if the filter has no
 * program.
 */
uint32_t scc_decide(const struct scc_filter *filter,
		    const struct seccomp_data *call, unsigned int *executed);

/*
 * Fills a call of a syscall on an ABI (x86_64, i386, x32), with arguments
 * and instruction pointer 0.  False if there is no such ABI, or no such
 * syscall on it.
 */
bool scc_call(struct seccomp_data *call, const char *abi, const char *name);

/* How one filter relates to another, by what they let through; other data of
 * an action, such as an errno, makes them different. */
enum scc_order {
	SCC_EQUAL,	/* on every call */
	SCC_STRICTER,	/* on some calls, and nowhere weaker */
	SCC_WEAKER,	/* on some calls, and nowhere stricter */
	SCC_DIFFERENT,	/* neither of them */
};

/* How two filters relate.  It never changes. */
struct scc_comparison;

/*
 * Compares two filters over all calls.  Returns SCC_OK; SCC_REJECTED: one of
 * them has no program; SCC_UNPROVED: no answer within the limits;
 * SCC_NO_MEMORY.  After an error *comparison is NULL.
 */
enum scc_result scc_compare(struct scc_comparison **comparison,
			    const struct scc_filter *a,
			    const struct scc_filter *b);
void scc_comparison_destroy(struct scc_comparison *comparison);

/* How a relates to b. */
enum scc_order scc_comparison_order(const struct scc_comparison *comparison);

/* A call that they decide differently, if possible one on which a is weaker;
 * NULL if they are equal. */
const struct seccomp_data *
scc_comparison_call(const struct scc_comparison *comparison);

/* All of it as seccompc diff prints it, by syscall. */
const char *scc_comparison_text(const struct scc_comparison *comparison);

/*
 * Sets no_new_privs and installs the filter on the calling thread: with
 * prctl(2), or with seccomp(2) if there are flags (SECCOMP_FILTER_FLAG_*,
 * such as scc_flags() gives).  There is no way back.  It takes no memory and no
 * lock, so a child may call it between fork(2) and execve(2).  Who must not set
 * no_new_privs has scc_instructions() and seccomp(2).
 *
 * Returns 0, or with SECCOMP_FILTER_FLAG_NEW_LISTENER the listener's file
 * descriptor, which is the caller's.  -1 with errno: no filter was installed,
 * and the caller must not go on as if.  EINVAL: the filter has no program, or
 * the kernel knows no such flag; EOPNOTSUPP: it uses SECCOMP_RET_USER_NOTIF
 * and there is no listener; EBUSY: a filter in force has one already; ESRCH:
 * another thread cannot take it (TSYNC); others as in seccomp(2), and 524: the
 * memory for compiled filters is used up.
 */
int scc_install(const struct scc_filter *filter, unsigned int flags);

/* What an errno of scc_install() means; NULL if there is no more to say than
 * strerror(3) does. */
const char *scc_install_error(int error);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
