#include "install.h"
#include "tools.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/errno.h keeps this one from user space. */
enum { KERNEL_ENOTSUPP = 524 };

static const char *
cause(int error)
{
	switch (error) {
	case KERNEL_ENOTSUPP:
		return "the JIT's memory is used up "
		       "(sysctl net.core.bpf_jit_limit)";
	case EACCES:
		return "no_new_privs is not set";
	case ENOMEM:
		return "the filters stacked on this process are too long "
		       "together (32768 instructions)";
	case EINVAL:
		return "the kernel has no seccomp filters, or refuses this "
		       "program or a flag";
	case ENOSYS:
		return "the kernel has no seccomp(2)";
	default:
		return strerror(error);
	}
}

bool
install_program(const struct sock_filter *code, size_t count, uint32_t flags)
{
	struct sock_fprog program = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)code,
	};
	long result;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) {
		tool_error("cannot set no_new_privs: %s", strerror(errno));
		return false;
	}
	if (flags)
		result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
				 &program);
	else
		result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
	if (!result)
		return true;
	if (result > 0)
		tool_error("cannot install the filter: thread %ld cannot "
			   "take it (TSYNC)",
			   result);
	else
		tool_error("cannot install the filter: %s (errno %d)",
			   cause(errno), errno);
	return false;
}
