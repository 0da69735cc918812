#include "tuning.h"
#include "tools.h"

#include <stdlib.h>
#include <string.h>

const char tuning_help[] =
	"What the program should be good at:\n"
	"  --weights=FILE         how often each syscall is made: what strace "
	"-c or\n"
	"                         perf trace -s printed, or lines of a name "
	"and a count\n"
	"                         (- for standard input); or built-in "
	"(default), or\n"
	"                         uniform: all alike\n"
	"  --optimize=MODE        balanced (default); speed: the fewest "
	"instructions\n"
	"                         executed; size: the shortest program\n"
	"  --tune=MODE            uncached (default): every call runs the "
	"filter;\n"
	"                         cached: Linux 5.11 and later, where what is "
	"plainly\n"
	"                         allowed does not\n";

void
tuning_init(struct tuning *tuning)
{
	memset(tuning, 0, sizeof(*tuning));
	arena_init(&tuning->arena);
}

bool
tuning_take(struct tuning *tuning, struct target_options *target, int option,
	    const char *value)
{
	if (option != TUNING_WEIGHTS)
		return target_set(target,
				  option == TUNING_TUNE ? "tune" : "optimize",
				  value);
	tuning->path = NULL;
	if (!strcmp(value, "uniform") || !strcmp(value, "built-in"))
		return target_set(target, "weights", value);
	tuning->path = value;
	if (*value)
		return true;
	tool_error("--weights takes a file, 'uniform' or 'built-in'");
	return false;
}

static bool
read_weights(struct tuning *tuning, struct target_options *target, size_t len)
{
	const struct weights *weights;

	if (setjmp(tuning->arena.oom)) {
		tool_error("%s: out of memory", tuning->path);
		return false;
	}
	tuning->source = (struct source){
		.name = tool_name(tuning->path),
		.text = tuning->text,
		.len = len,
	};
	diags_init(&tuning->diags, &tuning->arena, &tuning->source);
	settings_levels(&target->settings, &tuning->diags);
	weights = weights_read(&tuning->arena, &tuning->source, &tuning->diags);
	target_print(target, &tuning->diags);
	if (weights)
		target->settings.options.weights = weights;
	return weights;
}

int
tuning_load(struct tuning *tuning, struct target_options *target, char **paths,
	    size_t count)
{
	size_t len;

	if (!tuning->path)
		return STATUS_OK;
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(tuning->path, "-") && !strcmp(paths[i], "-")) {
			tool_error("standard input cannot be the weights and "
				   "another input");
			return STATUS_USAGE;
		}
	}
	tuning->text = tool_read(tuning->path, LIMIT_FILE, &len);
	if (!tuning->text || !read_weights(tuning, target, len))
		return STATUS_REJECTED;
	return STATUS_OK;
}

void
tuning_finish(struct tuning *tuning)
{
	arena_finish(&tuning->arena);
	free(tuning->text);
}
