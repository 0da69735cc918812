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

enum { MAX_ANCHORS = 64, MAX_DEPTH = 12 };

struct maker {
	struct profile_text *text;
	struct bytes *bytes;
	unsigned anchors, depth;
	bool open[MAX_ANCHORS + 1]; /* its value is not complete */
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

static void put_value(struct maker *m, unsigned shape, const char *above);

/* Where to begin in keys: mostly with what Kubernetes has below a key. */
static unsigned
first_key(struct maker *m, const char *above)
{
	static const struct {
		const char *above, *below;
	} likely[] = {
		{ "spec", "containers" },
		{ "containers", "securityContext" },
		{ "initContainers", "securityContext" },
		{ "securityContext", "seccompProfile" },
		{ "seccompProfile", "type" },
		{ "items", "kind" },
		{ "metadata", "annotations" },
	};
	unsigned first = pick(m, LENGTH(keys) * 4);

	if (first < LENGTH(keys))
		return first;
	for (unsigned i = 0; i < LENGTH(likely); i++)
		for (unsigned j = 0; j < LENGTH(keys); j++)
			if (!strcmp(above, likely[i].above) &&
			    !strcmp(keys[j], likely[i].below))
				return j;
	return first % LENGTH(keys);
}

/* What is a list or a word with a key, mostly. */
static unsigned
usual_shape(const char *key)
{
	static const char *const words_of[] = {
		"kind", "apiVersion",	    "name",
		"type", "localhostProfile", "privileged",
	};

	if (strstr(key, "ontainers") || !strcmp(key, "items"))
		return 1;
	for (size_t i = 0; i < LENGTH(words_of); i++)
		if (!strcmp(key, words_of[i]))
			return 2;
	return strchr(key, '/') ? 2 : 0;
}

/* No key twice: steps of three lead to all of them. */
static void
put_map(struct maker *m, const char *above)
{
	unsigned first = first_key(m, above);
	unsigned count = m->depth < MAX_DEPTH ? pick(m, 5) : 0;

	put(m, "{");
	for (unsigned i = 0; i < count; i++) {
		const char *key = keys[(first + i * 3) % LENGTH(keys)];

		put(m, i ? ", " : "");
		put(m, key);
		put(m, ": ");
		m->depth++;
		if (!strcmp(key, "<<") && pick(m, 16))
			put_map(m, above);
		else
			put_value(m, usual_shape(key), key);
		m->depth--;
	}
	put(m, "}");
}

static void
put_list(struct maker *m, const char *above)
{
	unsigned count = m->depth < MAX_DEPTH ? pick(m, 5) : 0;

	put(m, "[");
	for (unsigned i = 0; i < count; i++) {
		put(m, i ? ", " : "");
		put_value(m, 0, above);
	}
	put(m, "]");
}

/* shape: 0 a mapping, 1 a list, 2 a word, unless it is something else. */
static void
put_value(struct maker *m, unsigned shape, const char *above)
{
	unsigned other = pick(m, 24), anchor = MAX_ANCHORS;
	char name[32];

	if (other < 3)
		shape = other;
	if (other == 3 && m->anchors) {
		anchor = pick(m, m->anchors);
		/* Seldom one that contains this place: that is an error. */
		if (!m->open[anchor] || !pick(m, 16)) {
			snprintf(name, sizeof(name), "*a%u", anchor);
			put(m, name);
			return;
		}
		anchor = MAX_ANCHORS;
	}
	if (other == 4 && m->anchors < MAX_ANCHORS) {
		anchor = m->anchors++;
		m->open[anchor] = shape != 2;
		snprintf(name, sizeof(name), "&a%u ", anchor);
		put(m, name);
	}
	if (shape == 2 || m->depth > MAX_DEPTH) {
		put(m, words[pick(m, LENGTH(words))]);
		m->open[anchor] = false;
		return;
	}
	m->depth++;
	if (shape == 0)
		put_map(m, above);
	else
		put_list(m, above);
	m->depth--;
	m->open[anchor] = false;
}

static void
make_manifest(struct profile_text *text, struct bytes *bytes)
{
	struct maker m = { .text = text, .bytes = bytes };
	unsigned documents = pick(&m, 3);

	text->len = 0;
	text->s[0] = '\0';
	do {
		static const char *const kinds[] = {
			"kind: Pod\nspec: ",
			"kind: Job\nspec: {template: {spec: ",
			"kind: List\nitems: ",
		};
		unsigned kind = pick(&m, LENGTH(kinds));

		put(&m, "---\n");
		put(&m, kinds[kind]);
		put_value(&m, kind == 2, kind == 2 ? "items" : "spec");
		put(&m, kind == 1 ? "}}\n" : "\n");
		m.anchors = 0;
	} while (documents-- > 0);
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
