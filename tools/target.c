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
	"  --kernel=A.B           the kernel that the filter will run on, also "
	"as\n"
	"                         uname -r prints it\n"
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

void
target_init(struct target_options *target)
{
	memset(target, 0, sizeof(*target));
	settings_init(&target->settings);
	target->colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");
}

bool
target_set(struct target_options *target, const char *name, const char *value)
{
	char why[256];

	if (settings_set(&target->settings, name, value, why, sizeof(why)))
		return true;
	tool_error("--%s", why);
	return false;
}

abi_set
target_abis(const char *option, const char *list)
{
	char name[32]; /* more than any ABI's */
	abi_set abis = 0;

	for (;; list++) {
		size_t len = strcspn(list, ",");
		enum abi abi;

		snprintf(name, sizeof(name), "%.*s", (int)len, list);
		abi = arch_find(name);
		if (abi == ABI_COUNT) {
			tool_error("--%s: unknown ABI '%s'; there are x86_64, "
				   "i386 and x32",
				   option, name);
			return 0;
		}
		abis |= 1u << abi;
		list += len;
		if (*list != ',')
			return abis;
	}
}

static bool
take_colour(struct target_options *target, const char *value)
{
	if (!strcmp(value, "always"))
		target->colour = true;
	else if (!strcmp(value, "never"))
		target->colour = false;
	else if (strcmp(value, "auto") != 0) {
		tool_error("--color cannot be '%s': there are auto, always "
			   "and never",
			   value);
		return false;
	}
	return true;
}

bool
target_take(struct target_options *target, int option, const char *value)
{
	/* By option. */
	static const char *const names[TARGET_LAST - TARGET_FIRST] = {
		"dialect",	  "caps",	  "kernel",  "arch",
		"native",	  "foreign-arch", "unknown", "conflicts",
		"repeated-index", "multiplexers", "deny",    "warn",
		"allow",
	};

	if (option == TARGET_COLOUR)
		return take_colour(target, value);
	if (option != TARGET_QUIET)
		return target_set(target, names[option - TARGET_FIRST], value);
	target->quiet = true;
	return true;
}

bool
target_compile(const struct target_options *target, struct compilation *c,
	       const char *name, const char *text, size_t len)
{
	compilation_init(c, name, text, len);
	c->options = target->settings.options;
	settings_levels(&target->settings, &c->diags);
	return compile(c);
}

static void
count(struct buf *buf, size_t n, const char *what)
{
	if (n)
		buf_printf(buf, "%s%zu %s%s", buf->len ? ", " : "", n, what,
			   n == 1 ? "" : "s");
}

static const char *
clean_name(const struct diags *diags)
{
	const char *s = diags->source->name;
	char *name = arena_strndup(diags->arena, s, strlen(s));

	text_clean(name);
	return name;
}

void
target_print(const struct target_options *target, struct diags *diags)
{
	struct buf buf = { .arena = diags->arena };
	struct buf counts = { .arena = diags->arena };
	const struct diag **list = diags_sorted(diags);
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

/* Returns false when out of memory. */
static bool
report(const struct target_options *target, struct compilation *c)
{
	if (setjmp(c->arena.oom))
		return false;
	target_print(target, &c->diags);
	if (compilation_unproved(c)) {
		struct buf buf = { .arena = &c->arena };

		proof_write(&buf, &c->proof);
		tool_error("%s: %s; nothing was written", c->source.name,
			   buf.data);
		if (c->proof.answer != PROOF_GAVE_UP)
			tool_error("this is a fault of seccompc: please report "
				   "it with the profile and the options");
	}
	return true;
}

void
target_report(const struct target_options *target, struct compilation *c)
{
	if (c->out_of_memory || !report(target, c))
		tool_error("%s: out of memory", c->source.name);
}
