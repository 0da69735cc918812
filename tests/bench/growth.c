#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const growth_titles[GROWTH_COUNT] = {
	[GROWTH_SYSCALLS] = "syscalls that are allowed",
	[GROWTH_CONDITIONS] = "conditions on one syscall",
	[GROWTH_PROFILES] = "profiles in one process",
};

const char *const growth_executed[GROWTH_COUNT] = {
	[GROWTH_SYSCALLS] = "mean over known syscalls",
	[GROWTH_CONDITIONS] = "worst path",
	[GROWTH_PROFILES] = "",
};

const char *const growth_makers[GROWTH_MAKERS] = {
	[GROWTH_OURS] = "seccompc",
	[GROWTH_LINEAR] = "libseccomp, linear",
	[GROWTH_TREE] = "libseccomp, tree",
};

static const size_t sizes[GROWTH_COUNT][16] = {
	[GROWTH_SYSCALLS] = { 1, 2, 5, 10, 20, 50, 100, 200, 300, 400 },
	[GROWTH_CONDITIONS] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000 },
	[GROWTH_PROFILES] = { 1, 10, 100, 1000, 10000 },
};

/* Seconds after which a compiler is given up; how often each is timed. */
enum { PATIENCE = 5, TIMES = 5, NAMES_PER_PROFILE = 50 };

/* Knuth's MMIX generator: the same profiles in every run. */
static uint32_t
draw(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static void
write_head(FILE *file)
{
	fputs("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [", file);
}

/* As many names as can be, drawn without repetition. */
static void
write_names(FILE *file, size_t count, uint64_t *seed)
{
	size_t n = syscall_name_count;
	uint16_t *order = calloc(n, sizeof(*order));

	write_head(file);
	fputs("\n{\"action\": \"SCMP_ACT_ALLOW\", \"names\": [", file);
	for (size_t i = 0; order && i < n; i++)
		order[i] = (uint16_t)i;
	for (size_t i = 0; order && i < count && i < n; i++) {
		size_t other = i + draw(seed) % (n - i);
		uint16_t name = order[other];

		order[other] = order[i];
		fprintf(file, "%s\"%s\"", i ? ", " : "",
			syscall_names[name].name);
	}
	fputs("]}]}\n", file);
	free(order);
}

/* Values of ioctl's command, each in a rule of its own. */
static void
write_conditions(FILE *file, size_t count, uint64_t *seed)
{
	write_head(file);
	for (size_t i = 0; i < count; i++)
		fprintf(file,
			"%s\n{\"action\": \"SCMP_ACT_ALLOW\", "
			"\"names\": [\"ioctl\"], \"args\": [{\"index\": 1, "
			"\"value\": %u, \"op\": \"SCMP_CMP_EQ\"}]}",
			i ? "," : "", draw(seed));
	fputs("]}\n", file);
}

/* An input of a size, as text that the caller frees. */
static char *
make_profile(enum growth_kind kind, size_t size, size_t *len)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, len);
	uint64_t seed = size;

	if (!file)
		return NULL;
	if (kind == GROWTH_CONDITIONS)
		write_conditions(file, size, &seed);
	else
		write_names(file, size, &seed);
	fclose(file);
	return text;
}

struct work {
	const char *text;
	size_t len;
	enum growth_maker maker;
};

static void
start(struct compilation *c, const struct work *work)
{
	compilation_init(c, "growth.json", work->text, work->len);
	c->options.abis = 1 << ABI_X86_64;
	c->options.unknown = UNKNOWN_DEFAULT;
}

static bool
make_ours(const struct work *work, struct code *code, uint64_t *ns)
{
	uint64_t before = clock_now();
	struct compilation c;
	bool ok;

	start(&c, work);
	ok = compile(&c);
	if (ok) {
		code->n = c.program->code.n;
		memcpy(code->v, c.program->code.v, code->n * sizeof(*code->v));
	}
	compilation_finish(&c);
	*ns = clock_now() - before;
	return ok;
}

static bool
make_theirs(const struct work *work, struct code *code, uint64_t *ns)
{
	struct rule_list rules = { 0 };
	struct compilation c;
	bool ok;

	start(&c, work);
	ok = compile(&c) && rule_list_take(&rules, c.selection) &&
	     peer_make(&rules,
		       work->maker == GROWTH_TREE ? PEER_TREE : PEER_LINEAR,
		       code, ns);
	rule_list_finish(&rules);
	compilation_finish(&c);
	return ok;
}

static bool
make_program(void *context, struct code *code, uint64_t *ns)
{
	const struct work *work = context;
	uint64_t total = 0;

	*ns = UINT64_MAX;
	/* Once is enough for what takes long. */
	for (int i = 0; i < TIMES && total < 500000000; i++) {
		uint64_t once;

		if (work->maker == GROWTH_OURS
			    ? !make_ours(work, code, &once)
			    : !make_theirs(work, code, &once))
			return false;
		total += once;
		if (once < *ns)
			*ns = once;
	}
	return true;
}

static void
measure_cost(struct growth_cost *cost, enum growth_kind kind,
	     const struct work *work)
{
	struct figures figures;
	struct longest longest;
	struct code code;

	cost->executed = (double)NAN;
	cost->end = limited_run(make_program, (void *)(uintptr_t)work, PATIENCE,
				&code, &cost->ns);
	if (cost->end == LIMITED_DONE) {
		cost->instructions = code.n;
		if (kind == GROWTH_CONDITIONS) {
			paths_longest(&code, false, &longest);
			cost->executed = longest.executed;
		} else {
			figures_measure(&figures, &code, 1 << ABI_X86_64);
			cost->executed = figures.v[MEAN_KNOWN];
		}
	}
	free(code.v);
}

static bool
measure_inputs(struct growth *growth, enum growth_kind kind)
{
	bool ok = true;

	for (size_t i = 0; sizes[kind][i]; i++) {
		struct growth_point *point =
			&growth->points[kind][growth->n[kind]++];
		struct work work;
		char *text = make_profile(kind, sizes[kind][i], &work.len);

		if (!text)
			return false;
		point->size = sizes[kind][i];
		work.text = text;
		for (work.maker = 0; work.maker < GROWTH_MAKERS; work.maker++)
			if (work.maker == GROWTH_OURS || peer_version())
				measure_cost(&point->by[work.maker], kind,
					     &work);
		ok &= point->by[GROWTH_OURS].end == LIMITED_DONE;
		free(text);
	}
	return ok;
}

/* Adds profiles to a folder until it has size of them. */
static bool
fill_folder(const char *folder, size_t from, size_t size)
{
	uint64_t seed = from;
	char path[4400];

	for (size_t i = from; i < size; i++) {
		FILE *file;

		snprintf(path, sizeof(path), "%s/%zu.json", folder, i);
		file = fopen(path, "w");
		if (!file)
			return false;
		write_names(file, NAMES_PER_PROFILE, &seed);
		if (fclose(file))
			return false;
	}
	return true;
}

static bool
measure_profiles(struct growth *growth, const struct setup *setup,
		 size_t largest)
{
	char input[4200], output[4200];
	const char *argv[] = {
		setup->seccompc, "compile", "--quiet", input, "-o", output, NULL
	};
	size_t from = 0;
	bool ok = true;

	snprintf(input, sizeof(input), "%s/many", setup->folder);
	snprintf(output, sizeof(output), "%s/programs", setup->folder);
	ok = !mkdir(input, 0700);
	for (size_t i = 0; ok && sizes[GROWTH_PROFILES][i]; i++) {
		size_t size = sizes[GROWTH_PROFILES][i];
		struct growth_point *point =
			&growth->points[GROWTH_PROFILES][i];

		if (size > largest)
			break;
		ok = fill_folder(input, from, size) &&
		     !process_run(argv, NULL, &point->by[GROWTH_OURS].ns);
		from = point->size = size;
		point->by[GROWTH_OURS].executed = (double)NAN;
		growth->n[GROWTH_PROFILES]++;
		folder_remove(output);
	}
	folder_remove(input);
	return ok;
}

bool
growth_measure(struct growth *growth, const struct setup *setup, size_t largest)
{
	bool ok;

	*growth = (struct growth){ 0 };
	ok = measure_inputs(growth, GROWTH_SYSCALLS);
	ok &= measure_inputs(growth, GROWTH_CONDITIONS);
	return measure_profiles(growth, setup, largest) && ok;
}
