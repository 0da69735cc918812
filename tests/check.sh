#!/bin/sh
# `seccompc check` from outside: check.sh SECCOMPC
#
# Prints ok or not ok lines and a count; exits 1 if anything failed.

[ $# -eq 1 ] || {
	echo "usage: check.sh SECCOMPC" >&2
	exit 2
}
seccompc=$(realpath "$1")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
mkdir .git repository repository/sub repository/sub/deep
unset NO_COLOR

# finds NAME: standard output has it as a finding
finds() {
	grep -q -F -e "[$1]" out || {
		cat out err
		return 1
	}
}

# lines N TEXT: so many lines of standard output have it
lines() {
	[ "$(grep -c -F -e "$2" out)" -eq "$1" ] || {
		cat out
		return 1
	}
}

settings() { # TEXT: those of repository/
	echo "$1" >repository/.seccompc.json
}

rule() { # NAMES ACTION
	echo '{ "names": ['"$1"'], "action": "SCMP_ACT_'"$2"'" }'
}

profile() { # DEFAULT RULE
	echo '{ "defaultAction": "SCMP_ACT_'"$1"'", "architectures":'
	echo '["SCMP_ARCH_X86_64"], "syscalls": ['
	echo "$2"
	echo '] }'
}

# One warning (the first name), one error (the second), nothing else.
profile ERRNO "$(rule '"execve", "exit_group", "write", "moutn"' ALLOW)" \
	>repository/warned.json
profile ALLOW "$(rule '"moutn"' ERRNO)" >repository/refused.json
profile KILL_PROCESS "$(rule '"write"' ALLOW)," >broken.json
check() { # STATUS ARGUMENT...
	want=$1
	shift
	status "$want" check "$@"
}
only='--allow=unknown-name'

echo '# exit status'
ok 'no profile: 2' check 2
ok 'no such file: 1' check 1 none.json
ok 'nothing passes for checked' not grep -q 'nothing found' out
ok 'a near name of a finding: 2' check 2 --deny=unknwon-name none.json
ok 'is said' says "did you mean 'unknown-name'?"
ok 'a root without manifests: 2' check 2 --profile-root=. repository/warned.json
ok 'is named' says '--profile-root has no effect without --manifest'
ok 'a default without manifests: 2' check 2 --seccomp-default none.json
echo 'kind: Pod' >pod.yaml
ok 'a manifest for a profile: 1' check 1 pod.yaml
ok 'what was meant' says 'pod.yaml: manifests are given as --manifest=FILE'
ok 'no near one: 2' check 2 --allow=x none.json
ok 'the list is named' says 'seccompc check --list'
ok 'text that is not JSON: 1' check 1 broken.json
ok 'it is found' finds json-syntax
ok 'a warning: 0' check 0 repository/warned.json
ok 'it is found' finds unknown-name
ok 'a warning, at the threshold: 1' \
	check 1 --threshold=warning repository/warned.json
ok 'a warning, denied: 1' check 1 --deny=unknown-name repository/warned.json
ok 'a warning, as all are: 1' check 1 --deny=warnings repository/warned.json
ok 'an error: 1' check 1 repository/refused.json
ok 'it is found' finds unknown-denied-name
ok 'an error, turned down: 0' \
	check 0 --warn=unknown-denied-name repository/refused.json
ok 'a folder: 1' check 1 repository
ok 'has both' finds unknown-denied-name
ok 'has both' finds unknown-name
ok 'errors alone' check 1 --quiet repository
ok 'are kept' finds unknown-denied-name
ok 'nothing else' lines 0 '[unknown-name]'
ok 'a missing file beside a good one: 1' check 1 none.json repository/warned.json
ok 'is not forgotten at the end' grep -q '^1 file: .*not all could be' out
ok 'what is there is checked' finds unknown-name
for option in --for=rkt --threshold=x --threshold=none --max-path=0 \
	--max-path=4294967296 --max-path=5x --max-path=-1 --min-cached=101% \
	--min-cached=5%% --max-instructions= --deny=x --warn=json-syntax \
	--config --format=xml; do
	ok "$option: 2" check 2 $option repository/warned.json
	ok "$option: a message" test -s err
done
ok 'lints are for check alone' status 2 compile --deny=max-path \
	repository/warned.json -o x.bpf
ok 'compile says so' says "'seccompc check'"
ok 'the list' check 0 --list
ok 'has names and severities' grep -q \
	'^unknown-denied-name  *error  *[a-z]' out

echo '# output'
echo precious >kept
ok 'to a file' check 1 -o kept repository/refused.json
ok 'the file has it' grep -q unknown-denied-name kept
ok 'nothing on the screen' test ! -s out
ok 'misuse' check 2 -o kept --for=x repository/refused.json
ok 'leaves it alone' grep -q unknown-denied-name kept
ok 'a missing profile' check 1 -o kept none.json repository/warned.json
ok 'leaves it alone' grep -q unknown-denied-name kept
ok 'a full device: 1' check 1 -o /dev/full repository/warned.json

echo '# settings'
settings '{ "deny": ["unknown-name"] }'
ok 'a file of settings: 1' check 1 repository/warned.json
mv repository/warned.json repository/sub/deep/
ok 'from above: 1' check 1 repository/sub/deep/warned.json
cd repository/sub/deep || exit 2
ok 'from within: 1' check 1 warned.json
ok 'from standard input: 1' sh -c '"$0" check - <warned.json; [ $? = 1 ]' \
	"$seccompc"
cd "$work" || exit 2
ok 'not asked: 0' check 0 --no-config repository/sub/deep/warned.json
ok 'the command line wins: 0' \
	check 0 --warn=unknown-name repository/sub/deep/warned.json
echo '{}' >repository/sub/.seccompc.json
ok 'the nearest file counts: 0' check 0 repository/sub/deep/warned.json
ok 'unless another is named: 1' check 1 \
	--config=repository/.seccompc.json repository/sub/deep/warned.json
rm repository/sub/.seccompc.json
mkdir repository/sub/.git
ok 'not past a repository: 0' check 0 repository/sub/deep/warned.json
rmdir repository/sub/.git
mv repository/sub/deep/warned.json repository/
settings '{ "for": "podman", "caps": ["SYS_ADMIN"], "kernel": "6.1",
	"arch": ["x86_64", "i386"], "max-path": 99 }'
ok 'many settings: 0' check 0 $only repository/warned.json
settings '{ "max-path": 1 }'
ok 'a budget: 1' check 1 $only repository/warned.json
ok 'it is found' finds max-path
ok 'a budget of the command line: 0' \
	check 0 $only --max-path=99 repository/warned.json
for text in '{ "denny": ["unknown-name"] }' '{ "deny": ["x"] }' '[]' '{' \
	'{ "allow": ["unknown-name"] }' '{ "allow": [{ "name": "x" }] }' \
	'{ "allow": [{ "name": "unknown-name" }] }' '{ "max-path": "9" }' \
	'{ "allow": [{ "name": "unknown-name", "reason": " " }] }' \
	'{ "allow": [{ "name": "json-syntax", "reason": "x" }] }' \
	'{ "kernel": 6.1 }' '{ "for": "rkt" }' '{ "quiet": true }'; do
	settings "$text"
	ok "$text: 2" check 2 repository/warned.json
	ok "$text: where" says 'repository/.seccompc.json:'
	ok "$text: nothing else" test ! -s out
done

echo '# exceptions'
except() { # KEYS
	settings '{ "deny": ["warnings"], "allow": [{ "name": "unknown-name",
	"reason": "why not"'"$1"' }] }'
}
except ''
ok 'an exception: 0' check 0 repository/warned.json
ok 'nothing is found' lines 0 unknown-name
ok 'denied by hand: 1' check 1 --deny=unknown-name repository/warned.json
except ', "files": ["w*.json"]'
ok 'for a file: 0' check 0 repository/warned.json
except ', "files": ["sub"]'
ok 'for another folder: 1' check 1 repository/warned.json
cp repository/warned.json repository/sub/deep/
ok 'for this folder: 0' check 0 repository/sub/deep/warned.json
except ', "files": ["*.json"]'
ok 'a star stays in its folder: 1' check 1 repository/sub/deep/warned.json
except ', "syscall": "moutn"'
ok 'for a syscall: 0' check 0 repository/warned.json
profile ERRNO '{ "names": ["read", "execve"], "action": "SCMP_ACT_ERRNO",
"errnoRet": 0 }' >repository/zero.json
settings '{ "deny": ["warnings"], "allow": [{ "name": "errno-zero",
	"reason": "why not", "syscall": "read" }] }'
ok 'for a rule that has it: 0' check 0 --allow=no-exit \
	repository/zero.json
rm repository/zero.json
except ', "syscall": "mout"'
ok 'for another syscall: 1' check 1 repository/warned.json
ok 'which is without effect' finds unused-exception
except ', "syscall": "moutn"'
echo '{ "defaultAction": "SCMP_ACT_ERRNO" }' >repository/clean.json
ok 'nothing to silence: 0' check 0 --allow=no-execve repository/clean.json
ok 'is noted' finds unused-exception
settings '{ "allow": [{ "name": "unknown-denied-name", "reason": "gone" }] }'
ok 'an error: 0' check 0 repository/refused.json
ok 'what is behind it is looked at: 1' \
	check 1 --max-instructions=1 repository/refused.json
ok 'the budget' finds max-instructions
ok 'not the error' lines 0 unknown-denied-name
settings '{}'

echo '# baselines'
profile ERRNO "$(rule '"execve", "exit_group", "write"' ALLOW)" >base.json
profile ERRNO "$(rule '"execve", "exit_group", "write", "bpf"' ALLOW)" \
	>laxer.json
ok 'equal: 0' check 0 --no-weaker-than=base.json base.json
ok 'stricter: 0' check 0 --no-weaker-than=laxer.json base.json
ok 'weaker: 1' check 1 --no-weaker-than=base.json laxer.json
ok 'one finding' lines 1 '[weaker-than-baseline]'
ok 'at its name' grep -q \
	'^laxer.json:3:46: error: /syscalls/0/names/3: x86_64 bpf' out
ok 'diff agrees' status 1 diff --no-weaker laxer.json base.json
ok 'a program' status 0 compile base.json -o base.bpf
ok 'is a baseline too' check 1 --no-weaker-than=base.bpf laxer.json
profile ALLOW "$(rule '"mount"' ERRNO)" >open.json
ok 'another default: 1' check 1 --no-weaker-than=base.json open.json
ok 'names some and counts the others' grep -q 'laxer than .* and [0-9]* more' \
	out
ok 'no baseline: 1' check 1 --no-weaker-than=none.json laxer.json
ok 'a baseline that is refused: 1' \
	check 1 --no-weaker-than=broken.json laxer.json

echo '# examples of --help'
mkdir -p examples/profiles examples/nodes
profile ERRNO "$(rule '"execve", "exit_group", "write"' ALLOW)" >examples/a
for name in default.json profile.json base.json profiles/a.json; do
	cp examples/a examples/$name
done
cp examples/a examples/nodes/web.json
cat >examples/pod.yaml <<'END'
{ "kind": "Pod", "spec": {
  "securityContext": { "seccompProfile": {
    "type": "Localhost", "localhostProfile": "web.json" } },
  "containers": [{ "name": "web" }] } }
END
ok '--help: 0' check 0 --help
sed -n '/^Examples/,/^$/s/^  \(seccompc .*\)/\1/p' out >commands
ok 'there are some' test "$(grep -c . commands)" -gt 4
PATH=$(dirname "$seccompc"):$PATH
while read -r line; do
	# A threshold of warnings is reached, and nothing else.
	want=0
	[ "${line#*--threshold=warning}" = "$line" ] || want=1
	(cd examples && sh -c "$line") >out 2>err
	got=$?
	ok "$line: $want" test $got -eq $want
	ok "$line: no message" not test -s err
done <commands

echo '# nothing is lost'
mkdir lost lost/.git
# 300 warnings, and before them an error that an exception is about.
{
	printf '{ "defaultAction": "SCMP_ACT_ERRNO", "architectures":\n'
	printf '["SCMP_ARCH_X86_64"], "syscalls": [\n'
	printf '{ "names": ["ptrace"], "action": "SCMP_ACT_ALLOW",\n'
	printf '  "errnoRet": 1 },\n'
	for i in $(seq 300); do
		rule '"none'"$i"'"' ALLOW
		printf ',\n'
	done
	printf '{ "names": [], "action": "SCMP_ACT_ALLOW" } ] }\n'
} >lost/many.json
echo '{ "allow": [
	{ "name": "errno-without-effect", "reason": "x" } ] }' \
	>lost/.seccompc.json
ok 'an error past an exception, among many warnings: 1' \
	check 1 --max-instructions=1 --no-weaker-than=base.json lost/many.json
ok 'the budget' finds max-instructions
ok 'the baseline' finds weaker-than-baseline
ok 'all are counted' grep -q '2 errors, 30[0-9] warnings' out
ok 'denied: 1' check 1 --deny=unknown-name lost/many.json
ok 'as many errors' grep -q ' 300 errors' out
echo '{ "deny": ["unknown-name"], "allow": [
	{ "name": "errno-without-effect", "reason": "x" },
	{ "name": "unknown-name", "reason": "x" } ] }' >lost/.seccompc.json
ok 'excepted, also those that are not kept: 0' check 0 lost/many.json
ok 'counts them' grep -q ' 301 excepted' out
# What stands behind the last rule is not about it.
echo '{ "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
	'"$(rule '"ptrace"' ERRNO)"' ],
	"defaultAction": "SCMP_ACT_ALLOW" }' >lost/open.json
echo '{ "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
	'"$(rule '"ptrace", "bpf"' ERRNO)"' ],
	"defaultAction": "SCMP_ACT_ALLOW" }' >lost/closed.json
echo '{ "allow": [ { "name": "weaker-than-baseline", "syscall": "ptrace",
	"reason": "x" } ] }' >lost/.seccompc.json
ok 'behind the rule of an exception: 1' \
	check 1 --no-weaker-than=lost/closed.json lost/open.json
ok 'is found' finds weaker-than-baseline
echo '{ "allow": [ { "name": "errno-zero", "reason": "x" } ] }' \
	>lost/.seccompc.json
ok 'an exception without effect, denied: 1' \
	check 1 --deny=unused-exception lost/open.json
ok 'a warning: 1' check 1 --threshold=warning --warn=unused-exception \
	lost/open.json
ok 'switched off' check 0 --allow=unused-exception lost/open.json
ok 'is silent' lines 0 unused-exception
echo '{ "deny": ["unused-exception"],
	"allow": [ { "name": "errno-zero", "reason": "x" } ] }' \
	>lost/.seccompc.json
ok 'denied by the file: 1' check 1 lost/open.json
echo '{ "allow": [ { "name": "default-allow", "reason": "x",
	"files": [] } ] }' >lost/.seccompc.json
ok 'an exception about no file: 2' check 2 lost/open.json
ok 'is not about all' grep -q 'about no file' err
{
	printf '{ "allow": ['
	for i in $(seq 4096); do
		printf '{ "name": "errno-zero", "reason": "x" },\n'
	done
	printf '{ "name": "errno-zero", "reason": "x" } ] }'
} >lost/.seccompc.json
ok 'too many exceptions: 2' check 2 lost/open.json
ok 'are counted' grep -q 'more than 4096' err

echo '# what is no file'
for kind in fifo folder device loop; do
	rm -rf lost/.seccompc.json
	case $kind in
	fifo) mkfifo lost/.seccompc.json ;;
	folder) mkdir lost/.seccompc.json ;;
	device) ln -s /dev/zero lost/.seccompc.json ;;
	loop) ln -s .seccompc.json lost/.seccompc.json ;;
	esac
	timeout 20 "$seccompc" check lost/open.json >out 2>err
	got=$?
	ok "$kind: 1" test $got -eq 1
	ok 'is named' says .seccompc.json
done
rm -f lost/.seccompc.json
mkdir folder
cp base.json folder/base.json
ok 'a folder: 0' check 0 folder
ln -s none folder/link.json
ok 'a link that leads nowhere: 1' check 1 folder
ok 'is named' says folder/link.json
rm folder/link.json
mkfifo folder/fifo.json
ok 'a pipe: 1' check 1 folder
ok 'is named' says folder/fifo.json

echo '# reports and inputs'
echo '{}' >repository/.seccompc.json
for file in base.json laxer.json repository/warned.json \
	repository/.seccompc.json; do
	cp "$file" saved
	ok "$file: 1" check 1 -o "./$file" --no-weaker-than=laxer.json \
		base.json repository/warned.json
	ok 'stays' cmp saved "$file"
	ok 'a message' says 'written over'
done

echo '# names that are commands'
mkdir '::stop-commands::x' '##[group]x'
echo '{ "x": 1 }' >'::stop-commands::x/.seccompc.json'
cp base.json '::stop-commands::x'
ok 'a folder: 2' check 2 '::stop-commands::x'
ok 'no command' not grep -q '^ *::' err
ok 'no such file: 1' check 1 '##[group]x/none.json'
ok 'no command' not grep -q '##\[' err

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
