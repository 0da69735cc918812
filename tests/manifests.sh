#!/bin/sh
# `seccompc check --manifest` from outside: manifests.sh SECCOMPC
#
# Prints ok or not ok lines and a count; exits 1 if anything failed.

[ $# -eq 1 ] || {
	echo "usage: manifests.sh SECCOMPC" >&2
	exit 2
}
seccompc=$(realpath "$1")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
mkdir .git root root/sub outside
unset NO_COLOR

check() { # STATUS ARGUMENT...
	want=$1
	shift
	status "$want" check --quiet "$@"
}

finds() { # NAME: standard output has it as a finding
	grep -q -F -e "[$1]" out || {
		cat out err
		return 1
	}
}

lines() { # N TEXT: so many lines of standard output have it
	[ "$(grep -c -F -e "$2" out)" -eq "$1" ] || {
		cat out
		return 1
	}
}

# pod PATH...: a container for each profile
pod() {
	echo 'apiVersion: v1'
	echo 'kind: Pod'
	echo 'spec:'
	echo '  containers:'
	for path; do
		echo '  - securityContext:'
		echo '      seccompProfile:'
		echo '        type: Localhost'
		echo "        localhostProfile: \"$path\""
	done
}

# Both are errors wherever a profile is read.
echo '{ "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
	{ "names": ["moutn"], "action": "SCMP_ACT_ERRNO" }] }' >root/bad.json
echo '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
	{ "names": ["read"], "action": "SCMP_ACT_ALLOW" }] }' >root/good.json
cp root/good.json root/sub/good.json
cp root/good.json outside/good.json

echo '# JSON, which needs no libyaml'
echo '{"kind":"Pod","spec":{"containers":[{"securityContext":{
	"seccompProfile":{"type":"Localhost","localhostProfile":"good.json"}}}
	]}}' >pod.json
ok 'a manifest in JSON' check 0 --manifest=pod.json --profile-root=root
ok 'broken JSON' sh -c "sed 's/}}}/}}/' pod.json >broken.json"
ok 'is refused' check 1 --manifest=broken.json --profile-root=root

pod good.json >pod.yaml
if ! check 0 --manifest=pod.yaml --profile-root=root >/dev/null &&
	grep -q 'built without libyaml' err; then
	ok 'YAML without libyaml: 2' check 2 --manifest=pod.yaml
	echo "$passed passed, $failed failed; no libyaml"
	[ $failed -eq 0 ]
	exit
fi

echo '# profiles'
ok 'a good profile' check 0 --manifest=pod.yaml --profile-root=root
pod bad.json >bad.yaml
ok 'a bad one: 1' check 1 --manifest=bad.yaml --profile-root=root
ok 'is found in its file' grep -q '^root/bad.json:2:14: error' out
ok 'a root with a slash' check 1 --manifest=bad.yaml --profile-root=root/
ok 'is the same' grep -q '^root/bad.json:2:14: error' out
pod bad.json ./bad.json sub/good.json >three.yaml
ok 'one that several containers need' \
	check 1 --manifest=three.yaml --manifest=bad.yaml --profile-root=root
ok 'is checked once' lines 1 '[unknown-denied-name]'
ok 'profiles as well' check 1 --manifest=pod.yaml --profile-root=root \
	root/bad.json
ok 'are checked' finds unknown-denied-name
ok 'standard input' sh -c "'$seccompc' check --quiet --manifest=- \
	--profile-root=root <bad.yaml | grep -q unknown-denied-name"

echo '# what is not there'
pod none.json >none.yaml
ok 'no such profile: 1' check 1 --manifest=none.yaml --profile-root=root
ok 'at its path' grep -q '^none.yaml:8:27: error: .*kubernetes-absent' out
pod sub >folder.yaml
ok 'a folder: 1' check 1 --manifest=folder.yaml --profile-root=root
ok 'says so' grep -q 'Is a directory.*kubernetes-absent' out
pod . >root.yaml
ok 'the root itself: 1' check 1 --manifest=root.yaml --profile-root=root
ok 'says so' finds kubernetes-absent
mkfifo root/fifo
pod fifo >fifo.yaml
ok 'a pipe: 1' timeout 20 "$seccompc" check --allow=kubernetes-absent \
	--manifest=fifo.yaml --profile-root=root
ok 'a pipe does not hang' check 1 --manifest=fifo.yaml --profile-root=root
ok 'a file as a folder' sh -c "sed 's/none/good.json\/x/' none.yaml >deep.yaml"
ok 'is refused' check 1 --manifest=deep.yaml --profile-root=root
ok 'says so' grep -q 'Not a directory.*kubernetes-absent' out

echo '# links'
ln -s sub/good.json root/inside.json
ln -s ../outside/good.json root/link.json
ln -s ../outside root/folder
pod inside.json >inside.yaml
ok 'a link that stays' check 0 --manifest=inside.yaml --profile-root=root \
	--deny=kubernetes-outside
for path in link.json folder/good.json; do
	pod $path >link.yaml
	ok "$path leaves the root" check 1 --manifest=link.yaml \
		--profile-root=root --deny=kubernetes-outside
	ok 'is found' finds kubernetes-outside
	ok 'is a warning' status 0 check --manifest=link.yaml --profile-root=root
	ok 'that is printed' finds kubernetes-outside
done
ln -s root linked
ok 'a root that is a link' check 0 --manifest=inside.yaml \
	--profile-root=linked --deny=kubernetes-outside
mkdir rootx
cp root/good.json rootx/
ln -s ../rootx/good.json root/near.json
pod near.json >near.yaml
ok 'a folder whose name begins in the same way' check 1 \
	--manifest=near.yaml --profile-root=root --deny=kubernetes-outside

echo '# settings'
ok 'no root: 2' check 2 --manifest=pod.yaml
ok 'says why' says --profile-root
ok 'an empty root: 2' check 2 --manifest=pod.yaml --profile-root=
ok 'no such root: 2' check 2 --manifest=pod.yaml --profile-root=nowhere
ok 'says so' says nowhere
ok 'a missing manifest: 1' check 1 --manifest=nothing.yaml --profile-root=root
printf 'kind: Pod\nspec: {containers: [{name: a}]}\n' >plain.yaml
ok 'no root is needed where no profile is named' check 0 --manifest=plain.yaml
ok 'a note, at the threshold: 1' status 1 check --threshold=note \
	--manifest=plain.yaml
ok 'says Unconfined' grep -q 'runs Unconfined' out
ok 'or the default' status 0 check --seccomp-default --manifest=plain.yaml
ok 'says RuntimeDefault' grep -q 'gets RuntimeDefault' out
ok 'a severity' check 1 --deny=kubernetes-no-profile --manifest=plain.yaml
echo '{ "allow": [{ "name": "kubernetes-no-profile",
	"reason": "a test", "files": ["plain.yaml"] }] }' >.seccompc.json
ok 'an exception in a settings file' status 0 check --threshold=note \
	--manifest=plain.yaml
rm .seccompc.json
ok 'the root of all' check 1 --manifest=none.yaml --profile-root=/
ok 'says where it looked' grep -q ' /none.json: No such file' out
# containerd takes the rule for one without a condition on capabilities.
echo '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
	{ "names": ["read"], "action": "SCMP_ACT_ALLOW",
	"includes": { "caps": ["CAP_SYS_ADMIN"] } }] }' >root/caps.json
pod caps.json >caps.yaml
ok 'profiles are read as Kubernetes does' check 1 --deny=ignored-field \
	--manifest=caps.yaml --profile-root=root
ok 'which ignores includes' finds ignored-field
ok 'unless --for says otherwise' check 0 --deny=ignored-field --for=crio \
	--caps=all --manifest=caps.yaml --profile-root=root

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
