#include "bench.h"

#include <stdlib.h>
#include <string.h>

const char *const hot_names[HOT_COUNT] = {
	"read", "write",  "futex",	   "epoll_wait", "close",
	"mmap", "openat", "clock_gettime", "recvfrom",	 "sendto",
};

const char *const abi_titles[ABIS_COUNT] = {
	[ABIS_ALONE] = "x86_64 alone",
	[ABIS_THREE] = "x86_64, i386, x32",
};

/*
 * Alone, as other compilers have it: they know one arch, and neither ENOSYS
 * for new numbers nor an action of its own for other archs.
 */
const char *const abi_options[ABIS_COUNT][6] = {
	[ABIS_ALONE] = { "--caps=none", "--kernel=6.1", "--arch=x86_64",
			 "--unknown=default", "--foreign-arch=default" },
	[ABIS_THREE] = { "--caps=none", "--kernel=6.1",
			 "--arch=x86_64,i386,x32" },
};

const struct line lines[] = {
	{ "uniform weights",
	  ABIS_ALONE,
	  { "--weights=uniform" },
	  &weights_uniform,
	  OPTIMIZE_BALANCED },
	{ "for size",
	  ABIS_ALONE,
	  { "--optimize=size", "--weights=uniform" },
	  &weights_uniform,
	  OPTIMIZE_SIZE },
	{ "hot weights",
	  ABIS_ALONE,
	  { LINE_HOT_FILE },
	  NULL,
	  OPTIMIZE_BALANCED },
	{ "nothing said",
	  ABIS_ALONE,
	  { NULL },
	  &weights_built_in,
	  OPTIMIZE_BALANCED },
	{ "for size",
	  ABIS_THREE,
	  { "--optimize=size" },
	  &weights_built_in,
	  OPTIMIZE_SIZE },
	{ "nothing said",
	  ABIS_THREE,
	  { NULL },
	  &weights_built_in,
	  OPTIMIZE_BALANCED },
};

const size_t line_count = LENGTH(lines);

void
line_options(const struct line *line, const char *hot,
	     const char *options[OPTIONS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; abi_options[line->abis][i]; i++)
		options[n++] = abi_options[line->abis][i];
	for (size_t i = 0; i < LENGTH(line->options) && line->options[i]; i++) {
		bool file = !strcmp(line->options[i], LINE_HOT_FILE);

		options[n++] = file ? hot : line->options[i];
	}
	options[n] = NULL;
}

unsigned
weights_hot(size_t i)
{
	const char *name = syscall_names[syscall_numbers[ABI_X86_64][i]].name;

	for (size_t j = 0; j < HOT_COUNT; j++)
		if (!strcmp(name, hot_names[j]))
			return 1000;
	return 1;
}

/* What reading weights_write()'s file comes to: other names have none. */
static const struct weights *
hot_weights(void)
{
	static uint64_t *counts;
	static struct weights weights;

	if (counts)
		return &weights;
	counts = calloc(syscall_name_count, sizeof(*counts));
	if (!counts)
		abort();
	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++)
		counts[syscall_numbers[ABI_X86_64][i]] = weights_hot(i);
	weights = (struct weights){ counts, WEIGHTS_EVEN };
	return &weights;
}

void
line_start(struct compilation *c, const struct line *line, const char *path,
	   const char *text, size_t len)
{
	compilation_init(c, path, text, len);
	c->options.caps_given = c->options.kernel_given = true;
	c->options.kernel = 6 << 8 | 1;
	c->options.weights = line->weights ? line->weights : hot_weights();
	c->options.optimize = line->optimize;
	c->options.abis = (1 << ABI_COUNT) - 1;
	if (line->abis == ABIS_ALONE) {
		c->options.abis = 1 << ABI_X86_64;
		c->options.unknown = UNKNOWN_DEFAULT;
		c->options.foreign_default = true;
	}
}

bool
weights_write(const char *path)
{
	FILE *file = fopen(path, "w");
	bool ok;

	if (!file)
		return false;
	for (size_t i = 0; i < syscall_number_count[ABI_X86_64]; i++)
		fprintf(file, "%s %u\n",
			syscall_names[syscall_numbers[ABI_X86_64][i]].name,
			weights_hot(i));
	ok = !ferror(file);
	return !fclose(file) && ok;
}
