/* What is made of filters of seccompc.h: formats and comparisons. */
#include "library.h"
#include "rewrite.h"

#include <stdlib.h>
#include <string.h>

/* Memory of the caller's; an arena's end is not his affair. */
static enum scc_result
give(const struct buf *buf, char **data, size_t *len)
{
	char *copy = malloc(buf->len + 1);

	if (!copy)
		return SCC_NO_MEMORY;
	memcpy(copy, buf->data ? buf->data : "", buf->len);
	copy[buf->len] = '\0';
	*data = copy;
	*len = buf->len;
	return SCC_OK;
}

static enum scc_result
write_oci(const struct compilation *c, char **data, size_t *len)
{
	static const enum scc_result results[] = {
		[REWRITE_IMPOSSIBLE] = SCC_REJECTED,
		[REWRITE_GAVE_UP] = SCC_UNPROVED,
		[REWRITE_NO_MEMORY] = SCC_NO_MEMORY,
	};
	struct rewrite *r = calloc(1, sizeof(*r));
	enum rewrite_end end;
	enum scc_result result;

	if (!r)
		return SCC_NO_MEMORY;
	rewrite_ask(r, c);
	end = rewrite(r);
	result = end == REWRITE_DONE ? give(&r->text, data, len) : results[end];
	rewrite_finish(r);
	free(r);
	return result;
}

/* Of a profile, or of a program if there is none. */
static enum scc_result
append(struct buf *buf, const struct scc_filter *filter, const char *name,
       const char *symbol)
{
	const struct compilation *c = &filter->c;
	const struct side *side = &filter->side;
	enum format format = format_find(name);

	if (c->program && !strcmp(name, "manifest"))
		return manifest_write(buf, c) ? SCC_OK : SCC_UNPROVED;
	if (format == FORMAT_COUNT)
		return SCC_USAGE;
	if (!c->program)
		return output_program(buf, format, side->code, side->count)
			       ? SCC_OK
			       : SCC_USAGE;
	output_write(buf, format, c, symbol);
	return SCC_OK;
}

static enum scc_result
write_format(struct arena *arena, const struct scc_filter *filter,
	     const char *name, const char *symbol, char **data, size_t *len)
{
	struct buf buf = { .arena = arena };
	enum scc_result result;

	if (setjmp(arena->oom))
		return SCC_NO_MEMORY;
	result = append(&buf, filter, name, symbol);
	return result == SCC_OK ? give(&buf, data, len) : result;
}

enum scc_result
scc_write(const struct scc_filter *filter, const char *format,
	  const char *symbol, char **data, size_t *len)
{
	struct arena arena;
	enum scc_result result;

	*data = NULL;
	*len = 0;
	if (symbol && !format_symbol(symbol))
		return SCC_USAGE;
	if (!filter->side.code)
		return SCC_REJECTED;
	if (filter->c.program && format_find(format) == FORMAT_OCI)
		return write_oci(&filter->c, data, len);
	arena_init(&arena);
	result = write_format(&arena, filter, format,
			      symbol ? symbol : "filter", data, len);
	arena_finish(&arena);
	return result;
}

static enum scc_order
order_of(const struct diff *diff)
{
	bool stricter = diff->found[DD_STRICTER];

	if (diff->equal)
		return SCC_EQUAL;
	if (diff->found[DD_OTHER_DATA] || stricter == diff->found[DD_WEAKER])
		return SCC_DIFFERENT;
	return stricter ? SCC_STRICTER : SCC_WEAKER;
}

/* What is kept of a comparison. */
static void
keep(struct scc_comparison *comparison, const struct diff *diff,
     const struct diff_sides *sides)
{
	struct buf text = { .arena = &comparison->arena };
	bool weaker = false; /* on the call that was taken */

	for (size_t i = 0; i < diff->groups.n; i++) {
		const struct diff_group *group = &diff->groups.v[i];

		for (size_t j = 0; j < group->cases.n && !weaker; j++) {
			comparison->call = group->cases.v[j].call;
			weaker = group->cases.v[j].order == DD_WEAKER;
		}
	}
	diff_write_text(&text, diff, sides);
	comparison->text = text.data;
	comparison->order = order_of(diff);
}

static enum scc_result
compare(struct scc_comparison *comparison, struct diff *diff,
	const struct scc_filter *a, const struct scc_filter *b)
{
	const struct diff_sides sides = { a->c.source.name, b->c.source.name };
	enum dd_end end = diff_find(diff, &a->side, &b->side, false);

	if (end == DD_NO_MEMORY)
		return SCC_NO_MEMORY;
	if (setjmp(comparison->arena.oom))
		return SCC_NO_MEMORY;
	if (end != DD_DONE)
		return SCC_UNPROVED;
	keep(comparison, diff, &sides);
	return SCC_OK;
}

enum scc_result
scc_compare(struct scc_comparison **out, const struct scc_filter *a,
	    const struct scc_filter *b)
{
	struct scc_comparison *comparison;
	enum scc_result result;
	struct diff diff;

	*out = NULL;
	if (!a->side.code || !b->side.code)
		return SCC_REJECTED;
	comparison = calloc(1, sizeof(*comparison));
	if (!comparison)
		return SCC_NO_MEMORY;
	arena_init(&comparison->arena);
	result = compare(comparison, &diff, a, b);
	diff_finish(&diff);
	if (result == SCC_OK)
		*out = comparison;
	else
		scc_comparison_destroy(comparison);
	return result;
}

void
scc_comparison_destroy(struct scc_comparison *comparison)
{
	if (!comparison)
		return;
	arena_finish(&comparison->arena);
	free(comparison);
}

enum scc_order
scc_comparison_order(const struct scc_comparison *comparison)
{
	return comparison->order;
}

const struct seccomp_data *
scc_comparison_call(const struct scc_comparison *comparison)
{
	return comparison->order == SCC_EQUAL ? NULL : &comparison->call;
}

const char *
scc_comparison_text(const struct scc_comparison *comparison)
{
	return comparison->text;
}
