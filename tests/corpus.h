/* Folders of profiles. */
#ifndef SECCOMPC_CORPUS_H
#define SECCOMPC_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

typedef void corpus_visitor(void *context, const char *path, const char *text,
			    size_t len);

/*
 * Visits every *.json of a folder; with SECCOMPC_CORPUS_STEP=N in the
 * environment every Nth of them, by its name.  Returns false after saying on
 * standard output that there is no such folder.
 */
bool corpus_visit(const char *folder, corpus_visitor *visit, void *context);

#endif
