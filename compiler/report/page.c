/* The page: profiles one after the other, and a table of all of them. */
#include "report.h"

#include <string.h>

/* What is found out about a profile before it is written. */
struct subject {
	struct compilation *c;
	size_t id;
	struct source_lines lines;
	struct verdicts verdicts;
	struct diff diff;
	enum dd_end diff_end;
	struct statistics statistics;
	bool counted;
};

void
report_init(struct report *report, struct arena *arena,
	    const struct report_baseline *baseline)
{
	*report = (struct report){ .arena = arena, .baseline = baseline };
	report->rows.arena = report->contents.arena = arena;
	report->body.arena = arena;
}

static void
drop_set(void *set)
{
	dd_finish(set);
}

static void
find_out(struct subject *s, const struct report *report)
{
	const struct program *program = s->c->program;
	struct arena *arena = report->arena;
	struct side side = { .ruleset = s->c->ruleset };

	source_find(&s->lines, arena, &s->c->source);
	if (!program)
		return;
	/* Freed with the arena if memory runs out on the way. */
	arena_own(arena, &s->verdicts.set, drop_set);
	verdicts_find(&s->verdicts, s->c);
	if (s->verdicts.end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
	s->counted = statistics_find(&s->statistics, arena, program->code.v,
				     program->code.n);
	if (!report->baseline)
		return;
	arena_own(arena, &s->diff.set, drop_set);
	s->diff_end =
		diff_find(&s->diff, &side, &report->baseline->side, false);
	if (s->diff_end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
}

static void
write_number(struct buf *buf, size_t n)
{
	buf_printf(buf, "<td class=\"num\">%zu</td>", n);
}

static void
write_compared(struct report *report, const struct subject *s)
{
	const bool *found = s->diff.found;
	const char *word = !s->c->program	    ? "–"
			   : s->diff_end != DD_DONE ? "unknown"
			   : s->diff.equal	    ? "equal"
			   : found[DD_WEAKER] && found[DD_STRICTER]
				   ? "weaker and stricter"
			   : found[DD_WEAKER]	? "weaker"
			   : found[DD_STRICTER] ? "stricter"
						: "other data";

	if (report->baseline)
		buf_printf(&report->rows, "<td>%s</td>", word);
}

/* The row of the table of all profiles. */
static void
write_row(struct report *report, const struct subject *s)
{
	const struct compilation *c = s->c;
	struct buf *buf = &report->rows;

	buf_printf(buf, "<tr><th scope=\"row\"><a href=\"#p%zu\">", s->id);
	html_short(buf, c->source.name, REPORT_NAME);
	buf_printf(buf, "</a></th><td>");
	if (c->profile)
		verdict_badge(buf, c->profile->default_action);
	buf_printf(buf, "</td>");
	if (c->program) {
		write_number(buf, s->statistics.instructions);
		write_number(buf, s->statistics.longest.bound);
		for (size_t i = 0; i < ABI_COUNT; i++)
			if (s->counted && (c->ruleset->abis >> i & 1))
				write_number(buf,
					     s->statistics.abis[i].allowed);
			else
				buf_printf(buf, "<td class=\"num\">–</td>");
	} else {
		buf_printf(buf,
			   "<td colspan=\"%d\"><b class=\"s error\">refused"
			   "</b></td>",
			   2 + ABI_COUNT);
	}
	for (size_t i = SEVERITY_ERROR; i >= SEVERITY_NOTE; i--)
		write_number(buf, c->diags.count[i]);
	write_compared(report, s);
	buf_printf(buf, "</tr>\n");
}

static void
write_profile(struct report *report, struct subject *s)
{
	struct buf *buf = &report->body;
	struct trees trees;

	buf_printf(buf,
		   "<article id=\"p%zu\" aria-labelledby=\"p%zu-name\">\n"
		   "<h2 id=\"p%zu-name\">",
		   s->id, s->id, s->id);
	html_short(buf, s->c->source.name, REPORT_NAME);
	buf_printf(buf, "</h2>\n");
	summary_write(buf, s->c);
	finding_write(buf, s->c, &s->lines, s->id);
	if (s->c->program) {
		verdict_write(buf, &s->verdicts, &s->lines, s->id);
		if (report->baseline)
			difference_write(buf, &s->diff, report->baseline,
					 s->diff_end, s->id);
		figures_write(buf, &s->statistics, s->c, s->counted, s->id);
		trees_find(&trees, report->arena, s->c);
		trees_write(buf, &trees, s->c, s->id);
	}
	source_write(buf, &s->lines, &s->c->diags, s->id);
	buf_printf(buf, "</article>\n");
}

/* Links to the sections of a profile. */
static void
write_contents(struct report *report, const struct subject *s)
{
	static const struct {
		const char *id, *name;
		bool program, baseline;
	} sections[] = {
		{ "findings", "Findings", false, false },
		{ "verdicts", "Verdicts", true, false },
		{ "diff", "Differences", true, true },
		{ "figures", "Figures", true, false },
		{ "tree", "Decision tree", true, false },
		{ "source", "Source", false, false },
	};
	struct buf *buf = &report->contents;

	buf_printf(buf, "<li><a href=\"#p%zu\">", s->id);
	html_short(buf, s->c->source.name, REPORT_NAME);
	buf_printf(buf, "</a>\n<ul>");
	for (size_t i = 0; i < LENGTH(sections); i++)
		if ((s->c->program || !sections[i].program) &&
		    (report->baseline || !sections[i].baseline))
			buf_printf(buf, "<li><a href=\"#p%zu-%s\">%s</a></li>",
				   s->id, sections[i].id, sections[i].name);
	buf_printf(buf, "</ul></li>\n");
}

bool
report_add(struct report *report, struct compilation *c)
{
	/* Not on the stack: the arena may have to drop what is in it. */
	struct subject *s = arena_alloc(report->arena, sizeof(*s));

	/* What writes a diagnostic allocates there as well. */
	memcpy(c->arena.oom, report->arena->oom, sizeof(jmp_buf));
	s->c = c;
	s->id = ++report->count;
	if (!report->title)
		report->title = arena_strndup(report->arena, c->source.name,
					      strlen(c->source.name));
	find_out(s, report);
	write_row(report, s);
	write_contents(report, s);
	write_profile(report, s);
	/* They can be large, and there may be many; twice does no harm. */
	if (c->program)
		verdicts_finish(&s->verdicts);
	if (c->program && report->baseline)
		diff_finish(&s->diff);
	return report->body.len <= REPORT_PAGE;
}

static void
write_overview(struct buf *buf, const struct report *report)
{
	buf_printf(buf,
		   "<section aria-labelledby=\"overview\">\n"
		   "<h2 id=\"overview\">Overview</h2>\n"
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"overview-caption\">\n"
		   "<table class=\"overview\">\n"
		   "<caption id=\"overview-caption\">All profiles of this "
		   "page</caption>\n<thead><tr><th scope=\"col\">Profile</th>"
		   "<th scope=\"col\">Default</th>"
		   "<th scope=\"col\">Instructions</th>"
		   "<th scope=\"col\">Longest path</th>");
	for (size_t i = 0; i < ABI_COUNT; i++)
		buf_printf(buf, "<th scope=\"col\">Allowed, %s</th>",
			   arch_table[i]->name);
	buf_printf(buf,
		   "<th scope=\"col\">Errors</th>"
		   "<th scope=\"col\">Warnings</th>"
		   "<th scope=\"col\">Notes</th>%s</tr></thead>\n<tbody>\n",
		   report->baseline ? "<th scope=\"col\">Baseline</th>" : "");
	buf_append(buf, report->rows.data, report->rows.len);
	buf_printf(buf, "</tbody>\n</table>\n</div>\n</section>\n");
}

void
report_write(struct buf *buf, const struct report *report)
{
	html_begin(buf, report->title ? report->title : "nothing",
		   report->count > 1 ? report->count - 1 : 0);
	buf_printf(buf,
		   "<a class=\"skip\" href=\"#main\">Skip to the report</a>\n"
		   "<header>\n<h1>Seccomp report</h1>\n"
		   "<p>What %s let%s through, and why. Every program was "
		   "proved to decide all calls as its profile says.</p>\n"
		   "</header>\n<nav aria-label=\"Contents\">\n<ul>\n",
		   report->count == 1 ? "a profile" : "these profiles",
		   report->count == 1 ? "s" : "");
	buf_append(buf, report->contents.data, report->contents.len);
	buf_printf(buf, "</ul>\n</nav>\n<main id=\"main\" tabindex=\"-1\">\n");
	if (report->count > 1)
		write_overview(buf, report);
	buf_append(buf, report->body.data, report->body.len);
	buf_printf(buf,
		   "</main>\n<footer><p>Written by seccompc %s. Figures and "
		   "verdicts hold for the options above.</p></footer>\n",
		   SECCOMPC_VERSION);
	html_end(buf);
}
