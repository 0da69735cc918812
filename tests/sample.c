#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"

static const struct {
	const char *caps;
	enum dialect dialect;
	abi_set abis;
	enum conflict_mode conflicts;
	enum repeated_mode repeated;
	enum mux_mode muxes;
	enum unknown_mode unknown;
} ways[] = {
	{ "docker", DIALECT_AUTO, 7, CONFLICTS_FIRST, REPEATED_REFUSE,
	  MUX_STRICT, UNKNOWN_ENOSYS },
	{ "all", DIALECT_PODMAN, 7, CONFLICTS_STRICTEST, REPEATED_REFUSE,
	  MUX_STRICT, UNKNOWN_DEFAULT },
	{ "none", DIALECT_AUTO, 3, CONFLICTS_STRICTEST, REPEATED_AND,
	  MUX_LIBSECCOMP, UNKNOWN_SINCE },
};

/* The same whatever other profiles there are. */
static size_t
way_of(const char *path)
{
	const char *name = strrchr(path, '/');
	size_t sum = 0;

	for (name = name ? name : path; *name; name++)
		sum += (unsigned char)*name;
	return sum % LENGTH(ways);
}

static void
set_options(struct options *options, size_t way)
{
	const char *bad;

	options->caps_given = true;
	options_parse_caps(ways[way].caps, &options->caps, &bad);
	options->kernel_given = true;
	options->kernel = 6 << 8 | 1;
	options->dialect = ways[way].dialect;
	options->abis = ways[way].abis;
	options->conflicts = ways[way].conflicts;
	options->repeated = ways[way].repeated;
	options->muxes = ways[way].muxes;
	options->unknown = ways[way].unknown;
	options->since = 4 << 8 | 8;
}

static bool
try_to_compile(struct compilation *c, const char *path, const char *text,
	       size_t len)
{
	compilation_init(c, path, text, len);
	set_options(&c->options, way_of(path));
	return compile(c);
}

void
sample_compile(struct compilation *c, const struct sampled *s)
{
	if (!try_to_compile(c, s->path, s->text, s->len))
		abort();
}

static void
read_program(struct sampled *s, const struct program *program)
{
	s->hash = program->code.n;
	for (size_t i = 0; i < program->code.n; i++) {
		const struct sock_filter *insn = &program->code.v[i];

		s->asked += insn->code == (BPF_LD | BPF_W | BPF_ABS) &&
			    insn->k >= offsetof(struct seccomp_data, args);
		s->hash = (s->hash ^ insn->k ^ insn->code) *
			  UINT64_C(0x9e3779b97f4a7c15);
	}
}

static void
list_profile(void *context, const char *path, const char *text, size_t len)
{
	struct sample *sample = context;
	struct sampled *s = &sample->v[sample->n];
	struct compilation c;

	if (sample->n == SAMPLE_MAX)
		return;
	if (try_to_compile(&c, path, text, len)) {
		read_program(s, c.program);
		s->path = strdup(path);
		s->text = malloc(len);
		s->len = len;
		if (!s->path || !s->text)
			abort();
		memcpy(s->text, text, len);
		sample->n++;
	} else if (c.proof.answer > PROOF_EQUAL) {
		sample->unproved++;
		printf("not ok - %s: not proved\n", path);
	}
	compilation_finish(&c);
}

static int
compare_sampled(const void *a, const void *b)
{
	const struct sampled *x = a, *y = b;

	if (!x->asked != !y->asked)
		return !x->asked - !y->asked;
	return strcmp(x->path, y->path);
}

static void
drop(struct sampled *s)
{
	free(s->path);
	free(s->text);
}

/* Sorts, and keeps each program once.  Returns how many ask something. */
static size_t
sort(struct sample *sample)
{
	size_t all = sample->n, asking = 0;

	qsort(sample->v, all, sizeof(*sample->v), compare_sampled);
	sample->n = 0;
	for (size_t i = 0; i < all; i++) {
		struct sampled s = sample->v[i];
		size_t j = 0;

		while (j < sample->n && sample->v[j].hash != s.hash)
			j++;
		if (j < sample->n) {
			drop(&s);
			continue;
		}
		asking += s.asked > 0;
		sample->v[sample->n++] = s;
	}
	return asking;
}

/* Keeps as many as are wanted of the first, at equal distances. */
static void
thin(struct sample *sample, size_t first, size_t wanted)
{
	size_t kept = 0;

	for (size_t i = 0; i < sample->n; i++) {
		if (i < first && i == kept * first / wanted && kept < wanted)
			sample->v[kept++] = sample->v[i];
		else
			drop(&sample->v[i]);
	}
	sample->n = kept;
}

void
sample_choose(struct sample *sample, const char *folder,
	      const char *other_folder, size_t wanted)
{
	const char *step = getenv("SECCOMPC_CORPUS_STEP");
	size_t asking;

	memset(sample, 0, sizeof(*sample));
	sample->whole = true;
	if (step && atoi(step) > 1) {
		wanted = 1 + wanted / (size_t)atoi(step);
		sample->whole = false;
	}
	if (!corpus_visit(folder, list_profile, sample)) {
		sample->whole = false;
		corpus_visit(other_folder, list_profile, sample);
	}
	asking = sort(sample);
	if (asking < wanted)
		asking = sample->n;
	if (asking < wanted)
		wanted = asking;
	thin(sample, asking, wanted);
}

void
sample_finish(struct sample *sample)
{
	for (size_t i = 0; i < sample->n; i++)
		drop(&sample->v[i]);
}
