/* What compile --verbose says of a program. */
#ifndef SECCOMPC_COUNTS_H
#define SECCOMPC_COUNTS_H

#include "compiler.h"

/* Prints the length of a program and what it decides, in a few lines. */
void counts_print(struct compilation *c);

#endif
