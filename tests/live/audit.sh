#!/bin/sh
# audit.sh SECCOMPC CALL: what the running kernel logs of calls is what
# `seccompc explain --audit` says they were, by which program, and decided by
# which rule.  Skips where the log cannot be read, or goes to an auditd.
set -u
seccompc=$(realpath "$1") call=$(realpath "$2")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"

dmesg >"$work/before" 2>/dev/null || {
	echo '# skipped: the log of the kernel cannot be read'
	exit 77
}
cat >"$work/p.json" <<'END'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "syscalls": [
    { "names": ["getppid"],
      "action": "SCMP_ACT_LOG" },
    { "names": ["personality"],
      "action": "SCMP_ACT_LOG",
      "args": [{ "index": 0, "value": 4294967295, "op": "SCMP_CMP_EQ" }] },
    { "names": ["umask"],
      "action": "SCMP_ACT_KILL_PROCESS" }
  ]
}
END
cat >"$work/calls" <<'END'
native 110 -> run
int80 64 -> run
native 0x4000006e -> run
native 135 0xffffffff -> run
native 95 -> kill
END
"$seccompc" compile "$work/p.json" -o "$work/p.bpf"
result $? 'the profile compiles'
# The kernel writes the second one's name in hexadecimal.
plain=audit-$$ odd="a $(printf '\033')[2J$$"
cp "$call" "$work/$plain" && cp "$call" "$work/$odd" || exit 2
"$work/$plain" "$work/calls" "$work/p.bpf" >"$work/out" 2>&1
status=$?
[ $status -ne 77 ] || exit 77
result $status 'the calls are made'
"$work/$odd" "$work/calls" "$work/p.bpf" >"$work/out" 2>&1
result $? 'and once more'
# The log may be full of older lines; printk may be slow.
tries=0
while [ $tries -lt 50 ]; do
	dmesg | grep -F "audit: type=1326" | grep -F "$work" >"$work/log"
	dmesg | grep -F 'audit: type=1326' |
		grep -F "comm=6120" | tail -n 20 >"$work/hex"
	[ "$(grep -c . "$work/log")" -lt 5 ] || break
	tries=$((tries + 1))
	sleep 0.1
done
if [ "$(grep -c . "$work/log")" -lt 5 ]; then
	echo '# skipped: the kernel logs to somewhere else, or drops lines'
	exit 77
fi
"$seccompc" explain --brief "$work/p.json" --audit="$work/log" >"$work/out"
is $? 0 'the profile has all of these lines'
for line in "x86_64 getppid (110)" "i386 getppid (64)" \
	"x32 getppid (0x4000006e)" "x86_64 personality (135)"; do
	grep -F "$line by \"$plain\" ($work/$plain)" "$work/out" |
		grep -qF ': LOG'
	result $? "$line is read"
done
grep -F "x86_64 umask (95) by \"$plain\"" "$work/out" |
	grep -qF ': KILL_PROCESS'
result $? 'what killed is read'
has "$work/out" "$work/p.json:5:17 (/syscalls/0/names/0)" \
	'the rule is named by its place'
has "$work/out" 'when personality == 0xffffffff' \
	'where arguments decide, the case that fits'
"$seccompc" explain --audit="$work/hex" >"$work/out"
is $? 0 'names in hexadecimal are read'
has "$work/out" "by \"a \\x1b[2J$$\"" 'and do nothing to a terminal'
sed 's/SCMP_ACT_LOG/SCMP_ACT_ERRNO/' "$work/p.json" >"$work/q.json"
"$seccompc" explain --brief "$work/q.json" --audit="$work/log" >"$work/out"
is $? 1 'another profile does not have these lines'
has "$work/out" 'the line is from another filter' 'and it says so'
[ $failed -eq 0 ]
