#include "lint-consumer.h"

#include <string.h>

/*
 * The dialects are those of moby/profiles seccomp/seccomp_linux.go and of
 * containers/common pkg/seccomp/seccomp_linux.go, which CRI-O uses as well;
 * containerd and runc take linux.seccomp of the OCI runtime spec.
 */
static const struct consumer_info consumers[] = {
	[CONSUMER_ANY] = { "any", NULL, DIALECT_AUTO, 0 },
	[CONSUMER_DOCKER] = { "docker", "Docker", DIALECT_DOCKER,
			      RUNTIME_RUNC },
	[CONSUMER_PODMAN] = { "podman", "Podman", DIALECT_PODMAN,
			      RUNTIME_CRUN },
	/* Which of the two depends on the version. */
	[CONSUMER_CRIO] = { "crio", "CRI-O", DIALECT_PODMAN,
			    RUNTIME_RUNC | RUNTIME_CRUN },
	[CONSUMER_KUBERNETES] = { "kubernetes", "containerd", DIALECT_OCI,
				  RUNTIME_RUNC },
	[CONSUMER_OCI] = { "oci", "an OCI runtime", DIALECT_OCI,
			   RUNTIME_RUNC | RUNTIME_CRUN },
};

const struct consumer_info *
consumer_info(enum consumer consumer)
{
	return &consumers[consumer];
}

enum consumer
consumer_find(const char *option)
{
	for (size_t i = CONSUMER_ANY + 1; i < LENGTH(consumers); i++)
		if (!strcmp(option, consumers[i].option))
			return (enum consumer)i;
	return CONSUMER_ANY;
}

static void
read_profile(struct lint *l, struct reading *r, enum dialect dialect)
{
	struct options *options = arena_alloc(l->arena, sizeof(*options));
	struct diags *diags = arena_alloc(l->arena, sizeof(*diags));
	const struct selection *selection = NULL;
	const char *bad;

	*options = l->c->options;
	options->dialect = dialect;
	r->assumed_caps = !options->caps_given;
	r->assumed_kernel = !options->kernel_given;
	if (!options->caps_given)
		options->caps_given =
			options_parse_caps("docker", &options->caps, &bad);
	if (!options->kernel_given)
		options->kernel = syscall_tables_release;
	options->kernel_given = true;
	/* What is wrong with it was said already, or is not asked. */
	diags_init(diags, l->arena, l->c->diags.source);
	for (size_t i = 0; i < DIAG_COUNT; i++)
		diags->level[i] = l->c->diags.level[i];
	r->profile = profile_read(l->arena, l->c->json, options, diags);
	if (r->profile)
		selection = select_rules(l->arena, r->profile, options, diags);
	if (!selection)
		return;
	r->assumed_caps &= selection->caps_asked != 0;
	r->assumed_kernel &=
		selection->kernel_from.asked || selection->kernel_below.asked;
	r->ruleset = resolve_names(l->arena, selection, diags);
}

const struct reading *
lint_reading(struct lint *l, enum dialect dialect)
{
	struct reading *r = l->readings[dialect];

	if (r)
		return r;
	r = arena_alloc(l->arena, sizeof(*r));
	l->readings[dialect] = r;
	if (l->c->profile->dialect == dialect)
		*r = (struct reading){ .profile = l->c->profile,
				       .ruleset = l->c->ruleset };
	else
		read_profile(l, r, dialect);
	return r;
}

const struct json *
lint_member(const struct json *object, const char *key)
{
	const struct json *value = json_member(object, key);

	if (!value || value->kind == JSON_NULL ||
	    (value->kind == JSON_STRING && !value->string[0]) ||
	    ((value->kind == JSON_ARRAY || value->kind == JSON_OBJECT) &&
	     !value->count))
		return NULL;
	return value;
}

const struct json *
lint_notify(const struct lint *l)
{
	const struct ruleset *rules = l->c->ruleset;

	for (size_t i = 0; i < rules->rules.n; i++)
		if (rules->rules.v[i].action == SECCOMP_RET_USER_NOTIF)
			return rules->rules.v[i].rule->action_where;
	return NULL;
}
