#include "compiler.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/errno.h keeps this one from user space. */
enum { KERNEL_ENOTSUPP = 524 };

int
install_filter(const struct sock_filter *code, size_t count, uint32_t flags,
	       int *thread)
{
	struct sock_fprog program = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)code,
	};
	long result;

	*thread = 0;
	if (count == 0 || count > BPF_MAXINSNS) {
		errno = EINVAL;
		return -1;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	if (flags)
		result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags,
				 &program);
	else
		result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0,
			       0);
	if (flags & SECCOMP_FILTER_FLAG_NEW_LISTENER)
		return (int)result;
	if (result > 0) {
		*thread = (int)result;
		errno = ESRCH;
	}
	return result ? -1 : 0;
}

const char *
install_known_cause(int error)
{
	switch (error) {
	case KERNEL_ENOTSUPP:
		return "the JIT's memory is used up "
		       "(sysctl net.core.bpf_jit_limit)";
	case EACCES:
		return "no_new_privs is not set, or something that is in "
		       "force already refuses the call";
	case EPERM:
		return "a filter that is in force already refuses the call";
	case EBUSY:
		return "a filter that is in force already has a listener";
	case ENOMEM:
		return "the filters stacked on this process are too long "
		       "together (32768 instructions)";
	case EINVAL:
		return "the kernel has no seccomp filters, or refuses this "
		       "program or a flag";
	case ENOSYS:
		return "the kernel has no seccomp(2), or a filter that is in "
		       "force already refuses it";
	case ESRCH:
		return "another thread cannot take the filter (TSYNC)";
	default:
		return NULL;
	}
}

const char *
install_cause(int error)
{
	const char *cause = install_known_cause(error);

	return cause ? cause : strerror(error);
}

bool
install_refuses(const struct sock_filter *code, size_t count, int number,
		const uint64_t args[6])
{
	struct seccomp_data data = { .nr = number, .arch = AUDIT_ARCH_X86_64 };
	uint32_t action;

	memcpy(data.args, args, sizeof(data.args));
	action = bpf_run(code, count, &data, NULL) & SECCOMP_RET_ACTION_FULL;
	/* What the kernel does not know kills. */
	return action != SECCOMP_RET_ALLOW && action != SECCOMP_RET_LOG &&
	       action != SECCOMP_RET_TRACE;
}

bool
install_needs_listener(const struct sock_filter *code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code[i].code == (BPF_RET | BPF_K) &&
		    (code[i].k & SECCOMP_RET_ACTION_FULL) ==
			    SECCOMP_RET_USER_NOTIF)
			return true;
	return false;
}
