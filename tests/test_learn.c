#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "compiler/check/libc.h"
#include "compiler/check/lint-consumer.h"
#include "compiler/check/lint.h"
#include "eval.h"
#include "learn/learn.h"

static struct arena arena;

static void
start(void)
{
	arena_init(&arena);
	if (setjmp(arena.oom))
		abort();
}

static void
stop(void)
{
	arena_finish(&arena);
}

static struct seen_call
call_of(enum abi abi, const char *name, const uint64_t *args)
{
	const struct syscall_name *known = syscall_find(name);

	ck_assert_ptr_nonnull(known);
	ck_assert_int_ge(known->number[abi], 0);
	return (struct seen_call){
		.arch = arch_table[abi]->audit_token,
		.number = (uint32_t)known->number[abi] |
			  arch_table[abi]->number_bit,
		.action = SECCOMP_RET_TRACE,
		.exe = "/bin/a",
		.args = args,
	};
}

static enum seen_news
see(struct seen *seen, enum abi abi, const char *name, const uint64_t *args)
{
	const struct seen_call call = call_of(abi, name, args);

	return seen_add(seen, &call);
}

static const char *
write(const struct seen *seen, const struct learned_options *options)
{
	struct buf buf = { .arena = &arena };

	learned_write(&buf, seen, options);
	return buf.data;
}

static void
compile_text(struct compilation *c, const char *text)
{
	compilation_init(c, "learned", text, strlen(text));
	ck_assert(compile(c));
	ck_assert_uint_eq(c->diags.list.n, 0);
}

/* How often a lint has something to say. */
static size_t
find(struct compilation *c, enum consumer consumer, enum diag_id id)
{
	const struct lint_options options = { .consumer = consumer };
	size_t n = 0;

	ck_assert(lint_run(c, &options));
	for (size_t i = 0; i < c->diags.list.n; i++)
		n += c->diags.list.v[i].id == id;
	return n;
}

START_TEST(news)
{
	struct seen *seen = seen_create(&arena);
	struct seen_call call = call_of(ABI_I386, "read", NULL);

	ck_assert_int_eq(see(seen, ABI_X86_64, "read", NULL), SEEN_NEW);
	ck_assert_int_eq(see(seen, ABI_X86_64, "read", NULL), SEEN_BEFORE);
	ck_assert_int_eq(seen_add(seen, &call), SEEN_NEW);
	call.exe = "/bin/b";
	ck_assert_int_eq(seen_add(seen, &call), SEEN_NEW_BY_EXE);
	ck_assert_int_eq(seen_add(seen, &call), SEEN_BEFORE);
	ck_assert_uint_eq(seen->abis, 1u << ABI_X86_64 | 1u << ABI_I386);
	ck_assert_uint_eq(seen->calls, 5);
	ck_assert_uint_eq(seen_count(seen, syscall_find("read")), 5);
	ck_assert_uint_eq(seen->refused, 0);
	call.action = SECCOMP_RET_ERRNO;
	seen_add(seen, &call);
	ck_assert_uint_eq(seen->refused, 1);
}
END_TEST

/* Whatever comes, there is an end to what is kept. */
START_TEST(bounds)
{
	struct seen *seen = seen_create(&arena);
	struct seen_call call = call_of(ABI_X86_64, "ioctl", NULL);
	uint64_t args[6] = { 0 };
	uint64_t seed = 3;
	char exe[16];

	call.args = args;
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(exe, sizeof(exe), "/bin/%u", i);
		call.exe = exe;
		args[1] = i;
		seen_add(seen, &call);
	}
	ck_assert_uint_eq(seen->exes.n, SEEN_EXES + 1);
	ck_assert_uint_eq(seen->exes.v[SEEN_EXES]->count[ABI_X86_64][16],
			  2000 - SEEN_EXES);
	ck_assert(seen_values(seen, syscall_find("ioctl"))->many);
	ck_assert_uint_eq(seen_values(seen, syscall_find("ioctl"))->list.n, 0);
	for (unsigned i = 0; i < 2000; i++) {
		call.arch = (uint32_t)calls_random(&seed);
		call.number = (uint32_t)calls_random(&seed);
		ck_assert_int_eq(seen_add(seen, &call), SEEN_BEFORE);
	}
	ck_assert_uint_eq(seen->strange.n, SEEN_STRANGE);
	ck_assert_uint_eq(seen->others, 2000 - SEEN_STRANGE);
	ck_assert_uint_eq(seen->calls, 4000);
}
END_TEST

/* Numbers that no table has are kept with their count, and left out. */
START_TEST(strange)
{
	struct seen *seen = seen_create(&arena);
	struct seen_call call = call_of(ABI_X86_64, "read", NULL);
	const struct learned_options options = {
		.default_action = SECCOMP_RET_ERRNO | 1
	};

	seen_add(seen, &call);
	call.number = 999;
	seen_add(seen, &call);
	seen_add(seen, &call);
	call.number = 0x40000000 | 1023;
	seen_add(seen, &call);
	call.number = UINT32_MAX;
	seen_add(seen, &call);
	ck_assert_uint_eq(seen->strange.n, 3);
	ck_assert_uint_eq(seen->strange.v[0].number, 999);
	ck_assert_uint_eq(seen->strange.v[0].count, 2);
	ck_assert_uint_eq(seen->abis, 1u << ABI_X86_64);
	ck_assert_str_eq(write(seen, &options),
			 "{\n"
			 "\t\"defaultAction\": \"SCMP_ACT_ERRNO\",\n"
			 "\t\"architectures\": [\n"
			 "\t\t\"SCMP_ARCH_X86_64\"\n"
			 "\t],\n"
			 "\t\"syscalls\": [\n"
			 "\t\t{\n"
			 "\t\t\t\"names\": [\n"
			 "\t\t\t\t\"read\"\n"
			 "\t\t\t],\n"
			 "\t\t\t\"action\": \"SCMP_ACT_ALLOW\"\n"
			 "\t\t}\n"
			 "\t]\n"
			 "}\n");
}
END_TEST

enum { SHUFFLED = 60 };

/* The same calls in any order give the same bytes. */
START_TEST(orders)
{
	static uint64_t args[SHUFFLED][6];
	struct seen_call calls[SHUFFLED];
	struct learned_options options = { .arguments = true };
	const char *first = NULL, *counts = NULL;
	uint64_t seed = (uint64_t)_i + 1;

	options.default_action = SECCOMP_RET_KILL_PROCESS;
	for (size_t i = 0; i < SHUFFLED; i++) {
		uint64_t r = calls_random(&seed);
		enum abi abi = (enum abi)(r % ABI_COUNT);
		size_t at = (r >> 8) % syscall_number_count[abi];
		const char *name =
			i % 2 ? watched_at(i % 3)->name
			      : syscall_names[syscall_numbers[abi][at]].name;

		if (syscall_find(name)->number[abi] < 0)
			name = "read";
		args[i][0] = r >> 62;
		args[i][1] = r >> 60;
		calls[i] = call_of(abi, name, args[i]);
	}
	for (unsigned round = 0; round < 4; round++) {
		struct seen *seen = seen_create(&arena);
		struct buf buf = { .arena = &arena };

		for (size_t i = SHUFFLED; i > 1; i--) {
			size_t j = calls_random(&seed) % i;
			struct seen_call other = calls[i - 1];

			calls[i - 1] = calls[j];
			calls[j] = other;
		}
		for (size_t i = 0; i < SHUFFLED; i++)
			seen_add(seen, &calls[i]);
		seen_write_counts(&buf, seen);
		first = first ? first : write(seen, &options);
		counts = counts ? counts : buf.data;
		ck_assert_str_eq(write(seen, &options), first);
		ck_assert_str_eq(buf.data, counts);
	}
}
END_TEST

/* What the kernel takes of an argument, from the manual pages. */
static const struct kept {
	const char *name;
	uint64_t mask[2]; /* of the arguments 0 and 1 */
} kept[] = {
	{ "clone", { 0x7e020000, 0 } },
	{ "fcntl", { 0, UINT32_MAX } },
	{ "ioctl", { 0, UINT32_MAX } },
	{ "personality", { UINT32_MAX, 0 } },
	{ "prctl", { UINT32_MAX, 0 } },
	{ "socket", { UINT32_MAX, 0xfff7f7ff } },
	{ "socketpair", { UINT32_MAX, 0xfff7f7ff } },
};

static bool
is_alike(const struct kept *k, const uint64_t *a, const uint64_t *b)
{
	return !((a[0] ^ b[0]) & k->mask[0]) && !((a[1] ^ b[1]) & k->mask[1]);
}

static void
draw_args(uint64_t args[6], uint64_t *seed)
{
	static const uint64_t values[] = {
		0,	    1,		 2,	     0x800,	 0x80000,
		0x80001,    0x5413,	 0x20000000, 0x20000011, 0xffffffff,
		0xfffffffe, 0x100000001, UINT64_MAX, 0x11,
	};

	for (size_t i = 0; i < 6; i++)
		args[i] = values[calls_random(seed) % LENGTH(values)];
}

/* A call is allowed if, in what the kernel takes, it is one that was seen. */
START_TEST(arguments)
{
	const struct kept *k = &kept[(size_t)_i % LENGTH(kept)];
	const struct learned_options options = { .default_action =
							 SECCOMP_RET_ERRNO | 1,
						 .arguments = true };
	struct seen *seen = seen_create(&arena);
	uint64_t seed = (uint64_t)_i, seen_args[5][6], args[6];
	struct compilation c;
	size_t allowed = 0, n = 1 + (size_t)_i % 5;

	for (size_t i = 0; i < n; i++) {
		draw_args(seen_args[i], &seed);
		see(seen, ABI_X86_64, k->name, seen_args[i]);
	}
	see(seen, ABI_X86_64, "write", NULL);
	compile_text(&c, write(seen, &options));
	ck_assert_ptr_null(learned_misses(seen, &options, c.program->code.v,
					  c.program->code.n));
	for (size_t i = 0; i < 500; i++) {
		const struct syscall_name *name = syscall_find(k->name);
		bool was = false;
		uint32_t action;

		draw_args(args, &seed);
		for (size_t j = 0; j < n; j++)
			was |= is_alike(k, args, seen_args[j]);
		action = eval_call(c.ruleset, 0xc000003e,
				   (uint32_t)name->number[ABI_X86_64], args);
		ck_assert_int_eq(action == SECCOMP_RET_ALLOW, was);
		allowed += was;
	}
	ck_assert_uint_gt(allowed, 0);
	/* No lint about conditions has anything to say. */
	find(&c, CONSUMER_ANY, DIAG_COUNT);
	for (int id = DIAG_REDUNDANT_RULE; id <= DIAG_UNSIGNED_COMPARE; id++)
		ck_assert(!c.diags.found[id]);
	ck_assert_uint_eq(c.diags.count[SEVERITY_ERROR], 0);
	compilation_finish(&c);
}
END_TEST

/* One call without arguments, and nothing is known of all of them. */
START_TEST(unknown)
{
	const struct learned_options options = { .default_action =
							 SECCOMP_RET_ERRNO | 1,
						 .arguments = true };
	const struct syscall_name *prctl = syscall_find("prctl");
	struct seen *seen = seen_create(&arena);
	const uint64_t args[6] = { 15 };

	see(seen, ABI_X86_64, "prctl", args);
	ck_assert(learned_is_narrow(seen, &options, prctl));
	ck_assert_ptr_nonnull(strstr(write(seen, &options), "MASKED_EQ"));
	see(seen, ABI_I386, "prctl", NULL);
	ck_assert(!learned_is_narrow(seen, &options, prctl));
	ck_assert_ptr_null(strstr(write(seen, &options), "MASKED_EQ"));
}
END_TEST

/* All of i386's multiplexers, by call: a version is not looked at. */
START_TEST(multiplexers)
{
	const struct learned_options options = { .default_action =
							 SECCOMP_RET_ERRNO | 1,
						 .arguments = true };
	struct seen *seen = seen_create(&arena);
	const uint64_t bind[6] = { 2 }, shmget[6] = { 23 };
	uint64_t args[6] = { 0 };
	struct compilation c;

	see(seen, ABI_I386, "socketcall", bind);
	see(seen, ABI_I386, "ipc", shmget);
	compile_text(&c, write(seen, &options));
	for (args[0] = 0; args[0] < 30; args[0]++) {
		ck_assert_int_eq(eval_call(c.ruleset, 0x40000003, 102, args) ==
					 SECCOMP_RET_ALLOW,
				 args[0] == 2);
		ck_assert_int_eq(eval_call(c.ruleset, 0x40000003, 117, args) ==
					 SECCOMP_RET_ALLOW,
				 args[0] == 23);
	}
	args[0] = 0x10017;
	ck_assert_uint_eq(eval_call(c.ruleset, 0x40000003, 117, args),
			  SECCOMP_RET_ALLOW);
	compilation_finish(&c);
}
END_TEST

static const uint32_t defaults[] = {
	SECCOMP_RET_ERRNO | EPERM,  SECCOMP_RET_ERRNO | ENOSYS,
	SECCOMP_RET_ERRNO | EACCES, SECCOMP_RET_KILL_PROCESS,
	SECCOMP_RET_TRAP,
};
static const enum consumer consumers[] = {
	CONSUMER_DOCKER,     CONSUMER_PODMAN, CONSUMER_CRIO,
	CONSUMER_KUBERNETES, CONSUMER_OCI,
};

/* With what runtimes need `check --for` misses nothing; and with one name less
 * it does. */
START_TEST(needs)
{
	enum consumer consumer = consumers[(size_t)_i % LENGTH(consumers)];
	struct learned_options options = {
		.default_action = defaults[(size_t)_i / LENGTH(consumers)]
	};
	unsigned runtimes = consumer_info(consumer)->runtimes;
	struct seen *seen = seen_create(&arena);
	struct runtime_call call;
	struct compilation c;
	size_t at = 0;

	see(seen, ABI_X86_64, "exit_group", NULL);
	while (runtime_call_next(&at, runtimes, options.default_action, &call))
		*vec_push(&arena, &options.wants) =
			(struct want){ syscall_find(call.name), WANT_RUNTIME };
	ck_assert_uint_gt(options.wants.n, 5);
	compile_text(&c, write(seen, &options));
	ck_assert_uint_eq(find(&c, consumer, DIAG_RUNTIME_NEEDS), 0);
	ck_assert_uint_eq(c.diags.count[SEVERITY_ERROR], 0);
	compilation_finish(&c);
	for (size_t i = 0; i < options.wants.n; i++)
		if (!strcmp(options.wants.v[i].name->name, "execve"))
			options.wants.v[i].name = syscall_find("read");
	compile_text(&c, write(seen, &options));
	ck_assert_uint_eq(find(&c, consumer, DIAG_RUNTIME_NEEDS), 1);
	compilation_finish(&c);
}
END_TEST

/* Facts that are not this program's: which call a libc may make instead. */
static const struct expected_note {
	enum abi abi;
	const char *seen, *may;
	bool is;
} expected_notes[] = {
	{ ABI_X86_64, "openat", "open", true },
	{ ABI_X86_64, "openat", "clock_gettime", true },
	{ ABI_X86_64, "openat", "clock_gettime64", false },
	{ ABI_I386, "openat", "clock_gettime64", true },
	{ ABI_X86_64, "newfstatat", "statx", true },
	{ ABI_X86_64, "newfstatat", "fstat", true },
	{ ABI_X86_64, "fstat", "newfstatat", true },
	{ ABI_X86_64, "clone3", "clone", true },
	{ ABI_X86_64, "clone", "clone3", true },
	{ ABI_X86_64, "faccessat2", "faccessat", true },
	{ ABI_X86_64, "faccessat", "faccessat2", true },
	{ ABI_X86_64, "rt_sigaction", "rt_sigreturn", true },
	{ ABI_X86_64, "read", "rt_sigreturn", false },
	{ ABI_X86_64, "nanosleep", "restart_syscall", true },
	{ ABI_X86_64, "exit_group", "exit", true },
	{ ABI_X86_64, "epoll_wait", "epoll_pwait", true },
	{ ABI_X86_64, "pipe2", "pipe", true },
	{ ABI_X86_64, "pselect6", "select", true },
	{ ABI_X86_64, "ppoll", "poll", true },
	{ ABI_X86_64, "dup2", "dup3", true },
	{ ABI_I386, "futex", "futex_time64", true },
	{ ABI_I386, "ppoll_time64", "ppoll", true },
	{ ABI_X86_64, "futex", "futex_time64", false },
	{ ABI_X86_64, "read", "write", false },
};

START_TEST(families)
{
	const struct expected_note *e = &expected_notes[_i];
	struct seen *seen = seen_create(&arena);
	const struct learned_options options = { 0 };
	family_notes notes = { 0 };
	bool found = false;

	see(seen, e->abi, e->seen, NULL);
	families_find(&notes, seen, &options);
	for (size_t i = 0; i < notes.n; i++)
		for (size_t j = 0; j < notes.v[i].names.n; j++) {
			const char *name = notes.v[i].names.v[j]->name;

			ck_assert_ptr_nonnull(strstr(notes.v[i].text, name));
			ck_assert_str_ne(name, e->seen);
			found |= !strcmp(name, e->may);
		}
	ck_assert_int_eq(found, e->is);
}
END_TEST

/* Only a program that made all that Go's runtime makes may be one. */
START_TEST(go_runtime)
{
	static const char *const made[] = { "gettid", "rt_sigprocmask",
					    "sched_getaffinity",
					    "sigaltstack" };

	for (size_t left_out = 0; left_out <= LENGTH(made); left_out++) {
		struct seen *seen = seen_create(&arena);
		const struct learned_options options = { 0 };
		family_notes notes = { 0 };
		bool found = false;

		for (size_t i = 0; i < LENGTH(made); i++)
			if (i != left_out)
				see(seen, ABI_X86_64, made[i], NULL);
		families_find(&notes, seen, &options);
		for (size_t i = 0; i < notes.n; i++)
			found |= strstr(notes.v[i].text, "tgkill") != NULL;
		ck_assert_int_eq(found, left_out == LENGTH(made));
	}
}
END_TEST

/* Counts read back as weights are those of the calls. */
START_TEST(counts)
{
	struct seen *seen = seen_create(&arena);
	struct buf buf = { .arena = &arena };
	struct source source = { .name = "counts" };
	struct diags diags;
	const struct weights *weights;

	for (size_t i = 0; i < 3; i++)
		see(seen, ABI_X86_64, "read", NULL);
	see(seen, ABI_I386, "read", NULL);
	see(seen, ABI_I386, "mmap2", NULL);
	seen_write_counts(&buf, seen);
	source.text = buf.data;
	source.len = buf.len;
	diags_init(&diags, &arena, &source);
	weights = weights_read(&arena, &source, &diags);
	ck_assert_ptr_nonnull(weights);
	ck_assert_uint_eq(diags.list.n, 0);
	ck_assert_uint_eq(weights->count[syscall_find("read") - syscall_names],
			  4);
	ck_assert_uint_eq(weights->count[syscall_find("mmap2") - syscall_names],
			  1);
	/* More calls than weights can have. */
	seen->calls = UINT64_MAX;
	seen->count[ABI_X86_64][0] = UINT64_MAX / 2;
	buf.len = 0;
	seen_write_counts(&buf, seen);
	source.text = buf.data;
	source.len = buf.len;
	weights = weights_read(&arena, &source, &diags);
	ck_assert_ptr_nonnull(weights);
	ck_assert_uint_eq(weights->count[syscall_find("mmap2") - syscall_names],
			  1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("learn");
	TCase *tcase = tcase_create("learn");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, start, stop);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, news);
	tcase_add_test(tcase, bounds);
	tcase_add_test(tcase, strange);
	tcase_add_loop_test(tcase, orders, 0, 10);
	tcase_add_loop_test(tcase, arguments, 0, 35);
	tcase_add_test(tcase, unknown);
	tcase_add_test(tcase, multiplexers);
	tcase_add_loop_test(tcase, needs, 0,
			    LENGTH(consumers) * LENGTH(defaults));
	tcase_add_loop_test(tcase, families, 0, LENGTH(expected_notes));
	tcase_add_test(tcase, go_runtime);
	tcase_add_test(tcase, counts);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
