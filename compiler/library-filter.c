/* Filters of seccompc.h: how they are made, and what was found. */
#include "library.h"

#include <stdlib.h>
#include <string.h>

/* What has 0 bytes may be NULL, which memcpy() does not take. */
static void *
keep(struct arena *arena, const void *data, size_t len)
{
	void *copy = arena_alloc_raw(arena, len ? len : 1);

	return len ? memcpy(copy, data, len) : copy;
}

/* What is used after the call that makes a filter is copied. */
static struct source
keep_source(struct arena *arena, const char *name, const void *text, size_t len)
{
	return (struct source){
		.name = arena_strndup(arena, name, strlen(name)),
		/* A longer one is refused unread. */
		.text = keep(arena, text, len > LIMIT_FILE ? 0 : len),
		.len = len,
	};
}

static const struct weights *
keep_weights(struct arena *arena, const struct weights *weights)
{
	size_t size = syscall_name_count * sizeof(*weights->count);
	struct weights *copy;

	if (weights == &weights_built_in || weights == &weights_uniform)
		return weights;
	copy = arena_alloc(arena, sizeof(*copy));
	*copy = (struct weights){
		.count = keep(arena, weights->count, size),
		.even = weights->even,
	};
	return copy;
}

static struct scc_diagnostic
keep_diagnostic(struct scc_filter *filter, const struct diag *diag)
{
	const struct source *source = &filter->c.source;
	struct buf text = { .arena = &filter->c.arena };
	struct scc_diagnostic d = {
		.severity = (enum scc_severity)diag->severity,
		.name = diag_table[diag->id].name,
		.message = diag->message,
		.hint = diag->hint,
		.pointer = diag->pointer,
	};

	diag_position(source, diag, &d.line, &d.column);
	diag_write(&text, source, diag, false);
	d.text = text.data;
	return d;
}

/* A diagnostic that is about the program. */
static struct scc_diagnostic
program_diagnostic(struct scc_filter *filter, const char *name,
		   const char *message)
{
	struct arena *arena = &filter->c.arena;
	struct buf text = { .arena = arena };

	diag_write_safe(&text, filter->c.source.name);
	buf_printf(&text, ": error: %s [%s]\n", message, name);
	return (struct scc_diagnostic){
		.severity = SCC_ERROR,
		.name = name,
		.message = message,
		.text = text.data,
	};
}

/* The diagnostics of a compilation, and why there is no proof. */
static void
keep_diagnostics(struct scc_filter *filter, bool unproved)
{
	struct compilation *c = &filter->c;
	const struct diag **sorted = diags_sorted(&c->diags);
	size_t n = c->diags.list.n;
	struct scc_diagnostic *v = arena_alloc(&c->arena, (n + 1) * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = keep_diagnostic(filter, sorted[i]);
	if (unproved) {
		struct buf why = { .arena = &c->arena };

		proof_write(&why, &c->proof);
		v[n++] = program_diagnostic(filter, "unproved", why.data);
	}
	filter->diagnostics = v;
	filter->count = n;
}

/* What is asked of a compilation that has ended. */
static enum scc_result
take_compiled(struct scc_filter *filter, bool ok)
{
	struct compilation *c = &filter->c;
	bool unproved = !ok && compilation_unproved(c);

	if (c->out_of_memory)
		return SCC_NO_MEMORY;
	if (setjmp(c->arena.oom))
		return SCC_NO_MEMORY;
	keep_diagnostics(filter, unproved);
	if (!ok)
		return unproved ? SCC_UNPROVED : SCC_REJECTED;
	filter->side = (struct side){
		.ruleset = c->ruleset,
		.code = c->program->code.v,
		.count = c->program->code.n,
	};
	return SCC_OK;
}

static enum scc_result
compile_filter(struct scc_filter *filter, const struct settings *settings,
	       const char *name, const void *text, size_t len)
{
	struct compilation *c = &filter->c;

	if (setjmp(c->arena.oom))
		return SCC_NO_MEMORY;
	c->source = keep_source(&c->arena, name, text, len);
	c->options = settings->options;
	c->options.weights = keep_weights(&c->arena, c->options.weights);
	settings_levels(settings, &c->diags);
	return take_compiled(filter, compile(c));
}

static struct scc_filter *
create(void)
{
	struct scc_filter *filter = calloc(1, sizeof(*filter));

	if (filter)
		compilation_init(&filter->c, "", "", 0);
	return filter;
}

/* Hands a filter over, but none that is for nothing. */
static enum scc_result
finish(struct scc_filter **out, struct scc_filter *filter,
       enum scc_result result)
{
	if (result == SCC_NO_MEMORY) {
		scc_filter_destroy(filter);
		filter = NULL;
	}
	*out = filter;
	return result;
}

enum scc_result
scc_compile(struct scc_filter **out, const struct scc_options *options,
	    const char *name, const void *text, size_t len)
{
	struct scc_filter *filter = create();
	struct settings defaults;

	settings_init(&defaults);
	if (!filter)
		return finish(out, NULL, SCC_NO_MEMORY);
	return finish(out, filter,
		      compile_filter(filter,
				     options ? &options->settings : &defaults,
				     name, text, len));
}

static void
refuse(struct scc_filter *filter, const char *why)
{
	struct arena *arena = &filter->c.arena;
	struct scc_diagnostic *d = arena_alloc(arena, sizeof(*d));

	*d = program_diagnostic(filter, "invalid-program",
				arena_strndup(arena, why, strlen(why)));
	filter->diagnostics = d;
	filter->count = 1;
}

/* Bytes need not be aligned; too many of them are refused unread. */
static const void *
align(struct arena *arena, const void *data, size_t len)
{
	if (len > BPF_MAXINSNS * sizeof(struct sock_filter))
		return data;
	return keep(arena, data, len);
}

static enum scc_result
load(struct scc_filter *filter, const char *name, const void *data, size_t len)
{
	struct arena *arena = &filter->c.arena;
	const void *code;
	size_t count;
	char why[128];

	if (setjmp(arena->oom))
		return SCC_NO_MEMORY;
	filter->c.source = keep_source(arena, name, "", 0);
	code = align(arena, data, len);
	if (!program_check(code, len, &count, why, sizeof(why))) {
		refuse(filter, why);
		return SCC_REJECTED;
	}
	filter->side.code = code;
	filter->side.count = count;
	return SCC_OK;
}

enum scc_result
scc_load(struct scc_filter **out, const char *name, const void *program,
	 size_t len)
{
	struct scc_filter *filter = create();

	if (!filter)
		return finish(out, NULL, SCC_NO_MEMORY);
	return finish(out, filter, load(filter, name, program, len));
}

void
scc_filter_destroy(struct scc_filter *filter)
{
	if (!filter)
		return;
	compilation_finish(&filter->c);
	free(filter);
}

size_t
scc_diagnostic_count(const struct scc_filter *filter)
{
	return filter->count;
}

const struct scc_diagnostic *
scc_diagnostic_at(const struct scc_filter *filter, size_t i)
{
	return i < filter->count ? &filter->diagnostics[i] : NULL;
}

enum scc_severity
scc_diagnostic_severity(const struct scc_diagnostic *d)
{
	return d->severity;
}

const char *
scc_diagnostic_name(const struct scc_diagnostic *d)
{
	return d->name;
}

const char *
scc_diagnostic_message(const struct scc_diagnostic *d)
{
	return d->message;
}

const char *
scc_diagnostic_hint(const struct scc_diagnostic *d)
{
	return d->hint;
}

const char *
scc_diagnostic_pointer(const struct scc_diagnostic *d)
{
	return d->pointer;
}

size_t
scc_diagnostic_line(const struct scc_diagnostic *d)
{
	return d->line;
}

size_t
scc_diagnostic_column(const struct scc_diagnostic *d)
{
	return d->column;
}

const char *
scc_diagnostic_text(const struct scc_diagnostic *d)
{
	return d->text;
}
