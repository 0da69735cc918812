/*
 * What other filter compilers got wrong about the width of arguments and the
 * words that comparisons of them are made of.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "subject.h"

enum {
	ALLOW = 0x7fff0000,
	ERRNO = 0x00050000,
	EPERM_ACTION = ERRNO | 1,
	KILL = 0,
	ALL_ABIS = 7,
};

static const uint64_t low_bits = 0xffffffff;

static const uint32_t halves[] = {
	0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
};

enum { HALVES = LENGTH(halves), PAIRS = HALVES * HALVES };

static uint64_t
pair(size_t i)
{
	return (uint64_t)halves[i / HALVES] << 32 | halves[i % HALVES];
}

/* libseccomp CVE-2019-9893: 64-bit comparisons out of 32-bit halves. */
START_TEST(libseccomp_cve_2019_9893)
{
	enum cmp_op op = (enum cmp_op)(_i / 6);
	unsigned arg = (unsigned)_i % 6;
	struct subject s;

	subject_open_denying(&s);
	for (uint32_t i = 0; i < PAIRS; i++)
		subject_write_rule(&s, i, arg, op, pair(i),
				   pair(i) & 0xfffffffe7fffffff);
	subject_compile_closed(&s);
	for (uint32_t i = 0; i < PAIRS; i++) {
		for (size_t j = 0; j < PAIRS; j++) {
			uint64_t args[6] = { 7, 7, 7, 7, 7, 7 };
			bool holds;

			args[arg] = pair(j);
			holds = subject_compare(op, pair(j), pair(i),
						pair(i) & 0xfffffffe7fffffff);
			subject_expect(&s, ABI_X86_64, i, args,
				       holds ? ALLOW : EPERM_ACTION);
		}
	}
	subject_finish(&s);
}
END_TEST

/*
 * libseccomp 2.5.4: MASKED_EQ dropped the bits of the value outside the
 * mask, and with a mask of 0 the whole condition.
 */
START_TEST(libseccomp_masked_eq)
{
	static const struct {
		uint64_t mask, value;
	} rows[] = {
		{ 0, 1 },
		{ 0, UINT64_MAX },
		{ 1, 3 },
		{ 6, 1 },
		{ 0xffffffff, UINT64_C(0x1ffffffff) },
		{ UINT64_C(0xffffffff00000000), 1 },
		{ UINT64_C(0x100000000), 0x80000000 },
		{ UINT64_C(0xffffffff80000000), UINT64_C(0xffffffff80000001) },
	};
	struct subject s;

	subject_open(&s);
	s.c.options.abis = 7;
	subject_write(&s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			  "\"syscalls\": [");
	for (size_t i = 0; i < LENGTH(rows); i++) {
		subject_write_rule(&s, (uint32_t)i, 0, CMP_MASKED_EQ,
				   rows[i].mask, rows[i].value);
	}
	subject_write(&s, "] }");
	subject_compile(&s);
	ck_assert(!s.ok);
	ck_assert_uint_eq(s.c.diags.count[SEVERITY_ERROR], LENGTH(rows));
	ck_assert_int_eq(s.c.diags.list.v[0].id, DIAG_IMPOSSIBLE_MASK);

	/* Turned down to a warning: never true. */
	compilation_finish(&s.c);
	compilation_init(&s.c, "test.json", s.text, s.size);
	s.c.options.abis = 7;
	s.c.diags.level[DIAG_IMPOSSIBLE_MASK] = SEVERITY_WARNING;
	s.ok = compile(&s.c);
	for (size_t i = 0; i < LENGTH(rows) * PAIRS; i++)
		for (enum abi abi = 0; abi < ABI_COUNT; abi++)
			subject_expect_call(
				&s, abi,
				subject_x86_64_name((uint32_t)(i / PAIRS)),
				pair(i % PAIRS), EPERM_ACTION);
	subject_finish(&s);
}
END_TEST

/* Rule 9 of docs/profile.md, as plain C. */
static bool
reads_as(enum abi abi, bool denying, enum cmp_op op, uint64_t x, uint64_t value,
	 uint64_t value2)
{
	bool equality = op == CMP_EQ || op == CMP_NE || op == CMP_MASKED_EQ;
	uint64_t sign = UINT64_C(0xffffffff80000000);

	if (abi == ABI_I386) {
		if (equality && value >= sign)
			value &= low_bits;
		if (equality && value2 >= sign)
			value2 &= low_bits;
		return subject_compare(op, x & low_bits, value, value2);
	}
	if (abi == ABI_X32 && denying &&
	    subject_compare(op, x & low_bits, value, value2))
		return true;
	return subject_compare(op, x, value, value2);
}

/* libseccomp 2.5.4: on i386 0x100000002 was cut to 2 and matched. */
START_TEST(libseccomp_i386_constants)
{
	static const uint64_t values[] = {
		UINT64_C(0x100000002),
		UINT64_C(0x100000000),
		UINT64_C(0x1ffffffff),
		UINT64_C(0xffffffff7fffffff),
		UINT64_C(0xffffffff80000000),
		UINT64_MAX,
		UINT64_C(0xfffffffffffffff0),
		UINT64_C(0x8000000000000000),
		0xffffffff,
		0x80000000,
		2,
		0,
	};
	static const uint64_t calls[] = {
		0,	    1,
		2,	    3,
		0x7fffffff, 0x80000000,
		0xfffffff0, 0xfffffff1,
		0xffffffff, UINT64_C(0x100000002),
		UINT64_MAX, UINT64_C(0xffffffff00000000),
	};
	enum cmp_op op = (enum cmp_op)_i;

	for (size_t i = 0; i < LENGTH(values); i++) {
		uint64_t value = values[i];
		uint64_t value2 = value & ~UINT64_C(0x100000001);
		struct subject s;

		subject_open(&s);
		s.c.options.abis = 1 << ABI_I386;
		s.c.options.unknown = UNKNOWN_DEFAULT;
		subject_write(&s,
			      "{ \"defaultAction\": \"SCMP_ACT_TRAP\", "
			      "\"syscalls\": [{ \"names\": [\"read\"], "
			      "\"action\": \"SCMP_ACT_ALLOW\", \"args\": [");
		subject_write_condition(&s, 2, op, value, value2);
		subject_write(&s, "] }] }");
		subject_compile(&s);
		for (size_t j = 0; j < LENGTH(calls); j++) {
			uint64_t args[6] = { 0, 0, calls[j] };
			bool holds = reads_as(ABI_I386, false, op, calls[j],
					      value, value2);

			subject_expect(&s, ABI_I386, 3, args,
				       holds ? ALLOW : 0x00030000);
		}
		subject_finish(&s);
	}
}
END_TEST

struct random_condition {
	unsigned arg;
	enum cmp_op op;
	uint64_t value, value2;
};

struct random_rule {
	uint32_t action;
	unsigned count;
	struct random_condition conditions[6];
};

static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Small, large, and next to the ends of a word. */
static uint64_t
random_value(uint64_t *state, bool wide)
{
	uint64_t x = random_next(state) % 4;

	switch (random_next(state) % 6) {
	case 0:
		x = low_bits - x;
		break;
	case 1:
		x += UINT64_C(0x80000000);
		break;
	case 2:
		x = wide ? x << 32 | random_next(state) % 3 : x;
		break;
	case 3:
		x = wide ? -x : x;
		break;
	}
	return x;
}

static void
make_rule(struct random_rule *rule, uint64_t *state, bool wide)
{
	unsigned first = (unsigned)(random_next(state) % 6);

	rule->action = ERRNO | (uint32_t)(1 + random_next(state) % 3);
	if (random_next(state) % 3 == 0)
		rule->action = ALLOW;
	rule->count = 1 + (unsigned)(random_next(state) % 6);
	for (unsigned i = 0; i < rule->count; i++) {
		struct random_condition *c = &rule->conditions[i];

		c->arg = (first + i) % 6;
		c->op = (enum cmp_op)(random_next(state) % 7);
		c->value = random_value(state, wide);
		c->value2 = c->value & random_next(state);
	}
}

static bool
rule_holds(const struct random_rule *rule, enum abi abi, bool denying,
	   const uint64_t args[6])
{
	for (unsigned i = 0; i < rule->count; i++) {
		const struct random_condition *c = &rule->conditions[i];

		if (!reads_as(abi, denying, c->op, args[c->arg], c->value,
			      c->value2))
			return false;
	}
	return true;
}

static void
write_rules(struct subject *s, const struct random_rule *rules, size_t count,
	    uint32_t otherwise)
{
	subject_write(s,
		      "{ \"defaultAction\": \"SCMP_ACT_%s\", "
		      "\"syscalls\": [",
		      otherwise == ALLOW ? "ALLOW" : "KILL");
	for (size_t i = 0; i < count; i++) {
		subject_write(s, "%s{ \"names\": [\"read\"], ", i ? ", " : "");
		if (rules[i].action == ALLOW)
			subject_write(s, "\"action\": \"SCMP_ACT_ALLOW\"");
		else
			subject_write(s,
				      "\"action\": \"SCMP_ACT_ERRNO\", "
				      "\"errnoRet\": %u",
				      rules[i].action & 0xffff);
		subject_write(s, ", \"args\": [");
		for (unsigned j = 0; j < rules[i].count; j++) {
			const struct random_condition *c =
				&rules[i].conditions[j];

			subject_write(s, j ? ", " : "");
			subject_write_condition(s, c->arg, c->op, c->value,
						c->value2);
		}
		subject_write(s, "] }");
	}
	subject_write(s, "] }");
}

static void
check_rules(uint64_t seed)
{
	static const uint32_t read_number[] = { 0, 3, 0 };
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	struct random_rule rules[4];
	size_t count = 1 + random_next(&state) % 4;
	uint32_t otherwise = seed % 2 ? ALLOW : KILL;
	struct subject s;

	subject_open(&s);
	s.c.options.abis = ALL_ABIS;
	s.c.options.conflicts = CONFLICTS_FIRST;
	/* What a wide constant means on x32 in a rule that denies is left
	 * to test_conditions. */
	for (size_t i = 0; i < count; i++)
		make_rule(&rules[i], &state, otherwise != ALLOW);
	write_rules(&s, rules, count, otherwise);
	subject_compile(&s);
	for (unsigned i = 0; i < 600; i++) {
		uint64_t args[6];

		for (unsigned j = 0; j < 6; j++)
			args[j] = random_value(&state, true);
		for (unsigned j = 0; j < rules[i % count].count; j++) {
			const struct random_condition *c =
				&rules[i % count].conditions[j];

			if (random_next(&state) % 4)
				args[c->arg] =
					(c->op == CMP_MASKED_EQ ? c->value2
								: c->value) +
					random_next(&state) % 3 - 1;
		}
		for (enum abi abi = 0; abi < ABI_COUNT; abi++) {
			uint32_t wanted = otherwise;

			for (size_t j = count; j-- > 0;)
				if (rules[j].action != otherwise &&
				    rule_holds(&rules[j], abi,
					       otherwise == ALLOW, args))
					wanted = rules[j].action;
			subject_expect(&s, abi, read_number[abi], args, wanted);
		}
	}
	subject_finish(&s);
}

/*
 * libseccomp, several versions: rules over several arguments with NE, LT,
 * LE, GT, GE, or over different high words, were wrong in both directions,
 * or were added for ever.
 */
START_TEST(libseccomp_several_arguments)
{
	for (unsigned i = 0; i < 100; i++)
		check_rules((uint64_t)_i * 100 + i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("incidents, words");
	TCase *tcase = tcase_create("widths and operators");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, libseccomp_cve_2019_9893, 0, 7 * 6);
	tcase_add_test(tcase, libseccomp_masked_eq);
	tcase_add_loop_test(tcase, libseccomp_i386_constants, 0, 7);
	tcase_add_loop_test(tcase, libseccomp_several_arguments, 0, 20);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
