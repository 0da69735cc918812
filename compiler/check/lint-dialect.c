#include "lint-consumer.h"

#include <string.h>

/*
 * Fields that a consumer passes over without a word, and what that changes:
 * the profile is read once as the consumer does, and once as a program does
 * that knows the field.  Both readings are functions of a call, so whether
 * they differ is exact, and where they do there is a call to show.
 */

/* Both readings; mine is the consumer's. */
struct comparison {
	struct lint *l;
	const struct consumer_info *consumer;
	const struct reading *mine, *other;
	dd decides[2];		/* mine, other's */
	dd abis[2][ABI_COUNT];	/* DD_NONE: not in the filter */
	const bool *dropped[2]; /* by rule: the reading drops it */
};

/* A rule and the field that makes it another one. */
struct blame {
	const struct json *field;
	const char *name;
	/* Where the rule decides: it is mine or the other's that counts, and
	 * with this action. */
	unsigned side;
	uint32_t action;
};

static const char *
as_where(const struct comparison *c)
{
	static const char *const names[] = {
		[DIALECT_DOCKER] = "docker",
		[DIALECT_PODMAN] = "podman",
		[DIALECT_OCI] = "oci",
	};
	struct buf buf = { .arena = c->l->arena };
	kernel_release newest = syscall_tables_release;

	buf_printf(&buf, "--dialect=%s", names[c->other->profile->dialect]);
	if (c->other->assumed_caps)
		buf_printf(&buf, " --caps=docker");
	if (c->other->assumed_kernel)
		buf_printf(&buf, " --kernel=%d.%d", newest >> 8, newest & 255);
	return buf.data;
}

/* Reports that a field is ignored: a call gets mine, where it is read other. */
static void
report(struct comparison *c, const struct json *field, const char *name,
       const char *call, uint32_t mine, uint32_t other)
{
	bool opened = meaning_rank(mine) > meaning_rank(other);
	char got[32], wanted[32];
	const char *how = as_where(c);

	action_print(got, mine);
	action_print(wanted, other);
	lint_report(c->l,
		    opened ? DIAG_OPENED_BY_CONSUMER : DIAG_CHANGED_BY_CONSUMER,
		    field,
		    arena_printf(c->l->arena,
				 "give it what 'seccompc compile -f oci %s' "
				 "makes of this",
				 how),
		    "%s ignores '%s': %s gets %s, but %s where it is read (%s)",
		    c->consumer->name, name, call, got, wanted, how);
}

/* A call among where, which is not empty, with what both readings say. */
static void
report_at(struct comparison *c, const struct blame *blame, enum abi abi,
	  const char *name, const dd sides[2], dd where)
{
	struct dd_set *set = c->l->set;
	struct seccomp_data data;

	dd_difference(set, where, DD_FALSE, &data);
	report(c, blame->field, blame->name,
	       lint_witness(c->l, abi, name, where),
	       dd_decide(set, sides[0], &data),
	       dd_decide(set, sides[1], &data));
}

/* What an ABI's syscall gets in both readings; false: not in both filters. */
static bool
find_sides(const struct comparison *c, enum abi abi,
	   const struct syscall_name *known, dd sides[2])
{
	uint32_t number = (uint32_t)known->number[abi];

	if (known->number[abi] < 0)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		if (c->abis[i][abi] == DD_NONE)
			return false;
		sides[i] = dd_at(c->l->set, c->abis[i][abi], DD_NUMBER,
				 number | arch_table[abi]->number_bit);
	}
	return true;
}

/* Where a rule makes a difference of one kind, and its action is what counts.
 */
static dd
find_difference(struct comparison *c, const struct blame *blame,
		const dd sides[2], enum dd_order kind)
{
	struct dd_set *set = c->l->set;
	dd order = dd_apply(set, DD_ORDER, sides[0], sides[1], DD_FALSE);

	return dd_and(
		set, dd_apply(set, DD_IS, order, dd_value(set, kind), DD_FALSE),
		dd_apply(set, DD_IS, sides[blame->side],
			 dd_value(set, blame->action), DD_FALSE));
}

/* Looks for a difference of a kind on the names of a rule; reports the first.
 */
static bool
compare_names(struct comparison *c, const struct blame *blame,
	      const struct rule *rule, enum dd_order kind)
{
	for (size_t i = 0; i < rule->names.n; i++) {
		const struct syscall_name *known =
			syscall_find(rule->names.v[i]->string);

		for (size_t abi = 0; known && abi < ABI_COUNT; abi++) {
			dd sides[2], where;

			if (!find_sides(c, (enum abi)abi, known, sides) ||
			    sides[0] == sides[1])
				continue;
			where = find_difference(c, blame, sides, kind);
			if (where == DD_FALSE)
				continue;
			report_at(c, blame, (enum abi)abi, known->name, sides,
				  where);
			return true;
		}
	}
	return false;
}

/* The clause that the consumer ignores, or of Podman its minKernel. */
static bool
blame_clause(const struct comparison *c, const struct json *rule,
	     struct blame *blame)
{
	static const char *const keys[] = { "includes", "excludes" };

	for (size_t i = 0; i < LENGTH(keys); i++) {
		const struct json *clause = lint_member(rule, keys[i]);

		blame->name = keys[i];
		blame->field = clause;
		if (clause && c->mine->profile->dialect == DIALECT_PODMAN) {
			blame->name = "minKernel";
			blame->field = lint_member(clause, "minKernel");
		}
		if (blame->field)
			return true;
	}
	return false;
}

/* Which field makes a rule another one in the other reading, if any does. */
static bool
find_blame(const struct comparison *c, size_t i, struct blame *blame)
{
	const struct rule *mine = &c->mine->profile->rules.v[i];
	const struct rule *other = &c->other->profile->rules.v[i];

	blame->side = 0;
	blame->action = mine->action;
	if (c->dropped[0][i])
		return false; /* then it matters to nobody */
	if (c->dropped[1][i])
		return blame_clause(c, mine->where, blame);
	/* It is Podman's own: there it is not passed over. */
	if (mine->action != other->action &&
	    c->mine->profile->dialect != DIALECT_PODMAN) {
		blame->name = "errno";
		blame->field = lint_member(mine->where, "errno");
		return blame->field != NULL;
	}
	if (!mine->names.n && other->names.n) {
		blame->side = 1;
		blame->name = "name";
		blame->field = lint_member(mine->where, "name");
		return blame->field != NULL;
	}
	return false;
}

static void
compare_rules(struct comparison *c)
{
	static const enum dd_order kinds[] = { DD_WEAKER, DD_STRICTER,
					       DD_OTHER_DATA };

	for (size_t i = 0; i < c->mine->profile->rules.n; i++) {
		const struct rule *rule = &c->other->profile->rules.v[i];
		bool found = false;
		struct blame blame;

		if (!find_blame(c, i, &blame))
			continue;
		for (size_t k = 0; !found && k < LENGTH(kinds); k++)
			found = compare_names(c, &blame, rule, kinds[k]);
	}
}

/* Where the readings differ on an ABI; if there is a choice, calls that run. */
static dd
find_abi_difference(struct comparison *c, dd mine, enum abi abi)
{
	struct dd_set *set = c->l->set;
	dd other = c->abis[1][abi];
	dd order = dd_apply(set, DD_ORDER, mine, other, DD_FALSE);
	dd differ = dd_not(set, dd_apply(set, DD_IS, order,
					 dd_value(set, DD_EQUAL), DD_FALSE));
	dd runs = lint_where(c->l, other, LINT_RUNS);

	/* x32 shares its audit arch with x86_64. */
	differ = dd_and(set, differ,
			dd_not(set, dd_less(set, DD_NUMBER,
					    arch_table[abi]->number_bit)));
	runs = dd_and(set, runs, differ);
	return runs != DD_FALSE ? runs : differ;
}

/* A call of an ABI that only the other reading has in its filter. */
static void
compare_abis(struct comparison *c)
{
	const struct json *field =
		lint_member(c->mine->profile->root, "archMap");

	for (size_t abi = 0; field && abi < ABI_COUNT; abi++) {
		uint32_t token = arch_table[abi]->audit_token;
		struct buf buf = { .arena = c->l->arena };
		struct seccomp_data call;
		dd mine, differ;

		if (c->abis[0][abi] != DD_NONE || c->abis[1][abi] == DD_NONE)
			continue;
		mine = dd_at(c->l->set, c->decides[0], DD_ARCH, token);
		differ = find_abi_difference(c, mine, (enum abi)abi);
		if (differ == DD_FALSE)
			continue;
		dd_difference(c->l->set, differ, DD_FALSE, &call);
		call.arch = token;
		describe_call(&buf, &call, 0);
		report(c, field, "archMap", buf.data,
		       dd_decide(c->l->set, mine, &call),
		       dd_decide(c->l->set, c->abis[1][abi], &call));
		return;
	}
}

/* A call that gets the default action in both readings. */
static void
compare_defaults(struct comparison *c)
{
	struct dd_set *set = c->l->set;
	const struct profile *mine = c->mine->profile;
	const struct profile *other = c->other->profile;
	const struct json *field = lint_member(mine->root, "defaultErrno");
	struct buf buf = { .arena = c->l->arena };
	struct seccomp_data call;
	dd where;

	if (!field || mine->dialect == DIALECT_PODMAN ||
	    mine->default_action == other->default_action)
		return;
	where = dd_and(set,
		       dd_apply(set, DD_IS, c->decides[0],
				dd_value(set, mine->default_action), DD_FALSE),
		       dd_apply(set, DD_IS, c->decides[1],
				dd_value(set, other->default_action),
				DD_FALSE));
	if (where == DD_FALSE)
		return;
	dd_difference(set, where, DD_FALSE, &call);
	describe_call(&buf, &call, 0);
	report(c, field, "defaultErrno", buf.data, mine->default_action,
	       other->default_action);
}

/* By rule of the profile: whether a reading drops it. */
static bool *
find_dropped(struct lint *l, const struct reading *reading)
{
	const struct ruleset *rules = reading->ruleset;
	size_t count = reading->profile->rules.n, next = 0;
	bool *dropped = arena_alloc(l->arena, count + 1);

	for (size_t i = 0; i < count; i++) {
		dropped[i] = next == rules->rules.n ||
			     rules->rules.v[next].rule !=
				     &reading->profile->rules.v[i];
		next += !dropped[i];
	}
	return dropped;
}

static void
compare_readings(struct lint *l, const struct reading *mine,
		 const struct reading *other)
{
	const struct reading *sides[] = { mine, other };
	struct comparison c = {
		.l = l,
		.consumer = consumer_info(l->options->consumer),
		.mine = mine,
		.other = other,
		.dropped = { find_dropped(l, mine), find_dropped(l, other) },
	};

	for (unsigned i = 0; i < 2; i++) {
		bool clash;

		c.decides[i] =
			sides[i]->ruleset == l->c->ruleset
				? l->decides
				: meaning_of(l->set, sides[i]->ruleset, &clash);
		for (size_t abi = 0; abi < ABI_COUNT; abi++)
			c.abis[i][abi] =
				sides[i]->ruleset->abis >> abi & 1
					? dd_at(l->set, c.decides[i], DD_ARCH,
						arch_table[abi]->audit_token)
					: DD_NONE;
	}
	if (c.decides[0] == c.decides[1])
		return;
	compare_rules(&c);
	compare_abis(&c);
	compare_defaults(&c);
}

void
lint_dialect(struct lint *l)
{
	static const enum dialect others[] = { DIALECT_DOCKER, DIALECT_PODMAN };
	enum dialect dialect = consumer_info(l->options->consumer)->dialect;
	const struct reading *mine, *other;

	if (dialect == DIALECT_AUTO || !profile_asks_dialect(l->c->profile))
		return;
	mine = lint_reading(l, dialect);
	for (size_t i = 0; mine->ruleset && i < LENGTH(others); i++) {
		if (others[i] == dialect)
			continue;
		other = lint_reading(l, others[i]);
		if (other->ruleset)
			compare_readings(l, mine, other);
	}
}
