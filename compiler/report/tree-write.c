#include "report.h"

#include <inttypes.h>

void
tree_range(struct buf *buf, const struct tree_node *node)
{
	buf_printf(buf, "%s%" PRIu32, node->partly ? "some of " : "",
		   node->low);
	if (node->high != node->low)
		buf_printf(buf, "–%" PRIu32, node->high);
}

/* By node, the root of the picture that it is in. */
static uint32_t *
find_parts(const struct tree *tree, struct arena *arena)
{
	enum { SMALL = 6 };
	uint32_t *parts =
		arena_alloc(arena, (tree->nodes.n + 1) * sizeof(*parts));

	for (uint32_t i = 1; i < tree->nodes.n; i++) {
		const struct tree_node *node = &tree->nodes.v[i];
		const struct tree_node *parent = &tree->nodes.v[node->parent];
		uint32_t part = parts[node->parent];
		bool fits = node->leaves <= REPORT_PART &&
			    tree->nodes.v[part].leaves > REPORT_PART &&
			    node->leaves >= SMALL;
		bool deep = parent->depth - tree->nodes.v[part].depth >=
			    REPORT_PART_DEPTH;

		parts[i] = node->kind == TREE_TEST && (fits || deep) ? i : part;
	}
	return parts;
}

static void
write_part(struct buf *buf, const struct tree *tree, uint32_t root,
	   const uint32_t *parts, size_t id)
{
	const struct tree_node *node = &tree->nodes.v[root];
	const char *abi = arch_table[tree->abi]->name;
	struct buf what = { .arena = buf->arena };
	const char *name =
		arena_printf(buf->arena, "p%zu-%s-%" PRIu32, id, abi, root);

	buf_printf(&what, "%s, numbers ", abi);
	tree_range(&what, node);
	if (root) {
		buf_printf(buf, "<details>\n<summary>Numbers ");
		tree_range(buf, node);
		if (node->name_count)
			buf_printf(
				buf, ": %s to %s",
				syscall_names[node->names[0]].name,
				syscall_names[node->names[node->name_count - 1]]
					.name);
		buf_printf(buf, "</summary>\n");
	}
	tree_draw(buf, tree, root, parts, name, what.data);
	if (root)
		buf_printf(buf, "</details>\n");
}

static void
write_names(struct buf *buf, const struct tree_node *node)
{
	for (size_t i = 0; i < node->name_count; i++)
		buf_printf(buf, "%s%s", i ? ", " : "",
			   syscall_names[node->names[i]].name);
}

static void
write_leaf(struct buf *buf, const struct tree_node *node, size_t id)
{
	buf_printf(buf, "<tr><td>");
	if (node->kind == TREE_ACTION)
		verdict_badge(buf, node->action);
	else if (node->kind == TREE_ARGUMENTS &&
		 node->other < REPORT_ARGUMENT_TREES)
		buf_printf(buf,
			   "<a href=\"#p%zu-args%" PRIu32 "\">arguments "
			   "%" PRIu32 "</a>",
			   id, node->other + 1, node->other + 1);
	else
		buf_printf(buf, "not drawn");
	buf_printf(buf, "</td><td>");
	tree_range(buf, node);
	buf_printf(buf, "</td><td>");
	write_names(buf, node);
	buf_printf(buf, "</td><td class=\"num\">");
	if (node->kind == TREE_ACTION)
		buf_printf(buf, "%u", node->executed);
	buf_printf(buf, "</td></tr>\n");
}

/* The same as the pictures, for whoever does not see them. */
static void
write_table(struct buf *buf, const struct tree *tree, size_t id)
{
	const char *abi = arch_table[tree->abi]->name;

	buf_printf(buf,
		   "<details>\n<summary>The same as a table</summary>\n"
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
		   "aria-labelledby=\"p%zu-%s-caption\">\n"
		   "<table class=\"ranges\">\n<caption id=\"p%zu-%s-caption\">"
		   "Where calls of %s come to, and after how many "
		   "instructions</caption>\n<thead><tr>"
		   "<th scope=\"col\">Verdict</th>"
		   "<th scope=\"col\">Numbers</th>"
		   "<th scope=\"col\">Syscalls</th>"
		   "<th scope=\"col\">Instructions</th></tr></thead>\n"
		   "<tbody>\n",
		   id, abi, id, abi, abi);
	for (size_t i = 0; i < tree->nodes.n; i++)
		if (tree->nodes.v[i].kind != TREE_TEST)
			write_leaf(buf, &tree->nodes.v[i], id);
	buf_printf(buf, "</tbody>\n</table>\n</div>\n</details>\n");
}

static void
write_numbers(struct buf *buf, const struct tree *tree, size_t id)
{
	uint32_t *parts = find_parts(tree, buf->arena);
	const char *abi = arch_table[tree->abi]->name;

	buf_printf(buf, "<h4 id=\"p%zu-tree-%s\">%s: %zu leaves</h4>\n", id,
		   abi, abi, tree->nodes.v[0].leaves);
	for (uint32_t i = 0; i < tree->nodes.n; i++)
		if (parts[i] == i)
			write_part(buf, tree, i, parts, id);
	write_table(buf, tree, id);
}

/* What a side of a test on arguments leads to. */
static void
write_side(struct buf *buf, const struct tree *tree, uint32_t side)
{
	const struct tree_node *node = &tree->nodes.v[side];

	if (node->kind == TREE_SAME)
		node = &tree->nodes.v[node->other];
	if (node->kind == TREE_ACTION)
		verdict_badge(buf, node->action);
	else if (node->kind == TREE_TEST)
		buf_printf(buf, "test %" PRIu32, node->ordinal);
	else
		buf_printf(buf, "more, not drawn");
}

static void
write_list(struct buf *buf, const struct tree *tree)
{
	buf_printf(buf, "<details>\n<summary>The same as a list</summary>\n"
			"<ol>\n");
	for (size_t i = 0; i < tree->nodes.n; i++) {
		const struct tree_node *node = &tree->nodes.v[i];

		if (node->kind != TREE_TEST)
			continue;
		buf_printf(buf, "<li><code>");
		html_text(buf, node->label);
		buf_printf(buf, "</code>? Yes: ");
		write_side(buf, tree, node->sides[0]);
		buf_printf(buf, ", no: ");
		write_side(buf, tree, node->sides[1]);
		buf_printf(buf, "</li>\n");
	}
	buf_printf(buf, "</ol>\n</details>\n");
}

/* "x86_64 clone, i386 clone" */
static void
write_callers(struct buf *buf, const struct tree *tree)
{
	enum { SHOWN = 12 };

	for (size_t i = 0; i < tree->callers.n && i < SHOWN; i++)
		buf_printf(buf, "%s%s %s", i ? ", " : "",
			   arch_table[tree->callers.v[i].abi]->name,
			   syscall_names[tree->callers.v[i].name].name);
	if (tree->callers.n > SHOWN)
		buf_printf(buf, " and %zu more", tree->callers.n - SHOWN);
	if (!tree->callers.n)
		buf_printf(buf, "numbers without a name");
}

static void
write_arguments(struct buf *buf, const struct tree *tree, size_t which,
		size_t id)
{
	uint32_t *parts =
		arena_alloc(buf->arena, (tree->nodes.n + 1) * sizeof(*parts));
	const char *name = arena_printf(buf->arena, "p%zu-args%zu", id, which);
	const char *what = arena_printf(buf->arena, "arguments %zu", which);

	buf_printf(buf, "<h4 id=\"%s\">Arguments %zu: ", name, which);
	write_callers(buf, tree);
	buf_printf(buf, "</h4>\n");
	tree_draw(buf, tree, 0, parts, name, what);
	write_list(buf, tree);
}

void
trees_write(struct buf *buf, const struct trees *trees,
	    const struct compilation *c, size_t id)
{
	bool cut = trees->arguments.n > REPORT_ARGUMENT_TREES;

	buf_printf(
		buf,
		"<section aria-labelledby=\"p%zu-tree\">\n"
		"<h3 id=\"p%zu-tree\">Decision tree</h3>\n"
		"<p>How the program finds its answer, ABI by ABI. "
		"<b>≥ 56</b> asks whether the number is 56 or more, "
		"<b>&amp; 0x3</b> whether one of these bits is set. Solid "
		"lines are yes, dashed ones no. The figure behind an "
		"answer is how many instructions ran. Calls through any other "
		"architecture get ",
		id, id);
	verdict_badge(buf, c->decisions->foreign_action);
	buf_printf(buf, ".</p>\n");
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (trees->numbers[i].nodes.n)
			write_numbers(buf, &trees->numbers[i], id);
		cut |= trees->numbers[i].cut;
	}
	if (trees->arguments.n)
		buf_printf(buf, "<p>Tests on arguments compare 32 bits at a "
				"time: .low and .high are the halves.</p>\n");
	for (size_t i = 0; i < trees->arguments.n && i < REPORT_ARGUMENT_TREES;
	     i++) {
		write_arguments(buf, &trees->arguments.v[i], i + 1, id);
		cut |= trees->arguments.v[i].cut;
	}
	if (cut)
		buf_printf(buf, "<p>The program is too large to draw all of "
				"it.</p>\n");
	buf_printf(buf, "</section>\n");
}
