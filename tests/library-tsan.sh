#!/bin/sh
# Runs a program that was built with ThreadSanitizer: library-tsan.sh COMMAND...
# The shadow memory of older ones has no room beside addresses that are as
# random as newer kernels make them.
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT
run=
for run in '' 'setarch -R'; do
	export TSAN_OPTIONS=halt_on_error=1:exitcode=66
	$run "$@" >"$log" 2>&1
	status=$?
	if ! grep -q 'unexpected memory mapping\|failed to set personality' \
		"$log"; then
		cat "$log"
		exit $status
	fi
done
echo '# skipped: ThreadSanitizer has no room for its memory here'
exit 77
