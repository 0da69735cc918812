#include "compiler.h"

#include <string.h>

/* The names that Docker compares `arches` with: moby, goToNative and back. */
static const char *const go_arches[] = {
	"386",	  "amd64",	 "arm",		"arm64",     "loong64",
	"mips",	  "mips3l64n32", "mips64",	"mips64n32", "mips64p32",
	"mipsel", "mipsel64",	 "mipsel64n32", "parisc",    "parisc64",
	"ppc",	  "ppc64",	 "ppc64le",	"riscv64",   "s390",
	"s390x",  "x32",	 "x86",
};

/* Architectures of the OCI runtime spec without a table here. */
static const char *const other_arches[] = {
	"SCMP_ARCH_ARM",	 "SCMP_ARCH_AARCH64", "SCMP_ARCH_LOONGARCH64",
	"SCMP_ARCH_M68K",	 "SCMP_ARCH_MIPS",    "SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32",	 "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PARISC",  "SCMP_ARCH_PARISC64",
	"SCMP_ARCH_PPC",	 "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",
	"SCMP_ARCH_RISCV64",	 "SCMP_ARCH_S390",    "SCMP_ARCH_S390X",
	"SCMP_ARCH_SH",		 "SCMP_ARCH_SHEB",
};

struct selector {
	struct arena *arena;
	struct diags *diags;
	const struct options *options;
	struct selection *selection;
	bool asked_caps, asked_kernel; /* reported once */
};

static bool
contains(const char *const *words, size_t count, const char *s)
{
	for (size_t i = 0; i < count; i++)
		if (words[i][0] == s[0] && !strcmp(words[i], s))
			return true;
	return false;
}

/* The ABI of an SCMP_ARCH_ name; ABI_COUNT for the others. */
static enum abi
find_scmp(const char *name)
{
	for (size_t i = 0; i < ABI_COUNT; i++)
		if (!strcmp(arch_table[i]->scmp_name, name))
			return (enum abi)i;
	return ABI_COUNT;
}

static bool
check_arch(struct selector *s, const struct json *value)
{
	const char *words[LENGTH(other_arches) + ABI_COUNT];
	const char *near;

	if (find_scmp(value->string) != ABI_COUNT ||
	    contains(other_arches, LENGTH(other_arches), value->string))
		return true;
	for (size_t i = 0; i < ABI_COUNT; i++)
		words[i] = arch_table[i]->scmp_name;
	memcpy(words + ABI_COUNT, other_arches, sizeof(other_arches));
	near = s->diags->list.n < LIMIT_DIAGNOSTICS
		       ? diag_nearest(value->string, words, LENGTH(words))
		       : NULL;
	return diag_at(s->diags, DIAG_UNKNOWN_ARCH, value,
		       near ? arena_printf(s->arena, "did you mean '%s'?", near)
			    : NULL,
		       "unknown architecture '%s'", value->string);
}

/* Adds the ABIs that a profile lists; one note names those passed over. */
static bool
add_arches(struct selector *s, const struct json_list *list)
{
	struct buf passed = { .arena = s->arena };
	const struct json *first = NULL;
	bool ok = true;

	for (size_t i = 0; i < list->n; i++) {
		const struct json *value = list->v[i];
		enum abi abi = find_scmp(value->string);

		if (!check_arch(s, value)) {
			ok = false;
		} else if (abi != ABI_COUNT) {
			s->selection->abis |= 1u << abi;
		} else {
			buf_printf(&passed, "%s%s", first ? ", " : "",
				   value->string);
			first = first ? first : value;
		}
	}
	if (first)
		diag_at(s->diags, DIAG_FOREIGN_ARCH, first, NULL,
			"passed over, as there is no table for it: %s",
			passed.data);
	return ok;
}

/* Rule 3: the native ABI, and those of the profile or of --arch. */
static bool
select_abis(struct selector *s)
{
	const struct profile *profile = s->selection->profile;
	const char *native = arch_table[s->options->native]->scmp_name;
	bool taken = false, ok = true;

	ok &= add_arches(s, &profile->architectures);
	for (size_t i = 0; i < profile->arch_map.n; i++) {
		const struct arch_map *map = &profile->arch_map.v[i];

		ok &= check_arch(s, map->architecture);
		if (!taken && !strcmp(map->architecture->string, native)) {
			taken = true;
			ok &= add_arches(s, &map->sub);
			continue;
		}
		for (size_t j = 0; j < map->sub.n; j++)
			ok &= check_arch(s, map->sub.v[j]);
	}
	if (s->options->abis)
		s->selection->abis = s->options->abis;
	s->selection->abis |= 1u << s->options->native;
	return ok;
}

/* Whether a list of `arches` has the native one. */
static bool
has_native(struct selector *s, const struct json_list *arches)
{
	const char *native = arch_table[s->options->native]->go_name;
	bool found = false;

	for (size_t i = 0; i < arches->n; i++) {
		const struct json *value = arches->v[i];
		enum abi abi = arch_find(value->string);

		found |= !strcmp(value->string, native);
		if (contains(go_arches, LENGTH(go_arches), value->string))
			continue;
		diag_at(s->diags, DIAG_ARCH_SPELLING, value,
			abi == ABI_COUNT
				? NULL
				: arena_printf(s->arena, "write '%s'",
					       arch_table[abi]->go_name),
			"'%s' never matches: Go's names are compared here",
			value->string);
	}
	return found;
}

struct caps_found {
	size_t held, missing;
};

static struct caps_found
count_caps(struct selector *s, const struct json_list *caps)
{
	struct caps_found found = { 0 };

	for (size_t i = 0; i < caps->n; i++) {
		int cap = capability_find(caps->v[i]->string);

		if (cap < 0)
			diag_at(s->diags, DIAG_UNKNOWN_CAPABILITY, caps->v[i],
				NULL, "unknown capability '%s' is never held",
				caps->v[i]->string);
		if (cap >= 0)
			s->selection->caps_asked |= UINT64_C(1) << cap;
		if (cap >= 0 && s->options->caps >> cap & 1)
			found.held++;
		else
			found.missing++;
	}
	return found;
}

/* Reports, once, what a clause asks and the user did not say. */
static bool
answers(struct selector *s, const struct clause *clause)
{
	bool no_caps = clause->caps.n && !s->options->caps_given;
	bool no_kernel = clause->min_kernel && !s->options->kernel_given;

	if (no_caps && !s->asked_caps)
		diag_at(s->diags, DIAG_CAPS_NEEDED, clause->caps.v[0],
			"add --caps=docker for what Docker grants by default, "
			"--caps=none, --caps=all, or a list such as "
			"--caps=SYS_ADMIN,SYS_PTRACE",
			"whether rules hold depends on capabilities, from "
			"this one on");
	if (no_kernel && !s->asked_kernel)
		diag_at(s->diags, DIAG_KERNEL_NEEDED, clause->min_kernel,
			"add the kernel that the filter will run on, such as "
			"--kernel=6.1",
			"whether rules hold depends on the kernel, from this "
			"one on");
	s->asked_caps |= no_caps;
	s->asked_kernel |= no_kernel;
	return !no_caps && !no_kernel;
}

/* Whether the kernel is at least what a clause names, which is noted. */
static bool
reaches(struct selector *s, const struct clause *clause)
{
	struct selection *selection = s->selection;
	kernel_release release = clause->release;
	bool is = s->options->kernel >= release;

	if (is && (!selection->kernel_from.asked ||
		   release > selection->kernel_from.release))
		selection->kernel_from = (struct kernel_edge){ true, release };
	if (!is && (!selection->kernel_below.asked ||
		    release < selection->kernel_below.release))
		selection->kernel_below = (struct kernel_edge){ true, release };
	return is;
}

/*
 * Whether a rule stays (rule 2).  What the arches settle is not asked of
 * caps and kernel.
 */
static bool
stays(struct selector *s, const struct rule *rule)
{
	const struct clause *in = &rule->includes, *out = &rule->excludes;
	struct caps_found wanted, unwanted;

	if (in->arches.n && !has_native(s, &in->arches))
		return false;
	if (out->arches.n && has_native(s, &out->arches))
		return false;
	if (!answers(s, in) || !answers(s, out))
		return false;
	wanted = count_caps(s, &in->caps);
	unwanted = count_caps(s, &out->caps);
	if (wanted.missing || unwanted.held)
		return false;
	if (in->min_kernel && !reaches(s, in))
		return false;
	return !out->min_kernel || !reaches(s, out);
}

/* Rule 12: what runc refuses of NOTIFY. */
static bool
check_notify(struct selector *s, const struct rule *rule)
{
	bool ok = true;

	if (rule->action != SECCOMP_RET_USER_NOTIF)
		return true;
	for (size_t i = 0; i < rule->names.n; i++)
		if (!strcmp(rule->names.v[i]->string, "write"))
			ok = diag_at(s->diags, DIAG_NOTIFY_REFUSED,
				     rule->names.v[i], NULL,
				     "NOTIFY cannot cover write: the runtime "
				     "needs it to hand over the listener");
	diag_at(s->diags, DIAG_NOTIFY, rule->action_where, NULL,
		"NOTIFY needs a listener: prctl cannot install this program "
		"so that it works");
	return ok;
}

const struct selection *
select_rules(struct arena *arena, const struct profile *profile,
	     const struct options *options, struct diags *diags)
{
	struct selection *selection = arena_alloc(arena, sizeof(*selection));
	struct selector s = { .arena = arena,
			      .diags = diags,
			      .options = options,
			      .selection = selection };
	bool ok;

	selection->profile = profile;
	selection->options = options;
	ok = select_abis(&s);
	if (profile->default_action == SECCOMP_RET_USER_NOTIF)
		ok = diag_at(diags, DIAG_NOTIFY_REFUSED, profile->default_where,
			     NULL, "NOTIFY cannot be the default action");
	if (profile->rules.n)
		vec_reserve(arena, &selection->rules, profile->rules.n);
	for (size_t i = 0; i < profile->rules.n; i++) {
		const struct rule *rule = &profile->rules.v[i];

		if (!stays(&s, rule))
			continue;
		ok &= check_notify(&s, rule);
		*vec_push(arena, &selection->rules) = rule;
	}
	return ok && !diags->count[SEVERITY_ERROR] ? selection : NULL;
}
