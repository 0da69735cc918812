#include "kubernetes.h"
#include "compiler/ascii.h"

#include <stdlib.h>
#include <string.h>

#include "yaml-read.h"

/* Where the pod is in a manifest of each kind. */
static const struct kind {
	const char *name, *group; /* "" is the group of "v1" */
	const char *path[4];	  /* to what has metadata and spec */
} kinds[] = {
	{ "Pod", "", { NULL } },
	{ "PodTemplate", "", { "template" } },
	{ "ReplicationController", "", { "spec", "template" } },
	{ "Deployment", "apps", { "spec", "template" } },
	{ "DaemonSet", "apps", { "spec", "template" } },
	{ "StatefulSet", "apps", { "spec", "template" } },
	{ "ReplicaSet", "apps", { "spec", "template" } },
	{ "Job", "batch", { "spec", "template" } },
	{ "CronJob", "batch", { "spec", "jobTemplate", "spec", "template" } },
};

static const char pod_annotation[] = "seccomp.security.alpha.kubernetes.io/pod";
static const char container_annotation[] =
	"container.seccomp.security.alpha.kubernetes.io/";

/* A pod, or the template of one. */
struct pod {
	const struct json *annotations, *spec; /* or NULL */
	struct kubernetes_field field;
	bool windows;
};

static bool
step(struct kubernetes_walk *w, const struct json *where)
{
	if (w->steps == LIMIT_CONTAINERS)
		return diag_at(w->diags, DIAG_LIMIT, where, NULL,
			       "more than %d containers and manifests",
			       LIMIT_CONTAINERS);
	if (w->lookups > LIMIT_LOOKUPS)
		return diag_at(w->diags, DIAG_LIMIT, where, NULL,
			       "aliases make the manifests too large");
	w->steps++;
	return true;
}

const struct json *
kubernetes_find(struct kubernetes_walk *w, const struct json *object,
		const char *key)
{
	if (!object)
		return NULL;
	w->lookups += object->count;
	return json_member(object, key);
}

const struct json *
kubernetes_member(struct kubernetes_walk *w, const struct json *object,
		  const char *key, enum json_kind kind)
{
	static const char *const kind_names[] = {
		[JSON_NULL] = "null",	    [JSON_BOOL] = "true or false",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "text",
		[JSON_ARRAY] = "a list",    [JSON_OBJECT] = "a mapping",
	};
	const struct json *value = kubernetes_find(w, object, key);

	if (!value || value->kind == JSON_NULL)
		return NULL;
	if (value->kind == kind)
		return value;
	diag_at(w->diags, DIAG_WRONG_TYPE, value,
		kind == JSON_STRING ? "put it into quotes" : NULL,
		"'%s' has to be %s, and is %s", key, kind_names[kind],
		kind_names[value->kind]);
	return NULL;
}

/* A name, "" if there is none; none is as long as text can be. */
static const char *
name_of(struct kubernetes_walk *w, const struct json *object, const char *key)
{
	const struct json *value =
		kubernetes_member(w, object, key, JSON_STRING);

	if (!value)
		return "";
	return value->length <= LIMIT_NAME ? value->string : "(too long)";
}

/* A privileged container has no filter, whatever is written. */
static void
report_privileged(struct kubernetes_walk *w,
		  const struct kubernetes_container *container,
		  const struct kubernetes_field *own,
		  const struct json *privileged)
{
	if (own->type == KUBERNETES_DEFAULT ||
	    own->type == KUBERNETES_LOCALHOST)
		diag_at(w->diags, LINT_KUBERNETES_WITHOUT_EFFECT, own->where,
			"remove 'privileged', or the profile",
			"container %s is privileged: this profile has no "
			"effect, it runs unconfined",
			container->name);
	else
		diag_at(w->diags, LINT_KUBERNETES_PRIVILEGED, privileged, NULL,
			"container %s is privileged: it runs unconfined, "
			"whatever the pod has",
			container->name);
}

static int
compare_profiles(const void *a, const void *b)
{
	const struct kubernetes_profile *x = a, *y = b;
	int paths = strcmp(x->path, y->path);

	if (paths)
		return paths;
	return x->where->offset < y->where->offset
		       ? -1
		       : x->where->offset > y->where->offset;
}

/* Of each path the place that comes first in the text. */
static void
list_profiles(struct kubernetes_walk *w)
{
	struct kubernetes *k = w->to;
	size_t n = 0;

	for (size_t i = 0; i < k->containers.n; i++) {
		const struct kubernetes_container *c = &k->containers.v[i];

		if (c->type == KUBERNETES_LOCALHOST && !c->privileged)
			*vec_push(w->arena, &k->profiles) =
				(struct kubernetes_profile){ c->path,
							     c->named };
	}
	if (!k->profiles.n)
		return;
	qsort(k->profiles.v, k->profiles.n, sizeof(*k->profiles.v),
	      compare_profiles);
	for (size_t i = 0; i < k->profiles.n; i++)
		if (!n || strcmp(k->profiles.v[n - 1].path,
				 k->profiles.v[i].path) != 0)
			k->profiles.v[n++] = k->profiles.v[i];
	k->profiles.n = n;
}

static const char *
label(struct kubernetes_walk *w, const struct json *container)
{
	const char *name = name_of(w, container, "name");

	return *name ? arena_printf(w->arena, "'%s'", name)
		     : arena_printf(w->arena, "number %u",
				    container->index + 1);
}

/* The container's own profile goes before the pod's. */
static void
resolve(struct kubernetes_walk *w, const struct json *where,
	const struct pod *pod, const struct json *context,
	const struct kubernetes_field *own)
{
	const struct json *privileged =
		kubernetes_member(w, context, "privileged", JSON_BOOL);
	const struct kubernetes_field *in_force =
		own->where ? own : &pod->field;
	struct kubernetes_container *container =
		vec_push(w->arena, &w->to->containers);

	*container = (struct kubernetes_container){
		.where = where,
		.name = label(w, where),
		.type = in_force->type,
		.path = in_force->path,
		.named = in_force->named,
		.privileged = privileged && privileged->boolean,
	};
	if (container->privileged)
		report_privileged(w, container, own, privileged);
	else if (in_force->type == KUBERNETES_NONE)
		diag_at(w->diags, LINT_KUBERNETES_NO_PROFILE, where, NULL,
			w->options->seccomp_default
				? "container %s has no seccompProfile: it "
				  "gets RuntimeDefault, by the kubelet's "
				  "--seccomp-default"
				: "container %s has no seccompProfile: it "
				  "runs Unconfined unless the kubelet has "
				  "--seccomp-default",
			container->name);
}

static void
check_annotation(struct kubernetes_walk *w, const struct pod *pod,
		 const char *key, const struct kubernetes_field *field)
{
	const struct json *where =
		kubernetes_member(w, pod->annotations, key, JSON_STRING);

	if (where)
		kubernetes_annotation(w, where, field);
}

static bool
check_container(struct kubernetes_walk *w, const struct json *container,
		const struct pod *pod)
{
	const struct json *context;
	struct kubernetes_field own;
	const char *name;

	if (!step(w, container))
		return false;
	if (container->kind != JSON_OBJECT) {
		diag_at(w->diags, DIAG_WRONG_TYPE, container, NULL,
			"a container has to be a mapping");
		return true;
	}
	context =
		kubernetes_member(w, container, "securityContext", JSON_OBJECT);
	own = kubernetes_field(w, context);
	name = name_of(w, container, "name");
	if (*name)
		check_annotation(w, pod,
				 arena_printf(w->arena, "%s%s",
					      container_annotation, name),
				 &own);
	if (pod->windows && own.where)
		diag_at(w->diags, LINT_KUBERNETES_WINDOWS, own.where, NULL,
			"a pod for Windows cannot have a seccompProfile");
	if (!pod->windows)
		resolve(w, container, pod, context, &own);
	return true;
}

static bool
check_pod(struct kubernetes_walk *w, const struct json *object)
{
	static const char *const levels[] = { "initContainers", "containers",
					      "ephemeralContainers" };
	const struct json *metadata =
		kubernetes_member(w, object, "metadata", JSON_OBJECT);
	struct pod pod = {
		.annotations = kubernetes_member(w, metadata, "annotations",
						 JSON_OBJECT),
		.spec = kubernetes_member(w, object, "spec", JSON_OBJECT),
	};
	const struct json *os =
		kubernetes_member(w, pod.spec, "os", JSON_OBJECT);

	pod.windows = strcmp(name_of(w, os, "name"), "windows") == 0;
	pod.field = kubernetes_field(
		w,
		kubernetes_member(w, pod.spec, "securityContext", JSON_OBJECT));
	check_annotation(w, &pod, pod_annotation, &pod.field);
	if (pod.windows && pod.field.where)
		diag_at(w->diags, LINT_KUBERNETES_WINDOWS, pod.field.where,
			NULL, "a pod for Windows cannot have a seccompProfile");
	for (size_t i = 0; i < LENGTH(levels); i++) {
		const struct json *list =
			kubernetes_member(w, pod.spec, levels[i], JSON_ARRAY);

		for (size_t j = 0; list && j < list->count; j++)
			if (!check_container(w, &list->children[j], &pod))
				return false;
	}
	return true;
}

/* Whether kind is one that is read; an absent apiVersion is any. */
static const struct kind *
find_kind(const char *name, const char *version)
{
	const char *slash = strchr(version, '/');
	size_t len = slash ? (size_t)(slash - version) : 0;

	for (size_t i = 0; i < LENGTH(kinds); i++) {
		const struct kind *kind = &kinds[i];

		if (strcmp(kind->name, name) != 0)
			continue;
		/* Where Deployment and others were until 1.16. */
		if (!*version ||
		    (len == 10 && *kind->group &&
		     !strncmp(version, "extensions", len)) ||
		    (len == strlen(kind->group) &&
		     !strncmp(version, kind->group, len)))
			return kind;
	}
	return NULL;
}

static bool check_object(struct kubernetes_walk *w, const struct json *object,
			 const char *kind, const char *version, size_t depth);

/* A List, or a list of one kind, whose items need not say which. */
static bool
check_list(struct kubernetes_walk *w, const struct json *list, const char *kind,
	   const char *version, size_t depth)
{
	const struct json *items =
		kubernetes_member(w, list, "items", JSON_ARRAY);
	size_t len = strlen(kind) - strlen("List");
	const char *each = arena_strndup(w->arena, kind, len);

	for (size_t i = 0; items && i < items->count; i++)
		if (!check_object(w, &items->children[i], each, version,
				  depth + 1))
			return false;
	return true;
}

/* Reports a kind that would be one that is read but for its case. */
static void
check_case(struct kubernetes_walk *w, const struct json *object,
	   const char *name)
{
	const struct json *where = kubernetes_find(w, object, "kind");

	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (strcmp(kinds[i].name, name) != 0 &&
		    strlen(kinds[i].name) == strlen(name) &&
		    ascii_same(kinds[i].name, name, strlen(name)))
			diag_at(w->diags, LINT_KUBERNETES_KIND,
				where ? where : object,
				arena_printf(w->arena, "write '%s'",
					     kinds[i].name),
				"no such kind: the API server refuses it");
}

static bool
is_list(const char *kind)
{
	size_t len = strlen(kind);

	return len >= 4 && !strcmp(kind + len - 4, "List");
}

/* kind and version are what it has without its own. */
static bool
check_object(struct kubernetes_walk *w, const struct json *object,
	     const char *kind, const char *version, size_t depth)
{
	const struct kind *known;
	const struct json *inner = object;
	const char *own;

	if (!step(w, object))
		return false;
	if (object->kind == JSON_NULL)
		return true;
	if (object->kind != JSON_OBJECT) {
		diag_at(w->diags, DIAG_WRONG_TYPE, object, NULL,
			"a manifest has to be a mapping");
		return true;
	}
	own = name_of(w, object, "kind");
	if (*own)
		kind = own;
	own = name_of(w, object, "apiVersion");
	if (*own)
		version = own;
	if (!*kind) {
		diag_at(w->diags, DIAG_MISSING_FIELD, object, NULL,
			"a manifest has a 'kind', such as Pod");
		return true;
	}
	if (is_list(kind) && depth < LIMIT_DEPTH &&
	    kubernetes_find(w, object, "items"))
		return check_list(w, object, kind, version, depth);
	known = find_kind(kind, version);
	if (!known)
		check_case(w, object, kind);
	for (size_t i = 0; known && i < LENGTH(known->path) && known->path[i];
	     i++)
		inner = kubernetes_member(w, inner, known->path[i],
					  JSON_OBJECT);
	if (known && inner && !check_pod(w, inner))
		return false;
	kubernetes_unread(w, object, known != NULL);
	return true;
}

bool
kubernetes_needs_yaml(const struct source *source)
{
	size_t at = 0;

	while (at < source->len &&
	       (source->text[at] == ' ' || source->text[at] == '\t' ||
		source->text[at] == '\r' || source->text[at] == '\n'))
		at++;
	return at == source->len || source->text[at] != '{';
}

/*
 * kubectl as well takes what begins with a brace for JSON.  YAML nearly has
 * it as a part, but no pairs of \u escapes, and no key of some length.
 */
static bool
read_text(struct arena *arena, const struct source *source, struct diags *diags,
	  struct yaml_documents *documents)
{
	bool yaml = yaml_supported();
	struct diags scratch;
	const struct json *json;

	if (!kubernetes_needs_yaml(source)) {
		diags_init(&scratch, arena, source);
		json = json_read(arena, source, yaml ? &scratch : diags);
		if (json)
			*vec_push(arena, documents) = json;
		if (json || !yaml)
			return json != NULL;
	}
	return yaml_read(arena, source, diags, documents);
}

bool
kubernetes_read(struct kubernetes *kubernetes, struct arena *arena,
		const struct source *source,
		const struct kubernetes_options *options, struct diags *diags)
{
	struct yaml_documents documents = { 0 };
	struct kubernetes_walk w = {
		.to = kubernetes,
		.arena = arena,
		.options = options,
		.diags = diags,
		.len = source->len,
	};

	memset(kubernetes, 0, sizeof(*kubernetes));
	if (!read_text(arena, source, diags, &documents))
		return false;
	w.seen = arena_alloc(arena, source->len / 8 + 1);
	for (size_t i = 0; i < documents.n; i++)
		if (!check_object(&w, documents.v[i], "", "", 0))
			return false;
	list_profiles(&w);
	return true;
}
