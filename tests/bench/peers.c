/*
 * Figures of compilers that are not here, measured on 2026-11-23 on another
 * machine (two shared CPUs, Linux 6.18): executed instructions are exact,
 * times are to be compared among themselves alone.  The compilers were given
 * the rules as calls or lists of their own, without profile JSON, but for
 * seccompiler.
 */
#include "bench.h"

#include <math.h>
#include <string.h>

#define NONE ((double)NAN)
#define FINE "k8s-fine-grained.json"
#define MOBY "moby-default-current.json"

static const struct {
	const char *profile, *by;
	double instructions, worst_zero, worst;
	double known, allowed, denied, hot;
	double compile, process; /* microseconds */
} peers[] = {
	{ FINE, "minijail (Python), linear", 44, 42, 42, 38.1, 18.1, NONE, 13.5,
	  700, 77000 },
	{ FINE, "minijail (Python), bst", 48, 12, 12, 10.71, 8.98, NONE, 9.0,
	  72000, 131000 },
	{ FINE, "minijail (Python), bst, frequencies", 45, 21, 21, 16.1, 10.7,
	  NONE, 7.1, 71000, 154000 },
	{ FINE, "minijail (C)", 105, 54, 54, 50.8, 29.5, NONE, 24.2, 21, 1400 },
	{ FINE, "kafel", 67, 10, 10, 9.98, 9.92, NONE, 9.7, 65, 1000 },
	{ FINE, "bionic genseccomp", 68, 11, 11, 10.8, 11.0, NONE, 11.0, 160,
	  NONE },
	{ FINE, "Chromium bpf_dsl, re-created", 68, 11, 11, 10.9, NONE, NONE,
	  NONE, 38, NONE },
	{ FINE, "gVisor pkg/seccomp", 69, 14, 14, 12.5, NONE, NONE, NONE, 435,
	  NONE },
	{ FINE, "seccompiler", 255, 104, 104, 97.6, NONE, NONE, NONE, 22.9,
	  NONE },
	{ FINE, "go-seccomp-bpf", 57, 55, 55, 51.8, NONE, NONE, NONE, 16,
	  NONE },
	{ MOBY, "minijail (Python), linear", 107, 64, 64, 23.6, 16.4, 53.1,
	  12.1, 3800, 66000 },
	{ MOBY, "minijail (Python), bst", 105, 31, 31, 9.66, 9.05, 12.2, 8.1,
	  107000, 165000 },
	{ MOBY, "minijail (Python), bst, frequencies", 105, 34, 34, 10.9, 10.2,
	  13.6, 6.8, 114000, 169000 },
	{ MOBY, "minijail (C)", 727, 323, 356, 189, 159, 313, 138, 276, 1800 },
	{ MOBY, "kafel, 64-bit comparisons", 108, 15, 31, 10.43, 10.29, 11.0,
	  8.6, 454, 1500 },
	{ MOBY, "kafel, its own 32-bit widths", 92, 13, 21, 10.42, 10.28, 11.0,
	  8.6, 468, 1500 },
	{ MOBY, "Chromium bpf_dsl, re-created", 105, 19, 31, 11.15, NONE, NONE,
	  11.1, 47, NONE },
	{ MOBY, "gVisor pkg/seccomp", 170, 22, 22, 15.1, NONE, NONE, 10.6,
	  13100, NONE },
	{ MOBY, "seccompiler", 1583, 618, 618, 377, NONE, NONE, 185, 106,
	  NONE },
	{ MOBY, "go-seccomp-bpf (decides wrongly)", 357, 317, 337, 190, NONE,
	  NONE, 139, 112, NONE },
};

void
peers_add(struct subject *subject)
{
	for (size_t i = 0; i < LENGTH(peers); i++) {
		struct row *row = &subject->rows[subject->n];
		double *v = row->figures.v;

		if (strcmp(peers[i].profile, subject->name) ||
		    subject->n == ROWS_MAX)
			continue;
		subject->n++;
		row->by = peers[i].by;
		row->source = "2026-11-23, another machine";
		row->abis = ABIS_ALONE;
		figures_clear(&row->figures);
		v[INSTRUCTIONS] = peers[i].instructions;
		v[BYTES] = peers[i].instructions * sizeof(struct sock_filter);
		v[WORST_ZERO] = peers[i].worst_zero;
		v[WORST] = peers[i].worst;
		v[MEAN_KNOWN] = peers[i].known;
		v[MEAN_ALLOWED] = peers[i].allowed;
		v[MEAN_DENIED] = peers[i].denied;
		v[MEAN_HOT] = peers[i].hot;
		v[TIME_COMPILE] = peers[i].compile * 1000;
		v[TIME_PROCESS] = peers[i].process * 1000;
	}
}
