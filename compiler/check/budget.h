/*
 * Limits that a user sets on what a profile comes to.
 */
#ifndef SECCOMPC_BUDGET_H
#define SECCOMPC_BUDGET_H

#include "compiler/compiler.h"
#include "compiler/differ.h"

struct budgets {
	size_t max_instructions; /* of the program; 0: no limit */
	size_t max_path;	 /* executed for any call; 0: no limit */
	size_t min_cached; /* syscalls that are answered from the cache, */
	bool percent;	   /* in percent of those that can be allowed */
	const struct side *baseline; /* to be no weaker than, or NULL */
	const char *baseline_name;
};

/*
 * Reports which budgets a compiled profile is over, and the syscalls at fault.
 * Returns false if memory ran out.
 */
bool budgets_check(struct compilation *c, const struct budgets *budgets);

#endif
