#include "bench.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: bench --build=DIR [OPTION]... [PROFILE...]\n"
	"Measures what seccompc compile writes and costs, and libseccomp's in "
	"the same\n"
	"run.\n\n"
	"  --build=DIR    where the project was built\n"
	"  --source=DIR   the root of its source; for the default profiles\n"
	"  --passes=N     how often each is timed in memory (default 200); "
	"processes\n"
	"                 half as often\n"
	"  --largest=N    at most so many profiles in one process (default "
	"10000)\n"
	"  --json=FILE    write the numbers as JSON\n\n"
	"Without profiles: three of the shared corpus, then all of it, then "
	"how cost\n"
	"grows.  Executed instructions include the final RET.  Means are over "
	"known\n"
	"x86_64 syscalls with arguments zero; worst,0 is over all numbers and "
	"archs with\n"
	"arguments zero, worst over everything, both exact unless marked +.  "
	"cached,a is\n"
	"of the syscalls allowed whatever their arguments, cached of all "
	"known ones.\n"
	"Ratios of calls are to no filter, others to libseccomp's tree.\n";

enum { PROFILES_MAX = 16 };

struct run {
	const char *source, *json;
	struct setup setup;
	size_t largest;
	char *profiles[PROFILES_MAX];
	size_t profile_count;
	char *corpus; /* folder of all profiles, or NULL */
	struct subject subjects[PROFILES_MAX];
	size_t subject_count;
	struct whole whole;
	struct growth growth;
};

static char *
join(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

/* Three profiles of the shared corpus; without it, one of the examples. */
static void
choose_profiles(struct run *run)
{
	static const char *const names[] = {
		"k8s-fine-grained.json",
		"moby-default-current.json",
		"containers-common-seccomp-current.json",
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

static bool
read_profile(struct subject *subject, const char *path)
{
	const char *slash = strrchr(path, '/');
	FILE *file = fopen(path, "r");

	snprintf(subject->path, sizeof(subject->path), "%s", path);
	snprintf(subject->name, sizeof(subject->name), "%s",
		 slash ? slash + 1 : path);
	subject->text = file ? malloc(LIMIT_FILE + 1) : NULL;
	if (!subject->text) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		if (file)
			fclose(file);
		return false;
	}
	subject->len = fread(subject->text, 1, LIMIT_FILE, file);
	fclose(file);
	return true;
}

static bool
run_profile(struct run *run, const char *path)
{
	struct subject *subject = &run->subjects[run->subject_count++];
	bool ok = read_profile(subject, path) &&
		  subject_measure(subject, &run->setup);

	if (!ok)
		return false;
	live_measure(subject, 2 + run->setup.passes / 5);
	launch_measure(subject, &run->setup);
	report_subject(subject, stdout);
	fflush(stdout);
	for (size_t i = 0; i < subject->n; i++) {
		const struct row *row = &subject->rows[i];

		/* Then the figures are no comparison. */
		ok &= !row->differing && (row->source || row->blob.code.v);
	}
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
		{ "largest", required_argument, NULL, 'l' },
		{ "json", required_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'b')
			run->setup.build = optarg;
		else if (option == 's')
			run->source = optarg;
		else if (option == 'p')
			run->setup.passes = strtoul(optarg, NULL, 10);
		else if (option == 'l')
			run->largest = strtoul(optarg, NULL, 10);
		else if (option == 'j')
			run->json = optarg;
		else {
			fputs(help, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (!run->setup.build || !run->setup.passes ||
	    argc - optind > PROFILES_MAX || (!run->source && optind == argc)) {
		fputs(help, stderr);
		return 2;
	}
	return -1;
}

static bool
write_json(const struct run *run)
{
	const struct results results = {
		.subjects = run->subjects,
		.n = run->subject_count,
		.whole = run->whole.profiles ? &run->whole : NULL,
		.growth = run->growth.n[0] ? &run->growth : NULL,
		.passes = run->setup.passes,
		.build = BENCH_BUILD,
	};
	FILE *file = fopen(run->json, "w");
	bool ok = file != NULL;

	if (ok) {
		report_json(&results, file);
		ok = !ferror(file);
		ok &= !fclose(file);
	}
	if (!ok)
		fprintf(stderr, "bench: %s: %s\n", run->json, strerror(errno));
	return ok;
}

static bool
measure(struct run *run)
{
	bool ok = true;

	printf("seccompc: %s; libseccomp: %s\n", BENCH_BUILD,
	       peer_version() ? peer_version() : "not here, no comparison");
	for (size_t i = 0; i < run->profile_count; i++)
		ok &= run_profile(run, run->profiles[i]);
	if (run->corpus) {
		if (whole_measure(&run->whole, run->corpus, &run->setup)) {
			report_whole(&run->whole, stdout);
			ok &= run->whole.proved == run->whole.programs;
		}
		fflush(stdout);
		ok &= growth_measure(&run->growth, &run->setup, run->largest);
		report_growth(&run->growth, stdout);
	}
	return ok;
}

int
main(int argc, char **argv)
{
	static struct run run = { .setup = { .passes = 200 },
				  .largest = 10000 };
	int status = parse(&run, argc, argv);
	char *seccompc, *folder, *outputs;
	bool ok;

	if (status >= 0)
		return status;
	for (int i = optind; i < argc; i++)
		run.profiles[run.profile_count++] = strdup(argv[i]);
	if (!run.profile_count)
		choose_profiles(&run);
	seccompc = join(run.setup.build, "tools/seccompc");
	folder = join(run.setup.build, "tests/bench/temporary-XXXXXX");
	run.setup.seccompc = seccompc;
	run.setup.folder = mkdtemp(folder);
	if (!run.setup.folder) {
		perror(folder);
		return 1;
	}
	outputs = folder_in_memory();
	run.setup.outputs = outputs ? outputs : folder;
	snprintf(run.setup.hot, sizeof(run.setup.hot), "%s/hot", folder);
	ok = weights_write(run.setup.hot) && measure(&run);
	if (run.json)
		ok &= write_json(&run);
	folder_remove(folder);
	if (outputs)
		folder_remove(outputs);
	for (size_t i = 0; i < run.subject_count; i++)
		subject_finish(&run.subjects[i]);
	for (size_t i = 0; i < run.profile_count; i++)
		free(run.profiles[i]);
	free(run.corpus);
	free(seccompc);
	free(outputs);
	free(folder);
	return !ok;
}
