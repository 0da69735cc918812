#include "counts.h"
#include "tools.h"

#include <stdio.h>
#include <string.h>

static void
print_counts(struct buf *buf, const struct abi_statistics *s, const char *name)
{
	const struct {
		unsigned count;
		const char *what;
	} answers[] = {
		{ s->allowed, "allowed" },   { s->conditional, "conditional" },
		{ s->logged, "logged" },     { s->traced, "traced" },
		{ s->notified, "notified" }, { s->denied, "denied" },
	};

	buf_printf(buf, "  %s: of %u syscalls", name, s->known);
	for (size_t i = 0; i < LENGTH(answers); i++)
		if (answers[i].count)
			buf_printf(buf, " %u %s,", answers[i].count,
				   answers[i].what);
	buf_printf(buf, " %u cached\n", s->cached);
}

void
counts_print(struct compilation *c)
{
	const struct program *program = c->program;
	struct buf buf = { .arena = &c->arena };
	struct statistics s;
	char *name = arena_strndup(&c->arena, c->source.name,
				   strlen(c->source.name));
	bool counted = statistics_find(&s, &c->arena, program->code.v,
				       program->code.n);

	text_clean(name);
	buf_printf(&buf, "%s: %zu instructions, %zu bytes, %s%u executed\n",
		   name, s.instructions,
		   s.instructions * sizeof(*program->code.v),
		   s.longest.exact ? "at most " : "no more than ",
		   s.longest.bound);
	for (size_t i = 0; counted && i < ABI_COUNT; i++)
		if (c->ruleset->abis >> i & 1)
			print_counts(&buf, &s.abis[i], arch_table[i]->name);
	fwrite(buf.data, 1, buf.len, stderr);
}
