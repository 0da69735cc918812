#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
	"Usage: bench --build=DIR [OPTION]... [PROFILE...]\n"
	"Measures programs and compile times, and libseccomp's in the same "
	"run.\n\n"
	"  --build=DIR    where the project was built\n"
	"  --source=DIR   the root of its source; for the default profiles\n"
	"  --passes=N     how often each is timed in memory (default 200); "
	"processes\n"
	"                 half as often\n"
	"  --json=FILE    write the numbers as JSON\n\n"
	"All profiles are compiled with --caps=none --kernel=6.1.  Executed "
	"instructions\n"
	"are of the known x86_64 syscalls: mean and \"max, 0\" with arguments "
	"zero, max\n"
	"with values around the constants of the rules.  Ratios are to "
	"libseccomp's\n"
	"minimum for the same step.\n";

static const struct {
	const char *names;
	abi_set abis;
} abi_sets[] = {
	{ "x86_64", 1 << ABI_X86_64 },
	{ "x86_64,i386,x32", (1 << ABI_COUNT) - 1 },
};

enum { PROFILES_MAX = 16 };

struct run {
	const char *build, *source, *json;
	size_t passes;
	char *profiles[PROFILES_MAX];
	size_t profile_count;
	char *corpus; /* folder of all profiles, or NULL */
	struct proofs proofs;
	struct bench_case cases[PROFILES_MAX * LENGTH(abi_sets)];
	size_t case_count;
};

static char *
join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

/* Two profiles of the shared corpus; without it, one of the examples. */
static void
choose_profiles(struct run *run)
{
	static const char *const names[] = {
		"k8s-fine-grained.json",
		"moby-default-current.json",
	};
	const char *shared = getenv("SECCOMPC_SHARED");

	run->corpus = shared ? join(shared, "corpus")
			     : join(run->source, "../shared/corpus");
	for (size_t i = 0; i < LENGTH(names); i++) {
		char *path = join(run->corpus, names[i]);

		if (access(path, R_OK)) {
			printf("skipped: there is no %s\n", path);
			free(path);
		} else {
			run->profiles[run->profile_count++] = path;
		}
	}
	if (run->profile_count)
		return;
	run->profiles[0] = join(run->source, "docs/examples/fine-grained.json");
	run->profile_count = 1;
	printf("measuring %s alone\n", run->profiles[0]);
}

static char *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "r");
	struct stat st;
	char *text = NULL;

	if (!file || fstat(fileno(file), &st)) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
	} else {
		text = malloc((size_t)st.st_size + 1);
		*len = text ? fread(text, 1, (size_t)st.st_size, file) : 0;
	}
	if (file)
		fclose(file);
	return text;
}

static bool
run_profile(struct run *run, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len;
	char *text = read_file(path, &len);
	bool ok = text != NULL, same = true;

	for (size_t i = 0; ok && i < LENGTH(abi_sets); i++) {
		struct bench_case *c = &run->cases[run->case_count];

		*c = (struct bench_case){
			.path = path,
			.name = slash ? slash + 1 : path,
			.text = text,
			.len = len,
			.abi_names = abi_sets[i].names,
			.abis = abi_sets[i].abis,
			.build = run->build,
			.passes = run->passes,
		};
		ok = case_run(c);
		if (ok) {
			report_text(c, stdout);
			/* Then the figures are no comparison. */
			same &= !c->differing[PEER_LINEAR] &&
				!c->differing[PEER_TREE];
		}
		fflush(stdout);
		run->case_count++;
	}
	free(text);
	return ok && same;
}

static bool
write_json(const struct run *run)
{
	FILE *file = fopen(run->json, "w");
	bool ok = file != NULL;

	if (ok) {
		report_json(run->cases, run->case_count, &run->proofs, file);
		ok = !ferror(file);
		ok &= !fclose(file);
	}
	if (!ok)
		fprintf(stderr, "bench: %s: %s\n", run->json, strerror(errno));
	return ok;
}

/* Returns -1 to go on, else the exit status. */
static int
parse(struct run *run, int argc, char **argv)
{
	static const struct option options[] = {
		{ "build", required_argument, NULL, 'b' },
		{ "source", required_argument, NULL, 's' },
		{ "passes", required_argument, NULL, 'p' },
		{ "json", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			run->build = optarg;
		else if (option == 's')
			run->source = optarg;
		else if (option == 'p')
			run->passes = strtoul(optarg, NULL, 10);
		else if (option == 'j')
			run->json = optarg;
		else {
			fputs(help, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (!run->build || !run->passes || argc - optind > PROFILES_MAX ||
	    (!run->source && optind == argc)) {
		fputs(help, stderr);
		return 2;
	}
	return -1;
}

int
main(int argc, char **argv)
{
	static struct run run = { .passes = 200 };
	int status = parse(&run, argc, argv);
	bool ok = true;

	if (status >= 0)
		return status;
	for (int i = optind; i < argc; i++)
		run.profiles[run.profile_count++] = strdup(argv[i]);
	if (!run.profile_count)
		choose_profiles(&run);
	printf("seccompc: %s; libseccomp: %s\n", BENCH_BUILD,
	       peer_version() ? peer_version() : "not here, no comparison");
	for (size_t i = 0; i < run.profile_count; i++)
		ok &= run_profile(&run, run.profiles[i]);
	if (run.corpus && proofs_measure(&run.proofs, run.corpus)) {
		report_proofs(&run.proofs, stdout);
		ok &= run.proofs.proved == run.proofs.programs;
	}
	if (run.json)
		ok &= write_json(&run);
	for (size_t i = 0; i < run.case_count; i++)
		case_finish(&run.cases[i]);
	for (size_t i = 0; i < run.profile_count; i++)
		free(run.profiles[i]);
	free(run.corpus);
	return !ok;
}
