/* The public functions of seccompc.h, on top of the passes. */
#include "clean.h"
#include "library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *
scc_version(void)
{
	return SECCOMPC_VERSION;
}

const char *
scc_result_text(enum scc_result result)
{
	static const char *const texts[] = {
		[SCC_OK] = "no error",
		[SCC_REJECTED] = "the input is refused",
		[SCC_USAGE] = "an argument makes no sense",
		[SCC_UNPROVED] = "a proof failed or gave up",
		[SCC_NO_MEMORY] = "out of memory",
	};

	return (unsigned)result < LENGTH(texts) ? texts[result]
						: "an unknown result";
}

struct scc_options *
scc_options_create(void)
{
	struct scc_options *options = calloc(1, sizeof(*options));

	if (!options)
		return NULL;
	settings_init(&options->settings);
	arena_init(&options->arena);
	return options;
}

void
scc_options_destroy(struct scc_options *options)
{
	if (!options)
		return;
	arena_finish(&options->arena);
	free(options);
}

enum scc_result
scc_options_set(struct scc_options *options, const char *name,
		const char *value)
{
	options->error[0] = '\0';
	return settings_set(&options->settings, name, value, options->error,
			    sizeof(options->error))
		       ? SCC_OK
		       : SCC_USAGE;
}

void
scc_options_set_caps(struct scc_options *options, uint64_t caps)
{
	options->error[0] = '\0';
	options->settings.options.caps_given = true;
	options->settings.options.caps = caps;
}

/* The weights are in the arena, unless an error says why not. */
static enum scc_result
read_weights(struct scc_options *options, struct arena *arena,
	     const struct source *source)
{
	const struct weights *weights;
	struct diags diags;

	if (setjmp(arena->oom))
		return SCC_NO_MEMORY;
	diags_init(&diags, arena, source);
	settings_levels(&options->settings, &diags);
	weights = weights_read(arena, source, &diags);
	if (weights) {
		options->settings.options.weights = weights;
		return SCC_OK;
	}
	for (size_t i = 0; i < diags.list.n; i++) {
		const struct diag *diag = &diags.list.v[i];
		size_t line, column;

		if (diag->severity != SEVERITY_ERROR)
			continue;
		if (diag_position(source, diag, &line, &column))
			snprintf(options->error, sizeof(options->error),
				 "weights, line %zu: %s", line, diag->message);
		else
			snprintf(options->error, sizeof(options->error),
				 "weights: %s", diag->message);
		text_clean(options->error);
		break;
	}
	return SCC_REJECTED;
}

enum scc_result
scc_options_set_weights(struct scc_options *options, const char *text,
			size_t len)
{
	const struct source source = { "weights", len ? text : "", len };
	struct arena arena;
	enum scc_result result;

	options->error[0] = '\0';
	arena_init(&arena);
	result = read_weights(options, &arena, &source);
	if (result == SCC_NO_MEMORY)
		snprintf(options->error, sizeof(options->error), "weights: %s",
			 scc_result_text(result));
	if (result == SCC_OK) {
		arena_finish(&options->arena);
		options->arena = arena;
	} else {
		arena_finish(&arena);
	}
	return result;
}

const char *
scc_options_error(const struct scc_options *options)
{
	return options->error;
}

const struct sock_filter *
scc_instructions(const struct scc_filter *filter, size_t *count)
{
	*count = filter->side.count;
	return filter->side.code;
}

unsigned int
scc_flags(const struct scc_filter *filter)
{
	const struct profile *profile = filter->c.profile;

	return profile ? profile->filter_flags : 0;
}

const char *
scc_listener_path(const struct scc_filter *filter)
{
	const struct profile *profile = filter->c.profile;

	return profile ? profile->listener_path : NULL;
}

const char *
scc_listener_metadata(const struct scc_filter *filter)
{
	const struct profile *profile = filter->c.profile;

	return profile ? profile->listener_metadata : NULL;
}

uint32_t
scc_decide(const struct scc_filter *filter, const struct seccomp_data *call,
	   unsigned int *executed)
{
	if (executed)
		*executed = 0;
	if (!filter->side.code)
		return SECCOMP_RET_KILL_PROCESS;
	return bpf_run(filter->side.code, filter->side.count, call, executed);
}

bool
scc_call(struct seccomp_data *call, const char *abi, const char *name)
{
	enum abi index = arch_find(abi);
	const struct syscall_name *found = syscall_find(name);

	if (index == ABI_COUNT || !found || found->number[index] < 0)
		return false;
	*call = (struct seccomp_data){
		.nr = (int)((uint32_t)found->number[index] |
			    arch_table[index]->number_bit),
		.arch = arch_table[index]->audit_token,
	};
	return true;
}

int
scc_install(const struct scc_filter *filter, unsigned int flags)
{
	const struct side *side = &filter->side;
	int thread;

	if (!side->code) {
		errno = EINVAL;
		return -1;
	}
	if (!(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) &&
	    install_needs_listener(side->code, side->count)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return install_filter(side->code, side->count, flags, &thread);
}

const char *
scc_install_error(int error)
{
	if (error == EOPNOTSUPP)
		return "the filter uses NOTIFY, and no listener is asked for";
	return install_known_cause(error);
}
