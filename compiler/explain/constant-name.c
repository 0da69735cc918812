/*
 * What values of arguments are called.  A value is a field of some bits that
 * has one name, and flags in the others; either part can be missing.
 */
#include "constant.h"

#include <string.h>

enum { ALL_BITS = -1 };

/*
 * Names are given by what they begin with, or whole; ! before it leaves them
 * out.  The source of what an argument takes is the manual page of the call.
 */
static const struct use {
	const char *calls; /* with blanks between */
	unsigned arg;
	int field; /* its bits; ALL_BITS: there are no flags */
	const char *fields, *flags;
} uses[] = {
	{ "socket socketpair", 0, ALL_BITS, "AF_ !AF_MAX", "" },
	{ "socket socketpair", 1, 0xf, "SOCK_", "SOCK_CLOEXEC SOCK_NONBLOCK" },
	{ "accept4", 3, 0, "", "SOCK_CLOEXEC SOCK_NONBLOCK" },
	{ "sendto recvfrom", 3, 0, "", "MSG_" },
	{ "sendmsg recvmsg", 2, 0, "", "MSG_" },
	{ "sendmmsg recvmmsg recvmmsg_time64", 3, 0, "", "MSG_" },
	{ "shutdown", 1, ALL_BITS, "SHUT_", "" },
	{ "setsockopt getsockopt", 1, ALL_BITS, "SOL_ IPPROTO_TCP", "" },
	{ "socketcall", 0, ALL_BITS, "SYS_", "" },
	{ "ipc", 0, ALL_BITS, "SEM MSG SHM !MSG_ !SHM_", "" },
	{ "clone", 0, 0xff, "SIG !SIG_ !SIGEV_ !SIGSTKSZ",
	  "CLONE_ !CLONE_NEWTIME" },
	{ "unshare", 0, 0, "", "CLONE_" },
	{ "setns", 1, 0, "", "CLONE_NEW" },
	{ "kill", 1, ALL_BITS, "SIG !SIG_ !SIGEV_ !SIGSTKSZ", "" },
	{ "tkill", 1, ALL_BITS, "SIG !SIG_ !SIGEV_ !SIGSTKSZ", "" },
	{ "tgkill", 2, ALL_BITS, "SIG !SIG_ !SIGEV_ !SIGSTKSZ", "" },
	{ "rt_sigaction sigaction signal", 0, ALL_BITS,
	  "SIG !SIG_ !SIGEV_ !SIGSTKSZ", "" },
	{ "rt_sigprocmask sigprocmask", 0, ALL_BITS,
	  "SIG_BLOCK SIG_UNBLOCK SIG_SETMASK", "" },
	{ "mmap mmap2 mprotect pkey_mprotect", 2, 0, "PROT_NONE",
	  "PROT_ !PROT_NONE" },
	{ "mmap mmap2", 3, 0xf, "MAP_SHARED MAP_PRIVATE MAP_DROPPABLE",
	  "MAP_ !MAP_SHARED_ !MAP_TYPE !MAP_HUGE_ !MAP_FILE" },
	{ "mremap", 3, 0, "", "MREMAP_" },
	{ "msync", 2, 0, "", "MS_ASYNC MS_SYNC MS_INVALIDATE" },
	{ "madvise", 2, ALL_BITS, "MADV_", "" },
	{ "mlockall", 0, 0, "", "MCL_" },
	{ "mlock2", 2, 0, "", "MLOCK_" },
	{ "memfd_create", 1, 0, "", "MFD_ !MFD_HUGE_" },
	{ "open", 1, 3, "O_RDONLY O_WRONLY O_RDWR",
	  "O_ !O_ACCMODE !O_RDONLY !O_WRONLY !O_RDWR !O_NDELAY" },
	{ "openat", 2, 3, "O_RDONLY O_WRONLY O_RDWR",
	  "O_ !O_ACCMODE !O_RDONLY !O_WRONLY !O_RDWR !O_NDELAY" },
	{ "pipe2", 1, 0, "", "O_CLOEXEC O_NONBLOCK O_DIRECT" },
	{ "dup3", 2, 0, "", "O_CLOEXEC" },
	{ "openat openat2 mkdirat mknodat unlinkat fchownat fchmodat "
	  "fchmodat2 newfstatat fstatat64 statx faccessat faccessat2 "
	  "renameat renameat2 linkat readlinkat futimesat utimensat "
	  "utimensat_time64 execveat name_to_handle_at open_tree",
	  0, ALL_BITS, "AT_FDCWD", "" },
	{ "renameat renameat2 linkat symlinkat", 2, ALL_BITS, "AT_FDCWD", "" },
	{ "symlinkat", 1, ALL_BITS, "AT_FDCWD", "" },
	{ "unlinkat", 2, 0, "", "AT_REMOVEDIR" },
	{ "newfstatat fstatat64 faccessat2 fchmodat2", 3, 0, "",
	  "AT_EMPTY_PATH AT_NO_AUTOMOUNT AT_SYMLINK_ AT_EACCESS" },
	{ "fchownat linkat execveat", 4, 0, "", "AT_EMPTY_PATH AT_SYMLINK_" },
	{ "renameat2", 4, 0, "", "RENAME_" },
	{ "lseek", 2, ALL_BITS, "SEEK_", "" },
	{ "fcntl fcntl64", 1, ALL_BITS,
	  "F_ !F_OK !F_RDLCK !F_WRLCK !F_UNLCK !F_EXLCK !F_SHLCK "
	  "!F_OWNER_ !F_SEAL_",
	  "" },
	{ "flock", 1, 0, "",
	  "LOCK_SH LOCK_EX LOCK_NB LOCK_UN LOCK_MAND LOCK_READ" },
	{ "ioctl", 1, ALL_BITS,
	  "TC TI FIO SIOC FS_IOC_ BLK !TCSA !TC_ !TCI !TCO !TIOCM_ !TIOCPKT_ "
	  "!TIMER_ "
	  "!TIOCSER_ !TIOCINQ !BLKTRACE",
	  "" },
	{ "prctl", 0, ALL_BITS,
	  "PR_GET_ PR_SET_ PR_CAPBSET_ PR_CAP_AMBIENT PR_TASK_ PR_MCE_KILL "
	  "PR_SCHED_CORE PR_MPX_ PR_SVE_SET PR_SME_SET PR_PAC_RESET "
	  "PR_RISCV_SET PR_PPC_SET !PR_SET_MM_ !PR_CAP_AMBIENT_ !PR_MCE_KILL_ "
	  "!PR_SCHED_CORE_ !PR_SET_PTRACER_ !PR_GET_AUXV_",
	  "" },
	{ "arch_prctl", 0, ALL_BITS, "ARCH_", "" },
	{ "personality", 0, 0xff, "PER_ !PER_MASK",
	  "ADDR_ READ_IMPLIES_EXEC STICKY_TIMEOUTS UNAME26 WHOLE_SECONDS "
	  "SHORT_INODE MMAP_PAGE_ZERO FDPIC_FUNCPTRS" },
	{ "ptrace", 0, ALL_BITS,
	  "PTRACE_ !PTRACE_EVENT !PTRACE_O_ !PTRACE_SYSCALL_INFO_", "" },
	{ "keyctl", 0, ALL_BITS,
	  "KEYCTL_ !KEYCTL_CAPS !KEYCTL_MOVE_ !KEYCTL_SUPPORTS_", "" },
	{ "keyctl", 0, ALL_BITS, "KEYCTL_CAPABILITIES", "" },
	{ "bpf", 0, ALL_BITS, "BPF_", "" },
	{ "seccomp", 0, ALL_BITS,
	  "SECCOMP_SET_MODE_ SECCOMP_GET_ACTION_ SECCOMP_GET_NOTIF_", "" },
	{ "seccomp", 1, 0, "", "SECCOMP_FILTER_FLAG_" },
	{ "futex futex_time64", 1, 0x7f,
	  "FUTEX_ !FUTEX_CMD_ !FUTEX_PRIVATE_ !FUTEX_CLOCK_ !FUTEX_OP_ "
	  "!FUTEX_WAITERS !FUTEX_OWNER_ !FUTEX_TID_ !FUTEX_BITSET_ "
	  "!FUTEX2_",
	  "FUTEX_PRIVATE_FLAG FUTEX_CLOCK_REALTIME" },
	{ "epoll_ctl", 1, ALL_BITS, "EPOLL_CTL_", "" },
	{ "epoll_create1", 0, 0, "", "EPOLL_CLOEXEC" },
	{ "getrlimit setrlimit ugetrlimit", 0, ALL_BITS, "RLIMIT_", "" },
	{ "prlimit64", 1, ALL_BITS, "RLIMIT_", "" },
	{ "mount", 3, 0, "",
	  "MS_ !MS_ASYNC !MS_INVALIDATE !MS_SYNC !MS_RMT_MASK !MS_MGC_ "
	  "!MS_VERBOSE" },
	{ "umount2", 1, 0, "", "MNT_ UMOUNT_" },
	{ "reboot", 2, ALL_BITS, "LINUX_REBOOT_CMD_", "" },
	{ "clock_gettime clock_settime clock_getres clock_nanosleep "
	  "clock_adjtime clock_gettime64 clock_settime64 "
	  "clock_getres_time64 clock_nanosleep_time64 timer_create "
	  "timerfd_create",
	  0, ALL_BITS, "CLOCK_ !CLOCK_AUX", "" },
	{ "getrandom", 2, 0, "", "GRND_" },
	{ "kcmp", 2, ALL_BITS, "KCMP_", "" },
	{ "membarrier", 0, ALL_BITS, "MEMBARRIER_CMD_", "" },
};

/* Whether a list has a word. */
static bool
lists_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = list; (s = strstr(s, word)); s += len)
		if ((s == list || s[-1] == ' ') && (!s[len] || s[len] == ' '))
			return true;
	return false;
}

/* Whether the last word of a list that name begins with takes it in. */
static bool
takes(const char *list, const char *name)
{
	bool in = false;

	while (*list) {
		bool out = *list == '!';
		size_t len;

		list += out;
		len = strcspn(list, " ");
		if (!strncmp(list, name, len))
			in = !out;
		list += len;
		list += strspn(list, " ");
	}
	return in;
}

/* Names that mean the same as another, which is the one that is printed. */
static bool
is_second(const char *name)
{
	static const char second[] =
		"AF_LOCAL AF_FILE AF_ROUTE SIGCLD SIGIOT SIGPOLL SIGUNUSED "
		"MAP_ANON BPF_PROG_RUN MEMBARRIER_CMD_SHARED";

	return lists_word(second, name);
}

/* The name that takes most of the bits of value, of those in the list and,
 * with all, all of them; *bits are what it takes. */
static const char *
find_name(const char *list, uint64_t value, bool all, uint64_t *bits)
{
	const char *found = NULL, *name;
	uint64_t v;
	int most = -1;

	for (size_t i = 0; *list && (name = constant_at(i, &v)); i++) {
		if (all ? v != value : !v || (v & ~value))
			continue;
		if (__builtin_popcountll(v) <= most || !takes(list, name) ||
		    is_second(name))
			continue;
		most = __builtin_popcountll(v);
		found = name;
		*bits = v;
	}
	return found;
}

/* An int can come with its sign in all 64 bits or in 32. */
static const char *
find_field(const struct use *use, uint64_t value, uint64_t *bits)
{
	const char *name = find_name(use->fields, value, true, bits);

	if (!name && value >> 31 == 1)
		name = find_name(use->fields, (uint64_t)(int64_t)(int32_t)value,
				 true, bits);
	return name;
}

struct writer {
	struct buf *buf;  /* NULL: names are counted alone */
	const char *name; /* the last one */
	size_t names;
	uint64_t rest; /* that has none */
};

static void
add_name(struct writer *w, const char *name)
{
	if (w->buf)
		buf_printf(w->buf, "%s%s", w->names ? "|" : "", name);
	w->name = name;
	w->names++;
}

static uint64_t
use_field(const struct use *use)
{
	return use->field == ALL_BITS ? UINT64_MAX : (uint64_t)use->field;
}

static void
write_use(struct writer *w, const struct use *use, uint64_t value)
{
	uint64_t field = use_field(use);
	uint64_t flags = value & ~field, bits;
	const char *name = find_field(use, value & field, &bits);

	/* A field of 0 that has no name says nothing; one that is no field
	 * says something of no flags alone. */
	if (name && (field || !flags))
		add_name(w, name);
	else
		w->rest = value & field;
	while (flags && (name = find_name(use->flags, flags, false, &bits))) {
		add_name(w, name);
		flags &= ~bits;
	}
	w->rest |= flags;
}

static void
write_value(struct writer *w, const char *syscall, unsigned arg, uint64_t value)
{
	/* -1 asks for something, and is no flags. */
	if ((uint32_t)value == UINT32_MAX)
		return;
	for (size_t i = 0; i < LENGTH(uses) && !w->names; i++) {
		if (uses[i].arg != arg || !lists_word(uses[i].calls, syscall))
			continue;
		w->rest = 0;
		write_use(w, &uses[i], value);
	}
}

const char *
constant_name(const char *syscall, unsigned arg, uint64_t value)
{
	struct writer w = { 0 };

	write_value(&w, syscall, arg, value);
	return w.names == 1 && !w.rest ? w.name : NULL;
}

bool
constant_write(struct buf *buf, const char *syscall, unsigned arg,
	       uint64_t value)
{
	struct writer w = { .buf = buf };

	write_value(&w, syscall, arg, value);
	if (w.names && w.rest)
		buf_printf(buf, "|0x%llx", (unsigned long long)w.rest);
	return w.names;
}

uint64_t
constant_field(const char *syscall, unsigned arg)
{
	uint64_t field = 0;

	for (size_t i = 0; i < LENGTH(uses); i++)
		if (uses[i].arg == arg && lists_word(uses[i].calls, syscall))
			field |= use_field(&uses[i]);
	return field;
}
