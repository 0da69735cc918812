#include "check.h"
#include "compiler/check/kubernetes.h"
#include "compiler/check/yaml-read.h"
#include "path.h"
#include "tools.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct manifest {
	struct check *check;
	struct arena *arena;
	struct diags *diags;
	const char *root; /* as realpath(3) has it */
};

/* A profile is checked once, however many manifests name it. */
static void
add_profile(struct check *check, const char *path)
{
	for (size_t i = 0; i < check->named.n; i++)
		if (!strcmp(check->named.v[i], path))
			return;
	*vec_push(&check->arena, &check->named) =
		arena_strndup(&check->arena, path, strlen(path));
}

/* Looks for a profile as the container runtime will. */
static void
resolve(struct manifest *m, const struct kubernetes_profile *profile)
{
	const char *root = m->check->manifest.root;
	const char *slash = root[strlen(root) - 1] == '/' ? "" : "/";
	const char *path =
		arena_printf(m->arena, "%s%s%s", root, slash, profile->path);
	const char *why = NULL;
	char real[PATH_MAX];
	struct stat st;

	if (!realpath(path, real) || stat(real, &st))
		why = strerror(errno);
	else if (S_ISDIR(st.st_mode))
		why = "Is a directory";
	else if (!S_ISREG(st.st_mode))
		why = "No regular file";
	if (why) {
		diag_at(m->diags, LINT_KUBERNETES_ABSENT, profile->where, NULL,
			"%s: %s: the container will not start", path, why);
		return;
	}
	if (!path_below(m->root, real))
		diag_at(m->diags, LINT_KUBERNETES_OUTSIDE, profile->where,
			"put the file itself there: the root alone is what "
			"gets copied to nodes",
			"a link leads from %s to %s", path, real);
	add_profile(m->check, path);
}

/* Returns false after reporting that there is no root to look below. */
static bool
find_root(struct manifest *m, const struct kubernetes *k, const char *name,
	  char real[PATH_MAX])
{
	const char *root = m->check->manifest.root;

	if (!root || !*root) {
		tool_usage("check",
			   "%s names '%s': --profile-root is needed, the "
			   "folder that has it",
			   name, k->profiles.v[0].path);
	} else if (!realpath(root, real)) {
		tool_usage("check", "--profile-root=%s: %s", root,
			   strerror(errno));
	} else {
		m->root = real;
		return true;
	}
	m->check->misused = true;
	return false;
}

/* Running out of memory leaves through the arena of diags. */
static void
read_manifest(struct check *check, const struct source *source,
	      struct diags *diags)
{
	const struct kubernetes_options options = {
		.seccomp_default = check->manifest.seccomp_default,
	};
	struct manifest m = { check, diags->arena, diags, NULL };
	char real[PATH_MAX];
	struct kubernetes k;

	if (!kubernetes_read(&k, diags->arena, source, &options, diags) ||
	    !k.profiles.n || !find_root(&m, &k, source->name, real))
		return;
	for (size_t i = 0; i < k.profiles.n; i++)
		resolve(&m, &k.profiles.v[i]);
}

void
check_manifest(struct check *check, const char *path)
{
	struct check_job job = { .check = check, .path = path };
	struct source source = { .name = tool_name(path) };
	struct arena arena;
	struct diags diags;
	char *text;

	if (!check_job_prepare(&job)) {
		check->failed |= !check->misused;
		return;
	}
	text = tool_read(path, LIMIT_FILE, &source.len);
	source.text = text;
	if (!text) {
		check->failed = true;
		return;
	}
	if (!yaml_supported() && kubernetes_needs_yaml(&source)) {
		tool_usage("check",
			   "%s: this seccompc was built without libyaml: "
			   "convert the manifest to JSON, or build with "
			   "-Dyaml=enabled",
			   source.name);
		check->misused = true;
		free(text);
		return;
	}
	arena_init(&arena);
	if (setjmp(arena.oom)) {
		tool_error("%s: out of memory", source.name);
		check->failed = true;
	} else {
		diags_init(&diags, &arena, &source);
		memcpy(diags.level, job.level, sizeof(diags.level));
		read_manifest(check, &source, &diags);
		check_job_keep(&job, &diags, NULL);
	}
	arena_finish(&arena);
	free(text);
}
