/*
 * A page for people about profiles: one HTML file with nothing beside it.
 *
 * Text of profiles and names of files are hostile.  They reach the page
 * through html_text() and html_source() alone; all else is from the tables of
 * this program.  The page forbids by its own policy whatever is not in it.
 */
#ifndef SECCOMPC_REPORT_H
#define SECCOMPC_REPORT_H

#include "compiler/compiler.h"
#include "compiler/differ.h"

/* What a page shows at most, docs/report.md; more is said to be left out. */
enum {
	REPORT_PROFILES = 100,	     /* on one page */
	REPORT_PAGE = 64 << 20,	     /* bytes, past which it is refused */
	REPORT_SOURCE = 1 << 20,     /* bytes of a profile's text */
	REPORT_LINES = 20000,	     /* of it */
	REPORT_LINE = 16000,	     /* bytes of a line */
	REPORT_NAME = 400,	     /* bytes of a profile's own texts */
	REPORT_WORDS = 1 << 20,	     /* bytes of conditions of a profile */
	REPORT_ACTIONS = 8,	     /* of a syscall, with conditions */
	REPORT_CONJUNCTIONS = 12,    /* of one condition */
	REPORT_GROUPS = 2000,	     /* of a comparison */
	REPORT_TREE = 4000,	     /* tests and leaves of one ABI's tree */
	REPORT_ARGUMENT_TREES = 64,  /* trees of tests on arguments */
	REPORT_ARGUMENT_NODES = 200, /* tests and leaves of one of those */
	REPORT_PART = 48,	     /* leaves that are drawn together */
	REPORT_PART_DEPTH = 16,	     /* tests above each other, likewise */
};

/* What a profile is compared with. */
struct report_baseline {
	const char *name;
	struct side side;
};

struct report {
	struct arena *arena;
	const struct report_baseline *baseline; /* or NULL */
	struct buf rows;     /* of the table of all profiles */
	struct buf contents; /* the list of links to them */
	struct buf body;
	const char *title; /* the first profile's name */
	size_t count;
};

/* Nothing is owned; memory is of arena, running out of it leaves there. */
void report_init(struct report *report, struct arena *arena,
		 const struct report_baseline *baseline);

/*
 * Adds a profile: what compile() and lint_run() made of it, whether or not
 * there is a program.  Returns false if the page gets too large.
 */
bool report_add(struct report *report, struct compilation *c);

/* Appends the whole page. */
void report_write(struct buf *buf, const struct report *report);

/* html.c: text that stays text. */

/*
 * Appends text as content or between the quotes of an attribute: no markup,
 * and nothing that is unseen or turns the direction of what follows.
 */
void html_text(struct buf *buf, const char *s);

/* The same for at most limit bytes, with "…" for the rest. */
void html_short(struct buf *buf, const char *s, size_t limit);

/* A piece of a line of a source, as content, with its tabs. */
void html_source(struct buf *buf, const char *s, size_t len);

/* Everything up to the body's content, with a title "a and 2 more", and what
 * comes after it. */
void html_begin(struct buf *buf, const char *title, size_t more);
void html_end(struct buf *buf);

/* assets.c, made by embed.c of report.css and report.js. */
extern const char report_css[], report_js[];

/* source.c: the text of a profile by lines. */

struct source_lines {
	const struct source *source;
	VEC(size_t) starts; /* of lines, up to those that are shown */
	bool cut;	    /* there are more */
};

void source_find(struct source_lines *lines, struct arena *arena,
		 const struct source *source);

/* The line of an offset, from 1; 0 if it is not shown. */
size_t source_line(const struct source_lines *lines, size_t offset);

/* Appends a link to the line of an offset in profile number id. */
void source_link(struct buf *buf, const struct source_lines *lines, size_t id,
		 size_t offset);
/* Appends the text; lines with findings link to them. */
void source_write(struct buf *buf, const struct source_lines *lines,
		  const struct diags *diags, size_t id);

/* verdict.c: what every syscall gets. */

struct verdict_case {
	uint32_t action;
	bool rest;		   /* in all other cases */
	bool more;		   /* not all of where is there */
	struct conjunctions where; /* any of these holds */
};

/* Syscalls that are decided alike. */
struct verdict {
	dd function;
	bool plain; /* whatever the arguments */
	uint32_t action;
	VEC(struct verdict_case) cases;
	bool more; /* there are more actions */
};

/* Numbers without a name, or behind the names in between as well. */
struct verdict_gap {
	enum abi abi;
	uint32_t first, last; /* with the bit of the ABI */
	size_t verdict;
};

struct verdicts {
	struct dd_set set; /* owns all that follows */
	const struct compilation *c;
	enum dd_end end;
	bool spelled; /* conditions are there */
	VEC(struct verdict) list;
	/* By index into syscall_names: 1 + which; 0: not on this ABI. */
	size_t *by_name[ABI_COUNT];
	VEC(struct verdict_gap) gaps;
};

/* Finds them for a compilation with a program; verdicts_finish() frees. */
void verdicts_find(struct verdicts *verdicts, const struct compilation *c);
void verdicts_finish(struct verdicts *verdicts);

/* verdict-table.c */
void verdict_write(struct buf *buf, const struct verdicts *verdicts,
		   const struct source_lines *lines, size_t id);

/* Appends an action as a label, whose class is its kind. */
void verdict_badge(struct buf *buf, uint32_t action);

/* "allow", "deny" and so on: classes of report.css. */
const char *verdict_kind(uint32_t action);

/* places.c: which lines of a profile name a syscall. */

struct places {
	/* By index into syscall_names: a list of offsets. */
	struct place_list {
		const struct json **v;
		size_t n, cap;
	} * by_name;
};

void places_find(struct places *places, struct arena *arena,
		 const struct ruleset *ruleset);

/* tree.c: the tests of a program on numbers that calls of one ABI come to. */

enum tree_kind {
	TREE_TEST,
	TREE_ACTION,
	TREE_ARGUMENTS, /* goes on in a tree of tests on arguments */
	TREE_SAME,	/* goes on at a test that is drawn elsewhere */
	TREE_CUT,	/* not read any further */
};

struct tree_node {
	enum tree_kind kind;
	uint32_t parent;   /* itself: the root */
	uint32_t sides[2]; /* of a test, as drawn from the top */
	bool yes_first;	   /* the first of them is where it is true */
	const char *label; /* of a test */
	const char *about; /* what it means, or NULL */
	uint32_t action;
	uint32_t other;	       /* TREE_ARGUMENTS: which; TREE_SAME: the node */
	uint32_t ordinal;      /* among tests, from 1 */
	uint32_t low, high;    /* numbers are within, without the ABI's bit */
	bool partly;	       /* not all of them come here */
	const uint16_t *names; /* indices into syscall_names */
	size_t name_count;
	unsigned executed; /* instructions up to here, it included */
	size_t leaves;	   /* below it */
	unsigned depth;
};

/* Who comes to tests on arguments. */
struct tree_caller {
	enum abi abi;
	uint16_t name;
};

struct tree {
	enum abi abi; /* ABI_COUNT: of tests on arguments */
	/* Parents first, and what is below a node comes right behind it. */
	VEC(struct tree_node) nodes;
	bool cut; /* something was not read */
	/* Of tests on arguments: where they begin, with what in A. */
	size_t pc;
	uint8_t word;
	uint32_t mask;
	VEC(struct tree_caller) callers;
};

struct trees {
	struct arena *arena;
	const struct sock_filter *code;
	size_t count;
	struct tree numbers[ABI_COUNT];
	VEC(struct tree) arguments;
};

/* Reads a program that compile() made. */
void trees_find(struct trees *trees, struct arena *arena,
		const struct compilation *c);

/* tree-arguments.c: fills a tree that says where it begins. */
void tree_arguments(struct trees *trees, struct tree *tree);

/* tree-write.c: the section with pictures, and with tables of the same. */
void trees_write(struct buf *buf, const struct trees *trees,
		 const struct compilation *c, size_t id);

/* "0–134", "135", "some of 5–9". */
void tree_range(struct buf *buf, const struct tree_node *node);

/* tree-draw.c */

/*
 * Appends a picture of what is below root.  parts has by node the root of the
 * picture that it is in; other roots are drawn as leaves.  name is for ids,
 * what for the title.
 */
void tree_draw(struct buf *buf, const struct tree *tree, uint32_t root,
	       const uint32_t *parts, const char *name, const char *what);

/* The rest is in the page's own order: a section per file. */
void finding_write(struct buf *buf, const struct compilation *c,
		   const struct source_lines *lines, size_t id);
void figures_write(struct buf *buf, const struct statistics *statistics,
		   const struct compilation *c, bool counted, size_t id);
void difference_write(struct buf *buf, const struct diff *diff,
		      const struct report_baseline *baseline, enum dd_end end,
		      size_t id);
void summary_write(struct buf *buf, const struct compilation *c);

#endif
