#include "arch.h"

#include <string.h>

const struct arch *const arch_table[ABI_COUNT] = {
	[ABI_X86_64] = &arch_x86_64,
	[ABI_I386] = &arch_i386,
	[ABI_X32] = &arch_x32,
};

enum abi
arch_find(const char *name)
{
	for (size_t i = 0; i < ABI_COUNT; i++) {
		const struct arch *arch = arch_table[i];

		if (!strcmp(name, arch->name) ||
		    !strcmp(name, arch->scmp_name) ||
		    !strcmp(name, arch->go_name))
			return (enum abi)i;
	}
	return ABI_COUNT;
}

enum abi
arch_of_call(uint32_t token, uint32_t number)
{
	enum abi found = ABI_COUNT;

	for (size_t i = 0; i < ABI_COUNT; i++) {
		uint32_t bit = arch_table[i]->number_bit;

		if (arch_table[i]->audit_token == token &&
		    (number & bit) == bit && (found == ABI_COUNT || bit))
			found = (enum abi)i;
	}
	return found;
}
