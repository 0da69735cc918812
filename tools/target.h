/* The options that say how a profile is read, the same for every command. */
#ifndef SECCOMPC_TARGET_H
#define SECCOMPC_TARGET_H

#include <getopt.h>

#include "compiler.h"

/* Long option values from here on are target.c's. */
enum { TARGET_FIRST = 0x200 };

struct target_options {
	struct settings settings;
	bool quiet;	/* errors alone are printed */
	bool colour;
};

/* Entries for a command's own table of long options. */
#define TARGET_OPTIONS                                             \
	{ "dialect", required_argument, NULL, TARGET_DIALECT },    \
	{ "caps", required_argument, NULL, TARGET_CAPS },          \
	{ "kernel", required_argument, NULL, TARGET_KERNEL },      \
	{ "arch", required_argument, NULL, TARGET_ARCH },          \
	{ "native", required_argument, NULL, TARGET_NATIVE },      \
	{ "foreign-arch", required_argument, NULL, TARGET_FOREIGN }, \
	{ "unknown", required_argument, NULL, TARGET_UNKNOWN },    \
	{ "conflicts", required_argument, NULL, TARGET_CONFLICTS }, \
	{ "repeated-index", required_argument, NULL, TARGET_REPEATED }, \
	{ "multiplexers", required_argument, NULL, TARGET_MUXES }, \
	{ "deny", required_argument, NULL, TARGET_DENY },          \
	{ "warn", required_argument, NULL, TARGET_WARN },          \
	{ "allow", required_argument, NULL, TARGET_ALLOW },        \
	{ "quiet", no_argument, NULL, TARGET_QUIET },              \
	{ "color", required_argument, NULL, TARGET_COLOUR }

enum {
	TARGET_DIALECT = TARGET_FIRST,
	TARGET_CAPS,
	TARGET_KERNEL,
	TARGET_ARCH,
	TARGET_NATIVE,
	TARGET_FOREIGN,
	TARGET_UNKNOWN,
	TARGET_CONFLICTS,
	TARGET_REPEATED,
	TARGET_MUXES,
	TARGET_DENY,
	TARGET_WARN,
	TARGET_ALLOW,
	TARGET_QUIET,
	TARGET_COLOUR,
	TARGET_LAST,
};

/* The part of --help about these options. */
extern const char target_help[];

void target_init(struct target_options *target);

/* Takes one of TARGET_OPTIONS.  Returns false after reporting a bad value. */
bool target_take(struct target_options *target, int option,
		 const char *value);

/* ABIs by name, with commas; 0 after reporting what is wrong with --OPTION. */
abi_set target_abis(const char *option, const char *list);

/* Sets an option by name.  Returns false after reporting a bad value. */
bool target_set(struct target_options *target, const char *name,
		const char *value);

/* Compiles text.  c is then to be finished whatever came out. */
bool target_compile(const struct target_options *target,
		    struct compilation *c, const char *name, const char *text,
		    size_t len);

/*
 * Prints diagnostics to standard error, whole and at once, and a line that
 * counts them.  Running out of memory leaves through the arena of diags.
 */
void target_print(const struct target_options *target, struct diags *diags);

/* The same for a compilation, and why it has no program if it has none. */
void target_report(const struct target_options *target,
		   struct compilation *c);

#endif
