#include "compiler.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * KILL_THREAD precedes KILL, its older name, so that it is the one printed.
 * The data of TRAP (si_errno) cannot be set from a profile.
 */
static const struct action_info actions[ACTION_COUNT] = {
	{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS, ACTION_NO_DATA },
	{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD, ACTION_NO_DATA },
	{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD, ACTION_NO_DATA },
	{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP, ACTION_NO_DATA },
	{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO, ACTION_ERRNO },
	{ "SCMP_ACT_NOTIFY", SECCOMP_RET_USER_NOTIF, ACTION_NO_DATA },
	{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE, ACTION_16_BITS },
	{ "SCMP_ACT_LOG", SECCOMP_RET_LOG, ACTION_NO_DATA },
	{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW, ACTION_NO_DATA },
};

const struct action_info *
action_info(uint32_t action)
{
	for (size_t i = 0; i < LENGTH(actions); i++)
		if (actions[i].value == (action & SECCOMP_RET_ACTION_FULL))
			return &actions[i];
	return NULL;
}

const struct action_info *
action_find(const char *scmp_name)
{
	static const char prefix[] = "SCMP_ACT_";
	const size_t skip = sizeof(prefix) - 1;

	if (strncmp(scmp_name, prefix, skip) != 0)
		return NULL;
	for (size_t i = 0; i < LENGTH(actions); i++)
		if (actions[i].name[skip] == scmp_name[skip] &&
		    !strcmp(actions[i].name, scmp_name))
			return action_info(actions[i].value);
	return NULL;
}

void
action_names(const char *names[ACTION_COUNT])
{
	for (size_t i = 0; i < ACTION_COUNT; i++)
		names[i] = actions[i].name;
}

void
action_print(char out[32], uint32_t action)
{
	const struct action_info *info = action_info(action);
	unsigned data = action & SECCOMP_RET_DATA;
	const char *short_name = info ? info->name + strlen("SCMP_ACT_") : NULL;
	const char *name = NULL;

	if (info && info->data == ACTION_ERRNO)
		name = errno_find_name((int)data);
	if (!info)
		snprintf(out, 32, "0x%08x", action);
	else if (name)
		snprintf(out, 32, "%s(%s)", short_name, name);
	else if (data || info->data != ACTION_NO_DATA)
		snprintf(out, 32, "%s(%u)", short_name, data);
	else
		snprintf(out, 32, "%s", short_name);
}

int32_t
action_rank(uint32_t action)
{
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL);
}

/* clang-format off */
#define E(name) [name] = #name

/* All that a process can see on x86: 41 and 58 are unassigned. */
static const char *const errnos[] = {
	E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG),
	E(ENOEXEC), E(EBADF), E(ECHILD), E(EAGAIN), E(ENOMEM), E(EACCES),
	E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
	E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY),
	E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE), E(EROFS), E(EMLINK),
	E(EPIPE), E(EDOM), E(ERANGE), E(EDEADLK), E(ENAMETOOLONG), E(ENOLCK),
	E(ENOSYS), E(ENOTEMPTY), E(ELOOP), E(ENOMSG), E(EIDRM), E(ECHRNG),
	E(EL2NSYNC), E(EL3HLT), E(EL3RST), E(ELNRNG), E(EUNATCH), E(ENOCSI),
	E(EL2HLT), E(EBADE), E(EBADR), E(EXFULL), E(ENOANO), E(EBADRQC),
	E(EBADSLT), E(EBFONT), E(ENOSTR), E(ENODATA), E(ETIME), E(ENOSR),
	E(ENONET), E(ENOPKG), E(EREMOTE), E(ENOLINK), E(EADV), E(ESRMNT),
	E(ECOMM), E(EPROTO), E(EMULTIHOP), E(EDOTDOT), E(EBADMSG),
	E(EOVERFLOW), E(ENOTUNIQ), E(EBADFD), E(EREMCHG), E(ELIBACC),
	E(ELIBBAD), E(ELIBSCN), E(ELIBMAX), E(ELIBEXEC), E(EILSEQ),
	E(ERESTART), E(ESTRPIPE), E(EUSERS), E(ENOTSOCK), E(EDESTADDRREQ),
	E(EMSGSIZE), E(EPROTOTYPE), E(ENOPROTOOPT), E(EPROTONOSUPPORT),
	E(ESOCKTNOSUPPORT), E(EOPNOTSUPP), E(EPFNOSUPPORT), E(EAFNOSUPPORT),
	E(EADDRINUSE), E(EADDRNOTAVAIL), E(ENETDOWN), E(ENETUNREACH),
	E(ENETRESET), E(ECONNABORTED), E(ECONNRESET), E(ENOBUFS), E(EISCONN),
	E(ENOTCONN), E(ESHUTDOWN), E(ETOOMANYREFS), E(ETIMEDOUT),
	E(ECONNREFUSED), E(EHOSTDOWN), E(EHOSTUNREACH), E(EALREADY),
	E(EINPROGRESS), E(ESTALE), E(EUCLEAN), E(ENOTNAM), E(ENAVAIL),
	E(EISNAM), E(EREMOTEIO), E(EDQUOT), E(ENOMEDIUM), E(EMEDIUMTYPE),
	E(ECANCELED), E(ENOKEY), E(EKEYEXPIRED), E(EKEYREVOKED),
	E(EKEYREJECTED), E(EOWNERDEAD), E(ENOTRECOVERABLE), E(ERFKILL),
	E(EHWPOISON),
};
/* clang-format on */

static const struct {
	const char *name;
	int number;
} errno_aliases[] = {
	{ "EDEADLOCK", EDEADLOCK },
	{ "ENOTSUP", ENOTSUP },
	{ "EWOULDBLOCK", EWOULDBLOCK },
};

int
errno_find(const char *name)
{
	for (size_t i = 0; i < LENGTH(errnos); i++)
		if (errnos[i] && !strcmp(errnos[i], name))
			return (int)i;
	for (size_t i = 0; i < LENGTH(errno_aliases); i++)
		if (!strcmp(errno_aliases[i].name, name))
			return errno_aliases[i].number;
	return 0;
}

const char *
errno_find_name(int number)
{
	if (number < 0 || (size_t)number >= LENGTH(errnos))
		return NULL;
	return errnos[number];
}
