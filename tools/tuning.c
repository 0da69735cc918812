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

static bool
take_weights(struct tuning *tuning, struct target_options *target,
	     const char *value)
{
	tuning->path = NULL;
	target->options.weights = &weights_built_in;
	if (!strcmp(value, "uniform"))
		target->options.weights = &weights_uniform;
	else if (strcmp(value, "built-in") != 0)
		tuning->path = value;
	if (*value)
		return true;
	tool_error("--weights takes a file, 'uniform' or 'built-in'");
	return false;
}

static bool
take_optimize(struct target_options *target, const char *value)
{
	if (!strcmp(value, "balanced"))
		target->options.optimize = OPTIMIZE_BALANCED;
	else if (!strcmp(value, "speed"))
		target->options.optimize = OPTIMIZE_SPEED;
	else if (!strcmp(value, "size"))
		target->options.optimize = OPTIMIZE_SIZE;
	else {
		tool_error("--optimize cannot be '%s': there are balanced, "
			   "speed and size",
			   value);
		return false;
	}
	return true;
}

static bool
take_tune(struct target_options *target, const char *value)
{
	if (!strcmp(value, "cached"))
		target->options.tune = TUNE_CACHED;
	else if (!strcmp(value, "uncached"))
		target->options.tune = TUNE_UNCACHED;
	else {
		tool_error("--tune cannot be '%s': there are uncached and "
			   "cached",
			   value);
		return false;
	}
	return true;
}

bool
tuning_take(struct tuning *tuning, struct target_options *target, int option,
	    const char *value)
{
	if (option == TUNING_WEIGHTS)
		return take_weights(tuning, target, value);
	return option == TUNING_TUNE ? take_tune(target, value)
				     : take_optimize(target, value);
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
		.name = strcmp(tuning->path, "-") ? tuning->path : "<stdin>",
		.text = tuning->text,
		.len = len,
	};
	diags_init(&tuning->diags, &tuning->arena, &tuning->source);
	target_levels(target, &tuning->diags);
	weights = weights_read(&tuning->arena, &tuning->source, &tuning->diags);
	target_print(target, &tuning->diags);
	if (weights)
		target->options.weights = weights;
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
