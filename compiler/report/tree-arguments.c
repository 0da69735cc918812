/*
 * Tests on arguments as a tree: a test that several ways lead to is drawn
 * once, and the others refer to it.
 */
#include "report.h"

#include <string.h>

#include "compiler/disasm.h"

struct way {
	uint32_t parent;
	unsigned slot;
	size_t pc;
	uint8_t word;
	uint32_t mask;
	unsigned executed, depth;
};

/* A test that was met, with what was in A. */
struct seen {
	size_t pc;
	uint8_t word;
	uint32_t mask;
	uint32_t node;
};

struct walker {
	struct trees *trees;
	struct tree *tree;
	VEC(struct way) ways;
	VEC(struct seen) seen;
};

/* What all callers call an argument, or NULL. */
static const char *
find_name(const struct tree *tree, unsigned arg)
{
	const char *found = NULL;

	for (size_t i = 0; i < tree->callers.n; i++) {
		const struct tree_caller *caller = &tree->callers.v[i];
		const struct syscall_args *args =
			&syscall_names[caller->name].args[caller->abi];
		const char *name = args->known && arg < args->count
					   ? syscall_arg_name(args, arg)
					   : NULL;

		if (!name || (found && strcmp(found, name) != 0))
			return NULL;
		found = name;
	}
	return found;
}

static void
write_word(struct buf *buf, const struct tree *tree, const struct way *w)
{
	struct facts a = { .word = w->word, .mask = w->mask };
	const char *name = NULL;

	if (w->word >= OFFSET_ARGS && w->word != FACTS_NO_WORD)
		name = find_name(tree, (w->word - OFFSET_ARGS) / 2u);
	if (w->word == FACTS_NO_WORD)
		buf_printf(buf, "A");
	else if (!name)
		disasm_word(buf, &a);
	else
		buf_printf(buf, "%s.%s", name, w->word % 2 ? "high" : "low");
	if (name && w->mask != UINT32_MAX)
		buf_printf(buf, " & 0x%x", w->mask);
}

static const char *
describe(struct walker *walker, const struct way *w)
{
	const struct sock_filter *insn = &walker->trees->code[w->pc];
	struct buf buf = { .arena = walker->trees->arena };
	uint16_t op = BPF_OP(insn->code);
	char operand[24];

	disasm_operand(operand, insn);
	write_word(&buf, walker->tree, w);
	buf_printf(&buf, " %s %s%s",
		   op == BPF_JEQ   ? "="
		   : op == BPF_JGT ? ">"
		   : op == BPF_JGE ? "≥"
				   : "&",
		   operand + (operand[0] == '#'), op == BPF_JSET ? " ≠ 0" : "");
	return buf.data;
}

static const struct seen *
find_seen(const struct walker *walker, const struct way *w)
{
	for (size_t i = 0; i < walker->seen.n; i++) {
		const struct seen *s = &walker->seen.v[i];

		if (s->pc == w->pc && s->word == w->word && s->mask == w->mask)
			return s;
	}
	return NULL;
}

/* Up to a test or a RET. */
static void
advance(const struct walker *walker, struct way *w)
{
	for (;; w->executed++) {
		const struct sock_filter *insn = &walker->trees->code[w->pc];
		struct facts a = { .word = w->word, .mask = w->mask };

		if (insn->code == (BPF_JMP | BPF_JA)) {
			w->pc += 1 + insn->k;
			continue;
		}
		if (BPF_CLASS(insn->code) == BPF_RET ||
		    BPF_CLASS(insn->code) == BPF_JMP)
			return;
		facts_step(&a, insn);
		w->word = a.word;
		w->mask = a.mask;
		w->pc++;
	}
}

static void
add_test(struct walker *walker, const struct way *w, struct tree_node *node,
	 uint32_t index)
{
	const struct sock_filter *insn = &walker->trees->code[w->pc];

	node->kind = TREE_TEST;
	node->yes_first = true;
	node->label = describe(walker, w);
	*vec_push(walker->trees->arena, &walker->seen) =
		(struct seen){ w->pc, w->word, w->mask, index };
	for (unsigned slot = 2; slot-- > 0;) {
		struct way next = *w;

		next.parent = index;
		next.slot = slot;
		next.pc = w->pc + 1 + (slot == 0 ? insn->jt : insn->jf);
		next.depth = w->depth + 1;
		*vec_push(walker->trees->arena, &walker->ways) = next;
	}
}

static void
go(struct walker *walker, struct way *w)
{
	struct tree *tree = walker->tree;
	uint32_t index = (uint32_t)tree->nodes.n;
	struct tree_node *node = vec_push(walker->trees->arena, &tree->nodes);
	const struct sock_filter *insn;
	const struct seen *seen;

	advance(walker, w);
	insn = &walker->trees->code[w->pc];
	seen = find_seen(walker, w);
	*node = (struct tree_node){ .kind = TREE_CUT,
				    .parent = w->parent,
				    .executed = ++w->executed,
				    .depth = w->depth };
	if (index)
		tree->nodes.v[w->parent].sides[w->slot] = index;
	if (insn->code == (BPF_RET | BPF_K)) {
		node->kind = TREE_ACTION;
		node->action = insn->k;
	} else if (seen) {
		node->kind = TREE_SAME;
		node->other = seen->node;
	} else if (tree->nodes.n + walker->ways.n < REPORT_ARGUMENT_NODES &&
		   BPF_CLASS(insn->code) == BPF_JMP) {
		add_test(walker, w, node, index);
	}
	tree->cut |= node->kind == TREE_CUT;
}

void
tree_arguments(struct trees *trees, struct tree *tree)
{
	struct walker walker = { .trees = trees, .tree = tree };
	struct way start = { .pc = tree->pc,
			     .word = tree->word,
			     .mask = tree->mask };

	*vec_push(trees->arena, &walker.ways) = start;
	while (walker.ways.n) {
		struct way w = walker.ways.v[--walker.ways.n];

		go(&walker, &w);
	}
}
