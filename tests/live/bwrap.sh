#!/bin/sh
# bwrap.sh SECCOMPC: bubblewrap runs a real shell under compiled programs.
set -u
seccompc=$(realpath "$1")
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
