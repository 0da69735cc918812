/*
 * Calls and what has to become of them, for tests in a virtual machine: the
 * host writes them (guest-calls.c), programs of three ABIs read them
 * (guest-verdicts.c).  The layout is the same on all three.
 */
#ifndef TESTS_GUEST_H
#define TESTS_GUEST_H

#include <assert.h>
#include <stdint.h>

struct guest_call {
	uint32_t arch;	 /* an audit token */
	uint32_t number; /* as a filter sees it */
	uint64_t args[6];
	uint32_t verdict; /* as guest_verdict() says */
	uint32_t unused;
};

static_assert(sizeof(struct guest_call) == 64, "the same on all ABIs");

enum {
	GUEST_MARK = 3999, /* an errno that nothing else gives */
};

#define GUEST_ABOVE UINT32_C(0x7fff0000)

/*
 * What can be seen of a filter's return value, which is normalised, where
 * another filter says ERRNO to all calls: everything above that (ALLOW, LOG,
 * TRACE and USER_NOTIF) is one, GUEST_ABOVE.
 */
static inline uint32_t
guest_verdict(uint32_t action)
{
	return (int32_t)action >= 0x7fc00000 ? GUEST_ABOVE : action;
}

#endif
