/* What is behind the types of seccompc.h. */
#ifndef SECCOMPC_LIBRARY_H
#define SECCOMPC_LIBRARY_H

#include "compiler.h"
#include "differ.h"
#include "seccompc.h"

struct scc_options {
	struct settings settings;
	struct arena arena; /* of weights that were given */
	char error[256];
};

struct scc_diagnostic {
	enum scc_severity severity;
	const char *name, *message, *hint, *pointer;
	size_t line, column;
	const char *text;
};

struct scc_filter {
	struct compilation c; /* of a loaded program just arena and name */
	struct side side;     /* code is NULL without a program */
	const struct scc_diagnostic *diagnostics;
	size_t count;
};

struct scc_statistics {
	struct statistics all;
};

struct scc_comparison {
	struct arena arena;
	enum scc_order order;
	struct seccomp_data call;
	const char *text;
};

#endif
