/*
 * edit*.c: the smallest change to a profile that makes a call get another
 * action, tried out.
 */
#ifndef SECCOMPC_EDIT_H
#define SECCOMPC_EDIT_H

#include "trace.h"

/* What is changed, the least first. */
enum edit_way {
	EDIT_OPTIONS,	/* a rule is there: capabilities, kernel */
	EDIT_ARGUMENTS, /* a rule for the arguments that were given */
	EDIT_SYSCALL,	/* the syscall, whatever the arguments */
	EDIT_WAYS,
};

/* One place of the text, or an option. */
struct edit_step {
	const char *words;  /* "add "clone3" to the names", safe */
	const char *option; /* "--caps=...", or NULL */
	const char *pointer; /* JSON pointer of what is changed */
	size_t shown;	     /* the place to be named; SIZE_MAX: none */
	size_t offset;	     /* in the text before any step, as `shown` */
	size_t removed;	     /* bytes from there on, */
	const char *inserted; /* and what takes their place */
};

/* What else changes, proved. */
struct edit_change {
	const char *calls;  /* "x86_64, i386: clone3", or numbers */
	const char *when;   /* a condition, or NULL */
	uint32_t before, after;
};

struct edit {
	enum edit_way way;
	VEC(struct edit_step) steps;
	const char *problem; /* why there is none, or NULL */
	/* The profile and options once all is changed. */
	const char *text;
	size_t len;
	struct options options;
	VEC(struct edit_change) changes;
	size_t places; /* numbers, or ranges of them, that change */
	const char *unknown; /* why changes are not known, or NULL */
};

/*
 * Looks for a change that gives a call, for all arguments that the request
 * leaves open, the action `want`.  c is a finished compilation.  Memory is of
 * arena.  Each change is compiled and proved, and the call asked for again;
 * what else it changes is the difference of both rule sets, for all calls.
 */
void edit_find(struct edit *edit, struct arena *arena,
	       const struct compilation *c,
	       const struct trace_request *request, enum edit_way way,
	       uint32_t want);

/* edit-compile.c: a profile with another text. */

/* A compilation that is yet to be done, with the name, options and levels of
 * another one; the arena finishes it. */
struct compilation *edit_start(struct arena *arena,
			       const struct compilation *first,
			       const char *text, size_t len);

/* Does it.  NULL, or why there is no program, in the arena, through which
 * running out of memory leaves. */
const char *edit_compile(struct arena *arena, struct compilation *c);

/* The names of the first rule that gives an action whatever the arguments and
 * options, or NULL. */
const struct json *edit_host(const struct ruleset *rules, uint32_t action);

/* edit-text.c: changes to the text of a profile. */

/* A text and what was done to it so far. */
struct draft {
	struct arena *arena;
	char *text;
	size_t len;
	struct edit *edit;
};

/* Puts `inserted` in the place of bytes; words describe the step, which is
 * at `shown` for people. */
void draft_replace(struct draft *draft, size_t offset, size_t removed,
		   const char *inserted, size_t shown,
		   const struct json *where, const char *words);

/* Puts `inserted` in the place of a value of the text as it was read. */
void draft_replace_value(struct draft *draft, const struct json *value,
			 const char *inserted, const char *words);

/* What is between the start of a line and the value (or its key) that is
 * first on it; NULL if something is before that. */
const char *draft_indentation(const struct draft *draft,
			      const struct json *value);

/* The same with the line end in front of it, as the text has that. */
const char *draft_break(const struct draft *draft, const struct json *value);

/* Adds a value to an array or null, the text of an element; with sorted, where
 * an array of strings in order stays in order. */
void draft_add(struct draft *draft, const struct json *array,
	       const char *element, const char *sorted, const char *words);

/* The same for several values and an array that has some, at once; sorted,
 * where it is not NULL, ascends. */
void draft_add_all(struct draft *draft, const struct json *array,
		   const char *const *elements, const char *const *sorted,
		   size_t count, const char *words);

/* Adds a member to an object that has some. */
void draft_add_member(struct draft *draft, const struct json *object,
		      const char *member, const char *words);

/* Adds an ABI to the architectures of the profile that the text is now. */
void draft_add_arch(struct draft *draft, const struct profile *profile,
		    enum abi native, enum abi abi, const char *words);

/* Takes an element or a member out, with its comma if it has one. */
void draft_remove(struct draft *draft, const struct json *value,
		  const char *words);

/* Takes a name out of a rule, and the rule if there is no other. */
void draft_remove_name(struct draft *draft, const struct rule *rule,
		       const struct json *name);

/* edit-diff.c */

/* Fills edit->changes from two rule sets. */
void edit_compare(struct edit *edit, struct arena *arena,
		  const struct ruleset *before, const struct ruleset *after);

#endif
