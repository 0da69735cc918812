/*
 * What a program comes to, in numbers.  What it decides is read off its
 * diagram, as the prover makes it.
 */
#include "compiler.h"

/* What an instruction of the cache's walk does next. */
enum step { STEP_GO, STEP_ALLOW, STEP_STOP };

struct walker {
	const struct sock_filter *code;
	size_t pc;
	uint32_t number, token, a;
};

static enum step
step(struct walker *w)
{
	const struct sock_filter *insn = &w->code[w->pc++];

	if (BPF_CLASS(insn->code) == BPF_JMP && BPF_SRC(insn->code) == BPF_K) {
		w->pc += bpf_jump(insn, w->a, insn->k);
		return STEP_GO;
	}
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		if (insn->k > offsetof(struct seccomp_data, arch))
			return STEP_STOP;
		w->a = insn->k ? w->token : w->number;
		return STEP_GO;
	case BPF_ALU | BPF_AND | BPF_K:
		w->a &= insn->k;
		return STEP_GO;
	case BPF_RET | BPF_K:
		return insn->k == SECCOMP_RET_ALLOW ? STEP_ALLOW : STEP_STOP;
	default:
		return STEP_STOP;
	}
}

bool
program_caches(const struct sock_filter *code, enum abi abi, uint32_t number)
{
	struct walker w = { .code = code,
			    .number = number,
			    .token = arch_table[abi]->audit_token };
	enum step last;

	/* Numbers of x32 have no place in that cache. */
	if (arch_table[abi]->number_bit)
		return false;
	while ((last = step(&w)) == STEP_GO)
		;
	return last == STEP_ALLOW;
}

struct counter {
	struct statistics *statistics;
	const struct sock_filter *code;
	size_t count;
};

static void
count_answer(struct abi_statistics *s, uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
		s->allowed++;
		break;
	case SECCOMP_RET_LOG:
		s->logged++;
		break;
	case SECCOMP_RET_TRACE:
		s->traced++;
		break;
	case SECCOMP_RET_USER_NOTIF:
		s->notified++;
		break;
	default:
		s->denied++;
	}
}

static void
count_abi(const struct counter *c, struct dd_set *set, dd program, enum abi abi)
{
	struct abi_statistics *s = &c->statistics->abis[abi];
	const struct arch *arch = arch_table[abi];
	dd of_arch = dd_at(set, program, DD_ARCH, arch->audit_token);

	/* The work can start again. */
	*s = (struct abi_statistics){ 0 };
	for (size_t i = 0; i < syscall_number_count[abi]; i++) {
		uint16_t name = syscall_numbers[abi][i];
		uint32_t number = (uint32_t)syscall_names[name].number[abi] |
				  arch->number_bit;
		uint32_t action;

		s->known++;
		if (dd_is_value(set, dd_at(set, of_arch, DD_NUMBER, number),
				&action))
			count_answer(s, action);
		else
			s->conditional++;
		s->cached += program_caches(c->code, abi, number);
	}
}

static void
count_all(struct dd_set *set, void *data)
{
	const struct counter *c = data;
	dd program = symbolic_run(set, c->code, c->count);

	for (size_t i = 0; i < ABI_COUNT; i++)
		count_abi(c, set, program, (enum abi)i);
}

bool
statistics_find(struct statistics *s, struct arena *arena,
		const struct sock_filter *code, size_t count)
{
	struct counter c = { s, code, count };
	struct dd_set set;
	enum dd_end end;

	*s = (struct statistics){
		.instructions = count,
		.converted = bpf_converted_length(code, count),
	};
	longest_find(&s->longest, arena, code, count, false);
	end = dd_run_fields(&set, count_all, &c);
	dd_finish(&set);
	if (end == DD_NO_MEMORY)
		longjmp(arena->oom, 1);
	return end == DD_DONE;
}
