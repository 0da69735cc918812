#include "lint.h"

#include <linux/sched.h>
#include <string.h>

enum { MOST_NAMES = 10 };

/*
 * Syscalls of which each can do what those before it do: restricting one and
 * none of those behind it restricts nothing.  From the pages of section 2 of
 * the manual; some names exist on i386 alone.
 */
static const struct family {
	const char *names[MOST_NAMES]; /* up to the first NULL */
} families[] = {
	{ { "creat", "open", "openat", "openat2" } },
	{ { "execve", "execveat" } },
	{ { "fork", "vfork", "clone", "clone3" } },
	{ { "chmod", "fchmod", "fchmodat", "fchmodat2" } },
	{ { "chown", "lchown", "fchown", "chown32", "lchown32", "fchown32",
	    "fchownat" } },
	{ { "unlink", "unlinkat" } },
	{ { "rmdir", "unlinkat" } },
	{ { "rename", "renameat", "renameat2" } },
	{ { "mkdir", "mkdirat" } },
	{ { "link", "linkat" } },
	{ { "symlink", "symlinkat" } },
	{ { "mknod", "mknodat" } },
	{ { "truncate", "truncate64" } },
	{ { "ftruncate", "ftruncate64" } },
	{ { "utime", "utimes", "futimesat", "utimensat", "utimensat_time64" } },
	{ { "setxattr", "setxattrat" } },
	{ { "removexattr", "removexattrat" } },
	{ { "mount", "mount_setattr", "move_mount" } },
	{ { "umount2", "umount" } },
	{ { "quotactl", "quotactl_fd" } },
	{ { "init_module", "finit_module" } },
	{ { "kexec_load", "kexec_file_load" } },
	{ { "settimeofday", "stime", "clock_settime", "clock_settime64" } },
	{ { "adjtimex", "clock_adjtime", "clock_adjtime64" } },
	{ { "setrlimit", "prlimit64" } },
	{ { "setuid", "setuid32", "setreuid", "setreuid32", "setresuid",
	    "setresuid32" } },
	{ { "setgid", "setgid32", "setregid", "setregid32", "setresgid",
	    "setresgid32" } },
	{ { "setgroups", "setgroups32" } },
	{ { "setfsuid", "setfsuid32" } },
	{ { "setfsgid", "setfsgid32" } },
	{ { "fcntl", "fcntl64" } },
	{ { "mmap", "mmap2" } },
	{ { "mprotect", "pkey_mprotect" } },
	{ { "accept", "accept4" } },
	{ { "sendmsg", "sendmmsg" } },
	{ { "recvmsg", "recvmmsg", "recvmmsg_time64" } },
};

/*
 * Whether a profile means to restrict a syscall: it denies it although its
 * default allows, or it looks at arguments.
 */
static bool
is_restricted(struct lint *l, enum abi abi, const char *name)
{
	dd call = lint_call(l, abi, name);
	dd runs = lint_where(l, call, LINT_RUNS);

	if (call == DD_NONE || runs == DD_TRUE)
		return false;
	return runs != DD_FALSE || lint_runs_default(l);
}

static bool
is_open(struct lint *l, enum abi abi, const char *name)
{
	return lint_exists(l, abi, name) &&
	       lint_where(l, lint_call(l, abi, name), LINT_RUNS) == DD_TRUE;
}

/* clone3 beside a clone with conditions is lint_clone3()'s. */
static bool
is_clone3(struct lint *l, enum abi abi, const char *restricted)
{
	return !strcmp(restricted, "clone") &&
	       lint_where(l, lint_call(l, abi, restricted), LINT_RUNS) !=
		       DD_FALSE;
}

static void
report_family(struct lint *l, enum abi abi, const char *const *names)
{
	for (size_t i = 0; i < MOST_NAMES && names[i]; i++) {
		struct lint_list list;

		if (!is_restricted(l, abi, names[i]) ||
		    is_clone3(l, abi, names[i]))
			continue;
		lint_list_init(&list, l->arena, MOST_NAMES);
		for (size_t j = i + 1; j < MOST_NAMES && names[j]; j++)
			if (is_open(l, abi, names[j]))
				lint_list_add(&list, "'%s'", names[j]);
		if (!list.count)
			continue;
		lint_report(l, DIAG_VARIANT_OPEN, lint_place(l, names[i]),
			    "restrict them alike",
			    "%s: '%s' is restricted, but what it does can "
			    "be done with %s",
			    arch_table[abi]->name, names[i],
			    lint_list_end(&list));
		return;
	}
}

/* New namespaces come from clone with flags, and from unshare. */
static void
report_unshare(struct lint *l, enum abi abi)
{
	dd runs = lint_where(l, lint_call(l, abi, "clone"), LINT_RUNS);
	dd user = dd_equals(l->set, DD_ARGS, CLONE_NEWUSER, CLONE_NEWUSER);

	if (runs == DD_FALSE || dd_and(l->set, runs, user) != DD_FALSE ||
	    !is_open(l, abi, "unshare"))
		return;
	lint_report(l, DIAG_VARIANT_OPEN, lint_place(l, "unshare"),
		    "restrict them alike",
		    "%s: clone with CLONE_NEWUSER is denied, but 'unshare' "
		    "makes user namespaces as well",
		    arch_table[abi]->name);
}

#define RELEASE(major, minor) ((major) << 8 | (minor))

/*
 * What io_uring does without making the syscall, so that no filter sees it, and
 * the release that added the operation (include/uapi/linux/io_uring.h).  SOCKET
 * was seen to get around a filter that denies socket, on Linux 6.18.
 */
static const struct ring_call {
	const char *name;
	kernel_release since;
} ring_calls[] = {
	{ "socket", RELEASE(5, 19) },	 { "connect", RELEASE(5, 5) },
	{ "accept", RELEASE(5, 5) },	 { "accept4", RELEASE(5, 5) },
	{ "sendto", RELEASE(5, 6) },	 { "sendmsg", RELEASE(5, 3) },
	{ "open", RELEASE(5, 6) },	 { "openat", RELEASE(5, 6) },
	{ "openat2", RELEASE(5, 6) },	 { "rename", RELEASE(5, 11) },
	{ "renameat", RELEASE(5, 11) },	 { "renameat2", RELEASE(5, 11) },
	{ "unlink", RELEASE(5, 11) },	 { "unlinkat", RELEASE(5, 11) },
	{ "rmdir", RELEASE(5, 11) },	 { "mkdir", RELEASE(5, 15) },
	{ "mkdirat", RELEASE(5, 15) },	 { "link", RELEASE(5, 15) },
	{ "linkat", RELEASE(5, 15) },	 { "symlink", RELEASE(5, 15) },
	{ "symlinkat", RELEASE(5, 15) }, { "setxattr", RELEASE(5, 19) },
	{ "fsetxattr", RELEASE(5, 19) },
};

static bool
is_taken(const struct lint *l, const struct json *where)
{
	for (size_t i = 0; i < l->found.n; i++)
		if (l->found.v[i].id == DIAG_VARIANT_OPEN &&
		    l->found.v[i].where == where)
			return true;
	return false;
}

static void
report_ring(struct lint *l, enum abi abi)
{
	const struct options *options = l->c->ruleset->options;
	const struct json *where = lint_place(l, "io_uring_setup");
	const char *first = NULL;
	unsigned more = 0;

	if (!is_open(l, abi, "io_uring_setup") ||
	    !is_open(l, abi, "io_uring_enter"))
		return;
	for (size_t i = 0; i < LENGTH(ring_calls); i++) {
		const struct ring_call *call = &ring_calls[i];

		/* ENOSYS sends programs to another syscall, no more. */
		if ((options->kernel_given && call->since > options->kernel) ||
		    !is_restricted(l, abi, call->name) ||
		    lint_where(l, lint_call(l, abi, call->name), LINT_ENOSYS) ==
			    DD_TRUE)
			continue;
		more += first != NULL;
		first = first ? first : call->name;
		/* Two findings of a kind do not share a place. */
		if (is_taken(l, where))
			where = lint_place(l, call->name);
	}
	if (!first)
		return;
	lint_report(
		l, DIAG_VARIANT_OPEN,
		is_taken(l, where) ? l->c->profile->root : where,
		"deny io_uring_setup",
		"%s: '%s' is restricted, but 'io_uring_setup' leads to a "
		"way to do that which filters do not see%s",
		arch_table[abi]->name, first,
		more ? arena_printf(l->arena, "; so it is with %u more", more)
		     : "");
}

void
lint_variants(struct lint *l)
{
	enum abi native = l->c->ruleset->options->native;

	for (size_t i = 0; i < LENGTH(families); i++)
		report_family(l, native, families[i].names);
	report_unshare(l, native);
	report_ring(l, native);
}

static bool
is_on_x86_64(const char *name)
{
	const struct syscall_name *known = syscall_find(name);

	return known && known->number[ABI_X86_64] >= 0;
}

void
lint_variants_of(struct lint *l, enum abi abi, struct lint_list *list,
		 const struct json **where)
{
	for (size_t i = 0; i < LENGTH(families); i++) {
		const char *const *names = families[i].names;
		size_t first = 0;

		while (first < MOST_NAMES && names[first] &&
		       !is_restricted(l, ABI_X86_64, names[first]))
			first++;
		for (size_t j = first + 1; j < MOST_NAMES && names[j]; j++) {
			if (is_on_x86_64(names[j]) ||
			    !is_open(l, abi, names[j]))
				continue;
			lint_list_add(list, "'%s'", names[j]);
			if (!*where)
				*where = lint_place(l, names[first]);
		}
	}
}
