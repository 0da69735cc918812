#include "compiler.h"

#include <errno.h>
#include <linux/audit.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/errno.h keeps this one from user space. */
enum { KERNEL_ENOTSUPP = 524 };

/* All that a filter in force can see of this is where the program is. */
static __attribute__((noinline)) long
attach(const struct sock_fprog *program, uint32_t flags)
{
	if (flags)
		return syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER,
			       (long)flags, program, 0L, 0L, 0L);
	return syscall(SYS_prctl, (long)PR_SET_SECCOMP,
		       (long)SECCOMP_MODE_FILTER, program, 0L, 0L, 0L);
}

/*
 * Whether it is the kernel that answers.  A filter in force can answer in its
 * place, even with success (ERRNO with 0), but by the call alone: so it says
 * the same of a program that every kernel refuses first of all.
 */
static bool
reaches_kernel(struct sock_fprog *program, uint32_t flags)
{
	unsigned short len = program->len;
	long result;

	program->len = 0;
	result = attach(program, flags);
	program->len = len;
	if (result < 0)
		return errno == EINVAL;
	errno = EPERM;
	return false;
}

/* Nor can a filter answer 1; -1: it does not let this be asked. */
static bool
set_no_new_privs(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return false;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0))
		return true;
	errno = EPERM;
	return false;
}

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
	if (!set_no_new_privs() || !reaches_kernel(&program, flags))
		return -1;
	result = attach(&program, flags);
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
		return "a filter that is in force already refuses the call, "
		       "or answers it in the kernel's place";
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
