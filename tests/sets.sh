#!/bin/sh
# Profiles as results: compile --format=oci, merge and intersect from outside.
# sets.sh SECCOMPC CALLS
#
# What calls have to get was worked out by hand; CALLS is golden/calls.c.
set -u
[ $# -eq 2 ] || {
	echo "usage: sets.sh SECCOMPC CALLS" >&2
	exit 2
}
seccompc=$(realpath "$1")
calls=$(realpath "$2")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2

silent() {
	[ ! -s err ] || {
		cat err
		return 1
	}
}

# What a profile or program decides: calls on standard input.
decides() { # TEXT FILE [OPTION]...
	cat >expected.calls
	decides_text=$1 file=$2
	shift 2
	case $file in
	*.json)
		"$seccompc" compile --dialect=oci "$@" "$file" -o decides.bpf \
			2>err || cat err
		file=decides.bpf
		;;
	esac
	ok "$decides_text" "$calls" "$file" expected.calls
}

cat >small.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "flags": ["SECCOMP_FILTER_FLAG_LOG"],
  "syscalls": [
    { "names": ["write", "read", "no_such_call"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["recv"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38 },
    { "names": ["kill"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 1, "op": "SCMP_CMP_EQ", "value": 15 }] },
    { "names": ["tkill"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 1, "op": "SCMP_CMP_EQ", "value": 15 }] },
    { "names": ["mount"], "action": "SCMP_ACT_ALLOW",
      "includes": { "caps": ["CAP_SYS_ADMIN"] } },
    { "names": ["openat2"], "action": "SCMP_ACT_ERRNO" }
  ]
}
EOF
cat >small.kept <<'EOF'
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": [
		"SCMP_ARCH_X86_64",
		"SCMP_ARCH_X86"
	],
	"flags": [
		"SECCOMP_FILTER_FLAG_LOG"
	],
	"syscalls": [
		{
			"names": [
				"write",
				"read",
				"no_such_call"
			],
			"action": "SCMP_ACT_ALLOW"
		},
		{
			"names": [
				"recv"
			],
			"action": "SCMP_ACT_ALLOW"
		},
		{
			"names": [
				"ptrace"
			],
			"action": "SCMP_ACT_ERRNO",
			"errnoRet": 38
		},
		{
			"names": [
				"kill"
			],
			"action": "SCMP_ACT_ALLOW",
			"args": [
				{
					"index": 1,
					"value": 15,
					"op": "SCMP_CMP_EQ"
				}
			]
		},
		{
			"names": [
				"tkill"
			],
			"action": "SCMP_ACT_ALLOW",
			"args": [
				{
					"index": 1,
					"value": 15,
					"op": "SCMP_CMP_EQ"
				}
			]
		},
		{
			"names": [
				"openat2"
			],
			"action": "SCMP_ACT_ERRNO"
		}
	]
}
EOF
# The same, made anew.
cat >small.oci <<'EOF'
{
	"defaultAction": "SCMP_ACT_ERRNO",
	"architectures": [
		"SCMP_ARCH_X86_64",
		"SCMP_ARCH_X86"
	],
	"flags": [
		"SECCOMP_FILTER_FLAG_LOG"
	],
	"syscalls": [
		{
			"names": [
				"read",
				"recv",
				"write"
			],
			"action": "SCMP_ACT_ALLOW"
		},
		{
			"names": [
				"openat2"
			],
			"action": "SCMP_ACT_ERRNO"
		},
		{
			"names": [
				"ptrace"
			],
			"action": "SCMP_ACT_ERRNO",
			"errnoRet": 38
		},
		{
			"names": [
				"kill",
				"tkill"
			],
			"action": "SCMP_ACT_ALLOW",
			"args": [
				{
					"index": 1,
					"value": 15,
					"op": "SCMP_CMP_EQ"
				}
			]
		}
	]
}
EOF

echo '# compile --format=oci'
ok 'a plain profile' status 0 compile --quiet --caps=none -f oci small.json
ok 'its rules, as they were' diff -u small.kept out
cp out small-oci.json
ok 'once more, of the result' status 0 compile --quiet --dialect=oci -f oci \
	small-oci.json
ok 'the same text' diff -u small.kept out
ok 'merged with itself' status 0 merge --quiet --caps=none small.json small.json
ok 'rules made anew' diff -u small.oci out
cp out anew.json
ok 'anew, of the result' status 0 merge --quiet anew.json anew.json
ok 'the same text again' diff -u small.oci out

# libseccomp cuts constants to 32 bits on i386 and x32: masks in the place of
# this comparison would let everything through there.
cat >wide.json <<'EOF'
{ "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  "syscalls": [
    { "names": ["setpriority"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 2, "op": "SCMP_CMP_GE", "value": 8589934597 }] } ] }
EOF
ok 'a wide constant' status 0 compile --quiet -f oci wide.json
ok 'it is kept as it is' grep -q SCMP_CMP_GE out
ok 'and not made anew' status 1 merge --quiet wide.json wide.json
ok 'as libseccomp would cut it' says 'libseccomp cuts on i386'
ok 'for x86_64 alone it can be' status 0 merge --quiet --arch=x86_64 wide.json \
	wide.json
ok 'equal, says diff' status 0 diff --quiet --caps=none small.json \
	small-oci.json
mkdir many
cp small-oci.json many/a.json
cp small-oci.json many/b.json
ok 'a folder' status 0 compile --quiet -f oci many -o results
ok 'its files' cmp results/a.oci.json results/b.oci.json

# The largest number is named by a rule that only repeats the default.
decides 'the cut stays where it was' small-oci.json <<'EOF'
x86_64 read        -> ALLOW
x86_64 openat2     -> ERRNO(EPERM)    # 437
x86_64 faccessat2  -> ERRNO(ENOSYS)   # 439
x86_64 ptrace      -> ERRNO(ENOSYS)
x86_64 kill 1 15   -> ALLOW
x86_64 kill 1 9    -> ERRNO(EPERM)
x86_64 mount       -> ERRNO(EPERM)
i386   socketcall 10 -> ALLOW         # recv
i386   socketcall 9  -> ERRNO(EPERM)
x32    read        -> KILL_THREAD
EOF

cat >conditions.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "listenerPath": "/run/a \"b\"",
  "syscalls": [
    { "names": ["kill"], "action": "SCMP_ACT_KILL_PROCESS",
      "args": [{ "index": 1, "op": "SCMP_CMP_GE", "value": 3 },
               { "index": 1, "op": "SCMP_CMP_LE", "value": 8 }] },
    { "names": ["socket"], "action": "SCMP_ACT_TRAP",
      "args": [{ "index": 0, "op": "SCMP_CMP_NE", "value": 2 }] },
    { "names": ["tgkill"], "action": "SCMP_ACT_TRAP",
      "args": [{ "index": 0, "op": "SCMP_CMP_LT", "value": 4 },
               { "index": 1, "op": "SCMP_CMP_EQ", "value": 1 }] }
  ]
}
EOF
ok 'conditions' status 0 compile --quiet --repeated-index=and -f oci \
	conditions.json
tr -d ' \t\n' <out >flat
mask=18446744073709551612
ok 'a range as blocks: one value' grep -q -F \
	'"index":1,"value":3,"op":"SCMP_CMP_EQ"' flat
ok 'four values' grep -q -F \
	"\"index\":1,\"value\":$mask,\"valueTwo\":4,\"op\":\"SCMP_CMP_MASKED_EQ\"" flat
ok 'the last value' grep -q -F '"index":1,"value":8,"op":"SCMP_CMP_EQ"' flat
ok 'all but one value' grep -q -F \
	'"index":0,"value":2,"op":"SCMP_CMP_NE"' flat
ok 'LT beside another argument is a mask' grep -q -F \
	"\"index\":0,\"value\":$mask,\"valueTwo\":0,\"op\":\"SCMP_CMP_MASKED_EQ\"" flat
ok 'no index twice' not grep -q SCMP_CMP_GE flat
ok 'the listener' grep -q -F '"listenerPath":"/run/a\"b\""' flat
cp out conditions-oci.json
decides 'calls' conditions-oci.json <<'EOF'
x86_64 kill 0 2           -> ALLOW
x86_64 kill 0 3           -> KILL_PROCESS
x86_64 kill 0 4           -> KILL_PROCESS
x86_64 kill 0 7           -> KILL_PROCESS
x86_64 kill 0 8           -> KILL_PROCESS
x86_64 kill 0 9           -> ALLOW
x86_64 kill 0 0x100000004 -> ALLOW
x86_64 socket 2           -> ALLOW
x86_64 socket 0x100000002 -> TRAP
x86_64 tgkill 3 1         -> TRAP
x86_64 tgkill 4 1         -> ALLOW
x86_64 tgkill 3 2         -> ALLOW
EOF

# libseccomp lets socketcall(1) through if socket is allowed under conditions.
cat >mux.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    { "names": ["socket"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 }] }
  ]
}
EOF
ok 'behind a multiplexer' status 0 compile -f oci mux.json
ok 'a warning' says 'mux.json: warning: libseccomp, which runtimes use, reads multiplexers otherwise: i386 socketcall(call=0x1, ...) gets ALLOW there'
ok 'none on x86_64' status 0 compile --arch=x86_64 -f oci mux.json
ok 'without a word' silent

# What a multiplexer is asked itself, beside the calls behind it.
cat >mux2.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86"],
  "syscalls": [
    { "names": ["bind", "send"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["socketcall"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "op": "SCMP_CMP_LE", "value": 1 }] }
  ]
}
EOF
ok 'rules on a multiplexer' status 0 compile --quiet --native=i386 -f oci \
	mux2.json -o mux2-oci.json
decides 'calls' mux2-oci.json --native=i386 <<'EOF'
i386 socketcall 0 -> ALLOW
i386 socketcall 1 -> ALLOW
i386 socketcall 2 -> ALLOW
i386 socketcall 3 -> ERRNO(EPERM)
i386 socketcall 9 -> ALLOW
i386 socket       -> ERRNO(EPERM)
i386 bind         -> ALLOW
EOF

echo '# what no plain profile says'
echo kept >kept.json
ok 'other ABIs' status 1 compile --quiet --caps=none -f oci \
	--foreign-arch=default small.json -o kept.json
ok 'why' says 'arch 0x0 syscall 0(...): ERRNO(EPERM) is wanted, rules come to KILL_THREAD: calls through other ABIs get KILL_THREAD under runc; nothing was written'
ok 'the file is as it was' grep -q kept kept.json
ok 'numbers that are too new' status 1 compile --quiet --caps=none -f oci \
	--unknown=default small.json -o kept.json
ok 'why' says 'numbers above 471, the largest that needs a rule, get ENOSYS under runc'
ok 'a call that is older on one ABI' status 1 compile --quiet --caps=none \
	-f oci --unknown=since:4.8 small.json
ok 'why' says 'x86_64 arch_prctl(...): x86_64 gets ERRNO(EPERM), i386 ERRNO(ENOSYS), and a rule holds for both'
ok 'nothing is written' not test -s out
ok 'the file is as it was' grep -q kept kept.json
ok 'an unknown format: 2' status 2 compile -f yaml small.json

echo '# merge and intersect'
cat >a.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    { "names": ["read", "write", "openat", "execve", "openat2"],
      "action": "SCMP_ACT_ALLOW" },
    { "names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22 },
    { "names": ["mount"], "action": "SCMP_ACT_TRAP" },
    { "names": ["kill"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 1, "op": "SCMP_CMP_LE", "value": 15 }] }
  ]
}
EOF
cat >b.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
  "syscalls": [
    { "names": ["read", "socket", "openat2"], "action": "SCMP_ACT_ALLOW" },
    { "names": ["write"], "action": "SCMP_ACT_LOG" },
    { "names": ["mount"], "action": "SCMP_ACT_KILL_PROCESS" },
    { "names": ["ptrace"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13 },
    { "names": ["kill"], "action": "SCMP_ACT_ALLOW",
      "args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 1 }] }
  ]
}
EOF
cat >merge.calls <<'EOF'
x86_64 read        -> ALLOW
x86_64 write       -> ALLOW
x86_64 openat      -> ALLOW
x86_64 socket      -> ALLOW
i386   socket      -> ALLOW
i386   socketcall 1 -> ALLOW
i386   socketcall 2 -> ERRNO(EPERM)
x86_64 mount       -> TRAP
x86_64 ptrace      -> ERRNO(EINVAL)
x86_64 unlink      -> ERRNO(EPERM)
x86_64 kill 1 9    -> ALLOW
x86_64 kill 1 99   -> ALLOW
x86_64 kill 2 15   -> ALLOW
x86_64 kill 2 16   -> ERRNO(EPERM)
x86_64 kill 0x100000001 16 -> ERRNO(EPERM)
i386   kill 0x100000001 16 -> ALLOW
x86_64 faccessat2  -> ERRNO(ENOSYS)
x32    read        -> KILL_THREAD
EOF
cat >intersect.calls <<'EOF'
x86_64 read        -> ALLOW
x86_64 write       -> LOG
x86_64 openat      -> ERRNO(EPERM)
x86_64 socket      -> ERRNO(EPERM)
i386   socketcall 1 -> ERRNO(EPERM)
x86_64 mount       -> KILL_PROCESS
x86_64 ptrace      -> ERRNO(EACCES)
x86_64 kill 1 9    -> ALLOW
x86_64 kill 1 99   -> ERRNO(EPERM)
x86_64 kill 2 15   -> ERRNO(EPERM)
x86_64 openat2     -> ALLOW
x86_64 faccessat2  -> ERRNO(ENOSYS)
x32    read        -> KILL_THREAD
EOF
for file in a b; do
	ok "$file compiles" status 0 compile $file.json -o $file.bpf
done
for command in merge intersect; do
	ok "$command" status 0 $command a.json b.json -o $command.json
	ok 'without a word' silent
	decides "$command: calls" $command.json <$command.calls
	ok "$command of a program" status 0 $command a.bpf b.json -o p.json
	ok 'the same' cmp $command.json p.json
	ok "$command of programs" status 0 $command a.bpf b.bpf -o p.json
	ok 'the same' cmp $command.json p.json
	ok "$command: a program" status 0 $command a.json b.json -f bpf -o p.bpf
	decides "$command: calls of the program" p.bpf <$command.calls
	ok 'both are equal' status 0 diff $command.json p.bpf
	ok "$command: a listing" status 0 $command a.json b.json --format=asm
	ok 'it is that program' sh -c "'$seccompc' disasm p.bpf | diff - out"
	ok "$command: --help" status 0 $command --help
	ok 'examples' grep -q "seccompc $command" out
	ok 'one operand: 2' status 2 $command a.json
	ok 'an unknown option: 2' status 2 $command --nope a.json b.json
	ok 'an unknown format: 2' status 2 $command -f c a.json b.json
	ok 'an unknown mode: 2' status 2 $command --denials=no a.json b.json
	ok 'a missing file: 1' status 1 $command a.json none.json -o kept.json
done
ok 'the file is as it was' grep -q kept kept.json
ok 'the other order of intersect' status 0 intersect b.json a.json -o p.json
decides 'the newer one says how' p.json <<'EOF'
x86_64 ptrace      -> ERRNO(EINVAL)
EOF

ok 'flags of A' status 0 merge --caps=none small.json b.json -o p.json
ok 'are kept' grep -q SECCOMP_FILTER_FLAG_LOG p.json
ok 'a note' says 'note: flags and listener are those of small.json'
ok 'not those of B' status 0 merge --caps=none b.json small.json -o p.json
ok 'they are lost' not grep -q SECCOMP_FILTER_FLAG_LOG p.json

echo '# what no rules say'
cat >one.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "architectures": ["SCMP_ARCH_X86_64"],
  "syscalls": [
    { "names": ["unlink", "openat2"], "action": "SCMP_ACT_ALLOW" }
  ]
}
EOF
ok 'other ABIs' status 1 merge a.json one.json -o kept.json
ok 'why' says 'x86_64 mount(...): x86_64 gets ERRNO(EPERM), i386 TRAP, and a rule holds for both'
ok 'what to do' says 'seccompc: A and B are about other ABIs, and a rule holds for all of them: --arch makes both about the same'
ok 'the file is as it was' grep -q kept kept.json
ok 'the program' status 0 merge a.json one.json -f bpf -o p.bpf
decides 'calls' p.bpf <<'EOF'
x86_64 unlink  -> ALLOW
i386   unlink  -> ERRNO(EPERM)
i386   read    -> ALLOW
EOF
ok 'the same ABIs' status 0 merge --arch=x86_64,i386 a.json one.json -o p.json
decides 'calls' p.json <<'EOF'
i386   unlink  -> ALLOW
EOF

# Above the largest number KILL_PROCESS meets ENOSYS.
cat >deny.json <<'EOF'
{
  "defaultAction": "SCMP_ACT_ALLOW",
  "syscalls": [
    { "names": ["futex_waitv"], "action": "SCMP_ACT_KILL_PROCESS" },
    { "names": ["statmount"], "action": "SCMP_ACT_ALLOW" }
  ]
}
EOF
ok 'another denial' status 1 intersect --arch=x86_64,i386 a.json deny.json
ok 'why' says 'is wanted, rules come to'
ok 'what to do' says '--denials=any'
ok 'any denial' status 0 intersect --arch=x86_64,i386 --denials=any a.json \
	deny.json -o p.json
ok 'what differs' says 'note: some calls are refused in another way, such as'
decides 'what is let through is the same' p.json <<'EOF'
x86_64 read         -> ALLOW
x86_64 futex_waitv  -> KILL_PROCESS
x86_64 unlink       -> ERRNO(EPERM)
EOF

echo "# $passed passed, $failed failed"
[ $failed -eq 0 ]
