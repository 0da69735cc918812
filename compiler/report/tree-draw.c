/*
 * A tree as SVG: tests from left to right, leaves below each other in a column
 * at the right, so that they can be read as a list.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

enum {
	ROW = 24,   /* from leaf to leaf */
	BOX = 18,   /* height of a test */
	LETTER = 7, /* width of a letter, at most */
	GAP = 30,   /* between a test and the next one */
	MARGIN = 8,
	BADGE = 140, /* width of what a leaf is */
	RANGE = 130,
	NAMES = 300,
	COUNT = 40,
};

struct drawing {
	struct buf *buf;
	const struct tree *tree;
	const uint32_t *parts;
	uint32_t root;
	VEC(uint32_t) shown; /* nodes, parents first */
	int *y;		     /* by node */
	int step, leaves_x, width, height;
	bool numbers;
};

/* Whether a node is drawn, and whether as a leaf. */
static bool
is_shown(const struct drawing *d, uint32_t i)
{
	return d->parts[i] == d->root ||
	       d->parts[d->tree->nodes.v[i].parent] == d->root;
}

static bool
is_leaf(const struct drawing *d, uint32_t i)
{
	return d->tree->nodes.v[i].kind != TREE_TEST || d->parts[i] != d->root;
}

/* Letters of UTF-8, each of which is one column here. */
static int
letters(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static int
box_width(const struct drawing *d, const struct tree_node *node)
{
	return LETTER * (letters(node->label) + (d->numbers ? 0 : 4)) + 10;
}

static int
node_x(const struct drawing *d, uint32_t i)
{
	return MARGIN + (int)(d->tree->nodes.v[i].depth -
			      d->tree->nodes.v[d->root].depth) *
				d->step;
}

static void
lay_out(struct drawing *d)
{
	const struct tree_node *nodes = d->tree->nodes.v;
	unsigned deepest = 0;
	int widest = 0, rows = 0;

	d->y = arena_alloc(d->buf->arena, d->tree->nodes.n * sizeof(*d->y));
	for (uint32_t i = d->root;
	     i < d->tree->nodes.n &&
	     (i == d->root || nodes[i].depth > nodes[d->root].depth);
	     i++) {
		unsigned depth = nodes[i].depth - nodes[d->root].depth + 1;

		if (!is_shown(d, i))
			continue;
		*vec_push(d->buf->arena, &d->shown) = i;
		if (is_leaf(d, i)) {
			d->y[i] = MARGIN + ROW / 2 + ROW * rows++;
			continue;
		}
		deepest = depth > deepest ? depth : deepest;
		if (box_width(d, &nodes[i]) > widest)
			widest = box_width(d, &nodes[i]);
	}
	for (size_t i = d->shown.n; i-- > 0;) {
		uint32_t n = d->shown.v[i];

		if (!is_leaf(d, n))
			d->y[n] = (d->y[nodes[n].sides[0]] +
				   d->y[nodes[n].sides[1]]) /
				  2;
	}
	d->step = widest + (d->numbers ? GAP : 2 * GAP);
	d->leaves_x = MARGIN + (int)deepest * d->step;
	d->width = d->leaves_x + BADGE + COUNT +
		   (d->numbers ? RANGE + NAMES : 20) + MARGIN;
	d->height = 2 * MARGIN + ROW * rows;
}

static void
draw_edges(const struct drawing *d, uint32_t i)
{
	const struct tree_node *node = &d->tree->nodes.v[i];
	int from = node_x(d, i) + box_width(d, node);
	int middle = node_x(d, i) + d->step - (d->numbers ? GAP / 2 : GAP);

	for (unsigned side = 0; side < 2; side++) {
		uint32_t to = node->sides[side];
		bool yes = (side == 0) == node->yes_first;

		buf_printf(d->buf, "<path class=\"%s\" d=\"M%d %dH%dV%dH%d\"/>",
			   yes ? "yes" : "no", from, d->y[i], middle, d->y[to],
			   is_leaf(d, to) ? d->leaves_x : node_x(d, to));
		if (!d->numbers)
			buf_printf(d->buf,
				   "<text class=\"side\" x=\"%d\" y=\"%d\">%s"
				   "</text>",
				   middle + 2, d->y[to] - 3,
				   yes ? "yes" : "no");
	}
}

static void
draw_test(const struct drawing *d, uint32_t i)
{
	const struct tree_node *node = &d->tree->nodes.v[i];

	buf_printf(d->buf, "<g>");
	if (node->about) {
		buf_printf(d->buf, "<title>");
		html_text(d->buf, node->about);
		buf_printf(d->buf, "</title>");
	}
	buf_printf(d->buf,
		   "<rect class=\"test\" x=\"%d\" y=\"%d\" width=\"%d\" "
		   "height=\"%d\" rx=\"4\"/><text x=\"%d\" y=\"%d\">",
		   node_x(d, i), d->y[i] - BOX / 2, box_width(d, node), BOX,
		   node_x(d, i) + 5, d->y[i] + 4);
	if (!d->numbers)
		buf_printf(d->buf,
			   "<tspan class=\"ordinal\">%" PRIu32 "</tspan> ",
			   node->ordinal);
	html_text(d->buf, node->label);
	buf_printf(d->buf, "</text></g>\n");
}

static void
draw_names(const struct drawing *d, const struct tree_node *node, int y)
{
	int x = d->leaves_x + BADGE + COUNT;

	buf_printf(d->buf, "<text x=\"%d\" y=\"%d\">", x, y);
	tree_range(d->buf, node);
	buf_printf(d->buf, "</text><text class=\"names\" x=\"%d\" y=\"%d\">",
		   x + RANGE, y);
	if (node->name_count)
		buf_printf(d->buf, "%s", syscall_names[node->names[0]].name);
	else
		buf_printf(d->buf, "no known syscall");
	if (node->name_count > 1)
		buf_printf(
			d->buf, "%s %s", node->name_count > 2 ? " …" : ",",
			syscall_names[node->names[node->name_count - 1]].name);
	if (node->name_count > 2)
		buf_printf(d->buf, " (%zu)", node->name_count);
	buf_printf(d->buf, "</text>");
}

static void
draw_leaf(const struct drawing *d, uint32_t i)
{
	const struct tree_node *node = &d->tree->nodes.v[i];
	bool action = node->kind == TREE_ACTION;
	int y = d->y[i] + 4;
	char name[32];

	buf_printf(d->buf,
		   "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" "
		   "height=\"%d\" rx=\"%d\"/><text class=\"leaf\" x=\"%d\" "
		   "y=\"%d\">",
		   action			  ? verdict_kind(node->action)
		   : node->kind == TREE_ARGUMENTS ? "depends"
						  : "test",
		   d->leaves_x, d->y[i] - BOX / 2, BADGE - 12, BOX,
		   node->kind == TREE_TEST ? 0 : 9, d->leaves_x + 8, y);
	if (action) {
		action_print(name, node->action);
		buf_printf(d->buf, "%s", name);
	} else if (node->kind == TREE_ARGUMENTS) {
		buf_printf(d->buf, "arguments %" PRIu32, node->other + 1);
	} else if (node->kind == TREE_SAME) {
		buf_printf(d->buf, "→ test %" PRIu32,
			   d->tree->nodes.v[node->other].ordinal);
	} else if (node->kind == TREE_TEST) {
		buf_printf(d->buf, "%zu ranges, below", node->leaves);
	} else {
		buf_printf(d->buf, "not drawn");
	}
	buf_printf(d->buf, "</text>");
	if (d->numbers)
		draw_names(d, node, y);
	if (node->kind == TREE_ACTION && d->numbers)
		buf_printf(d->buf,
			   "<text class=\"count\" x=\"%d\" y=\"%d\">%u"
			   "</text>",
			   d->leaves_x + BADGE + COUNT - 16, y, node->executed);
	buf_printf(d->buf, "\n");
}

void
tree_draw(struct buf *buf, const struct tree *tree, uint32_t root,
	  const uint32_t *parts, const char *name, const char *what)
{
	struct drawing d = { .buf = buf,
			     .tree = tree,
			     .parts = parts,
			     .root = root,
			     .numbers = tree->abi != ABI_COUNT };

	lay_out(&d);
	buf_printf(buf,
		   "<div class=\"scroll tree\" tabindex=\"0\" role=\"region\" "
		   "aria-label=\"Picture: %s\">\n"
		   "<svg role=\"img\" width=\"%d\" height=\"%d\" "
		   "viewBox=\"0 0 %d %d\" aria-labelledby=\"%s-t %s-d\">\n"
		   "<title id=\"%s-t\">%s</title>\n<desc id=\"%s-d\">A tree "
		   "of %s with %zu leaves; the %s below it says the same."
		   "</desc>\n",
		   what, d.width, d.height, d.width, d.height, name, name, name,
		   what, name,
		   d.numbers ? "tests on syscall numbers"
			     : "tests on arguments",
		   tree->nodes.v[root].leaves, d.numbers ? "table" : "list");
	for (size_t i = 0; i < d.shown.n; i++)
		if (!is_leaf(&d, d.shown.v[i]))
			draw_edges(&d, d.shown.v[i]);
	for (size_t i = 0; i < d.shown.n; i++)
		if (is_leaf(&d, d.shown.v[i]))
			draw_leaf(&d, d.shown.v[i]);
		else
			draw_test(&d, d.shown.v[i]);
	buf_printf(buf, "</svg>\n</div>\n");
}
