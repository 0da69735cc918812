/*
 * The annotation of an OCI bundle's config.json that crun takes a program
 * from, from version 0.18 on (libcrun/seccomp.c): base64 of the array, on one
 * line.
 */
#ifndef SECCOMPC_ANNOTATE_H
#define SECCOMPC_ANNOTATE_H

#include "explain/edit.h"

#define ANNOTATION "run.oci.seccomp_bpf_data"

/* A config.json that is read, and edited as text. */
struct annotate {
	struct arena *arena;
	struct source source;
	struct diags diags;
	const struct json *root, *annotations; /* the latter can be NULL */
	bool has_seccomp;	/* a profile is in it, at /linux/seccomp */
	struct draft draft;	/* the text */
	struct edit edit;
};

/*
 * Reads the text of a config.json; levels in diags are set.  Returns false
 * after reporting to diags what is no config.json, or cannot take annotations.
 */
bool annotate_read(struct annotate *a);

/* Puts a checked program in, in the place of one that is there. */
void annotate_put(struct annotate *a, const struct sock_filter *code,
		  size_t count);

/* Takes it out, and the annotations if there is no other: what annotate_put
 * added to them.  False if there is none. */
bool annotate_remove(struct annotate *a);

#endif
