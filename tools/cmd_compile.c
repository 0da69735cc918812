#include "jobs.h"
#include "counts.h"
#include "oci.h"
#include "target.h"
#include "tools.h"
#include "tuning.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of files under -o FOLDER, by enum format. */
static const char *const suffixes[FORMAT_COUNT] = {
	[FORMAT_BPF] = ".bpf",	     [FORMAT_C] = ".h",
	[FORMAT_ASM] = ".asm",	     [FORMAT_JSON] = ".filter.json",
	[FORMAT_OCI] = ".oci.json",  [FORMAT_HEX] = ".hex",
	[FORMAT_BASE64] = ".base64", [FORMAT_DOT] = ".dot",
};

/* By enum pass. */
static const char *const passes[] = {
	"", "profile", "select", "resolve", "decide", "graph", "order", "emit",
};

static const char help[] =
	"Usage: seccompc compile [OPTION]... PROFILE... [-o FILE]\n"
	"Compiles seccomp profiles into programs for the kernel.\n\n"
	"PROFILE is a file, - for standard input, or a folder: then every "
	"*.json in it.\n\n"
	"  -o, --output=FILE      where to write; standard output without it.\n"
	"                         For several profiles a folder, which takes "
	"their tree\n"
	"  -f, --format=FORMAT    bpf (default): the raw array of struct "
	"sock_filter\n"
	"                         hex, base64: the same as text, on one "
	"line\n"
	"                         c: a header; asm: a listing; json\n"
	"                         dot: a picture of it, for Graphviz\n"
	"                         oci: a plain profile that decides the "
	"same, for\n"
	"                         runtimes that take JSON alone\n"
	"  -j, --jobs=N           compile N profiles at a time (default: one "
	"per CPU)\n"
	"      --symbol=NAME      what a C header defines (default: from the "
	"file's name)\n"
	"      --dump=PASS        print what a pass made: profile, select, "
	"resolve,\n"
	"                         decide, graph, order, emit\n"
	"      --manifest=FILE    write there, as JSON, what went in and what "
	"came out;\n"
	"                         for several profiles a folder\n"
	"  -v, --verbose          print the length of each program, the most "
	"that a\n"
	"                         call executes, and how many syscalls get "
	"what\n"
	"  -h, --help             show this text\n";

static const char examples[] =
	"\nExamples:\n"
	"  seccompc compile profile.json -o profile.bpf\n"
	"  seccompc compile --caps=docker --kernel=6.1 default.json "
	"-f asm\n"
	"  seccompc compile --arch=x86_64 -f c --symbol=filter profile.json "
	"-o filter.h\n"
	"  seccompc compile -j4 profiles/ -o build/filters/\n"
	"  strace -c -f -o counts ./server; seccompc compile --weights=counts "
	"\\\n"
	"      profile.json -o profile.bpf\n"
	"  seccompc compile --format=dot profile.json | dot -Tsvg >filter.svg\n"
	"  podman run --annotation run.oci.seccomp_bpf_data=\\\n"
	"      \"$(seccompc compile -f base64 profile.json)\" IMAGE   # with "
	"crun\n"
	"\nEvery program is proved to do what its profile says before it is "
	"written.\nNothing is written for a profile with an error.  Exit "
	"status: 0 all compiled,\n1 some were rejected, 2 usage, 3 a proof "
	"failed or gave up.\n";

struct work {
	struct target_options target;
	struct tuning tuning;
	enum format format;
	enum pass dump;
	const char *symbol;
	const char *manifest; /* as --manifest says, or NULL */
	bool verbose;
	bool progress;
	struct jobs jobs;
	pthread_mutex_t lock; /* guards what follows, and standard error */
	size_t next, done, failed, unproved;
};

/* A plain profile in the place of a program. */
static bool
write_oci(struct work *w, const struct compilation *c, const struct job *job)
{
	const struct oci_job oci = { .name = c->source.name,
				     .output = job->output[JOB_PROGRAM],
				     .quiet = w->target.quiet };
	int status = oci_write_compiled(c, &oci);

	pthread_mutex_lock(&w->lock);
	w->unproved += status == STATUS_UNPROVED;
	pthread_mutex_unlock(&w->lock);
	return status == STATUS_OK;
}

/* A C identifier out of the name of a file: default.json is a common one. */
static void
make_symbol(const char *path, char out[80])
{
	const char *name = strrchr(path, '/');
	size_t n = 0;

	name = name ? name + 1 : path;
	if (isdigit((unsigned char)*name))
		out[n++] = '_';
	for (; *name && *name != '.' && n < 63; name++)
		out[n++] = isalnum((unsigned char)*name) ? *name : '_';
	if (!n)
		out[n++] = '_';
	out[n] = '\0';
	if (!format_symbol(out))
		strcpy(out + n, "_filter");
}

/* The program in the form that is asked for, and its manifest. */
static bool
write_program(struct work *w, const struct compilation *c,
	      const struct job *job, struct arena *arena)
{
	struct buf buf = { .arena = arena }, manifest = { .arena = arena };
	const char *output = job->output[JOB_PROGRAM];
	const char *beside = job->output[JOB_MANIFEST];
	char symbol[80];

	make_symbol(job->input, symbol);
	output_write(&buf, w->format, c, w->symbol ? w->symbol : symbol);
	if (!strcmp(output, "-") && w->format == FORMAT_BPF &&
	    isatty(STDOUT_FILENO)) {
		tool_error("a program is no text: say -o FILE, or -f asm");
		return false;
	}
	/* Nothing is written unless all of it is ready. */
	if (beside && !manifest_write(&manifest, c)) {
		tool_error("%s: the program is too hard to count; nothing was "
			   "written",
			   job->input);
		return false;
	}
	return tool_write_all(
		(struct output[]){ { output, buf.data, buf.len },
				   { beside, manifest.data, manifest.len } },
		beside ? 2 : 1);
}

/* Writes what is asked of a finished compilation. */
static bool
write_output(struct work *w, struct compilation *c, const struct job *job)
{
	bool ok;

	if (setjmp(c->arena.oom)) {
		tool_error("%s: out of memory", job->input);
		return false;
	}
	if (w->dump != PASS_NONE) {
		struct buf buf = { .arena = &c->arena };

		dump_pass(&buf, c, w->dump);
		return tool_write("-", buf.data, buf.len);
	}
	ok = w->format == FORMAT_OCI ? write_oci(w, c, job)
				     : write_program(w, c, job, &c->arena);
	if (ok && w->verbose)
		counts_print(c);
	return ok;
}

static void
print_progress(const struct work *w, const struct job *job)
{
	char name[61];

	snprintf(name, sizeof(name), "%s", job->input);
	text_clean(name);
	fprintf(stderr, "\r\033[K[%zu/%zu] %s", w->done, w->jobs.n, name);
}

static bool
run_job(struct work *w, const struct job *job)
{
	const char *name = tool_name(job->input);
	struct compilation c;
	size_t len;
	char *text = tool_read(job->input, LIMIT_FILE, &len);
	bool ok;

	if (!text)
		return false;
	ok = target_compile(&w->target, &c, name, text, len);
	pthread_mutex_lock(&w->lock);
	if (w->progress && c.diags.list.n)
		fputs("\r\033[K", stderr);
	target_report(&w->target, &c);
	w->unproved += compilation_unproved(&c);
	pthread_mutex_unlock(&w->lock);
	if (ok || (w->dump != PASS_NONE && !c.out_of_memory))
		ok &= write_output(w, &c, job);
	compilation_finish(&c);
	free(text);
	return ok;
}

static void *
run_jobs(void *data)
{
	struct work *w = data;

	pthread_mutex_lock(&w->lock);
	while (w->next < w->jobs.n) {
		const struct job *job = &w->jobs.v[w->next++];
		bool ok;

		pthread_mutex_unlock(&w->lock);
		ok = run_job(w, job);
		pthread_mutex_lock(&w->lock);
		w->done++;
		w->failed += !ok;
		if (w->progress)
			print_progress(w, job);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* One per CPU, which is not worth asking about for one profile. */
static size_t
count_threads(size_t jobs)
{
	long cpus = jobs > 1 ? sysconf(_SC_NPROCESSORS_ONLN) : 1;

	return cpus > 64 ? 64 : cpus > 1 ? (size_t)cpus : 1;
}

enum { THREAD_STACK = 8 << 20 }; /* what a process has by default */

static void
run_all(struct work *w, size_t threads)
{
	pthread_t ids[64];
	pthread_attr_t attr;
	size_t started = 0;

	if (!threads)
		threads = count_threads(w->jobs.n);
	if (threads > w->jobs.n)
		threads = w->jobs.n;
	/* musl's threads have 128 KiB of stack otherwise. */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	/* This thread is one of them; it does all if no other starts. */
	while (started + 1 < threads &&
	       !pthread_create(&ids[started], &attr, run_jobs, w))
		started++;
	pthread_attr_destroy(&attr);
	run_jobs(w);
	while (started)
		pthread_join(ids[--started], NULL);
	if (w->progress)
		fputs("\r\033[K", stderr);
	if (w->jobs.n > 1 && !w->target.quiet)
		fprintf(stderr, "%zu profiles: %zu compiled, %zu rejected\n",
			w->jobs.n, w->jobs.n - w->failed, w->failed);
}

static bool
take_format(struct work *w, const char *value)
{
	w->format = format_find(value);
	if (w->format == FORMAT_COUNT)
		tool_error("--format cannot be '%s': there are bpf, hex, "
			   "base64, c, asm, json, dot and oci",
			   value);
	return w->format != FORMAT_COUNT;
}

static bool
take_dump(struct work *w, const char *value)
{
	for (size_t i = 1; i < LENGTH(passes); i++) {
		if (!strcmp(value, passes[i])) {
			w->dump = (enum pass)i;
			return true;
		}
	}
	tool_error("--dump cannot be '%s'; --help lists the passes", value);
	return false;
}

static bool
take_jobs(const char *value, size_t *threads)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || n < 1 || n > 64) {
		tool_error("--jobs takes a number from 1 to 64");
		return false;
	}
	*threads = (size_t)n;
	return true;
}

static bool
take_symbol(struct work *w, const char *value)
{
	w->symbol = value;
	if (!format_symbol(value))
		tool_error("--symbol: '%s' is not an identifier of C and C++",
			   value);
	return format_symbol(value);
}

enum { OPTION_SYMBOL = 0x100, OPTION_DUMP, OPTION_MANIFEST };

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "format", required_argument, NULL, 'f' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "symbol", required_argument, NULL, OPTION_SYMBOL },
	{ "dump", required_argument, NULL, OPTION_DUMP },
	{ "manifest", required_argument, NULL, OPTION_MANIFEST },
	TARGET_OPTIONS,
	TUNING_OPTIONS,
	{ 0 },
};

/* Returns -1 to go on, else the exit status. */
static int
parse(struct work *w, int argc, char **argv, const char **output,
      size_t *threads)
{
	bool ok = true;
	int option;

	while ((option = getopt_long(argc, argv, "o:f:j:vh", long_options,
				     NULL)) != -1) {
		if (option == 'o')
			*output = optarg;
		else if (option == 'f')
			ok = take_format(w, optarg);
		else if (option == 'j')
			ok = take_jobs(optarg, threads);
		else if (option == 'v')
			w->verbose = true;
		else if (option == OPTION_SYMBOL)
			ok = take_symbol(w, optarg);
		else if (option == OPTION_DUMP)
			ok = take_dump(w, optarg);
		else if (option == OPTION_MANIFEST)
			w->manifest = optarg;
		else if (option >= TARGET_FIRST && option < TARGET_LAST)
			ok = target_take(&w->target, option, optarg);
		else if (option >= TUNING_WEIGHTS && option < TUNING_LAST)
			ok = tuning_take(&w->tuning, &w->target, option,
					 optarg);
		else if (option == 'h') {
			printf("%s\n%s%s%s", help, target_help, tuning_help,
			       examples);
			return STATUS_OK;
		} else
			return tool_misused("compile");
		if (!ok)
			return STATUS_USAGE;
	}
	if (optind == argc)
		return tool_usage("compile", "which profile?");
	if (w->manifest && (w->format == FORMAT_OCI || w->dump != PASS_NONE))
		return tool_usage("compile",
				  "--manifest is about a program: not with "
				  "--format=oci or --dump");
	option = tuning_load(&w->tuning, &w->target, argv + optind,
			     (size_t)(argc - optind));
	return option == STATUS_OK ? -1 : option;
}

static int
compile_all(struct work *w, char **paths, size_t count, const char *output,
	    size_t threads)
{
	const struct destination destinations[JOB_OUTPUTS] = {
		[JOB_PROGRAM] = { w->dump == PASS_NONE ? output : NULL,
				  suffixes[w->format] },
		[JOB_MANIFEST] = { w->manifest, ".manifest.json" },
	};
	bool ok = jobs_list(&w->jobs, paths, count, destinations);

	if (ok) {
		w->progress = w->jobs.n > 1 && isatty(STDERR_FILENO) &&
			      !w->target.quiet;
		run_all(w, threads);
	}
	jobs_finish(&w->jobs);
	if (!ok)
		return STATUS_USAGE;
	if (w->unproved)
		return STATUS_UNPROVED;
	return w->failed ? STATUS_REJECTED : STATUS_OK;
}

int
cmd_compile(int argc, char **argv)
{
	struct work w = { .lock = PTHREAD_MUTEX_INITIALIZER };
	size_t threads = 0; /* as many as there are CPUs */
	const char *output = NULL;
	int status;

	target_init(&w.target);
	tuning_init(&w.tuning);
	status = parse(&w, argc, argv, &output, &threads);
	if (status < 0)
		status = compile_all(&w, argv + optind, (size_t)(argc - optind),
				     output, threads);
	tuning_finish(&w.tuning);
	return status;
}
