/*
 * The longest way through programs over few bits (longest.c), against
 * running them on all calls that can be told apart.
 */
#include <string.h>

#include "bench/bench.h"

enum { PROGRAMS = 3000, LENGTH_MAX = 24, BITS = 4 };

static uint64_t seed = 1;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* Two words, so that constraints on one must be kept apart from the other. */
static struct sock_filter
draw_instruction(size_t left)
{
	static const uint16_t jumps[] = { BPF_JEQ, BPF_JGE, BPF_JGT, BPF_JSET };
	uint32_t k = draw(1 << BITS);

	switch (draw(8)) {
	case 0:
		return (struct sock_filter){
			BPF_LD | BPF_W | BPF_ABS, 0, 0,
			draw(2) ? offsetof(struct seccomp_data, nr)
				: offsetof(struct seccomp_data, args)
		};
	case 1:
		return (struct sock_filter){ BPF_ALU | BPF_AND | BPF_K, 0, 0,
					     draw(4) ? k : ~k };
	case 2:
		return (struct sock_filter){ BPF_JMP | BPF_JA, 0, 0,
					     draw((uint32_t)left) / 4 };
	default:
		return (struct sock_filter){
			(uint16_t)(BPF_JMP | BPF_K | jumps[draw(4)]),
			(uint8_t)draw((uint32_t)left),
			(uint8_t)draw((uint32_t)left), draw(16) ? k : UINT32_MAX
		};
	}
}

static size_t
draw_program(struct sock_filter v[LENGTH_MAX])
{
	size_t n = 3 + draw(LENGTH_MAX - 2);

	v[0] = (struct sock_filter){ BPF_LD | BPF_W | BPF_ABS, 0, 0, 0 };
	for (size_t i = 1; i < n; i++)
		v[i] = draw_instruction(n - i - 1 ? n - i - 1 : 1);
	for (size_t i = n - 2; i < n; i++)
		v[i] = (struct sock_filter){ BPF_RET | BPF_K, 0, 0, 0 };
	return n;
}

/*
 * Constants have four bits, or all of them; values with one more bit, or
 * all set, stand for everything above.
 */
static unsigned
longest_of_all(const struct code *code, bool zero)
{
	unsigned most = 0;

	for (uint32_t i = 0; i < 3u << BITS; i++)
		for (uint32_t j = 0; j < (zero ? 1 : 3u << BITS); j++) {
			uint32_t nr = i >> BITS == 2 ? ~(i & 15) : i;
			uint32_t arg = j >> BITS == 2 ? ~(j & 15) : j;
			struct seccomp_data data = { .nr = (int)nr,
						     .args = { arg } };
			unsigned executed;

			bpf_run(code->v, code->n, &data, &executed);
			if (executed > most)
				most = executed;
		}
	return most;
}

int
main(void)
{
	struct sock_filter v[LENGTH_MAX];
	size_t failed = 0, longer = 0;

	for (size_t i = 0; i < PROGRAMS; i++) {
		struct code code = { v, draw_program(v) };
		size_t at;

		if (bpf_check(code.v, code.n, &at)) {
			printf("not ok - program %zu is none\n", i);
			return 1;
		}
		for (int zero = 0; zero < 2; zero++) {
			unsigned most = longest_of_all(&code, zero);
			struct longest longest;

			paths_longest(&code, zero, &longest);
			longer += longest.executed > 4;
			if (longest.exact && longest.executed == most)
				continue;
			failed++;
			printf("not ok - program %zu: %u%s, not %u\n", i,
			       longest.executed, longest.exact ? "" : " or so",
			       most);
		}
	}
	printf("# %d programs in two ways, %zu ways longer than 4\n%zu "
	       "failed\n",
	       PROGRAMS, longer, failed);
	return failed || longer < PROGRAMS;
}
