/*
 * Measures the programs that `seccompc compile` writes and what they cost to
 * make, and libseccomp of this machine on the same rules in the same run:
 * times of another run or machine say nothing.
 *
 * Nothing here comes from the compiler's own statistics.  Programs are files
 * that the command wrote; what they execute is counted by running them.
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
 * Runs a program to its end without output, or with both streams in a file;
 * *ns, if not NULL, is the time from before its start.  Returns its exit
 * status, or -1.
 */
int process_run(const char *const argv[], const char *output, uint64_t *ns);

/*
 * Makes a folder of its own in memory, whose path the caller frees; NULL if
 * there is no file system in memory.
 */
char *folder_in_memory(void);

/* Removes a folder and all in it. */
void folder_remove(const char *path);

/* blob.c: programs as a user gets them. */

struct code {
	struct sock_filter *v;
	size_t n;
};

struct blob {
	struct code code;	/* v NULL: there is none */
	char digest[65];	/* SHA-256 by sha256sum, "" without it */
	char error[256];	/* what the command said, else "" */
};

enum { OPTIONS_MAX = 12 };

/*
 * `seccompc compile PROFILE` with the NULL-terminated options and no others,
 * through a file in folder.  False if there is no program.
 */
bool blob_compile(struct blob *blob, const char *seccompc, const char *folder,
		  const char *profile, const char *const options[]);

/* Whether a compilation in this process made the same. */
bool code_is(const struct code *code, const struct program *program);

/* Reads a program from a file; false if it is none. */
bool blob_read(struct blob *blob, const char *path);
void blob_finish(struct blob *blob);

/* line.c: the programs that are compared, by name and options. */

enum abi_choice {
	ABIS_ALONE,	/* x86_64; unknown numbers and archs: the default */
	ABIS_THREE,	/* x86_64, i386 and x32; ENOSYS, others killed */
	ABIS_COUNT,
};

enum { HOT_COUNT = 10 };
extern const char *const hot_names[HOT_COUNT];

struct line {
	const char *name;
	enum abi_choice abis;
	const char *options[3];
	/* The same inside this process; NULL: those of weights_write(). */
	const struct weights *weights;
	enum optimize_mode optimize;
};

/* In options of a line, in the place of weights_write()'s file. */
#define LINE_HOT_FILE "--weights=HOT"

extern const struct line lines[];
extern const size_t line_count;
extern const char *const abi_titles[ABIS_COUNT];

/* What is the same in all lines of a choice of ABIs. */
extern const char *const abi_options[ABIS_COUNT][6];

/* All options of a line; hot is what weights_write() wrote. */
void line_options(const struct line *line, const char *hot,
		  const char *options[OPTIONS_MAX]);

/* The same for a compilation in this process. */
void line_start(struct compilation *c, const struct line *line,
		const char *path, const char *text, size_t len);

/* By index into syscall_numbers[ABI_X86_64]: what weights_write() writes. */
unsigned weights_hot(size_t i);

/* Hot syscalls 1000 times, other known ones once; false if it cannot. */
bool weights_write(const char *path);

/* paths.c */

/* As longest_find(). */
void paths_longest(const struct code *code, bool zero,
		   struct longest *longest);

/* figures.c */

/* A row of the tables has a value per column, NAN where there is none. */
enum column {
	INSTRUCTIONS,
	BYTES,
	WORST_ZERO,	/* over all numbers and archs, arguments zero */
	WORST,		/* over everything */
	/* The following are over known x86_64 syscalls, arguments zero. */
	MEAN_KNOWN,
	MEAN_ALLOWED,
	MEAN_DENIED,
	MEAN_HOT,
	/* Percent in the kernel's allow cache. */
	CACHED_ALLOWED,	/* of those allowed whatever the arguments */
	CACHED_KNOWN,	/* of all known ones */
	/* Nanoseconds. */
	TIME_COMPILE,	/* rules or JSON to program, in one process */
	TIME_PROCESS,	/* the whole of it */
	TIME_INSTALL,	/* prctl() alone */
	TIME_GETPPID,
	TIME_PERSONALITY,
	TIME_DENIED,
	COLUMN_COUNT,
};

struct column_info {
	const char *title, *key;
	int decimals;
};

extern const struct column_info columns[COLUMN_COUNT];

struct figures {
	double v[COLUMN_COUNT];
	bool inexact;		/* the worst cases are at least as given */
};

void figures_clear(struct figures *figures);

/* All columns but times; abis are those of the program. */
void figures_measure(struct figures *figures, const struct code *code,
		     abi_set abis);

/* Executed instructions of a call with arguments zero. */
unsigned figures_executed(const struct code *code, uint32_t arch, uint32_t nr,
			  uint32_t *action);

/*
 * The number of calls on which two programs differ, of which one is
 * libseccomp's: all known x86_64 syscalls, and in their arguments values
 * around the constants of the rules; without the names that it lacks.
 */
size_t figures_differ(const struct code *a, const struct code *b,
		      const struct selection *s);

/* bound.c: what no tree of tests can beat. */

struct bound {
	size_t runs;		/* of numbers that decide alike */
	double any;	/* instructions, whatever two-way tests are made */
	double tree;	/* with JGE and JEQ on the number */
	double mean;	/* what it is */
	bool hot;	/* weighted as weights_write() does */
};

/*
 * For the means of a program's decisions over x86_64, with a weight for each
 * of the known syscalls (by index into syscall_numbers[ABI_X86_64]).
 */
void bound_find(struct bound *bound, const struct code *code,
		const double *weights);

/* peer-run.c: work that may not end, in a process of its own. */

enum limited_end { LIMITED_DONE, LIMITED_LATE, LIMITED_FAILED };

/* Makes a program in code->v, which has room for BPF_MAXINSNS. */
typedef bool limited_work(void *context, struct code *code, uint64_t *ns);

/* code->v is then the caller's to free, whatever the end. */
enum limited_end limited_run(limited_work *work, void *context,
			     unsigned seconds, struct code *code,
			     uint64_t *ns);

/* libseccomp's program, into code as above; false if there is none that the
 * kernel could take. */
bool peer_make(const struct rule_list *rules, enum peer_tree tree,
	       struct code *code, uint64_t *ns);

/* stages.c: the time of each pass. */

enum stage {
	STAGE_JSON,
	STAGE_SELECT,	/* and the reading of the profile */
	STAGE_RESOLVE,
	STAGE_OVERLAP,
	STAGE_DECIDE,
	STAGE_ARGS,
	STAGE_ORDER,	/* the search tree and the root */
	STAGE_EMIT,
	STAGE_PROOF,
	STAGE_COUNT,
};

extern const char *const stage_names[STAGE_COUNT];

struct stages {
	struct summary v[STAGE_COUNT];
	struct summary whole;	/* compile(), start to finish */
	struct summary json_c;	/* json_tokener_parse_ex() on the same text */
	size_t nodes, steps;	/* of the proof */
};

/*
 * Times a line in this process, pass by pass.  False unless the passes make
 * code and compile() does so too.
 */
bool stages_measure(struct stages *stages, const struct line *line,
		    const char *path, const char *text, size_t len,
		    const struct code *code, size_t passes);

/* row.c: a compiler's program of a profile, and all that is known of it. */

struct row {
	const char *by;
	const char *source;	/* constants: whose; NULL: measured here */
	char options[256];
	enum abi_choice abis;
	const struct line *line;	/* ours */
	bool peer;		/* libseccomp's, from this run */
	enum peer_tree tree;
	struct blob blob;
	struct figures figures;
	struct bound bound;	/* runs 0: none */
	size_t differing;	/* calls decided unlike ours */
};

enum { ROWS_MAX = 48, PROFILE_NAME = 128 };

/* launch.c: a program started by seccomp-exec, under the line without
 * options, and without it. */

enum { LAUNCHES = 2 };

struct launch {
	bool tried;		/* the program is there */
	int status;		/* not 0: it does not start under that filter */
	struct summary plain, launched;
};

/* /bin/true, of which LAUNCH_LIMIT is said, and the least that there is. */
extern const char *const launch_names[LAUNCHES];

/* How many times as long as alone /bin/true may take. */
#define LAUNCH_LIMIT 1.5

/* One profile and its rows. */
struct subject {
	char path[4096], name[PROFILE_NAME];
	char *text;
	size_t len;
	struct row rows[ROWS_MAX];
	size_t n;
	struct stages stages[ABIS_COUNT];
	double without[COLUMN_COUNT];	/* times of calls without a filter */
	struct summary empty;	/* a process that does nothing */
	struct launch launches[ABIS_COUNT][LAUNCHES];
	const char *denied;	/* the call of TIME_DENIED */
	const char *no_live;	/* why calls were not timed, or NULL */
};

struct setup {
	const char *seccompc, *build, *folder;
	/* Of what timed processes write, in memory if there is room: what
	 * disks cost is no compiler's matter. */
	const char *outputs;
	char hot[4096];		/* file of weights */
	size_t passes;
};

/* Everything but what live.c does; false after saying what failed. */
bool subject_measure(struct subject *subject, const struct setup *setup);
void subject_finish(struct subject *subject);

/* peers.c: figures of compilers that are not here. */

/* Adds the rows that are known for a profile by its file name. */
void peers_add(struct subject *subject);

/* live.c: filters in the running kernel. */

void live_measure(struct subject *subject, size_t passes);

/* launch.c */

/* Needs rows with programs. */
void launch_measure(struct subject *subject, const struct setup *setup);

/* whole.c: all profiles of a folder. */

struct whole_row {
	const char *by;
	enum abi_choice abis;
	bool peer;
	size_t programs, refused;
	struct figures sum;	/* means over programs; worst: the largest */
	size_t longest;		/* program, in instructions */
	size_t uncached;	/* programs that leave out of the cache what it could hold */
	uint64_t ns;	/* the process, all profiles; of peers, all calls */
	char error[256];
};

struct whole {
	struct whole_row rows[16];
	size_t n, profiles;
	/* Proofs, of x86_64 and of all ABIs. */
	size_t programs, proved, nodes, steps;
	uint64_t total, slowest;	/* nanoseconds */
	char slowest_name[256];
};

/* False if there is no such folder. */
bool whole_measure(struct whole *whole, const char *folder,
		   const struct setup *setup);

/* growth.c: how cost grows with the input. */

enum growth_kind {
	GROWTH_SYSCALLS,	/* that are allowed */
	GROWTH_CONDITIONS,	/* on one syscall */
	GROWTH_PROFILES,	/* in one process */
	GROWTH_COUNT,
};

enum growth_maker { GROWTH_OURS, GROWTH_LINEAR, GROWTH_TREE, GROWTH_MAKERS };

struct growth_cost {
	uint64_t ns;		/* 0: not measured, or given up */
	size_t instructions;	/* 0: there is no program */
	double executed;	/* growth_executed says which */
	enum limited_end end;
};

struct growth_point {
	size_t size;
	struct growth_cost by[GROWTH_MAKERS];
};

struct growth {
	struct growth_point points[GROWTH_COUNT][16];
	size_t n[GROWTH_COUNT];
};

extern const char *const growth_titles[GROWTH_COUNT];
extern const char *const growth_executed[GROWTH_COUNT];
extern const char *const growth_makers[GROWTH_MAKERS];

/* Up to largest profiles in one process; false if something failed. */
bool growth_measure(struct growth *growth, const struct setup *setup,
		    size_t largest);

/* report-text.c, report-json.c */

void report_subject(const struct subject *subject, FILE *file);
void report_whole(const struct whole *whole, FILE *file);
void report_growth(const struct growth *growth, FILE *file);

struct results {
	const struct subject *subjects;
	size_t n;
	const struct whole *whole;	/* NULL: no folder */
	const struct growth *growth;
	size_t passes;
	const char *build;	/* how this was built */
};

void report_json(const struct results *results, FILE *file);

#endif
