#include "bench.h"

#include <json-c/json.h>

const char *const stage_names[STAGE_COUNT] = {
	[STAGE_JSON] = "json",		 [STAGE_SELECT] = "profile, select",
	[STAGE_RESOLVE] = "resolve",	 [STAGE_OVERLAP] = "overlap",
	[STAGE_DECIDE] = "decide",	 [STAGE_ARGS] = "args",
	[STAGE_ORDER] = "search, order", [STAGE_EMIT] = "emit",
	[STAGE_PROOF] = "proof",
};

struct watch {
	struct series *series;
	uint64_t last;
};

static void
lap(struct watch *watch, enum stage stage)
{
	uint64_t now = clock_now();

	series_add(&watch->series[stage], now - watch->last);
	watch->last = clock_now();
}

/* The passes in the order of compile.c, which code_is() checks. */
static bool
run_passes(struct compilation *c, struct watch *watch)
{
	struct arena *arena = &c->arena;
	struct diags *diags = &c->diags;

	if (setjmp(arena->oom))
		return false;
	watch->last = clock_now();
	c->json = json_read(arena, &c->source, diags);
	lap(watch, STAGE_JSON);
	if (!c->json)
		return false;
	c->profile = profile_read(arena, c->json, &c->options, diags);
	if (!c->profile)
		return false;
	c->selection = select_rules(arena, c->profile, &c->options, diags);
	lap(watch, STAGE_SELECT);
	if (!c->selection)
		return false;
	c->ruleset = resolve_names(arena, c->selection, diags);
	lap(watch, STAGE_RESOLVE);
	if (!c->ruleset)
		return false;
	overlap_report(arena, c->ruleset, diags);
	lap(watch, STAGE_OVERLAP);
	c->decisions = decide(arena, c->ruleset, diags);
	lap(watch, STAGE_DECIDE);
	if (!c->decisions)
		return false;
	c->ordered = args_build(arena, &c->graph, c->decisions,
				c->options.optimize);
	lap(watch, STAGE_ARGS);
	if (!c->ordered)
		return false;
	order_build(&c->graph, c->ordered, &c->options);
	lap(watch, STAGE_ORDER);
	c->program = emit(arena, &c->graph, &c->options);
	lap(watch, STAGE_EMIT);
	prove(&c->proof, c->ruleset, c->program->code.v, c->program->code.n);
	lap(watch, STAGE_PROOF);
	return c->proof.answer == PROOF_EQUAL;
}

static bool
time_whole(struct series *series, const struct line *line, const char *path,
	   const char *text, size_t len, const struct code *code)
{
	uint64_t before = clock_now();
	struct compilation c;
	bool ok;

	line_start(&c, line, path, text, len);
	ok = compile(&c) && code_is(code, c.program);
	/* Memory is part of the price. */
	compilation_finish(&c);
	series_add(series, clock_now() - before);
	return ok;
}

static bool
time_json_c(struct series *series, const char *text, size_t len)
{
	uint64_t before = clock_now();
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object =
		tokener ? json_tokener_parse_ex(tokener, text, (int)len) : NULL;
	bool ok = object != NULL;

	json_object_put(object);
	if (tokener)
		json_tokener_free(tokener);
	series_add(series, clock_now() - before);
	return ok;
}

bool
stages_measure(struct stages *stages, const struct line *line, const char *path,
	       const char *text, size_t len, const struct code *code,
	       size_t passes)
{
	struct series series[STAGE_COUNT] = { 0 }, whole = { 0 };
	struct series json_c = { 0 };
	struct watch watch = { .series = series };
	bool ok = true;

	for (size_t i = 0; ok && i < passes; i++) {
		struct compilation c;

		line_start(&c, line, path, text, len);
		ok = run_passes(&c, &watch) && code_is(code, c.program);
		stages->nodes = c.proof.nodes;
		stages->steps = c.proof.steps;
		compilation_finish(&c);
		ok = ok && time_whole(&whole, line, path, text, len, code) &&
		     time_json_c(&json_c, text, len);
	}
	for (size_t i = 0; i < STAGE_COUNT; i++)
		stages->v[i] = series_finish(&series[i]);
	stages->whole = series_finish(&whole);
	stages->json_c = series_finish(&json_c);
	return ok;
}
