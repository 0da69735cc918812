#!/bin/sh
# exec-kernel.sh SECCOMP_EXEC HELLO musl|static|dynamic: how seccomp-exec
# installs filters, what it says of each errno, what its options do, and that
# it is enough for an image that has nothing else.
set -u
exec=$(realpath "$1") hello=$(realpath "$2") kind=$3
# shellcheck source-path=SCRIPTDIR source=exec-lib.sh
. "$(dirname "$(realpath "$0")")/exec-lib.sh"

"$exec" allow -- true 2>err || {
	echo '# skipped: no filter can be installed here:'
	sed 's/^/# /' err
	exit 77
}

# A trace of the calls that install filters, and of execve.
traced() { # STRACE-OPTIONS OPTION-OR-FILTER...
	options=$1
	shift
	rm -f ran
	# shellcheck disable=SC2086 # options are words
	strace -o trace -e trace=prctl,seccomp,execve $options "$exec" "$@" \
		-- touch "$work/ran" >out 2>err
}
# Among the calls of a name, the one that has a text.
position() { # NAME TEXT
	grep "^$1(" trace | grep -n -F -e "$2" | sed -n '1s/:.*//p'
}
fault() { # TITLE INJECTION TEXT OPTION-OR-FILTER...
	title=$1 inject=$2 text=$3
	shift 3
	traced "-e inject=$inject" "$@"
	is $? 125 "refused: $title"
	[ ! -e ran ]
	result $? "not executed: $title"
	has err "seccomp-exec: $text" "said: $title"
	is "$(grep -c '^execve(' trace)" 1 "no execve: $title"
}
shows() { # EXTENDED-REGEX TITLE
	grep -qE "$1" trace
	result $? "$2"
	grep -qE "$1" trace || sed 's/^/# /' trace
}

faults() {
	traced '' allow no-mkdir
	[ -e ran ]
	result $? 'traced, the command runs'
	is "$(grep -c '^prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER.* = 0' \
		trace)" 2 'without flags two filters go through prctl(2)'
	# Whether it is the kernel that answers is asked with the same registers.
	is "$(grep -c '^prctl(PR_SET_SECCOMP.*len=0.* = -1 EINVAL' trace)" 2 \
		'the kernel is asked before'
	is "$(grep -c '^seccomp(' trace)" 0 'and none through seccomp(2)'
	privs=$(position prctl PR_SET_NO_NEW_PRIVS)
	ask=$(position prctl PR_SET_SECCOMP)
	filter=$((ask + 1))
	next=$((filter + filter - privs + 1))
	[ "${privs:-99}" -lt "${ask:-0}" ]
	result $? 'no_new_privs is set before'
	cannot=': cannot be installed: '
	for each in \
		"EACCES:no_new_privs is not set" \
		"EPERM:a filter that is in force already refuses" \
		"ENOMEM:out of memory, or too long where" \
		"EINVAL:the kernel has no seccomp filters" \
		"ENOSYS:the kernel has no seccomp(2)" \
		"524:the JIT's memory is used up (sysctl net.core.bpf_jit" \
		"EFAULT:Bad address (errno 14)"; do
		inject="prctl:error=${each%%:*}"
		fault "${each%%:*}" "$inject:when=$filter" \
			"allow$cannot${each#*:}" allow
		fault "${each%%:*} for the second filter" \
			"$inject:when=$next" \
			"no-mkdir$cannot${each#*:}" allow no-mkdir
		# The answer that is wanted.
		[ "${each%%:*}" = EINVAL ] ||
			fault "${each%%:*} when it is asked" \
				"$inject:when=$ask" \
				"allow$cannot${each#*:}" allow
	done
	fault 'EPERM for no_new_privs' "prctl:error=EPERM:when=$privs" \
		"allow${cannot}a filter that is in force" allow
	is "$(grep -c PR_SET_SECCOMP trace)" 0 \
		'no filter is installed without no_new_privs'
	fault 'ENOSYS of seccomp(2)' seccomp:error=ENOSYS \
		"allow${cannot}the kernel has no seccomp(2)" --log allow
	fault 'EINVAL of seccomp(2)' seccomp:error=EINVAL \
		"allow${cannot}the kernel has no seccomp filters, or refuses \
this program or a flag (errno 22)" --tsync allow
	fault 'success without the kernel' "prctl:retval=0:when=$ask" \
		"allow${cannot}a filter that is in force" allow
	fault 'success of seccomp(2) without the kernel' \
		seccomp:retval=0 "allow${cannot}a filter that is in" --log allow
	fault 'another thread' seccomp:retval=4321:when=2 \
		"allow${cannot}thread 4321 cannot take it (TSYNC)" \
		--tsync allow

	for each in log:LOG spec-allow:SPEC_ALLOW tsync:TSYNC; do
		traced '' "--${each%:*}" allow
		shows "^seccomp\(SECCOMP_SET_MODE_FILTER, \
SECCOMP_FILTER_FLAG_${each#*:}, .* = 0" "--${each%:*} goes through seccomp(2)"
		is "$(grep -c PR_SET_SECCOMP trace)" 0 'and not through prctl(2)'
		[ -e ran ]
		result $? "with --${each%:*} the command runs"
	done
	traced '' --log allow --tsync no-mkdir --spec-allow
	for each in LOG SPEC_ALLOW TSYNC; do
		is "$(grep '^seccomp(.* = 0' trace | grep -c "FLAG_$each")" 2 \
			"all flags are for all filters: $each"
	done
}
if command -v strace >/dev/null && strace -o trace true 2>err; then
	faults
else
	echo '# skipped: errnos and the calls that are made, strace cannot run'
fi

# --log: a refusal is in the kernel's log, if what is always logged is.
logged() { # NAME
	dmesg 2>/dev/null | grep -q "comm=\"$1\".* syscall=$mkdir "
}
deny $mkdir 0x7ffc0000 >log-mkdir
for each in always flag plain; do
	cp "$(command -v mkdir)" "$each-$$"
done
tries=0 always=0
while [ $tries -lt 20 ] && ! logged "flag-$$"; do
	"$exec" --log no-mkdir -- "./flag-$$" made 2>/dev/null
	"$exec" no-mkdir -- "./plain-$$" made 2>/dev/null
	"$exec" log-mkdir -- "./always-$$" made
	rmdir made
	# The log takes a few lines in a second.
	sleep 0.1
	! logged "always-$$" || always=$((always + 1))
	tries=$((tries + 1))
done
if logged "flag-$$"; then
	result 0 'with --log a refusal is in the log'
	! logged "plain-$$"
	result $? 'and is not without it'
elif [ $always -lt 5 ]; then
	echo '# skipped: --log, the log shows nothing of filters here'
elif ! grep -qw errno /proc/sys/kernel/seccomp/actions_logged; then
	echo '# skipped: --log, kernel.seccomp.actions_logged has no errno'
else
	result 1 'with --log a refusal is in the log'
fi

# --spec-allow: a filter has no effect on speculation.
speculation() { # COMMAND...
	"$@" grep -E '^Speculation' /proc/self/status
}
if [ "$(speculation)" = "$(speculation "$exec" allow --)" ]; then
	echo '# skipped: --spec-allow, filters do not change speculation here'
else
	is "$(speculation "$exec" --spec-allow allow --)" "$(speculation)" \
		'with --spec-allow speculation stays as it is'
fi

# The JIT's memory, in earnest.  It is shared by all of the machine.
limit=/proc/sys/net/core/bpf_jit_limit
if [ "${SECCOMPC_JIT_LIMIT:-}" != change ]; then
	echo '# skipped: a JIT without memory, SECCOMPC_JIT_LIMIT=change is not set'
elif [ "$(id -u)" != 0 ] || [ ! -w $limit ]; then
	echo "# skipped: a JIT without memory, $limit cannot be written"
else
	chmod 755 "$work"
	cp "$exec" launcher
	value=$(cat $limit)
	# shellcheck disable=SC2064 # the value is that of now
	trap "echo $value >$limit; rm -rf '$work'" EXIT
	# Root may use as much as it likes.
	echo 1 >$limit
	setpriv --reuid 65534 --clear-groups ./launcher allow -- echo ran \
		>out 2>err
	got=$?
	echo "$value" >$limit
	if [ $got -eq 0 ]; then
		echo '# skipped: a JIT without memory, the kernel interprets then'
	else
		is $got 125 'refused: a JIT without memory'
		[ ! -s out ]
		result $? 'not executed: a JIT without memory'
		has err 'net.core.bpf_jit_limit) (errno 524)' \
			'said: a JIT without memory'
	fi
fi

# An image that has nothing else.
if [ "$kind" = musl ]; then
	size=$(stat -c %s "$exec")
	echo "# $size bytes"
	[ "$size" -le 40960 ]
	result $? 'at most 40 KiB'
else
	echo '# skipped: the size, this is not built with musl'
fi
inside='--mount --pid --fork --kill-child'
[ "$(id -u)" = 0 ] || inside="--map-root-user $inside"
mkdir image
cp "$exec" image/seccomp-exec
cp "$hello" image/hello
nothing 4096 >image/most
chroot=$(command -v chroot || echo chroot)
# shellcheck disable=SC2086 # options are words
if [ "$kind" = dynamic ]; then
	echo '# skipped: an image, this seccomp-exec needs libraries'
elif ! unshare $inside chroot image /hello >out 2>err; then
	echo '# skipped: an image, there is no chroot in namespaces here:'
	sed 's/^/# /' err
else
	cp allow image/filter.bpf
	image() { # ARGUMENT...
		unshare $inside env -i "$chroot" image /seccomp-exec "$@" \
			>out 2>err
	}
	image /filter.bpf -- /hello argument
	is $? 0 'in an image'
	has out '/hello|argument| first process, no environment, open: 0 1 2' \
		'it is executed in an image, as the first process'
	image filter.bpf -- hello
	is $? 127 'a command that PATH does not lead to, in an image'
	chmod g+w image
	image filter.bpf -- /hello
	is $? 125 'the root of an image that a group may write'
	has err 'filter.bpf: others may write ., mode 775' 'said: the root'
	[ ! -s out ]
	result $? 'not executed: the root of an image'
	chmod g-w image
	seven='/most /most /most /most /most /most /most'
	image $seven -- /seccomp-exec /most -- /hello
	is $? 125 'past the stacking limit, in an image'
	has err 'before (some, Seccomp_filters' 'said: without /proc'
fi

[ $failed -eq 0 ]
