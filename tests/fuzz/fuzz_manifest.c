/*
 * The fuzzer of manifests.  As for profiles, an input is HEADER_SIZE bytes,
 * of which HEADER_MODE says whether a manifest follows or bytes to make one
 * of, and HEADER_DIALECT whether the kubelet has --seccomp-default.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/kubernetes.h"

struct fuzz_totals fuzz_totals;

/* The pieces of manifests; most of them where others have that place. */
static const char *const keys[] = {
	"kind",
	"apiVersion",
	"metadata",
	"spec",
	"template",
	"jobTemplate",
	"containers",
	"initContainers",
	"securityContext",
	"name",
	"seccompProfile",
	"type",
	"localhostProfile",
	"privileged",
	"annotations",
	"items",
	"os",
	"<<",
	"seccomp.security.alpha.kubernetes.io/pod",
	"container.seccomp.security.alpha.kubernetes.io/a",
};
static const char *const words[] = {
	"Pod",	       "Deployment",	  "CronJob", "List",
	"v1",	       "apps/v1",	  "a",	     "RuntimeDefault",
	"Unconfined",  "Localhost",	  "a/b",     "../x",
	"yes",	       "windows",	  "~",	     "''",
	"\"\\u00e9\"", "runtime/default", "!!str 1", "localhost/a/b",
};

struct maker {
	struct profile_text *text;
	struct bytes *bytes;
	unsigned anchors, depth;
};

static unsigned
pick(struct maker *m, unsigned count)
{
	return m->bytes->at < m->bytes->end ? *m->bytes->at++ % count : 0;
}

static void
put(struct maker *m, const char *s)
{
	size_t len = strlen(s);

	if (len < sizeof(m->text->s) - m->text->len) {
		memcpy(m->text->s + m->text->len, s, len + 1);
		m->text->len += len;
	}
}

static void put_value(struct maker *m, unsigned shape);

/* Keys are numbered in part, so that few of them stand twice. */
static void
put_map(struct maker *m)
{
	unsigned first = pick(m, LENGTH(keys)), count = pick(m, 6);
	char key[80];

	put(m, "{");
	for (unsigned i = 0; i < count; i++) {
		const char *name = keys[(first + i * 3) % LENGTH(keys)];

		snprintf(key, sizeof(key), "%s%s: ", i ? ", " : "", name);
		put(m, key);
		/* What is usual there, mostly. */
		put_value(m, strstr(name, "ontainers") || !strcmp(name, "items")
				     ? 1
			     : strchr("kntlop", *name) ||
					     !strcmp(name, "apiVersion")
				     ? 2
				     : 0);
	}
	put(m, "}");
}

static void
put_list(struct maker *m)
{
	unsigned count = pick(m, 5);

	put(m, "[");
	for (unsigned i = 0; i < count; i++) {
		put(m, i ? ", " : "");
		put_value(m, 0);
	}
	put(m, "]");
}

/* shape: 0 a mapping, 1 a list, 2 a word, unless it is something else. */
static void
put_value(struct maker *m, unsigned shape)
{
	unsigned other = pick(m, 24);
	char name[32];

	if (other < 3)
		shape = other;
	if (other == 3 && m->anchors) {
		snprintf(name, sizeof(name), "*a%u", pick(m, m->anchors));
		put(m, name);
		return;
	}
	if (other == 4) {
		snprintf(name, sizeof(name), "&a%u ", m->anchors++);
		put(m, name);
	}
	if (shape == 2 || m->depth > 12) {
		put(m, words[pick(m, LENGTH(words))]);
		return;
	}
	m->depth++;
	if (shape == 0)
		put_map(m);
	else
		put_list(m);
	m->depth--;
}

static void
make_manifest(struct profile_text *text, struct bytes *bytes)
{
	struct maker m = { text, bytes, 0, 0 };

	text->len = 0;
	text->s[0] = '\0';
	do {
		static const char *const kinds[] = {
			"kind: Pod\nspec: ",
			"kind: Job\nspec: {template: {spec: {containers: [",
			"kind: List\nitems: ",
		};
		unsigned kind = pick(&m, LENGTH(kinds));

		put(&m, "---\n");
		put(&m, kinds[kind]);
		put_value(&m, kind == 2);
		put(&m, kind == 1 ? "]}}}\n" : "\n");
		m.anchors = 0;
	} while (bytes->at < bytes->end && text->len < sizeof(text->s) / 2);
}

__attribute__((noreturn)) static void
fail(const struct source *source, const char *what)
{
	fprintf(stderr, "fuzz: %s\n%.*s\n", what, (int)source->len,
		source->text);
	abort();
}

static void
check_diagnostics(const struct diags *diags)
{
	struct buf buf = { .arena = diags->arena };

	for (size_t i = 0; i < diags->list.n; i++) {
		const struct diag *diag = &diags->list.v[i];

		if (diag->offset > diags->source->len)
			fail(diags->source, "a finding without a position");
		diag_write(&buf, diags->source, diag, i & 1);
	}
	/* Nothing in a message may act on a terminal. */
	for (size_t i = 0; i < buf.len; i++)
		if ((unsigned char)buf.data[i] < ' ' && buf.data[i] != '\n' &&
		    buf.data[i] != '\t' && buf.data[i] != '\033')
			fail(diags->source, "a control character in a message");
}

static bool
climbs(const char *path)
{
	return !strcmp(path, "..") || !strncmp(path, "../", 3) ||
	       strstr(path, "/../") ||
	       (strlen(path) > 3 && !strcmp(path + strlen(path) - 3, "/.."));
}

static void
check_paths(const struct kubernetes *k, const struct source *source)
{
	size_t needed = 0;

	for (size_t i = 0; i < k->containers.n; i++) {
		const struct kubernetes_container *c = &k->containers.v[i];

		if ((c->path != NULL) != (c->type == KUBERNETES_LOCALHOST))
			fail(source, "a path without need, or none");
		needed += c->path && !c->privileged;
	}
	if (k->profiles.n > needed || (needed && !k->profiles.n))
		fail(source, "profiles that nothing needs");
	for (size_t i = 0; i < k->profiles.n; i++) {
		const char *path = k->profiles.v[i].path;

		if (*path == '/' || climbs(path))
			fail(source, "a path that leaves the root");
		for (size_t j = 0; j < i; j++)
			if (!strcmp(path, k->profiles.v[j].path))
				fail(source, "a path twice");
	}
}

static void
run(const char *text, size_t len, bool seccomp_default)
{
	const struct kubernetes_options options = { seccomp_default };
	const struct source source = { "fuzz.yaml", text, len };
	struct kubernetes kubernetes;
	struct arena arena;
	struct diags diags;

	arena_init(&arena);
	if (setjmp(arena.oom))
		fail(&source, "out of memory");
	diags_init(&diags, &arena, &source);
	if (kubernetes_read(&kubernetes, &arena, &source, &options, &diags)) {
		fuzz_totals.programs++;
		fuzz_totals.calls += kubernetes.containers.n;
		check_paths(&kubernetes, &source);
	} else if (!diags.count[SEVERITY_ERROR]) {
		fail(&source, "refused without an error");
	}
	check_diagnostics(&diags);
	arena_finish(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct profile_text text;
	uint8_t header[HEADER_SIZE] = { 0 };
	struct bytes rest = { header, header };
	bool seccomp_default;

	fuzz_totals.inputs++;
	memcpy(header, data, size < HEADER_SIZE ? size : HEADER_SIZE);
	if (size > HEADER_SIZE)
		rest = (struct bytes){ data + HEADER_SIZE, data + size };
	seccomp_default = header[HEADER_DIALECT] % 2;
	if (header[HEADER_MODE] % 2) {
		make_manifest(&text, &rest);
		run(text.s, text.len, seccomp_default);
	} else {
		run((const char *)rest.at, (size_t)(rest.end - rest.at),
		    seccomp_default);
	}
	return 0;
}
