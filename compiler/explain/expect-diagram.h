/* Arguments of expectations as diagrams (expect-diagram.c). */
#ifndef SECCOMPC_EXPECT_DIAGRAM_H
#define SECCOMPC_EXPECT_DIAGRAM_H

#include "expect.h"

/* Where an argument (0 to 5) has a value that a line is about; name is the
 * syscall, or NULL. */
dd expect_arg_diagram(struct dd_set *set, const struct expectation *e,
		      unsigned arg, const struct syscall_name *name,
		      enum abi abi);

#endif
