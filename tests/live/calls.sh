#!/bin/sh
# calls.sh SECCOMPC CALL [CALL32]: compiles each profile in profiles/ and
# holds what the kernel does under it against NAME.calls, written by hand
# from the profile, in a 64-bit and a 32-bit process.
set -u
seccompc=$(realpath "$1") call=$(realpath "$2")
call32=${3:+$(realpath "$3")}
cd "$(dirname "$0")/profiles" || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0 ran=0

try() { # PROGRAM CALLS TITLE
	echo "# $3"
	"$1" "$work/blob" "$2"
	status=$?
	[ $status -ne 77 ] || exit 77
	ran=$((ran + 1))
	[ $status -eq 0 ] || failed=$((failed + 1))
}

[ -n "$call32" ] ||
	echo '# skipped: 32-bit programs, which this compiler cannot link'
for profile in *.json; do
	name=${profile%.json}
	[ -e "$name.calls" ] || continue
	# shellcheck disable=SC2046 # options are words
	"$seccompc" compile --quiet $(cat "$name.opts" 2>/dev/null) \
		"$profile" -o "$work/blob" || {
		echo "not ok - $profile: not compiled"
		failed=$((failed + 1))
		continue
	}
	try "$call" "$name.calls" "$name"
	[ ! -e "$name.calls32" ] || [ -z "$call32" ] ||
		try "$call32" "$name.calls32" "$name, 32-bit process"
done
[ $failed -eq 0 ] && [ $ran -gt 0 ]
