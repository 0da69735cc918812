#!/bin/sh
# calls.sh SECCOMPC CALL [CALL32]: compiles each profile in profiles/ and
# holds what the kernel does under it against NAME.calls, written by hand
# from the profile, in a 64-bit and a 32-bit process.  NAME.stack names the
# profiles, oldest first, where several filters are stacked.
set -u
seccompc=$(realpath "$1") call=$(realpath "$2")
call32=${3:+$(realpath "$3")}
cd "$(dirname "$0")/profiles" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
failed=0 ran=0

fail() { # TITLE
	echo "not ok - $1"
	failed=$((failed + 1))
}

try() { # PROGRAM CALLS TITLE
	echo "# $3"
	# shellcheck disable=SC2086 # blobs are words
	"$1" "$2" $blobs
	status=$?
	[ $status -ne 77 ] || exit 77
	ran=$((ran + 1))
	[ $status -eq 0 ] || failed=$((failed + 1))
}

# A kernel may be without 32-bit programs: then the shell says 126.
if [ -z "$call32" ]; then
	echo '# skipped: 32-bit programs, which this compiler cannot link'
elif "$call32" 2>/dev/null; [ $? -ge 126 ]; then
	echo '# skipped: 32-bit programs, which this system cannot run'
	call32=
fi
for profile in *.json; do
	name=${profile%.json}
	[ -e "$name.calls" ] || grep -qxF "$name" ./*.stack || continue
	# shellcheck disable=SC2046 # options are words
	"$seccompc" compile --quiet $(cat "$name.opts" 2>/dev/null) \
		"$profile" -o "$work/$name" || fail "$profile: not compiled"
done
for calls in *.calls; do
	name=${calls%.calls} blobs=
	for each in $(cat "$name.stack" 2>/dev/null || echo "$name"); do
		blobs="$blobs $work/$each"
	done
	try "$call" "$calls" "$name"
	[ ! -e "${calls}32" ] || [ -z "$call32" ] ||
		try "$call32" "${calls}32" "$name, 32-bit process"
done
[ $failed -eq 0 ] && [ $ran -gt 0 ]
