#include "findings-parts.h"
#include "path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"

/* Appends the parts of path, as many as do not cancel each other. */
static void
append_parts(struct buf *buf, const char *path)
{
	bool absolute = *path == '/';

	while (*path) {
		size_t len = strcspn(path, "/");
		const char *last =
			buf->len ? memrchr(buf->data, '/', buf->len) : NULL;
		size_t start = last ? (size_t)(last - buf->data) + 1 : 0;
		bool up = buf->len && !strcmp(buf->data + start, "..");

		if (len == 2 && !memcmp(path, "..", 2) &&
		    (absolute || (buf->len && !up))) {
			buf->len = start ? start - 1 : 0;
			if (buf->data)
				buf->data[buf->len] = '\0';
		} else if (len && !(len == 1 && *path == '.')) {
			if (absolute || buf->len)
				buf_append(buf, "/", 1);
			buf_append(buf, path, len);
		}
		path += len + (path[len] == '/');
	}
	if (!buf->len)
		buf_append(buf, absolute ? "/" : ".", 1);
}

static bool
has_up(const char *path)
{
	for (const char *s = path; (s = strstr(s, "..")); s += 2)
		if ((s == path || s[-1] == '/') && (!s[2] || s[2] == '/'))
			return true;
	return false;
}

const char *
findings_path(struct arena *arena, const struct findings *findings,
	      const char *name)
{
	const char *root = findings->root, *below;
	struct buf buf = { .arena = arena };
	char real[PATH_MAX];

	/* What a stream is called is no path. */
	if (!strcmp(name, "<stdin>"))
		return name;
	if (*name != '/' && findings->folder)
		name = arena_printf(arena, "%s/%s", findings->folder, name);
	/* Where .. leads depends on links; SARIF 2.1.0, 3.10.2. */
	if (findings->folder && has_up(name) && realpath(name, real))
		name = real;
	append_parts(&buf, name);
	below = root && *root == '/' ? path_below(root, buf.data) : NULL;
	return below && *below ? below : buf.data;
}

static void
encode(struct buf *buf, const char *s)
{
	for (; *s; s++) {
		/* RFC 3986, 2.3 and 3.3; no colon, which is a scheme's. */
		if (ascii_is_alnum(*s) || strchr("-._~/", *s))
			buf_append(buf, s, 1);
		else
			buf_printf(buf, "%%%02X", (unsigned char)*s);
	}
}

void
findings_uri(struct buf *buf, const char *path)
{
	if (*path == '/')
		buf_printf(buf, "file://");
	encode(buf, path);
}

void
findings_document(struct buf *buf, const char *name)
{
	const char *uri = SECCOMPC_DOCS_URI;

	if (*uri) {
		buf_printf(buf, "%s/%s", uri, name);
		return;
	}
	findings_uri(buf, SECCOMPC_DOCS_FOLDER);
	buf_printf(buf, "/%s", name);
}

void
findings_help(struct buf *buf, enum diag_id id)
{
	findings_document(buf, "docs/diagnostics.md");
	buf_printf(buf, "#%s", diag_table[id].name);
}
