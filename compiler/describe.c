#include "prove.h"

#include <string.h>

enum abi
call_abi(const struct seccomp_data *call)
{
	enum abi found = ABI_COUNT;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t bit = arch_table[i]->number_bit;

		if (arch_table[i]->audit_token == call->arch &&
		    ((uint32_t)call->nr & bit) == bit &&
		    (found == ABI_COUNT || bit))
			found = (enum abi)i;
	}
	return found;
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

static void
write_args(struct buf *buf, const struct syscall_args *args,
	   const __u64 values[6], uint32_t words)
{
	bool known = args && args->known;
	const char *comma = "";
	unsigned shown = 0;

	buf_printf(buf, "(");
	for (unsigned i = 0; i < 6; i++) {
		if (!(words >> (DD_ARGS + 2 * i) & 3))
			continue;
		buf_printf(buf, "%s", comma);
		if (known && i < args->count)
			buf_printf(buf, "%s", syscall_arg_name(args, i));
		else
			buf_printf(buf, "arg%u", i);
		buf_printf(buf, "=0x%llx", (unsigned long long)values[i]);
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
	const struct syscall_name *known = syscall_find(name);

	buf_printf(buf, "%s %s", arch_table[abi]->name, name);
	write_args(buf, known ? &known->args[abi] : NULL, args, words);
}

void
describe_call(struct buf *buf, const struct seccomp_data *call, uint32_t words)
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
	write_args(buf, name ? &name->args[abi] : NULL, call->args, words);
	if (words & (3u << 2))
		buf_printf(buf, " at 0x%llx",
			   (unsigned long long)call->instruction_pointer);
}
