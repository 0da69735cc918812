/* A profile or a program that the command line names. */
#ifndef SECCOMPC_INPUT_H
#define SECCOMPC_INPUT_H

#include "differ.h"
#include "target.h"

struct input {
	const char *name;
	char *shown;		/* the same, safe for a terminal */
	char *data;
	bool is_program;
	struct compilation c;	/* of a profile */
	/* A profile's rules, with the program made of them; or a program. */
	struct side side;
};

/*
 * Reads a file ("-": standard input), checks a program as the kernel does
 * and compiles a profile.  Returns STATUS_OK, or another status after
 * reporting.  in is then to be finished whatever came out.
 */
int input_load(struct input *in, const struct target_options *target,
	       const char *path);
void input_finish(struct input *in);

/* The same for what has to be a profile, or a program. */
int input_load_profile(struct input *in, const struct target_options *target,
		       const char *path);
int input_load_program(struct input *in, const char *path);

#endif
