/*
 * bpf_check and bpf_converted_length against the running kernel: what it
 * accepts, and the length it counts.
 *
 * A filter cannot be taken off again, so children install them.  One child
 * can install many: each program follows a RET ALLOW, which leaves it
 * unreachable, and the kernel checks that code as any other.
 */
#include "kernel.h"

enum {
	STACK_LIMIT = 32768, /* MAX_INSNS_PER_PATH, kernel/seccomp.c */
	STACK_PENALTY = 4,
	ENOTSUPP = 524, /* no room for the JIT just now */
};

/* 0 if the kernel takes count instructions after a RET ALLOW. */
static int
install_unreachable(const struct sock_filter *code, size_t count)
{
	struct sock_filter all[BPF_MAXINSNS] = {
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};

	memcpy(&all[1], code, count * sizeof(*code));
	return install(all, count + 1);
}

/* Programs and what the kernel said of each. */
struct batch {
	const struct test_program *programs;
	size_t count;
	size_t *done; /* shared */
	int *errors;  /* shared */
};

static void
install_some(void *data)
{
	struct batch *batch = data;
	size_t room = STACK_LIMIT / 2;

	while (*batch->done < batch->count && room > 6 * PROGRAM_MAX) {
		const struct test_program *p = &batch->programs[*batch->done];
		int error = install_unreachable(p->code, p->count);

		if (error == ENOTSUPP)
			break;
		if (!error)
			room -= 5 * p->count + 5 + STACK_PENALTY;
		batch->errors[(*batch->done)++] = error;
	}
}

/* Fails unless the kernel takes just those programs that bpf_check takes. */
static void
compare_acceptance(const struct test_program *programs, size_t count,
		   size_t *accepted)
{
	struct batch batch = {
		.programs = programs,
		.count = count,
		.done = shared_memory(sizeof(size_t)),
		.errors = shared_memory(count * sizeof(int)),
	};

	for (size_t before = 0; before < count; before = *batch.done) {
		int status = in_child(install_some, &batch);

		ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status),
			      "status 0x%x", status);
		if (*batch.done == before)
			usleep(1000); /* the JIT's memory comes back late */
	}
	for (size_t i = 0; i < count; i++) {
		const struct test_program *p = &programs[i];
		size_t at;
		const char *wrong = bpf_check(p->code, p->count, &at);

		if (!wrong == !batch.errors[i] &&
		    (!wrong || batch.errors[i] == EINVAL)) {
			*accepted += !wrong;
			continue;
		}
		print_program(p->code, p->count);
		ck_abort_msg("program %zu: here %s, kernel %s", i,
			     wrong ? wrong : "accepted",
			     strerror(batch.errors[i]));
	}
	munmap(batch.done, sizeof(size_t));
	munmap(batch.errors, count * sizeof(int));
}

/* Every opcode of 16 bits, in a program that is fine otherwise. */
START_TEST(opcodes)
{
	static const uint32_t constants[] = { 0, 4, 16, 33, 60, 64, ~0u };
	struct test_program *programs = calloc(65536, sizeof(*programs));
	size_t accepted = 0;

	ck_assert_ptr_nonnull(programs);
	for (size_t k = 0; k < LENGTH(constants); k++) {
		for (size_t i = 0; i < 65536; i++) {
			struct sock_filter *code = programs[i].code;

			code[0] = (struct sock_filter)BPF_STMT(BPF_ST, 4);
			code[1] = (struct sock_filter)BPF_STMT(BPF_ST, 0);
			code[2] = (struct sock_filter){
				.code = (uint16_t)i,
				.k = constants[k],
			};
			code[3] = (struct sock_filter)BPF_STMT(BPF_RET, 0);
			programs[i].count = 4;
			/* And as the last one. */
			if (constants[k] == 0 && i % 2)
				programs[i].count = 3;
		}
		compare_acceptance(programs, 65536, &accepted);
	}
	ck_assert_uint_gt(accepted, 7 * 30);
	free(programs);
}
END_TEST

static void
mutate(struct test_program *p)
{
	size_t at = below((uint32_t)p->count);
	struct sock_filter *insn = &p->code[at];
	/* Where a jump goes just past the end, and near it. */
	uint32_t past = (uint32_t)(p->count - at - 1) + below(3) - 1;

	switch (below(8)) {
	case 0:
		insn->code = (uint16_t)below(0x100);
		break;
	case 1:
		insn->code ^= (uint16_t)(1u << below(16));
		break;
	case 2:
	case 3:
		insn->k = random_constant();
		break;
	case 4:
		insn->k = past;
		break;
	case 5:
		insn->jt = (uint8_t)past;
		break;
	case 6:
		insn->jf = (uint8_t)past;
		break;
	case 7:
		p->count = at + 1;
		break;
	}
}

START_TEST(acceptance)
{
	enum { ROUNDS = 8, COUNT = 10000 };
	struct test_program *programs = calloc(COUNT, sizeof(*programs));
	size_t accepted = 0;

	ck_assert_ptr_nonnull(programs);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < COUNT; i++) {
			random_program(&programs[i]);
			while (below(2))
				mutate(&programs[i]);
		}
		compare_acceptance(programs, COUNT, &accepted);
	}
	printf("acceptance: %d programs, %zu accepted\n", ROUNDS * COUNT,
	       accepted);
	/* Else the generator is no good. */
	ck_assert_uint_gt(accepted, ROUNDS * COUNT / 10);
	ck_assert_uint_lt(accepted, ROUNDS * COUNT * 9 / 10);
	free(programs);
}
END_TEST

static struct sock_filter allowing[BPF_MAXINSNS + 1];

/* Exits with what the kernel says to that many instructions. */
static void
install_long(void *data)
{
	_exit(install(allowing, *(const size_t *)data));
}

START_TEST(lengths)
{
	static const size_t counts[] = {
		0, 1, 2, BPF_MAXINSNS - 1, BPF_MAXINSNS, BPF_MAXINSNS + 1,
	};

	for (size_t i = 0; i < LENGTH(allowing); i++)
		allowing[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							   SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < LENGTH(counts); i++) {
		size_t at, count = counts[i];
		int status = in_child(install_long, &count);

		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status),
				 bpf_check(allowing, count, &at) ? EINVAL : 0);
	}
}
END_TEST

/* One program, and the room that is to be left for it on the stack. */
struct fill {
	const struct test_program *program;
	size_t room;
};

/* Exits with what the kernel says when just that room is left. */
static void
fill_and_install(void *data)
{
	static struct sock_filter filler[BPF_MAXINSNS];
	const struct fill *fill = data;
	size_t left = STACK_LIMIT - fill->room;

	/* RET K counts 2, TAX 1, and the start of each program 3. */
	while (left) {
		size_t take = left;
		int error;

		if (take > 4000)
			take = take < 8000 ? take / 2 : 4000;
		for (size_t i = 0; i < take; i++)
			filler[i] = (struct sock_filter)BPF_STMT(
				BPF_MISC | BPF_TAX, 0);
		filler[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							 SECCOMP_RET_ALLOW);
		left -= take;
		take -= STACK_PENALTY + 3 + 2 - 1;
		filler[take - 1] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
		error = install(filler, take);
		if (error)
			_exit(99);
	}
	_exit(install_unreachable(fill->program->code, fill->program->count));
}

static bool
blinds_constants(void)
{
	FILE *file = fopen("/proc/sys/net/core/bpf_jit_harden", "r");
	int level = 0;

	if (!file)
		return geteuid() != 0;
	if (fscanf(file, "%d", &level) != 1)
		level = 2;
	fclose(file);
	return level != 0;
}

START_TEST(converted_lengths)
{
	enum { COUNT = 150 };
	struct test_program p, whole;
	size_t at, done = 0;

	if (blinds_constants()) {
		printf("converted_lengths: skipped: the JIT may blind "
		       "constants, which changes lengths\n");
		return;
	}
	while (done < COUNT) {
		struct fill fill = { .program = &p };
		int enough, short_of;

		random_program(&p);
		if (p.count == PROGRAM_MAX || bpf_check(p.code, p.count, &at))
			continue;
		whole.count = p.count + 1;
		whole.code[0] = (struct sock_filter)BPF_STMT(BPF_RET, 0);
		memcpy(&whole.code[1], p.code, p.count * sizeof(*p.code));
		fill.room = bpf_converted_length(whole.code, whole.count);
		enough = in_child(fill_and_install, &fill);
		fill.room--;
		short_of = in_child(fill_and_install, &fill);
		ck_assert(WIFEXITED(enough) && WIFEXITED(short_of));
		if (WEXITSTATUS(enough) != 0 || WEXITSTATUS(short_of) != ENOMEM)
			print_program(whole.code, whole.count);
		ck_assert_int_eq(WEXITSTATUS(enough), 0);
		ck_assert_int_eq(WEXITSTATUS(short_of), ENOMEM);
		done++;
	}
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("acceptance");

	tcase_add_test(tcase, opcodes);
	tcase_add_test(tcase, acceptance);
	tcase_add_test(tcase, lengths);
	tcase_add_test(tcase, converted_lengths);
	return run_with_kernel(tcase);
}
