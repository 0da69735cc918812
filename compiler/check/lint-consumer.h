/*
 * lint-consumer.c: who reads a profile, and what that makes of it; shared by
 * the lints about consumers.
 */
#ifndef SECCOMPC_LINT_CONSUMER_H
#define SECCOMPC_LINT_CONSUMER_H

#include "lint.h"

/* Programs that install the filter for a consumer. */
enum runtime {
	RUNTIME_RUNC = 1,
	RUNTIME_CRUN = 2,
};

struct consumer_info {
	const char *option; /* as --for has it */
	const char *name;   /* as messages have it; NULL: any */
	enum dialect dialect;
	unsigned runtimes; /* enum runtime, those that are usual */
};

const struct consumer_info *consumer_info(enum consumer consumer);

/* By --for's name; CONSUMER_ANY if there is none. */
enum consumer consumer_find(const char *option);

/* A profile as one dialect reads it. */
struct reading {
	const struct profile *profile;
	const struct ruleset *ruleset; /* NULL: it cannot be read so */
	/* Capabilities or kernel were asked for and not given: it was read
	 * with Docker's and with the newest kernel. */
	bool assumed_caps, assumed_kernel;
};

/*
 * Reads the profile of l in a dialect, whatever it was compiled in.  It is
 * read once, also where the work on diagrams starts again.
 */
const struct reading *lint_reading(struct lint *l, enum dialect dialect);

/* A member that is there and not empty, or NULL. */
const struct json *lint_member(const struct json *object, const char *key);

/* The first action of selected rules that is NOTIFY, or NULL. */
const struct json *lint_notify(const struct lint *l);

#endif
