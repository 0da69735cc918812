#include "report.h"

#include <string.h>

#include "compiler/digest.h"

static void
write_digest(struct buf *buf, const char *what, const void *data, size_t len)
{
	char hex[DIGEST_SIZE];
	struct digest digest;

	digest_init(&digest);
	digest_add(&digest, data, len);
	digest_end(&digest, hex);
	buf_printf(buf,
		   "<div class=\"wide\"><dt>%s</dt><dd><code "
		   "class=\"digest\">%s</code></dd>"
		   "</div>\n",
		   what, hex);
}

static void
write_fact(struct buf *buf, const char *what, const char *value)
{
	buf_printf(buf, "<div%s><dt>%s</dt><dd>",
		   strlen(value) > 32 ? " class=\"wide\"" : "", what);
	html_text(buf, value);
	buf_printf(buf, "</dd></div>\n");
}

static void
write_caps(struct buf *buf, const struct selection *selection)
{
	const struct options *options = selection->options;
	struct buf text = { .arena = buf->arena };

	if (!options->caps_given) {
		write_fact(buf, "Capabilities", "not given, not needed");
		return;
	}
	for (unsigned i = 0; i < 64 && capability_name(i); i++)
		if (options->caps >> i & 1)
			buf_printf(&text, "%s%s", text.len ? ", " : "",
				   capability_name(i) + strlen("CAP_"));
	if (!selection->caps_asked)
		buf_printf(&text, "%sthe profile does not ask",
			   text.len ? "; " : "none; ");
	write_fact(buf, "Capabilities", text.len ? text.data : "none");
}

static void
write_kernel(struct buf *buf, const struct selection *selection)
{
	const struct options *options = selection->options;
	bool asked =
		selection->kernel_from.asked || selection->kernel_below.asked;
	struct buf text = { .arena = buf->arena };

	if (options->kernel_given)
		buf_printf(&text, "%u.%u%s", options->kernel >> 8,
			   options->kernel & 0xff,
			   asked ? "" : "; the profile does not ask");
	write_fact(buf, "Kernel",
		   text.len ? text.data : "not given, not needed");
}

static void
write_abis(struct buf *buf, abi_set abis)
{
	struct buf text = { .arena = buf->arena };

	describe_abis(&text, abis);
	write_fact(buf, "ABIs", text.data);
}

static void
write_readings(struct buf *buf, const struct options *options)
{
	struct buf text = { .arena = buf->arena };

	if (options->unknown == UNKNOWN_SINCE)
		buf_printf(&text, "since:%u.%u", options->since >> 8,
			   options->since & 0xff);
	else
		buf_printf(&text, "%s",
			   settings_word("unknown", options->unknown));
	write_fact(buf, "--unknown", text.data);
	write_fact(buf, "--conflicts",
		   settings_word("conflicts", options->conflicts));
	write_fact(buf, "--repeated-index",
		   settings_word("repeated-index", options->repeated));
	write_fact(buf, "--multiplexers",
		   settings_word("multiplexers", options->muxes));
}

static void
write_action(struct buf *buf, const char *what, uint32_t action)
{
	buf_printf(buf, "<div><dt>%s</dt><dd>", what);
	verdict_badge(buf, action);
	buf_printf(buf, "</dd></div>\n");
}

static void
write_flags(struct buf *buf, const struct profile *profile)
{
	struct buf text = { .arena = buf->arena };

	for (size_t i = 0; i < profile->flags.n; i++)
		buf_printf(&text, "%s%s", i ? ", " : "",
			   profile->flags.v[i]->string);
	if (profile->flags.n)
		write_fact(buf, "Flags", text.data);
	if (!profile->listener_path)
		return;
	buf_printf(buf, "<div><dt>Listener</dt><dd>");
	html_short(buf, profile->listener_path, REPORT_NAME);
	buf_printf(buf, "</dd></div>\n");
}

/* What was read and how, and what came of it. */
void
summary_write(struct buf *buf, const struct compilation *c)
{
	if (!c->program)
		buf_printf(buf, "<p class=\"refused\"><b class=\"s error\">"
				"refused</b> There is no program; the findings "
				"say why.</p>\n");
	buf_printf(buf, "<dl class=\"facts\">\n");
	if (c->profile) {
		write_action(buf, "Default action", c->profile->default_action);
		write_fact(buf, "Dialect",
			   settings_word("dialect", c->profile->dialect));
	}
	if (c->ruleset)
		write_abis(buf, c->ruleset->abis);
	if (c->decisions)
		write_action(buf, "Other architectures",
			     c->decisions->foreign_action);
	if (c->selection) {
		write_caps(buf, c->selection);
		write_kernel(buf, c->selection);
		write_readings(buf, c->selection->options);
	}
	if (c->profile)
		write_flags(buf, c->profile);
	write_digest(buf, "SHA-256 of the text", c->source.text, c->source.len);
	if (c->program)
		write_digest(buf, "SHA-256 of the program", c->program->code.v,
			     c->program->code.n * sizeof(*c->program->code.v));
	buf_printf(buf, "</dl>\n");
}
