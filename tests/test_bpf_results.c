#include "kernel.h"

#include <signal.h>

/*
 * bpf_run against the running kernel, on random programs that compute: a
 * body, then an end that returns ERRNO with 12 bits of A or X.  The number
 * of the call says which: BASE to BASE + 5.
 */
enum { BASE = 0x3ff0, SLICES = 6, INPUTS = 12 };

static const struct sock_filter computing_start[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, BASE, 0, 1),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, BASE + SLICES, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static const struct sock_filter computing_end[] = {
	BPF_STMT(BPF_ST, 15),
	BPF_STMT(BPF_STX, 14),
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, BASE),
	BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SLICES / 2, 4, 0),
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 12),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_MEM, 15),
	BPF_STMT(BPF_JMP | BPF_JA, 4),
	BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, SLICES / 2),
	BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 12),
	BPF_STMT(BPF_MISC | BPF_TAX, 0),
	BPF_STMT(BPF_LD | BPF_MEM, 14),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_X, 0),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff),
	BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO),
	BPF_STMT(BPF_RET | BPF_A, 0),
};

static void
computing_program(struct test_program *p)
{
	size_t start = LENGTH(computing_start), end = LENGTH(computing_end);
	size_t body = 4 + below((uint32_t)(PROGRAM_MAX - start - end - 4));

	memcpy(p->code, computing_start, sizeof(computing_start));
	memcpy(&p->code[start + body], computing_end, sizeof(computing_end));
	p->count = start + body + end;
	for (size_t i = 0; i < body; i++) {
		struct sock_filter *insn = &p->code[start + i];

		do
			*insn = random_instruction(body - i, 3);
		while (BPF_CLASS(insn->code) == BPF_RET);
		/* Where the call comes from is not known here. */
		if (insn->code == 0x20 && (insn->k == 8 || insn->k == 12))
			insn->k += 8;
		if (i < 3)
			*insn = (struct sock_filter)BPF_STMT(BPF_ST,
							     (uint32_t)i);
	}
}

struct computing {
	const struct test_program *program;
	uint64_t args[INPUTS][6];
	uint32_t expected[INPUTS][SLICES];
	int (*got)[SLICES]; /* shared */
};

static void
predict(struct computing *c)
{
	for (int i = 0; i < INPUTS; i++)
		for (int slice = 0; slice < SLICES; slice++) {
			struct seccomp_data data = {
				.nr = BASE + slice,
				.arch = 0xc000003e,
			};

			for (int arg = 0; arg < 6; arg++)
				data.args[arg] = c->args[i][arg];
			c->expected[i][slice] =
				bpf_run(c->program->code, c->program->count,
					&data, NULL);
		}
}

static int
call_kernel(const uint64_t *args, int slice)
{
	return syscall(BASE + slice, args[0], args[1], args[2], args[3],
		       args[4], args[5])
		       ? errno
		       : 0;
}

/* Those calls that are not said to kill; then one that is. */
static void
compute(void *data)
{
	struct computing *c = data;
	int kill = -1;

	if (install(c->program->code, c->program->count))
		_exit(1);
	for (int i = 0; i < INPUTS * SLICES; i++) {
		int slice = i % SLICES;

		if (c->expected[i / SLICES][slice] == 0)
			kill = i;
		else
			c->got[i / SLICES][slice] =
				call_kernel(c->args[i / SLICES], slice);
	}
	if (kill >= 0)
		call_kernel(c->args[kill / SLICES], kill % SLICES);
}

static bool
check_computed(const struct computing *c, int status)
{
	bool kills = false, good = true;

	for (int i = 0; i < INPUTS; i++)
		for (int slice = 0; slice < SLICES; slice++) {
			uint32_t action = c->expected[i][slice];

			if (action == 0)
				kills = true;
			else
				good &= action == (SECCOMP_RET_ERRNO |
						   (uint32_t)c->got[i][slice]);
		}
	if (kills)
		return good && WIFSIGNALED(status) &&
		       WTERMSIG(status) == SIGSYS;
	return good && WIFEXITED(status) && !WEXITSTATUS(status);
}

START_TEST(computes)
{
	enum { COUNT = 2000 };
	struct computing c;
	struct test_program p;
	size_t at, done = 0, killing = 0;

	c.program = &p;
	c.got = shared_memory(sizeof(*c.got) * INPUTS);
	while (done < COUNT) {
		int status;

		computing_program(&p);
		if (bpf_check(p.code, p.count, &at))
			continue;
		for (int i = 0; i < INPUTS; i++)
			for (int arg = 0; arg < 6; arg++)
				c.args[i][arg] = (uint64_t)random_constant()
							 << 32 |
						 random_constant();
		predict(&c);
		status = in_child(compute, &c);
		if (!check_computed(&c, status)) {
			print_program(p.code, p.count);
			ck_abort_msg("program %zu computes something else",
				     done);
		}
		killing += WIFSIGNALED(status);
		done++;
	}
	printf("computes: %d programs, %zu of them killed\n", COUNT, killing);
	ck_assert_uint_lt(killing, COUNT / 2);
	munmap(c.got, sizeof(*c.got) * INPUTS);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("results");

	tcase_add_test(tcase, computes);
	return run_with_kernel(tcase);
}
