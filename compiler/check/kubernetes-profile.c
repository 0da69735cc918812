#include "kubernetes.h"

#include <string.h>

static const struct {
	const char *name, *annotation;
	enum kubernetes_type type;
} types[] = {
	{ "RuntimeDefault", "runtime/default", KUBERNETES_DEFAULT },
	{ "Unconfined", "unconfined", KUBERNETES_UNCONFINED },
	{ "Localhost", "localhost/", KUBERNETES_LOCALHOST },
	/* As annotations had it before 1.11. */
	{ "RuntimeDefault", "docker/default", KUBERNETES_DEFAULT },
};

static const char kubelet_root[] = "/var/lib/kubelet/seccomp/";

static void
mark_seen(struct kubernetes_walk *w, const struct json *value)
{
	if (value->key_offset < w->len)
		w->seen[value->key_offset / 8] |=
			(uint8_t)(1 << value->key_offset % 8);
}

/* Reports that a type is absent or unknown. */
static enum kubernetes_type
bad_type(struct kubernetes_walk *w, const struct json *profile,
	 const struct json *type)
{
	const char *names[3], *near;

	for (size_t i = 0; i < LENGTH(names); i++)
		names[i] = types[i].name;
	if (!type) {
		diag_at(w->diags, LINT_KUBERNETES_TYPE, profile, NULL,
			"a seccompProfile needs a type: RuntimeDefault, "
			"Localhost or Unconfined");
		return KUBERNETES_INVALID;
	}
	near = diag_nearest(type->string, names, LENGTH(names));
	for (size_t i = 0; i < LENGTH(types); i++)
		if (!strncmp(type->string, types[i].annotation,
			     strlen(types[i].annotation)))
			near = types[i].name;
	diag_at(w->diags, LINT_KUBERNETES_TYPE, type,
		near ? arena_printf(w->arena, "did you mean '%s'?", near)
		     : NULL,
		"the API server refuses the type '%.64s': there are "
		"RuntimeDefault, Localhost and Unconfined",
		type->string);
	return KUBERNETES_INVALID;
}

static enum kubernetes_type
read_type(struct kubernetes_walk *w, const struct json *profile)
{
	const struct json *type;
	const struct json *any = kubernetes_find(w, profile, "type");

	type = kubernetes_member(w, profile, "type", JSON_STRING);
	/* Of another kind: that was reported. */
	if (!type && any && any->kind != JSON_NULL)
		return KUBERNETES_INVALID;
	if (!type || !type->length)
		return bad_type(w, profile, NULL);
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(type->string, types[i].name))
			return types[i].type;
	return bad_type(w, profile, type);
}

/* Drops "." and empty parts, as filepath.Join does. */
static const char *
clean_path(struct arena *arena, const char *s)
{
	struct buf buf = { .arena = arena };

	buf_append(&buf, "", 0);
	while (*s) {
		size_t len = strcspn(s, "/");

		if (len && !(len == 1 && *s == '.')) {
			buf_append(&buf, "/", buf.len > 0);
			buf_append(&buf, s, len);
		}
		s += len;
		s += strspn(s, "/");
	}
	return buf.data;
}

static bool
climbs(const char *s)
{
	while (*s) {
		size_t len = strcspn(s, "/");

		if (len == 2 && s[0] == '.' && s[1] == '.')
			return true;
		s += len;
		s += strspn(s, "/");
	}
	return false;
}

/* Returns false after reporting that a path is none below the root. */
static bool
check_path(struct kubernetes_walk *w, const struct json *value)
{
	const char *s = value->string, *hint = NULL;
	size_t root = sizeof(kubelet_root) - 1;

	if (*s == '/') {
		if (!strncmp(s, kubelet_root, root))
			hint = arena_printf(w->arena, "write '%s'", s + root);
		diag_at(w->diags, LINT_KUBERNETES_PATH, value, hint,
			"the API server refuses an absolute path: it is taken "
			"below the kubelet's root");
		return false;
	}
	if (value->length >= LIMIT_PATH) {
		diag_at(w->diags, LINT_KUBERNETES_PATH, value, NULL,
			"a path of more than %d bytes", LIMIT_PATH - 1);
		return false;
	}
	if (climbs(s)) {
		diag_at(w->diags, LINT_KUBERNETES_PATH, value, NULL,
			"the API server refuses a path with '..'");
		return false;
	}
	return true;
}

/* Of a profile of type Localhost. */
static void
read_path(struct kubernetes_walk *w, struct kubernetes_field *field)
{
	const struct json *any =
		kubernetes_find(w, field->where, "localhostProfile");
	const struct json *value = kubernetes_member(
		w, field->where, "localhostProfile", JSON_STRING);

	field->type = KUBERNETES_INVALID;
	if (!any || any->kind == JSON_NULL) {
		diag_at(w->diags, LINT_KUBERNETES_LOCALHOST, field->where, NULL,
			"the type Localhost needs a localhostProfile");
		return;
	}
	if (!value)
		return;
	if (!value->length) {
		diag_at(w->diags, LINT_KUBERNETES_LOCALHOST, value,
			"name a file below the kubelet's root",
			"an empty localhostProfile: kubelets before 1.27.2 run "
			"the container unconfined (CVE-2023-2431), later ones "
			"not at all");
		return;
	}
	if (!check_path(w, value))
		return;
	field->type = KUBERNETES_LOCALHOST;
	field->named = value;
	field->path = clean_path(w->arena, value->string);
}

static void
check_fields(struct kubernetes_walk *w, const struct json *profile)
{
	static const char *const known[] = { "type", "localhostProfile" };

	w->lookups += profile->count;
	for (size_t i = 0; i < profile->count; i++) {
		const struct json *field = &profile->children[i];
		const char *near;

		if (!strcmp(field->key, known[0]) ||
		    !strcmp(field->key, known[1]))
			continue;
		/* Where many share a mapping by aliases. */
		if (w->lookups > LIMIT_LOOKUPS)
			return;
		w->lookups += LIMIT_DIAGNOSTICS;
		near = diag_nearest(field->key, known, LENGTH(known));
		diag_at(w->diags, LINT_KUBERNETES_MISPLACED, field,
			near ? arena_printf(w->arena, "did you mean '%s'?",
					    near)
			     : NULL,
			"a seccompProfile has no field '%s'", field->key);
	}
}

struct kubernetes_field
kubernetes_field(struct kubernetes_walk *w, const struct json *context)
{
	struct kubernetes_field field = { 0 };
	const struct json *stray;

	field.where =
		kubernetes_member(w, context, "seccompProfile", JSON_OBJECT);
	stray = kubernetes_find(w, context, "seccompProfile");
	if (stray)
		mark_seen(w, stray);
	if (!field.where) {
		if (stray && stray->kind != JSON_NULL) {
			field.where = stray;
			field.type = KUBERNETES_INVALID;
		}
		return field;
	}
	check_fields(w, field.where);
	field.type = read_type(w, field.where);
	if (field.type == KUBERNETES_LOCALHOST) {
		read_path(w, &field);
		return field;
	}
	stray = kubernetes_find(w, field.where, "localhostProfile");
	if (field.type != KUBERNETES_INVALID && stray &&
	    stray->kind != JSON_NULL) {
		diag_at(w->diags, LINT_KUBERNETES_LOCALHOST, stray, NULL,
			"the API server refuses a localhostProfile with a "
			"type other than Localhost");
		field.type = KUBERNETES_INVALID;
	}
	if (field.type == KUBERNETES_UNCONFINED)
		diag_at(w->diags, LINT_KUBERNETES_UNCONFINED,
			kubernetes_find(w, field.where, "type"), NULL,
			"no filter at all, by the type Unconfined");
	return field;
}

/* The type that an annotation stands for, *path what follows "localhost/". */
static enum kubernetes_type
annotation_type(const char *s, const char **path)
{
	*path = NULL;
	for (size_t i = 0; i < LENGTH(types); i++) {
		size_t len = strlen(types[i].annotation);

		if (types[i].type == KUBERNETES_LOCALHOST
			    ? strncmp(s, types[i].annotation, len) != 0
			    : strcmp(s, types[i].annotation) != 0)
			continue;
		if (types[i].type == KUBERNETES_LOCALHOST)
			*path = s + len;
		return types[i].type;
	}
	return KUBERNETES_INVALID;
}

void
kubernetes_annotation(struct kubernetes_walk *w, const struct json *where,
		      const struct kubernetes_field *field)
{
	const char *path;
	enum kubernetes_type type = annotation_type(where->string, &path);

	if (type == KUBERNETES_INVALID || where->length >= LIMIT_PATH ||
	    (path && (*path == '/' || climbs(path)))) {
		diag_at(w->diags, LINT_KUBERNETES_ANNOTATION_REFUSED, where,
			"remove the annotation",
			"the API server refuses this value of a seccomp "
			"annotation");
		return;
	}
	if (!field->where) {
		diag_at(w->diags, LINT_KUBERNETES_ANNOTATION, where,
			"write securityContext.seccompProfile",
			"this annotation has no effect since Kubernetes 1.27");
		return;
	}
	if (field->type == KUBERNETES_INVALID)
		return;
	if (type != field->type ||
	    (path && strcmp(path, field->named->string) != 0))
		diag_at(w->diags, LINT_KUBERNETES_ANNOTATION_REFUSED, where,
			"remove the annotation",
			"the API server refuses an annotation that differs "
			"from the seccompProfile in its place");
}
