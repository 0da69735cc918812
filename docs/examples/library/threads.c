/*
 * Compiles many profiles in several threads:
 *
 *	threads N PROFILE...
 *
 * Options are shared: nothing changes them any more.  What is printed comes in
 * the order of the arguments, whichever thread was first.
 */
#include <pthread.h>
#include <seccompc.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_THREADS = 64 };

struct task {
	const char *path;
	enum scc_result result;
	struct scc_filter *filter; /* NULL: not even diagnostics */
};

struct work {
	const struct scc_options *options;
	struct task *tasks;
	size_t count, next;
	pthread_mutex_t lock; /* of next */
};

/* The whole of a file, NULL if that cannot be had. */
static char *
read_file(const char *path, size_t *len)
{
	enum { LIMIT = 1 << 24 };
	FILE *file = fopen(path, "rb");
	char *text = NULL;

	*len = 0;
	if (!file)
		return NULL;
	text = (char *)malloc(LIMIT);
	if (text)
		*len = fread(text, 1, LIMIT, file);
	if (ferror(file) || *len == LIMIT) {
		free(text);
		text = NULL;
	}
	fclose(file);
	return text;
}

static void
compile(const struct work *work, struct task *task)
{
	size_t len;
	char *text = read_file(task->path, &len);

	task->filter = NULL;
	task->result = SCC_REJECTED;
	if (text)
		task->result = scc_compile(&task->filter, work->options,
					   task->path, text, len);
	free(text);
}

static void *
run(void *data)
{
	struct work *work = (struct work *)data;

	for (;;) {
		size_t i;

		pthread_mutex_lock(&work->lock);
		i = work->next++;
		pthread_mutex_unlock(&work->lock);
		if (i >= work->count)
			return NULL;
		compile(work, &work->tasks[i]);
	}
}

static void
report(const struct task *task)
{
	const struct scc_diagnostic *d;
	size_t i, count;

	for (i = 0; task->filter && (d = scc_diagnostic_at(task->filter, i)); i++)
		fputs(scc_diagnostic_text(d), stderr);
	if (!task->filter && task->result == SCC_REJECTED) {
		printf("%s: cannot be read\n", task->path);
		return;
	}
	if (task->result) {
		printf("%s: %s\n", task->path, scc_result_text(task->result));
		return;
	}
	scc_instructions(task->filter, &count);
	printf("%s: %zu instructions\n", task->path, count);
}

/* Returns how many profiles did not compile. */
static size_t
report_all(const struct work *work)
{
	size_t i, failed = 0;

	for (i = 0; i < work->count; i++) {
		report(&work->tasks[i]);
		failed += work->tasks[i].result != SCC_OK;
		scc_filter_destroy(work->tasks[i].filter);
	}
	return failed;
}

static struct scc_options *
make_options(void)
{
	struct scc_options *options = scc_options_create();

	if (options && !scc_options_set(options, "caps", "docker") &&
	    !scc_options_set(options, "kernel", "6.1") &&
	    !scc_options_set(options, "conflicts", "strictest"))
		return options;
	fprintf(stderr, "threads: %s\n",
		options ? scc_options_error(options) : "out of memory");
	exit(EXIT_FAILURE);
}

int
main(int argc, char **argv)
{
	pthread_t threads[MAX_THREADS];
	int i, started = 0, wanted = argc > 1 ? atoi(argv[1]) : 0;
	struct scc_options *options;
	struct work work;
	size_t failed;

	if (argc < 3 || wanted < 1 || wanted > MAX_THREADS) {
		fprintf(stderr, "usage: threads N PROFILE...\n");
		return 2;
	}
	options = make_options();
	work.options = options;
	work.count = (size_t)argc - 2;
	work.next = 0;
	work.tasks = (struct task *)calloc(work.count, sizeof(*work.tasks));
	if (!work.tasks || pthread_mutex_init(&work.lock, NULL))
		return EXIT_FAILURE;
	for (i = 2; i < argc; i++)
		work.tasks[i - 2].path = argv[i];

	while (started < wanted &&
	       !pthread_create(&threads[started], NULL, run, &work))
		started++;
	if (!started) /* this one will do */
		run(&work);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);

	failed = report_all(&work);
	pthread_mutex_destroy(&work.lock);
	free(work.tasks);
	scc_options_destroy(options);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
