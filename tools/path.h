/* Paths as text. */
#ifndef SECCOMPC_PATH_H
#define SECCOMPC_PATH_H

#include <string.h>

/* What of an absolute path stands below a folder: "" for the folder itself,
 * NULL if it is not in there.  Neither ends in a slash but "/". */
static inline const char *
path_below(const char *folder, const char *path)
{
	size_t len = strcmp(folder, "/") != 0 ? strlen(folder) : 0;

	if (strncmp(folder, path, len) != 0)
		return NULL;
	if (path[len] == '/')
		return path + len + 1;
	return path[len] ? NULL : path + len;
}

#endif
