/*
 * What seccomp-exec adds to the start of a program: the same program is
 * started with and without it in turns, and the minima are compared.
 */
#include "bench.h"

#include <stdlib.h>
#include <unistd.h>

const char *const launch_names[LAUNCHES] = {
	"/bin/true",
	"a static program that does nothing",
};

/* A process per run of each: this many are many enough. */
enum { RUNS_MAX = 1000 };

static bool
write_blob(const char *path, const struct code *code)
{
	FILE *file = fopen(path, "w");
	bool ok = file &&
		  fwrite(code->v, sizeof(*code->v), code->n, file) == code->n;

	if (file)
		ok &= !fclose(file);
	return ok;
}

static void
time_launch(struct launch *launch, const char *const argv[], size_t runs)
{
	/* The command is behind the launcher's "--". */
	const char *const *command = argv + 3;
	struct series plain = { 0 }, launched = { 0 };

	for (size_t i = 0; i < runs && i < RUNS_MAX && !launch->status; i++) {
		uint64_t ns;

		launch->status = process_run(command, NULL, &ns);
		series_add(&plain, ns);
		if (!launch->status)
			launch->status = process_run(argv, NULL, &ns);
		series_add(&launched, ns);
	}
	launch->plain = series_finish(&plain);
	launch->launched = series_finish(&launched);
}

void
launch_measure(struct subject *subject, const struct setup *setup)
{
	char launcher[4096], empty[4096], blob[4096];
	const char *commands[LAUNCHES] = { "/bin/true", empty };

	snprintf(launcher, sizeof(launcher), "%s/tools/seccomp-exec",
		 setup->build);
	snprintf(empty, sizeof(empty), "%s/tests/bench/empty-static",
		 setup->build);
	snprintf(blob, sizeof(blob), "%s/launch.bpf", setup->outputs);
	for (size_t i = 0; i < subject->n; i++) {
		const struct row *row = &subject->rows[i];

		if (!row->line || row->line->options[0] || !row->blob.code.v ||
		    !write_blob(blob, &row->blob.code))
			continue;
		for (size_t j = 0; j < LAUNCHES; j++) {
			struct launch *launch =
				&subject->launches[row->abis][j];
			const char *argv[] = { launcher, blob, "--",
					       commands[j], NULL };

			launch->tried = !access(commands[j], X_OK);
			if (launch->tried)
				time_launch(launch, argv, setup->passes);
		}
		unlink(blob);
	}
}
