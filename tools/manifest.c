#include "manifest.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The folder that a path is in; false if it cannot be looked at. */
static bool
find_folder(const char *path, const char *name, struct stat *st)
{
	char *folder = strndup(path, (size_t)(name - path));
	bool ok = folder && !stat(*folder ? folder : ".", st);

	free(folder);
	return ok;
}

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Whether two paths are one file: there already, or as soon as it is. */
static bool
is_same(const char *a, const char *b)
{
	const char *in_a = last_name(a), *in_b = last_name(b);
	struct stat x, y;

	if (!strcmp(a, b))
		return true;
	if (!strcmp(a, "-") || !strcmp(b, "-"))
		return false;
	if (!stat(a, &x) && !stat(b, &y))
		return S_ISREG(x.st_mode) && x.st_dev == y.st_dev &&
		       x.st_ino == y.st_ino;
	return !strcmp(in_a, in_b) && find_folder(a, in_a, &x) &&
	       find_folder(b, in_b, &y) && x.st_dev == y.st_dev &&
	       x.st_ino == y.st_ino;
}

static bool
refuse_same(const char *path)
{
	tool_error("the manifest would be written over its program: %s",
		   strcmp(path, "-") ? path : "standard output");
	return false;
}

bool
manifest_list(struct jobs *manifests, const struct jobs *programs, char **paths,
	      size_t count, const char *path)
{
	*manifests = (struct jobs){ 0 };
	if (!path)
		return true;
	if (programs->n > 1 && !strcmp(path, "-")) {
		tool_error("several profiles need --manifest=FOLDER");
		return false;
	}
	if (!jobs_list(manifests, paths, count, path, MANIFEST_SUFFIX))
		return false;
	if (manifests->n != programs->n) {
		tool_error("profiles came or went meanwhile");
		return false;
	}
	for (size_t i = 0; i < manifests->n; i++)
		if (is_same(manifests->v[i].output, programs->v[i].output))
			return refuse_same(manifests->v[i].output);
	return true;
}

static void
print_counts(struct buf *buf, const struct abi_statistics *s, const char *name)
{
	const struct {
		unsigned count;
		const char *what;
	} answers[] = {
		{ s->allowed, "allowed" },   { s->conditional, "conditional" },
		{ s->logged, "logged" },     { s->traced, "traced" },
		{ s->notified, "notified" }, { s->denied, "denied" },
	};

	buf_printf(buf, "  %s: of %u syscalls", name, s->known);
	for (size_t i = 0; i < LENGTH(answers); i++)
		if (answers[i].count)
			buf_printf(buf, " %u %s,", answers[i].count,
				   answers[i].what);
	buf_printf(buf, " %u cached\n", s->cached);
}

void
manifest_print(struct compilation *c)
{
	const struct program *program = c->program;
	struct buf buf = { .arena = &c->arena };
	struct statistics s;
	char *name = arena_strndup(&c->arena, c->source.name,
				   strlen(c->source.name));
	bool counted = statistics_find(&s, &c->arena, program->code.v,
				       program->code.n);

	text_clean(name);
	buf_printf(&buf, "%s: %zu instructions, %zu bytes, %s%u executed\n",
		   name, s.instructions,
		   s.instructions * sizeof(*program->code.v),
		   s.longest.exact ? "at most " : "no more than ",
		   s.longest.bound);
	for (size_t i = 0; counted && i < ABI_COUNT; i++)
		if (c->ruleset->abis >> i & 1)
			print_counts(&buf, &s.abis[i], arch_table[i]->name);
	fwrite(buf.data, 1, buf.len, stderr);
}
