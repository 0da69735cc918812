#include "bench.h"

#include <string.h>

#include "../corpus.h"

static const abi_set abi_sets[] = { 1 << ABI_X86_64, (1 << ABI_COUNT) - 1 };

static void
keep_name(char out[256], const char *path, size_t i)
{
	const char *slash = strrchr(path, '/');

	snprintf(out, 256, "%s, %s", slash ? slash + 1 : path,
		 i ? "all ABIs" : "x86_64");
}

static void
add(struct proofs *p, const struct proof *proof, uint64_t ns, const char *path,
    size_t i)
{
	p->programs++;
	p->proved += proof->answer == PROOF_EQUAL;
	p->total += ns;
	if (ns > p->slowest) {
		p->slowest = ns;
		keep_name(p->slowest_name, path, i);
	}
	if (proof->nodes > p->nodes) {
		p->nodes = proof->nodes;
		keep_name(p->nodes_name, path, i);
	}
	if (proof->steps > p->steps) {
		p->steps = proof->steps;
		keep_name(p->steps_name, path, i);
	}
}

/* A program whose proof fails is none afterwards: it counts without a time. */
static void
measure(void *context, const char *path, const char *text, size_t len)
{
	struct proofs *proofs = context;

	proofs->profiles++;
	for (size_t i = 0; i < LENGTH(abi_sets); i++) {
		struct compilation c;
		struct proof proof;
		uint64_t before;

		compilation_init(&c, path, text, len);
		c.options.caps_given = true;
		c.options.kernel_given = true;
		c.options.kernel = 6 << 8 | 1;
		c.options.abis = abi_sets[i];
		if (compile(&c)) {
			before = clock_now();
			prove(&proof, c.ruleset, c.program->code.v,
			      c.program->code.n);
			add(proofs, &proof, clock_now() - before, path, i);
		} else if (c.proof.answer != PROOF_NONE) {
			add(proofs, &c.proof, 0, path, i);
		}
		compilation_finish(&c);
	}
}

bool
proofs_measure(struct proofs *proofs, const char *folder)
{
	*proofs = (struct proofs){ 0 };
	return corpus_visit(folder, measure, proofs);
}
