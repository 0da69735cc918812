/* Programs with one field of one instruction changed. */
#ifndef TESTS_MUTATE_H
#define TESTS_MUTATE_H

#include "compiler.h"

/* How many changes of one instruction there are, some without effect. */
unsigned mutate_kinds(void);

/* The instruction after the change of a kind; false if there is no such. */
bool mutate(const struct sock_filter *insn, unsigned kind,
	    struct sock_filter *out);

#endif
