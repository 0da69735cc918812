#include "arch.h"

#include <linux/audit.h>

/* SYS_* of linux/net.h; net/socket.c takes all 32 bits of args[0]. */
static const struct mux_call socketcall[] = {
	{ "socket", 1 },      { "bind", 2 },	    { "connect", 3 },
	{ "listen", 4 },      { "accept", 5 },	    { "getsockname", 6 },
	{ "getpeername", 7 }, { "socketpair", 8 },  { "send", 9 },
	{ "recv", 10 },	      { "sendto", 11 },	    { "recvfrom", 12 },
	{ "shutdown", 13 },   { "setsockopt", 14 }, { "getsockopt", 15 },
	{ "sendmsg", 16 },    { "recvmsg", 17 },    { "accept4", 18 },
	{ "recvmmsg", 19 },   { "sendmmsg", 20 },
};

/* linux/ipc.h; ipc/syscall.c keeps a version in the high 16 bits. */
static const struct mux_call ipc[] = {
	{ "semop", 1 },	  { "semget", 2 },  { "semctl", 3 },
	{ "semtimedop", 4 }, { "msgsnd", 11 }, { "msgrcv", 12 },
	{ "msgget", 13 }, { "msgctl", 14 }, { "shmat", 21 },
	{ "shmdt", 22 },  { "shmget", 23 }, { "shmctl", 24 },
};

static const struct mux muxes[] = {
	{ "socketcall", 0xffffffff, socketcall,
	  sizeof(socketcall) / sizeof(*socketcall) },
	{ "ipc", 0xffff, ipc, sizeof(ipc) / sizeof(*ipc) },
};

const struct arch arch_i386 = {
	.name = "i386",
	.scmp_name = "SCMP_ARCH_X86",
	.go_name = "x86",
	.audit_name = "AUDIT_ARCH_I386",
	.audit_token = AUDIT_ARCH_I386,
	.args = ARGS_LOW,
	.muxes = muxes,
	.mux_count = sizeof(muxes) / sizeof(*muxes),
};
