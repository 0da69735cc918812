#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "compiler/check/redundant.h"
#include "subject.h"

/*
 * Which names of rules can go, against reading the rules anew without them:
 * the function of a call is then the same or it is not.  Profiles are random,
 * of few names and few conditions, so that rules meet.
 */
enum { ROUNDS = 8000, MOST_NAMES = 64 };

static const char *const names[] = {
	"read",	 "kill",   "kill",	  "socket",  "socketcall",
	"recv",	 "accept", "pidfd_getfd", "openat2", "faccessat2",
	"statx", "semop",  "ipc",
};
static const char *const actions[] = {
	"ALLOW", "ERRNO", "ERRNO", "ALLOW",
	"LOG",	 "TRAP",  "KILL",  "ERRNO\", \"errnoRet\": 38, \"y\": \""
};
#define ERRNO_38 "ERRNO\", \"defaultErrnoRet\": 38, \"x\": \""
static const char *const defaults[] = { "ERRNO", "ALLOW", "TRAP", ERRNO_38 };

struct round {
	uint64_t seed;
	struct subject s;
	struct lint lint;
	bool muxes;		     /* i386 is in the filter */
	size_t gone, kept, needless; /* needless: kept although it could go */
	const char *wrong;	     /* a name that cannot go and did */
};

static unsigned
draw(struct round *round, unsigned below)
{
	return (unsigned)(calls_random(&round->seed) % below);
}

static void
write_rule(struct round *round, bool first)
{
	struct subject *s = &round->s;
	unsigned count = 1 + draw(round, 3), conditions = draw(round, 3);

	subject_write(s, "%s{ \"names\": [", first ? "" : ",\n");
	for (unsigned i = 0; i < count; i++)
		subject_write(s, "%s\"%s\"", i ? ", " : "",
			      names[draw(round, LENGTH(names))]);
	subject_write(s, "], \"action\": \"SCMP_ACT_%s\", \"args\": [",
		      actions[draw(round, LENGTH(actions))]);
	/* Different arguments: a repeated index is another matter. */
	for (unsigned i = 0; i < conditions; i++) {
		static const enum cmp_op ops[] = { CMP_EQ, CMP_GE, CMP_NE,
						   CMP_LT, CMP_MASKED_EQ };
		uint64_t value = draw(round, 4);

		subject_write(s, i ? ", " : "");
		subject_write_condition(s, i, ops[draw(round, LENGTH(ops))],
					value, value & draw(round, 4));
	}
	subject_write(s, "]");
	/* Capabilities are none: the first clause holds. */
	if (!draw(round, 4))
		subject_write(s, ", \"excludes\": {\"caps\":[\"CAP_KILL\"]}");
	subject_write(s, " }");
}

static void
write_profile(struct round *round)
{
	static const enum conflict_mode conflicts[] = {
		CONFLICTS_RUNC,
		CONFLICTS_FIRST,
		CONFLICTS_STRICTEST,
	};
	static const enum unknown_mode unknown[] = {
		UNKNOWN_ENOSYS,
		UNKNOWN_ENOSYS,
		UNKNOWN_SINCE,
		UNKNOWN_DEFAULT,
	};
	struct subject *s = &round->s;
	unsigned rules = 1 + draw(round, 6);

	subject_open(s);
	round->muxes = draw(round, 2);
	s->c.options.abis = 1 << ABI_X86_64 |
			    (round->muxes ? 1 << ABI_I386 : 0) |
			    (draw(round, 4) ? 0 : 1 << ABI_X32);
	s->c.options.caps_given = true;
	s->c.options.conflicts = conflicts[draw(round, LENGTH(conflicts))];
	s->c.options.unknown = unknown[draw(round, LENGTH(unknown))];
	s->c.options.since = 5 << 8 | 7;
	if (!draw(round, 4))
		s->c.options.muxes = MUX_LIBSECCOMP;
	subject_write(s, "{ \"defaultAction\": \"SCMP_ACT_%s\",",
		      defaults[draw(round, LENGTH(defaults))]);
	subject_write(s, " \"syscalls\": [\n");
	for (unsigned i = 0; i < rules; i++)
		write_rule(round, i == 0);
	subject_write(s, "]}\n");
	subject_compile(s);
}

/* The rules without those names that are struck out, by rule and target. */
static const struct ruleset *
strike(struct dd_set *set, const struct ruleset *rules, bool *const *struck)
{
	struct ruleset *copy = arena_alloc(&set->arena, sizeof(*copy));
	size_t size = rules->rules.n * sizeof(*rules->rules.v);

	*copy = *rules;
	copy->rules.v = arena_alloc(&set->arena, size + 1);
	memcpy(copy->rules.v, rules->rules.v, size);
	for (size_t i = 0; i < rules->rules.n; i++) {
		const struct resolved_rule *from = &rules->rules.v[i];
		struct resolved_rule *to = &copy->rules.v[i];

		to->targets.v = arena_alloc(&set->arena,
					    (from->targets.n + 1) *
						    sizeof(*from->targets.v));
		to->targets.n = 0;
		for (size_t j = 0; j < from->targets.n; j++)
			if (!struck[i][j])
				to->targets.v[to->targets.n++] =
					from->targets.v[j];
	}
	return copy;
}

static bool
is_same(struct round *round, struct dd_set *set, bool *const *struck)
{
	bool clash;

	return meaning_of(set, strike(set, round->s.c.ruleset, struck),
			  &clash) == round->lint.decides;
}

static bool
is_twice(const struct resolved_rule *rule, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (!strcmp(rule->targets.v[i].name,
			    rule->targets.v[index].name))
			return true;
	return false;
}

static void
try_rule(struct round *round, struct redundant *d, size_t index, bool **struck)
{
	const struct resolved_rule *rule = &round->s.c.ruleset->rules.v[index];

	for (size_t i = rule->targets.n; i-- > 0;) {
		const struct target *target = &rule->targets.v[i];
		struct place places[ABI_COUNT];
		bool can_go, same;

		struck[index][i] = true;
		same = is_same(round, d->l->set, struck);
		if (!redundant_find(d, rule, target, places, &can_go)) {
			/* It says nothing, or is there twice. */
			struck[index][i] = is_twice(rule, i);
			continue;
		}
		if (can_go && !same && !round->wrong)
			round->wrong = target->name;
		round->gone += can_go;
		round->kept += !can_go && !same;
		round->needless += !can_go && same;
		struck[index][i] = can_go;
		redundant_next(d, target, places, can_go);
	}
}

static void
work(struct dd_set *set, void *data)
{
	struct round *round = data;
	const struct ruleset *rules = round->s.c.ruleset;
	struct redundant d;
	bool **struck, clash;

	round->gone = round->kept = round->needless = 0;
	round->wrong = NULL;
	round->lint.set = set;
	round->lint.decides = meaning_of(set, rules, &clash);
	for (size_t i = 0; i < ABI_COUNT; i++)
		round->lint.abis[i] =
			rules->abis >> i & 1
				? dd_at(set, round->lint.decides, DD_ARCH,
					arch_table[i]->audit_token)
				: DD_NONE;
	struck = arena_alloc(&set->arena,
			     (rules->rules.n + 1) * sizeof(*struck));
	for (size_t i = 0; i < rules->rules.n; i++)
		struck[i] = arena_alloc(&set->arena, MOST_NAMES);
	redundant_open(&d, &round->lint);
	for (size_t i = rules->rules.n; i-- > 0;)
		try_rule(round, &d, i, struck);
}

START_TEST(names_can_go)
{
	size_t gone = 0, kept = 0, needless = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct round round = { .seed = i };
		struct dd_set set;

		write_profile(&round);
		/* Where rules conflict nothing is said. */
		if (!round.s.ok) {
			subject_finish(&round.s);
			continue;
		}
		round.lint.c = &round.s.c;
		round.lint.arena = &round.s.c.arena;
		ck_assert_int_eq(dd_run_fields(&set, work, &round), DD_DONE);
		dd_finish(&set);
		ck_assert_msg(!round.wrong, "seed %u: %s is needed in\n%s", i,
			      round.wrong, round.s.text);
		/* It says less than it could of multiplexers, of what
		 * capabilities settle, and where unnamed calls get ENOSYS
		 * anyway. */
		ck_assert_msg(!round.needless || round.muxes ||
				      round.s.c.selection->caps_asked ||
				      round.s.c.ruleset->default_action ==
					      (SECCOMP_RET_ERRNO | ENOSYS),
			      "seed %u: something more can go in\n%s", i,
			      round.s.text);
		gone += round.gone;
		kept += round.kept;
		needless += round.needless;
		subject_finish(&round.s);
	}
	/* Enough of both came up, and little was passed over. */
	ck_assert_uint_gt(gone, ROUNDS / 2);
	ck_assert_uint_gt(kept, ROUNDS / 2);
	ck_assert_uint_lt(needless, gone / 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("redundant");
	TCase *tcase = tcase_create("names");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, names_can_go);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
