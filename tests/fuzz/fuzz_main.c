/*
 * Runs the fuzzer's inputs without libFuzzer:
 *
 *	fuzz_main FILE_OR_FOLDER...	each file once
 *	fuzz_main --seeds N START	N generated profiles, from a seed
 *
 * Both can be given, in this order.  Aborts on the first find.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

enum {
	SECONDS = 60,	  /* that one input may take */
	SPENT_MAX = 2048, /* bytes for one generated profile */
};

/* What runs, for the signal handler. */
static char label[4096];

static void
tell(int number)
{
	static const char hang[] = "fuzz: took too long: ", *text = hang;
	size_t skip = number == SIGALRM ? 0 : sizeof("fuzz: took too long");

	(void)!write(STDERR_FILENO, text + skip, sizeof(hang) - 1 - skip);
	(void)!write(STDERR_FILENO, label, strlen(label));
	(void)!write(STDERR_FILENO, "\n", 1);
	signal(SIGABRT, SIG_DFL);
	abort();
}

static void
run(const uint8_t *data, size_t size)
{
	alarm(SECONDS);
	LLVMFuzzerTestOneInput(data, size);
	alarm(0);
}

static bool
run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data = NULL;
	bool ok = false;

	if (file && !fstat(fileno(file), &st)) {
		/* Exactly as large, so that a byte too far is noticed. */
		data = malloc(st.st_size ? (size_t)st.st_size : 1);
		ok = data && fread(data, 1, (size_t)st.st_size, file) ==
				     (size_t)st.st_size;
	}
	if (file)
		fclose(file);
	if (ok) {
		snprintf(label, sizeof(label), "%s", path);
		run(data, (size_t)st.st_size);
	} else {
		perror(path);
	}
	free(data);
	return ok;
}

static int
is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool
run_path(const char *path)
{
	struct dirent **list;
	struct stat st;
	bool ok = true;
	int n;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return run_file(path);
	n = scandir(path, &list, is_visible, alphasort);
	if (n <= 0) {
		fprintf(stderr, "%s: nothing to run\n", path);
		return false;
	}
	for (int i = 0; i < n; i++) {
		char *file;

		if (asprintf(&file, "%s/%s", path, list[i]->d_name) < 0)
			abort();
		ok &= run_path(file);
		free(file);
		free(list[i]);
	}
	free(list);
	return ok;
}

/*
 * Generated profiles.  One in four or so must compile, or the calls prove
 * little.
 */
static bool
run_seeds(size_t count, uint64_t start)
{
	size_t before = fuzz_totals.programs, compiled;

	for (size_t i = 0; i < count; i++) {
		uint64_t seed = start + i;
		size_t size = HEADER_SIZE +
			      fuzz_random(&seed) % (SPENT_MAX - HEADER_SIZE);
		uint8_t data[SPENT_MAX];

		for (size_t j = 0; j < size; j++)
			data[j] = (uint8_t)(fuzz_random(&seed) >> 56);
		data[HEADER_MODE] = 1;
		snprintf(label, sizeof(label), "--seeds 1 %llu",
			 (unsigned long long)(start + i));
		run(data, size);
	}
	compiled = fuzz_totals.programs - before;
	if (count < 100 || compiled >= count / 4)
		return true;
	fprintf(stderr, "only %zu of %zu generated profiles compiled\n",
		compiled, count);
	return false;
}

static int
usage(void)
{
	fprintf(stderr, "usage: fuzz_main [FILE_OR_FOLDER]... "
			"[--seeds N START]\n");
	return 2;
}

int
main(int argc, char **argv)
{
	bool ok = true;

	if (argc < 2)
		return usage();
	signal(SIGABRT, tell);
	signal(SIGALRM, tell);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--seeds")) {
			ok &= run_path(argv[i]);
			continue;
		}
		if (i + 2 >= argc)
			return usage();
		ok &= run_seeds(strtoull(argv[i + 1], NULL, 0),
				strtoull(argv[i + 2], NULL, 0));
		i += 2;
	}
	printf("%zu inputs, %zu programs, %zu calls agree\n",
	       fuzz_totals.inputs, fuzz_totals.programs, fuzz_totals.calls);
	return !ok;
}
