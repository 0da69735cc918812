#include "sim-report.h"

#include <string.h>

/* The listing of a program, cut into lines: one for each instruction. */
static char **
list_lines(struct arena *arena, const struct side *side)
{
	char **lines = arena_alloc(arena, side->count * sizeof(*lines));
	struct buf text = { .arena = arena };
	char *next;

	disasm_write(&text, arena, side->code, side->count);
	next = text.data;
	for (size_t i = 0; i < side->count; i++) {
		lines[i] = next;
		next = strchr(next, '\n');
		*next++ = '\0';
	}
	return lines;
}

void
sim_write_text(struct buf *buf, const struct sim_report *r)
{
	char **lines =
		r->trace ? list_lines(buf->arena, &r->input->side) : NULL;
	char action[32];

	for (size_t i = 0; i < r->calls.n; i++) {
		const struct sim_call *call = &r->calls.v[i];

		action_print(action, call->action);
		call_write(buf, &call->data, call->words);
		buf_printf(buf, ": %s", action);
		if (!r->input->is_program)
			call_write_rule(buf, &r->input->c, &call->data,
					call->action);
		buf_printf(buf, "; %u instruction%s%s\n", call->executed,
			   call->executed == 1 ? "" : "s",
			   call->cached ? ", none where the kernel caches"
					: "");
		for (unsigned j = 0; lines && j < call->executed; j++)
			buf_printf(buf, "  %s\n", lines[call->path[j]]);
	}
	for (size_t i = 0; i < r->missing.n; i++)
		buf_printf(buf, "%s\n", r->missing.v[i]);
}

static void
write_call(struct buf *buf, const struct sim_report *r,
	   const struct sim_call *call, char **lines)
{
	struct buf words = { .arena = buf->arena };
	char action[32];

	action_print(action, call->action);
	call_write(&words, &call->data, call->words);
	buf_printf(buf, "    {\"abi\": \"%s\", \"syscall\": ",
		   arch_table[call->abi]->name);
	if (call->name)
		output_quote(buf, call->name->name);
	else
		buf_printf(buf, "null");
	buf_printf(buf, ", \"number\": %u,\n     \"args\": [",
		   (uint32_t)call->data.nr);
	for (size_t i = 0; i < 6; i++)
		buf_printf(buf, "%s\"0x%llx\"", i ? ", " : "",
			   (unsigned long long)call->data.args[i]);
	buf_printf(buf, "],\n     \"call\": ");
	output_quote(buf, words.data);
	buf_printf(buf,
		   ",\n     \"action\": \"%s\", \"value\": %u, "
		   "\"cached\": %s,\n     \"executed\": %u",
		   action, call->action, call->cached ? "true" : "false",
		   call->executed);
	for (unsigned j = 0; r->trace && j < call->executed; j++) {
		buf_printf(buf, "%s{\"instruction\": %u, \"text\": ",
			   j ? ",\n       " : ",\n     \"path\": [\n       ",
			   call->path[j]);
		output_quote(buf, lines[call->path[j]]);
		buf_printf(buf, "}");
	}
	buf_printf(buf, r->trace ? "]}" : "}");
}

void
sim_write_json(struct buf *buf, const struct sim_report *r)
{
	char **lines =
		r->trace ? list_lines(buf->arena, &r->input->side) : NULL;

	buf_printf(buf, "{\n  \"file\": ");
	output_quote(buf, r->input->name);
	buf_printf(buf, ",\n  \"calls\": [");
	for (size_t i = 0; i < r->calls.n; i++) {
		buf_printf(buf, i ? ",\n" : "\n");
		write_call(buf, r, &r->calls.v[i], lines);
	}
	buf_printf(buf, "\n  ],\n  \"missing\": [");
	for (size_t i = 0; i < r->missing.n; i++) {
		buf_printf(buf, i ? ", " : "");
		output_quote(buf, r->missing.v[i]);
	}
	buf_printf(buf, "]\n}\n");
}
