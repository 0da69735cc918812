#include "corpus.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static void
visit_file(const char *path, corpus_visitor *visit, void *context)
{
	FILE *file = fopen(path, "r");
	char *text = malloc(LIMIT_FILE + 1);
	size_t len = file && text ? fread(text, 1, LIMIT_FILE, file) : 0;

	visit(context, path, text, len);
	free(text);
	if (file)
		fclose(file);
}

static bool
is_left_out(const char *name)
{
	const char *step = getenv("SECCOMPC_CORPUS_STEP");
	unsigned sum = 0;

	while (*name)
		sum += (unsigned char)*name++;
	return step && atoi(step) > 1 && sum % (unsigned)atoi(step) != 0;
}

bool
corpus_visit(const char *folder, corpus_visitor *visit, void *context)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[4096];

	if (!dir) {
		printf("# skipped: there is no %s\n", folder);
		return false;
	}
	while ((entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);

		if (n < 5 || strcmp(entry->d_name + n - 5, ".json") ||
		    is_left_out(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		visit_file(path, visit, context);
	}
	closedir(dir);
	return true;
}
