#include "compiler.h"

#include <string.h>

static const struct field profile_fields[] = {
	{ "$schema", EVERY_DIALECT }, /* for editors; runtimes ignore it */
	{ "defaultAction", EVERY_DIALECT },
	{ "defaultErrnoRet", EVERY_DIALECT },
	{ "defaultErrno", PODMAN },
	{ "architectures", EVERY_DIALECT },
	{ "archMap", DOCKER | PODMAN },
	{ "flags", EVERY_DIALECT },
	{ "listenerPath", EVERY_DIALECT },
	{ "listenerMetadata", EVERY_DIALECT },
	{ "syscalls", EVERY_DIALECT },
};

static const struct field rule_fields[] = {
	{ "names", EVERY_DIALECT },
	{ "name", DOCKER | PODMAN },
	{ "action", EVERY_DIALECT },
	{ "errnoRet", EVERY_DIALECT },
	{ "errno", PODMAN },
	{ "args", EVERY_DIALECT },
	{ "comment", EVERY_DIALECT },
	{ "includes", DOCKER | PODMAN },
	{ "excludes", DOCKER | PODMAN },
};

static const struct field arch_map_fields[] = {
	{ "architecture", EVERY_DIALECT },
	{ "subArchitectures", EVERY_DIALECT },
};

static const struct field clause_fields[] = {
	{ "caps", EVERY_DIALECT },
	{ "arches", EVERY_DIALECT },
	{ "minKernel", DOCKER },
};

/* The flags that the OCI runtime spec knows, config-linux.md. */
static const struct {
	const char *name;
	uint32_t flag;
} filter_flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", 1 << 0 },
	{ "SECCOMP_FILTER_FLAG_LOG", 1 << 1 },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1 << 2 },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1 << 5 },
};

struct reader {
	struct arena *arena;
	struct diags *diags;
	struct shape shape;
	struct profile *profile;
	size_t names, conditions;
	bool old_form; /* a rule with `name` alone was reported */
};

/* Podman's errno: a name or digits. */
static bool
read_errno_name(struct reader *r, const struct json *value, uint64_t max,
		uint64_t *number)
{
	const char *s = value->string;
	size_t digits = strspn(s, "0123456789");

	*number = (uint64_t)errno_find(s);
	if (*number)
		return true;
	if (!digits || s[digits])
		return diag_at(r->diags, DIAG_OUT_OF_RANGE, value,
			       "write a name such as \"EPERM\", or digits",
			       "unknown errno '%s'", s);
	while (*s && *number <= max)
		*number = *number * 10 + (uint64_t)(*s++ - '0');
	if (*number > max)
		return diag_at(r->diags, DIAG_OUT_OF_RANGE, value, NULL,
			       "the value must be between 0 and %llu",
			       (unsigned long long)max);
	return true;
}

/* Adds the data of an action: number, or for Podman text, which wins. */
static bool
read_data(struct reader *r, const struct action_info *info, const char *written,
	  const struct json *number, const struct json *text, uint32_t *action)
{
	uint64_t max = info->data == ACTION_ERRNO ? 4095 : 65535;
	uint64_t data = 1; /* EPERM */
	const struct json *where = text ? text : number;
	bool ok = true;

	if (info->data == ACTION_NO_DATA) {
		if (!where)
			return true;
		return diag_at(r->diags, DIAG_ERRNO_WITHOUT_EFFECT, where,
			       "remove it, or use SCMP_ACT_ERRNO",
			       "%s carries no errno", written);
	}
	if (text)
		ok = read_errno_name(r, text, max, &data);
	else if (number)
		ok = shape_integer(&r->shape, number, max, &data);
	if (!ok)
		return false;
	*action |= (uint32_t)data;
	if (info->data == ACTION_ERRNO && !data)
		return diag_at(r->diags, DIAG_ERRNO_ZERO, where,
			       "give an errno such as 1 (EPERM) or 38 (ENOSYS)",
			       "errno 0: the call reports success to its "
			       "caller and is not run");
	return true;
}

/* Reads the action `key` of object with the data in `ret` or `name`. */
static bool
read_action(struct reader *r, const struct json *object, const char *key,
	    const char *ret, const char *name, uint32_t *out)
{
	const struct json *value, *number, *text = NULL;
	const char *names[ACTION_COUNT];
	const struct action_info *info;

	if (!shape_required(&r->shape, object, key, JSON_STRING, &value) ||
	    !shape_optional(&r->shape, object, ret, JSON_NUMBER, &number))
		return false;
	if (shape_reads(&r->shape, PODMAN) &&
	    !shape_optional(&r->shape, object, name, JSON_STRING, &text))
		return false;
	if (text && !text->string[0])
		text = NULL;
	info = action_find(value->string);
	if (!info) {
		action_names(names);
		return diag_at(r->diags, DIAG_UNKNOWN_ACTION, value,
			       shape_hint(&r->shape, value->string, names,
					  ACTION_COUNT),
			       "unknown action '%s'", value->string);
	}
	*out = info->value;
	return read_data(r, info, value->string, number, text, out);
}

static bool
read_conditions(struct reader *r, const struct json *object, struct rule *rule)
{
	const struct json *array;
	bool ok = true;

	if (!shape_optional(&r->shape, object, "args", JSON_ARRAY, &array))
		return false;
	for (size_t i = 0; array && i < array->count; i++) {
		if (++r->conditions > LIMIT_CONDITIONS)
			return diag_at(r->diags, DIAG_LIMIT, array, NULL,
				       "more than %d conditions in the profile",
				       LIMIT_CONDITIONS);
		ok &= condition_read(&r->shape, &array->children[i],
				     vec_push(r->arena, &rule->conditions));
	}
	return ok;
}

static bool
read_clause(struct reader *r, const struct json *object, const char *key,
	    struct clause *clause)
{
	const struct json *value;
	bool ok;

	if (!shape_optional(&r->shape, object, key, JSON_OBJECT, &value))
		return false;
	if (!value)
		return true;
	ok = shape_object(&r->shape, value, clause_fields,
			  LENGTH(clause_fields));
	ok &= shape_strings(&r->shape, value, "caps", &clause->caps);
	ok &= shape_strings(&r->shape, value, "arches", &clause->arches);
	if (!shape_optional(&r->shape, value, "minKernel", JSON_STRING,
			    &clause->min_kernel))
		return false;
	if (clause->min_kernel &&
	    (!shape_reads(&r->shape, DOCKER) || !clause->min_kernel->string[0]))
		clause->min_kernel = NULL;
	if (clause->min_kernel &&
	    !kernel_release_parse(clause->min_kernel->string, &clause->release))
		return diag_at(r->diags, DIAG_OUT_OF_RANGE, clause->min_kernel,
			       "write major.minor, such as \"4.8\"",
			       "'%s' is not a kernel version",
			       clause->min_kernel->string);
	return ok;
}

/* `names`, or the old `name`. */
static bool
read_names(struct reader *r, const struct json *object, struct rule *rule)
{
	const struct json *name = NULL, *names = json_member(object, "names");
	bool ok = shape_strings(&r->shape, object, "names", &rule->names);

	if (shape_reads(&r->shape, DOCKER | PODMAN))
		ok &= shape_optional(&r->shape, object, "name", JSON_STRING,
				     &name);
	if (!ok)
		return false;
	if (name && name->string[0]) {
		if (rule->names.n)
			return diag_at(r->diags, DIAG_EXCLUSIVE_FIELDS, name,
				       "move it into 'names'",
				       "'name' and 'names' exclude each other");
		*vec_push(r->arena, &rule->names) = name;
	}
	r->names += rule->names.n;
	if (r->names > LIMIT_NAMES)
		return diag_at(r->diags, DIAG_LIMIT, object, NULL,
			       "more than %d names in the profile",
			       LIMIT_NAMES);
	if (rule->names.n)
		return true;
	if (!names && json_member(object, "name") && !name) {
		/* Every rule of such a profile has it: once will do. */
		if (r->old_form)
			return false;
		r->old_form = true;
		return diag_at(r->diags, DIAG_MISSING_FIELD, object,
			       "--dialect=docker reads the old form with "
			       "'name'",
			       "'names' is required here");
	}
	if (!names && !name)
		return diag_at(r->diags, DIAG_MISSING_FIELD, object, NULL,
			       "'names' is required here");
	return diag_at(r->diags, DIAG_EMPTY_NAMES, object, NULL,
		       "the rule names no syscall and does nothing");
}

static bool
read_rule(struct reader *r, const struct json *value, struct rule *rule)
{
	bool ok;

	rule->where = value;
	if (!shape_expect(&r->shape, value, JSON_OBJECT))
		return false;
	ok = shape_object(&r->shape, value, rule_fields, LENGTH(rule_fields));
	rule->action_where = json_member(value, "action");
	ok &= read_names(r, value, rule);
	ok &= read_action(r, value, "action", "errnoRet", "errno",
			  &rule->action);
	ok &= read_conditions(r, value, rule);
	if (shape_reads(&r->shape, DOCKER | PODMAN)) {
		ok &= read_clause(r, value, "includes", &rule->includes);
		ok &= read_clause(r, value, "excludes", &rule->excludes);
	}
	return ok;
}

static bool
read_rules(struct reader *r, const struct json *object)
{
	const struct json *array;
	bool ok = true;

	if (!shape_optional(&r->shape, object, "syscalls", JSON_ARRAY, &array))
		return false;
	if (array && array->count > LIMIT_RULES)
		return diag_at(r->diags, DIAG_LIMIT, array, NULL,
			       "more than %d rules", LIMIT_RULES);
	if (array && array->count)
		vec_reserve(r->arena, &r->profile->rules, array->count);
	for (size_t i = 0; array && i < array->count; i++)
		ok &= read_rule(r, &array->children[i],
				vec_push(r->arena, &r->profile->rules));
	return ok;
}

static bool
read_arch_map(struct reader *r, const struct json *object)
{
	const struct json *array;
	bool ok = true;

	if (!shape_reads(&r->shape, DOCKER | PODMAN))
		return true;
	if (!shape_optional(&r->shape, object, "archMap", JSON_ARRAY, &array))
		return false;
	for (size_t i = 0; array && i < array->count; i++) {
		const struct json *value = &array->children[i];
		struct arch_map *map;

		if (!shape_object(&r->shape, value, arch_map_fields,
				  LENGTH(arch_map_fields))) {
			ok = false;
			continue;
		}
		map = vec_push(r->arena, &r->profile->arch_map);
		ok &= shape_required(&r->shape, value, "architecture",
				     JSON_STRING, &map->architecture);
		ok &= shape_strings(&r->shape, value, "subArchitectures",
				    &map->sub);
	}
	if (array && array->count && r->profile->architectures.n)
		return diag_at(r->diags, DIAG_EXCLUSIVE_FIELDS, array,
			       "keep one of them",
			       "'architectures' and 'archMap' exclude "
			       "each other");
	return ok;
}

static bool
read_flags(struct reader *r, const struct json *object)
{
	struct profile *profile = r->profile;
	bool ok = shape_strings(&r->shape, object, "flags", &profile->flags);

	for (size_t i = 0; i < profile->flags.n; i++) {
		const struct json *flag = profile->flags.v[i];
		const char *names[LENGTH(filter_flags)];
		bool known = false;

		for (size_t j = 0; j < LENGTH(filter_flags); j++) {
			names[j] = filter_flags[j].name;
			if (!strcmp(flag->string, names[j])) {
				profile->filter_flags |= filter_flags[j].flag;
				known = true;
			}
		}
		if (known)
			continue;
		ok &= diag_at(r->diags, DIAG_UNKNOWN_FLAG, flag,
			      shape_hint(&r->shape, flag->string, names,
					 LENGTH(names)),
			      "unknown filter flag '%s'", flag->string);
	}
	return ok;
}

/* Rule 13: checked here, carried by no blob. */
static bool
read_listener(struct reader *r, const struct json *object)
{
	const struct json *path, *metadata;
	const struct json *flags = json_member(object, "flags");

	if (!shape_optional(&r->shape, object, "listenerPath", JSON_STRING,
			    &path) ||
	    !shape_optional(&r->shape, object, "listenerMetadata", JSON_STRING,
			    &metadata))
		return false;
	if (metadata && metadata->string[0] && !(path && path->string[0]))
		return diag_at(r->diags, DIAG_MISSING_FIELD, metadata, NULL,
			       "listenerMetadata needs listenerPath");
	if (path && path->string[0])
		r->profile->listener_path = path->string;
	if (metadata && metadata->string[0])
		r->profile->listener_metadata = metadata->string;
	if (r->profile->flags.n)
		diag_at(r->diags, DIAG_NOT_IN_BLOB, flags, NULL,
			"a program does not carry flags: whoever installs it "
			"has to set them");
	if (r->profile->listener_path)
		diag_at(r->diags, DIAG_NOT_IN_BLOB, path, NULL,
			"a program does not carry the listener's path");
	if (r->profile->listener_metadata)
		diag_at(r->diags, DIAG_NOT_IN_BLOB, metadata, NULL,
			"a program does not carry the listener's metadata");
	return true;
}

static bool
read_profile(struct reader *r, const struct json *object)
{
	struct profile *profile = r->profile;
	bool ok;

	profile->root = object;
	if (!shape_expect(&r->shape, object, JSON_OBJECT))
		return false;
	ok = shape_object(&r->shape, object, profile_fields,
			  LENGTH(profile_fields));
	profile->default_where = json_member(object, "defaultAction");
	ok &= read_action(r, object, "defaultAction", "defaultErrnoRet",
			  "defaultErrno", &profile->default_action);
	ok &= shape_strings(&r->shape, object, "architectures",
			    &profile->architectures);
	ok &= read_arch_map(r, object);
	ok &= read_flags(r, object);
	ok &= read_listener(r, object);
	ok &= read_rules(r, object);
	return ok;
}

bool
profile_asks_dialect(const struct profile *profile)
{
	bool asks = shape_differs(profile->root, profile_fields,
				  LENGTH(profile_fields));

	for (size_t i = 0; !asks && i < profile->rules.n; i++)
		asks = shape_differs(profile->rules.v[i].where, rule_fields,
				     LENGTH(rule_fields));
	return asks;
}

/* The seccomp section of a runtime's config.json, or NULL. */
static const struct json *
find_section(const struct json *json)
{
	const struct json *linux_section;

	if (json->kind != JSON_OBJECT || json_member(json, "defaultAction"))
		return NULL;
	linux_section = json_member(json, "linux");
	if (!linux_section || linux_section->kind != JSON_OBJECT)
		return NULL;
	return json_member(linux_section, "seccomp");
}

const struct profile *
profile_read(struct arena *arena, const struct json *json,
	     const struct options *options, struct diags *diags)
{
	struct profile *profile = arena_alloc(arena, sizeof(*profile));
	struct reader r = { .arena = arena,
			    .diags = diags,
			    .profile = profile };
	const struct json *section = find_section(json);

	profile->dialect = options->dialect;
	if (profile->dialect == DIALECT_AUTO)
		profile->dialect = section ? DIALECT_OCI : DIALECT_DOCKER;
	r.shape = (struct shape){ arena, diags, profile->dialect };
	if (!section && json_member(json, "ociVersion") &&
	    !json_member(json, "defaultAction")) {
		diag_at(diags, DIAG_MISSING_FIELD, json, NULL,
			"this config.json has no /linux/seccomp: nothing "
			"would be filtered");
		return NULL;
	}
	if (!read_profile(&r, section ? section : json) ||
	    diags->count[SEVERITY_ERROR])
		return NULL;
	return profile;
}
