#include "learn-profile.h"

#include "tools.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { VALUES = 8 }; /* that a line lists */

void
learn_say(const struct learn_request *request, const char *fmt, ...)
{
	struct buf buf = { .arena = request->seen->arena };
	va_list ap;

	if (request->quiet)
		return;
	va_start(ap, fmt);
	buf_vprintf(&buf, fmt, ap);
	va_end(ap);
	tool_error("%s", buf.data);
}

static void
say_strange(const struct learn_request *request)
{
	const struct seen *seen = request->seen;

	for (size_t i = 0; i < seen->strange.n; i++) {
		const struct seen_strange *s = &seen->strange.v[i];
		enum abi abi = arch_of_call(s->arch, s->number);
		char arch[16];

		snprintf(arch, sizeof(arch), "0x%" PRIx32, s->arch);
		learn_say(request,
			  "left out: number %" PRIu32 " of %s, which has no "
			  "name here, %" PRIu64 " call%s",
			  s->number,
			  abi != ABI_COUNT ? arch_table[abi]->name : arch,
			  s->count, learn_plural(s->count));
	}
	if (seen->others)
		learn_say(request,
			  "left out: %" PRIu64 " call%s of other numbers "
			  "without a name",
			  seen->others, learn_plural(seen->others));
}

void
learn_say_seen(const struct learn_request *request)
{
	const struct seen *seen = request->seen;
	struct buf abis = { .arena = seen->arena };
	size_t names = 0;

	for (size_t i = 0; i < syscall_name_count; i++)
		names += seen_has(seen, &syscall_names[i]);
	describe_abis(&abis, seen->abis);
	learn_say(request,
		  "seen so far: %zu syscall%s on %s, in %" PRIu64
		  " call%s of %zu "
		  "program%s",
		  names, learn_plural(names), seen->abis ? abis.data : "no ABI",
		  seen->calls, learn_plural(seen->calls), seen->exes.n,
		  learn_plural(seen->exes.n));
	if (seen->refused)
		learn_say(request,
			  "%" PRIu64 " of these calls %s refused by a filter, "
			  "and %s allowed now; what would have come after was "
			  "not seen",
			  seen->refused, seen->refused == 1 ? "was" : "were",
			  seen->refused == 1 ? "is" : "are");
	say_strange(request);
}

static void
say_values(const struct learn_request *request,
	   const struct seen_values *values)
{
	struct buf buf = { .arena = request->seen->arena };

	for (size_t i = 0; i < values->list.n && i < VALUES; i++) {
		buf_printf(&buf, i ? "; " : "");
		seen_value_write(&buf, values->watched, &values->list.v[i]);
	}
	if (values->list.n > VALUES)
		buf_printf(&buf, "; and %zu more", values->list.n - VALUES);
	learn_say(request, "%s: %s: %s", values->watched->name,
		  values->watched->words, buf.data);
}

void
learn_say_arguments(const struct learn_request *request,
		    const struct learned_options *options)
{
	const struct seen *seen = request->seen;
	const struct watched *w;

	for (size_t i = 0; options->arguments && (w = watched_at(i)); i++) {
		const struct syscall_name *name = syscall_find(w->name);
		const struct seen_values *values = seen_values(seen, name);

		if (learned_is_narrow(seen, options, name))
			say_values(request, values);
		else if (values && values->many)
			learn_say(request,
				  "%s: more than %d values: any of them is "
				  "allowed",
				  w->name, SEEN_VALUES);
		else if (values)
			learn_say(request, "%s: allowed with any arguments",
				  w->name);
	}
}
