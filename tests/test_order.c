/*
 * The tests on arch and number of whole programs: what they decide, against
 * eval.c, and what they execute on the way.
 */
#include <check.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "eval.h"
#include "subject.h"

enum { NUMBERS = 330, PROFILES = 24, BIT = 0x40000000 };

/* What a profile says of a number. */
enum said {
	DENIED, /* the default */
	ALLOWED,
	LOGGED,
	ASKED, /* allowed for one argument */
};

struct made {
	uint64_t seed;
	uint8_t said[NUMBERS];
	bool two_actions; /* nothing is logged or asked */
};

static void
make(struct made *m, uint64_t seed)
{
	unsigned dense = 2 + seed % 7;

	memset(m, 0, sizeof(*m));
	m->seed = seed;
	m->two_actions = seed % 3 == 0;
	for (uint32_t i = 0; i < NUMBERS; i++) {
		if (calls_random(&m->seed) % dense)
			continue;
		m->said[i] = ALLOWED;
		if (!m->two_actions && calls_random(&m->seed) % 3 == 0)
			m->said[i] =
				calls_random(&m->seed) % 2 ? LOGGED : ASKED;
	}
	m->said[0] = ALLOWED;
}

static bool
is_said(const struct made *m, uint32_t number, enum said said)
{
	return m->said[number] == said &&
	       syscall_find_number(ABI_X86_64, number);
}

static void
write_names(struct subject *s, const struct made *m, enum said said,
	    const char *rest)
{
	const char *comma = "";

	subject_write(s, "{\"names\": [");
	for (uint32_t i = 0; i < NUMBERS; i++) {
		if (!is_said(m, i, said))
			continue;
		subject_write(s, "%s\"%s\"", comma, subject_x86_64_name(i));
		comma = ", ";
	}
	subject_write(s, "], %s}", rest);
}

/* Opens the subject first: options are the caller's. */
static void
compile_made(struct subject *s, const struct made *m)
{
	subject_write(s, "{\"defaultAction\": \"SCMP_ACT_ERRNO\", "
			 "\"syscalls\": [");
	write_names(s, m, ALLOWED, "\"action\": \"SCMP_ACT_ALLOW\"");
	if (!m->two_actions) {
		subject_write(s, ",");
		write_names(s, m, LOGGED, "\"action\": \"SCMP_ACT_LOG\"");
		subject_write(s, ",");
		write_names(s, m, ASKED,
			    "\"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
			    "{\"index\": 1, \"op\": \"SCMP_CMP_EQ\", "
			    "\"value\": 7}]");
	}
	subject_write(s, "]}");
	subject_compile(s);
	ck_assert(s->ok);
}

/* What a program executes for a number with all arguments 0. */
struct run {
	uint32_t action;
	unsigned executed;
	bool arch; /* loaded on the way */
	bool args;
};

static struct run
run(const struct subject *s, uint32_t arch, uint32_t nr)
{
	const struct program *p = s->c.program;
	struct run r = { 0 };
	uint32_t a = 0;

	for (size_t pc = 0; pc < p->code.n; pc++) {
		const struct sock_filter *insn = &p->code.v[pc];
		bool yes = false;

		r.executed++;
		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			r.arch |=
				insn->k == offsetof(struct seccomp_data, arch);
			r.args |=
				insn->k >= offsetof(struct seccomp_data, args);
			a = insn->k == offsetof(struct seccomp_data, nr) ? nr
			    : insn->k == offsetof(struct seccomp_data, arch)
				    ? arch
				    : 0;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			continue;
		case BPF_JMP | BPF_JA:
			pc += insn->k;
			continue;
		case BPF_RET | BPF_K:
			r.action = insn->k;
			return r;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == insn->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= insn->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > insn->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = a & insn->k;
			break;
		default:
			ck_abort_msg("instruction %#x", insn->code);
		}
		pc += yes ? insn->jt : insn->jf;
	}
	ck_abort_msg("no RET");
}

static void
check_calls(const struct subject *s)
{
	struct mismatch bad;
	size_t count;

	ck_assert_msg(calls_agree(&s->c, 1, &count, &bad),
		      "arch %#x number %#x: %#x, not %#x", bad.data.arch,
		      (unsigned)bad.data.nr, bad.actual, bad.expected);
}

static void
check_number(const struct subject *s, uint32_t arch, uint32_t nr)
{
	static const uint64_t args[6] = { 0 };

	ck_assert_uint_eq(run(s, arch, nr).action,
			  eval_call(s->c.ruleset, arch, nr, args));
}

/*
 * With calls of other archs getting the default, it is asked for on the ways
 * to other actions alone.
 */
START_TEST(arch_last)
{
	enum optimize_mode mode = (enum optimize_mode)(_i % 3);
	uint32_t foreign;
	struct subject s;
	struct made m;
	bool late;

	make(&m, (uint64_t)_i / 3);
	subject_open(&s);
	s.c.options.abis = 1 << ABI_X86_64;
	s.c.options.foreign_default = true;
	s.c.options.unknown = UNKNOWN_DEFAULT;
	s.c.options.optimize = mode;
	compile_made(&s, &m);
	check_calls(&s);
	foreign = run(&s, 0, 0).action;
	late = s.c.program->code.v[0].k == offsetof(struct seccomp_data, nr);
	/* One action besides costs nothing. */
	ck_assert(late || !m.two_actions);
	for (uint32_t nr = 0; late && nr < BIT + 1100; nr++) {
		struct run r = run(&s, AUDIT_ARCH_X86_64, nr);

		ck_assert_msg(r.arch == (r.action != foreign) || r.args, "%#x",
			      nr);
		check_number(&s, AUDIT_ARCH_I386, nr);
		check_number(&s, AUDIT_ARCH_AARCH64, nr);
		if (nr == 1100)
			nr = BIT - 2;
	}
	subject_finish(&s);
}
END_TEST

static void
compile_abis(struct subject *s, const struct made *m, abi_set abis,
	     enum optimize_mode mode)
{
	subject_open(s);
	s->c.options.abis = abis;
	s->c.options.optimize = mode;
	compile_made(s, m);
}

/* x32 costs the numbers of x86_64 next to nothing. */
START_TEST(bit)
{
	enum optimize_mode mode = (enum optimize_mode)(_i % 3);
	struct subject with, without;
	unsigned sum_with = 0, sum_without = 0;
	struct made m;

	make(&m, (uint64_t)_i / 3);
	compile_abis(&with, &m, 1 << ABI_X86_64 | 1 << ABI_X32, mode);
	compile_abis(&without, &m, 1 << ABI_X86_64, mode);
	check_calls(&with);
	for (uint32_t i = 0; i <= 1100; i++)
		check_number(&with, AUDIT_ARCH_X86_64, BIT + i);
	for (uint32_t i = 0; i < 2000; i++)
		check_number(&with, AUDIT_ARCH_X86_64,
			     (uint32_t)calls_random(&m.seed) | BIT);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		sum_with += run(&with, AUDIT_ARCH_X86_64, i).executed;
		sum_without += run(&without, AUDIT_ARCH_X86_64, i).executed;
	}
	/* What weighs little may lie deeper: 2 % at most were measured. */
	ck_assert_msg(sum_with * 100 <= sum_without * 103, "%u, not %u",
		      sum_with, sum_without);
	subject_finish(&with);
	subject_finish(&without);
}
END_TEST

/* The kernel's walk ends in ALLOW for all that is allowed plainly. */
START_TEST(cached)
{
	static const struct weights *const weights[] = { &weights_built_in,
							 &weights_uniform };
	struct subject s;
	struct made m;

	make(&m, (uint64_t)_i / 6);
	subject_open(&s);
	s.c.options.abis = 1 << ABI_X86_64 | 1 << ABI_I386;
	s.c.options.optimize = (enum optimize_mode)(_i % 3);
	s.c.options.weights = weights[_i / 3 % 2];
	compile_made(&s, &m);
	for (uint32_t i = 0; i < NUMBERS; i++) {
		const struct syscall_name *name;
		struct run r;

		if (!is_said(&m, i, ALLOWED))
			continue;
		r = run(&s, AUDIT_ARCH_X86_64, i);
		ck_assert(!r.args && r.action == SECCOMP_RET_ALLOW);
		name = syscall_find(subject_x86_64_name(i));
		if (name->number[ABI_I386] < 0)
			continue;
		r = run(&s, AUDIT_ARCH_I386, (uint32_t)name->number[ABI_I386]);
		ck_assert(!r.args && r.action == SECCOMP_RET_ALLOW);
	}
	subject_finish(&s);
}
END_TEST

/* Compiles with equal counts but for one name. */
static void
compile_counts(struct subject *s, const struct made *m, uint64_t *counts,
	       const char *name, uint64_t count, enum tune_mode tune)
{
	struct weights weights = { .count = counts };

	for (size_t i = 0; i < syscall_name_count; i++)
		counts[i] = 10;
	counts[syscall_find(name) - syscall_names] = count;
	subject_open(s);
	s->c.options.abis = 1 << ABI_X86_64;
	s->c.options.tune = tune;
	s->c.options.weights = &weights;
	compile_made(s, m);
	s->c.options.weights = NULL;
}

static bool
is_same(const struct subject *a, const struct subject *b)
{
	const struct program *p = a->c.program, *q = b->c.program;

	return p->code.n == q->code.n &&
	       !memcmp(p->code.v, q->code.v, p->code.n * sizeof(*p->code.v));
}

/* With --tune=cached the counts of what is allowed plainly do not matter. */
START_TEST(tune)
{
	uint64_t *counts = calloc(syscall_name_count, sizeof(*counts));
	struct subject few, often;
	struct made m;
	uint32_t denied = 20;
	const char *name;

	ck_assert(counts);
	make(&m, (uint64_t)_i);
	while (!is_said(&m, denied, DENIED))
		denied++;
	name = subject_x86_64_name(denied);
	compile_counts(&few, &m, counts, "read", 10, TUNE_CACHED);
	compile_counts(&often, &m, counts, "read", 100000, TUNE_CACHED);
	ck_assert(is_same(&few, &often));
	subject_finish(&often);
	/* Those of what is denied do. */
	compile_counts(&often, &m, counts, name, 100000, TUNE_CACHED);
	ck_assert_uint_lt(run(&often, AUDIT_ARCH_X86_64, denied).executed,
			  run(&few, AUDIT_ARCH_X86_64, denied).executed);
	check_calls(&often);
	subject_finish(&often);
	subject_finish(&few);
	compile_counts(&few, &m, counts, "read", 10, TUNE_UNCACHED);
	compile_counts(&often, &m, counts, "read", 100000, TUNE_UNCACHED);
	ck_assert(!is_same(&few, &often));
	ck_assert_uint_lt(run(&often, AUDIT_ARCH_X86_64, 0).executed,
			  run(&few, AUDIT_ARCH_X86_64, 0).executed);
	check_calls(&often);
	subject_finish(&often);
	subject_finish(&few);
	free(counts);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("order");
	TCase *tcase = tcase_create("order");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, arch_last, 0, PROFILES);
	tcase_add_loop_test(tcase, bit, 0, PROFILES);
	tcase_add_loop_test(tcase, cached, 0, PROFILES);
	tcase_add_loop_test(tcase, tune, 0, PROFILES / 3);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
