#include "learn.h"

#include <inttypes.h>

enum { EXES = 3 }; /* that a line names */

const struct seen_values *
seen_values(const struct seen *seen, const struct syscall_name *name)
{
	const struct watched *watched = watched_find(name->name);

	return watched ? seen->values[watched - watched_at(0)] : NULL;
}

bool
seen_has(const struct seen *seen, const struct syscall_name *name)
{
	return seen_count(seen, name) > 0;
}

uint64_t
seen_count(const struct seen *seen, const struct syscall_name *name)
{
	uint64_t count = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (name->number[i] >= 0 &&
		    syscall_find_number((enum abi)i,
					(uint32_t)name->number[i]) == name)
			count += seen->count[i][name->number[i]];
	return count;
}

/* All of them together stay below LIMIT_WEIGHTS: only ratios matter. */
void
seen_write_counts(struct buf *buf, const struct seen *seen)
{
	unsigned shift = 0;

	while (seen->calls >> shift >= LIMIT_WEIGHTS / 2)
		shift++;
	for (size_t i = 0; i < syscall_name_count; i++) {
		uint64_t count = seen_count(seen, &syscall_names[i]);

		if (count)
			buf_printf(buf, "%s %" PRIu64 "\n",
				   syscall_names[i].name,
				   count >> shift ? count >> shift : 1);
	}
}

void
seen_write_exes(struct buf *buf, const struct seen *seen, enum abi abi,
		uint32_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->exes.n; i++) {
		const struct seen_exe *exe = seen->exes.v[i];

		if (!exe->count[abi][number] || !exe->path[0])
			continue;
		if (n < EXES)
			buf_printf(buf, "%s%s", n ? ", " : "", exe->path);
		n++;
	}
	if (n > EXES)
		buf_printf(buf, " and %zu more", n - EXES);
}
