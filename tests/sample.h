/*
 * A sample of a folder's profiles: different programs, first those that ask
 * something of arguments, the same ones on every run.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "compiler.h"

enum { SAMPLE_MAX = 4096 };

/* A profile that compiles. */
struct sampled {
	char *path, *text;
	size_t len;
	size_t asked;  /* loads of arguments in its program */
	uint64_t hash; /* of its program */
};

struct sample {
	struct sampled v[SAMPLE_MAX];
	size_t n;
	bool whole;	 /* of the folder that was asked for, all of it */
	size_t unproved; /* programs that the prover takes for wrong */
};

/*
 * As many as are wanted, if there are so many, of a folder, or of another one
 * after saying that there is no such folder.  SECCOMPC_CORPUS_STEP=N takes
 * every Nth profile, and as much less.
 */
void sample_choose(struct sample *sample, const char *folder,
		   const char *other_folder, size_t wanted);
void sample_finish(struct sample *sample);

/* Compiles it again, with the options that go with its name. */
void sample_compile(struct compilation *c, const struct sampled *s);

#endif
