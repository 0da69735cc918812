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

void
call_write_value(struct buf *buf, const char *syscall, unsigned arg,
		 uint64_t value)
{
	bool named = constant_write(buf, syscall, arg, value);

	if (!named)
		buf_printf(buf, value < 10 ? "%llu" : "0x%llx",
			   (unsigned long long)value);
	else if (value >> 31)
		buf_printf(buf, " (0x%llx)", (unsigned long long)value);
}

static void
write_args(struct buf *buf, const struct syscall_name *name, enum abi abi,
	   const __u64 values[6], uint32_t words)
{
	const struct syscall_args *args = name ? &name->args[abi] : NULL;
	bool known = args && args->known;
	const char *comma = "";
	unsigned shown = 0;

	buf_printf(buf, "(");
	for (unsigned i = 0; i < 6; i++) {
		if (!(words >> (DD_ARGS + 2 * i) & 3))
			continue;
		buf_printf(buf, "%s", comma);
		if (known && i < args->count)
			buf_printf(buf, "%s=", syscall_arg_name(args, i));
		else
			buf_printf(buf, "arg%u=", i);
		call_write_value(buf, name ? name->name : "", i, values[i]);
		comma = ", ";
		shown++;
	}
	if (known ? shown < args->count : shown < 6)
		buf_printf(buf, "%s...", comma);
	buf_printf(buf, ")");
}

void
call_write(struct buf *buf, const struct seccomp_data *call, uint32_t words)
{
	enum abi abi = call_abi(call);
	const struct syscall_name *name = call_name(call);
	uint32_t nr = (uint32_t)call->nr;

	if (abi == ABI_COUNT)
		buf_printf(buf, "arch 0x%x syscall ", call->arch);
	else
		buf_printf(buf, "%s %s", arch_table[abi]->name,
			   name ? name->name : "syscall ");
	if (!name)
		buf_printf(buf, nr < 65536 ? "%u" : "0x%x", nr);
	write_args(buf, name, abi, call->args, words);
	if (words & DD_IP_WORDS)
		buf_printf(buf, " at 0x%llx",
			   (unsigned long long)call->instruction_pointer);
}
