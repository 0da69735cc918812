#!/bin/sh
# bwrap.sh SECCOMPC GET_FILTER: bubblewrap runs a real shell under compiled
# programs, which are then read back from the kernel.
set -u
seccompc=$(realpath "$1") get_filter=$(realpath "$2")
profiles=$(dirname "$(realpath "$0")")/profiles
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"

command -v bwrap >/dev/null || {
	echo '# skipped: there is no bwrap'
	exit 77
}
bwrap --ro-bind / / true 2>"$work/err" || {
	echo "# skipped: bwrap cannot make a sandbox here:"
	sed 's/^/# /' "$work/err"
	exit 77
}

for profile in no-mkdir no-chmod shell; do
	compile $profile
done
# shellcheck disable=SC2016 # the inner shell expands it
script='n=0; for f in /usr/bin/l*; do n=$((n + 1)); done
	[ $n -gt 0 ] && echo a line | sed s/line/pipe/ && ls -d /usr &&
	mkdir /tmp/made; echo mkdir $?; chmod 700 /tmp; echo chmod $?'

sandbox() { # OPTION... with file descriptors 8 and 9
	bwrap --ro-bind / / --dev /dev --proc /proc --tmpfs /tmp "$@" \
		/bin/sh -c "$script" >"$work/out" 2>"$work/err" \
		8<"$work/no-chmod.bpf" 9<"$work/$blob.bpf"
	is $? 0 "$title: the shell runs"
	has "$work/out" 'a pipe' "$title: pipes and programs work"
}

# What the kernel has of a process that waits, as FOLDER/INDEX.bpf.
installed() { # FOLDER OPTION...
	mkdir "$1"
	folder=$1
	shift
	rm -f "$work/hold" "$work/info"
	mkfifo "$work/hold"
	bwrap --ro-bind / / --dev /dev --proc /proc --info-fd 7 "$@" cat \
		<"$work/hold" 7>"$work/info" \
		8<"$work/no-chmod.bpf" 9<"$work/no-mkdir.bpf" &
	exec 6>"$work/hold"
	pid='' tries=0
	while [ "$(readlink "/proc/$pid/exe")" != "$(realpath "$cat")" ] &&
		[ $tries -lt 300 ]; do
		sleep 0.02
		pid=$(sed -n 's/.*"child-pid": *\([0-9]*\).*/\1/p' "$work/info")
		tries=$((tries + 1))
	done
	"$get_filter" "$pid" "$folder" >"$folder/list" 2>"$work/err"
	status=$?
	exec 6>&-
	wait $!
	[ $status -ne 77 ] || {
		echo '# skipped: filters cannot be read:'
		sed 's/^/# /' "$work/err"
		exit 77
	}
}
cat=$(command -v cat)
installed "$work/one" --seccomp 9
is "$(cut -d' ' -f1 "$work/one/list")" 0 '--seccomp: one filter'
cmp "$work/one/0.bpf" "$work/no-mkdir.bpf"
result $? '--seccomp: it is the program, byte for byte'
if bwrap --help 2>&1 | grep -q add-seccomp-fd; then
	installed "$work/two" --add-seccomp-fd 9 --add-seccomp-fd 8
	is "$(cut -d' ' -f1 "$work/two/list" | tr '\n' ' ')" '0 1 ' \
		'--add-seccomp-fd, twice: two filters'
	cmp "$work/two/0.bpf" "$work/no-mkdir.bpf" &&
		cmp "$work/two/1.bpf" "$work/no-chmod.bpf"
	result $? '--add-seccomp-fd, twice: the programs, in their order'
fi

title='no filter' blob=no-mkdir
sandbox
has "$work/out" 'mkdir 0' "$title: mkdir works"

title='--seccomp'
sandbox --seccomp 9
has "$work/out" 'mkdir 1' "$title: mkdir is refused"
has "$work/err" 'Permission denied' "$title: with the errno of the rule"
has "$work/out" 'chmod 0' "$title: chmod works"

if bwrap --help 2>&1 | grep -q add-seccomp-fd; then
	title='--add-seccomp-fd, twice'
	sandbox --add-seccomp-fd 9 --add-seccomp-fd 8
	has "$work/out" 'mkdir 1' "$title: mkdir is refused"
	has "$work/out" 'chmod 1' "$title: chmod is refused"
else
	echo '# skipped: this bwrap has no --add-seccomp-fd'
fi

title='all else refused' blob=shell
sandbox --seccomp 9
has "$work/out" 'mkdir 1' "$title: mkdir is refused"
has "$work/err" 'Operation not permitted' "$title: with the default errno"

[ $failed -eq 0 ]
