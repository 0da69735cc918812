#include "edit.h"

#include <inttypes.h>
#include <string.h>

/*
 * One step at a time, by what decides the call as things are; then all is
 * compiled and asked again.  So it makes no difference how many obstacles
 * there are, or in which order they show.
 */
enum { MOST_STEPS = 12 };

struct editor {
	struct arena *arena;
	struct edit *edit;
	struct draft draft;
	const struct trace_request *request;
	uint32_t want;
	/* As things are: */
	const struct compilation *now;
	struct trace trace;
};

/* For `return fail(...)`. */
static bool
fail(struct editor *e, const char *problem)
{
	e->edit->problem = problem;
	return false;
}

/* Compiles the draft; what was compiled before is kept until the end. */
static bool
recompile(struct editor *e, const struct compilation *first)
{
	struct compilation *c =
		edit_start(e->arena, first, e->draft.text, e->draft.len);
	const char *problem;

	c->options = e->edit->options;
	problem = edit_compile(e->arena, c);
	if (problem)
		return fail(e, problem);
	e->now = c;
	return true;
}

/* Asks for the call; *open is a case that is not as wanted, or NULL. */
static bool
ask(struct editor *e, const struct trace_case **open)
{
	struct side side = { e->now->ruleset, e->now->program->code.v,
			     e->now->program->code.n };
	char reason[160];

	*open = NULL;
	if (trace_calls(e->arena, &side, e->request, 1, &e->trace, reason,
			sizeof(reason)) != DD_DONE)
		return fail(e, arena_printf(e->arena, "%s", reason));
	if (e->trace.wrong)
		return fail(e, "the rules and the program do not agree");
	for (size_t i = 0; i < e->trace.cases.n && !*open; i++)
		if (e->trace.cases.v[i].action != e->want)
			*open = &e->trace.cases.v[i];
	return true;
}

static void
add_option(struct editor *e, const char *option, const char *words,
	   const struct json *where)
{
	*vec_push(e->arena, &e->edit->steps) = (struct edit_step){
		.words = words,
		.option = option,
		.pointer = where ? json_pointer(e->arena, where) : "",
		.shown = where ? where->offset : SIZE_MAX,
	};
}

static const char *
caps_option(struct editor *e, uint64_t caps)
{
	struct buf buf = { .arena = e->arena };

	buf_printf(&buf, "--caps=");
	for (unsigned i = 0; i < 64; i++)
		if (caps >> i & 1 && capability_name(i))
			buf_printf(&buf, "%s%s",
				   buf.data[buf.len - 1] == '=' ? "" : ",",
				   capability_name(i) + strlen("CAP_"));
	return buf.data;
}

static const char *
abis_option(struct editor *e)
{
	struct buf buf = { .arena = e->arena };

	buf_printf(&buf, "--arch=");
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (e->edit->options.abis >> i & 1)
			buf_printf(&buf, "%s%s",
				   buf.data[buf.len - 1] == '=' ? "" : ",",
				   arch_table[i]->name);
	return buf.data;
}

/* Rule 2: a rule is there that a capability or a kernel brings in. */
static bool
step_option(struct editor *e)
{
	struct options *options = &e->edit->options;

	for (size_t i = 0; i < e->trace.lost.n; i++) {
		const struct trace_lost *lost = &e->trace.lost.v[i];
		int cap;

		if (lost->rule->action != e->want)
			continue;
		if (lost->loss == LOSS_KERNEL) {
			options->kernel = lost->rule->includes.release;
			add_option(e,
				   arena_printf(e->arena, "--kernel=%s",
						lost->clause->string),
				   arena_printf(e->arena,
						"run it on kernel %s or "
						"later: the rule is there, "
						"and asks for it",
						lost->clause->string),
				   lost->clause);
			return true;
		}
		if (lost->loss != LOSS_CAPS)
			continue;
		cap = capability_find(lost->clause->string);
		if (cap < 0 || options->caps >> cap & 1)
			continue;
		options->caps |= UINT64_C(1) << cap;
		add_option(e, caps_option(e, options->caps),
			   arena_printf(e->arena,
					"give it %s: the rule is there, and "
					"asks for it",
					capability_name((unsigned)cap)),
			   lost->clause);
		return true;
	}
	return fail(e, "no rule waits for a capability or a kernel");
}

/* Rule 3. */
static bool
step_arch(struct editor *e)
{
	const struct profile *profile = e->now->profile;
	const struct arch *arch;
	const char *words;

	if (e->trace.abi == ABI_COUNT)
		return fail(e, "there is no table for its architecture");
	arch = arch_table[e->trace.abi];
	words = arena_printf(e->arena, "add \"%s\" to the architectures",
			     arch->scmp_name);
	if (e->edit->options.abis) {
		e->edit->options.abis |= 1u << e->trace.abi;
		words = arena_printf(e->arena,
				     "add %s to --arch, which takes the place "
				     "of the architectures",
				     arch->name);
		add_option(e, abis_option(e), words, NULL);
		return true;
	}
	draft_add_arch(&e->draft, profile, e->now->options.native, e->trace.abi,
		       words);
	return true;
}

/* An int below 0 has to be got whatever is above its 32 bits. */
static void
write_condition(struct editor *e, struct buf *buf, const char *comma,
		unsigned arg)
{
	uint64_t value = e->request->args[arg];

	if (trace_high(&e->trace, arg) == HIGH_SIGN)
		buf_printf(buf,
			   "%s{ \"index\": %u, \"value\": %u, \"valueTwo\": %u"
			   ", \"op\": \"SCMP_CMP_MASKED_EQ\" }",
			   comma, arg, UINT32_MAX, (uint32_t)value);
	else
		buf_printf(buf,
			   "%s{ \"index\": %u, \"value\": %" PRIu64
			   ", \"op\": \"SCMP_CMP_EQ\" }",
			   comma, arg, value);
}

/* A rule for a name, on the arguments that are given or on all. */
static const char *
write_rule(struct editor *e, const char *name, bool narrow)
{
	const struct action_info *info = action_info(e->want);
	struct buf buf = { .arena = e->arena };
	const char *comma = "";

	buf_printf(&buf, "{ \"names\": [\"%s\"], \"action\": \"%s\"", name,
		   info->name);
	if (info->data != ACTION_NO_DATA && (e->want & SECCOMP_RET_DATA) != 1)
		buf_printf(&buf, ", \"errnoRet\": %u",
			   e->want & SECCOMP_RET_DATA);
	if (narrow)
		buf_printf(&buf, ", \"args\": [");
	for (unsigned i = 0; narrow && i < 6; i++) {
		if (!(e->request->given >> i & 1))
			continue;
		write_condition(e, &buf, comma, i);
		comma = ", ";
	}
	buf_printf(&buf, "%s }", narrow ? "]" : "");
	return buf.data;
}

static void
add_rule(struct editor *e, const char *rule)
{
	const struct json *root = e->now->profile->root;
	const struct json *list = json_member(root, "syscalls");
	const char *words = arena_printf(e->arena, "add the rule %s", rule);

	if (list)
		draft_add(&e->draft, list, rule, NULL, words);
	else
		draft_add_member(
			&e->draft, root,
			arena_printf(e->arena, "\"syscalls\": [%s]", rule),
			words);
}

/* The name to be allowed: of a multiplexed call the one that is asked for. */
static const char *
find_name(const struct editor *e)
{
	const struct mux *mux = e->trace.mux;

	if (!e->trace.name)
		return NULL;
	for (size_t i = 0; mux && e->request->given & 1 && i < mux->count; i++)
		if (mux->calls[i].call ==
		    ((uint32_t)e->request->args[0] & mux->mask))
			return mux->calls[i].name;
	return e->trace.name->name;
}

/* No rule decides: one is needed. */
static bool
step_allow(struct editor *e)
{
	bool narrow = e->edit->way == EDIT_ARGUMENTS;
	const char *name = find_name(e);
	const struct json *host;

	if (!name)
		return fail(e, "the number has no name that a profile can use");
	if (narrow && e->trace.mux)
		return fail(e, "the arguments of a multiplexed call are out "
			       "of a filter's reach");
	if (e->want == SECCOMP_RET_USER_NOTIF && !strcmp(name, "write"))
		return fail(e, "runtimes refuse NOTIFY for write");
	host = narrow ? NULL : edit_host(e->now->ruleset, e->want);
	if (!host) {
		add_rule(e, write_rule(e, name, narrow));
		return true;
	}
	draft_add(&e->draft, host, arena_printf(e->arena, "\"%s\"", name), name,
		  arena_printf(e->arena, "add \"%s\" to the names", name));
	return true;
}

static bool
step(struct editor *e, const struct trace_case *open)
{
	if (open->why == TRACE_FOREIGN)
		return step_arch(e);
	if (e->edit->way == EDIT_OPTIONS)
		return step_option(e);
	switch (open->why) {
	case TRACE_RULE:
		draft_remove_name(&e->draft, open->rule->rule,
				  open->target->where);
		return true;
	case TRACE_SKIP:
	case TRACE_NO_ABI:
		return fail(e, "the number is no syscall of any ABI");
	case TRACE_PROGRAM:
		return fail(e, "a program has no rules to change");
	default:
		return step_allow(e);
	}
}

static void
look(struct editor *e, const struct compilation *first)
{
	const struct trace_case *open;

	for (size_t i = 0; i < MOST_STEPS; i++) {
		if (!ask(e, &open))
			return;
		if (!open)
			break;
		if (!step(e, open) || !recompile(e, first))
			return;
	}
	if (!ask(e, &open))
		return;
	if (open)
		fail(e, "that takes too many steps");
	else if (!e->edit->steps.n)
		fail(e, "it is so already");
}

void
edit_find(struct edit *edit, struct arena *arena, const struct compilation *c,
	  const struct trace_request *request, enum edit_way way, uint32_t want)
{
	struct editor e = {
		.arena = arena,
		.edit = edit,
		.draft = { arena,
			   arena_strndup(arena, c->source.text, c->source.len),
			   c->source.len, edit },
		.request = request,
		.want = want,
		.now = c,
	};

	memset(edit, 0, sizeof(*edit));
	edit->way = way;
	edit->options = c->options;
	look(&e, c);
	edit->text = e.draft.text;
	edit->len = e.draft.len;
	if (!edit->problem)
		edit_compare(edit, arena, c->ruleset, e.now->ruleset);
}
