#include "observe.h"

#include <errno.h>
#include <linux/audit.h>
#include <sched.h>
#include <stddef.h>
#include <sys/user.h>

enum {
	CLONE_X86_64 = 56,
	CLONE_I386 = 120,
	CLONE3 = 435,
	X32_BIT = 0x40000000,
};

static void
poke(const struct task *task, uint64_t flags)
{
	ptrace(task->in_memory ? PTRACE_POKEDATA : PTRACE_POKEUSER, task->tid,
	       task->place, flags);
}

/* clone3's flags are the first of what its first argument points to; zero if
 * that is nowhere, and the call will fail. */
static uint64_t
peek_flags(const struct task *task, uint64_t address)
{
	long flags;

	errno = 0;
	flags = ptrace(PTRACE_PEEKDATA, task->tid, address, 0);
	return errno ? 0 : (uint64_t)flags;
}

/*
 * The flag is taken out of where the kernel will read it.  Other threads may
 * see that it is missing until the call is done, and the new task keeps it so.
 */
void
observe_clone(struct task *task, const struct __ptrace_syscall_info *info)
{
	bool i386 = info->arch == AUDIT_ARCH_I386;
	uint64_t number = info->seccomp.nr & ~(uint64_t)(i386 ? 0 : X32_BIT);
	uint64_t flags;

	task->untraced = false;
	task->in_memory = number == CLONE3;
	if (number == (i386 ? CLONE_I386 : CLONE_X86_64)) {
		flags = info->seccomp.args[0];
		task->place = i386 ? offsetof(struct user, regs.rbx)
				   : offsetof(struct user, regs.rdi);
	} else if (task->in_memory) {
		task->place = i386 ? (uint32_t)info->seccomp.args[0]
				   : info->seccomp.args[0];
		flags = peek_flags(task, task->place);
	} else {
		return;
	}
	task->thread = (flags & CLONE_THREAD) != 0;
	if (!(flags & CLONE_UNTRACED))
		return;
	task->untraced = true;
	task->flags = flags;
	poke(task, flags & ~(uint64_t)CLONE_UNTRACED);
}

void
observe_clone_done(struct task *task)
{
	if (!task->untraced)
		return;
	task->untraced = false;
	poke(task, task->flags);
}
