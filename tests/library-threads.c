/*
 * Many compilations in several threads, with options and filters that all of
 * them share, against the same in one thread, byte for byte.
 *
 *	library-threads COMPILES THREADS FOLDER OTHER-FOLDER
 *
 * The profiles are those of a folder, or of the other one after saying that
 * the first is not there.  It is for ThreadSanitizer and valgrind as well.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "seccompc.h"

enum {
	MAX_PROFILES = 4096,
	MAX_THREADS = 64,
	SETTINGS = 4,
	SHARED = 6,	 /* filters */
	ALONE_EVERY = 8, /* compilations; the others are left as they are */
	PAIRS_EVERY = 16,
	ROUND = 1024, /* different compilations; later ones repeat them */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct text {
	char *name, *data;
	size_t len;
};

struct work {
	struct text profiles[MAX_PROFILES];
	size_t count;
	struct scc_options *options[SETTINGS];
	struct scc_filter *shared[SHARED];
	uint64_t expected[ROUND]; /* what came out of one thread */
	size_t compiles;
	pthread_mutex_t lock; /* of what follows */
	size_t next, wrong;
};

static const char *const settings[SETTINGS][10] = {
	{ "caps", "docker", "kernel", "6.1", "conflicts", "strictest" },
	{ "caps", "all", "kernel", "5.4", "arch", "x86_64,i386,x32", "optimize",
	  "speed" },
	{ "caps", "none", "kernel", "4.19", "weights", "uniform", "optimize",
	  "size" },
	{ "caps", "NET_ADMIN", "kernel", "6.12", "conflicts", "runc", "tune",
	  "cached" },
};

static const char counts[] = "read 30\nwrite 20\nfutex 9\nclock_gettime 4\n";

static const char *const formats[] = { "bpf",	 "c",	"asm", "json",	  "hex",
				       "base64", "dot", "oci", "manifest" };

_Noreturn static void
die(const char *why)
{
	printf("not ok - %s\n", why);
	exit(EXIT_FAILURE);
}

/* FNV-1a over all that is said of something. */
static void
add(uint64_t *hash, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ bytes[i]) * UINT64_C(0x100000001b3);
}

static void
add_text(uint64_t *hash, const char *s)
{
	add(hash, s ? s : "(none)", s ? strlen(s) + 1 : 7);
}

static void
add_number(uint64_t *hash, uint64_t n)
{
	add(hash, &n, sizeof(n));
}

static void
add_filter(uint64_t *hash, const struct scc_filter *filter)
{
	const struct scc_diagnostic *d;
	size_t count;
	const struct sock_filter *code = scc_instructions(filter, &count);

	add(hash, code, count * sizeof(*code));
	add_number(hash, scc_flags(filter));
	for (size_t i = 0; (d = scc_diagnostic_at(filter, i)); i++) {
		add_number(hash, scc_diagnostic_line(d));
		add_number(hash, scc_diagnostic_column(d));
		add_text(hash, scc_diagnostic_pointer(d));
		add_text(hash, scc_diagnostic_hint(d));
		add_text(hash, scc_diagnostic_text(d));
	}
}

static void
add_written(uint64_t *hash, const struct scc_filter *filter, const char *format)
{
	char *data;
	size_t len;
	enum scc_result result = scc_write(filter, format, NULL, &data, &len);

	add_number(hash, result);
	if (data)
		add(hash, data, len);
	free(data);
}

static void
add_decisions(uint64_t *hash, const struct scc_filter *filter, size_t seed)
{
	static const char *const names[] = { "read",  "clone", "personality",
					     "mount", "ioctl", "socket",
					     "kill",  "mseal" };
	static const char *const abis[] = { "x86_64", "i386", "x32" };

	for (size_t i = 0; i < 48; i++) {
		struct seccomp_data call;
		unsigned executed;

		if (!scc_call(&call, abis[i % 3], names[i / 3 % 8]))
			continue;
		call.args[0] = seed * 1103515245 + i;
		add_number(hash, scc_decide(filter, &call, &executed));
		add_number(hash, executed);
	}
}

static void
add_compared(uint64_t *hash, const struct scc_filter *a,
	     const struct scc_filter *b)
{
	struct scc_comparison *comparison;

	add_number(hash, scc_compare(&comparison, a, b));
	if (!comparison)
		return;
	add_number(hash, scc_comparison_order(comparison));
	add_text(hash, scc_comparison_text(comparison));
	scc_comparison_destroy(comparison);
}

static void
add_counted(uint64_t *hash, const struct scc_filter *filter)
{
	struct scc_statistics *statistics;

	add_number(hash, scc_statistics_create(&statistics, filter));
	for (int i = SCC_INSTRUCTIONS; statistics && i <= SCC_CACHED; i++)
		add_number(hash,
			   scc_statistic(statistics, (enum scc_statistic)i,
					 "x86_64"));
	scc_statistics_destroy(statistics);
}

/* What is done with filters that others use at the same time. */
static void
use_shared(uint64_t *hash, const struct work *w, size_t i)
{
	const struct scc_filter *filter = w->shared[i % SHARED];
	size_t format = i / ALONE_EVERY % COUNT(formats);

	add_decisions(hash, filter, i);
	add_filter(hash, filter);
	add_written(hash, filter, formats[format]);
	add_counted(hash, filter);
	if (i % PAIRS_EVERY == 0)
		add_compared(hash, filter, w->shared[i / 7 % SHARED]);
}

/* Compilation number i, and what else there is to do with it. */
static uint64_t
run_one(const struct work *w, size_t i)
{
	const struct text *profile = &w->profiles[i % w->count];
	const struct scc_options *options =
		w->options[(i + i / w->count) % SETTINGS];
	struct scc_filter *filter, *loaded;
	const struct sock_filter *code;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t count;

	add_number(&hash, scc_compile(&filter, options, profile->name,
				      profile->data, profile->len));
	if (!filter)
		die("no memory");
	add_filter(&hash, filter);
	code = scc_instructions(filter, &count);
	if (code && i % ALONE_EVERY == 0) {
		add_number(&hash, scc_load(&loaded, "loaded", code,
					   count * sizeof(*code)));
		add_decisions(&hash, loaded, i);
		add_written(&hash, loaded, "asm");
		scc_filter_destroy(loaded);
		use_shared(&hash, w, i);
	}
	add_text(&hash, scc_options_error(options));
	scc_filter_destroy(filter);
	return hash;
}

static void *
run_thread(void *data)
{
	struct work *w = data;

	for (;;) {
		size_t i;

		pthread_mutex_lock(&w->lock);
		i = w->next++;
		pthread_mutex_unlock(&w->lock);
		if (i >= w->compiles)
			return NULL;
		if (run_one(w, i % ROUND) == w->expected[i % ROUND])
			continue;
		pthread_mutex_lock(&w->lock);
		if (!w->wrong++)
			printf("# %s: not as in one thread\n",
			       w->profiles[i % ROUND % w->count].name);
		pthread_mutex_unlock(&w->lock);
	}
}

static void
take_profile(void *context, const char *path, const char *text, size_t len)
{
	struct work *w = context;
	struct text *profile = &w->profiles[w->count];

	if (w->count == MAX_PROFILES)
		return;
	profile->name = strdup(path);
	profile->data = malloc(len + 1);
	if (!profile->name || !profile->data)
		die("no memory");
	memcpy(profile->data, text, len);
	profile->len = len;
	w->count++;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(((const struct text *)a)->name,
		      ((const struct text *)b)->name);
}

static void
make_options(struct work *w)
{
	for (size_t i = 0; i < SETTINGS; i++) {
		w->options[i] = scc_options_create();
		if (!w->options[i])
			die("no memory");
		for (size_t j = 0; settings[i][j]; j += 2)
			if (scc_options_set(w->options[i], settings[i][j],
					    settings[i][j + 1]))
				die(scc_options_error(w->options[i]));
	}
	if (scc_options_set_weights(w->options[3], counts, sizeof(counts) - 1))
		die(scc_options_error(w->options[3]));
}

/* Of the first profiles that compile, each with other options. */
static void
make_shared(struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; n < SHARED; i++) {
		const struct text *profile = &w->profiles[i % w->count];

		if (i > w->count * SETTINGS)
			die("too few profiles compile");
		if (scc_compile(&w->shared[n], w->options[i % SETTINGS],
				profile->name, profile->data, profile->len))
			scc_filter_destroy(w->shared[n]);
		else
			n++;
	}
}

static void
finish(struct work *w)
{
	for (size_t i = 0; i < SHARED; i++)
		scc_filter_destroy(w->shared[i]);
	for (size_t i = 0; i < SETTINGS; i++)
		scc_options_destroy(w->options[i]);
	for (size_t i = 0; i < w->count; i++) {
		free(w->profiles[i].name);
		free(w->profiles[i].data);
	}
	pthread_mutex_destroy(&w->lock);
}

int
main(int argc, char **argv)
{
	static struct work w;
	pthread_t threads[MAX_THREADS];
	int wanted = argc == 5 ? atoi(argv[2]) : 0;
	size_t wrong;

	if (wanted < 1 || wanted > MAX_THREADS || atoi(argv[1]) < 1) {
		fprintf(stderr, "usage: library-threads COMPILES THREADS "
				"FOLDER OTHER-FOLDER\n");
		return 2;
	}
	w.compiles = (size_t)atoi(argv[1]);
	if (!corpus_visit(argv[3], take_profile, &w))
		corpus_visit(argv[4], take_profile, &w);
	if (!w.count)
		die("no profiles");
	qsort(w.profiles, w.count, sizeof(*w.profiles), compare_names);
	pthread_mutex_init(&w.lock, NULL);
	make_options(&w);
	make_shared(&w);
	for (size_t i = 0; i < ROUND && i < w.compiles; i++)
		w.expected[i] = run_one(&w, i);
	for (int i = 0; i < wanted; i++)
		if (pthread_create(&threads[i], NULL, run_thread, &w))
			die("no threads");
	for (int i = 0; i < wanted; i++)
		pthread_join(threads[i], NULL);
	wrong = w.wrong;
	printf("%s - %zu compilations of %zu profiles in %d threads, %zu not "
	       "as in one\n",
	       wrong ? "not ok" : "ok", w.compiles, w.count, wanted, wrong);
	finish(&w);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
