/*
 * For kubernetes.py.  Reads manifests from standard input, each after its
 * length as four bytes, little end first; prints a line for each: "reject" or
 * "accept" and a JSON list of the containers: their names as messages have
 * them, type, path and whether they are privileged.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compiler/check/kubernetes.h"
#include "compiler/check/yaml-read.h"

static void
print_containers(struct arena *arena, const struct kubernetes *k)
{
	static const char *const types[] = {
		[KUBERNETES_NONE] = "none",
		[KUBERNETES_DEFAULT] = "RuntimeDefault",
		[KUBERNETES_UNCONFINED] = "Unconfined",
		[KUBERNETES_LOCALHOST] = "Localhost",
		[KUBERNETES_INVALID] = "invalid",
	};
	struct buf buf = { .arena = arena };

	buf_printf(&buf, "accept [");
	for (size_t i = 0; i < k->containers.n; i++) {
		const struct kubernetes_container *c = &k->containers.v[i];

		buf_printf(&buf, "%s[", i ? "," : "");
		output_quote(&buf, c->name);
		buf_printf(&buf, ",\"%s\",", types[c->type]);
		output_quote(&buf, c->path ? c->path : "");
		buf_printf(&buf, ",%s]", c->privileged ? "true" : "false");
	}
	buf_printf(&buf, "]");
	puts(buf.data);
}

static void
read_one(const char *text, size_t len)
{
	const struct kubernetes_options options = { false };
	const struct source source = { "text", text, len };
	struct kubernetes kubernetes;
	struct arena arena;
	struct diags diags;

	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
	diags_init(&diags, &arena, &source);
	if (kubernetes_read(&kubernetes, &arena, &source, &options, &diags)) {
		print_containers(&arena, &kubernetes);
	} else {
		printf("reject");
		for (size_t i = 0; i < diags.list.n; i++)
			printf(" %s", diag_table[diags.list.v[i].id].name);
		printf("\n");
	}
	arena_finish(&arena);
}

int
main(void)
{
	unsigned char head[4];

	if (!yaml_supported())
		return 77;
	while (fread(head, 1, 4, stdin) == 4) {
		size_t len = head[0] | head[1] << 8 | head[2] << 16 |
			     (size_t)head[3] << 24;
		/* Of the exact size, for AddressSanitizer. */
		char *text = malloc(len ? len : 1);

		if (!text || fread(text, 1, len, stdin) != len)
			return 1;
		read_one(text, len);
		free(text);
	}
	return 0;
}
