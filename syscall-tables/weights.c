#include "weights.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum {
	MILLION = 1000000,
	WORKLOADS = 3, /* the first of their columns */
};

/* The share is the mean of the columns of the workloads. */
static void
check_share(const struct reader *r, unsigned share)
{
	bool other = strcmp(r->field[2], "-") != 0;
	unsigned n = (unsigned)r->count - WORKLOADS, sum = 0;

	for (size_t i = WORKLOADS; i < r->count; i++) {
		if (other && strcmp(r->field[i], "-") != 0)
			die(r, "'%s' calls of another name", r->field[i]);
		if (!other)
			sum += parse_number(r, r->field[i], MILLION);
	}
	/* Each of them is rounded, by less than 1, and so is the share. */
	if (!other && (share * n > sum + 2 * n || sum > share * n + 2 * n))
		die(r, "%u is not the mean of the columns", share);
}

void
read_weights(const char *path, unsigned *(*find)(void *data, const char *name),
	     void *data)
{
	static const char first[] = "name\tshare\tas\t";
	struct reader r = open_table(path);
	char *last = copy("");

	if (strncmp(r.columns, first, sizeof(first) - 1) != 0)
		die(&r, "unknown columns '%s'", r.columns);
	while (read_row(&r)) {
		unsigned *share = find(data, r.field[0]);

		if (!share)
			die(&r, "share of an unknown syscall '%s'", r.field[0]);
		if (strcmp(r.field[0], last) <= 0)
			die(&r, "not sorted, or twice: %s after %s", r.field[0],
			    last);
		free(last);
		last = copy(r.field[0]);
		*share = parse_number(&r, r.field[1], MILLION);
		check_share(&r, *share);
	}
	if (!*last)
		die(&r, "no rows");
	free(last);
	close_table(&r);
}
