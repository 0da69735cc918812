#include "input.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

/* Text has no NUL; a program has them in every instruction but freaks. */
static bool
is_program(const char *data, size_t len)
{
	return len % sizeof(struct sock_filter) == 0 && memchr(data, 0, len);
}

static bool
read_file(struct input *in, const char *path, size_t *len)
{
	memset(in, 0, sizeof(*in));
	in->name = tool_name(path);
	in->shown = strdup(in->name);
	if (!in->shown) {
		tool_error("out of memory");
		return false;
	}
	text_clean(in->shown);
	in->data = tool_read(path, LIMIT_FILE, len);
	return in->data;
}

static int
take_program(struct input *in, size_t len)
{
	char why[128];

	in->is_program = true;
	in->side.code = (const struct sock_filter *)in->data;
	if (program_check(in->data, len, &in->side.count, why, sizeof(why)))
		return STATUS_OK;
	tool_error("%s: %s", in->name, why);
	return STATUS_REJECTED;
}

static int
take_profile(struct input *in, const struct target_options *target, size_t len)
{
	bool ok = target_compile(target, &in->c, in->name, in->data, len);

	target_report(target, &in->c);
	if (!ok)
		return compilation_unproved(&in->c) ? STATUS_UNPROVED
					       : STATUS_REJECTED;
	in->side.ruleset = in->c.ruleset;
	in->side.code = in->c.program->code.v;
	in->side.count = in->c.program->code.n;
	return STATUS_OK;
}

int
input_load(struct input *in, const struct target_options *target,
	   const char *path)
{
	size_t len;

	if (!read_file(in, path, &len))
		return STATUS_REJECTED;
	return is_program(in->data, len) ? take_program(in, len)
					 : take_profile(in, target, len);
}

int
input_load_profile(struct input *in, const struct target_options *target,
		   const char *path)
{
	size_t len;

	if (!read_file(in, path, &len))
		return STATUS_REJECTED;
	if (is_program(in->data, len)) {
		tool_error("%s: a program, where a profile is needed",
			   in->name);
		return STATUS_REJECTED;
	}
	return take_profile(in, target, len);
}

int
input_load_program(struct input *in, const char *path)
{
	size_t len;

	if (!read_file(in, path, &len))
		return STATUS_REJECTED;
	/* No instruction has a code of more than one byte. */
	if (len && !memchr(in->data, 0, len)) {
		tool_error("%s: text, where a program is needed: 'seccompc "
			   "compile' makes one of a profile",
			   in->name);
		return STATUS_REJECTED;
	}
	return take_program(in, len);
}

void
input_finish(struct input *in)
{
	compilation_finish(&in->c);
	free(in->data);
	free(in->shown);
}
