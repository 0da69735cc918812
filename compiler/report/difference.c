#include "report.h"

#include <string.h>

static void
write_number(struct buf *buf, uint32_t n)
{
	buf_printf(buf, n < 65536 ? "%u" : "0x%x", n);
}

/* Places without a name. */
static void
write_unnamed(struct buf *buf, const struct diff_place *place)
{
	buf_printf(buf, "<li>");
	if (place->example)
		buf_printf(buf, "for example ");
	if (place->abi != ABI_COUNT)
		buf_printf(buf, "%s, without a name: ",
			   arch_table[place->abi]->name);
	else if (place->first_arch == place->last_arch)
		buf_printf(buf, "arch 0x%x: ", place->first_arch);
	else
		buf_printf(buf, "archs 0x%x to 0x%x: ", place->first_arch,
			   place->last_arch);
	if (!place->first && place->last == UINT32_MAX) {
		buf_printf(buf, "all numbers</li>");
		return;
	}
	write_number(buf, place->first);
	if (place->last != place->first) {
		buf_printf(buf, "–");
		write_number(buf, place->last);
	}
	buf_printf(buf, "</li>");
}

static void
write_places(struct buf *buf, const struct diff_group *group)
{
	buf_printf(buf, "<ul>");
	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		bool any = false;

		for (size_t i = 0; i < group->places.n; i++) {
			const struct diff_place *place = &group->places.v[i];

			if (!place->name || place->abi != (enum abi)abi)
				continue;
			if (!any)
				buf_printf(buf,
					   "<li>%s: ", arch_table[abi]->name);
			buf_printf(buf, "%s%s", any ? ", " : "", place->name);
			any = true;
		}
		buf_printf(buf, "%s", any ? "</li>" : "");
	}
	for (size_t i = 0; i < group->places.n; i++)
		if (!group->places.v[i].name)
			write_unnamed(buf, &group->places.v[i]);
	buf_printf(buf, "</ul>");
}

static void
write_case(struct buf *buf, const struct diff_group *group, size_t i)
{
	static const char *const orders[DD_ORDERS] = {
		[DD_STRICTER] = "stricter",
		[DD_WEAKER] = "weaker",
		[DD_OTHER_DATA] = "other data",
	};
	const struct diff_case *c = &group->cases.v[i];
	struct buf text = { .arena = buf->arena };

	buf_printf(buf, "<td><b class=\"o %s\">%s</b></td><td>",
		   c->order == DD_WEAKER     ? "weaker"
		   : c->order == DD_STRICTER ? "stricter"
					     : "other",
		   orders[c->order]);
	verdict_badge(buf, c->b);
	buf_printf(buf, "</td><td>");
	verdict_badge(buf, c->a);
	buf_printf(buf, "</td><td>");
	diff_write_when(&text, group, c);
	html_text(buf, !text.len			  ? "always"
		       : !strncmp(text.data, " when ", 6) ? text.data + 6
							  : text.data + 1);
	text.len = 0;
	describe_call(&text, &c->call, c->words);
	buf_printf(buf, "</td><td><code>");
	html_text(buf, text.data);
	buf_printf(buf, "</code></td>");
}

static void
write_group(struct buf *buf, const struct diff_group *group)
{
	for (size_t i = 0; i < group->cases.n; i++) {
		buf_printf(buf, "<tr>");
		if (!i) {
			buf_printf(buf, "<th scope=\"row\" rowspan=\"%zu\">",
				   group->cases.n);
			write_places(buf, group);
			buf_printf(buf, "</th>");
		}
		write_case(buf, group, i);
		buf_printf(buf, "</tr>\n");
	}
}

static void
write_table(struct buf *buf, const struct diff *diff, size_t id)
{
	buf_printf(buf,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"p%zu-diff-caption\">\n"
		   "<table class=\"diff\">\n<caption id=\"p%zu-diff-caption\">"
		   "Calls that get something else than under the baseline"
		   "</caption>\n<thead><tr><th scope=\"col\">Syscalls</th>"
		   "<th scope=\"col\">This profile is</th>"
		   "<th scope=\"col\">Baseline</th>"
		   "<th scope=\"col\">Here</th><th scope=\"col\">When</th>"
		   "<th scope=\"col\">For example</th></tr></thead>\n"
		   "<tbody>\n",
		   id, id);
	for (size_t i = 0; i < diff->groups.n && i < REPORT_GROUPS; i++)
		write_group(buf, &diff->groups.v[i]);
	buf_printf(buf, "</tbody>\n</table>\n</div>\n");
	if (diff->groups.n > REPORT_GROUPS)
		buf_printf(buf, "<p>%zu more groups are not shown.</p>\n",
			   diff->groups.n - REPORT_GROUPS);
}

void
difference_write(struct buf *buf, const struct diff *diff,
		 const struct report_baseline *baseline, enum dd_end end,
		 size_t id)
{
	buf_printf(buf,
		   "<section aria-labelledby=\"p%zu-diff\">\n"
		   "<h3 id=\"p%zu-diff\">Differences</h3>\n<p>The baseline is "
		   "<code>",
		   id, id);
	html_short(buf, baseline->name, REPORT_NAME);
	buf_printf(buf, "</code>. ");
	if (end != DD_DONE)
		buf_printf(buf, "Whether they differ could not be found out: "
				"that is too much work.</p>\n");
	else if (diff->equal)
		buf_printf(buf, "Both decide every call alike; that is "
				"proved.</p>\n");
	else
		buf_printf(
			buf, "%s</p>\n",
			diff->found[DD_WEAKER] && diff->found[DD_STRICTER]
				? "This profile is weaker for some calls and "
				  "stricter for others."
			: diff->found[DD_WEAKER] ? "This profile is weaker."
			: diff->found[DD_STRICTER]
				? "This profile is stricter."
				: "Only data of actions differ, such as "
				  "the errno.");
	if (end == DD_DONE && !diff->equal)
		write_table(buf, diff, id);
	buf_printf(buf, "</section>\n");
}
