/*
 * From JSON to resolved rules: shapes, options, selection, names.
 */
#ifndef SECCOMPC_PROFILE_H
#define SECCOMPC_PROFILE_H

#include "base.h"

/* shape.c: fields of JSON objects by type and range, as profile.c reads. */

/* Dialects, and sets of them: bit i stands for enum dialect i. */
enum dialect {
	DIALECT_AUTO,	/* docker, or oci for a runtime's config.json */
	DIALECT_DOCKER,
	DIALECT_PODMAN,
	DIALECT_OCI,
};

enum {
	DOCKER = 1 << DIALECT_DOCKER,
	PODMAN = 1 << DIALECT_PODMAN,
	OCI = 1 << DIALECT_OCI,
	EVERY_DIALECT = DOCKER | PODMAN | OCI,
};

/* A field and the dialects that read it. */
struct field {
	const char *name;
	unsigned dialects;
};

struct shape {
	struct arena *arena;
	struct diags *diags;
	enum dialect dialect;	/* never DIALECT_AUTO */
};

/* The functions below return false after reporting an error. */

/* Whether the dialect being read is among dialects. */
bool shape_reads(const struct shape *shape, unsigned dialects);

bool shape_expect(const struct shape *shape, const struct json *value,
		  enum json_kind kind);

/* The member, or NULL if it is absent or null. */
bool shape_optional(const struct shape *shape, const struct json *object,
		    const char *key, enum json_kind kind,
		    const struct json **value);
bool shape_required(const struct shape *shape, const struct json *object,
		    const char *key, enum json_kind kind,
		    const struct json **value);

/* That value is an object, and what its keys are (count at most 16). */
bool shape_object(const struct shape *shape, const struct json *value,
		  const struct field *fields, size_t count);

/* Whether an object has a field, not empty, that some dialect ignores. */
bool shape_differs(const struct json *object, const struct field *fields,
		   size_t count);

/* An integer 0..max. */
bool shape_integer(const struct shape *shape, const struct json *value,
		   uint64_t max, uint64_t *out);

/* The strings of an optional array; list is empty. */
bool shape_strings(const struct shape *shape, const struct json *object,
		   const char *key, struct json_list *list);

/* "did you mean 'x'?" for the nearest of words, or NULL. */
const char *shape_hint(const struct shape *shape, const char *s,
		       const char *const *words, size_t count);

/* condition.c: one entry of `args`. */

enum cmp_op {
	CMP_EQ,
	CMP_NE,
	CMP_LT,
	CMP_LE,
	CMP_GT,
	CMP_GE,
	CMP_MASKED_EQ,
};

/* As written. */
struct condition {
	const struct json *where;
	uint8_t arg;		/* 0..5 */
	enum cmp_op op;
	uint64_t value;		/* MASKED_EQ: the mask */
	uint64_t value2;	/* MASKED_EQ: (arg & value) == value2 */
};

/* False after reporting an error. */
bool condition_read(const struct shape *shape, const struct json *value,
		    struct condition *condition);

/* SCMP_CMP_ name of an operator, and the sign that messages use. */
const char *cmp_name(enum cmp_op op);
const char *cmp_sign(enum cmp_op op);

/* profile.c: the shape of a profile, whatever its dialect. */

/* `includes` or `excludes` of Docker and Podman. */
struct clause {
	struct json_list caps;
	struct json_list arches;
	const struct json *min_kernel;	/* NULL: none */
	kernel_release release;		/* of min_kernel */
};

struct rule {
	const struct json *where;
	const struct json *action_where;
	uint32_t action;
	struct json_list names;	/* strings */
	VEC(struct condition) conditions;
	struct clause includes, excludes;
};

struct arch_map {
	const struct json *architecture;
	struct json_list sub;
};

struct profile {
	const struct json *root;	/* the object with defaultAction */
	enum dialect dialect;		/* never DIALECT_AUTO */
	uint32_t default_action;
	const struct json *default_where;
	VEC(struct rule) rules;
	struct json_list architectures;
	VEC(struct arch_map) arch_map;
	struct json_list flags;	/* strings, all known */
	uint32_t filter_flags;		/* SECCOMP_FILTER_FLAG_* */
	const char *listener_path;	/* or NULL */
	const char *listener_metadata;	/* or NULL */
};

struct options;

/*
 * Reads shapes, types and ranges (rules 1, 2, 5 and 13 of docs/profile.md).
 * Returns NULL after at least one error.
 */
const struct profile *profile_read(struct arena *arena,
				   const struct json *json,
				   const struct options *options,
				   struct diags *diags);

/* Whether a profile has a field that not every dialect reads. */
bool profile_asks_dialect(const struct profile *profile);

/* options.c: what the command line, or the library's user, asks for. */

enum unknown_mode {
	UNKNOWN_ENOSYS,		/* above the largest number named */
	UNKNOWN_SINCE,		/* newer than options.since, not named */
	UNKNOWN_DEFAULT,
};

enum conflict_mode {
	CONFLICTS_REFUSE,
	CONFLICTS_RUNC,		/* take what runc's order gives */
	CONFLICTS_FIRST,	/* and where it gives nothing, the first rule */
	CONFLICTS_STRICTEST,
};

enum repeated_mode {
	REPEATED_REFUSE,	/* OR if the AND can never be true */
	REPEATED_OR,
	REPEATED_AND,
};

enum mux_mode {
	MUX_STRICT,
	MUX_LIBSECCOMP,
};

/* What code should be: all modes look at the others after the first. */
enum optimize_mode {
	OPTIMIZE_BALANCED,	/* fewest executed, but not at any size */
	OPTIMIZE_SPEED,		/* fewest executed on the average */
	OPTIMIZE_SIZE,		/* fewest instructions */
};

enum tune_mode {
	TUNE_UNCACHED,		/* every call runs the filter */
	TUNE_CACHED,		/* Linux 5.11: plainly allowed ones do not */
};

struct options {
	enum dialect dialect;
	bool caps_given;
	uint64_t caps;			/* bit i: capability i */
	bool kernel_given;
	kernel_release kernel;
	enum abi native;
	abi_set abis;			/* 0: as the profile says */
	bool foreign_default;		/* foreign calls: the default action */
	uint32_t foreign_action;	/* else this */
	enum unknown_mode unknown;
	kernel_release since;
	enum conflict_mode conflicts;
	enum repeated_mode repeated;
	enum mux_mode muxes;
	const struct weights *weights;
	enum optimize_mode optimize;
	enum tune_mode tune;
};

/* Rule 3's and 11's defaults; native x86_64. */
void options_init(struct options *options);

/*
 * Capabilities: "none", "all", "docker", or a list of names with commas,
 * with or without CAP_.  On failure returns false and *bad is the name.
 */
bool options_parse_caps(const char *s, uint64_t *caps, const char **bad);

/* The number of a capability by name with CAP_, -1 if unknown, and back; NULL
 * past the last one. */
int capability_find(const char *name);
const char *capability_name(unsigned number);

/* select.c: what caps, kernel and native arch leave of a profile. */

/* A release that rules were held against. */
struct kernel_edge {
	bool asked;
	kernel_release release;
};

struct selection {
	const struct profile *profile;
	const struct options *options;
	abi_set abis;			/* native always in */
	VEC(const struct rule *) rules;	/* in the profile's order */
	/* What was asked of the options: these capabilities, and that the
	 * kernel is at least, or below.  Any other answer to another question
	 * leaves the same rules. */
	uint64_t caps_asked;		/* bit i: capability i */
	struct kernel_edge kernel_from, kernel_below;
};

/* Rules 2 and 3.  Returns NULL after at least one error. */
const struct selection *select_rules(struct arena *arena,
				     const struct profile *profile,
				     const struct options *options,
				     struct diags *diags);

/* resolve.c: names turned into numbers; nothing else is touched. */

/* One name of a rule. */
struct target {
	const struct json *where;
	const char *name;
	int32_t number[ABI_COUNT];	/* without the number bit; -1: none */
	/* Behind a multiplexer: its index in arch.muxes, or -1, and the
	 * selecting value. */
	int8_t mux[ABI_COUNT];
	uint32_t mux_call[ABI_COUNT];
};

struct resolved_rule {
	const struct rule *rule;
	uint32_t action;
	VEC(struct target) targets;	/* known on an ABI of the filter */
	const struct condition *conditions;
	size_t condition_count;
};

/* What a filter must do: the input of decide.c and of any check of it. */
struct ruleset {
	const struct selection *selection;
	const struct options *options;
	abi_set abis;
	uint32_t default_action;
	VEC(struct resolved_rule) rules;
};

/* Rule 4.  Returns NULL after at least one error. */
const struct ruleset *resolve_names(struct arena *arena,
				    const struct selection *selection,
				    struct diags *diags);

#endif
