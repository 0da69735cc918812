/* From what was seen to a file, for `seccompc learn`. */
#ifndef SECCOMPC_LEARN_PROFILE_H
#define SECCOMPC_LEARN_PROFILE_H

#include "input.h"
#include "learn.h"

#include "learn/base.h"

struct learn_job {
	struct target_options target; /* how a base is read */
	struct learned_options options;
	unsigned runtimes; /* enum runtime: what they need is added */
	bool no_new_privs; /* alone what they need with that */
	bool families;	   /* what notes propose is added */
	bool verbose;	   /* notes say why */
	const char *output;
	const char *counts; /* or NULL */
	const char *base;   /* or NULL */
	bool again;	    /* it will be written once more: little is said */
	bool refused;	    /* a rule of the base refuses what was seen */
	bool is_open;	    /* base is loaded: */
	struct input in;
};

/* Loads the base, if there is one, and holds what will be seen against it. */
int learn_open(struct learn_job *job, struct learn_request *request);

/* Makes the profile, proves it, and writes what is asked for.  Returns
 * STATUS_OK, or another status after reporting. */
int learn_write(struct learn_job *job, const struct learn_request *request);

void learn_close(struct learn_job *job);

/* learn-wants.c: fills job->options.wants with what runtimes need and, if that
 * is asked for, with what may be called in the place of what was seen; says
 * both. */
void learn_want(struct learn_job *job, const struct learn_request *request);

/* learn-say.c: what is said of it, on standard error. */

void learn_say(const struct learn_request *request, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What was seen, in a line or two, and what has no name. */
void learn_say_seen(const struct learn_request *request);

/* The arguments that rules are held to, or why they are not. */
void learn_say_arguments(const struct learn_request *request,
			 const struct learned_options *options);

/* learn-say-base.c: what came of a base, and at which of its lines. */
void learn_say_base(const struct learn_request *request, const struct input *in,
		    const struct base *base);

#endif
