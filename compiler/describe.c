#include "prove.h"

#include <string.h>

enum abi
call_abi(const struct seccomp_data *call)
{
	return arch_of_call(call->arch, (uint32_t)call->nr);
}

const struct syscall_name *
call_name(const struct seccomp_data *call)
{
	enum abi abi = call_abi(call);

	if (abi == ABI_COUNT)
		return NULL;
	return syscall_find_number(abi, (uint32_t)call->nr ^
						arch_table[abi]->number_bit);
}

void
describe_abis(struct buf *buf, abi_set abis)
{
	const char *comma = "";

	for (size_t i = 0; i < ABI_COUNT; i++) {
		if (!(abis >> i & 1))
			continue;
		buf_printf(buf, "%s%s", comma, arch_table[i]->name);
		comma = ", ";
	}
}

static void
write_number(struct buf *buf, const char *name, unsigned arg, uint64_t value)
{
	(void)name;
	(void)arg;
	buf_printf(buf, "0x%llx", (unsigned long long)value);
}

static void
write_args(struct buf *buf, const struct syscall_name *name, enum abi abi,
	   const __u64 values[6], uint32_t words, describe_value *write_value)
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
		write_value(buf, name ? name->name : "", i, values[i]);
		comma = ", ";
		shown++;
	}
	if (known ? shown < args->count : shown < 6)
		buf_printf(buf, "%s...", comma);
	buf_printf(buf, ")");
}

void
describe_named(struct buf *buf, enum abi abi, const char *name,
	       const __u64 args[6], uint32_t words)
{
	buf_printf(buf, "%s %s", arch_table[abi]->name, name);
	write_args(buf, syscall_find(name), abi, args, words, write_number);
}

void
describe_call_by(struct buf *buf, const struct seccomp_data *call,
		 uint32_t words, describe_value *write_value)
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
	write_args(buf, name, abi, call->args, words, write_value);
	if (words & DD_IP_WORDS)
		buf_printf(buf, " at 0x%llx",
			   (unsigned long long)call->instruction_pointer);
}

void
describe_call(struct buf *buf, const struct seccomp_data *call, uint32_t words)
{
	describe_call_by(buf, call, words, write_number);
}
