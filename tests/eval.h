/*
 * What a resolved rule set says of one call, as plainly as it can be said:
 * docs/profile.md rule by rule, call by call.  It shares no code with the
 * passes that make programs; only the tables and the types are theirs.
 */
#ifndef SECCOMPC_EVAL_H
#define SECCOMPC_EVAL_H

#include "compiler.h"

/*
 * The action for a call.  The rule set must have compiled: where a conflict
 * or a repeated index would be refused, there is no answer to give.
 */
uint32_t eval_call(const struct ruleset *ruleset, uint32_t arch, uint32_t nr,
		   const uint64_t args[6]);

#endif
