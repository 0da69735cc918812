#include "arch.h"

#include <linux/audit.h>

const struct arch arch_x86_64 = {
	.name = "x86_64",
	.scmp_name = "SCMP_ARCH_X86_64",
	.go_name = "amd64",
	.audit_name = "AUDIT_ARCH_X86_64",
	.audit_token = AUDIT_ARCH_X86_64,
	.args = ARGS_64,
};
