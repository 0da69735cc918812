/*
 * The tests that calls of one ABI come to, as a tree.
 *
 * A way through the program knows which numbers take it: a range, and which
 * syscalls of the tables.  What these decide is no test for them, so that the
 * tests on arch vanish and x32 has a tree of its own where the program goes on
 * in that of x86_64 with a bit masked away.
 *
 *	jge #56 ── no ──> jge #13 ── no ──> 0–12  read … brk    ALLOW
 *	       └─ yes ─> …      └─ yes ─> 13–55 …
 */
#include "report.h"

#include "compiler/facts.h"

/* A way that is still to be gone, with the test it comes from. */
struct way {
	uint32_t parent;
	unsigned slot;
	size_t pc;
	uint8_t word;
	uint32_t mask;
	uint32_t low, high; /* numbers, with the bit of the ABI */
	bool partly;
	const uint16_t *names;
	size_t name_count;
	unsigned executed, depth;
};

struct walker {
	struct trees *trees;
	struct tree *tree;
	const struct arch *arch;
	VEC(struct way) ways;
};

/* How a test cuts the numbers that come to it. */
struct cut {
	bool can[2]; /* be false, be true */
	uint32_t low[2], high[2];
	bool partly[2];
	bool threshold; /* it is one, or one number: at */
	uint32_t at;
};

static bool
holds(const struct sock_filter *insn, uint32_t a)
{
	switch (BPF_OP(insn->code)) {
	case BPF_JEQ:
		return a == insn->k;
	case BPF_JGT:
		return a > insn->k;
	case BPF_JGE:
		return a >= insn->k;
	default:
		return a & insn->k;
	}
}

/* Tests whose answers lie scattered: looked at one by one if few. */
static void
cut_scattered(struct cut *cut, const struct way *w,
	      const struct sock_filter *insn)
{
	enum { FEW = 4096 };

	for (int side = 0; side < 2; side++) {
		cut->can[side] = w->high - w->low >= FEW;
		cut->low[side] = w->low;
		cut->high[side] = w->high;
		cut->partly[side] = true;
	}
	for (uint64_t n = w->low; w->high - w->low < FEW && n <= w->high; n++)
		cut->can[holds(insn, (uint32_t)n & w->mask)] = true;
}

static void
cut_all(struct cut *cut, const struct way *w, bool answer)
{
	cut->can[answer] = true;
	cut->low[answer] = w->low;
	cut->high[answer] = w->high;
	cut->partly[answer] = w->partly;
}

/* at is the first number where "at or more" holds, or the only one. */
static void
cut_at(struct cut *cut, const struct way *w, uint32_t at, bool equal)
{
	cut->threshold = true;
	cut->at = at;
	cut->can[0] = cut->can[1] = true;
	cut->low[0] = w->low;
	cut->high[0] = at - 1;
	cut->low[1] = at;
	cut->high[1] = equal ? at : w->high;
	cut->partly[0] = w->partly;
	cut->partly[1] = w->partly && !equal;
	if (!equal)
		return;
	if (at == w->low)
		cut->low[0] = at + 1;
	if (at != w->high)
		cut->high[0] = w->high;
	if (at != w->low && at != w->high)
		cut->partly[0] = true;
}

static void
cut_numbers(struct cut *cut, const struct way *w,
	    const struct sock_filter *insn)
{
	uint32_t differ = w->low ^ w->high;
	uint32_t vary = differ ? UINT32_MAX >> __builtin_clz(differ) : 0;
	uint32_t first = w->low & w->mask, last = w->high & w->mask;
	bool equal = BPF_OP(insn->code) == BPF_JEQ;
	uint64_t k = (uint64_t)insn->k + (BPF_OP(insn->code) == BPF_JGT);

	*cut = (struct cut){ 0 };
	if (first == last && (w->mask & vary) == vary)
		cut_all(cut, w, holds(insn, first));
	else if (BPF_OP(insn->code) == BPF_JSET && !(insn->k & vary & w->mask))
		cut_all(cut, w, holds(insn, first));
	else if (BPF_OP(insn->code) == BPF_JSET || (w->mask & vary) != vary)
		cut_scattered(cut, w, insn);
	else if (k > last || (equal && k < first))
		cut_all(cut, w, false);
	else if (!equal && k <= first)
		cut_all(cut, w, true);
	else
		cut_at(cut, w, w->low + (uint32_t)(k - first), equal);
}

/* The syscalls for which a test has an answer. */
static void
take_names(struct walker *walker, struct way *to, const struct way *from,
	   const struct sock_filter *insn, bool answer)
{
	uint16_t *names = arena_alloc(walker->trees->arena,
				      (from->name_count + 1) * sizeof(*names));

	to->name_count = 0;
	for (size_t i = 0; i < from->name_count; i++) {
		const struct syscall_name *name =
			&syscall_names[from->names[i]];
		uint32_t nr = (uint32_t)name->number[walker->tree->abi] |
			      walker->arch->number_bit;

		if (holds(insn, nr & from->mask) == answer)
			names[to->name_count++] = from->names[i];
	}
	to->names = names;
}

static const char *
about_number(const struct walker *walker, uint32_t number)
{
	const struct syscall_name *name =
		syscall_find_number(walker->tree->abi, number);

	return name ? name->name : NULL;
}

/* A test that both kinds of numbers come to; the lower ones are drawn first,
 * and one number before all others. */
static void
add_test(struct walker *walker, const struct way *w, const struct cut *cut,
	 struct tree_node *node, uint32_t index)
{
	const struct sock_filter *insn = &walker->trees->code[w->pc];
	bool equal = BPF_OP(insn->code) == BPF_JEQ;
	uint32_t at = cut->at - walker->arch->number_bit;

	node->kind = TREE_TEST;
	node->yes_first = equal;
	if (cut->threshold) {
		node->label = arena_printf(walker->trees->arena, "%s %u",
					   equal ? "=" : "≥", at);
		node->about = about_number(walker, at);
	} else {
		node->label = arena_printf(
			walker->trees->arena,
			w->mask == UINT32_MAX ? "& 0x%x" : "& 0x%x of & 0x%x",
			insn->k, w->mask);
		if (BPF_OP(insn->code) != BPF_JSET)
			node->label = arena_printf(
				walker->trees->arena, "& 0x%x %s %u", w->mask,
				equal				? "="
				: BPF_OP(insn->code) == BPF_JGE ? "≥"
								: ">",
				insn->k);
	}
	for (unsigned slot = 2; slot-- > 0;) {
		bool answer = (slot == 0) == node->yes_first;
		struct way next = *w;

		next.parent = index;
		next.slot = slot;
		next.pc = w->pc + 1 + (answer ? insn->jt : insn->jf);
		next.low = cut->low[answer];
		next.high = cut->high[answer];
		next.partly = cut->partly[answer];
		next.depth = w->depth + 1;
		take_names(walker, &next, w, insn, answer);
		*vec_push(walker->trees->arena, &walker->ways) = next;
	}
}

/* The tests on arguments that begin at a place; which they are. */
static uint32_t
file_arguments(struct walker *walker, const struct way *w)
{
	struct trees *trees = walker->trees;
	struct tree *tree = NULL;

	for (size_t i = 0; i < trees->arguments.n && !tree; i++) {
		struct tree *t = &trees->arguments.v[i];

		if (t->pc == w->pc && t->word == w->word && t->mask == w->mask)
			tree = t;
	}
	if (!tree) {
		tree = vec_push(trees->arena, &trees->arguments);
		tree->abi = ABI_COUNT;
		tree->pc = w->pc;
		tree->word = w->word;
		tree->mask = w->mask;
	}
	for (size_t i = 0; i < w->name_count; i++)
		*vec_push(trees->arena, &tree->callers) =
			(struct tree_caller){ walker->tree->abi, w->names[i] };
	return (uint32_t)(tree - trees->arguments.v);
}

/* Goes on as far as this ABI's calls have one way. */
static bool
advance(struct walker *walker, struct way *w, struct cut *cut)
{
	for (;; w->executed++) {
		const struct sock_filter *insn = &walker->trees->code[w->pc];
		bool test = BPF_CLASS(insn->code) == BPF_JMP &&
			    BPF_OP(insn->code) != BPF_JA;
		struct facts a = { .word = w->word, .mask = w->mask };
		bool answer;

		if (BPF_CLASS(insn->code) == BPF_RET)
			return false;
		if (insn->code == (BPF_JMP | BPF_JA)) {
			w->pc += 1 + insn->k;
			continue;
		}
		if (!test) {
			facts_step(&a, insn);
			w->word = a.word;
			w->mask = a.mask;
			w->pc++;
			continue;
		}
		if (w->word == OFFSET_ARCH) {
			answer = holds(insn,
				       walker->arch->audit_token & w->mask);
		} else if (w->word == OFFSET_NR &&
			   BPF_SRC(insn->code) == BPF_K) {
			cut_numbers(cut, w, insn);
			if (cut->can[0] && cut->can[1])
				return true;
			answer = cut->can[1];
		} else {
			return true;
		}
		w->pc += 1 + (answer ? insn->jt : insn->jf);
	}
}

static void
go(struct walker *walker, struct way *w)
{
	struct tree *tree = walker->tree;
	uint32_t index = (uint32_t)tree->nodes.n;
	struct tree_node *node = vec_push(walker->trees->arena, &tree->nodes);
	struct cut cut;
	bool test = advance(walker, w, &cut);
	const struct sock_filter *insn = &walker->trees->code[w->pc];

	w->executed++;
	*node = (struct tree_node){
		.kind = TREE_CUT,
		.parent = w->parent,
		.low = w->low - walker->arch->number_bit,
		.high = w->high - walker->arch->number_bit,
		.partly = w->partly,
		.names = w->names,
		.name_count = w->name_count,
		.executed = w->executed,
		.depth = w->depth,
	};
	if (index)
		tree->nodes.v[w->parent].sides[w->slot] = index;
	if (!test && insn->code == (BPF_RET | BPF_K)) {
		node->kind = TREE_ACTION;
		node->action = insn->k;
	} else if (test && w->word == OFFSET_NR &&
		   tree->nodes.n + walker->ways.n < REPORT_TREE) {
		add_test(walker, w, &cut, node, index);
	} else if (test && w->word >= OFFSET_ARGS && w->word != FACTS_NO_WORD) {
		node->kind = TREE_ARGUMENTS;
		node->other = file_arguments(walker, w);
	}
	tree->cut |= node->kind == TREE_CUT;
}

static void
find_numbers(struct trees *trees, enum abi abi)
{
	const struct arch *arch = arch_table[abi];
	struct walker walker = { .trees = trees,
				 .tree = &trees->numbers[abi],
				 .arch = arch };
	struct way start = { .word = FACTS_NO_WORD,
			     .low = arch->number_bit,
			     .high = UINT32_MAX,
			     .names = syscall_numbers[abi],
			     .name_count = syscall_number_count[abi] };

	for (size_t i = 0; i < ABI_COUNT; i++)
		if (i != (size_t)abi &&
		    arch_table[i]->audit_token == arch->audit_token)
			start.high = arch->number_bit | 0x3fffffff;
	walker.tree->abi = abi;
	*vec_push(trees->arena, &walker.ways) = start;
	while (walker.ways.n) {
		struct way w = walker.ways.v[--walker.ways.n];

		go(&walker, &w);
	}
}

/* Children come after their parents. */
static void
count_leaves(struct tree *tree)
{
	uint32_t ordinal = 0;

	for (size_t i = tree->nodes.n; i-- > 0;) {
		struct tree_node *node = &tree->nodes.v[i];

		if (node->kind != TREE_TEST)
			node->leaves = 1;
		if (i)
			tree->nodes.v[node->parent].leaves += node->leaves;
	}
	for (size_t i = 0; i < tree->nodes.n; i++)
		if (tree->nodes.v[i].kind == TREE_TEST)
			tree->nodes.v[i].ordinal = ++ordinal;
}

void
trees_find(struct trees *trees, struct arena *arena,
	   const struct compilation *c)
{
	*trees = (struct trees){ .arena = arena,
				 .code = c->program->code.v,
				 .count = c->program->code.n };
	for (size_t i = 0; i < ABI_COUNT; i++) {
		trees->numbers[i].abi = (enum abi)i;
		if (!(c->ruleset->abis >> i & 1))
			continue;
		find_numbers(trees, (enum abi)i);
		count_leaves(&trees->numbers[i]);
	}
	for (size_t i = 0; i < trees->arguments.n && i < REPORT_ARGUMENT_TREES;
	     i++) {
		tree_arguments(trees, &trees->arguments.v[i]);
		count_leaves(&trees->arguments.v[i]);
	}
}
