/*
 * Profiles that are made to be hard.  Whatever they take, it is bounded, and
 * they end with an answer: a program that is proved, or why there is none.
 *
 * With a folder as argument: writes them there instead.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "calls.h"
#include "eval.h"
#include "hostile.h"

/* What seccompc.h says that a thread needs.  Sanitizers' frames are larger, and
 * not every clang tells of them. */
#if defined(__SANITIZE_ADDRESS__) || defined(__clang__)
enum { STACK = 8 << 20 };
#else
enum { STACK = 1 << 20 };
#endif

static const char *folder;

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static long
megabytes(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss / 1024;
}

static void
write_profile(struct subject *s, size_t i)
{
	subject_open(s);
	hostile_write(s, i);
	fclose(s->file);
	s->file = NULL;
}

static void *
compile_it(void *data)
{
	struct subject *s = data;

	s->ok = compile(&s->c);
	return NULL;
}

static void
compile_profile(struct subject *s)
{
	struct options options = s->c.options;
	pthread_attr_t attr;
	pthread_t thread;

	compilation_init(&s->c, "test.json", s->text, s->size);
	s->c.options = options;
	ck_assert_int_eq(pthread_attr_init(&attr), 0);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, STACK), 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, compile_it, s), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attr);
}

/* What it came to, in a few words; NULL if that is no answer. */
static const char *
answer(const struct compilation *c, bool ok)
{
	size_t errors = c->diags.count[SEVERITY_ERROR];

	if (c->out_of_memory)
		return NULL;
	if (ok)
		return c->program && c->proof.answer == PROOF_EQUAL && !errors
			       ? "proved"
			       : NULL;
	if (c->program)
		return NULL;
	for (size_t i = 0; i < c->diags.list.n && errors; i++)
		if (c->diags.level[c->diags.list.v[i].id] == SEVERITY_ERROR)
			return c->diags.list.v[i].message;
	return c->proof.answer == PROOF_GAVE_UP && *c->proof.reason
		       ? c->proof.reason
		       : NULL;
}

/* Calls made of the constants of conditions, as the rules say. */
static void
expect_calls(const struct compilation *c)
{
	struct seccomp_data data = { .arch = 0xc000003e };
	const struct ruleset *rules = c->ruleset;
	uint64_t seed = 1;

	for (int i = 0; i < 2000; i++) {
		const struct resolved_rule *rule =
			&rules->rules.v[calls_random(&seed) % rules->rules.n];
		uint64_t args[6];
		uint32_t wanted;

		data.nr = rule->targets.v[0].number[ABI_X86_64];
		for (size_t j = 0; j < rule->condition_count && j < 6; j++) {
			const struct condition *k =
				&rule->conditions[calls_random(&seed) %
						  rule->condition_count];

			data.args[k->arg] =
				(k->op == CMP_MASKED_EQ ? k->value2
							: k->value) +
				calls_random(&seed) % 3 - 1;
		}
		memcpy(args, data.args, sizeof(args));
		wanted = eval_call(rules, data.arch, (uint32_t)data.nr, args);
		if (bpf_run(c->program->code.v, c->program->code.n, &data,
			    NULL) != wanted)
			ck_abort_msg("a call");
	}
}

START_TEST(answers)
{
	struct subject s;
	const char *said;
	double start;

	write_profile(&s, (size_t)_i);
	start = seconds();
	compile_profile(&s);
	said = answer(&s.c, s.ok);
	printf("%s: %.2f s, %ld MB, %zu instructions, proof of %zu nodes and "
	       "%zu steps: %s\n",
	       hostile_name((size_t)_i), seconds() - start, megabytes(),
	       s.ok ? s.c.program->code.n : 0, s.c.proof.nodes, s.c.proof.steps,
	       said ? said : "no answer");
	fflush(stdout);
	ck_assert_ptr_nonnull(said);
	/* Nodes and the tables beside them; states of conditions before. */
	ck_assert_int_lt(megabytes(), 1024);
	if (hostile_is_proved((size_t)_i))
		ck_assert(s.ok);
	if (s.ok)
		expect_calls(&s.c);
	subject_finish(&s);
}
END_TEST

START_TEST(files)
{
	struct subject s;
	char path[4096];
	FILE *file;

	write_profile(&s, (size_t)_i);
	snprintf(path, sizeof(path), "%s/%s.json", folder,
		 hostile_name((size_t)_i));
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(s.text, 1, s.size, file), s.size);
	ck_assert_int_eq(fclose(file), 0);
	free(s.text);
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite = suite_create("adversarial");
	TCase *tcase = tcase_create("adversarial");
	SRunner *runner;
	int failed;

	folder = argc > 1 ? argv[1] : NULL;
	/* The bound on time, with room for sanitizers. */
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, folder ? files : answers, 0,
			    (int)hostile_count());
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
