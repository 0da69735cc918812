#include "jobs.h"
#include "tools.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_ENTRIES = 1 << 20 }; /* of a folder, with all below */

static bool
add(struct jobs *jobs, char *input, char *output)
{
	if (jobs->n == jobs->cap) {
		size_t cap = jobs->cap ? jobs->cap * 2 : 16;
		struct job *v = realloc(jobs->v, cap * sizeof(*v));

		if (v) {
			jobs->v = v;
			jobs->cap = cap;
		}
	}
	if (!input || !output || jobs->n == jobs->cap) {
		tool_error("out of memory");
		free(input);
		free(output);
		return false;
	}
	jobs->v[jobs->n++] = (struct job){ input, output };
	return true;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static bool
ends_with(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && !strcmp(s + n - m, end);
}

/* folder/relative, with suffix in place of .json. */
static char *
output_path(const char *folder, const char *relative, const char *suffix)
{
	size_t n = strlen(relative);
	char *out;

	if (ends_with(relative, ".json"))
		n -= 5;
	if (asprintf(&out, "%s/%.*s%s", folder, (int)n, relative, suffix) < 0)
		return NULL;
	return out;
}

/* Below the output folder a file named alone keeps the path it was given by,
 * unless that leads upwards. */
static const char *
relative_path(const char *path)
{
	const char *last = strrchr(path, '/');

	while (*path == '/' || !strncmp(path, "./", 2))
		path += *path == '/' ? 1 : 2;
	if (!strncmp(path, "../", 3) || strstr(path, "/../"))
		return last ? last + 1 : path;
	return path;
}

static int
compare_entries(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
add_folder(struct jobs *jobs, char *path, const char *output,
	   const char *suffix)
{
	char *roots[] = { path, NULL };
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, compare_entries);
	size_t skip = strlen(path), before = jobs->n;
	FTSENT *entry;
	size_t entries = 0;
	bool ok = fts != NULL;

	while (ok && (entry = fts_read(fts))) {
		const char *rest = entry->fts_path + skip;

		/* Links can lead to the same folders in ever more ways. */
		if (++entries > MAX_ENTRIES) {
			tool_error("%s: more than %d files and folders", path,
				   MAX_ENTRIES);
			ok = false;
			break;
		}
		/* Hidden, such as the ..data of a mounted ConfigMap. */
		if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
			fts_set(fts, entry, FTS_SKIP);
			continue;
		}
		if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR) {
			tool_error("%s: %s", entry->fts_path,
				   strerror(entry->fts_errno));
			ok = false;
		}
		if (entry->fts_info != FTS_F ||
		    !ends_with(entry->fts_name, ".json"))
			continue;
		ok = add(jobs, strdup(entry->fts_path),
			 output_path(output, rest + (*rest == '/'), suffix));
	}
	if (fts)
		fts_close(fts);
	if (ok && jobs->n == before) {
		tool_error("%s: no *.json in this folder", path);
		ok = false;
	}
	return ok;
}

static int
compare_outputs(const void *a, const void *b)
{
	const struct job *const *x = a, *const *y = b;

	return strcmp((*x)->output, (*y)->output);
}

static bool
outputs_differ(const struct jobs *jobs)
{
	const struct job **list = calloc(jobs->n + 1, sizeof(*list));
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < jobs->n; i++)
		list[i] = &jobs->v[i];
	if (ok)
		qsort(list, jobs->n, sizeof(*list), compare_outputs);
	for (size_t i = 1; ok && i < jobs->n; i++) {
		if (strcmp(list[i - 1]->output, list[i]->output))
			continue;
		tool_error("%s and %s would both be written to %s",
			   list[i - 1]->input, list[i]->input, list[i]->output);
		ok = false;
	}
	free(list);
	return ok;
}

/* A regular file that is there. */
struct file {
	dev_t dev;
	ino_t ino;
	const struct job *job; /* whose input it is */
};

static int
compare_files(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	if (x->dev != y->dev)
		return x->dev < y->dev ? -1 : 1;
	return x->ino < y->ino ? -1 : x->ino > y->ino;
}

static bool
find_file(struct file *file, const char *path)
{
	struct stat st;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	return true;
}

/* No profile is written over, neither a job's own nor another one. */
static bool
inputs_stay(const struct jobs *jobs)
{
	struct file *files = calloc(jobs->n + 1, sizeof(*files)), output;
	const struct file *found;
	size_t n = 0;
	bool ok = files != NULL;

	if (!ok)
		tool_error("out of memory");
	for (size_t i = 0; ok && i < jobs->n; i++) {
		files[n].job = &jobs->v[i];
		n += find_file(&files[n], jobs->v[i].input);
	}
	if (ok)
		qsort(files, n, sizeof(*files), compare_files);
	for (size_t i = 0; ok && i < jobs->n; i++) {
		const struct job *job = &jobs->v[i];

		if (!find_file(&output, job->output))
			continue;
		found = bsearch(&output, files, n, sizeof(*files),
				compare_files);
		ok = !found;
		if (found && found->job == job)
			tool_error("%s would be written over its own profile",
				   job->output);
		else if (found)
			tool_error("%s would be written over the profile %s",
				   job->output, found->job->input);
	}
	free(files);
	return ok;
}

/* Makes the folders above a path. */
static bool
make_folders(const char *path)
{
	char *copy = strdup(path);
	bool ok = copy != NULL;

	for (char *s = ok ? strchr(copy + 1, '/') : NULL; ok && s;
	     s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST) {
			tool_error("cannot make %s: %s", copy, strerror(errno));
			ok = false;
		}
		*s = '/';
	}
	free(copy);
	return ok;
}

static bool
list_many(struct jobs *jobs, char **paths, size_t count, const char *output,
	  const char *suffix)
{
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		if (is_folder(paths[i])) {
			char *path = strdup(paths[i]);
			size_t n = path ? strlen(path) : 0;

			while (n > 1 && path[n - 1] == '/')
				path[--n] = '\0';
			ok = path && add_folder(jobs, path, output, suffix);
			free(path);
		} else {
			ok = add(jobs, strdup(paths[i]),
				 output_path(output, relative_path(paths[i]),
					     suffix));
		}
	}
	if (!ok || !outputs_differ(jobs) || !inputs_stay(jobs))
		return false;
	for (size_t i = 0; ok && i < jobs->n; i++)
		ok = make_folders(jobs->v[i].output);
	return ok;
}

bool
jobs_list(struct jobs *jobs, char **paths, size_t count, const char *output,
	  const char *suffix)
{
	struct stat in, out;
	bool has_in = !stat(paths[0], &in);
	bool has_out = output && !stat(output, &out);
	bool many = count > 1 || (has_in && S_ISDIR(in.st_mode)) ||
		    (has_out && S_ISDIR(out.st_mode)) ||
		    (output && ends_with(output, "/"));

	*jobs = (struct jobs){ 0 };
	if (!many)
		return add(jobs, strdup(paths[0]),
			   strdup(output ? output : "-")) &&
		       (!output || inputs_stay(jobs));
	if (!output || !strcmp(output, "-")) {
		tool_error("several profiles need -o FOLDER");
		return false;
	}
	return list_many(jobs, paths, count, output, suffix);
}

void
jobs_finish(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++) {
		free(jobs->v[i].input);
		free(jobs->v[i].output);
	}
	free(jobs->v);
}
