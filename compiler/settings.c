#include "clean.h"
#include "compiler.h"

#include <stdio.h>
#include <string.h>

/* A word for a setting. */
struct choice {
	const char *name;
	unsigned value;
};

/* Settings that are one of a few words, as an enum of struct options. */
static const struct enumeration {
	const char *name;
	size_t offset;
	struct choice choices[5];
} enumerations[] = {
	{ "dialect",
	  offsetof(struct options, dialect),
	  { { "docker", DIALECT_DOCKER },
	    { "podman", DIALECT_PODMAN },
	    { "oci", DIALECT_OCI } } },
	{ "unknown",
	  offsetof(struct options, unknown),
	  { { "enosys", UNKNOWN_ENOSYS },
	    { "since:A.B", UNKNOWN_SINCE }, /* in set_since() */
	    { "default", UNKNOWN_DEFAULT } } },
	{ "conflicts",
	  offsetof(struct options, conflicts),
	  { { "refuse", CONFLICTS_REFUSE },
	    { "runc", CONFLICTS_RUNC },
	    { "first", CONFLICTS_FIRST },
	    { "strictest", CONFLICTS_STRICTEST } } },
	{ "repeated-index",
	  offsetof(struct options, repeated),
	  { { "refuse", REPEATED_REFUSE },
	    { "or", REPEATED_OR },
	    { "and", REPEATED_AND } } },
	{ "multiplexers",
	  offsetof(struct options, muxes),
	  { { "strict", MUX_STRICT }, { "libseccomp", MUX_LIBSECCOMP } } },
	{ "optimize",
	  offsetof(struct options, optimize),
	  { { "balanced", OPTIMIZE_BALANCED },
	    { "speed", OPTIMIZE_SPEED },
	    { "size", OPTIMIZE_SIZE } } },
	{ "tune",
	  offsetof(struct options, tune),
	  { { "uncached", TUNE_UNCACHED }, { "cached", TUNE_CACHED } } },
};

_Static_assert(sizeof(enum dialect) == sizeof(unsigned) &&
		       sizeof(enum tune_mode) == sizeof(unsigned),
	       "enums are stored as unsigned");

static const struct enumeration *
find_enumeration(const char *name)
{
	for (size_t i = 0; i < LENGTH(enumerations); i++)
		if (!strcmp(name, enumerations[i].name))
			return &enumerations[i];
	return NULL;
}

const char *
settings_word(const char *name, unsigned value)
{
	const struct choice *c = find_enumeration(name)->choices;

	while (c->name && c->value != value)
		c++;
	return c->name;
}

/* Why a value is refused, for whoever gave it. */
struct refusal {
	char *text;
	size_t size;
};

static bool refuse(const struct refusal *refusal, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static bool
refuse(const struct refusal *refusal, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(refusal->text, refusal->size, fmt, ap);
	va_end(ap);
	text_clean(refusal->text);
	return false;
}

static bool
choose(struct settings *settings, const struct enumeration *e,
       const char *value, const struct refusal *refusal)
{
	char list[64];
	size_t len = 0;

	for (const struct choice *c = e->choices; c->name; c++) {
		const char *comma = c == e->choices ? ""
				    : c[1].name	    ? ", "
						    : " and ";

		if (!strcmp(value, c->name)) {
			memcpy((char *)&settings->options + e->offset,
			       &c->value, sizeof(c->value));
			return true;
		}
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s",
					comma, c->name);
	}
	return refuse(refusal, "%s cannot be '%s': there are %s", e->name,
		      value, list);
}

static bool
set_caps(struct settings *settings, const char *value,
	 const struct refusal *refusal)
{
	const char *bad;
	uint64_t caps;

	if (!options_parse_caps(value, &caps, &bad))
		return refuse(refusal, "caps: unknown capability '%.*s'",
			      (int)strcspn(bad, ","), bad);
	settings->options.caps_given = true;
	settings->options.caps = caps;
	return true;
}

static bool
set_release(const char *name, const char *value, kernel_release *out,
	    const struct refusal *refusal)
{
	if (kernel_release_parse(value, out))
		return true;
	return refuse(refusal, "%s: '%s' is not a kernel version such as 6.1",
		      name, value);
}

/* What uname -r prints will do, of which the first two numbers count. */
static bool
set_kernel(struct settings *settings, const char *value,
	   const struct refusal *refusal)
{
	static const char digits[] = "0123456789";
	size_t len = strspn(value, digits);
	char release[16];

	if (value[len] == '.')
		len += 1 + strspn(value + len + 1, digits);
	if (value[len] && strchr(".-+", value[len]) && len < sizeof(release)) {
		memcpy(release, value, len);
		release[len] = '\0';
		if (kernel_release_parse(release, &settings->options.kernel)) {
			settings->options.kernel_given = true;
			return true;
		}
	}
	if (!set_release("kernel", value, &settings->options.kernel, refusal))
		return false;
	settings->options.kernel_given = true;
	return true;
}

static bool
find_abi(const char *name, const char *value, enum abi *abi,
	 const struct refusal *refusal)
{
	enum abi found = arch_find(value);

	if (found == ABI_COUNT)
		return refuse(refusal,
			      "%s: unknown ABI '%s'; there are x86_64, i386 "
			      "and x32",
			      name, value);
	*abi = found;
	return true;
}

static bool
set_native(struct settings *settings, const char *value,
	   const struct refusal *refusal)
{
	return find_abi("native", value, &settings->options.native, refusal);
}

static bool
set_arch(struct settings *settings, const char *value,
	 const struct refusal *refusal)
{
	char name[32]; /* more than any ABI's */
	abi_set abis = 0;
	enum abi abi = ABI_COUNT;

	for (const char *s = value; *s; s += *s == ',') {
		size_t len = 0;

		for (; *s && *s != ','; s++)
			if (len < sizeof(name) - 1)
				name[len++] = *s;
		name[len] = '\0';
		if (len && !find_abi("arch", name, &abi, refusal))
			return false;
		if (len)
			abis |= 1u << abi;
	}
	if (!abis)
		return refuse(refusal, "arch: the list is empty");
	settings->options.abis = abis;
	return true;
}

static bool
set_foreign(struct settings *settings, const char *value,
	    const struct refusal *refusal)
{
	const struct action_info *action = action_find(value);

	if (!strcmp(value, "default")) {
		settings->options.foreign_default = true;
		return true;
	}
	if (!action || action->value == SECCOMP_RET_USER_NOTIF)
		return refuse(refusal,
			      "foreign-arch: '%s' is neither 'default' nor an "
			      "action such as SCMP_ACT_KILL_THREAD",
			      value);
	settings->options.foreign_default = false;
	settings->options.foreign_action = action->value;
	if (action->data != ACTION_NO_DATA)
		settings->options.foreign_action |= 1; /* EPERM */
	return true;
}

static bool
set_since(struct settings *settings, const char *value,
	  const struct refusal *refusal)
{
	if (!set_release("unknown=since", value, &settings->options.since,
			 refusal))
		return false;
	settings->options.unknown = UNKNOWN_SINCE;
	return true;
}

/* Those that are in the library; others are read with weights_read(). */
static bool
set_weights(struct settings *settings, const char *value,
	    const struct refusal *refusal)
{
	if (!strcmp(value, "built-in"))
		settings->options.weights = &weights_built_in;
	else if (!strcmp(value, "uniform"))
		settings->options.weights = &weights_uniform;
	else
		return refuse(refusal,
			      "weights cannot be '%s': there are built-in and "
			      "uniform",
			      value);
	return true;
}

static bool
refuse_name(const struct refusal *refusal, const char *option, const char *name)
{
	const char *names[DIAG_COUNT], *near;

	for (size_t i = 0; i < DIAG_COUNT; i++)
		names[i] = diag_table[i].name;
	near = diag_nearest(name, names, DIAG_COUNT);
	return near ? refuse(refusal,
			     "%s: there is no diagnostic '%s'; did you mean "
			     "'%s'?",
			     option, name, near)
		    : refuse(refusal,
			     "%s: there is no diagnostic '%s'; 'seccompc check "
			     "--list' has all of them",
			     option, name);
}

static bool
set_severity(struct settings *settings, const char *option, const char *name,
	     enum severity severity, const struct refusal *refusal)
{
	enum diag_id id = diag_find(name);

	if (id == DIAG_COUNT)
		return refuse_name(refusal, option, name);
	if (id >= LINT_FIRST && !settings->lints)
		return refuse(
			refusal,
			"%s: '%s' is what 'seccompc check' looks for, and "
			"nothing else does",
			option, name);
	if (!diag_table[id].adjustable && severity != SEVERITY_ERROR)
		return refuse(refusal, "%s: '%s' is always an error: %s",
			      option, name, diag_table[id].help);
	settings->level[id] = severity;
	return true;
}

static bool
set_deny(struct settings *settings, const char *value,
	 const struct refusal *refusal)
{
	if (strcmp(value, "warnings") != 0)
		return set_severity(settings, "deny", value, SEVERITY_ERROR,
				    refusal);
	settings->deny_warnings = true;
	return true;
}

static bool
set_warn(struct settings *settings, const char *value,
	 const struct refusal *refusal)
{
	return set_severity(settings, "warn", value, SEVERITY_WARNING, refusal);
}

static bool
set_allow(struct settings *settings, const char *value,
	  const struct refusal *refusal)
{
	return set_severity(settings, "allow", value, SEVERITY_NONE, refusal);
}

static const struct {
	const char *name;
	bool (*set)(struct settings *settings, const char *value,
		    const struct refusal *refusal);
} setters[] = {
	{ "caps", set_caps },
	{ "kernel", set_kernel },
	{ "native", set_native },
	{ "arch", set_arch },
	{ "foreign-arch", set_foreign },
	{ "deny", set_deny },
	{ "warn", set_warn },
	{ "allow", set_allow },
	{ "weights", set_weights },
};

void
settings_init(struct settings *settings)
{
	options_init(&settings->options);
	for (size_t i = 0; i < DIAG_COUNT; i++)
		settings->level[i] = diag_table[i].severity;
	settings->deny_warnings = false;
	settings->lints = false;
}

bool
settings_set(struct settings *settings, const char *name, const char *value,
	     char *why, size_t size)
{
	const struct refusal refusal = { why, size };
	const struct enumeration *e = find_enumeration(name);

	if (!strcmp(name, "unknown") && !strncmp(value, "since:", 6))
		return set_since(settings, value + 6, &refusal);
	if (e)
		return choose(settings, e, value, &refusal);
	for (size_t i = 0; i < LENGTH(setters); i++)
		if (!strcmp(name, setters[i].name))
			return setters[i].set(settings, value, &refusal);
	return refuse(&refusal, "there is no option '%s'", name);
}

void
settings_levels(const struct settings *settings, struct diags *diags)
{
	memcpy(diags->level, settings->level, sizeof(settings->level));
	for (size_t i = 0; settings->deny_warnings && i < DIAG_COUNT; i++)
		if (diags->level[i] == SEVERITY_WARNING)
			diags->level[i] = SEVERITY_ERROR;
}
