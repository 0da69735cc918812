#include "lint-consumer.h"

#include <string.h>

/*
 * What runtimes make of NOTIFY, listenerPath and flags; measured with runc
 * 1.1.5 and crun 1.8.1 (Debian 12), tests/live/consumers.py does it again.
 * runc 1.2 and later were read only: libcontainer/seccomp/config.go.
 */

/* runc: "listenerPath is not set".  crun installs the filter all the same,
 * and the kernel answers for the listener that is not there. */
static void
check_needed(struct lint *l, const struct json *notify)
{
	unsigned runtimes = consumer_info(l->options->consumer)->runtimes;
	const char *what = runtimes == RUNTIME_RUNC
				   ? "runc then starts no container"
			   : runtimes == RUNTIME_CRUN
				   ? "under crun such calls then get ENOSYS"
				   : "runc then starts no container, and under "
				     "crun such calls get ENOSYS";

	lint_report(l, DIAG_LISTENER_NEEDED, notify,
		    "add 'listenerPath': an absolute path of a Unix socket on "
		    "the host, on which a process listens that answers",
		    "NOTIFY has nobody to ask without a 'listenerPath': %s",
		    what);
}

static void
check_path(struct lint *l, const struct json *notify)
{
	const struct json *path =
		lint_member(l->c->profile->root, "listenerPath");

	if (!path)
		return;
	if (path->string[0] != '/')
		lint_report(l, DIAG_LISTENER_PATH, path,
			    "write an absolute path",
			    "'%s' is not absolute: crun refuses it, and runc "
			    "looks for it in the container's bundle",
			    path->string);
	else if (!notify)
		lint_report(l, DIAG_LISTENER_PATH, path,
			    "remove it, or add a rule with SCMP_ACT_NOTIFY",
			    "no rule notifies this listener; crun connects to "
			    "it anyway, and makes no container without it");
}

static void
check_flags(struct lint *l, const struct json *notify)
{
	unsigned runtimes = consumer_info(l->options->consumer)->runtimes;
	const struct profile *profile = l->c->profile;

	for (size_t i = 0; i < profile->flags.n; i++) {
		const struct json *flag = profile->flags.v[i];
		const char *name = flag->string;

		if (runtimes & RUNTIME_RUNC &&
		    !strcmp(name, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
			lint_report(l, DIAG_FLAG_REFUSED, flag,
				    "remove it, or use crun",
				    "runc does not know %s and makes no "
				    "container",
				    name);
		else if (runtimes & RUNTIME_CRUN && notify &&
			 !strcmp(name, "SECCOMP_FILTER_FLAG_TSYNC"))
			lint_report(l, DIAG_FLAG_REFUSED, flag,
				    "remove it: the filter is installed by "
				    "the only thread that stays",
				    "crun passes on TSYNC, which the kernel "
				    "refuses (EINVAL) with a rule that "
				    "notifies");
		else if (runtimes & RUNTIME_RUNC)
			lint_report(l, DIAG_FLAG_REFUSED, flag,
				    "remove the flags, or see that runc is "
				    "1.2 or newer",
				    "runc before 1.2 knows no flags and makes "
				    "no container");
	}
}

void
lint_listener(struct lint *l)
{
	const struct json *notify = lint_notify(l);

	check_path(l, notify);
	if (l->options->consumer == CONSUMER_ANY)
		return;
	if (notify && !l->c->profile->listener_path)
		check_needed(l, notify);
	check_flags(l, notify);
}
