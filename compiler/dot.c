/*
 * A program as a picture for Graphviz.
 *
 * A node is a test, with the loads and masks before it in its words, as far
 * as it is the same word whichever way leads there.  Each edge to a RET has a
 * leaf of its own, so that no line crosses the picture to a shared one.
 * Nodes for calls of one audit arch lie in one box.
 *
 *	 7  ld   [20]             args[0].high == 0 ── yes ──> args[0].low == 0
 *	 8  jeq  #0, next, L5                       ┄┄ no ┄┄┄> ERRNO(EPERM)
 *	 9  ld   [16]
 *	10  jeq  #0, next, L5
 */
#include "compiler.h"

#include "disasm.h"

/* The word in A, whichever bits of it are left on which way. */
struct held {
	uint8_t word;  /* FACTS_NO_WORD: not one */
	uint32_t lost; /* bits that are not left on some way */
	bool reached;
};

#define MANY_BOXES UINT32_MAX

struct picture {
	struct buf *buf;
	const struct sock_filter *code;
	size_t count;
	struct facts *facts;
	struct held *held;
	uint32_t *boxes; /* by instruction: the ABIs whose box it is in, or 0 */
	size_t *shown; /* by instruction: the node that a jump there leads to */
	bool *drawn;   /* nodes that the first one leads to, but leaves */
	struct buf label; /* of the node that is being written */
};

static bool
is_return(const struct sock_filter *insn)
{
	return BPF_CLASS(insn->code) == BPF_RET;
}

/* Whether a node's words say what A is, so that loading it needs no node. */
static bool
says_word(const struct picture *p, size_t pc)
{
	const struct sock_filter *insn = &p->code[pc];

	if (insn->code == (BPF_RET | BPF_K))
		return true;
	return bpf_op(insn->code)->branch && BPF_SRC(insn->code) == BPF_K &&
	       p->facts[pc].reached && p->facts[pc].word != FACTS_NO_WORD;
}

static void
find_shown(struct picture *p)
{
	for (size_t pc = p->count; pc-- > 0;) {
		const struct sock_filter *insn = &p->code[pc];

		p->shown[pc] = pc;
		if (insn->code == (BPF_JMP | BPF_JA))
			p->shown[pc] = p->shown[pc + 1 + insn->k];
		if ((insn->code == (BPF_LD | BPF_W | BPF_ABS) ||
		     insn->code == (BPF_ALU | BPF_AND | BPF_K)) &&
		    says_word(p, p->shown[pc + 1]))
			p->shown[pc] = p->shown[pc + 1];
	}
}

/* What follows a node on one side; all but tests have one side. */
static size_t
next(const struct picture *p, size_t pc, bool yes)
{
	const struct sock_filter *insn = &p->code[pc];

	if (!bpf_op(insn->code)->branch)
		return p->shown[pc + 1];
	return p->shown[pc + 1 + (yes ? insn->jt : insn->jf)];
}

static void
join_held(struct held *to, const struct held *from)
{
	if (to->reached && to->word != from->word)
		to->word = FACTS_NO_WORD;
	if (!to->reached)
		*to = *from;
	to->lost |= from->lost;
}

/* What A is before each instruction, as facts.c knows it of one mask. */
static void
find_held(struct picture *p)
{
	p->held[0] = (struct held){ FACTS_NO_WORD, 0, true };
	for (size_t pc = 0; pc < p->count; pc++) {
		const struct sock_filter *insn = &p->code[pc];
		const struct bpf_op *op = bpf_op(insn->code);
		struct facts a = { .word = p->held[pc].word,
				   .mask = ~p->held[pc].lost };
		struct held after;

		if (!p->held[pc].reached || is_return(insn))
			continue;
		facts_step(&a, insn);
		after = (struct held){ a.word, ~a.mask, true };
		if (op->operand == OPERAND_TARGET)
			join_held(&p->held[pc + 1 + insn->k], &after);
		else
			join_held(
				&p->held[pc + 1 + (op->branch ? insn->jt : 0)],
				&after);
		if (op->branch)
			join_held(&p->held[pc + 1 + insn->jf], &after);
	}
}

static void
find_drawn(struct picture *p)
{
	p->drawn[p->shown[0]] = true;
	for (size_t pc = 0; pc < p->count; pc++) {
		if (is_return(&p->code[pc]))
			p->drawn[pc] = false;
		if (!p->drawn[pc])
			continue;
		p->drawn[next(p, pc, true)] = true;
		p->drawn[next(p, pc, false)] = true;
	}
}

/*
 * What the test of A is about, where A is the number with or without the bits
 * that tell ABIs apart: x32 goes on in the tree of x86_64.
 */
static void
describe_number(struct picture *p, size_t pc)
{
	struct facts f = p->facts[pc];
	const struct held *held = &p->held[pc];
	uint32_t bits = 0;

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (f.abis & 1u << i)
			bits |= facts_abi_bits((enum abi)i);
	if (!f.reached || held->word != OFFSET_NR || held->lost & ~bits)
		return;
	f.word = OFFSET_NR;
	f.mask = UINT32_MAX;
	disasm_constant(&p->label, &f, &p->code[pc]);
}

/* "nr >= 135", and the syscalls or the argument that this is about. */
static void
describe_test(struct picture *p, size_t pc)
{
	static const char *const signs[] = { "==", ">", ">=", "&" };
	const struct sock_filter *insn = &p->code[pc];
	const struct facts *f = &p->facts[pc];
	uint16_t op = BPF_OP(insn->code);
	char operand[24];
	size_t end;

	disasm_operand(operand, insn);
	if (says_word(p, pc))
		disasm_word(&p->label, f);
	else
		buf_printf(&p->label, "A");
	buf_printf(&p->label, " %s %s%s",
		   signs[op == BPF_JEQ	 ? 0
			 : op == BPF_JGT ? 1
			 : op == BPF_JGE ? 2
					 : 3],
		   operand + (operand[0] == '#'),
		   op == BPF_JSET ? " != 0" : "");
	buf_append(&p->label, "\n", 1);
	end = p->label.len;
	if (!says_word(p, pc))
		describe_number(p, pc);
	else if (!disasm_constant(&p->label, f, insn))
		disasm_arg_name(&p->label, f, "");
	if (p->label.len == end)
		p->label.data[--p->label.len] = '\0';
}

static void
describe_node(struct picture *p, size_t pc)
{
	const struct sock_filter *insn = &p->code[pc];
	struct facts after = p->facts[pc];
	char operand[24];

	if (bpf_op(insn->code)->branch) {
		describe_test(p, pc);
		return;
	}
	disasm_operand(operand, insn);
	buf_printf(&p->label, "%s%s%s", bpf_op(insn->code)->mnemonic,
		   *operand ? " " : "", operand);
	if (bpf_op(insn->code)->operand != OPERAND_WORD)
		return;
	facts_step(&after, insn);
	buf_append(&p->label, "\n", 1);
	disasm_word(&p->label, &after);
}

/* Nothing in a label needs it today; a name that does breaks no picture. */
static void
write_label(struct picture *p)
{
	buf_printf(p->buf, "[label=\"");
	for (size_t i = 0; i < p->label.len; i++) {
		char c = p->label.data[i];

		if (c == '\n')
			buf_printf(p->buf, "\\n");
		else
			buf_printf(p->buf,
				   c == '"' || c == '\\' ? "\\%c" : "%c", c);
	}
	buf_append(p->buf, "\"", 1);
	p->label.len = 0;
}

/* How a leaf looks, told apart by shape as well. */
static const char *
leaf_style(const struct sock_filter *insn)
{
	const struct action_info *info = action_info(insn->k);

	if (BPF_RVAL(insn->code) != BPF_K)
		return "shape=diamond, fillcolor=\"#e0e0e0\"";
	switch (info ? info->value : SECCOMP_RET_KILL_PROCESS) {
	case SECCOMP_RET_ALLOW:
		return "style=\"rounded,filled\", fillcolor=\"#c8e6c9\"";
	case SECCOMP_RET_LOG:
		return "style=\"rounded,filled\", fillcolor=\"#f0f4c3\"";
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return "shape=hexagon, fillcolor=\"#bbdefb\"";
	case SECCOMP_RET_ERRNO:
		return "fillcolor=\"#ffe0b2\"";
	case SECCOMP_RET_TRAP:
		return "shape=octagon, fillcolor=\"#ffccbc\"";
	default:
		return "shape=octagon, fillcolor=\"#ef9a9a\"";
	}
}

static void
write_leaf(struct picture *p, size_t pc)
{
	const struct sock_filter *insn = &p->code[pc];
	char action[32] = "A";

	if (BPF_RVAL(insn->code) == BPF_K)
		action_print(action, insn->k);
	buf_printf(&p->label, "%s", action);
	write_label(p);
	buf_printf(p->buf, ", %s];\n",
		   p->facts[pc].reached ? leaf_style(insn)
					: "fillcolor=\"#e0e0e0\"");
}

/* The name of what a side of a node leads to. */
static void
write_name(struct picture *p, size_t pc, bool yes)
{
	size_t to = next(p, pc, yes);

	if (is_return(&p->code[to]))
		buf_printf(p->buf, "i%zu%c", pc, yes ? 'y' : 'n');
	else
		buf_printf(p->buf, "i%zu", to);
}

static void
write_side(struct picture *p, size_t pc, bool yes, const char *indent)
{
	if (!is_return(&p->code[next(p, pc, yes)]))
		return;
	buf_printf(p->buf, "%s", indent);
	write_name(p, pc, yes);
	buf_append(p->buf, " ", 1);
	write_leaf(p, next(p, pc, yes));
}

/* A node and its leaves. */
static void
write_node(struct picture *p, size_t pc, const char *indent)
{
	describe_node(p, pc);
	buf_printf(p->buf, "%si%zu ", indent, pc);
	write_label(p);
	buf_printf(p->buf, "%s];\n",
		   p->facts[pc].reached ? "" : ", fillcolor=\"#e0e0e0\"");
	write_side(p, pc, true, indent);
	if (bpf_op(p->code[pc].code)->branch)
		write_side(p, pc, false, indent);
}

/* The ABIs with an audit token, by the first of them; else 0. */
static uint32_t
abis_from(size_t first)
{
	uint32_t abis = 0;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (arch_table[i]->audit_token !=
		    arch_table[first]->audit_token)
			continue;
		if (i < first)
			return 0;
		abis |= 1u << i;
	}
	return abis;
}

/* Where no ABI has the number, the box is that of all ways to it. */
static void
find_boxes(struct picture *p)
{
	for (size_t pc = 0; pc < p->count; pc++) {
		const struct facts *f = &p->facts[pc];
		uint32_t own = 0, *box = &p->boxes[pc];

		if (!p->drawn[pc])
			continue;
		for (size_t i = 0; i < ABI_COUNT && f->reached; i++)
			if (f->abis && !(f->abis & ~abis_from(i)))
				own = abis_from(i);
		if (own || f->abis || *box == MANY_BOXES)
			*box = own;
		for (int yes = 0; yes < 2; yes++) {
			uint32_t *to = &p->boxes[next(p, pc, yes)];

			*to = *to && *to != *box ? MANY_BOXES
			      : *box		 ? *box
						 : MANY_BOXES;
		}
	}
}

static void
write_box(struct picture *p, uint32_t abis)
{
	const char *comma = "";
	bool any = false;

	for (size_t pc = 0; abis && pc < p->count; pc++)
		any |= p->drawn[pc] && p->boxes[pc] == abis;
	if (!any)
		return;
	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(abis & 1u << i))
			continue;
		if (!*comma)
			buf_printf(p->buf,
				   "\tsubgraph cluster_%s {\n\t\tlabel=\"",
				   arch_table[i]->name);
		buf_printf(p->buf, "%s%s", comma, arch_table[i]->name);
		comma = ", ";
	}
	buf_printf(p->buf, "\";\n");
	for (size_t pc = 0; pc < p->count; pc++)
		if (p->drawn[pc] && p->boxes[pc] == abis)
			write_node(p, pc, "\t\t");
	buf_printf(p->buf, "\t}\n");
}

static void
write_nodes(struct picture *p)
{
	for (size_t pc = 0; pc < p->count; pc++) {
		uint32_t box = p->boxes[pc];

		if (p->drawn[pc] && (!box || box == MANY_BOXES))
			write_node(p, pc, "\t");
	}
	for (size_t i = 0; i < ABI_COUNT; i++)
		write_box(p, abis_from(i));
}

static void
write_edges(struct picture *p)
{
	for (size_t pc = 0; pc < p->count; pc++) {
		if (!p->drawn[pc])
			continue;
		buf_printf(p->buf, "\ti%zu -> ", pc);
		write_name(p, pc, true);
		buf_printf(p->buf, ";\n");
		if (!bpf_op(p->code[pc].code)->branch)
			continue;
		buf_printf(p->buf, "\ti%zu -> ", pc);
		write_name(p, pc, false);
		buf_printf(p->buf, " [style=dashed, arrowhead=empty];\n");
	}
}

void
dot_write(struct buf *buf, const struct sock_filter *code, size_t count)
{
	struct arena *arena = buf->arena;
	struct picture p = { .buf = buf, .code = code, .count = count };

	p.label.arena = arena;
	p.facts = arena_alloc(arena, count * sizeof(*p.facts));
	p.shown = arena_alloc(arena, count * sizeof(*p.shown));
	p.drawn = arena_alloc(arena, count * sizeof(*p.drawn));
	p.held = arena_alloc(arena, count * sizeof(*p.held));
	p.boxes = arena_alloc(arena, count * sizeof(*p.boxes));
	facts_find(p.facts, code, count);
	find_held(&p);
	find_shown(&p);
	find_drawn(&p);
	find_boxes(&p);
	buf_printf(
		buf,
		"digraph filter {\n"
		"\tgraph [label=\"solid: yes; dashed: no; A: what was tested "
		"before\", labelloc=t, "
		"fontname=\"sans-serif\", ranksep=0.3, nodesep=0.15];\n"
		"\tnode [shape=box, style=filled, fillcolor=white, "
		"fontname=\"sans-serif\", fontsize=11, height=0.3];\n");
	if (is_return(&code[p.shown[0]])) {
		buf_printf(buf, "\ti%zu ", p.shown[0]);
		write_leaf(&p, p.shown[0]);
	}
	write_nodes(&p);
	write_edges(&p);
	buf_printf(buf, "}\n");
}
