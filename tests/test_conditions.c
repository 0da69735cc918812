/* Conditions: widths, overlaps and covers, against counting them out. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"

/* Every constant that a 64-bit comparison can go wrong at. */
static const uint64_t edges[] = {
	0,
	1,
	2,
	0x7fffffff,
	0x80000000,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x1ffffffff,
	0x200000000,
	0x7fffffffffffffff,
	0x8000000000000000,
	0xffffffff7fffffff,
	0xffffffff80000000,
	0xfffffffffffffffe,
	0xffffffffffffffff,
};

static bool
plain(enum cmp_op op, uint64_t x, uint64_t a, uint64_t b)
{
	switch (op) {
	case CMP_EQ:
		return x == a;
	case CMP_NE:
		return x != a;
	case CMP_LT:
		return x < a;
	case CMP_LE:
		return x <= a;
	case CMP_GT:
		return x > a;
	case CMP_GE:
		return x >= a;
	case CMP_MASKED_EQ:
		return (x & a) == b && !(b & ~a);
	}
	return false;
}

static bool
adapted(const struct condition *c, enum arg_width width, bool denying,
	uint64_t x)
{
	uint64_t args[6] = { [3] = x };
	struct test test;
	bool exact;

	switch (test_from_condition(&test, c, width, denying, &exact)) {
	case TEST_NEVER:
		return false;
	case TEST_ALWAYS:
		return true;
	case TEST_OPEN:
		break;
	}
	return test_holds(&test, args);
}

static uint64_t
cut(enum cmp_op op, uint64_t value)
{
	bool equality = op == CMP_EQ || op == CMP_NE || op == CMP_MASKED_EQ;

	return equality && value >= 0xffffffff80000000 ? (uint32_t)value
							: value;
}

/* Every operator, constant and value, as each ABI reads it. */
START_TEST(widths)
{
	enum cmp_op op = (enum cmp_op)_i;
	size_t n = LENGTH(edges);

	for (size_t i = 0; i < n * n * n; i++) {
		uint64_t a = edges[i % n], b = edges[i / n % n];
		uint64_t x = edges[i / n / n], low = (uint32_t)x;
		struct condition c = { .arg = 3, .op = op, .value = a,
				       .value2 = b };
		bool impossible = op == CMP_MASKED_EQ && (b & ~a);

		ck_assert_int_eq(adapted(&c, ARGS_64, true, x),
				 plain(op, x, a, b));
		ck_assert_int_eq(adapted(&c, ARGS_64_OR_LOW, false, x),
				 plain(op, x, a, b));
		ck_assert_int_eq(adapted(&c, ARGS_64_OR_LOW, true, x),
				 plain(op, x, a, b) || plain(op, low, a, b));
		ck_assert_int_eq(adapted(&c, ARGS_LOW, true, x),
				 !impossible &&
					 (op == CMP_MASKED_EQ
						  ? (low & cut(op, a)) ==
							    cut(op, b)
						  : plain(op, low, cut(op, a),
							  0)));
	}
}
END_TEST

/* A random test, normalised as the passes expect it; false: constant. */
static bool
random_test(uint64_t *seed, struct test *test)
{
	struct condition c = {
		.arg = (uint8_t)(calls_random(seed) % 2),
		.op = (enum cmp_op)(calls_random(seed) % 7),
	};
	enum arg_width width = (enum arg_width)(calls_random(seed) % 3);
	bool exact;

	/* Three bits of either word. */
	c.value = calls_random(seed) & 0x700000007;
	c.value2 = c.value & calls_random(seed);
	return test_from_condition(test, &c, width, true, &exact) == TEST_OPEN;
}

/*
 * Masks that leave three bits of either word make all values countable:
 * whether tests meet, and the smallest values where they do.
 */
START_TEST(meeting)
{
	uint64_t seed = (uint64_t)_i;
	struct test tests[8] = { 0 };
	size_t n = 0, count = 1 + calls_random(&seed) % 5;
	uint64_t args[6], found[2] = { 0 };
	bool meets[2] = { false, false };

	for (size_t i = 0; i < count; i++)
		n += random_test(&seed, &tests[n]);
	for (uint8_t arg = 0; arg < 2; arg++) {
		tests[n++] = (struct test){ .arg = arg,
					    .op = CMP_MASKED_EQ,
					    .value = ~UINT64_C(0x700000007) };
	}
	for (unsigned arg = 0; arg < 2; arg++) {
		for (uint64_t i = 0; i < 64 && !meets[arg]; i++) {
			uint64_t x[6] = { 0 };

			x[arg] = (i >> 3) << 32 | (i & 7);
			meets[arg] = true;
			for (size_t j = 0; j < n; j++)
				meets[arg] &= tests[j].arg != arg ||
					      test_holds(&tests[j], x);
			found[arg] = x[arg];
		}
	}
	ck_assert_int_eq(tests_meet(tests, n / 2, tests + n / 2, n - n / 2,
				    args),
			 meets[0] && meets[1]);
	for (unsigned arg = 0; meets[0] && meets[1] && arg < 2; arg++)
		ck_assert_uint_eq(args[arg], found[arg]);
}
END_TEST

START_TEST(next_match)
{
	uint64_t seed = (uint64_t)_i;
	uint32_t mask = (uint32_t)calls_random(&seed) & 0xff;
	uint32_t value = (uint32_t)calls_random(&seed) & mask;

	/* Nine bits, so that a match above eight is there too. */
	for (uint32_t x = 0; x < 512; x++) {
		uint32_t expected = x, y;

		while ((expected & mask) != value)
			expected++;
		ck_assert(word_next_match(x, mask, value, &y));
		ck_assert_uint_eq(y, expected);
	}
	/* With all higher bits settled there may be none. */
	for (uint32_t x = 0; x < 256; x++) {
		uint32_t expected = x, y;

		while (expected < 256 && (expected & mask) != value)
			expected++;
		ck_assert_int_eq(word_next_match(x, mask | 0xffffff00, value,
						 &y),
				 expected < 256);
	}
}
END_TEST

START_TEST(members)
{
	uint64_t seed = (uint64_t)_i;
	struct word_pattern patterns[8];
	struct word_domain d = { .mask = 0xffffffc0 };
	size_t n = calls_random(&seed) % LENGTH(patterns), steps = 0;
	uint32_t first = (uint32_t)calls_random(&seed) % 64;
	uint32_t last = first + (uint32_t)calls_random(&seed) % (64 - first);
	bool expected = false;

	for (size_t i = 0; i < n; i++) {
		uint32_t mask = 1 + (uint32_t)calls_random(&seed) % 63;

		patterns[i] = (struct word_pattern){
			mask, (uint32_t)calls_random(&seed) & mask, d.negated
		};
		d.negated = &patterns[i];
	}
	for (uint32_t x = first; x <= last; x++) {
		bool in = true;

		for (size_t i = 0; i < n; i++)
			in &= (x & patterns[i].mask) != patterns[i].value;
		expected |= in;
	}
	ck_assert_int_eq(word_has_member(&d, first, last, &steps), expected);
}
END_TEST

/* One rule per alternative on getppid, with values of a few bits. */
static size_t
cover_profile(uint64_t *seed, uint64_t bits, char *out, size_t size,
	      struct condition list[8])
{
	size_t n = 1 + calls_random(seed) % 8;
	int len = snprintf(out, size, "{\"defaultAction\":\"SCMP_ACT_ERRNO\","
				      "\"syscalls\":[");

	for (size_t i = 0; i < n; i++) {
		struct condition *c = &list[i];

		*c = (struct condition){
			.op = (enum cmp_op)(calls_random(seed) % 7),
			.value = calls_random(seed) & bits,
		};
		c->value2 = calls_random(seed) & c->value;
		len += snprintf(out + len, size - (size_t)len,
				"%s{\"names\":[\"getppid\"],\"action\":"
				"\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":0,"
				"\"op\":\"%s\",\"value\":%llu,"
				"\"valueTwo\":%llu}]}",
				i ? "," : "", cmp_name(c->op),
				(unsigned long long)c->value,
				(unsigned long long)c->value2);
	}
	snprintf(out + len, size - (size_t)len, "]}");
	return n;
}

static bool
is_covered(const struct condition *list, size_t n, uint64_t x)
{
	for (size_t i = 0; i < n; i++)
		if (plain(list[i].op, x, list[i].value, list[i].value2))
			return true;
	return false;
}

/*
 * Whether no value is left out.  All constants are made of bits alone.  Of
 * the values that agree in these bits, the first past any constant has at
 * most one other bit set.
 */
static bool
covers(const struct condition *list, size_t n, uint64_t bits)
{
	uint64_t x = 0;

	for (;;) {
		if (!is_covered(list, n, x))
			return false;
		for (unsigned i = 0; i < 64; i++)
			if (!is_covered(list, n, x | UINT64_C(1) << i))
				return false;
		if (x == bits)
			return true;
		x = (x - bits) & bits;
	}
}

/*
 * Rules on one argument that together leave nothing out are a plain ALLOW,
 * and no others are: then number 110 returns at once.
 */
START_TEST(cover)
{
	static const uint64_t words[] = { 0xf, 0x300000003, 0xf00000000,
					  0x8000000100000002 };
	uint64_t seed = (uint64_t)_i, bits = words[_i % 4];
	struct condition list[8];
	char text[4096];
	size_t n = cover_profile(&seed, bits, text, sizeof(text), list);
	struct compilation c;
	bool constant = false;

	compilation_init(&c, "cover", text, strlen(text));
	c.options.abis = 1 << ABI_X86_64;
	ck_assert_msg(compile(&c), "%s", text);
	for (size_t i = 0; i < c.ordered->spaces.v[0].ranges.n; i++) {
		const struct range *r = &c.ordered->spaces.v[0].ranges.v[i];

		if (r->first <= 110 && r->last >= 110)
			constant = c.graph.nodes.v[r->decision].kind ==
					   NODE_RETURN &&
				   c.graph.nodes.v[r->decision].k ==
					   SECCOMP_RET_ALLOW;
	}
	ck_assert_msg(constant == covers(list, n, bits), "%s", text);
	compilation_finish(&c);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conditions");
	TCase *tcase = tcase_create("conditions");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, widths, 0, CMP_MASKED_EQ + 1);
	tcase_add_loop_test(tcase, meeting, 0, 4000);
	tcase_add_loop_test(tcase, next_match, 0, 200);
	tcase_add_loop_test(tcase, members, 0, 2000);
	tcase_add_loop_test(tcase, cover, 0, 2000);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	/* One process: thousands of small loops, and none of them can hang. */
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
