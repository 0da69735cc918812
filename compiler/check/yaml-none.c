/* What stands for yaml.c in a build without libyaml. */
#include "yaml-read.h"

bool
yaml_supported(void)
{
	return false;
}

bool
yaml_read(struct arena *arena, const struct source *source, struct diags *diags,
	  struct yaml_documents *documents)
{
	(void)arena;
	(void)source;
	(void)documents;
	return diag_offset(diags, LINT_YAML_SYNTAX, 0,
			   "build with libyaml (-Dyaml=enabled), or convert "
			   "the manifest to JSON",
			   "this build does not read YAML");
}
