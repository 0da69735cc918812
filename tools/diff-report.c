#include "diff-report.h"
#include "tools.h"

bool
diff_print(const char *output, void (*make)(struct buf *buf, const void *data),
	   const void *data)
{
	struct arena arena;
	struct buf buf = { .arena = &arena };
	bool ok;

	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("out of memory");
		arena_finish(&arena);
		return false;
	}
	make(&buf, data);
	ok = tool_write(output, buf.data, buf.len);
	arena_finish(&arena);
	return ok;
}

void
diff_explain_end(const struct diff *diff, enum dd_end end)
{
	char reason[160];

	dd_explain(&diff->set, end, reason, sizeof(reason));
	tool_error("no answer: %s", reason);
}
