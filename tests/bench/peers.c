/*
 * Figures of compilers that are not here, measured on 2026-11-23 on another
 * machine (two shared CPUs, Linux 6.18): executed instructions are exact,
 * times are to be compared among themselves alone.  The compilers were given
 * the rules as calls or lists of their own, without profile JSON, but for
 * seccompiler.
 */
#include "bench.h"

#include <string.h>

#define LIBSECCOMP "libseccomp 2.5.4, "
#define FINE "k8s-fine-grained.json"
#define MOBY "moby-default-current.json"

/* By column; 0: not measured. */
static const struct peer_figures {
	const char *profile, *by;
	double counts[7];  /* count_columns[] */
	double compile[2]; /* in one process, the whole one; microseconds */
	double live[4];	   /* installation in microseconds, calls in ns */
} peers[] = {
	{ FINE,
	  "minijail (Python), linear",
	  { 44, 42, 42, 38.1, 18.1, 0, 13.5 },
	  { 700, 77000 },
	  { 0 } },
	{ FINE,
	  "minijail (Python), bst",
	  { 48, 12, 12, 10.71, 8.98, 0, 9.0 },
	  { 72000, 131000 },
	  { 0 } },
	{ FINE,
	  "minijail (Python), bst, frequencies",
	  { 45, 21, 21, 16.1, 10.7, 0, 7.1 },
	  { 71000, 154000 },
	  { 0 } },
	{ FINE,
	  "minijail (C)",
	  { 105, 54, 54, 50.8, 29.5, 0, 24.2 },
	  { 21, 1400 },
	  { 0 } },
	{ FINE,
	  "kafel",
	  { 67, 10, 10, 9.98, 9.92, 0, 9.7 },
	  { 65, 1000 },
	  { 0 } },
	{ FINE,
	  "bionic genseccomp",
	  { 68, 11, 11, 10.8, 11.0, 0, 11.0 },
	  { 160, 0 },
	  { 0 } },
	{ FINE,
	  "Chromium bpf_dsl, re-created",
	  { 68, 11, 11, 10.9, 0, 0, 0 },
	  { 38, 0 },
	  { 0 } },
	{ FINE,
	  "gVisor pkg/seccomp",
	  { 69, 14, 14, 12.5, 0, 0, 0 },
	  { 435, 0 },
	  { 0 } },
	{ FINE,
	  "seccompiler",
	  { 255, 104, 104, 97.6, 0, 0, 0 },
	  { 22.9, 0 },
	  { 0 } },
	{ FINE,
	  "go-seccomp-bpf",
	  { 57, 55, 55, 51.8, 0, 0, 0 },
	  { 16, 0 },
	  { 0 } },
	{ FINE,
	  LIBSECCOMP "linear",
	  { 58, 55, 55, 51.8, 30.5, 0, 27.7 },
	  { 34, 1000 },
	  { 0 } },
	{ FINE,
	  LIBSECCOMP "tree",
	  { 71, 14, 14, 13.8, 12.4, 0, 11.9 },
	  { 39, 1000 },
	  { 0 } },
	{ MOBY,
	  "minijail (Python), linear",
	  { 107, 64, 64, 23.6, 16.4, 53.1, 12.1 },
	  { 3800, 66000 },
	  { 0 } },
	{ MOBY,
	  "minijail (Python), bst",
	  { 105, 31, 31, 9.66, 9.05, 12.2, 8.1 },
	  { 107000, 165000 },
	  { 40, 207, 375, 155 } },
	{ MOBY,
	  "minijail (Python), bst, frequencies",
	  { 105, 34, 34, 10.9, 10.2, 13.6, 6.8 },
	  { 114000, 169000 },
	  { 0 } },
	{ MOBY,
	  "minijail (C)",
	  { 727, 323, 356, 189, 159, 313, 138 },
	  { 276, 1800 },
	  { 350, 206, 474, 247 } },
	{ MOBY,
	  "kafel, 64-bit comparisons",
	  { 108, 15, 31, 10.43, 10.29, 11.0, 8.6 },
	  { 454, 1500 },
	  { 0 } },
	{ MOBY,
	  "kafel, its own 32-bit widths",
	  { 92, 13, 21, 10.42, 10.28, 11.0, 8.6 },
	  { 468, 1500 },
	  { 0 } },
	{ MOBY,
	  "Chromium bpf_dsl, re-created",
	  { 105, 19, 31, 11.15, 0, 0, 11.1 },
	  { 47, 0 },
	  { 43, 0, 0, 0 } },
	{ MOBY,
	  "gVisor pkg/seccomp",
	  { 170, 22, 22, 15.1, 0, 0, 10.6 },
	  { 13100, 0 },
	  { 56, 0, 0, 0 } },
	{ MOBY,
	  "seccompiler",
	  { 1583, 618, 618, 377, 0, 0, 185 },
	  { 106, 0 },
	  { 662, 0, 0, 0 } },
	{ MOBY,
	  "go-seccomp-bpf (decides wrongly)",
	  { 357, 317, 337, 190, 0, 0, 139 },
	  { 112, 0 },
	  { 285, 0, 0, 0 } },
	{ MOBY,
	  LIBSECCOMP "linear",
	  { 344, 322, 323, 190, 160, 314, 92.8 },
	  { 931, 2200 },
	  { 279, 206, 417, 191 } },
	{ MOBY,
	  LIBSECCOMP "tree",
	  { 424, 25, 26, 15.7, 15.4, 17.0, 14.5 },
	  { 1233, 2900 },
	  { 89, 207, 378, 155 } },
};

static const enum column count_columns[] = {
	INSTRUCTIONS, WORST_ZERO,  WORST,    MEAN_KNOWN,
	MEAN_ALLOWED, MEAN_DENIED, MEAN_HOT,
};

static void
set(struct figures *figures, enum column column, double value)
{
	if (value > 0)
		figures->v[column] = value;
}

static void
fill(struct figures *f, const struct peer_figures *peer)
{
	figures_clear(f);
	for (size_t i = 0; i < LENGTH(count_columns); i++)
		set(f, count_columns[i], peer->counts[i]);
	set(f, BYTES, peer->counts[0] * sizeof(struct sock_filter));
	set(f, TIME_COMPILE, peer->compile[0] * 1000);
	set(f, TIME_PROCESS, peer->compile[1] * 1000);
	set(f, TIME_INSTALL, peer->live[0] * 1000);
	set(f, TIME_GETPPID, peer->live[1]);
	set(f, TIME_PERSONALITY, peer->live[2]);
	set(f, TIME_DENIED, peer->live[3]);
}

void
peers_add(struct subject *subject)
{
	for (size_t i = 0; i < LENGTH(peers); i++) {
		const struct peer_figures *peer = &peers[i];
		struct row *row = &subject->rows[subject->n];

		/* Better measured here. */
		if (peer_version() &&
		    !strncmp(peer->by, LIBSECCOMP, strlen(LIBSECCOMP)))
			continue;
		if (strcmp(peer->profile, subject->name) ||
		    subject->n == ROWS_MAX)
			continue;
		subject->n++;
		*row = (struct row){ .by = peer->by,
				     .source = "2026-11-23, another machine",
				     .abis = ABIS_ALONE };
		fill(&row->figures, peer);
	}
}
