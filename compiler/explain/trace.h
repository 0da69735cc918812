/*
 * trace.c, trace-rules.c, trace-why.c: which rule, or what else, decides a call, and why.
 */
#ifndef SECCOMPC_TRACE_H
#define SECCOMPC_TRACE_H

#include "compiler/compiler.h"
#include "compiler/differ.h"

/* What decides. */
enum trace_why {
	TRACE_RULE,	/* a rule, see there */
	TRACE_UNNAMED,	/* the default: no rule names the syscall */
	TRACE_REPEATED, /* the default: what names it has the same action */
	TRACE_NOT_HELD, /* the default: no condition holds */
	TRACE_ABOVE,	/* rule 11: above the largest number named */
	TRACE_NEWER,	/* rule 11: newer than --unknown=since:A.B */
	TRACE_FOREIGN,	/* rule 3: the ABI is not in the filter */
	TRACE_SKIP,	/* rule 3: 0xffffffff, a tracer's "skip this" */
	TRACE_NO_ABI,	/* the default: the number is of no ABI */
	TRACE_PROGRAM,	/* no rules are known, only a program */
};

/* Arguments that are decided alike, by one thing. */
struct trace_case {
	enum trace_why why;
	uint32_t action;
	/* TRACE_RULE alone: */
	const struct resolved_rule *rule;
	const struct target *target; /* the name, in the profile */
	bool carried;		     /* the name is behind a multiplexer */
	/* Any of these holds; none is listed for what always holds. */
	struct conjunctions where;
	bool always;
	bool more; /* there are too many to say */
	struct seccomp_data call; /* one of them, small */
	uint32_t words;		  /* of it that matter, bit by word */
};

/* Why a rule that names the syscall says less than it seems to. */
enum trace_loss {
	LOSS_PLAIN,	  /* rule 8: one without conditions beats it */
	LOSS_FIRST,	  /* rule 8: of several without, the first counts */
	LOSS_DEFAULT,	  /* rule 6: its action is the default */
	LOSS_NEVER,	  /* its conditions never hold */
	LOSS_COVERED,	  /* rule 8: others decide wherever it holds */
	LOSS_PARTLY,	  /* rule 8: others decide on some arguments */
	LOSS_NOT_CARRIED, /* rule 10: not seen through a multiplexer */
	LOSS_ARCHES,	  /* rule 2: for other native archs */
	LOSS_CAPS,	  /* rule 2: a capability is not held */
	LOSS_NO_CAPS,	  /* rule 2: excluded, as one is held */
	LOSS_KERNEL,	  /* rule 2: the kernel is older */
	LOSS_NO_KERNEL,	  /* rule 2: excluded, as it is not older */
};

struct trace_lost {
	enum trace_loss loss;
	const struct rule *rule;
	const struct json *name;
	const struct json *clause; /* rule 2: what it asks for, a string */
};

/* What is asked: a syscall, or a call as far as it is known. */
struct trace_request {
	uint32_t arch, number; /* as in struct seccomp_data */
	unsigned given;	       /* bit i: argument i is args[i] */
	uint64_t args[6];
};

struct trace {
	struct trace_request request;
	enum abi abi;			 /* ABI_COUNT: none here */
	const struct syscall_name *name; /* or NULL */
	const struct mux *mux;		 /* if it is one, or NULL */
	int64_t highest;		 /* number that rules name on the ABI */
	VEC(struct trace_case) cases;	 /* rules in the profile's order */
	VEC(struct trace_lost) lost;
	/* Rules, proof and program do not agree: a fault of this program. */
	bool wrong;
};

/* What is known of a call without rules or program. */
void trace_start(struct trace *trace, const struct trace_request *request);

/*
 * What is above the low 32 bits of an argument that is given: what was given;
 * on i386 anything, as the kernel reads 32; of an int below 0 zeros or its
 * sign, which libcs both make of it (docs/expectations.md).
 */
enum trace_high { HIGH_GIVEN, HIGH_ANY, HIGH_SIGN };
enum trace_high trace_high(const struct trace *trace, unsigned arg);

/*
 * Fills traces, one for each request, in arena.  What they say is held
 * against the function of the rules, for all arguments, and against running
 * the program on a call of each case.  Without rules, cases are what the
 * program tells apart.  Returns DD_DONE, or why there is no answer: reason
 * (size bytes) says it in words.
 */
enum dd_end trace_calls(struct arena *arena, const struct side *side,
			const struct trace_request *requests, size_t count,
			struct trace *traces, char *reason, size_t size);

/* trace-why.c */

/* Adds the rules of a profile that rule 2 leaves out. */
void trace_excluded(struct arena *arena, struct trace *trace,
		    const struct selection *selection);

#endif
