/*
 * Profiles out of what was seen: which calls programs made, as the kernel's
 * log or an observed run has them.  Not in libseccompc.
 */
#ifndef SECCOMPC_LEARN_H
#define SECCOMPC_LEARN_H

#include "compiler/compiler.h"

enum {
	SEEN_NUMBERS = 1024, /* more than any table has */
	SEEN_EXES = 256,     /* programs told apart; the rest is one more */
	SEEN_STRANGE = 64,   /* numbers without a name that are kept */
	SEEN_VALUES = 64,    /* of the arguments of a syscall */
	SEEN_MISSES = 4096,  /* calls that a base does not allow */
};

/* seen-args.c: arguments that a profile can hold to what was seen. */

enum { WATCHED_ARGS = 2 };

/* A syscall, and the bits of its arguments that say what it does.  All of
 * them are in the low 32, which are all that the kernel reads. */
struct watched {
	char name[16];
	uint8_t count;
	uint8_t arg[WATCHED_ARGS];
	uint32_t mask[WATCHED_ARGS];
	char words[48]; /* what that is, for people */
};

/* NULL past the last. */
const struct watched *watched_at(size_t i);

/* NULL if it has no such arguments. */
const struct watched *watched_find(const char *name);

/* What these bits were, together. */
struct seen_value {
	uint32_t v[WATCHED_ARGS];
	uint64_t count;
};

struct seen_values {
	const struct watched *watched;
	VEC(struct seen_value) list; /* ascends */
	bool many;		     /* more than SEEN_VALUES: none is kept */
	bool unknown;		     /* some call came without arguments */
};

/* Appends a value by its names, "AF_INET, SOCK_STREAM". */
void seen_value_write(struct buf *buf, const struct watched *watched,
		      const struct seen_value *value);

/* Appends it as conditions of a rule. */
void seen_value_conditions(const struct watched *watched,
			   const struct seen_value *value,
			   struct condition *conditions);

/* seen.c: a set of calls, of bounded size. */

/* One call. */
struct seen_call {
	uint32_t arch, number; /* as in struct seccomp_data */
	uint32_t action;       /* what a filter did, without data */
	const char *exe;       /* safe for terminals; "": not known */
	const uint64_t *args;  /* six registers, or NULL: not known */
};

/* What one program made. */
struct seen_exe {
	const char *path;
	uint64_t count[ABI_COUNT][SEEN_NUMBERS];
};

/* A number that no table has. */
struct seen_strange {
	uint32_t arch, number;
	uint64_t count;
};

/* Calls that a program, made of a profile that is added to, does not allow. */
struct seen_miss {
	enum abi abi;
	uint32_t number; /* without the number bit */
	uint32_t action; /* what it says */
	uint64_t args[6]; /* of the first of them */
	uint64_t count;
};

struct seen {
	struct arena *arena;
	uint64_t calls;	  /* all of them */
	uint64_t refused; /* of these, by a filter */
	VEC(struct seen_exe *) exes;
	struct seen_exe *last; /* that made a call */
	VEC(struct seen_strange) strange;
	uint64_t others; /* numbers without a name that found no room */
	abi_set abis;	 /* that were used */
	uint64_t count[ABI_COUNT][SEEN_NUMBERS]; /* of all programs */
	uint64_t blind[ABI_COUNT][SEEN_NUMBERS]; /* without arguments */
	/* 1 + the index of watched_at(), or 0. */
	uint8_t watched[ABI_COUNT][SEEN_NUMBERS];
	struct seen_values **values; /* by that index, or NULL */
	const struct sock_filter *base; /* or NULL */
	size_t base_count;
	abi_set base_abis; /* of which it has rules */
	VEC(struct seen_miss) misses;
	bool many_misses; /* there are more */
};

/* Starts an empty set.  Running out of memory leaves through the arena. */
struct seen *seen_create(struct arena *arena);

/* Holds all calls that come against a finished compilation. */
void seen_against(struct seen *seen, const struct compilation *c);

enum seen_news {
	SEEN_BEFORE,
	SEEN_NEW_BY_EXE, /* another program makes this call */
	SEEN_NEW,	 /* nobody made it so far */
};

/* Adds a call; its memory is the caller's. */
enum seen_news seen_add(struct seen *seen, const struct seen_call *call);

/* What was seen of a syscall's arguments, or NULL. */
const struct seen_values *seen_values(const struct seen *seen,
				      const struct syscall_name *name);

/* Whether some ABI's programs made it, and how often. */
bool seen_has(const struct seen *seen, const struct syscall_name *name);
uint64_t seen_count(const struct seen *seen, const struct syscall_name *name);

/* Appends lines of a name and a count, which `compile --weights` takes. */
void seen_write_counts(struct buf *buf, const struct seen *seen);

/* Appends "/bin/a, /bin/b and 3 more", who made a call; nothing if nobody is
 * known. */
void seen_write_exes(struct buf *buf, const struct seen *seen, enum abi abi,
		     uint32_t number);

/* learned.c: the profile. */

/* Why a syscall is allowed that was not seen. */
enum want_reason {
	WANT_RUNTIME, /* a container runtime makes it */
	WANT_FAMILY,  /* it may be called in the place of another */
};

struct want {
	const struct syscall_name *name;
	enum want_reason reason;
};

struct learned_options {
	uint32_t default_action;
	bool arguments; /* those of watched_at() as they were seen */
	VEC(struct want) wants;
};

/* Whether a syscall is to be allowed for another reason than being seen. */
bool learned_wants(const struct learned_options *options,
		   const struct syscall_name *name);

/* Whether a syscall gets conditions. */
bool learned_is_narrow(const struct seen *seen,
		       const struct learned_options *options,
		       const struct syscall_name *name);

/* Appends a profile that allows what was seen: a plain OCI one, which Docker,
 * Podman and Kubernetes take.  The same set gives the same text. */
void learned_write(struct buf *buf, const struct seen *seen,
		   const struct learned_options *options);

/*
 * Looks up everything that was seen in a program.  NULL if it allows all of
 * it, else words on a call that it does not; in seen's arena.
 */
const char *learned_misses(const struct seen *seen,
			   const struct learned_options *options,
			   const struct sock_filter *code, size_t count);

/* families.c: what may be called in the place of what was seen. */

/* One reason, and the syscalls for it. */
struct family_note {
	const char *text; /* all of it in words */
	VEC(const struct syscall_name *) names;
};

typedef VEC(struct family_note) family_notes;

/* Of what was seen or is wanted: the same calls in any order give the same
 * notes. */
void families_find(family_notes *notes, const struct seen *seen,
		   const struct learned_options *options);

#endif
