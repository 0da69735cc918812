/* Writing plain OCI profiles. */
#ifndef SECCOMPC_OCI_H
#define SECCOMPC_OCI_H

#include "rewrite.h"

/* How it is written and what is said of it. */
struct oci_job {
	const char *name;	/* that messages begin with */
	const char *hint;	/* what to do if rules cannot say it, or NULL */
	const char *output;
	bool quiet;		/* no notes */
};

/*
 * Writes the profile that r asks for, if there is one.  Returns STATUS_OK, or
 * another status after reporting.
 */
int oci_write(struct rewrite *r, const struct oci_job *job);

/* The same of a finished compilation. */
int oci_write_compiled(const struct compilation *c, const struct oci_job *job);

#endif
