/*
 * What the kernel does with the return value of a filter, from its source
 * (kernel/seccomp.c, __seccomp_filter): a second time beside the prover's.
 */
#ifndef TESTS_NORMALISE_H
#define TESTS_NORMALISE_H

#include <stdint.h>

static inline uint32_t
normalise(uint32_t value)
{
	uint32_t data = value & 0xffff;

	switch (value >> 16) {
	case 0x0005: /* ERRNO, at most MAX_ERRNO */
		return data < 4095 ? value : 0x00050fff;
	case 0x0003: /* TRAP, data is in si_errno */
	case 0x7ff0: /* TRACE, data is the tracer's message */
		return value;
	case 0x0000: /* KILL_THREAD */
	case 0x7fc0: /* USER_NOTIF */
	case 0x7ffc: /* LOG */
	case 0x7fff: /* ALLOW */
		return value - data;
	}
	return 0x80000000; /* KILL_PROCESS, and all that is unknown */
}

#endif
