#include "explain.h"

#include <string.h>

void
explain_call(struct buf *buf, const struct trace *trace, const char *name)
{
	uint32_t number = trace->request.number;
	bool known = trace->abi != ABI_COUNT;

	if (!known)
		buf_printf(buf, "arch 0x%x ", trace->request.arch);
	else
		buf_printf(buf, "%s ", arch_table[trace->abi]->name);
	if (trace->name)
		name = trace->name->name;
	if (name && *name)
		buf_printf(buf, number < 65536 ? "%s (%u)" : "%s (0x%x)", name,
			   number);
	else
		buf_printf(buf, number < 65536 ? "number %u" : "number 0x%x",
			   number);
}

void
explain_condition(struct buf *buf, const struct trace *trace,
		  const struct conjunction *where)
{
	struct conjunction shown = *where;

	shown.narrow = trace->abi != ABI_COUNT &&
		       arch_table[trace->abi]->args == ARGS_LOW;
	express_write(buf, &shown,
		      trace->name ? &trace->name->args[trace->abi] : NULL);
}

void
explain_when(struct buf *buf, const struct trace *trace, size_t index)
{
	const struct trace_case *c = &trace->cases.v[index];
	bool is_rest = c->why == TRACE_NOT_HELD && index > 0;

	if (c->always)
		return;
	if (c->more || (is_rest && c->where.n > 3)) {
		buf_printf(buf, is_rest ? " otherwise" : " on some arguments");
		return;
	}
	for (size_t i = 0; i < c->where.n; i++) {
		buf_printf(buf, i ? " or " : " when ");
		explain_condition(buf, trace, &c->where.v[i]);
	}
}

const struct json *
explain_where(const struct explanation *e, const struct trace_case *c)
{
	switch (c->why) {
	case TRACE_RULE:
		return c->target->where;
	case TRACE_UNNAMED:
	case TRACE_REPEATED:
	case TRACE_NOT_HELD:
	case TRACE_SKIP:
	case TRACE_NO_ABI:
		return e->in->c.profile->default_where;
	default:
		return NULL;
	}
}

static void
write_release(struct buf *buf, kernel_release release)
{
	buf_printf(buf, "%u.%u", release >> 8, release & 255);
}

void
explain_why(struct buf *buf, const struct explanation *e,
	    const struct trace *trace, const struct trace_case *c)
{
	const struct syscall_name *highest;

	switch (c->why) {
	case TRACE_RULE:
		if (c->carried)
			buf_printf(buf, "the rule on '%s', which is behind %s",
				   c->target->name, trace->mux->name);
		else
			buf_printf(buf,
				   c->rule->condition_count
					   ? "the rule, whose conditions hold"
					   : "the rule, which has no "
					     "conditions");
		break;
	case TRACE_UNNAMED:
		buf_printf(buf, "the default: no rule names it");
		break;
	case TRACE_REPEATED:
		buf_printf(buf, "the default, which the rules on it repeat");
		break;
	case TRACE_NOT_HELD:
		buf_printf(buf, "the default: no condition holds");
		break;
	case TRACE_ABOVE:
		highest = syscall_find_number(trace->abi,
					      (uint32_t)trace->highest);
		buf_printf(buf,
			   "newer than the profile: above %s (%lld), the "
			   "largest number that it names",
			   highest ? highest->name : "number",
			   (long long)trace->highest);
		break;
	case TRACE_NEWER:
		buf_printf(buf, "newer than Linux ");
		write_release(buf, e->in->c.options.since);
		buf_printf(buf, ", and no rule names it");
		break;
	case TRACE_FOREIGN:
		buf_printf(buf, "%s is not in the filter",
			   trace->abi == ABI_COUNT
				   ? "the architecture"
				   : arch_table[trace->abi]->name);
		break;
	case TRACE_SKIP:
		buf_printf(buf, "the default: a tracer's \"skip this call\"");
		break;
	case TRACE_NO_ABI:
		buf_printf(buf, "the default: the number is of no ABI");
		break;
	case TRACE_PROGRAM:
		buf_printf(buf, "the program");
		break;
	}
}

void
explain_lost(struct buf *buf, const struct trace_lost *lost)
{
	static const char *const texts[] = {
		[LOSS_PLAIN] = "a rule without conditions beats it",
		[LOSS_FIRST] = "an earlier rule without conditions counts",
		[LOSS_DEFAULT] = "it repeats the default and is dropped",
		[LOSS_NEVER] = "its conditions never hold",
		[LOSS_COVERED] = "other rules decide wherever it holds",
		[LOSS_PARTLY] = "other rules decide on some arguments",
		[LOSS_NOT_CARRIED] = "it has conditions, and arguments "
				     "cannot be seen through a multiplexer",
		[LOSS_ARCHES] = "left out: it is for other native "
				"architectures",
		[LOSS_CAPS] = "left out: it asks for ",
		[LOSS_NO_CAPS] = "left out: it excludes ",
		[LOSS_KERNEL] = "left out: it asks for Linux ",
		[LOSS_NO_KERNEL] = "left out: it excludes Linux from ",
	};

	buf_printf(buf, "%s", texts[lost->loss]);
	if (lost->loss < LOSS_CAPS || !lost->clause)
		return;
	diag_write_safe(buf, lost->clause->string);
	if (lost->loss == LOSS_CAPS)
		buf_printf(buf, ", which --caps does not give");
	else if (lost->loss == LOSS_NO_CAPS)
		buf_printf(buf, ", which --caps gives");
	else if (lost->loss == LOSS_KERNEL)
		buf_printf(buf, " or later");
	else
		buf_printf(buf, " on");
}

const char *
explain_why_word(enum trace_why why)
{
	static const char *const words[] = {
		[TRACE_RULE] = "rule",	       [TRACE_UNNAMED] = "unnamed",
		[TRACE_REPEATED] = "repeated", [TRACE_NOT_HELD] = "not-held",
		[TRACE_ABOVE] = "above",       [TRACE_NEWER] = "newer",
		[TRACE_FOREIGN] = "foreign",   [TRACE_SKIP] = "skip",
		[TRACE_NO_ABI] = "no-abi",     [TRACE_PROGRAM] = "program",
	};

	return words[why];
}

const char *
explain_loss_word(enum trace_loss loss)
{
	static const char *const words[] = {
		[LOSS_PLAIN] = "plain",
		[LOSS_FIRST] = "first",
		[LOSS_DEFAULT] = "default",
		[LOSS_NEVER] = "never",
		[LOSS_COVERED] = "covered",
		[LOSS_PARTLY] = "partly",
		[LOSS_NOT_CARRIED] = "not-carried",
		[LOSS_ARCHES] = "arches",
		[LOSS_CAPS] = "caps",
		[LOSS_NO_CAPS] = "no-caps",
		[LOSS_KERNEL] = "kernel",
		[LOSS_NO_KERNEL] = "no-kernel",
	};

	return words[loss];
}
