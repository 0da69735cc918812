#include "compiler.h"

#include <inttypes.h>

static void
dump_action(struct buf *buf, uint32_t action)
{
	char text[32];

	action_print(text, action);
	buf_printf(buf, "%s", text);
}

static void
dump_condition(struct buf *buf, const struct condition *c)
{
	if (c->op == CMP_MASKED_EQ)
		buf_printf(buf, "(arg%d & 0x%" PRIx64 ") == 0x%" PRIx64,
			   c->arg, c->value, c->value2);
	else
		buf_printf(buf, "arg%d %s 0x%" PRIx64, c->arg, cmp_sign(c->op),
			   c->value);
}

static void
dump_rule(struct buf *buf, const struct rule *rule)
{
	buf_printf(buf, "  ");
	dump_action(buf, rule->action);
	for (size_t i = 0; i < rule->conditions.n; i++) {
		buf_printf(buf, i ? " && " : " if ");
		dump_condition(buf, &rule->conditions.v[i]);
	}
	buf_printf(buf, ":");
	for (size_t i = 0; i < rule->names.n; i++) {
		buf_printf(buf, " ");
		diag_write_safe(buf, rule->names.v[i]->string);
	}
	buf_printf(buf, "\n");
}

static void
dump_profile(struct buf *buf, const struct profile *profile)
{
	buf_printf(buf, "default ");
	dump_action(buf, profile->default_action);
	buf_printf(buf, "\n");
	for (size_t i = 0; i < profile->rules.n; i++)
		dump_rule(buf, &profile->rules.v[i]);
}

static void
dump_selection(struct buf *buf, const struct selection *selection)
{
	buf_printf(buf, "abis");
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (selection->abis >> i & 1)
			buf_printf(buf, " %s", arch_table[i]->name);
	buf_printf(buf, "\n");
	for (size_t i = 0; i < selection->rules.n; i++)
		dump_rule(buf, selection->rules.v[i]);
}

static void
dump_ruleset(struct buf *buf, const struct ruleset *ruleset)
{
	for (size_t i = 0; i < ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &ruleset->rules.v[i];

		dump_rule(buf, rule->rule);
		for (size_t j = 0; j < rule->targets.n; j++) {
			const struct target *t = &rule->targets.v[j];

			buf_printf(buf, "    %s", t->name);
			for (size_t abi = 0; abi < ABI_COUNT; abi++) {
				const struct arch *arch = arch_table[abi];

				if (!(ruleset->abis >> abi & 1))
					continue;
				if (t->number[abi] >= 0)
					buf_printf(buf, " %s=%" PRId32,
						   arch->name, t->number[abi]);
				if (t->mux[abi] >= 0)
					buf_printf(
						buf, " %s=%s(%" PRIu32 ")",
						arch->name,
						arch->muxes[t->mux[abi]].name,
						t->mux_call[abi]);
			}
			buf_printf(buf, "\n");
		}
	}
}

static void
dump_test(struct buf *buf, const struct test *test)
{
	buf_printf(buf, test->op == CMP_MASKED_EQ ? "(arg%d%s & " : "arg%d%s",
		   test->arg, test->low ? ".low" : "");
	if (test->op == CMP_MASKED_EQ)
		buf_printf(buf, "0x%" PRIx64 ") == 0x%" PRIx64, test->value,
			   test->value2);
	else
		buf_printf(buf, " %s 0x%" PRIx64, cmp_sign(test->op),
			   test->value);
}

static void
dump_ranges(struct buf *buf, const struct decisions *decisions,
	    const char *prefix)
{
	for (size_t i = 0; i < decisions->spaces.n; i++) {
		const struct number_space *space = &decisions->spaces.v[i];

		buf_printf(buf, "arch 0x%08" PRIx32 "\n", space->audit_token);
		for (size_t j = 0; j < space->ranges.n; j++)
			buf_printf(buf,
				   "  0x%08" PRIx32 "..0x%08" PRIx32
				   " %s%" PRIu32 "\n",
				   space->ranges.v[j].first,
				   space->ranges.v[j].last, prefix,
				   space->ranges.v[j].decision);
	}
	buf_printf(buf, "other archs ");
	dump_action(buf, decisions->foreign_action);
	buf_printf(buf, "\n");
}

static void
dump_decisions(struct buf *buf, const struct decisions *decisions)
{
	for (size_t i = 0; i < decisions->list.n; i++) {
		const struct decision *d = &decisions->list.v[i];

		buf_printf(buf, "d%zu:\n", i);
		for (size_t j = 0; j < d->alternatives.n; j++) {
			const struct alternative *a = &d->alternatives.v[j];

			buf_printf(buf, "  ");
			dump_action(buf, a->action);
			for (size_t k = 0; k < a->count; k++) {
				buf_printf(buf, k ? " && " : " if ");
				dump_test(buf, &a->tests[k]);
			}
			buf_printf(buf, "\n");
		}
		buf_printf(buf, "  else ");
		dump_action(buf, d->otherwise);
		buf_printf(buf, "\n");
	}
	dump_ranges(buf, decisions, "d");
}

static void
dump_nodes(struct buf *buf, const struct graph *graph, bool dispatch)
{
	static const char *const signs[] = { [NODE_EQ] = "==",
					     [NODE_GE] = ">=",
					     [NODE_SET] = "&" };

	for (size_t i = 0; i < graph->nodes.n; i++) {
		const struct node *node = &graph->nodes.v[i];

		if (!dispatch && (node->word == WORD_NUMBER ||
				  node->word == WORD_ARCH) &&
		    node->kind != NODE_RETURN)
			continue;
		buf_printf(buf, "n%zu: ", i);
		if (node->kind == NODE_RETURN) {
			dump_action(buf, node->k);
			buf_printf(buf, "\n");
			continue;
		}
		if (node->word == WORD_NUMBER || node->word == WORD_ARCH)
			buf_printf(buf, node->word == WORD_ARCH ? "arch"
								: "nr");
		else
			buf_printf(buf, "arg%d.%s",
				   (node->word - WORD_ARGS) / 2,
				   (node->word - WORD_ARGS) % 2 ? "high"
								: "low");
		if (node->mask != UINT32_MAX)
			buf_printf(buf, " & 0x%" PRIx32, node->mask);
		if (node->kind == NODE_AND) {
			buf_printf(buf, " : n%" PRIu32 "\n", node->yes);
			continue;
		}
		buf_printf(buf,
			   " %s 0x%" PRIx32 " ? n%" PRIu32 " : n%" PRIu32 "\n",
			   signs[node->kind], node->k, node->yes, node->no);
	}
}

void
dump_pass(struct buf *buf, const struct compilation *c, enum pass pass)
{
	if (pass == PASS_PROFILE && c->profile)
		dump_profile(buf, c->profile);
	else if (pass == PASS_SELECT && c->selection)
		dump_selection(buf, c->selection);
	else if (pass == PASS_RESOLVE && c->ruleset)
		dump_ruleset(buf, c->ruleset);
	else if (pass == PASS_DECIDE && c->decisions)
		dump_decisions(buf, c->decisions);
	else if (pass == PASS_GRAPH && c->ordered) {
		dump_nodes(buf, &c->graph, false);
		dump_ranges(buf, c->ordered, "n");
	} else if (pass == PASS_ORDER && c->ordered) {
		dump_nodes(buf, &c->graph, true);
		buf_printf(buf, "root n%" PRIu32 "\n", c->graph.root);
	} else if (pass == PASS_EMIT && c->program) {
		for (size_t i = 0; i < c->program->code.n; i++) {
			const struct sock_filter *f = &c->program->code.v[i];

			buf_printf(buf, "%zu: 0x%02x %u %u 0x%08" PRIx32 "\n",
				   i, f->code, f->jt, f->jf, f->k);
		}
	}
}
