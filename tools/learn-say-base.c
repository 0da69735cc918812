#include "learn-profile.h"

#include "tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LISTED = 12 }; /* names in a line */

static const char *
calls_text(struct arena *arena, const struct seen *seen,
	   const struct base_item *item)
{
	struct buf exes = { .arena = arena };

	if (!item->count)
		return "not seen";
	seen_write_exes(&exes, seen, item->abi,
			(uint32_t)item->name->number[item->abi]);
	return arena_printf(arena, "%" PRIu64 " call%s%s%s", item->count,
			    item->count == 1 ? "" : "s", exes.len ? ": " : "",
			    exes.len ? exes.data : "");
}

/* Each at its line of the base: an error if it is refused. */
static void say_at(const struct learn_request *request, const struct input *in,
		   const struct base_item *item, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void
say_at(const struct learn_request *request, const struct input *in,
       const struct base_item *item, const char *fmt, ...)
{
	struct buf buf = { .arena = request->seen->arena };
	struct diag diag = { .offset = item->where ? item->where->offset
						   : SIZE_MAX };
	size_t line, column;
	va_list ap;

	buf_printf(&buf, "%s:", in->shown);
	if (diag_position(&in->c.source, &diag, &line, &column))
		buf_printf(&buf, "%zu:%zu:", line, column);
	buf_printf(&buf, " %s: %s %s (%s) ",
		   item->verdict == BASE_UNSURE ? "note" : "error",
		   arch_table[item->abi]->name, item->name->name,
		   calls_text(buf.arena, request->seen, item));
	va_start(ap, fmt);
	buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s\n", buf.data);
}

static void
say_item(const struct learn_request *request, const struct input *in,
	 const struct base_item *item)
{
	char action[32];

	action_print(action, item->action);
	switch (item->verdict) {
	case BASE_ADDED:
		learn_say(request, "new: %s %s, %s%s%s%s",
			  arch_table[item->abi]->name, item->name->name,
			  calls_text(request->seen->arena, request->seen, item),
			  item->waits ? "; a rule for it waits for " : "",
			  item->waits ? item->waits : "",
			  item->waits ? ", which was not given" : "");
		return;
	case BASE_REFUSED:
		say_at(request, in, item,
		       "gets %s from this rule, which is left as it is: take "
		       "the name out of it if the call is to be allowed",
		       action);
		return;
	case BASE_UNSURE:
		if (!request->quiet)
			say_at(request, in, item,
			       "is allowed here on some arguments alone, and "
			       "it is not known which were passed: the rule is "
			       "left as it is");
		return;
	case BASE_NO_ABI:
		say_at(request, in, item,
		       "gets %s: --arch leaves %s out, and is not changed",
		       action, arch_table[item->abi]->name);
		return;
	}
}

/* Rule 11: numbers that were above all that is named. */
static void
say_uncut(const struct learn_request *request, const struct base *base)
{
	struct buf buf = { .arena = request->seen->arena };
	char action[32];

	if (!base->uncut.n)
		return;
	for (size_t i = 0; i < base->uncut.n && i < LISTED; i++)
		buf_printf(&buf, "%s%s", i ? ", " : "", base->uncut.v[i]->name);
	if (base->uncut.n > LISTED)
		buf_printf(&buf, " and %zu more", base->uncut.n - LISTED);
	action_print(action, base->now->ruleset->default_action);
	learn_say(request,
		  "older than what is new, and named by no rule, so that they "
		  "get %s now and no longer ENOSYS: %s",
		  action, buf.data);
}

/* Rule 11 where there was no name before. */
static void
say_cut(const struct learn_request *request, const struct base *base)
{
	struct buf abis = { .arena = request->seen->arena };

	if (!base->cut)
		return;
	describe_abis(&abis, base->cut);
	learn_say(request,
		  "nothing was named on %s: now that something is, numbers "
		  "above it get ENOSYS there",
		  abis.data);
}

void
learn_say_base(const struct learn_request *request, const struct input *in,
	       const struct base *base)
{
	struct buf abis = { .arena = request->seen->arena };

	if (base->abis) {
		describe_abis(&abis, base->abis);
		learn_say(request,
			  "new in the architectures: %s; what %s allows holds "
			  "there as well",
			  abis.data, in->name);
	}
	for (size_t i = 0; i < base->items.n; i++)
		say_item(request, in, &base->items.v[i]);
	say_uncut(request, base);
	say_cut(request, base);
	if (!base->is_new)
		learn_say(request, "nothing is new: the text is that of %s",
			  in->name);
}
