/*
 * Kubernetes manifests: which container gets which seccomp profile, as the
 * API server (pkg/apis/core/validation) and the kubelet
 * (pkg/kubelet/kuberuntime, getSeccompProfile) decide it in 1.27 and later.
 */
#ifndef SECCOMPC_KUBERNETES_H
#define SECCOMPC_KUBERNETES_H

#include "compiler.h"

/* Limits on manifests, docs/limits.md. */
enum {
	LIMIT_CONTAINERS = 1 << 14, /* and manifests, in a file */
	LIMIT_LOOKUPS = 1 << 24,    /* of fields; aliases can make it more */
	LIMIT_NAME = 253,	    /* bytes of the longest name there is */
	LIMIT_PATH = 4096,	    /* PATH_MAX */
};

/* Whose profile a container gets. */
enum kubernetes_type {
	KUBERNETES_NONE, /* none is written */
	KUBERNETES_DEFAULT,
	KUBERNETES_UNCONFINED,
	KUBERNETES_LOCALHOST,
	KUBERNETES_INVALID, /* the API server or the kubelet refuses it */
};

/* A container and what it gets. */
struct kubernetes_container {
	const struct json *where;
	const char *name;	   /* in quotes, or "number N" without one */
	enum kubernetes_type type; /* what is in force by the text */
	const char *path; /* of LOCALHOST; below the kubelet's root, with
			   * no "." and no "//" in it */
	const struct json *named; /* the value that path is from */
	bool privileged;	  /* nothing of it has an effect */
};

/* A profile that a container needs. */
struct kubernetes_profile {
	const char *path;
	const struct json *where; /* where it is named for the first time */
};

struct kubernetes_options {
	bool seccomp_default; /* the kubelet has --seccomp-default */
};

struct kubernetes {
	VEC(struct kubernetes_container) containers;
	VEC(struct kubernetes_profile) profiles; /* each path once */
};

/*
 * Reads the manifests of a text, YAML or JSON, and reports what is wrong with
 * the profiles that they name and what is in force in each container.  No
 * file is opened: that each profile exists is for the caller to see.  Returns
 * false after an error because of which nothing was read.
 */
bool kubernetes_read(struct kubernetes *kubernetes, struct arena *arena,
		     const struct source *source,
		     const struct kubernetes_options *options,
		     struct diags *diags);

/* Whether a text is no JSON, so that libyaml has to read it. */
bool kubernetes_needs_yaml(const struct source *source);

/* Between kubernetes.c, -profile.c and -place.c. */

struct kubernetes_walk {
	struct kubernetes *to;
	struct arena *arena;
	const struct kubernetes_options *options;
	struct diags *diags;
	size_t steps;	/* containers and manifests so far */
	size_t lookups; /* fields that were compared with a name */
	/* A bit for each byte at which the key of a seccompProfile stands
	 * that was read. */
	uint8_t *seen;
	size_t len; /* of the text */
};

/* What a seccompProfile says; where is NULL if there is none. */
struct kubernetes_field {
	const struct json *where;
	enum kubernetes_type type;
	const char *path;
	const struct json *named; /* the value that path is from */
};

/*
 * The member of an object, NULL if it is absent, null, or, after reporting,
 * of another kind.  object may be NULL.
 */
const struct json *kubernetes_member(struct kubernetes_walk *w,
				     const struct json *object, const char *key,
				     enum json_kind kind);

/* json_member(), counted. */
const struct json *kubernetes_find(struct kubernetes_walk *w,
				   const struct json *object, const char *key);

/* Reads and checks the seccompProfile of a securityContext (or NULL). */
struct kubernetes_field kubernetes_field(struct kubernetes_walk *w,
					 const struct json *context);

/*
 * Checks an old annotation against the field that is in its place; where is
 * the annotation.
 */
void kubernetes_annotation(struct kubernetes_walk *w, const struct json *where,
			   const struct kubernetes_field *field);

/*
 * Reports each seccompProfile below root that was not read; known: root is
 * of a kind that was.
 */
void kubernetes_unread(struct kubernetes_walk *w, const struct json *root,
		       bool known);

#endif
