#include "jobs.h"
#include "tools.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_ENTRIES = 1 << 20 }; /* of a folder, with all below */

/* The list while it is made. */
struct lister {
	struct jobs *jobs;
	const struct destination *destinations; /* NULL: nothing is written */
	bool folder[JOB_OUTPUTS]; /* that the destination is */
};

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

/* NULL if there is none, or no memory for it. */
static char *
destination_path(const struct lister *l, int kind, const char *relative)
{
	const struct destination *d = &l->destinations[kind];

	if (l->folder[kind])
		return output_path(d->path, relative, d->suffix);
	if (d->path)
		return strdup(d->path);
	return kind == JOB_PROGRAM ? strdup("-") : NULL;
}

static void
free_job(struct job *job)
{
	free(job->input);
	for (int kind = 0; kind < JOB_OUTPUTS; kind++)
		free(job->output[kind]);
}

/* Adds a profile, which has a name below the folders that are written. */
static bool
add(struct lister *l, const char *input, const char *relative)
{
	struct jobs *jobs = l->jobs;
	struct job job = { .input = strdup(input) };
	bool ok = job.input;

	for (int kind = 0; l->destinations && kind < JOB_OUTPUTS; kind++) {
		job.output[kind] = destination_path(l, kind, relative);
		ok &= job.output[kind] ||
		      (kind == JOB_MANIFEST && !l->destinations[kind].path);
	}
	if (jobs->n == jobs->cap) {
		size_t cap = jobs->cap ? jobs->cap * 2 : 16;
		struct job *v = realloc(jobs->v, cap * sizeof(*v));

		if (v) {
			jobs->v = v;
			jobs->cap = cap;
		}
	}
	if (!ok || jobs->n == jobs->cap) {
		tool_error("out of memory");
		free_job(&job);
		return false;
	}
	jobs->v[jobs->n++] = job;
	return true;
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

/* Reports what keeps an entry of a folder from being looked at: nothing is
 * left out in silence. */
static bool
is_readable(const FTSENT *entry)
{
	const char *why = NULL;

	switch (entry->fts_info) {
	case FTS_ERR:
	case FTS_DNR:
	case FTS_NS:
		why = strerror(entry->fts_errno);
		break;
	case FTS_SLNONE:
		if (ends_with(entry->fts_name, ".json"))
			why = "a link that leads nowhere";
		break;
	case FTS_DEFAULT:
		if (ends_with(entry->fts_name, ".json"))
			why = "No regular file";
		break;
	}
	if (why)
		tool_error("%s: %s", entry->fts_path, why);
	return !why;
}

/* Like fts_read(3), which returns NULL for the end and for errors. */
static FTSENT *
read_entry(FTS *fts, bool *ok)
{
	FTSENT *entry;

	errno = 0;
	entry = fts_read(fts);
	if (!entry && errno) {
		tool_error("%s", strerror(errno));
		*ok = false;
	}
	return entry;
}

static bool
add_folder(struct lister *l, char *path)
{
	char *roots[] = { path, NULL };
	FTS *fts = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, compare_entries);
	size_t skip = strlen(path), before = l->jobs->n;
	FTSENT *entry;
	size_t entries = 0;
	bool ok = fts != NULL;

	while (ok && (entry = read_entry(fts, &ok))) {
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
		ok = is_readable(entry);
		if (entry->fts_info != FTS_F ||
		    !ends_with(entry->fts_name, ".json"))
			continue;
		ok = add(l, entry->fts_path, rest + (*rest == '/'));
	}
	if (fts)
		fts_close(fts);
	if (ok && l->jobs->n == before) {
		tool_error("%s: no *.json in this folder", path);
		ok = false;
	}
	return ok;
}

/* An output and the job that it is of. */
struct written {
	const char *path;
	const struct job *job;
};

static int
compare_written(const void *a, const void *b)
{
	const struct written *x = a, *y = b;

	return strcmp(x->path, y->path);
}

/* No output goes over one of another profile. */
static bool
outputs_differ(const struct jobs *jobs)
{
	struct written *list = calloc(jobs->n + 1, JOB_OUTPUTS * sizeof(*list));
	size_t n = 0;
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < JOB_OUTPUTS * jobs->n; i++) {
		const struct job *job = &jobs->v[i / JOB_OUTPUTS];
		const char *path = job->output[i % JOB_OUTPUTS];

		if (path)
			list[n++] = (struct written){ path, job };
	}
	if (ok)
		qsort(list, n, sizeof(*list), compare_written);
	for (size_t i = 1; ok && i < n; i++) {
		if (list[i - 1].job == list[i].job ||
		    strcmp(list[i - 1].path, list[i].path) != 0)
			continue;
		tool_error("%s and %s would both be written to %s",
			   list[i - 1].job->input, list[i].job->input,
			   list[i].path);
		ok = false;
	}
	free(list);
	return ok;
}

static bool
manifests_are_apart(const struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++) {
		char *const *output = jobs->v[i].output;
		const char *path = output[JOB_MANIFEST];

		if (!path || !tool_is_same(path, output[JOB_PROGRAM]))
			continue;
		tool_error("the manifest would be written over its program: %s",
			   strcmp(path, "-") != 0 ? path : "standard output");
		return false;
	}
	return true;
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
	for (size_t i = 0; ok && i < JOB_OUTPUTS * jobs->n; i++) {
		const struct job *job = &jobs->v[i / JOB_OUTPUTS];
		const char *path = job->output[i % JOB_OUTPUTS];

		if (!path || !find_file(&output, path))
			continue;
		found = bsearch(&output, files, n, sizeof(*files),
				compare_files);
		ok = !found;
		if (found && found->job == job)
			tool_error("%s would be written over its own profile",
				   path);
		else if (found)
			tool_error("%s would be written over the profile %s",
				   path, found->job->input);
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

/* Which destinations are folders, and that those which must be can be. */
static bool
find_folders(struct lister *l, bool many)
{
	static const char *const options[JOB_OUTPUTS] = { "-o ",
							  "--manifest=" };

	for (int kind = 0; l->destinations && kind < JOB_OUTPUTS; kind++) {
		const char *path = l->destinations[kind].path;

		l->folder[kind] = path && (many || is_folder(path) ||
					   ends_with(path, "/"));
		if (l->folder[kind] ? !strcmp(path, "-")
				    : many && kind == JOB_PROGRAM) {
			tool_error("several profiles need %sFOLDER",
				   options[kind]);
			return false;
		}
	}
	return true;
}

static bool
add_path(struct lister *l, const char *name)
{
	char *path = strdup(name);
	size_t n = path ? strlen(path) : 0;
	bool ok;

	if (!path || !is_folder(path)) {
		free(path);
		return add(l, name, relative_path(name));
	}
	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
	ok = add_folder(l, path);
	free(path);
	return ok;
}

bool
jobs_list(struct jobs *jobs, char **paths, size_t count,
	  const struct destination destinations[JOB_OUTPUTS])
{
	struct lister l = { .jobs = jobs, .destinations = destinations };
	/* There are none where manifests alone are checked. */
	bool many = count > 1 || (count && is_folder(paths[0]));
	bool ok = find_folders(&l, many);

	*jobs = (struct jobs){ 0 };
	for (size_t i = 0; ok && i < count; i++)
		ok = add_path(&l, paths[i]);
	if (!ok || !manifests_are_apart(jobs) || !outputs_differ(jobs) ||
	    !inputs_stay(jobs))
		return false;
	for (size_t i = 0; ok && i < JOB_OUTPUTS * jobs->n; i++)
		ok = !l.folder[i % JOB_OUTPUTS] ||
		     make_folders(
			     jobs->v[i / JOB_OUTPUTS].output[i % JOB_OUTPUTS]);
	return ok;
}

void
jobs_finish(struct jobs *jobs)
{
	for (size_t i = 0; i < jobs->n; i++)
		free_job(&jobs->v[i]);
	free(jobs->v);
}
