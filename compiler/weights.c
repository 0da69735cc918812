#include "compiler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "weights-line.h"

/*
 * Three forms of counts.  strace -c and perf trace -s print tables, each with
 * a line of headings, among lines that are none of ours: what the command
 * printed, or the trace itself.  So a file with such headings is read from
 * each of them to the end of its table, and the rest is skipped; a file
 * without is lines of a name and a count, and nothing else.
 */
enum {
	MAX_FAULTS = 16,  /* then it is no such file at all */
	MAX_UNKNOWN = 64, /* names, likewise */
	NO_COLUMN = MAX_WORDS,
};

const struct weights weights_uniform = { .even = 100 };
const struct weights weights_built_in = { syscall_weights, 35 };

struct table {
	size_t columns; /* 0: outside of a table */
	size_t name, calls;
	size_t errors; /* left empty for none, unless NO_COLUMN */
	bool rows_ended;
	uint64_t sum;
};

struct counts {
	struct arena *arena;
	const struct source *source;
	struct diags *diags;
	uint64_t *count;
	uint64_t sum;
	size_t faults;
	VEC(const char *) unknown;
	struct table table;
	bool refused;
};

static size_t
offset_of(const struct counts *c, const char *s)
{
	return (size_t)(s - c->source->text);
}

static void
fault(struct counts *c, const struct token *at, const char *hint,
      const char *what)
{
	diag_offset(c->diags, DIAG_WEIGHTS_SYNTAX, offset_of(c, at->s), hint,
		    "%s", what);
	c->refused = true;
	c->faults++;
}

/*
 * By name, or by the number in one such as syscall_0x1c5, as strace calls what
 * is newer than itself.  From 424 on numbers are the same on all ABIs.
 */
static const struct syscall_name *
find_name(const char *name)
{
	static const char prefix[] = "syscall_0x";
	unsigned long number;
	char *end;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0)
		return syscall_find(name);
	name += sizeof(prefix) - 1;
	number = strtoul(name, &end, 16);
	if (!isxdigit((unsigned char)*name) || *end || number < 424 ||
	    number > UINT16_MAX)
		return NULL;
	return syscall_find_number(ABI_X86_64, (uint32_t)number);
}

static void
report_unknown(struct counts *c, const struct token *at, const char *name)
{
	const struct syscall_foreign *foreign = syscall_find_foreign(name);
	const char *nearest, *hint = NULL;

	for (size_t i = 0; i < c->unknown.n; i++)
		if (!strcmp(c->unknown.v[i], name))
			return;
	if (c->unknown.n == MAX_UNKNOWN) {
		fault(c, at, "give it the table of strace -c or perf trace -s",
		      "too many unknown names: these are no counts of "
		      "syscalls");
		c->faults = MAX_FAULTS;
		return;
	}
	*vec_push(c->arena, &c->unknown) =
		arena_strndup(c->arena, name, strlen(name));
	nearest = foreign ? NULL : syscall_nearest(name);
	if (nearest)
		hint = arena_printf(c->arena, "did you mean '%s'?", nearest);
	if (!diag_offset(c->diags, DIAG_WEIGHTS_NAME, offset_of(c, at->s), hint,
			 "'%s' is %s; its calls are not counted", name,
			 foreign ? "a syscall of other architectures alone"
				 : "no syscall"))
		c->refused = true;
}

static void
add(struct counts *c, const struct token *at, const char *name, uint64_t n)
{
	const struct syscall_name *found = find_name(name);

	/* A number that is too large leaves no room for another. */
	if (n > LIMIT_WEIGHTS - c->sum) {
		diag_offset(c->diags, DIAG_OUT_OF_RANGE, offset_of(c, at->s),
			    "only ratios matter: divide all counts by the "
			    "same number",
			    "the calls add up to more than 2^48");
		c->refused = true;
		c->faults = MAX_FAULTS;
		return;
	}
	if (!found) {
		report_unknown(c, at, name);
		return;
	}
	c->sum += n;
	c->count[found - syscall_names] += n;
}

/* What the programs print above their columns; "% time" is one. */
static bool
is_heading(const struct token *word)
{
	static const char *const headings[] = {
		"syscall",  "calls",   "errors",     /* both */
		"time",	    "seconds", "usecs/call", /* strace */
		"shortest", "longest",		     /* strace */
		"total",    "min",     "avg",	     /* perf */
		"max",	    "stddev",		     /* perf */
	};

	for (size_t i = 0; i < LENGTH(headings); i++)
		if (token_is(word, headings[i]))
			return true;
	return false;
}

/* Whether a line is headings of a table, which is then in *table. */
static bool
is_head(const struct line *line, struct table *table)
{
	*table = (struct table){
		.name = NO_COLUMN,
		.calls = NO_COLUMN,
		.errors = NO_COLUMN,
	};
	if (line->n > MAX_WORDS)
		return false;
	for (size_t i = 0; i < line->n; i++) {
		const struct token *word = &line->word[i];

		if (token_is(word, "%"))
			continue;
		if (!is_heading(word))
			return false;
		if (token_is(word, "syscall"))
			table->name = table->columns;
		else if (token_is(word, "calls"))
			table->calls = table->columns;
		else if (token_is(word, "errors"))
			table->errors = table->columns;
		table->columns++;
	}
	return table->name != NO_COLUMN && table->calls != NO_COLUMN;
}

/* What strace -c says that all rows are together. */
static void
check_total(struct counts *c, const struct line *line)
{
	bool agrees = false;
	uint64_t n;

	/* Old versions leave usecs/call empty here: which one it is differs. */
	for (size_t i = 0; i < line->n; i++)
		if (token_is_number(&line->word[i], &n) && n == c->table.sum)
			agrees = true;
	if (!agrees &&
	    !diag_offset(c->diags, DIAG_WEIGHTS_TOTAL,
			 offset_of(c, line->word[0].s),
			 "see whether the table is whole",
			 "the rows add up to %llu calls, which is not the "
			 "total",
			 (unsigned long long)c->table.sum))
		c->refused = true;
	c->table.columns = 0;
}

/* perf trace --errno-summary: "ENOENT: 13" below a row. */
static bool
is_errno(const struct line *line)
{
	uint64_t n;

	return line->n == 2 && line->word[0].s[0] == 'E' &&
	       line->word[0].s[line->word[0].len - 1] == ':' &&
	       token_is_number(&line->word[1], &n);
}

/* Lines of a table that are no rows. */
static bool
is_rule(struct counts *c, const struct line *line)
{
	bool dashes = true, units = true;

	for (size_t i = 0; i < line->n; i++) {
		dashes &= token_is_made_of(&line->word[i], "-");
		units &= line->word[i].s[0] == '(';
	}
	/* The second one comes before the total. */
	if (dashes && c->table.sum)
		c->table.rows_ended = true;
	return dashes || units || is_errno(line);
}

static void
read_row(struct counts *c, const struct line *line)
{
	struct table *t = &c->table;
	size_t name = t->name, calls = t->calls;
	char text[MAX_NAME];
	uint64_t n;

	if (line->n != t->columns) {
		if (line->n + 1 != t->columns || t->errors == NO_COLUMN) {
			fault(c, &line->word[0],
			      "give it the table as it was printed",
			      "a row that does not fit the headings of its "
			      "table");
			return;
		}
		name -= name > t->errors;
		calls -= calls > t->errors;
	}
	if (!token_is_name(&line->word[name], text))
		fault(c, &line->word[name],
		      "give it the table as it was printed",
		      "this is not the name of a syscall");
	else if (!token_is_number(&line->word[calls], &n))
		fault(c, &line->word[calls],
		      "give it the table as it was printed",
		      "this is not a number of calls");
	else {
		add(c, &line->word[name], text, n);
		t->sum += n;
	}
}

static void
read_table_line(struct counts *c, const struct line *line)
{
	struct table head;

	if (is_head(line, &head))
		c->table = head;
	else if (!c->table.columns)
		return;
	else if (!line->n)
		c->table.columns = 0;
	else if (line->n > MAX_WORDS)
		read_row(c, line);
	else if (token_is(&line->word[0], "total") ||
		 token_is(&line->word[line->n - 1], "total"))
		check_total(c, line);
	else if (c->table.rows_ended)
		c->table.columns = 0;
	else if (!is_rule(c, line))
		read_row(c, line);
}

static void
read_plain_line(struct counts *c, const struct line *line)
{
	const char *hint = "a line is a name and a count, as in 'read 120'; "
			   "or give it the whole table that strace -c or perf "
			   "trace -s prints, with its headings";
	char text[MAX_NAME];
	uint64_t n;

	if (!line->n)
		return;
	if (line->n == 2 && token_is_number(&line->word[0], &n) &&
	    token_is_name(&line->word[1], text))
		fault(c, &line->word[0], "write the name first, then the count",
		      "a count where the name of a syscall is due");
	else if (line->n != 2)
		fault(c, &line->word[0], hint,
		      "this line is not a name and a count");
	else if (!token_is_name(&line->word[0], text))
		fault(c, &line->word[0], hint,
		      "this is not the name of a syscall");
	else if (!token_is_number(&line->word[1], &n))
		fault(c, &line->word[1],
		      "a count is a whole number, 0 or more, in decimal",
		      "this is not a number of calls");
	else
		add(c, &line->word[0], text, n);
}

static bool
has_table(const struct source *source)
{
	struct table table;

	for (size_t at = 0; at < source->len;) {
		struct line line = line_next(source, &at, false);

		if (is_head(&line, &table))
			return true;
	}
	return false;
}

static bool
is_text(struct counts *c)
{
	const char *nul = memchr(c->source->text, '\0', c->source->len);

	if (c->source->len > LIMIT_FILE)
		return diag_offset(c->diags, DIAG_LIMIT, SIZE_MAX, NULL,
				   "more than %d bytes of counts", LIMIT_FILE);
	if (nul)
		return diag_offset(c->diags, DIAG_WEIGHTS_SYNTAX,
				   offset_of(c, nul), NULL,
				   "a NUL character: this is not text");
	return true;
}

const struct weights *
weights_read(struct arena *arena, const struct source *source,
	     struct diags *diags)
{
	struct counts c = { .arena = arena, .source = source, .diags = diags };
	struct weights *weights;
	bool tables;

	if (!is_text(&c))
		return NULL;
	c.count = arena_alloc(arena, syscall_name_count * sizeof(*c.count));
	tables = has_table(source);
	for (size_t at = 0; at < source->len && c.faults < MAX_FAULTS;) {
		struct line line = line_next(source, &at, !tables);

		if (tables)
			read_table_line(&c, &line);
		else
			read_plain_line(&c, &line);
	}
	if (!c.refused && !c.sum)
		return diag_offset(diags, DIAG_WEIGHTS_EMPTY, SIZE_MAX,
				   "give it what strace -c or perf trace -s "
				   "printed, or lines such as 'read 120'",
				   "no call of a known syscall is counted"),
		       NULL;
	if (c.refused)
		return NULL;
	weights = arena_alloc(arena, sizeof(*weights));
	weights->count = c.count;
	weights->even = WEIGHTS_EVEN;
	return weights;
}
