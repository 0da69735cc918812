#include "compiler.h"

#include <string.h>

static bool
is_denying(const struct decider *d, uint32_t action)
{
	return action_rank(action) < action_rank(d->ruleset->default_action);
}

/*
 * The tests of conditions.  False if they never hold together; those that
 * always hold leave no test.
 */
static bool
make_tests(struct decider *d, enum abi abi, const struct resolved_rule *rule,
	   const struct condition *conditions, size_t count,
	   const struct test *selecting, struct alternative *out)
{
	struct test *tests =
		arena_alloc(d->arena, (count + 1) * sizeof(*tests));

	*out = (struct alternative){ .tests = tests, .action = rule->action };
	if (selecting)
		tests[out->count++] = *selecting;
	for (size_t i = 0; i < count; i++) {
		const struct condition *c = &conditions[i];
		enum test_truth truth;
		bool exact;

		if (selecting && c->arg == 0)
			continue;
		truth = test_from_condition(
			&tests[out->count], c, arch_table[abi]->args,
			is_denying(d, rule->action), &exact);
		if (!exact)
			diag_at(d->diags, DIAG_WIDE_CONSTANT, c->where, NULL,
				"on %s arguments have 32 bits: the constant "
				"0x%llx makes this condition %s",
				arch_table[abi]->name,
				(unsigned long long)(c->value2 > c->value
							     ? c->value2
							     : c->value),
				truth == TEST_NEVER    ? "never true"
				: truth == TEST_ALWAYS ? "always true"
						       : "one on fewer bits");
		if (truth == TEST_NEVER)
			return false;
		out->count += truth == TEST_OPEN;
	}
	return tests_meet(tests, out->count, NULL, 0, (uint64_t[6]){ 0 });
}

const struct alternative *
claim_alternatives(struct decider *d, enum abi abi,
		   const struct resolved_rule *rule,
		   const struct test *selecting, size_t *count)
{
	bool split = d->splits[rule - d->ruleset->rules.v];
	size_t n = split ? rule->condition_count : 1;
	size_t each = split ? 1 : rule->condition_count;
	struct alternative *list = arena_alloc(d->arena, n * sizeof(*list));

	*count = 0;
	for (size_t i = 0; i < n; i++)
		if (make_tests(d, abi, rule,
			       each ? rule->conditions + i * each : NULL, each,
			       selecting, &list[*count]))
			++*count;
	return list;
}

/* A name that stands twice in a rule claims once. */
static void
append(struct claim_list *list, const struct claim *claim)
{
	if (!list->n || list->v[list->n - 1].rule != claim->rule)
		list->v[list->n++] = *claim;
}

static void
collect_rule(struct decider *d, struct claims *claims,
	     const struct resolved_rule *rule)
{
	enum abi abi = claims->abi;
	size_t count = 0;
	struct claim claim = {
		.rule = rule,
		.plain = !rule->condition_count,
		.dropped = rule->action == d->ruleset->default_action,
		.action = rule->action,
	};

	for (size_t i = 0; i < rule->targets.n; i++) {
		const struct target *target = &rule->targets.v[i];
		int32_t number = target->number[abi];
		int mux = target->mux[abi];

		if (number < 0 && mux < 0)
			continue;
		if (!claim.plain && !claim.alternatives)
			claim.alternatives =
				claim_alternatives(d, abi, rule, NULL, &count);
		claim.count = (uint32_t)count;
		claim.where = target->where;
		claim.name = target->name;
		if (number >= 0)
			append(&claims->numbers[number], &claim);
		if (number > claims->highest)
			claims->highest = number;
		if (mux >= 0)
			append(&claims->muxed[mux][target->mux_call[abi]],
			       &claim);
	}
}

/* How many claims there can be, into the lists' cap.  Returns their sum. */
static size_t
count_claims(const struct decider *d, struct claims *claims)
{
	enum abi abi = claims->abi;
	size_t sum = 0;

	for (size_t i = 0; i < d->ruleset->rules.n; i++) {
		const struct resolved_rule *rule = &d->ruleset->rules.v[i];

		for (size_t j = 0; j < rule->targets.n; j++) {
			const struct target *target = &rule->targets.v[j];
			int mux = target->mux[abi];

			if (target->number[abi] >= 0) {
				claims->numbers[target->number[abi]].cap++;
				sum++;
			}
			if (mux < 0)
				continue;
			claims->muxed[mux][target->mux_call[abi]].cap++;
			/* And once more on the multiplexer. */
			if (claims->mux_numbers[mux] >= 0)
				claims->numbers[claims->mux_numbers[mux]].cap++;
			sum += 2;
		}
	}
	return sum;
}

static void
place(struct claim_list *lists, size_t count, struct claim **free)
{
	for (size_t i = 0; i < count; i++) {
		lists[i].v = *free;
		*free += lists[i].cap;
	}
}

static size_t
call_count(const struct mux *mux)
{
	return mux->calls[mux->count - 1].call + 1;
}

static void
make_room(struct decider *d, struct claims *claims)
{
	const struct arch *arch = arch_table[claims->abi];
	struct claim *free;

	claims->numbers = arena_alloc(
		d->arena, claims->number_count * sizeof(*claims->numbers));
	claims->muxed =
		arena_alloc(d->arena, arch->mux_count * sizeof(*claims->muxed));
	claims->mux_numbers = arena_alloc(
		d->arena, arch->mux_count * sizeof(*claims->mux_numbers));
	for (size_t i = 0; i < arch->mux_count; i++) {
		const struct mux *mux = &arch->muxes[i];
		const struct syscall_name *name = syscall_find(mux->name);

		claims->muxed[i] = arena_alloc(
			d->arena, call_count(mux) * sizeof(**claims->muxed));
		claims->mux_numbers[i] = name ? name->number[claims->abi] : -1;
	}
	free = arena_alloc(d->arena, count_claims(d, claims) * sizeof(*free));
	place(claims->numbers, claims->number_count, &free);
	for (size_t i = 0; i < arch->mux_count; i++)
		place(claims->muxed[i], call_count(&arch->muxes[i]), &free);
}

struct claims *
claim_collect(struct decider *d, enum abi abi)
{
	size_t count = syscall_number_count[abi];
	const uint16_t *last = &syscall_numbers[abi][count - 1];
	struct claims *claims = arena_alloc(d->arena, sizeof(*claims));

	claims->abi = abi;
	claims->highest = -1;
	claims->number_count = (size_t)syscall_names[*last].number[abi] + 1;
	make_room(d, claims);
	for (size_t i = 0; i < d->ruleset->rules.n; i++)
		collect_rule(d, claims, &d->ruleset->rules.v[i]);
	return claims;
}

static bool
repeats_index(const struct resolved_rule *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->condition_count; i++) {
		unsigned bit = 1u << rule->conditions[i].arg;

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

/*
 * Whether all conditions of a rule, as written, can hold together.
 * *impossible says that one of them cannot hold alone.
 */
static bool
can_hold(struct decider *d, const struct resolved_rule *rule, bool *impossible)
{
	struct test *tests =
		arena_alloc(d->arena, rule->condition_count * sizeof(*tests));
	size_t n = 0;

	*impossible = false;
	for (size_t i = 0; i < rule->condition_count; i++) {
		bool exact;

		switch (test_from_condition(&tests[n], &rule->conditions[i],
					    ARGS_64, false, &exact)) {
		case TEST_NEVER:
			*impossible = true;
			return false;
		case TEST_OPEN:
			n++;
			break;
		case TEST_ALWAYS:
			break;
		}
	}
	return tests_meet(tests, n, NULL, 0, (uint64_t[6]){ 0 });
}

/*
 * OR where the conditions exclude each other, though each can hold, and where
 * the options say so; overlap.c reports it.
 */
void
claim_splits(struct decider *d)
{
	size_t count = d->ruleset->rules.n;
	enum repeated_mode mode = d->ruleset->options->repeated;

	d->splits = arena_alloc(d->arena, count * sizeof(*d->splits));
	for (size_t i = 0; i < count; i++) {
		const struct resolved_rule *rule = &d->ruleset->rules.v[i];
		bool impossible;

		if (!rule->targets.n)
			continue;
		d->asked.repeated += repeats_index(rule);
		if (mode == REPEATED_AND || !repeats_index(rule))
			continue;
		d->splits[i] = mode == REPEATED_OR ||
			       (!can_hold(d, rule, &impossible) && !impossible);
		d->asked.split += d->splits[i];
	}
}
