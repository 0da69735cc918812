#include "target.h"
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char target_help[] =
	"How the profile is read:\n"
	"  --dialect=NAME         docker (default; reads plain OCI as well),\n"
	"                         podman or oci (runc, containerd)\n"
	"  --caps=LIST            the bounding set: none, all, docker, or "
	"names\n"
	"                         with commas\n"
	"  --kernel=A.B           the kernel that the filter will run on\n"
	"  --native=ABI           the native ABI: x86_64 (default), i386, x32\n"
	"  --arch=LIST            the ABIs, in place of the profile's list\n"
	"  --foreign-arch=ACTION  for calls through other ABIs: an SCMP_ACT_\n"
	"                         name (default SCMP_ACT_KILL_THREAD) or "
	"default\n"
	"  --unknown=MODE         numbers newer than the profile: enosys\n"
	"                         (default), since:A.B or default\n"
	"  --conflicts=MODE       refuse (default), runc, first or strictest\n"
	"  --repeated-index=MODE  refuse (default), or, and\n"
	"  --multiplexers=MODE    strict (default) or libseccomp\n"
	"Diagnostics:\n"
	"  --deny=NAME --warn=NAME --allow=NAME\n"
	"                         make a diagnostic an error, a warning, or "
	"silent\n"
	"                         (--deny=warnings: all of them)\n"
	"  --quiet                print errors alone\n"
	"  --color=WHEN           auto (default), always, never\n";

struct choice {
	const char *name;
	int value;
};

void
target_init(struct target_options *target)
{
	memset(target, 0, sizeof(*target));
	options_init(&target->options);
	for (size_t i = 0; i < DIAG_COUNT; i++)
		target->level[i] = diag_table[i].severity;
	target->colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
}

static bool
choose(const char *option, const char *value, const struct choice *choices,
       int *out)
{
	for (; choices->name; choices++) {
		if (!strcmp(value, choices->name)) {
			*out = choices->value;
			return true;
		}
	}
	tool_error("--%s cannot be '%s'; --help lists what it can", option,
		   value);
	return false;
}

static bool
take_dialect(struct target_options *target, const char *value)
{
	static const struct choice choices[] = { { "docker", DIALECT_DOCKER },
						 { "podman", DIALECT_PODMAN },
						 { "oci", DIALECT_OCI },
						 { 0 } };
	int out;

	if (!choose("dialect", value, choices, &out))
		return false;
	target->options.dialect = (enum dialect)out;
	return true;
}

static bool
take_caps(struct target_options *target, const char *value)
{
	const char *bad;

	target->options.caps_given = true;
	if (options_parse_caps(value, &target->options.caps, &bad))
		return true;
	tool_error("--caps: unknown capability '%.*s'", (int)strcspn(bad, ","),
		   bad);
	return false;
}

static bool
take_release(const char *option, const char *value, kernel_release *out)
{
	if (kernel_release_parse(value, out))
		return true;
	tool_error("--%s: '%s' is not a kernel version such as 6.1", option,
		   value);
	return false;
}

static bool
take_abi(const char *option, const char *value, enum abi *abi)
{
	*abi = arch_find(value);
	if (*abi != ABI_COUNT)
		return true;
	tool_error("--%s: unknown ABI '%s'; there are x86_64, i386 and x32",
		   option, value);
	return false;
}

static bool
take_abis(struct target_options *target, const char *value)
{
	char name[32]; /* more than any ABI's */
	enum abi abi;

	target->options.abis = 0;
	for (const char *s = value; *s; s += *s == ',') {
		size_t len = 0;

		for (; *s && *s != ','; s++)
			if (len < sizeof(name) - 1)
				name[len++] = *s;
		name[len] = '\0';
		if (len && !take_abi("arch", name, &abi))
			return false;
		if (len)
			target->options.abis |= 1u << abi;
	}
	if (!target->options.abis)
		tool_error("--arch: the list is empty");
	return target->options.abis;
}

static bool
take_foreign(struct target_options *target, const char *value)
{
	const struct action_info *action = action_find(value);

	target->options.foreign_default = !strcmp(value, "default");
	if (target->options.foreign_default)
		return true;
	if (!action || action->value == SECCOMP_RET_USER_NOTIF) {
		tool_error("--foreign-arch: '%s' is neither 'default' nor an "
			   "action such as SCMP_ACT_KILL_THREAD",
			   value);
		return false;
	}
	target->options.foreign_action = action->value;
	if (action->data != ACTION_NO_DATA)
		target->options.foreign_action |= 1; /* EPERM */
	return true;
}

static bool
take_unknown(struct target_options *target, const char *value)
{
	static const struct choice choices[] = {
		{ "enosys", UNKNOWN_ENOSYS },
		{ "default", UNKNOWN_DEFAULT },
		{ 0 },
	};
	int out;

	if (!strncmp(value, "since:", 6)) {
		target->options.unknown = UNKNOWN_SINCE;
		return take_release("unknown=since", value + 6,
				    &target->options.since);
	}
	if (!choose("unknown", value, choices, &out))
		return false;
	target->options.unknown = (enum unknown_mode)out;
	return true;
}

static bool
take_conflicts(struct target_options *target, const char *value)
{
	static const struct choice choices[] = {
		{ "refuse", CONFLICTS_REFUSE },
		{ "runc", CONFLICTS_RUNC },
		{ "first", CONFLICTS_FIRST },
		{ "strictest", CONFLICTS_STRICTEST },
		{ 0 },
	};
	int out;

	if (!choose("conflicts", value, choices, &out))
		return false;
	target->options.conflicts = (enum conflict_mode)out;
	return true;
}

static bool
take_repeated(struct target_options *target, const char *value)
{
	static const struct choice choices[] = {
		{ "refuse", REPEATED_REFUSE },
		{ "or", REPEATED_OR },
		{ "and", REPEATED_AND },
		{ 0 },
	};
	int out;

	if (!choose("repeated-index", value, choices, &out))
		return false;
	target->options.repeated = (enum repeated_mode)out;
	return true;
}

static bool
take_muxes(struct target_options *target, const char *value)
{
	static const struct choice choices[] = {
		{ "strict", MUX_STRICT },
		{ "libseccomp", MUX_LIBSECCOMP },
		{ 0 },
	};
	int out;

	if (!choose("multiplexers", value, choices, &out))
		return false;
	target->options.muxes = (enum mux_mode)out;
	return true;
}

static bool
take_severity(struct target_options *target, const char *name,
	      enum severity severity)
{
	enum diag_id id;

	if (severity == SEVERITY_ERROR && !strcmp(name, "warnings")) {
		target->deny_warnings = true;
		return true;
	}
	id = diag_find(name);
	if (id == DIAG_COUNT) {
		tool_error("there is no diagnostic '%s'", name);
		return false;
	}
	if (!diag_table[id].adjustable && severity != SEVERITY_ERROR) {
		tool_error("'%s' is always an error: %s", name,
			   diag_table[id].help);
		return false;
	}
	target->level[id] = severity;
	return true;
}

static bool
take_colour(struct target_options *target, const char *value)
{
	static const struct choice choices[] = {
		{ "auto", -1 }, { "always", 1 }, { "never", 0 }, { 0 }
	};
	int out;

	if (!choose("color", value, choices, &out))
		return false;
	if (out >= 0)
		target->colour = out;
	return true;
}

bool
target_take(struct target_options *target, int option, const char *value)
{
	switch (option) {
	case TARGET_DIALECT:
		return take_dialect(target, value);
	case TARGET_CAPS:
		return take_caps(target, value);
	case TARGET_KERNEL:
		target->options.kernel_given = true;
		return take_release("kernel", value, &target->options.kernel);
	case TARGET_ARCH:
		return take_abis(target, value);
	case TARGET_NATIVE:
		return take_abi("native", value, &target->options.native);
	case TARGET_FOREIGN:
		return take_foreign(target, value);
	case TARGET_UNKNOWN:
		return take_unknown(target, value);
	case TARGET_CONFLICTS:
		return take_conflicts(target, value);
	case TARGET_REPEATED:
		return take_repeated(target, value);
	case TARGET_MUXES:
		return take_muxes(target, value);
	case TARGET_DENY:
		return take_severity(target, value, SEVERITY_ERROR);
	case TARGET_WARN:
		return take_severity(target, value, SEVERITY_WARNING);
	case TARGET_ALLOW:
		return take_severity(target, value, SEVERITY_NONE);
	case TARGET_QUIET:
		target->quiet = true;
		return true;
	default:
		return take_colour(target, value);
	}
}

void
target_levels(const struct target_options *target, struct diags *diags)
{
	memcpy(diags->level, target->level, sizeof(target->level));
	for (size_t i = 0; target->deny_warnings && i < DIAG_COUNT; i++)
		if (diags->level[i] == SEVERITY_WARNING)
			diags->level[i] = SEVERITY_ERROR;
}

bool
target_compile(const struct target_options *target, struct compilation *c,
	       const char *name, const char *text, size_t len)
{
	compilation_init(c, name, text, len);
	c->options = target->options;
	target_levels(target, &c->diags);
	return compile(c);
}

static void
count(struct buf *buf, size_t n, const char *what)
{
	if (n)
		buf_printf(buf, "%s%zu %s%s", buf->len ? ", " : "", n, what,
			   n == 1 ? "" : "s");
}

static int
compare_positions(const void *a, const void *b)
{
	const struct diag *const *x = a, *const *y = b;

	if ((*x)->offset != (*y)->offset)
		return (*x)->offset < (*y)->offset ? -1 : 1;
	return *x < *y ? -1 : 1;
}

/* The diagnostics in the order of the text. */
static const struct diag **
sort_diags(struct diags *diags)
{
	size_t n = diags->list.n;
	const struct diag **list =
		arena_alloc(diags->arena, n * sizeof(const struct diag *));

	for (size_t i = 0; i < n; i++)
		list[i] = &diags->list.v[i];
	if (n)
		qsort(list, n, sizeof(*list), compare_positions);
	return list;
}

static const char *
clean_name(const struct diags *diags)
{
	const char *s = diags->source->name;
	char *name = arena_strndup(diags->arena, s, strlen(s));

	tool_clean(name);
	return name;
}

void
target_print(const struct target_options *target, struct diags *diags)
{
	struct buf buf = { .arena = diags->arena };
	struct buf counts = { .arena = diags->arena };
	const struct diag **list = sort_diags(diags);
	size_t shown = 0, total = 0;

	for (size_t i = 0; i < diags->list.n; i++) {
		const struct diag *diag = list[i];

		if (target->quiet && diag->severity != SEVERITY_ERROR)
			continue;
		diag_write(&buf, diags->source, diag, target->colour);
		shown++;
	}
	count(&counts, diags->count[SEVERITY_ERROR], "error");
	if (!target->quiet) {
		count(&counts, diags->count[SEVERITY_WARNING], "warning");
		count(&counts, diags->count[SEVERITY_NOTE], "note");
	}
	for (size_t i = SEVERITY_NOTE; i <= SEVERITY_ERROR; i++)
		if (!target->quiet || i == SEVERITY_ERROR)
			total += diags->count[i];
	if (total > 1)
		buf_printf(&buf, "%s: %s%s\n", clean_name(diags), counts.data,
			   shown < total ? "; not all of them are shown" : "");
	if (buf.len)
		fwrite(buf.data, 1, buf.len, stderr);
}

void
target_report(const struct target_options *target, struct compilation *c)
{
	if (c->out_of_memory || setjmp(c->arena.oom)) {
		tool_error("%s: out of memory", c->source.name);
		return;
	}
	target_print(target, &c->diags);
	if (target_unproved(c)) {
		struct buf buf = { .arena = &c->arena };

		proof_write(&buf, &c->proof);
		tool_error("%s: %s; nothing was written", c->source.name,
			   buf.data);
		if (c->proof.answer != PROOF_GAVE_UP)
			tool_error("this is a fault of seccompc: please report "
				   "it with the profile and the options");
	}
}

bool
target_unproved(const struct compilation *c)
{
	return c->proof.answer == PROOF_DIFFERENT ||
	       c->proof.answer == PROOF_INVALID ||
	       c->proof.answer == PROOF_GAVE_UP;
}
