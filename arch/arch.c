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
