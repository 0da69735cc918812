#include "kubernetes.h"

#include <string.h>

#include "ascii.h"

static bool
is_seccomp_profile(const char *key)
{
	static const char name[] = "seccompprofile";
	size_t i = 0;

	while (name[i] && ascii_lower(key[i]) == name[i])
		i++;
	return !name[i] && !key[i];
}

static bool
is_seen(const struct kubernetes_walk *w, const struct json *value)
{
	return value->key_offset < w->len &&
	       w->seen[value->key_offset / 8] >> value->key_offset % 8 & 1;
}

static void
report(struct kubernetes_walk *w, const struct json *value, bool known)
{
	if (!known)
		diag_at(w->diags, LINT_KUBERNETES_UNREAD, value, NULL,
			"not looked at: only pods and the kinds of Kubernetes "
			"itself that make pods are read");
	else
		diag_at(w->diags, LINT_KUBERNETES_MISPLACED, value,
			"it is 'seccompProfile' in the securityContext of a "
			"pod's spec or of a container",
			"'%s' here is no field of Kubernetes: it has no effect",
			value->key);
}

/*
 * What an alias or a merge key brings in is walked where it is written, and
 * there alone: it has another parent elsewhere.  Recursion ends at
 * LIMIT_DEPTH.
 */
void
kubernetes_unread(struct kubernetes_walk *w, const struct json *root,
		  bool known)
{
	w->lookups += root->count;
	for (size_t i = 0; i < root->count; i++) {
		const struct json *child = &root->children[i];

		if (child->parent != root)
			continue;
		if (child->key && is_seccomp_profile(child->key) &&
		    !is_seen(w, child))
			report(w, child, known);
		kubernetes_unread(w, child, known);
	}
}
