#include "arch.h"

#include <linux/audit.h>

/*
 * x32 shares the audit arch token of x86_64; __X32_SYSCALL_BIT of
 * asm/unistd.h tells them apart.
 */
const struct arch arch_x32 = {
	.name = "x32",
	.scmp_name = "SCMP_ARCH_X32",
	.go_name = "x32",
	.audit_name = "AUDIT_ARCH_X86_64",
	.audit_token = AUDIT_ARCH_X86_64,
	.number_bit = 0x40000000,
	.args = ARGS_64_OR_LOW,
};
