#include "compiler.h"

#include <stdio.h>
#include <string.h>

/*
 * Whether what was proved is what was asked: no error was passed over, and
 * rules that contradict each other were let through by somebody.
 */
static bool
is_clear(struct compilation *c)
{
	bool refused = c->diags.level[DIAG_CONFLICTING_RULES] == SEVERITY_ERROR;

	if (c->proof.clash && refused && !c->diags.count[SEVERITY_ERROR]) {
		c->proof.answer = PROOF_GAVE_UP;
		snprintf(c->proof.reason, sizeof(c->proof.reason),
			 "rules conflict, which was not reported");
	}
	return c->proof.answer == PROOF_EQUAL &&
	       !c->diags.count[SEVERITY_ERROR];
}

/* The pipeline.  Each pass returns NULL after reporting an error. */
static bool
run_passes(struct compilation *c)
{
	struct arena *arena = &c->arena;
	struct diags *diags = &c->diags;

	c->json = json_read(arena, &c->source, diags);
	if (!c->json)
		return false;
	c->profile = profile_read(arena, c->json, &c->options, diags);
	if (!c->profile)
		return false;
	c->selection = select_rules(arena, c->profile, &c->options, diags);
	if (!c->selection)
		return false;
	c->ruleset = resolve_names(arena, c->selection, diags);
	if (!c->ruleset)
		return false;
	overlap_report(arena, c->ruleset, diags);
	c->decisions = decide(arena, c->ruleset, diags);
	if (!c->decisions)
		return false;
	c->ordered = args_build(arena, &c->graph, c->decisions,
				c->options.optimize);
	if (!c->ordered)
		return length_nodes(c);
	order_build(&c->graph, c->ordered, &c->options);
	c->program = emit(arena, &c->graph, &c->options);
	if (!length_check(c))
		return false;
	prove(&c->proof, c->ruleset, c->program->code.v, c->program->code.n);
	return is_clear(c);
}

void
compilation_init(struct compilation *c, const char *name, const char *text,
		 size_t len)
{
	memset(c, 0, sizeof(*c));
	arena_init(&c->arena);
	graph_init(&c->graph, &c->arena);
	c->source = (struct source){ name, text, len };
	options_init(&c->options);
	diags_init(&c->diags, &c->arena, &c->source);
}

bool
compile(struct compilation *c)
{
	bool ok;

	if (setjmp(c->arena.oom)) {
		c->out_of_memory = true;
		c->program = NULL;
		return false;
	}
	ok = run_passes(c);
	if (!ok)
		c->program = NULL;
	c->out_of_memory = c->proof.answer == PROOF_NO_MEMORY;
	return ok;
}

bool
compilation_unproved(const struct compilation *c)
{
	return c->proof.answer == PROOF_DIFFERENT ||
	       c->proof.answer == PROOF_INVALID ||
	       c->proof.answer == PROOF_GAVE_UP;
}

void
compilation_finish(struct compilation *c)
{
	arena_finish(&c->arena);
}
