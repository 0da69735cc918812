#include "tidy.h"

#include <stdlib.h>

/* Whether a jump comes to a JA as it does not reach what that leads to. */
static bool
is_needed(const struct program *program, size_t ja)
{
	const struct sock_filter *code = program->code.v;
	size_t target = ja + 1 + code[ja].k;

	for (size_t i = ja > 256 ? ja - 256 : 0; i < ja; i++)
		if (tidy_is_branch(&code[i]) && target - i - 1 > 255 &&
		    (i + 1 + code[i].jt == ja || i + 1 + code[i].jf == ja))
			return true;
	return false;
}

const char *
tidy_check(const struct program *program, size_t *at)
{
	const struct sock_filter *code = program->code.v;
	size_t n = program->code.n;
	bool *reachable = malloc(n);
	const char *wrong = reachable ? NULL : "out of memory";

	*at = 0;
	if (wrong)
		return wrong;
	bpf_reachable(code, n, reachable);
	for (size_t i = 0; i < n && !wrong; i++) {
		*at = i;
		if (!reachable[i])
			wrong = "it cannot be reached";
		else if (tidy_is_ja(&code[i]) && !is_needed(program, i))
			wrong = "no jump needs it";
	}
	free(reachable);
	return wrong;
}
