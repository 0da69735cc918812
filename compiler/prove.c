#include "prove.h"

#include <stdio.h>
#include <string.h>

#include "code.h"

struct question {
	struct proof *proof;
	const struct ruleset *ruleset;
	const struct sock_filter *code;
	size_t count;
};

static void
answer(struct dd_set *set, void *data)
{
	struct question *q = data;
	struct proof *proof = q->proof;
	dd meaning = meaning_of(set, q->ruleset, &proof->clash);
	dd program = symbolic_run(set, q->code, q->count);

	proof->nodes = set->nodes.n;
	proof->steps = set->steps;
	proof->answer = meaning == program ? PROOF_EQUAL : PROOF_DIFFERENT;
	if (meaning == program)
		return;
	proof->words = dd_difference(set, meaning, program, &proof->call);
	proof->expected = dd_decide(set, meaning, &proof->call);
	proof->actual = dd_decide(set, program, &proof->call);
}

void
prove(struct proof *proof, const struct ruleset *ruleset,
      const struct sock_filter *code, size_t count)
{
	struct question q = { proof, ruleset, code, count };
	struct dd_set set;
	enum dd_end end;
	const char *wrong;
	size_t at;

	memset(proof, 0, sizeof(*proof));
	wrong = bpf_check(code, count, &at);
	if (wrong) {
		proof->answer = PROOF_INVALID;
		snprintf(proof->reason, sizeof(proof->reason),
			 "instruction %zu: %s", at, wrong);
		return;
	}
	end = dd_run_fields(&set, answer, &q);
	if (end == DD_NO_MEMORY) {
		proof->answer = PROOF_NO_MEMORY;
	} else if (end != DD_DONE) {
		proof->answer = PROOF_GAVE_UP;
		dd_explain(&set, end, proof->reason, sizeof(proof->reason));
	}
	dd_finish(&set);
}

void
proof_write(struct buf *buf, const struct proof *proof)
{
	char expected[32], actual[32];

	switch (proof->answer) {
	case PROOF_NONE:
		buf_printf(buf, "not tried");
		break;
	case PROOF_EQUAL:
		buf_printf(buf, "proved");
		break;
	case PROOF_DIFFERENT:
		action_print(expected, proof->expected);
		action_print(actual, proof->actual);
		describe_call(buf, &proof->call, proof->words);
		buf_printf(buf, ": the profile says %s, the program %s",
			   expected, actual);
		break;
	case PROOF_INVALID:
		buf_printf(buf, "the kernel would refuse it: %s",
			   proof->reason);
		break;
	case PROOF_GAVE_UP:
		buf_printf(buf, "the proof gave up: %s", proof->reason);
		break;
	case PROOF_NO_MEMORY:
		buf_printf(buf, "out of memory");
		break;
	}
}
