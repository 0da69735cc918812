#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "subject.h"

/*
 * Reports of rules that conflict, void each other, repeat an index or never
 * hold, against trying all calls: constants and masks have two bits in either
 * word, so values of three bits in either word are all there is to tell
 * apart.
 */
enum { RULES = 4, CONDITIONS = 3, VALUES = 64 };

static const struct {
	const char *name;
	int strictness;
} actions[] = {
	{ "SCMP_ACT_KILL", 0 },	 { "SCMP_ACT_TRAP", 1 },
	{ "SCMP_ACT_ERRNO", 2 }, /* the default */
	{ "SCMP_ACT_LOG", 3 },	 { "SCMP_ACT_ALLOW", 4 },
};

enum { DEFAULT = 2 };

struct part {
	unsigned arg;
	enum cmp_op op;
	uint64_t value, value2;
};

struct drawn {
	size_t action, count;
	struct part parts[CONDITIONS];
	bool repeats, possible, alone, split;
};

struct draw {
	struct drawn rules[RULES];
	size_t count;
};

static uint64_t
value_at(unsigned i)
{
	return (uint64_t)(i >> 3) << 32 | (i & 7);
}

static bool
part_holds(const struct part *p, const uint64_t args[2])
{
	return !(p->op == CMP_MASKED_EQ && p->value2 & ~p->value) &&
	       subject_compare(p->op, args[p->arg], p->value, p->value2);
}

static bool
rule_holds(const struct drawn *rule, const uint64_t args[2])
{
	bool all = true, any = false;

	for (size_t i = 0; i < rule->count; i++) {
		bool holds = part_holds(&rule->parts[i], args);

		all &= holds;
		any |= holds;
	}
	return rule->split ? any : all;
}

/* Whether two rules hold for one call; the same one twice: it can hold. */
static bool
meet(const struct drawn *a, const struct drawn *b)
{
	for (unsigned i = 0; i < VALUES * VALUES; i++) {
		uint64_t args[2] = { value_at(i % VALUES),
				     value_at(i / VALUES) };

		if (rule_holds(a, args) && rule_holds(b, args))
			return true;
	}
	return false;
}

static void
judge(struct drawn *rule)
{
	unsigned seen = 0;

	for (size_t i = 0; i < rule->count; i++) {
		const struct part *p = &rule->parts[i];
		bool one = false;

		rule->repeats |= seen >> p->arg & 1;
		seen |= 1u << p->arg;
		for (unsigned j = 0; j < VALUES; j++) {
			uint64_t args[2] = { value_at(j), value_at(j) };

			one |= part_holds(p, args);
		}
		rule->alone |= !one;
	}
	rule->possible = meet(rule, rule);
	rule->split = rule->repeats && !rule->possible && !rule->alone;
}

static void
draw_rule(struct drawn *rule, uint64_t *seed)
{
	rule->action = calls_random(seed) % LENGTH(actions);
	rule->count = calls_random(seed) % (CONDITIONS + 1);
	for (size_t i = 0; i < rule->count; i++) {
		struct part *p = &rule->parts[i];

		p->arg =
			calls_random(seed) % 8 ? i % 2 : calls_random(seed) % 2;
		p->op = (enum cmp_op)(calls_random(seed) % 7);
		p->value = calls_random(seed) & 0x300000003;
		if (p->op == CMP_MASKED_EQ)
			p->value2 = p->value & calls_random(seed);
	}
	judge(rule);
}

static void
write_rules(struct subject *s, const struct draw *d)
{
	subject_open(s);
	subject_write(s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			 "\"syscalls\": [\n");
	for (size_t i = 0; i < d->count; i++) {
		const struct drawn *rule = &d->rules[i];

		subject_write(s,
			      "%s{ \"names\": [\"kill\"], \"action\": "
			      "\"%s\", \"args\": [",
			      i ? ",\n" : "", actions[rule->action].name);
		for (size_t j = 0; j < rule->count; j++) {
			const struct part *p = &rule->parts[j];

			subject_write(s, "%s", j ? ", " : "");
			subject_write_condition(s, p->arg, p->op, p->value,
						p->value2);
		}
		subject_write(s, "] }");
	}
	subject_write(s, "\n] }\n");
	subject_compile(s);
}

/* The first rule that is unconditional and not the default. */
static const struct drawn *
find_plain(const struct draw *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (!d->rules[i].count && d->rules[i].action != DEFAULT)
			return &d->rules[i];
	return NULL;
}

static bool
is_laxer(const struct drawn *a, const struct drawn *b)
{
	return actions[a->action].strictness > actions[b->action].strictness;
}

/* What has to be reported, by diagnostic. */
static void
expect(const struct draw *d, bool expected[DIAG_COUNT])
{
	const struct drawn *plain = find_plain(d);

	for (size_t i = 0; i < d->count; i++) {
		const struct drawn *a = &d->rules[i];

		expected[DIAG_REPEATED_INDEX] |= a->repeats && !a->split;
		expected[DIAG_REPEATED_INDEX_OR] |= a->split;
		expected[DIAG_NEVER_TRUE] |= !a->possible && !a->split;
		if (plain && is_laxer(plain, a))
			expected[a->count ? DIAG_VOIDED_CONDITION
					  : DIAG_CONTRADICTING_RULES] |=
				meet(a, plain);
		for (size_t j = 0; j < d->count && !plain; j++) {
			const struct drawn *b = &d->rules[j];

			if (!meet(a, b) || b->action == DEFAULT)
				continue;
			if (a->action == DEFAULT)
				expected[DIAG_VOIDED_CONDITION] |=
					is_laxer(b, a);
			else if (a->action != b->action)
				expected[DIAG_CONFLICTING_RULES] = true;
		}
	}
}

static uint64_t
read_value(const char *message, const char *name)
{
	const char *at = strstr(message, name);

	return at ? strtoull(at + strlen(name), NULL, 16) : 0;
}

/* The rule that a message names by its pointer or stands at. */
static const struct drawn *
rule_of(const struct draw *d, const char *pointer)
{
	const char *at = strstr(pointer, "/syscalls/");

	ck_assert_ptr_nonnull(at);
	return &d->rules[strtoul(at + strlen("/syscalls/"), NULL, 10)];
}

/* The call in a message is one for which both rules hold. */
static void
check_call(const struct draw *d, const struct diag *diag)
{
	uint64_t args[2] = { read_value(diag->message, "pid=0x"),
			     read_value(diag->message, "sig=0x") };

	if (!rule_holds(rule_of(d, diag->pointer), args) ||
	    !rule_holds(rule_of(d, diag->message), args))
		ck_abort_msg("%s: %s", diag->pointer, diag->message);
}

START_TEST(reports)
{
	static const enum diag_id ids[] = {
		DIAG_REPEATED_INDEX,	  DIAG_REPEATED_INDEX_OR,
		DIAG_NEVER_TRUE,	  DIAG_VOIDED_CONDITION,
		DIAG_CONTRADICTING_RULES, DIAG_CONFLICTING_RULES,
	};
	uint64_t seed = (uint64_t)_i;
	struct draw d = { 0 };
	bool expected[DIAG_COUNT] = { false };
	struct subject s;

	d.count = 1 + calls_random(&seed) % RULES;
	for (size_t i = 0; i < d.count; i++)
		draw_rule(&d.rules[i], &seed);
	expect(&d, expected);
	write_rules(&s, &d);
	for (size_t i = 0; i < LENGTH(ids); i++) {
		const struct diag *diag = subject_find(&s, ids[i]);

		if ((diag != NULL) != expected[ids[i]])
			ck_abort_msg("%s: %d expected of %s",
				     diag_table[ids[i]].name, expected[ids[i]],
				     s.text);
		if (diag && (ids[i] == DIAG_VOIDED_CONDITION ||
			     ids[i] == DIAG_CONFLICTING_RULES))
			check_call(&d, diag);
	}
	subject_finish(&s);
}
END_TEST

/* Rules over all six arguments meet in one call. */
START_TEST(six_arguments)
{
	struct subject s;
	const struct diag *diag;

	subject_open(&s);
	subject_write(&s, "{ \"defaultAction\": \"SCMP_ACT_ERRNO\", "
			  "\"syscalls\": [");
	for (unsigned i = 0; i < 2; i++) {
		subject_write(&s,
			      "%s{ \"names\": [\"futex\"], \"action\": "
			      "\"SCMP_ACT_%s\", \"args\": [",
			      i ? ", " : "", i ? "TRAP" : "ALLOW");
		for (unsigned arg = 0; arg < 6; arg++) {
			subject_write(&s, "%s", arg ? ", " : "");
			subject_write_condition(&s, arg, i ? CMP_GE : CMP_LE,
						0x500000000 + arg, 0);
		}
		subject_write(&s, "] }");
	}
	subject_write(&s, "] }");
	subject_compile(&s);
	diag = subject_find(&s, DIAG_CONFLICTING_RULES);
	ck_assert_ptr_nonnull(diag);
	ck_assert_ptr_nonnull(strstr(diag->message,
				     "futex(uaddr=0x500000000, op=0x500000001,"
				     " val=0x500000002, utime=0x500000003, "
				     "uaddr2=0x500000004, val3=0x500000005)"));
	subject_finish(&s);
}
END_TEST

/* Whether a number's path through a program is without arguments. */
static bool
is_plain(const struct subject *s, uint32_t number)
{
	const struct sock_filter *code = s->c.program->code.v;
	uint32_t a = 0;

	for (size_t pc = 0;; pc++) {
		const struct sock_filter *insn = &code[pc];
		bool yes = insn->code == (BPF_JMP | BPF_JEQ | BPF_K)
				   ? a == insn->k
				   : a >= insn->k;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (insn->k > 4)
				return false;
			a = insn->k ? 0xc000003e : number;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += yes ? insn->jt : insn->jf;
			continue;
		case BPF_RET | BPF_K:
			return insn->k == SECCOMP_RET_ALLOW;
		}
		return false;
	}
}

/* Rules that allow a call between them are a plain ALLOW, exactly then. */
START_TEST(covers)
{
	uint64_t seed = (uint64_t)_i;
	struct draw d = { 0 };
	bool all = true;
	struct subject s;

	d.count = 2 + calls_random(&seed) % (RULES - 1);
	for (size_t i = 0; i < d.count; i++) {
		draw_rule(&d.rules[i], &seed);
		d.rules[i].action = LENGTH(actions) - 1;
		/* Not all the same few values. */
		if (d.rules[i].repeats || !d.rules[i].possible)
			return;
	}
	/* The opposite of a condition is likely to complete them. */
	if (d.rules[0].count == 1) {
		d.rules[1] = d.rules[0];
		d.rules[1].parts[0].op = CMP_LT;
		d.rules[0].parts[0].op =
			calls_random(&seed) % 4 ? CMP_GE : CMP_GT;
	}
	for (unsigned i = 0; i < VALUES * VALUES; i++) {
		uint64_t args[2] = { value_at(i % VALUES),
				     value_at(i / VALUES) };
		bool any = false;

		for (size_t j = 0; j < d.count; j++)
			any |= rule_holds(&d.rules[j], args);
		all &= any;
	}
	write_rules(&s, &d);
	/* kill is 62 on x86_64. */
	if (s.ok && is_plain(&s, 62) != all)
		ck_abort_msg("%d expected of %s", all, s.text);
	subject_finish(&s);
}
END_TEST

/*
 * args[0] is 7 and args[1] is 7 and ... args[5] is 7, or one of them is not:
 * each rule alone says little, all of them everything.
 */
START_TEST(covers_six)
{
	for (unsigned missing = 0; missing < 8; missing++) {
		struct subject s;

		subject_open_denying(&s);
		for (unsigned i = 0; i < 7; i++) {
			if (i == missing)
				continue;
			subject_write(&s,
				      "%s{ \"names\": [\"futex\"], \"action\": "
				      "\"SCMP_ACT_ALLOW\", \"args\": [",
				      i > (missing == 0) ? ", " : "");
			for (unsigned arg = 0; arg < 6; arg++) {
				if (i < 6 && arg > i)
					break;
				subject_write(&s, "%s", arg ? ", " : "");
				subject_write_condition(
					&s, arg, arg == i ? CMP_NE : CMP_EQ,
					UINT64_C(0x700000007), 0);
			}
			subject_write(&s, "] }");
		}
		subject_compile_closed(&s);
		/* futex is 202 on x86_64. */
		ck_assert_int_eq(is_plain(&s, 202), missing == 7);
		subject_finish(&s);
	}
}
END_TEST

/* Fewer where sanitizers slow everything down. */
static int
rounds(int n)
{
	return getenv("SECCOMPC_CORPUS_STEP") ? n / 5 : n;
}

int
main(void)
{
	Suite *suite = suite_create("overlap");
	TCase *tcase = tcase_create("overlap");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 240);
	tcase_add_loop_test(tcase, reports, 0, rounds(2000));
	tcase_add_test(tcase, six_arguments);
	tcase_add_loop_test(tcase, covers, 0, rounds(2000));
	tcase_add_test(tcase, covers_six);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
