#include "findings.h"

#include <string.h>

enum findings_format
findings_find(const char *name)
{
	return strcmp(name, "text") ? FINDINGS_FORMATS : FINDINGS_TEXT;
}

void
findings_write(struct buf *buf, enum findings_format format,
	       const struct findings *findings)
{
	(void)format;
	for (size_t i = 0; i < findings->count; i++) {
		const struct findings_file *file = &findings->files[i];
		const struct diag **list = diags_sorted(file->diags);

		for (size_t j = 0; j < file->diags->list.n; j++)
			diag_write(buf, file->source, list[j],
				   findings->colour);
	}
}
