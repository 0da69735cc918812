/* What compile says of a program beside it: --manifest and --verbose. */
#ifndef SECCOMPC_MANIFEST_H
#define SECCOMPC_MANIFEST_H

#include "compiler.h"
#include "jobs.h"

/* The end of a manifest's name in a folder. */
#define MANIFEST_SUFFIX ".manifest.json"

/*
 * Lists where manifests go, by job: path is what --manifest says, or NULL for
 * none.  Returns false after reporting; manifests are then to be finished as
 * well.
 */
bool manifest_list(struct jobs *manifests, const struct jobs *programs,
		   char **paths, size_t count, const char *path);

/* Prints the length of a program and what it decides, in a few lines. */
void manifest_print(struct compilation *c);

#endif
