/*
 * Measures the compiler, and libseccomp of this machine on the same rules in
 * the same run: times of another run or machine say nothing.
 */
#ifndef SECCOMPC_BENCH_H
#define SECCOMPC_BENCH_H

#include "compiler.h"
#include "peer.h"

/* measure.c */

/* Times in nanoseconds. */
struct series {
	uint64_t *v;
	size_t n, cap;
};

struct summary {
	uint64_t minimum, median;	/* 0: not measured */
};

uint64_t clock_now(void);
void series_add(struct series *series, uint64_t ns);

/* Sorts; then frees. */
struct summary series_finish(struct series *series);

/*
 * Runs a program with no output to its end; *ns is the time from before its
 * start.  Returns its exit status, or -1.
 */
int process_run(const char *const argv[], uint64_t *ns);

/* executed.c */

/* The length of paths through a program, in executed instructions. */
struct executed {
	double mean;	/* over the known x86_64 syscalls, arguments zero */
	unsigned max_zero;	/* the longest of these paths */
	unsigned max;	/* of those with other arguments too */
};

struct code {
	struct sock_filter *v;
	size_t n;
};

void executed_measure(const struct code *code, const struct selection *s,
		      struct executed *executed);

/*
 * The number of the calls that executed_measure makes on which two programs
 * differ, of which one is libseccomp's; without the names that it lacks.
 */
size_t executed_differ(const struct code *a, const struct code *b,
		       const struct selection *s);

/* case.c */

enum maker {
	MAKER_SECCOMPC,		/* as its users run it */
	MAKER_SECCOMPC_PLAIN,	/* without rule 11, which libseccomp lacks */
	MAKER_LINEAR,
	MAKER_TREE,
	MAKER_COUNT,
};

enum timing {
	TIME_JSON,
	TIME_PASSES,	/* TIME_COMPILE without TIME_PROOF */
	TIME_PROOF,
	TIME_COMPILE,
	TIME_LINEAR,
	TIME_TREE,
	PROCESS_SECCOMPC,
	PROCESS_LINEAR,
	PROCESS_TREE,
	PROCESS_DYNAMIC,
	PROCESS_STATIC,
	TIMING_COUNT,
};

/* One profile for one set of ABIs, and all that was measured of it. */
struct bench_case {
	const char *path, *name;
	const char *text;
	size_t len;
	const char *abi_names;	/* as --arch takes them */
	abi_set abis;
	const char *build;	/* folder with the programs */
	size_t passes;

	struct code code[MAKER_COUNT];
	struct executed executed[MAKER_COUNT];
	size_t differing[PEER_COUNT];	/* from MAKER_SECCOMPC_PLAIN */
	size_t left_out;	/* names that libseccomp does not know */
	size_t nodes, steps;	/* of the proof of MAKER_SECCOMPC */
	struct summary times[TIMING_COUNT];
};

/* Returns false after saying on standard error what failed. */
bool case_run(struct bench_case *c);
void case_finish(struct bench_case *c);

/* proofs.c */

/* What the proofs of all profiles of a folder take. */
struct proofs {
	size_t profiles, programs, proved;
	uint64_t total;			/* nanoseconds */
	uint64_t slowest;
	size_t nodes, steps;		/* of the largest proofs */
	char slowest_name[256], nodes_name[256], steps_name[256];
};

/* False if there is no such folder. */
bool proofs_measure(struct proofs *proofs, const char *folder);

/* report.c */

extern const char *const maker_names[MAKER_COUNT];
extern const char *const timing_names[TIMING_COUNT];

void report_text(const struct bench_case *c, FILE *file);
void report_proofs(const struct proofs *proofs, FILE *file);

/* Without proofs if there are none. */
void report_json(const struct bench_case *cases, size_t count,
		 const struct proofs *proofs, FILE *file);

#endif
