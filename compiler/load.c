#include "compiler.h"

#include <stdio.h>

bool
program_check(const void *data, size_t len, size_t *count, char *why,
	      size_t size)
{
	const size_t each = sizeof(struct sock_filter);
	const char *fault;
	size_t at;

	*count = 0;
	if (!len || len % each || len / each > BPF_MAXINSNS) {
		snprintf(why, size,
			 "%zu bytes: not a program, which is 1 to %d "
			 "instructions of %zu bytes each",
			 len, BPF_MAXINSNS, each);
		return false;
	}
	fault = bpf_check(data, len / each, &at);
	if (fault) {
		snprintf(why, size, "instruction %zu: %s", at, fault);
		return false;
	}
	*count = len / each;
	return true;
}
