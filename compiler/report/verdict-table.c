#include "report.h"

#include <inttypes.h>
#include <string.h>

const char *
verdict_kind(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		return "allow";
	case SECCOMP_RET_LOG:
		return "log";
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return "ask";
	case SECCOMP_RET_ERRNO:
		return "errno";
	default:
		return "kill";
	}
}

void
verdict_badge(struct buf *buf, uint32_t action)
{
	char name[32];

	action_print(name, action);
	buf_printf(buf, "<b class=\"v %s\">%s</b>", verdict_kind(action), name);
}

struct table {
	struct buf *buf;
	const struct verdicts *all;
	const struct source_lines *lines;
	const struct places *places;
	size_t id;
	size_t words; /* bytes of conditions so far */
};

static void
write_conditions(struct table *t, const struct verdict_case *c,
		 const struct syscall_name *name, enum abi abi)
{
	struct buf text = { .arena = t->buf->arena };

	for (size_t i = 0; i < c->where.n; i++) {
		struct conjunction shown = c->where.v[i];

		shown.narrow = arch_table[abi]->args == ARGS_LOW;
		buf_printf(&text, "%s", i ? " or " : "");
		express_write(&text, &shown, name ? &name->args[abi] : NULL);
	}
	buf_printf(t->buf, " when <span class=\"w\">");
	html_text(t->buf, text.data);
	buf_printf(t->buf, "</span>");
}

static void
write_where(struct table *t, const struct verdict_case *c,
	    const struct syscall_name *name, enum abi abi)
{
	size_t start = t->buf->len;

	if (c->rest) {
		buf_printf(t->buf, " otherwise");
		return;
	}
	if (c->where.n)
		write_conditions(t, c, name, abi);
	if (c->more)
		buf_printf(t->buf, c->where.n ? " and in more cases"
					      : " on some arguments");
	t->words += t->buf->len - start;
}

static void
write_cases(struct table *t, const struct verdict *v,
	    const struct syscall_name *name, enum abi abi)
{
	if (v->more || !v->cases.n) {
		buf_printf(t->buf, " on arguments, with too many actions to "
				   "list");
		return;
	}
	buf_printf(t->buf, "<ul>");
	for (size_t i = 0; i < v->cases.n; i++) {
		const struct verdict_case *c = &v->cases.v[i];

		buf_printf(t->buf, "<li>");
		verdict_badge(t->buf, c->action);
		if (t->words < REPORT_WORDS)
			write_where(t, c, name, abi);
		else
			buf_printf(t->buf, " on some arguments");
		buf_printf(t->buf, "</li>");
	}
	buf_printf(t->buf, "</ul>");
}

static void
write_label(struct table *t, const struct verdict *v)
{
	if (v->plain)
		verdict_badge(t->buf, v->action);
	else
		buf_printf(t->buf, "<b class=\"v depends\">depends</b>");
}

static void
write_cell(struct table *t, size_t i, enum abi abi)
{
	const struct syscall_name *name = &syscall_names[i];
	size_t which = t->all->by_name[abi][i];
	const struct verdict *v;

	if (!which) {
		buf_printf(t->buf, "<td class=\"none\">none</td>");
		return;
	}
	v = &t->all->list.v[which - 1];
	buf_printf(t->buf, "<td><span class=\"n\">%" PRId32 "</span> ",
		   name->number[abi]);
	write_label(t, v);
	if (name->since[abi])
		buf_printf(t->buf, " <span class=\"since\">%u.%u</span>",
			   name->since[abi] >> 8, name->since[abi] & 0xff);
	if (!v->plain)
		write_cases(t, v, name, abi);
	buf_printf(t->buf, "</td>");
}

/* Whether some ABI has other than the default, with no rule: ENOSYS. */
static bool
is_newer(const struct table *t, size_t i)
{
	for (size_t abi = 0; abi < ABI_COUNT; abi++) {
		size_t which =
			t->all->by_name[abi] ? t->all->by_name[abi][i] : 0;
		const struct verdict *v =
			which ? &t->all->list.v[which - 1] : NULL;

		if (v && v->plain &&
		    v->action != t->all->c->ruleset->default_action)
			return true;
	}
	return false;
}

static void
write_places(struct table *t, size_t i)
{
	const struct place_list *list = &t->places->by_name[i];
	enum { SHOWN = 8 };

	buf_printf(t->buf, "<td>");
	for (size_t j = 0; j < list->n && j < SHOWN; j++) {
		buf_printf(t->buf, "%s", j ? ", " : "");
		source_link(t->buf, t->lines, t->id, list->v[j]->offset);
	}
	if (list->n > SHOWN)
		buf_printf(t->buf, " and more");
	if (!list->n && is_newer(t, i))
		buf_printf(t->buf, "no rule; newer than the profile");
	else if (!list->n) {
		buf_printf(t->buf, "default, ");
		source_link(t->buf, t->lines, t->id,
			    t->all->c->profile->default_where->offset);
	}
	buf_printf(t->buf, "</td>");
}

static void
write_row(struct table *t, size_t i)
{
	bool any = false;

	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		any |= t->all->by_name[abi] && t->all->by_name[abi][i];
	if (!any)
		return;
	buf_printf(t->buf, "<tr><th scope=\"row\">%s</th>",
		   syscall_names[i].name);
	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		if (t->all->by_name[abi])
			write_cell(t, i, (enum abi)abi);
	write_places(t, i);
	buf_printf(t->buf, "</tr>\n");
}

static void
write_tools(struct table *t)
{
	/* The script shows them: without it they would do nothing. */
	buf_printf(t->buf,
		   "<div class=\"tools\" role=\"search\" "
		   "aria-label=\"Verdicts\" hidden>\n"
		   "<label for=\"p%zu-search\">Search "
		   "<input id=\"p%zu-search\" type=\"search\" "
		   "autocomplete=\"off\" spellcheck=\"false\" "
		   "placeholder=\"name, number, action, condition\"></label>\n"
		   "<label for=\"p%zu-kind\">Show "
		   "<select id=\"p%zu-kind\"><option value=\"\">all"
		   "</option><option value=\"allow\">allowed</option>"
		   "<option value=\"depends\">depends on arguments</option>"
		   "<option value=\"errno kill\">refused</option>"
		   "<option value=\"log ask\">logged, traced, notified"
		   "</option><option value=\"differ\">ABIs differ</option>"
		   "</select></label>\n"
		   "<p role=\"status\" aria-live=\"polite\"></p>\n</div>\n",
		   t->id, t->id, t->id, t->id);
}

static void
write_table(struct table *t)
{
	buf_printf(t->buf,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"p%zu-verdicts-caption\">\n"
		   "<table class=\"verdicts\">\n"
		   "<caption id=\"p%zu-verdicts-caption\">Every syscall and "
		   "what it gets, with its number before it and the first "
		   "kernel that had it behind it</caption>\n"
		   "<thead><tr><th scope=\"col\">Syscall</th>",
		   t->id, t->id);
	for (size_t abi = 0; abi < ABI_COUNT; abi++)
		if (t->all->by_name[abi])
			buf_printf(t->buf,
				   "<th scope=\"col\" class=\"abi\">%s</th>",
				   arch_table[abi]->name);
	buf_printf(t->buf,
		   "<th scope=\"col\">Decided by</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < syscall_name_count; i++)
		write_row(t, i);
	buf_printf(t->buf, "</tbody>\n</table>\n</div>\n");
}

static void
write_number(struct buf *buf, uint32_t n)
{
	buf_printf(buf, n < 65536 ? "%" PRIu32 : "0x%" PRIx32, n);
}

static void
write_gaps(struct table *t)
{
	buf_printf(t->buf,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"p%zu-gaps-caption\">\n"
		   "<table class=\"gaps\">\n<caption id=\"p%zu-gaps-caption\">"
		   "Everything else: numbers without a name, as calls "
		   "have them, and other architectures</caption>\n<thead><tr>"
		   "<th scope=\"col\">ABI</th><th scope=\"col\">Numbers</th>"
		   "<th scope=\"col\">Verdict</th></tr></thead>\n<tbody>\n",
		   t->id, t->id);
	for (size_t i = 0; i < t->all->gaps.n; i++) {
		const struct verdict_gap *gap = &t->all->gaps.v[i];

		buf_printf(t->buf, "<tr><th scope=\"row\">%s</th><td>",
			   arch_table[gap->abi]->name);
		write_number(t->buf, gap->first);
		if (gap->last != gap->first) {
			buf_printf(t->buf, "–");
			write_number(t->buf, gap->last);
		}
		buf_printf(t->buf, "</td><td>");
		write_label(t, &t->all->list.v[gap->verdict]);
		if (!t->all->list.v[gap->verdict].plain)
			write_cases(t, &t->all->list.v[gap->verdict], NULL,
				    gap->abi);
		buf_printf(t->buf, "</td></tr>\n");
	}
	buf_printf(t->buf, "<tr><th scope=\"row\">any other</th>"
			   "<td>all</td><td>");
	verdict_badge(t->buf, t->all->c->decisions->foreign_action);
	buf_printf(t->buf, "</td></tr>\n</tbody>\n</table>\n</div>\n");
}

void
verdict_write(struct buf *buf, const struct verdicts *all,
	      const struct source_lines *lines, size_t id)
{
	struct places places = { 0 };
	struct table t = { buf, all, lines, &places, id, 0 };

	places_find(&places, buf->arena, all->c->ruleset);
	buf_printf(buf,
		   "<section class=\"verdict\" aria-labelledby=\""
		   "p%zu-verdicts\">\n<h3 id=\"p%zu-verdicts\">Verdicts</h3>\n",
		   id, id);
	if (all->end != DD_DONE) {
		buf_printf(buf, "<p>They are too many to tell apart.</p>\n"
				"</section>\n");
		return;
	}
	if (!all->spelled)
		buf_printf(buf, "<p>Conditions are left out: putting them "
				"into words takes too long.</p>\n");
	if (all->by_name[ABI_X32])
		buf_printf(buf, "<p>Numbers of x32 are without bit 30, which "
				"calls have set.</p>\n");
	write_tools(&t);
	write_table(&t);
	write_gaps(&t);
	buf_printf(buf, "</section>\n");
}
