#include "trace.h"

#include <string.h>

/* What A, or with index X, is before an instruction that is executed. */
static uint32_t
look(struct sock_filter *copy, size_t count, size_t at,
     const struct seccomp_data *call, bool index)
{
	struct sock_filter saved[2] = { copy[at], copy[at + 1] };
	uint32_t value;

	if (index) {
		copy[at] = (struct sock_filter){ BPF_MISC | BPF_TXA, 0, 0, 0 };
		copy[at + 1] = (struct sock_filter){ BPF_RET | BPF_A, 0, 0, 0 };
	} else {
		copy[at] = (struct sock_filter){ BPF_RET | BPF_A, 0, 0, 0 };
	}
	value = bpf_run(copy, count, call, NULL);
	memcpy(copy + at, saved, sizeof(saved));
	return value;
}

/*
 * There is one interpreter, bpf_run(): it is asked for the operands of each
 * jump on the way, by a program that returns them.
 */
size_t
path_find(struct arena *arena, const struct sock_filter *code, size_t count,
	  const struct seccomp_data *call, uint32_t *path)
{
	/* The last instruction of a checked program is a RET, no jump. */
	struct sock_filter *copy = arena_alloc(arena, count * sizeof(*copy));
	unsigned executed;
	size_t n = 0, pc = 0;

	memcpy(copy, code, count * sizeof(*copy));
	bpf_run(code, count, call, &executed);
	while (n < executed && pc < count) {
		const struct sock_filter *insn = &code[pc];

		path[n++] = (uint32_t)pc;
		if (BPF_CLASS(insn->code) == BPF_JMP) {
			bool index = BPF_SRC(insn->code) == BPF_X;
			uint32_t b = index ? look(copy, count, pc, call, true)
					   : insn->k;

			pc += bpf_jump(insn, look(copy, count, pc, call, false),
				       b);
		}
		pc++;
	}
	return n;
}
