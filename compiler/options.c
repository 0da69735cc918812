#include "compiler.h"

#include <string.h>

#include "ascii.h"

/* linux/capability.h, by number. */
static const char *const capabilities[] = {
	"CAP_CHOWN",
	"CAP_DAC_OVERRIDE",
	"CAP_DAC_READ_SEARCH",
	"CAP_FOWNER",
	"CAP_FSETID",
	"CAP_KILL",
	"CAP_SETGID",
	"CAP_SETUID",
	"CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE",
	"CAP_NET_BIND_SERVICE",
	"CAP_NET_BROADCAST",
	"CAP_NET_ADMIN",
	"CAP_NET_RAW",
	"CAP_IPC_LOCK",
	"CAP_IPC_OWNER",
	"CAP_SYS_MODULE",
	"CAP_SYS_RAWIO",
	"CAP_SYS_CHROOT",
	"CAP_SYS_PTRACE",
	"CAP_SYS_PACCT",
	"CAP_SYS_ADMIN",
	"CAP_SYS_BOOT",
	"CAP_SYS_NICE",
	"CAP_SYS_RESOURCE",
	"CAP_SYS_TIME",
	"CAP_SYS_TTY_CONFIG",
	"CAP_MKNOD",
	"CAP_LEASE",
	"CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL",
	"CAP_SETFCAP",
	"CAP_MAC_OVERRIDE",
	"CAP_MAC_ADMIN",
	"CAP_SYSLOG",
	"CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ",
	"CAP_PERFMON",
	"CAP_BPF",
	"CAP_CHECKPOINT_RESTORE",
};

/* What a container has without options: moby, oci/caps/defaults.go. */
static const char docker_caps[] =
	"CHOWN,DAC_OVERRIDE,FSETID,FOWNER,MKNOD,NET_RAW,SETGID,SETUID,"
	"SETFCAP,SETPCAP,NET_BIND_SERVICE,SYS_CHROOT,KILL,AUDIT_WRITE";

void
options_init(struct options *options)
{
	*options = (struct options){
		.native = ABI_X86_64,
		.foreign_action = SECCOMP_RET_KILL_THREAD,
		.weights = &weights_built_in,
	};
}

static int
find(const char *name, size_t len)
{
	for (size_t i = 0; i < LENGTH(capabilities); i++) {
		const char *s = capabilities[i];

		if (strlen(s) == len && ascii_same(s, name, len))
			return (int)i;
		if (strlen(s + 4) == len && ascii_same(s + 4, name, len))
			return (int)i;
	}
	return -1;
}

int
capability_find(const char *name)
{
	static const char prefix[] = "CAP_";
	const size_t skip = sizeof(prefix) - 1;

	if (strncmp(name, prefix, skip) != 0)
		return -1;
	for (size_t i = 0; i < LENGTH(capabilities); i++)
		if (capabilities[i][skip] == name[skip] &&
		    !strcmp(capabilities[i], name))
			return (int)i;
	return -1;
}

const char *
capability_name(unsigned number)
{
	return number < LENGTH(capabilities) ? capabilities[number] : NULL;
}

bool
options_parse_caps(const char *s, uint64_t *caps, const char **bad)
{
	*caps = 0;
	if (!strcmp(s, "none"))
		return true;
	if (!strcmp(s, "all")) {
		*caps = (UINT64_C(1) << LENGTH(capabilities)) - 1;
		return true;
	}
	if (!strcmp(s, "docker"))
		s = docker_caps;
	for (;;) {
		size_t len = strcspn(s, ",");
		int cap = find(s, len);

		if (cap < 0) {
			*bad = s;
			return false;
		}
		*caps |= UINT64_C(1) << cap;
		if (!s[len])
			return true;
		s += len + 1;
	}
}
