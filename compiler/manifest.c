/*
 * What went into a program and what came out, as JSON (docs/manifest.md).
 *
 * An option is here as far as the program depends on it: what a profile
 * never asks is null, whatever the option says, and of capabilities and
 * kernels only the answers count.  No names of files, no dates.
 */
#include "compiler.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "digest.h"

/* Adds text and a line end, so that no two lists of texts are the same. */
static void
add_line(struct digest *d, struct buf *line)
{
	digest_add(d, line->data, line->len);
	digest_add(d, "\n", 1);
	line->len = 0;
}

static void
write_digest(struct buf *buf, struct digest *d)
{
	char out[DIGEST_SIZE];

	digest_end(d, out);
	buf_printf(buf, "\"sha256:%s\"", out);
}

static void
write_digest_of(struct buf *buf, const void *data, size_t len)
{
	struct digest d;

	digest_init(&d);
	digest_add(&d, data, len);
	write_digest(buf, &d);
}

/* Names, numbers and releases, and what lies behind multiplexers. */
static void
write_tables(struct buf *buf)
{
	struct buf line = { .arena = buf->arena };
	struct digest d;

	digest_init(&d);
	for (size_t i = 0; i < syscall_name_count; i++) {
		const struct syscall_name *name = &syscall_names[i];

		buf_printf(&line, "%s", name->name);
		for (size_t abi = 0; abi < ABI_COUNT; abi++)
			buf_printf(&line, " %" PRId32 "/%u", name->number[abi],
				   name->since[abi]);
		add_line(&d, &line);
	}
	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		for (size_t i = 0; i < arch_table[abi]->mux_count; i++) {
			const struct mux *mux = &arch_table[abi]->muxes[i];

			buf_printf(&line, "%zu %s %u", abi, mux->name,
				   mux->mask);
			for (size_t j = 0; j < mux->count; j++)
				buf_printf(&line, " %s/%u", mux->calls[j].name,
					   mux->calls[j].call);
			add_line(&d, &line);
		}
	}
	buf_printf(buf,
		   "    \"tables\": { \"release\": \"%u.%u\", \"digest\": ",
		   syscall_tables_release >> 8, syscall_tables_release & 0xff);
	write_digest(buf, &d);
	buf_printf(buf, " },\n");
}

static void
add_rule(struct digest *d, struct buf *line, const struct resolved_rule *rule)
{
	buf_printf(line, "rule %" PRIu32, rule->action);
	add_line(d, line);
	for (size_t i = 0; i < rule->targets.n; i++) {
		buf_printf(line, "name %s", rule->targets.v[i].name);
		add_line(d, line);
	}
	for (size_t i = 0; i < rule->condition_count; i++) {
		const struct condition *c = &rule->conditions[i];
		uint64_t second = c->op == CMP_MASKED_EQ ? c->value2 : 0;

		buf_printf(line, "condition %u %s %" PRIu64 " %" PRIu64, c->arg,
			   cmp_name(c->op), c->value, second);
		add_line(d, line);
	}
}

/* The rules that are left of the profile, with what they mean. */
static void
write_rules(struct buf *buf, const struct ruleset *rules)
{
	struct buf line = { .arena = buf->arena };
	struct digest d;

	digest_init(&d);
	buf_printf(&line, "default %" PRIu32, rules->default_action);
	add_line(&d, &line);
	for (size_t i = 0; i < rules->rules.n; i++)
		if (rules->rules.v[i].targets.n)
			add_rule(&d, &line, &rules->rules.v[i]);
	buf_printf(buf, "    \"rules\": ");
	write_digest(buf, &d);
	buf_printf(buf, ",\n");
}

static void
write_quoted(struct buf *buf, const char *key, const char *text)
{
	buf_printf(buf, "    \"%s\": ", key);
	if (!text) {
		buf_printf(buf, "null,\n");
		return;
	}
	output_quote(buf, text);
	buf_printf(buf, ",\n");
}

static void
write_caps_list(struct buf *buf, uint64_t caps)
{
	const char *comma = "";

	buf_append(buf, "[", 1);
	for (unsigned i = 0; i < 64 && capability_name(i); i++) {
		if (!(caps >> i & 1))
			continue;
		buf_printf(buf, "%s\"%s\"", comma, capability_name(i));
		comma = ", ";
	}
	buf_append(buf, "]", 1);
}

static void
write_caps(struct buf *buf, const struct selection *selection)
{
	uint64_t asked = selection->caps_asked;
	uint64_t held = asked & selection->options->caps;

	buf_printf(buf, "    \"caps\": ");
	if (!asked) {
		buf_printf(buf, "null,\n");
		return;
	}
	buf_printf(buf, "{ \"held\": ");
	write_caps_list(buf, held);
	buf_printf(buf, ", \"missing\": ");
	write_caps_list(buf, asked & ~held);
	buf_printf(buf, " },\n");
}

static void
write_edge(struct buf *buf, const struct kernel_edge *edge)
{
	if (edge->asked)
		buf_printf(buf, "\"%u.%u\"", edge->release >> 8,
			   edge->release & 0xff);
	else
		buf_printf(buf, "null");
}

/* The kernels for which the same rules are left. */
static void
write_kernel(struct buf *buf, const struct selection *selection)
{
	buf_printf(buf, "    \"kernel\": ");
	if (!selection->kernel_from.asked && !selection->kernel_below.asked) {
		buf_printf(buf, "null,\n");
		return;
	}
	buf_printf(buf, "{ \"from\": ");
	write_edge(buf, &selection->kernel_from);
	buf_printf(buf, ", \"below\": ");
	write_edge(buf, &selection->kernel_below);
	buf_printf(buf, " },\n");
}

static void
write_abis(struct buf *buf, const struct ruleset *rules)
{
	const char *comma = "";

	write_quoted(buf, "native", arch_table[rules->options->native]->name);
	buf_printf(buf, "    \"abis\": [");
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(rules->abis >> i & 1))
			continue;
		buf_printf(buf, "%s\"%s\"", comma, arch_table[i]->name);
		comma = ", ";
	}
	buf_printf(buf, "],\n");
}

static void
write_action(struct buf *buf, const char *key, uint32_t action)
{
	char name[32];

	action_print(name, action);
	write_quoted(buf, key, name);
}

/* Rule 11 is about default actions that refuse. */
static void
write_unknown(struct buf *buf, const struct ruleset *rules)
{
	const struct options *options = rules->options;
	char since[24];

	switch (rules->default_action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE:
		write_quoted(buf, "unknown", NULL);
		return;
	}
	snprintf(since, sizeof(since), "since:%u.%u", options->since >> 8,
		 options->since & 0xff);
	write_quoted(buf, "unknown",
		     options->unknown == UNKNOWN_SINCE
			     ? since
			     : settings_word("unknown", options->unknown));
}

/* What was done where rules leave it open, whichever option asked for it. */
static void
write_readings(struct buf *buf, const struct compilation *c)
{
	const struct options *options = &c->options;
	const struct asked *asked = &c->decisions->asked;
	const char *conflicts = NULL, *repeated = NULL, *muxes = NULL;

	if (asked->conflicts)
		conflicts = options->conflicts == CONFLICTS_FIRST ? "first"
								  : "strictest";
	if (asked->repeated)
		repeated = asked->split == asked->repeated ? "or"
			   : asked->split		   ? "some-or"
							   : "and";
	if (asked->muxes)
		muxes = settings_word("multiplexers", options->muxes);
	write_quoted(buf, "conflicts", conflicts);
	write_quoted(buf, "repeatedIndex", repeated);
	write_quoted(buf, "multiplexers", muxes);
}

/* Errors, by default, that the command line let pass. */
static void
write_accepted(struct buf *buf, const struct diags *diags)
{
	const char *comma = "";

	buf_printf(buf, "    \"accepted\": [");
	for (size_t i = 0; i < DIAG_COUNT; i++) {
		if (diag_table[i].severity != SEVERITY_ERROR ||
		    !diags->found[i])
			continue;
		buf_printf(buf, "%s\"%s\"", comma, diag_table[i].name);
		comma = ", ";
	}
	buf_printf(buf, "],\n");
}

static void
write_weights(struct buf *buf, const struct weights *weights)
{
	struct buf line = { .arena = buf->arena };
	const char *kind = weights->count == syscall_weights ? "built-in"
			   : weights->count		     ? "counts"
							     : "uniform";
	struct digest d;

	buf_printf(buf,
		   "    \"weights\": { \"kind\": \"%s\", \"digest\": ", kind);
	digest_init(&d);
	for (size_t i = 0; weights->count && i < syscall_name_count; i++) {
		if (!weights->count[i])
			continue;
		buf_printf(&line, "%s %" PRIu64, syscall_names[i].name,
			   weights->count[i]);
		add_line(&d, &line);
	}
	if (weights->count)
		write_digest(buf, &d);
	else
		buf_printf(buf, "null");
	buf_printf(buf, " },\n");
}

static void
write_tuning(struct buf *buf, const struct options *options)
{
	write_weights(buf, options->weights);
	write_quoted(buf, "optimize",
		     settings_word("optimize", options->optimize));
	write_quoted(buf, "tune", settings_word("tune", options->tune));
}

/* What the profile wants done by whoever installs the program. */
static void
write_beside(struct buf *buf, const struct profile *profile)
{
	buf_printf(buf, "    \"flags\": [");
	for (size_t i = 0; i < profile->flags.n; i++) {
		buf_printf(buf, "%s", i ? ", " : "");
		output_quote(buf, profile->flags.v[i]->string);
	}
	buf_printf(buf, "],\n");
	write_quoted(buf, "listenerPath", profile->listener_path);
	write_quoted(buf, "listenerMetadata", profile->listener_metadata);
	/* The last member has no comma behind it. */
	buf->len -= 2;
	buf_append(buf, "\n", 1);
}

static void
write_input(struct buf *buf, const struct compilation *c)
{
	const struct profile *profile = c->profile;
	const char *dialect = settings_word("dialect", profile->dialect);

	buf_printf(buf, "  \"input\": {\n");
	write_quoted(buf, "compiler", "seccompc " SECCOMPC_VERSION);
	write_tables(buf);
	buf_printf(buf, "    \"profile\": ");
	write_digest_of(buf, c->source.text, c->source.len);
	buf_printf(buf, ",\n");
	write_rules(buf, c->ruleset);
	write_quoted(buf, "dialect",
		     profile_asks_dialect(profile) ? dialect : NULL);
	write_caps(buf, c->selection);
	write_kernel(buf, c->selection);
	write_abis(buf, c->ruleset);
	write_action(buf, "defaultAction", c->ruleset->default_action);
	write_action(buf, "foreignAction", c->decisions->foreign_action);
	write_unknown(buf, c->ruleset);
	write_readings(buf, c);
	write_accepted(buf, &c->diags);
	write_tuning(buf, &c->options);
	write_beside(buf, profile);
	buf_printf(buf, "  },\n");
}

static void
write_longest(struct buf *buf, const struct longest *longest)
{
	const struct seccomp_data *call = &longest->call;

	buf_printf(buf,
		   "    \"worstPath\": { \"instructions\": %u, "
		   "\"exact\": %s, \"call\": ",
		   longest->bound, longest->exact ? "true" : "false");
	if (!longest->exact) {
		buf_printf(buf, "null },\n");
		return;
	}
	buf_printf(buf,
		   "{ \"arch\": %" PRIu32 ", \"number\": %" PRIu32
		   ", \"args\": [",
		   call->arch, (uint32_t)call->nr);
	/* Text: not every reader of JSON has integers of 64 bits. */
	for (size_t i = 0; i < LENGTH(call->args); i++)
		buf_printf(buf, "%s\"0x%" PRIx64 "\"", i ? ", " : "",
			   (uint64_t)call->args[i]);
	buf_printf(buf, "] } },\n");
}

static void
write_counts(struct buf *buf, const struct abi_statistics *s, const char *name)
{
	buf_printf(buf,
		   "      \"%s\": { \"known\": %u, \"allowed\": %u, "
		   "\"conditional\": %u, \"logged\": %u, \"traced\": %u, "
		   "\"notified\": %u, \"denied\": %u, \"cached\": %u }",
		   name, s->known, s->allowed, s->conditional, s->logged,
		   s->traced, s->notified, s->denied, s->cached);
}

static void
write_output(struct buf *buf, const struct program *program,
	     const struct statistics *s)
{
	size_t size = program->code.n * sizeof(*program->code.v);

	buf_printf(buf, "  \"output\": {\n    \"program\": ");
	write_digest_of(buf, program->code.v, size);
	buf_printf(buf,
		   ",\n    \"instructions\": %zu,\n    \"bytes\": %zu,\n"
		   "    \"convertedLength\": %zu,\n",
		   s->instructions, size, s->converted);
	write_longest(buf, &s->longest);
	buf_printf(buf, "    \"syscalls\": {\n");
	for (size_t i = 0; i < ABI_COUNT; i++) {
		write_counts(buf, &s->abis[i], arch_table[i]->name);
		buf_printf(buf, i + 1 < ABI_COUNT ? ",\n" : "\n");
	}
	buf_printf(buf, "    }\n  }\n");
}

bool
manifest_write(struct buf *buf, const struct compilation *c)
{
	const struct program *program = c->program;
	struct statistics statistics;

	if (!statistics_find(&statistics, buf->arena, program->code.v,
			     program->code.n))
		return false;
	buf_printf(buf, "{\n  \"manifest\": 1,\n");
	write_input(buf, c);
	write_output(buf, program, &statistics);
	buf_printf(buf, "}\n");
	return true;
}
