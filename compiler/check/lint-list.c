#include "lint.h"

#include <string.h>

void
lint_list_init(struct lint_list *list, struct arena *arena, unsigned limit)
{
	memset(list, 0, sizeof(*list));
	list->text.arena = arena;
	list->limit = limit;
}

void
lint_list_add(struct lint_list *list, const char *fmt, ...)
{
	va_list ap;

	if (list->count++ >= list->limit)
		return;
	if (list->count > 1)
		buf_printf(&list->text, ", ");
	va_start(ap, fmt);
	buf_vprintf(&list->text, fmt, ap);
	va_end(ap);
}

const char *
lint_list_end(struct lint_list *list)
{
	if (list->count > list->limit)
		buf_printf(&list->text, " and %u more",
			   list->count - list->limit);
	return list->text.data;
}
