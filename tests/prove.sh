#!/bin/sh
# The commands prove and diff from outside: prove.sh SECCOMPC SOURCE-ROOT
#
# Programs that are not ours are written byte by byte here; what has to come
# out was worked out by hand.
set -u
[ $# -eq 2 ] || {
	echo "usage: prove.sh SECCOMPC SOURCE-ROOT" >&2
	exit 2
}
seccompc=$(realpath "$1")
root=$(realpath "$2")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
passed=0 failed=0

check() { # TEXT STATUS EXPECTED-OUTPUT ARGUMENT...
	text=$1 want=$2 printf_expected=$3
	shift 3
	"$seccompc" "$@" >out 2>err </dev/null
	got=$?
	printf '%s' "$printf_expected" >expected
	if [ $got -eq "$want" ] && { [ "$printf_expected" = - ] ||
		diff -u expected out >diff.out; }; then
		passed=$((passed + 1))
		echo "ok - $text"
	else
		failed=$((failed + 1))
		echo "not ok - $text: status $got, not $want"
		sed 's/^/# /' diff.out err 2>/dev/null
	fi
}

says() { # TEXT: standard error has it
	if grep -q -F -e "$1" err; then
		passed=$((passed + 1))
		echo "ok - it says: $1"
	else
		failed=$((failed + 1))
		echo "not ok - it does not say: $1"
		sed 's/^/# /' err
	fi
}

# insn CODE JT JF K: one instruction, little endian.
insn() {
	printf '%b' "$(printf '\\0%03o\\0%03o\\0%03o\\0%03o' \
		$(($1 & 255)) $(($1 >> 8)) "$2" "$3")"
	printf '%b' "$(printf '\\0%03o\\0%03o\\0%03o\\0%03o' \
		$(($4 & 255)) $(($4 >> 8 & 255)) $(($4 >> 16 & 255)) \
		$(($4 >> 24 & 255)))"
}

allow=0x7fff0000 eperm=0x50001 enosys=0x50026 x86_64=0xc000003e
ld=0x20 jeq=0x15 jge=0x35 jset=0x45 ret=0x06

cat >profile.json <<'END'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["read"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 2 }] }
  ]
}
END

# hand FAMILY-TEST-OF-THE-HIGH-HALF: what profile.json says, written by hand.
hand() { # the value that the high half of family has to have
	insn $ld 0 0 4
	insn $jeq 0 14 $x86_64
	insn $ld 0 0 0
	insn $jeq 10 0 0          # read: allow
	insn $jeq 4 0 41          # socket
	insn $jset 0 1 0x40000000 # x32, or a tracer's "skip"
	insn $jeq 6 9 0xffffffff
	insn $jge 0 5 42          # above the largest number that is named
	insn $ret 0 0 $enosys
	insn $ld 0 0 20
	insn $jeq 0 2 "$1"
	insn $ld 0 0 16
	insn $jeq 1 0 2
	insn $ret 0 0 $eperm
	insn $ret 0 0 $allow
	insn $ret 0 0 $eperm
	insn $ret 0 0 0
}

hand 0 >right.bpf
hand 1 >wrong.bpf
check 'a program by hand is proved' 0 \
	'proved: the 17 instructions of right.bpf (29 as the kernel counts them) decide every call as profile.json says
' prove profile.json right.bpf
check 'a wrong high half is found on both sides' 1 \
	'wrong.bpf does not do what profile.json says:
x86_64 socket(family=0x100000002, ...): the profile says ERRNO(EPERM), the program ALLOW when family == 0x100000002
x86_64 socket(family=0x2, ...): the profile says ALLOW, the program ERRNO(EPERM) when family == 2
' prove profile.json wrong.bpf
check 'they differ as programs too' 1 'A: right.bpf
B: wrong.bpf

x86_64: socket
  A ERRNO(EPERM), B ALLOW when family == 0x100000002
    A is stricter, as in x86_64 socket(family=0x100000002, ...)
  A ALLOW, B ERRNO(EPERM) when family == 2
    A is weaker, as in x86_64 socket(family=0x2, ...)

neither is stricter: A refuses what B does not, and the other way round
' diff right.bpf wrong.bpf
check 'a profile equals its program' 0 \
	'equal: profile.json and right.bpf decide every call alike (proved)
' diff profile.json right.bpf
check 'and the other way round' 0 - diff right.bpf profile.json
check 'neither is not weaker' 1 - diff --no-weaker right.bpf wrong.bpf

insn $ret 0 0 $enosys >enosys.bpf
insn $ret 0 0 $eperm >eperm.bpf
insn $ret 0 0 $allow >allow.bpf
insn $ret 0 0 $((allow + 5)) >allow5.bpf
check 'the errno differs' 1 - diff enosys.bpf eperm.bpf
if [ "$(tail -n 1 out)" = 'the same actions with other data (errno)' ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo 'not ok - the errno differs, and nothing else'
fi
check 'by action alone it does not' 0 - diff --compare=action enosys.bpf \
	eperm.bpf
check 'stricter is not weaker' 0 - diff --no-weaker eperm.bpf allow.bpf
check 'weaker is' 1 - diff --no-weaker allow.bpf eperm.bpf
check 'data of ALLOW counts for nothing' 0 - diff allow.bpf allow5.bpf

# Numbers that are tested bit by bit cannot be listed, and count all the same.
odd() { # NUMBER-THAT-IS-ALLOWED
	insn $ld 0 0 4
	insn $jeq 0 5 $x86_64
	insn $ld 0 0 0
	insn $jset 3 0 0x50000000
	insn $jeq 1 0 "$1"
	insn $ret 0 0 $eperm
	insn $ret 0 0 $allow
	insn $ret 0 0 $eperm
}
odd 480 >odd480.bpf
odd 500 >odd500.bpf
check 'unnamed numbers, bit by bit: weaker on one' 1 - diff --no-weaker \
	odd480.bpf odd500.bpf
check 'and the other way round' 1 - diff --no-weaker odd500.bpf odd480.bpf
first() { # what 4096 and 8192 get
	insn $ld 0 0 0
	insn $jset 2 0 0x5000000
	insn $jeq 2 0 4096
	insn $jeq 2 0 8192
	insn $ret 0 0 $enosys
	insn $ret 0 0 "$1"
	insn $ret 0 0 "$2"
}
first $eperm $allow >first-allow.bpf
first $enosys $enosys >first-none.bpf
check 'by action: an errno first, then an action' 1 - diff --compare=action \
	first-allow.bpf first-none.bpf
check 'weaker there' 1 - diff --no-weaker first-allow.bpf first-none.bpf
check 'not weaker the other way' 0 - diff --no-weaker first-none.bpf \
	first-allow.bpf

# The kernel compares values before it looks what action they are.
insn $ret 0 0 0x7ffe0000 >unknown.bpf
"$seccompc" intersect -f bpf unknown.bpf eperm.bpf -o stacked.bpf
check 'an unknown action loses to a stricter one' 0 - diff stacked.bpf eperm.bpf
insn $ret 0 0 0x80000000 >kill.bpf
check 'and kills alone' 0 - diff unknown.bpf kill.bpf

# Names of files can hold anything.
cp eperm.bpf "$(printf 'a\033[31m.bpf')"
check 'a name for a terminal' 1 - diff "$(printf 'a\033[31m.bpf')" allow.bpf
if grep -q "$(printf '\033')" out; then
	failed=$((failed + 1))
	echo 'not ok - no escapes'
else
	passed=$((passed + 1))
fi

# What cannot be compared: a product of two arguments.
{
	insn $ld 0 0 16
	insn 0x07 0 0 0 # tax
	insn $ld 0 0 24
	insn 0x2c 0 0 0 # mul x
	insn $jeq 0 1 12345
	insn $ret 0 0 $allow
	insn $ret 0 0 0
} >product.bpf
check 'a product has no answer' 3 '' diff product.bpf allow.bpf
says 'no answer: more than'
check 'nor a proof' 3 '' prove profile.json product.bpf
says 'at instruction'
check 'a product equals itself' 0 - diff product.bpf product.bpf
# More results than anybody would list, of which one is stricter than ALLOW.
{
	insn $ld 0 0 16
	insn 0x54 0 0 0xffff     # and
	insn 0x44 0 0 0x7ff00000 # or: TRACE with any data
	insn 0x16 0 0 0          # ret a
} >trace.bpf
check 'all data of TRACE is stricter than ALLOW' 1 - diff trace.bpf allow.bpf
if [ "$(tail -n 1 out)" = 'A is stricter' ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo 'not ok - and nothing else'
fi

# What is no program, or no profile.
insn $ld 0 0 0 >unfinished.bpf
check 'a program that the kernel refuses' 1 '' prove profile.json unfinished.bpf
says 'unfinished.bpf: instruction 0'
check 'a profile in the place of a program' 1 '' prove profile.json profile.json
says 'profile.json: text, where a program is needed'
check 'a program in the place of a profile' 1 '' prove right.bpf right.bpf
says 'a program, where a profile is needed'
check 'a missing file' 1 '' diff profile.json none.bpf
says none.bpf
check 'a bad profile' 1 '' diff "$root/tests/golden/rule-01-syntax.json" right.bpf
check 'one file' 2 '' diff profile.json
check 'three' 2 '' prove profile.json right.bpf wrong.bpf
check 'a bad option' 2 '' diff --no-such profile.json right.bpf
check 'a bad format' 2 '' diff --format=xml profile.json right.bpf

# JSON is JSON, and says the same.
"$seccompc" diff --format=json right.bpf wrong.bpf >diff.json 2>err
if python3 - diff.json <<'END'; then
import json, sys
d = json.load(open(sys.argv[1]))
assert d["result"] == "neither" and d["compare"] == "value"
(group,) = d["differences"]
assert group["places"] == [{"abi": "x86_64", "syscall": "socket",
                            "first": 41, "last": 41, "example": False}]
a, b = group["cases"]
assert a["order"] == "a-stricter" and b["order"] == "a-weaker"
assert a["a"] == {"name": "ERRNO(EPERM)", "value": 0x50001}
assert a["b"] == {"name": "ALLOW", "value": 0x7fff0000}
assert a["when"] == ["family == 0x100000002"] and a["complete"] is True
assert a["call"]["nr"] == 41 and a["call"]["arch"] == 0xc000003e
assert a["call"]["args"][0] == "0x100000002"
END
	passed=$((passed + 1))
	echo 'ok - JSON'
else
	failed=$((failed + 1))
	echo 'not ok - JSON'
	sed 's/^/# /' diff.json
fi

# compile says 3 and leaves a file as it was when the proof gives up.
awk -v rules=80 'BEGIN {
	print "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
	for (i = 1; i <= rules; i++) {
		mask = 2 ^ (i * 7 % 52) + 2 ^ (i * 13 % 51) + 2 ^ (i * 29 % 50)
		printf "{\"names\": [\"ioctl\"], \"action\": \"SCMP_ACT_ALLOW\"," \
			"\"args\": [{\"index\": 1, \"op\": \"SCMP_CMP_MASKED_EQ\"," \
			"\"value\": %.0f, \"valueTwo\": %.0f}]}%s\n", \
			mask, mask, i < rules ? "," : ""
	}
	print "]}"
}' >masks.json
echo before >masks.bpf
check 'compile: the proof gives up: 3' 3 '' compile masks.json -o masks.bpf
says 'the proof gave up: more than'
says 'nothing was written'
if [ "$(cat masks.bpf)" = before ]; then
	passed=$((passed + 1))
	echo 'ok - the file is as it was'
else
	failed=$((failed + 1))
	echo 'not ok - the file was written'
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
