#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "compiler/check/lint.h"
#include "eval.h"
#include "subject.h"

/*
 * Findings about narrow arguments, against trying calls: constants are few,
 * so that numbers at and around them in both halves tell all calls apart.
 */
enum { ROUNDS = 2000, LOWS = 11, HIGHS = 5, VALUES = LOWS * HIGHS, RULES = 2 };

static const uint32_t lows[LOWS] = { 0,		 1,	     2,
				     3,		 4,	     0x7fffffff,
				     0x80000000, 0x80000001, 0xfffffffd,
				     0xfffffffe, 0xffffffff };
static const uint32_t highs[HIGHS] = { 0, 1, 2, 0xfffffffe, 0xffffffff };
static const uint64_t constants[] = {
	0,
	1,
	2,
	3,
	0x80000000,
	0xfffffffe,
	0xffffffff,
	0x100000001,
	0xfffffffffffffffe,
	0xffffffffffffffff,
};

static const struct subject_call {
	const char *name;
	bool narrow[2], is_signed[2]; /* man 2 of each, and the kernel */
} calls[] = {
	{ "kill", { true, true }, { true, true } },
	{ "fcntl", { true, true }, { false, false } },
	{ "getpriority", { true, true }, { true, true } },
	{ "mprotect", { false, false }, { false, false } },
	{ "arch_prctl", { true, false }, { true, false } },
};

struct part {
	unsigned arg;
	enum cmp_op op;
	uint64_t value, value2;
};

struct round {
	uint64_t seed;
	struct subject s;
	const struct subject_call *call;
	bool denying;
	unsigned rules, count[RULES];
	struct part parts[RULES][2];
	bool runs[VALUES][VALUES];
};

static unsigned
draw(struct round *round, unsigned below)
{
	return (unsigned)(calls_random(&round->seed) % below);
}

static void
write_rule(struct round *round, unsigned index)
{
	struct subject *s = &round->s;
	unsigned count = 1 + draw(round, 2);

	subject_write(s,
		      "%s{ \"names\": [\"%s\"], \"action\": \"SCMP_ACT_%s\", "
		      "\"args\": [",
		      index ? "," : "", round->call->name,
		      round->denying ? "ERRNO" : "ALLOW");
	round->count[index] = count;
	for (unsigned i = 0; i < count; i++) {
		struct part *p = &round->parts[index][i];

		*p = (struct part){ count == 2 ? i : draw(round, 2),
				    (enum cmp_op)draw(round, 7),
				    constants[draw(round, LENGTH(constants))],
				    0 };
		if (p->op == CMP_MASKED_EQ)
			p->value2 = p->value &
				    constants[draw(round, LENGTH(constants))];
		subject_write(s, i ? ", " : "");
		subject_write_condition(s, p->arg, p->op, p->value, p->value2);
	}
	subject_write(s, "] }\n");
}

static uint64_t
value_at(unsigned i)
{
	return (uint64_t)highs[i / LOWS] << 32 | lows[i % LOWS];
}

/* The index of the same value as a caller has it that extends with zeros, or
 * with the sign. */
static unsigned
extended(const struct round *round, unsigned arg, unsigned i, bool sign)
{
	bool negative = round->call->is_signed[arg] && lows[i % LOWS] >> 31;

	if (!round->call->narrow[arg])
		return i;
	return sign && negative ? LOWS * (HIGHS - 1) + i % LOWS : i % LOWS;
}

static bool
part_holds(const struct round *round, const struct part *p, uint64_t x,
	   bool intended)
{
	uint64_t value = p->value, value2 = p->value2;

	/* What the author means is a number of 32 bits. */
	if (intended && round->call->narrow[p->arg]) {
		x = (uint32_t)x;
		if (value >= UINT64_C(0xffffffff80000000))
			value = (uint32_t)value;
		if (value2 >= UINT64_C(0xffffffff80000000))
			value2 = (uint32_t)value2;
		if (p->op == CMP_MASKED_EQ)
			value = (uint32_t)value;
	}
	return subject_compare(p->op, x, value, value2);
}

static bool
rule_holds(const struct round *round, unsigned rule, uint64_t x, uint64_t y,
	   bool intended)
{
	bool all = true;

	for (unsigned i = 0; i < round->count[rule]; i++) {
		const struct part *p = &round->parts[rule][i];

		all &= part_holds(round, p, p->arg ? y : x, intended);
	}
	return all;
}

static void
try_calls(struct round *round)
{
	const struct syscall_name *name = syscall_find(round->call->name);

	for (unsigned i = 0; i < VALUES; i++) {
		for (unsigned j = 0; j < VALUES; j++) {
			const uint64_t args[6] = { value_at(i), value_at(j) };

			round->runs[i][j] =
				eval_call(round->s.c.ruleset,
					  arch_table[ABI_X86_64]->audit_token,
					  (uint32_t)name->number[ABI_X86_64],
					  args) == SECCOMP_RET_ALLOW;
		}
	}
}

/* Whether a caller passes what a rule's condition looks at like this. */
static bool
is_passed(const struct round *round, unsigned rule, unsigned i, unsigned j)
{
	bool passed = true;

	for (unsigned k = 0; k < round->count[rule]; k++) {
		unsigned arg = round->parts[rule][k].arg, at = arg ? j : i;

		passed &= at == extended(round, arg, at, false) ||
			  at == extended(round, arg, at, true);
	}
	return passed;
}

/* What is to be found of a rule. */
struct expected {
	bool deny, allow, sign;
};

static void
expect_call(const struct round *round, unsigned rule, unsigned i, unsigned j,
	    struct expected *expected)
{
	bool holds = rule_holds(round, rule, value_at(i), value_at(j), false);
	bool meant = rule_holds(round, rule, value_at(i), value_at(j), true);
	bool runs = round->runs[i][j], both = true;

	for (unsigned sign = 0; sign < 2; sign++)
		both &= round->runs[extended(round, 0, i, sign)]
				   [extended(round, 1, j, sign)];
	if (round->denying) {
		expected->deny |= runs && meant && !both;
	} else {
		expected->allow |= runs && holds && !meant && !both;
		expected->sign |= !runs && meant && !holds &&
				  is_passed(round, rule, i, j);
	}
}

static bool
is_found(const struct round *round, unsigned rule, enum diag_id id)
{
	const struct compilation *c = &round->s.c;
	const struct json *where = c->profile->rules.v[rule].where;
	const struct diags *diags = &c->diags;

	for (size_t i = 0; i < diags->list.n; i++) {
		size_t offset = diags->list.v[i].offset;

		if (diags->list.v[i].id == id && offset >= where->offset &&
		    (rule + 1 == round->rules ||
		     offset < c->profile->rules.v[rule + 1].where->offset))
			return true;
	}
	return false;
}

static void
check_rule(const struct round *round, unsigned rule, size_t found[3])
{
	struct expected expected = { 0 };

	for (unsigned i = 0; i < VALUES; i++)
		for (unsigned j = 0; j < VALUES; j++)
			expect_call(round, rule, i, j, &expected);
	ck_assert_msg(
		is_found(round, rule, DIAG_TRUNCATED_DENY) == expected.deny &&
			is_found(round, rule, DIAG_TRUNCATED_ALLOW) ==
				expected.allow &&
			is_found(round, rule, DIAG_SIGN_EXTENDED) ==
				expected.sign,
		"rule %u should have: deny %d, allow %d, sign %d\n%s", rule,
		expected.deny, expected.allow, expected.sign, round->s.text);
	found[0] += expected.deny;
	found[1] += expected.allow;
	found[2] += expected.sign;
}

START_TEST(narrow_arguments)
{
	static struct round round;
	const struct lint_options options = { 0 };
	size_t found[3] = { 0 };

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct subject *s = &round.s;

		round.seed = i;
		round.call = &calls[draw(&round, LENGTH(calls))];
		round.denying = draw(&round, 2);
		round.rules = 1 + draw(&round, RULES);
		subject_open(s);
		s->c.options.unknown = UNKNOWN_DEFAULT;
		subject_write(s,
			      "{ \"defaultAction\": \"SCMP_ACT_%s\", "
			      "\"syscalls\": [\n",
			      round.denying ? "ALLOW" : "ERRNO");
		for (unsigned j = 0; j < round.rules; j++)
			write_rule(&round, j);
		subject_write(s, "]}\n");
		subject_compile(s);
		ck_assert_msg(s->ok, "%s", s->text);
		ck_assert(lint_run(&s->c, &options));
		try_calls(&round);
		for (unsigned j = 0; j < round.rules; j++)
			check_rule(&round, j, found);
		subject_finish(s);
	}
	for (unsigned i = 0; i < 3; i++)
		ck_assert_uint_gt(found[i], ROUNDS / 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("widths");
	TCase *tcase = tcase_create("widths");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, narrow_arguments);
	tcase_set_timeout(tcase, 120);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
