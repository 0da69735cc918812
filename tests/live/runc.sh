#!/bin/sh
# runc.sh SECCOMPC GET_FILTER EXAMPLES CORPUS: profiles as plain OCI, under
# runc and crun, in real containers.  The filters that these install, made by
# libseccomp and by runc's ENOSYS stub, are read back from the kernel and
# proved against the profiles.
set -u
here=$(dirname "$(realpath "$0")")

failed=0
skip() { # REASON [FILE]
	echo "# skipped: $1"
	[ -z "${2:-}" ] || sed 's/^/# /' "$2"
	[ $failed -eq 0 ] || exit 1
	exit 77
}

# Once more as the first process of a namespace, which nothing outlives.
inside='--mount --propagation private --pid --fork --kill-child --mount-proc'
if [ "${5:-}" != inside ]; then
	[ "$(id -u)" = 0 ] || skip 'containers take root'
	command -v busybox >/dev/null || skip 'there is no busybox'
	# shellcheck disable=SC2086 # options are words
	why=$(unshare $inside true 2>&1) || skip "no namespaces: $why"
	# shellcheck disable=SC2086
	exec unshare $inside "$here/runc.sh" "$@" inside
fi

seccompc=$(realpath "$1") get_filter=$(realpath "$2")
examples=$(realpath "$3") corpus=$(realpath -m "$4")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
cd "$work" || exit 2
target='--caps=docker --kernel=6.1'
all=x86_64,i386,x32
skipped=

if [ "$(stat -f -c %T /sys/fs/cgroup)" != cgroup2fs ]; then
	umount -R /sys/fs/cgroup 2>err
	mount -t cgroup2 none /sys/fs/cgroup 2>>err ||
		skip 'cgroup2 cannot be mounted:' err
fi
mkdir -p bundle/rootfs/bin bundle/rootfs/proc
cp "$(command -v busybox)" bundle/rootfs/bin
chroot bundle/rootfs /bin/busybox true 2>err ||
	skip 'busybox needs more than its own file:' err

# What a container reads, and so waits for.
annotations=
mkfifo input
exec 8<>input
bundle() { # [PLAIN]
	cat >bundle/config.json <<END
{
  "ociVersion": "1.0.2",
  "process": {
    "user": { "uid": 0, "gid": 0 },
    "args": ["/bin/busybox", "cat"],
    "cwd": "/",
    "noNewPrivileges": true
  },
  "root": { "path": "rootfs", "readonly": true },
  ${annotations:+\"annotations\": { $annotations \},}
  "mounts": [{ "destination": "/proc", "type": "proc", "source": "proc" }],
  "linux": {
    ${1:+\"seccomp\": $(cat "$1"),}
    "namespaces": [{ "type": "pid" }, { "type": "mount" }]
  }
}
END
}

runtime() { # COMMAND...
	case $runtime in
	runc) timeout 30 runc --root "$work/runc" "$@" ;;
	crun) timeout 30 crun --root "$work/crun" \
		--cgroup-manager=disabled "$@" ;;
	esac
}

runs() {
	[ "$(readlink "/proc/$pid/exe")" = /bin/busybox ]
}

# A container: its filters in got/, those before its start in created/.  Fails
# if it does not come to run; skips if nothing can be read.
contain() { # [PLAIN]
	bundle "$@"
	rm -rf created running
	mkdir created running
	runtime create --bundle "$work/bundle" --pid-file "$work/pid" \
		"${work##*/}" <input >log 2>&1 || return 1
	pid=$(cat pid)
	"$get_filter" "$pid" created >created/list 2>err
	if [ $? -eq 77 ]; then
		runtime delete --force "${work##*/}"
		skip 'filters cannot be read:' err
	fi
	runtime start "${work##*/}" >>log 2>&1
	tries=0
	while ! runs && [ $tries -lt 500 ] &&
		grep -qs '^State:.[^XZ]' "/proc/$pid/status"; do
		sleep 0.02
		tries=$((tries + 1))
	done
	runs && "$get_filter" "$pid" running >running/list 2>>log
	status=$?
	runtime delete --force "${work##*/}" >>log 2>&1
	return $status
}

# A line for each ABI, syscall, what the profile says and what the filter.
differences() { # reads the JSON of diff
	python3 -c '
import json, sys
for group in json.load(sys.stdin)["differences"]:
    for place in group["places"]:
        call = place.get("syscall") or "%(first)d-%(last)d" % place
        for case in group["cases"]:
            print(place["abi"], call, case["a"]["name"], case["b"]["name"])
' | LC_ALL=C sort
}

differ() { # PROFILE OPTION...
	# shellcheck disable=SC2086 # options are words
	"$seccompc" diff --quiet $target $stub --arch=$abis -f json "$@" \
		got.bpf | differences
}

# Standard input has what differs: the filter is proved if that is nothing.
judge() { # [OPTION]
	cat >expected
	heading="$title${1:+ $1}"
	# shellcheck disable=SC2086 # options are words
	"$seccompc" prove --quiet $target $stub --arch=$abis "$@" \
		known.json got.bpf >out 2>&1
	status=$?
	if [ ! -s expected ]; then
		is $status 0 "$heading: proved"
		[ $status -eq 0 ] || sed 's/^/# /' out
	else
		is $status 1 "$heading: not proved"
		differ "$@" known.json >got
		diff -u expected got
		result $? "$heading: because of these calls alone:"
		sed 's/^/#   /' got
	fi
}

# Runs a container under a profile: its filter is got.bpf.  Runtimes pass over
# names that libseccomp does not know: known.json is without them.  It may know
# a name on one ABI and not on another, so for several they are left out first.
under() { # TITLE PROFILE ABIS [may-fail]
	title="$runtime, $1, $3" profile=$2 abis=$3
	# shellcheck disable=SC2046 # ABIs are words
	"$here/known-names.py" "$seccompc" "$profile" \
		$(echo "$abis" | tr , ' ') >known.json 2>lacks
	status=$?
	[ $status -ne 77 ] || skip 'what runtimes know cannot be asked:' lacks
	result $status "$title: libseccomp has the same numbers"
	[ $status -eq 0 ] || sed 's/^/# /' lacks
	[ -s lacks ] || cp "$profile" known.json
	[ "$abis" = x86_64 ] || profile=known.json
	# shellcheck disable=SC2086 # options are words
	"$seccompc" compile --quiet $target -f oci --arch=$abis "$profile" \
		-o plain.json
	result $? "$title: as plain OCI"
	from=running
	contain plain.json || from=created
	[ $from = running ] || [ -n "${4:-}" ]
	result $? "$title: the container runs"
	rm -f got.bpf
	cut -d' ' -f1 "$from/list" >out
	is "$(cat out)" 0 "$title: one filter, read when $from" ||
		sed 's/^/# /' log
	cp "$from/0.bpf" got.bpf
	[ ! -s created/list ] || cmp created/0.bpf got.bpf
	result $? "$title: the same at create and after execve"
}

own_profiles() {
	under 'own profile' "$container" x86_64
	judge </dev/null

	sed '2s/ERRNO/KILL_PROCESS/' "$container" >kill.json
	under 'default KILL_PROCESS' kill.json x86_64 may-fail
	judge </dev/null

	under 'operators' "$here/profiles/operators.json" x86_64
	judge </dev/null

	# runc needs calls of its own that this profile refuses.
	under 'the tutorial' "$examples/fine-grained.json" x86_64 may-fail
	judge </dev/null
	under 'the tutorial' "$examples/fine-grained.json" $all may-fail
	judge </dev/null

	# Rules 9 and 10 of docs/profile.md, the exceptions.
	under 'own profile' "$container" $all
	judge <<'END'
i386 ipc ALLOW ERRNO(EPERM)
i386 socketcall ERRNO(EPERM) ALLOW
x32 dup3 ALLOW ERRNO(EPERM)
x32 ioctl ERRNO(EPERM) ALLOW
x32 listen ERRNO(EPERM) ALLOW
x32 personality ERRNO(EPERM) ALLOW
x32 setpriority ALLOW ERRNO(EPERM)
x32 socket ERRNO(EPERM) ALLOW
END
	judge --multiplexers=libseccomp <<'END'
x32 dup3 ALLOW ERRNO(EPERM)
x32 ioctl ERRNO(EPERM) ALLOW
x32 listen ERRNO(EPERM) ALLOW
x32 personality ERRNO(EPERM) ALLOW
x32 setpriority ALLOW ERRNO(EPERM)
x32 socket ERRNO(EPERM) ALLOW
END

	# Rule 11: the largest number on i386 is one that libseccomp lacks.
	sed 's/"openat2", "process_mrelease"/"chroot"/; s/"clone3", //
		s/"close_range",//; s/"faccessat2",//' "$container" >direct.json
	under 'shmget is the largest' direct.json x86_64,i386
	: >expected-stub
	[ $runtime != runc ] || cat >expected-stub <<'END'
i386 387-392 ERRNO(EPERM) ERRNO(ENOSYS)
i386 semctl ERRNO(EPERM) ERRNO(ENOSYS)
i386 semget ERRNO(EPERM) ERRNO(ENOSYS)
i386 shmget ALLOW ERRNO(ENOSYS)
END
	judge --multiplexers=libseccomp <expected-stub
}

real_profile() { # NAME; standard input: what differs with three ABIs
	cat >expected-all
	under "$1" "$corpus/$1.json" x86_64
	judge </dev/null
	if [ -s lacks ]; then
		sed 's/^/# unknown to libseccomp on /' lacks
		differ "$corpus/$1.json" >got
		[ -s got ]
		result $? "$title: with these names it differs:"
		sed 's/^/#   /' got
	fi
	under "$1" "$corpus/$1.json" $all
	[ ! -s lacks ] || sed 's/^/# left out, unknown on /' lacks
	judge --multiplexers=libseccomp <expected-all
}

real_profiles() {
	if [ ! -e "$corpus/moby-default-current.json" ]; then
		echo "# skipped: real profiles, which are not in $corpus"
		return
	fi
	real_profile moby-default-current <<'END'
x32 personality ERRNO(EPERM) ALLOW
x32 socket ALLOW ERRNO(EPERM)
END
	real_profile containers-common-seccomp-current <<'END'
x32 personality ERRNO(ENOSYS) ALLOW
END
}

flags() {
	title="$runtime, flags"
	"$seccompc" compile --quiet -f oci "$here/profiles/flags.json" \
		-o plain.json
	if ! contain plain.json && grep -q 'flags are not.* supported' log; then
		echo "# skipped: flags, which this $runtime does not have"
		return
	fi
	is "$(cut -d' ' -f1,3 running/list)" '0 log' "$title: LOG is set"
}

# The program itself, which crun takes as base64.
annotation() {
	title="$runtime, a program in an annotation"
	"$seccompc" compile --quiet $target "$container" -o given.bpf
	data=$("$seccompc" disasm -f base64 given.bpf)
	annotations="\"run.oci.seccomp_bpf_data\": \"$data\""
	contain "$container"
	result $? "$title: the container runs"
	annotations=
	cmp given.bpf running/0.bpf
	result $? "$title: it is installed"
}

container=$here/profiles/container.json
for runtime in runc crun; do
	if ! command -v $runtime >/dev/null; then
		echo "# skipped: there is no $runtime"
		skipped=yes
	elif ! contain; then
		echo "# skipped: $runtime cannot make containers here:"
		sed 's/^/# /' log
		skipped=yes
	elif ! ldd "$(command -v $runtime)" | grep -q 'libseccomp\.so\.2'; then
		echo "# skipped: $runtime has a libseccomp of its own"
		skipped=yes
	else
		# Only runc has the stub of rule 11.
		stub=
		[ $runtime = runc ] || stub=--unknown=default
		own_profiles
		real_profiles
		flags
		[ $runtime = runc ] || annotation
	fi
done
[ $failed -eq 0 ] || exit 1
[ -z "$skipped" ] || exit 77
