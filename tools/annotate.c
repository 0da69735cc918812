#include "annotate.h"

#include <string.h>

/* A profile is a file that is easily named in the bundle's place. */
static bool
check_version(struct annotate *a)
{
	const struct json *version = json_member(a->root, "ociVersion");
	const struct shape shape = { a->arena, &a->diags, DIALECT_OCI };

	if (version)
		return shape_expect(&shape, version, JSON_STRING);
	return diag_at(&a->diags, DIAG_MISSING_FIELD, a->root,
		       json_member(a->root, "defaultAction")
			       ? "this is a profile: the bundle comes before it"
			       : "config.json of an OCI bundle is needed",
		       "'ociVersion' is required here");
}

bool
annotate_read(struct annotate *a)
{
	const struct shape shape = { a->arena, &a->diags, DIALECT_OCI };
	const struct json *linux_, *seccomp;

	a->root = json_read(a->arena, &a->source, &a->diags);
	if (!a->root || !shape_expect(&shape, a->root, JSON_OBJECT) ||
	    !check_version(a) ||
	    !shape_optional(&shape, a->root, "annotations", JSON_OBJECT,
			    &a->annotations) ||
	    !shape_optional(&shape, a->root, "linux", JSON_OBJECT, &linux_))
		return false;
	seccomp = linux_ ? json_member(linux_, "seccomp") : NULL;
	a->has_seccomp = seccomp && seccomp->kind != JSON_NULL;
	a->draft = (struct draft){ a->arena,
				   arena_strndup(a->arena, a->source.text,
						 a->source.len),
				   a->source.len, &a->edit };
	return true;
}

/* The program as a JSON string: base64 has nothing to be escaped. */
static const char *
write_value(struct annotate *a, const struct sock_filter *code, size_t count)
{
	struct buf buf = { .arena = a->arena };

	buf_append(&buf, "\"", 1);
	output_program(&buf, FORMAT_BASE64, code, count);
	buf.data[buf.len - 1] = '"'; /* the line end */
	return buf.data;
}

/* An object that has a member alone, laid out like what it will be in. */
static const char *
write_object(struct annotate *a, const char *member)
{
	const struct json *first = a->root->children;
	const char *indent = draft_indentation(&a->draft, first);
	const char *break_ = draft_break(&a->draft, first);

	return indent ? arena_printf(a->arena, "{%s%s%s%s}", break_, indent,
				     member, break_)
		      : arena_printf(a->arena, "{ %s }", member);
}

void
annotate_put(struct annotate *a, const struct sock_filter *code, size_t count)
{
	const char *value = write_value(a, code, count);
	const char *member =
		arena_printf(a->arena, "\"%s\": %s", ANNOTATION, value);
	const struct json *null = json_member(a->root, "annotations");
	const struct json *before;

	if (!a->annotations && !null) {
		draft_add_member(&a->draft, a->root,
				 arena_printf(a->arena, "\"annotations\": %s",
					      write_object(a, member)),
				 "");
		return;
	}
	if (!a->annotations || !a->annotations->count) {
		draft_replace_value(&a->draft,
				    a->annotations ? a->annotations : null,
				    write_object(a, member), "");
		return;
	}
	before = json_member(a->annotations, ANNOTATION);
	if (before)
		draft_replace_value(&a->draft, before, value, "");
	else
		draft_add_member(&a->draft, a->annotations, member, "");
}

bool
annotate_remove(struct annotate *a)
{
	const struct json *before =
		a->annotations ? json_member(a->annotations, ANNOTATION) : NULL;

	if (!before)
		return false;
	draft_remove(&a->draft,
		     a->annotations->count > 1 ? before : a->annotations, "");
	return true;
}
