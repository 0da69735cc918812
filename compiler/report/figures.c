#include "report.h"

enum { WIDTH = 600, HEIGHT = 20 }; /* of a bar */

struct share {
	const char *kind; /* a class of report.css */
	const char *what;
	unsigned count;
};

enum { SHARES = 6 };

static void
find_shares(const struct abi_statistics *s, struct share shares[SHARES])
{
	const struct share all[SHARES] = {
		{ "allow", "allowed", s->allowed },
		{ "depends", "conditional", s->conditional },
		{ "log", "logged", s->logged },
		{ "ask", "traced or notified", s->traced + s->notified },
		{ "errno", "denied", s->denied },
		{ "cached", "cached", s->cached },
	};

	for (size_t i = 0; i < SHARES; i++)
		shares[i] = all[i];
}

/* A bar in parts; what is cached is a line below it. */
static void
write_bar(struct buf *buf, const struct share *shares, unsigned known,
	  const char *abi, size_t id)
{
	unsigned x = 0, end = 0;

	buf_printf(buf,
		   "<svg class=\"bar\" role=\"img\" viewBox=\"0 0 %d %d\" "
		   "preserveAspectRatio=\"none\" "
		   "aria-labelledby=\"p%zu-bar-%s\"><title "
		   "id=\"p%zu-bar-%s\">%s:",
		   WIDTH, HEIGHT + 6, id, abi, id, abi, abi);
	for (size_t i = 0; i < SHARES; i++)
		if (shares[i].count)
			buf_printf(buf, " %u %s", shares[i].count,
				   shares[i].what);
	buf_printf(buf, " of %u</title>", known);
	for (size_t i = 0, sum = 0; i + 1 < SHARES && known; i++) {
		sum += shares[i].count;
		end = (unsigned)(sum * WIDTH / known);
		if (end > x)
			buf_printf(buf,
				   "<rect class=\"%s\" x=\"%u\" y=\"0\" "
				   "width=\"%u\" height=\"%d\"/>",
				   shares[i].kind, x, end - x, HEIGHT);
		x = end;
	}
	if (known && shares[SHARES - 1].count)
		buf_printf(buf,
			   "<rect class=\"cached\" x=\"0\" y=\"%d\" "
			   "width=\"%u\" height=\"4\"/>",
			   HEIGHT + 2,
			   shares[SHARES - 1].count * WIDTH / known);
	buf_printf(buf, "</svg>");
}

static void
write_row(struct buf *buf, const struct abi_statistics *s, const char *abi,
	  size_t id)
{
	struct share shares[SHARES];

	find_shares(s, shares);
	buf_printf(buf,
		   "<tr><th scope=\"row\">%s</th><td class=\"num\">%u</td>",
		   abi, s->known);
	for (size_t i = 0; i < SHARES; i++)
		buf_printf(buf, "<td class=\"num\">%u</td>", shares[i].count);
	buf_printf(buf, "<td>");
	write_bar(buf, shares, s->known, abi, id);
	buf_printf(buf, "</td></tr>\n");
}

static void
write_program(struct buf *buf, const struct statistics *s)
{
	const struct longest *longest = &s->longest;
	struct buf call = { .arena = buf->arena };

	buf_printf(buf,
		   "<dl class=\"facts\">\n<div><dt>Instructions</dt>"
		   "<dd>%zu</dd></div>\n<div><dt>As the kernel counts them"
		   "</dt><dd>%zu</dd></div>\n<div><dt>Longest path</dt>"
		   "<dd>%u instructions%s",
		   s->instructions, s->converted, longest->bound,
		   longest->exact ? "" : " or fewer");
	if (longest->exact) {
		describe_call(&call, &longest->call, 0);
		buf_printf(buf, ", by <code>");
		html_text(buf, call.data);
		buf_printf(buf, "</code>");
	}
	buf_printf(buf, "</dd></div>\n</dl>\n");
}

void
figures_write(struct buf *buf, const struct statistics *s,
	      const struct compilation *c, bool counted, size_t id)
{
	struct share shares[SHARES];

	buf_printf(buf,
		   "<section aria-labelledby=\"p%zu-figures\">\n"
		   "<h3 id=\"p%zu-figures\">Figures</h3>\n",
		   id, id);
	write_program(buf, s);
	if (!counted) {
		buf_printf(buf, "<p>Syscalls cannot be counted: the program "
				"is too hard to read.</p>\n</section>\n");
		return;
	}
	buf_printf(buf,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"p%zu-figures-caption\">\n"
		   "<table class=\"figures\">\n<caption id=\""
		   "p%zu-figures-caption\">How many syscalls get what; cached: "
		   "Linux 5.11 and later do not run the filter for them"
		   "</caption>\n<thead><tr><th scope=\"col\">ABI</th>"
		   "<th scope=\"col\">known</th>",
		   id, id);
	find_shares(&s->abis[0], shares);
	for (size_t i = 0; i < SHARES; i++)
		buf_printf(buf,
			   "<th scope=\"col\"><i class=\"key %s\"></i>"
			   "%s</th>",
			   shares[i].kind, shares[i].what);
	buf_printf(buf, "<th scope=\"col\">share</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (c->ruleset->abis >> i & 1)
			write_row(buf, &s->abis[i], arch_table[i]->name, id);
	buf_printf(buf, "</tbody>\n</table>\n</div>\n</section>\n");
}
