#include "expect.h"

#include <string.h>

#include "constant.h"

unsigned
call_arg_width(const struct syscall_name *name, enum abi abi, unsigned arg)
{
	const struct syscall_args *args = name ? &name->args[abi] : NULL;

	if (args && args->known && arg < args->count)
		return syscall_arg(args, arg)->width[abi];
	return arch_table[abi]->args == ARGS_LOW ? 32 : 64;
}

bool
call_arg_signed(const struct syscall_name *name, enum abi abi, unsigned arg)
{
	const struct syscall_args *args = name ? &name->args[abi] : NULL;

	if (!args || !args->known || arg >= args->count)
		return false;
	return syscall_arg(args, arg)->sign == 's' ||
	       (arg == 1 && !strcmp(name->name, "ioctl"));
}

bool
call_write_behind(struct buf *buf, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		for (size_t j = 0; j < arch->mux_count; j++) {
			const struct mux *mux = &arch->muxes[j];

			for (size_t k = 0; k < mux->count; k++) {
				if (strcmp(mux->calls[k].name, name) != 0)
					continue;
				buf_printf(buf, "%s%s has it as %s(%u, ...)",
					   found ? ", " : "", arch->name,
					   mux->name, mux->calls[k].call);
				found = true;
			}
		}
	}
	return found;
}

/* A name and, where that does not say which of two values it is, the number;
 * or the number. */
static void
write_value(struct buf *buf, const char *syscall, unsigned arg, uint64_t value)
{
	bool named = constant_write(buf, syscall, arg, value);

	if (!named)
		buf_printf(buf, value < 10 ? "%llu" : "0x%llx",
			   (unsigned long long)value);
	else if (value >> 31)
		buf_printf(buf, " (0x%llx)", (unsigned long long)value);
}

void
call_write(struct buf *buf, const struct seccomp_data *call, uint32_t words)
{
	describe_call_by(buf, call, words, write_value);
}
