#include "check.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum dialect dialect; /* that it reads */
} consumers[] = {
	[CONSUMER_ANY] = { "any", DIALECT_AUTO },
	[CONSUMER_DOCKER] = { "docker", DIALECT_DOCKER },
	[CONSUMER_PODMAN] = { "podman", DIALECT_PODMAN },
	[CONSUMER_CRIO] = { "crio", DIALECT_PODMAN },
	[CONSUMER_KUBERNETES] = { "kubernetes", DIALECT_OCI },
	[CONSUMER_OCI] = { "oci", DIALECT_OCI },
};

static bool
set_consumer(struct check_settings *settings, const char *value, char *why,
	     size_t size)
{
	for (size_t i = 1; i < LENGTH(consumers); i++) {
		if (strcmp(value, consumers[i].name) != 0)
			continue;
		settings->lint.consumer = (enum consumer)i;
		if (!settings->dialect_given)
			settings->target.settings.options.dialect =
				consumers[i].dialect;
		return true;
	}
	snprintf(why, size,
		 "for cannot be '%s': there are docker, podman, crio, "
		 "kubernetes and oci",
		 value);
	text_clean(why);
	return false;
}

bool
check_set(struct check_settings *settings, const char *name, const char *value,
	  char *why, size_t size)
{
	if (!strcmp(name, "for"))
		return set_consumer(settings, value, why, size);
	if (!settings_set(&settings->target.settings, name, value, why, size))
		return false;
	settings->dialect_given |= !strcmp(name, "dialect");
	return true;
}

static const char *
copy(struct check *check, const char *s)
{
	return s ? arena_strndup(&check->arena, s, strlen(s)) : NULL;
}

/* Copies what a report needs: the compilation is gone by then. */
static void
keep(struct check *check, const struct diags *diags)
{
	struct source *source = arena_alloc(&check->arena, sizeof(*source));
	struct diags *kept = arena_alloc(&check->arena, sizeof(*kept));

	*source = *diags->source;
	source->name = copy(check, source->name);
	source->text = arena_strndup(&check->arena, source->text, source->len);
	*kept = *diags;
	kept->arena = &check->arena;
	kept->source = source;
	memset(&kept->list, 0, sizeof(kept->list));
	for (size_t i = 0; i < diags->list.n; i++) {
		struct diag diag = diags->list.v[i];

		diag.pointer = copy(check, diag.pointer);
		diag.message = copy(check, diag.message);
		diag.hint = copy(check, diag.hint);
		*vec_push(&check->arena, &kept->list) = diag;
	}
	*vec_push(&check->arena, &check->files) =
		(struct findings_file){ .source = source, .diags = kept };
}

static bool
init_settings(const struct check *check, struct check_settings *settings)
{
	char why[256];

	memset(settings, 0, sizeof(*settings));
	target_init(&settings->target);
	settings->target.settings.lints = true;
	for (size_t i = 0; i < check->options.n; i++) {
		const struct check_option *o = &check->options.v[i];

		if (!check_set(settings, o->name, o->value, why, sizeof(why))) {
			tool_error("--%s", why);
			return false;
		}
	}
	return true;
}

static void
report_unproved(struct check *check, struct compilation *c)
{
	struct buf buf = { .arena = &check->arena };

	proof_write(&buf, &c->proof);
	tool_error("%s: %s", c->source.name, buf.data);
	check->unproved = true;
}

static void
check_text(struct check *check, const struct check_settings *settings,
	   struct compilation *c)
{
	if (!lint_run(c, &settings->lint)) {
		tool_error("%s: out of memory", c->source.name);
		check->failed = true;
		return;
	}
	if (compilation_unproved(c))
		report_unproved(check, c);
	keep(check, &c->diags);
}

void
check_profile(struct check *check, const char *path)
{
	struct check_settings settings;
	struct compilation c;
	size_t len;
	char *text = tool_read(path, LIMIT_FILE, &len);

	if (!text || !init_settings(check, &settings)) {
		check->failed = true;
		free(text);
		return;
	}
	target_compile(&settings.target, &c,
		       strcmp(path, "-") != 0 ? path : "<stdin>", text, len);
	check_text(check, &settings, &c);
	compilation_finish(&c);
	free(text);
}
