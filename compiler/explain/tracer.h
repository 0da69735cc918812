/* What the files of trace.h share while a trace is made. */
#ifndef SECCOMPC_TRACER_H
#define SECCOMPC_TRACER_H

#include "compiler/meaning.h"
#include "trace.h"

struct tracer {
	struct arena *arena; /* of the traces */
	const struct side *side;
	const struct trace_request *requests;
	size_t count;
	struct trace *traces;
	struct dd_set *set;
	struct reader r;
	dd decides;
	struct parts parts;
	/* Of the trace that is being made: */
	dd function, asked, made;
};

/* One more case, where it is asked for; `where` excludes all before. */
void trace_add(struct tracer *t, struct trace *trace, struct trace_case made,
	       dd where);

/* The same of what no rule decides. */
void trace_rest(struct tracer *t, struct trace *trace, enum trace_why why,
		uint32_t action, dd where);

/* trace-rules.c: the cases of a number as rules make them. */
void trace_rules(struct tracer *t, struct trace *trace);

#endif
