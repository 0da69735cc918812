/*
 * YAML as Kubernetes reads it, to the same trees as json.c makes: what is
 * wrong with a manifest is then reported as it is for a profile.
 *
 * Kubernetes (sigs.k8s.io/yaml over go-yaml v2) reads YAML 1.1: `yes`, `on`
 * and `y` are true, merge keys are followed.  What it does and this reader
 * does not: numbers have no value here, and !!binary is no text.
 */
#ifndef SECCOMPC_YAML_READ_H
#define SECCOMPC_YAML_READ_H

#include "compiler.h"

/* Limits on YAML beyond those of base.h, docs/limits.md. */
enum {
	LIMIT_ANCHORS = 1 << 10, /* in a document */
	LIMIT_ALIASES = 1 << 14, /* in a file */
	LIMIT_KEY = 1 << 12,	 /* bytes of a key */
};

/*
 * The documents of a file.  A value that stands behind an alias, or came in
 * by a merge key, has the position and the pointer of where it is written;
 * it is there once however often it is used, so that walking a document can
 * take much longer than its text is.
 */
struct yaml_documents {
	const struct json **v;
	size_t n, cap;
};

/* Whether this build has libyaml. */
bool yaml_supported(void);

/*
 * Appends the documents of a text.  Returns false after reporting what is
 * wrong: no alias is left unresolved, none contains itself, and no key is
 * written twice.
 */
bool yaml_read(struct arena *arena, const struct source *source,
	       struct diags *diags, struct yaml_documents *documents);

#endif
