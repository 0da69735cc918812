/*
 * Joins the syscall tables into one C file, as the build runs it:
 *
 *   generate OUT ABI=FILE... foreign=FILE arguments=FILE weights=FILE
 *
 * The ABIs stand in the order of enum abi.  A table is text: a hash and a
 * space start a comment, "#release" names the newest kernel that the table
 * covers, "#columns" the columns, and all after that is rows, a tab between
 * columns.  Tables are written by hand and by a script, so whatever looks
 * wrong in one ends the build with file:line.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "weights.h"

static struct name *
find_name(const struct tables *t, const char *s)
{
	for (size_t i = 0; i < t->name_count; i++)
		if (!strcmp(t->names[i]->name, s))
			return t->names[i];
	return NULL;
}

/* A name that fits into the tables. */
static char *
copy_name(const struct reader *r, const char *s)
{
	if (strlen(s) >= NAME_SIZE)
		die(r, "%s has more than %d letters", s, NAME_SIZE - 1);
	return copy(s);
}

static struct name *
add_name(struct tables *t, const struct reader *r, const char *s)
{
	struct name *name = allocate(sizeof(*name));

	if (t->name_count == MAX_ROWS)
		die(r, "more than %d names", MAX_ROWS);
	name->name = copy_name(r, s);
	for (size_t i = 0; i < MAX_ABIS; i++)
		name->number[i] = -1;
	return t->names[t->name_count++] = name;
}

static void
read_numbers(struct tables *t, size_t abi, const char *path)
{
	struct reader r = open_table(path);
	int last = -1;

	expect_columns(&r, "number\tname\tsince");
	if (!r.release || (t->release && r.release != t->release))
		die(&r, "no #release, or not that of the tables before");
	t->release = r.release;
	while (read_row(&r)) {
		int number = (int)parse_number(&r, r.field[0], MAX_NUMBER);
		const char *s = parse_name(&r, r.field[1]);
		struct name *name = find_name(t, s);

		if (!name)
			name = add_name(t, &r, s);
		if (number == last || name->number[abi] >= 0)
			die(&r, "a second row for %d or %s", number, s);
		if (number < last)
			die(&r, "not sorted: %d after %d", number, last);
		last = name->number[abi] = number;
		name->since[abi] = parse_release(&r, r.field[2]);
		if (name->since[abi] > r.release)
			die(&r, "%s is newer than #release", r.field[2]);
		/* No number and no name twice: at most as many as names. */
		t->numbers[abi][t->number_count[abi]++] = name;
	}
	if (!t->number_count[abi])
		die(&r, "no rows");
	close_table(&r);
}

static void
read_foreign(struct tables *t, const char *path)
{
	struct reader r = open_table(path);
	const char *last = "";

	expect_columns(&r, "name\tarchs");
	while (read_row(&r)) {
		const char *s = parse_name(&r, r.field[0]);

		if (t->foreign_count == MAX_ROWS)
			die(&r, "more than %d rows", MAX_ROWS);
		if (strcmp(s, last) <= 0)
			die(&r, "not sorted, or twice: %s after %s", s, last);
		if (find_name(t, s))
			die(&r, "%s has a number on an ABI here", s);
		last = copy(s);
		t->foreign[t->foreign_count++] = (struct foreign){
			.name = copy_name(&r, s),
			.archs = parse_text(&r, r.field[1]),
		};
	}
	close_table(&r);
}

static size_t
find_abi(const struct tables *t, const char *s)
{
	size_t abi = 0;

	while (abi < t->abi_count && strcmp(t->abi[abi], s) != 0)
		abi++;
	return abi;
}

/* An ABI whose registers are narrower has a column of its own. */
static void
read_narrow(struct tables *t, struct reader *r)
{
	static const char first[] = "syscall\tindex\tname\ttype\twidth\tsign\t";

	if (strncmp(r->columns, first, sizeof(first) - 1) != 0 ||
	    r->count > 7 + MAX_ABIS ||
	    strcmp(r->field[r->count - 1], "abi") != 0)
		die(r, "unknown columns '%s'", r->columns);
	for (size_t i = 6; i < r->count - 1; i++) {
		const char *s = r->field[i];
		size_t abi = t->abi_count;

		if (!strncmp(s, "width_", 6))
			abi = find_abi(t, s + 6);
		if (abi == t->abi_count)
			die(r, "unknown column '%s'", s);
		t->narrow[t->narrow_count++] = abi;
	}
}

/* The rows of one call: on one ABI, or on all (abi is then abi_count). */
struct group {
	struct name *name;
	size_t abi;
	struct args args;
};

static bool
applies(const struct tables *t, const struct group *g, size_t abi)
{
	return g->name->number[abi] >= 0 &&
	       (g->abi == t->abi_count || g->abi == abi);
}

static void
read_arg(struct tables *t, const struct reader *r, struct group *g)
{
	struct arg *arg = &t->args[t->arg_count++];

	if (t->arg_count == MAX_ROWS)
		die(r, "more than %d rows", MAX_ROWS);
	if (parse_number(r, r->field[1], MAX_ARGS - 1) != g->args.count)
		die(r, "argument %s where %u is due", r->field[1],
		    g->args.count);
	g->args.count++;
	arg->name = parse_text(r, r->field[2]);
	arg->type = parse_text(r, r->field[3]);
	arg->sign = r->field[5][0];
	if (!arg->sign || !strchr("sup", arg->sign) || r->field[5][1])
		die(r, "sign '%s' is not s, u or p", r->field[5]);
	for (size_t i = 0; i < t->abi_count; i++)
		if (applies(t, g, i))
			arg->width[i] = parse_width(r, r->field[4]);
	for (size_t i = 0; i < t->narrow_count; i++) {
		const char *s = r->field[6 + i];

		if (!strcmp(s, "-"))
			continue;
		if (g->abi != t->abi_count || !applies(t, g, t->narrow[i]))
			die(r, "a width on an ABI that the row is not about");
		arg->width[t->narrow[i]] = parse_width(r, s);
	}
}

/* The ABI that a row of arguments is about; abi_count for all. */
static size_t
row_abi(const struct tables *t, const struct reader *r)
{
	const char *s = r->field[r->count - 1];
	size_t abi = find_abi(t, s);

	if (abi == t->abi_count && strcmp(s, "all") != 0)
		die(r, "unknown ABI '%s'", s);
	return abi;
}

/* The call that a row is about; it comes after that of the row before. */
static struct group
start_group(const struct tables *t, const struct reader *r,
	    const struct group *before)
{
	const char *abi = r->field[r->count - 1];
	struct group g = { find_name(t, r->field[0]), row_abi(t, r), { 0 } };
	int order;

	if (!g.name)
		die(r, "arguments of an unknown syscall '%s'", r->field[0]);
	if (g.abi < t->abi_count && g.name->number[g.abi] < 0)
		die(r, "%s does not exist on %s", g.name->name, abi);
	order = before->name ? strcmp(g.name->name, before->name->name) : 1;
	/* All ABIs come first, so that a single one can replace them. */
	if (!order && before->abi == t->abi_count)
		order = 1;
	else if (!order)
		order = g.abi < t->abi_count && g.abi > before->abi ? 1 : -1;
	if (order < 0)
		die(r, "not sorted: %s on %s", g.name->name, abi);
	g.args.first = t->arg_count;
	return g;
}

/* A row without an argument stands alone and has nothing else. */
static void
check_row(const struct reader *r, const struct group *g)
{
	bool none = !strcmp(r->field[1], "-");

	if (g->args.known && (none || !g->args.count))
		die(r, "a row besides that of a call without arguments");
	for (size_t i = 2; none && i < r->count - 1; i++)
		if (strcmp(r->field[i], "-") != 0)
			die(r, "'%s' of no argument", r->field[i]);
}

static void
read_arguments(struct tables *t, const char *path)
{
	struct reader r = open_table(path);
	struct group g = { 0 };

	read_narrow(t, &r);
	while (read_row(&r)) {
		if (!g.name || strcmp(g.name->name, r.field[0]) != 0 ||
		    row_abi(t, &r) != g.abi)
			g = start_group(t, &r, &g);
		check_row(&r, &g);
		if (strcmp(r.field[1], "-") != 0)
			read_arg(t, &r, &g);
		g.args.known = true;
		for (size_t i = 0; i < t->abi_count; i++)
			if (applies(t, &g, i))
				g.name->args[i] = g.args;
	}
	close_table(&r);
}

/* Where the share of a name goes, NULL if there is no such name. */
static unsigned *
find_share(void *tables, const char *s)
{
	struct name *name = find_name(tables, s);

	return name ? &name->share : NULL;
}

static int
compare_names(const void *a, const void *b)
{
	const struct name *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static void
sort_names(struct tables *t)
{
	qsort(t->names, t->name_count, sizeof(*t->names), compare_names);
	for (size_t i = 0; i < t->name_count; i++)
		t->names[i]->index = i;
}

int
main(int argc, char **argv)
{
	struct tables *t = allocate(sizeof(*t));

	if (argc < 6 || argc > 5 + MAX_ABIS ||
	    strncmp(argv[argc - 3], "foreign=", 8) != 0 ||
	    strncmp(argv[argc - 2], "arguments=", 10) != 0 ||
	    strncmp(argv[argc - 1], "weights=", 8) != 0)
		die(NULL, "usage: generate OUT ABI=FILE... foreign=FILE "
			  "arguments=FILE weights=FILE");
	for (int i = 2; i < argc - 3; i++) {
		char *path = strchr(argv[i], '=');

		if (!path || path == argv[i])
			die(NULL, "'%s' is not ABI=FILE", argv[i]);
		*path++ = '\0';
		if (find_abi(t, argv[i]) < t->abi_count)
			die(NULL, "a second table for %s", argv[i]);
		t->abi[t->abi_count] = argv[i];
		read_numbers(t, t->abi_count++, path);
	}
	read_foreign(t, argv[argc - 3] + 8);
	read_arguments(t, argv[argc - 2] + 10);
	read_weights(argv[argc - 1] + 8, find_share, t);
	sort_names(t);
	write_tables(argv[1], t);
	/* The process ends here, and its memory with it. */
	return 0;
}
