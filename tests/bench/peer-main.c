/*
 * Reads a rule list from a file and writes libseccomp's program to standard
 * output: the whole process that seccompc compile is measured against.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

static char *
read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t len = 0;

	if (!file || getdelim(&text, &len, '\0', file) < 0)
		perror(path);
	if (file)
		fclose(file);
	return text;
}

int
main(int argc, char **argv)
{
	struct rule_list list;
	enum peer_tree tree;
	char *text;
	bool ok;

	if (argc != 3) {
		fprintf(stderr, "usage: bench-peer linear|tree LIST\n");
		return 2;
	}
	tree = strcmp(argv[1], "tree") ? PEER_LINEAR : PEER_TREE;
	text = read_text(argv[2]);
	if (!text)
		return 1;
	ok = rule_list_read(&list, text) &&
	     peer_compile(&list, tree, STDOUT_FILENO);
	rule_list_finish(&list);
	free(text);
	return !ok;
}
