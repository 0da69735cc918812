#!/bin/sh
# run.sh SECCOMPC: `seccompc run` passes on what the command does, and never
# executes it without the filter.
set -u
seccompc=$(realpath "$1")
profiles=$(dirname "$(realpath "$0")")/profiles
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"

compile no-mkdir
blob=$work/no-mkdir.bpf
run() { # FILE COMMAND...
	file=$1
	shift
	"$seccompc" run "$file" -- "$@" >"$work/out" 2>"$work/err"
}

run "$blob" sh -c 'exit 7'
is $? 7 'the exit status passes'
run "$blob" sh -c 'kill -TERM $$'
is $? 143 'a signal passes'
# One from outside: the command has the pid of seccompc.
# shellcheck disable=SC2016 # the inner shell expands it
"$seccompc" run "$blob" -- sh -c 'trap "exit 9" USR1; echo up >"$0"
	n=0; while [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done' \
	"$work/up" &
tries=0
while [ ! -s "$work/up" ] && [ $tries -lt 200 ]; do
	sleep 0.05
	tries=$((tries + 1))
done
kill -USR1 $!
wait $!
is $? 9 'a signal from outside reaches the command'
run "$blob" mkdir "$work/made"
result $((! $?)) 'mkdir fails'
[ ! -d "$work/made" ]
result $? 'and nothing was made'
has "$work/err" 'Permission denied' 'with the errno of the rule (EACCES)'
run "$blob" grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status
is "$(tr -s '\t\n' ' ' <"$work/out")" 'NoNewPrivs: 1 Seccomp: 2 ' \
	'no_new_privs is set and a filter installed'
run "$profiles/no-mkdir.json" mkdir "$work/made"
result $((! $?)) 'a profile is compiled first'
run "$blob" "$work/none"
is $? 127 'a command that is not there'
run "$blob" "$work"
is $? 126 'a command that cannot be executed'
echo true >"$work/script"
run "$blob" "$work/script"
is $? 126 'a file without the right to be executed'

# Whatever is wrong with the filter, the command does not run.
refuse() { # FILE TITLE [TEXT]
	run "$1" touch "$work/ran"
	is $? 1 "refused: $2"
	[ ! -e "$work/ran" ]
	result $? "not executed: $2"
	[ -z "${3:-}" ] || has "$work/err" "$3" "said: $2"
	rm -f "$work/ran"
}
refuse "$work/none.bpf" 'no such file'
: >"$work/empty"
refuse "$work/empty" 'an empty file'
head -c 20 "$blob" >"$work/short"
refuse "$work/short" 'half an instruction'
head -c 16 "$blob" >"$work/no-ret"
refuse "$work/no-ret" 'no RET at the end' instruction
printf '\25\0\0\1\0\0\0\0\6\0\0\0\0\0\377\177' >"$work/jump"
refuse "$work/jump" 'a jump past the end' 'instruction 0'
head -c 32776 /dev/zero >"$work/long"
refuse "$work/long" '4097 instructions'
refuse "$profiles/notify.json" 'NOTIFY' NOTIFY
"$seccompc" compile --quiet "$profiles/notify.json" -o "$work/notify.bpf"
result $? 'notify.json compiles'
refuse "$work/notify.bpf" 'NOTIFY, compiled before' NOTIFY
refuse "$profiles/broken.json" 'a profile with an error' unknown-action

# The kernel's limit on stacked filters: 32768 converted instructions.
# Here each run adds a filter and runs the next.
nested=$work/nested.sh
cat >"$nested" <<END
#!/bin/sh
[ "\$1" -gt 0 ] || { touch "$work/ran"; exit 0; }
exec "$seccompc" run "$work/big.bpf" -- "$nested" \$((\$1 - 1))
END
chmod +x "$nested"
"$seccompc" compile --quiet "$profiles/big.json" -o "$work/big.bpf"
result $? 'big.json compiles'
size=$(($(stat -c %s "$work/big.bpf") / 8))
"$nested" $((32768 / size + 1)) >"$work/out" 2>"$work/err"
is $? 1 'past the stacking limit'
has "$work/err" 'too long together' 'said: past the stacking limit'
[ ! -e "$work/ran" ]
result $? 'not executed: past the stacking limit'

if command -v strace >/dev/null; then
	strace -f -e trace=seccomp,prctl -o "$work/trace" \
		"$seccompc" run --quiet "$profiles/flags.json" -- true \
		2>"$work/err"
	is $? 0 'a profile with flags'
	grep 'seccomp(SECCOMP_SET_MODE_FILTER' "$work/trace" |
		grep SECCOMP_FILTER_FLAG_LOG | grep SECCOMP_FILTER_FLAG_SPEC |
		grep -q ' = 0'
	result $? 'flags, both, go through seccomp(2)'
	strace -e trace=seccomp,prctl -o "$work/trace" \
		"$seccompc" run "$blob" -- true
	has "$work/trace" 'prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER' \
		'without flags through prctl(2)'
else
	echo '# skipped: how filters are installed, there is no strace'
fi

[ $failed -eq 0 ]
