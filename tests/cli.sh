#!/bin/sh
# The seccompc command from outside: cli.sh SECCOMPC SOURCE-ROOT
#
# Prints ok, not ok or skip lines and a count; exits 1 if anything failed.

[ $# -eq 2 ] || {
	echo "usage: cli.sh SECCOMPC SOURCE-ROOT" >&2
	exit 2
}
seccompc=$(realpath "$1")
golden=$(realpath "$2")/tests/golden
work=$(mktemp -d) || exit 2
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
unset NO_COLOR
skipped=0

skip() { # TEXT
	skipped=$((skipped + 1))
	echo "skip - $1"
}

empty() {
	[ ! -s "$1" ]
}

leftover() { # FOLDER: whether a temporary file is in it
	find "$1" -name '*.bpf.*' | grep .
}

cp "$golden/rule-09-width.json" good.json
cp "$golden/rule-07-and.json" other.json
cp "$golden/rule-04-empty-names.json" warning.json
cp "$golden/rule-05-errno.json" bad.json

echo '# exit status'
ok 'a good profile: 0' status 0 compile good.json -o good.bpf
ok 'nothing is printed' empty err
ok 'a bad profile: 1' status 1 compile bad.json -o bad.bpf
ok 'a bad profile leaves no output' not test -e bad.bpf
ok 'a missing profile: 1' status 1 compile none.json -o none.bpf
ok 'its name is in the message' says none.json
ok 'no command: 2' status 2
ok 'an unknown command: 2' status 2 complie good.json
ok 'it is named' says "seccompc: unknown command 'complie'"
ok 'a near one, too' says "did you mean 'compile'?"
ok 'a hint' says "Try 'seccompc --help'"
ok 'help of an unknown command: 2' status 2 help complie
ok 'it is named, too' says "did you mean 'compile'?"
commands='compile check prove diff merge intersect explain report run test sim'
commands="$commands disasm oci-annotate syscalls"
for command in $commands; do
	ok "$command: an unknown option: 2" status 2 $command --no-such-option
	ok "$command: it is named" grep -q '^seccompc: .*no-such' err
	ok "$command: a hint" says "seccompc $command --help"
	ok "$command: a letter that is no option: 2" status 2 $command -Zx
	ok "$command: the letter is named" grep -q '^seccompc: .*Z' err
	ok "$command: --help: 0" status 0 $command --help
	ok "$command: help on standard output" test -s out
	ok "$command: nothing on standard error" empty err
	ok "$command: help fits 80 columns" not grep -q '.\{81\}' out
	cp out "$command.help"
	ok "help $command: 0" status 0 help $command
	ok "help $command: as --help" cmp out "$command.help"
done
for command in ${commands% syscalls}; do
	ok "$command: no operand: 2" status 2 $command
done
for option in --format=elf --jobs=0 --jobs=65 --jobs=x --symbol=1a --dump=x \
	--dialect=crio --caps=SYS_ADMN --kernel=6 --kernel=6.x --kernel=6.1x \
	--kernel=6. --kernel=6-1 --kernel=.1 --kernel=256.1.2 --arch=arm \
	--arch= --native=mips --foreign-arch=KILL --unknown=since:x \
	--conflicts=x --repeated-index=x --multiplexers=x --deny=x \
	--allow=json-syntax --warn=json-syntax --color=red; do
	ok "compile $option: 2" status 2 compile $option good.json -o x.bpf
	ok "compile $option: a message" test -s err
done
ok 'nothing was written' not test -e x.bpf
cat >kernel.json <<'END'
{
  "defaultAction": "SCMP_ACT_ERRNO",
  "syscalls": [
    { "names": ["read"], "action": "SCMP_ACT_ALLOW",
      "includes": { "minKernel": "4.8" } },
    { "names": ["write"], "action": "SCMP_ACT_ALLOW",
      "includes": { "minKernel": "4.19" } }
  ]
}
END
for release in 4.8 4.18 4.19; do
	ok "kernel $release: 0" status 0 compile --kernel=$release \
		kernel.json -o kernel-$release
	for more in .0 .0-18-amd64 -rc3 +; do
		ok "kernel $release$more: 0" status 0 compile \
			--kernel=$release$more kernel.json -o kernel-more
		ok "kernel $release$more: as $release" \
			cmp kernel-more kernel-$release
	done
done
ok 'kernels 4.8 and 4.18: the same' cmp kernel-4.8 kernel-4.18
ok 'kernels 4.18 and 4.19: not the same' not cmp -s kernel-4.18 kernel-4.19
ok '--help: 0' status 0 --help
for command in $commands; do
	ok "it has $command" grep -q "^  $command " out
done
ok '--version: 0' status 0 --version
ok 'a version' grep -q '^seccompc [0-9][0-9]*\.[0-9]' out

echo '# help'
for command in $commands; do
	sed -n '/^Examples/,/^$/p' $command.help | sed 's/ -- .*//' >examples
	ok "$command: examples" grep -q "^  .*seccompc $command" examples
	# What follows another command's pipe is not ours.
	grep -o "seccompc $command.*" examples | sed 's/|.*//' |
		grep -o -E ' --?[a-z][a-z-]*' | sed 's/^ \(-[a-z]\).*/\1/' |
		sort -u >options
	while read -r option; do
		ok "$command: $option of an example is described" grep -q \
			-E "^ +(-., )?${option}[ =,]" $command.help
	done <options
done

echo '# output'
echo precious >kept.bpf
ok 'an error' status 1 compile bad.json -o kept.bpf
ok 'leaves the old output alone' grep -q precious kept.bpf
ok 'success replaces it' status 0 compile good.json -o kept.bpf
ok 'with the program' cmp kept.bpf good.bpf
chmod 640 kept.bpf
ok 'once more' status 0 compile other.json -o kept.bpf
ok 'permissions stay' test "$(stat -c %a kept.bpf)" = 640
ln -s kept.bpf link.bpf
ok 'through a link' status 0 compile good.json -o link.bpf
ok 'a link stays a link' test -L link.bpf
ok 'its target has the program' cmp kept.bpf good.bpf
ok 'no temporary file is left' not leftover .
# LeakSanitizer does not work in a process that is traced.
killed() { # SYSCALL FILE: whoever writes it is killed in its first one
	ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null \
		-e inject="$1":signal=KILL:when=1 \
		"$seccompc" compile good.json -o "$2" 2>/dev/null
	[ $? = 137 ]
}
whole() { # FILE...: each that is there is the program
	for file; do
		[ ! -e "$file" ] || cmp -s "$file" good.bpf || return 1
	done
}
mkdir killed
if ! strace -qq -o /dev/null true 2>/dev/null; then
	skip 'killed while writing: there is no strace, or it cannot trace'
else
	for call in write fchmod linkat; do
		ok "killed in $call" killed $call killed/new.bpf
		ok "killed in $call: no part of it is left" whole killed/*
		ok "killed in $call: under no other name" test -z \
			"$(find killed -type f ! -name new.bpf)"
		rm -f killed/*
	done
	for call in write fchmod rename; do
		echo precious >killed/kept.bpf
		ok "killed in $call" killed $call killed/kept.bpf
		ok "killed in $call: the old or the new output" eval \
			'grep -q precious killed/kept.bpf || whole killed/kept.bpf'
		ok "killed in $call: and nothing else but the whole" eval \
			'whole killed/kept.bpf.*'
	done
fi
ok 'a folder that is not there: 1' status 1 compile good.json -o none/x.bpf
if [ "$(id -u)" -ne 0 ]; then
	mkdir locked
	chmod 555 locked
	ok 'a read-only folder: 1' status 1 compile good.json -o locked/x.bpf
	ok 'it is named' says locked/x.bpf
elif [ -d /proc/self ]; then
	# Root writes everywhere but there.
	ok 'a read-only folder: 1' status 1 compile good.json -o /proc/self/x.bpf
	ok 'it is named' says /proc/self/x.bpf
else
	skip 'a read-only folder'
fi
if [ -w /dev/full ]; then
	ok '-o /dev/full: 1' status 1 compile good.json -o /dev/full
	ok 'it is named' says /dev/full
	ok '/dev/full is a device still' test -c /dev/full
	full() {
		"$seccompc" "$@" >/dev/full 2>err
		[ $? -eq 1 ]
	}
	ok 'standard output full: 1' full compile good.json
	ok 'standard output full, disasm: 1' full disasm good.bpf
	ok 'standard output full, syscalls: 1' full syscalls
else
	skip '/dev/full'
fi
pipe() {
	"$seccompc" compile - -o - <good.json >pipe.bpf
}
ok 'from - to -' pipe
ok 'gives the same' cmp pipe.bpf good.bpf
default_output() {
	"$seccompc" compile good.json >stdout.bpf
}
ok 'standard output is the default' default_output
ok 'gives the same' cmp stdout.bpf good.bpf
stdin_name() {
	"$seccompc" compile - <bad.json 2>err
	[ $? -eq 1 ] && says '<stdin>:'
}
ok 'messages name <stdin>' stdin_name

echo '# many profiles'
mkdir -p tree/a/b tree/c
cp good.json tree/one.json
cp other.json tree/a/two.json
cp warning.json tree/a/b/three.json
cp good.json tree/c/one.json
echo text >tree/c/notes.txt
ok 'a folder' status 0 compile tree -o filters -j1
ok 'keeps its tree' test -s filters/a/b/three.bpf -a -s filters/c/one.bpf \
	-a -s filters/one.bpf -a -s filters/a/two.bpf
ok 'of *.json alone' test "$(find filters -type f | wc -l)" -eq 4
ok 'the same programs' cmp filters/c/one.bpf good.bpf
ok 'a folder in parallel' status 0 compile tree/ -o filters8/ -j8
ok 'gives the same' diff -r filters filters8
ok 'several files' status 0 compile good.json ./other.json -o two
ok 'go to the folder' cmp two/good.bpf good.bpf
ok 'several files need -o: 2' status 2 compile good.json other.json
mkdir -p farm/0
cp good.json farm/0
for level in $(seq 20); do
	mkdir farm/$level
	ln -s ../$((level - 1)) farm/$level/x
	ln -s ../$((level - 1)) farm/$level/y
done
ok 'a folder by a million ways: 2' status 2 compile farm/20 -o farmed
ok 'it says so' grep -q 'more than 1048576 files and folders' err
ok 'nothing is compiled' not test -e farmed
ok 'a folder by few ways' status 0 compile farm/3 -o farmed
ok 'an empty folder: 2' status 2 compile two -o three
cp bad.json tree/a/aa.json
ok 'one of them bad: 1' status 1 compile tree -o rest
ok 'the others are compiled' test "$(find rest -type f | wc -l)" -eq 4
ok 'the bad one is named' says tree/a/aa.json
ok 'and not written' not test -e rest/a/aa.bpf
mkdir -p up/x
cp good.json up/good.json
colliding() {
	(cd up/x && status 2 compile ../good.json ../../good.json -o out)
}
ok 'outputs that collide: 2' colliding
ok 'the same file twice: 2' status 2 compile good.json good.json -o twice
ok 'nothing was written' not test -e twice/good.bpf
closed_output() {
	"$seccompc" compile -f asm good.json >&- 2>/dev/null
	[ $? -eq 1 ]
}
ok 'standard output is closed: 1' closed_output
cp good.json self.json
ok 'over its own profile: 2' status 2 compile -f json self.json -o self.json
ok 'the profile is as it was' cmp good.json self.json
echo '* read(*) deny' >self.expect
cp self.expect kept.expect
ln -s self.json link.json
echo '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
	{"names": ["read"], "action": "SCMP_ACT_ALLOW"}]}' >plain.json
"$seccompc" compile --quiet good.json -o self.bpf
cp self.bpf kept.bpf
for arguments in 'report self.json -o self.json' \
	'report self.json -o link.json' \
	'report --baseline=self.json other.json -o self.json' \
	'test self.json self.expect -o self.json' \
	'test self.json self.expect -o self.expect' \
	'sim -o self.json self.json read' 'sim -o self.bpf self.bpf read' \
	'explain self.json read -o self.json' \
	'explain --audit=self.expect -o self.expect' \
	'check self.json -o self.json' 'diff self.json other.json -o self.json' \
	'disasm self.bpf -o self.bpf' 'merge plain.json plain.json -o plain.json'; do
	# shellcheck disable=SC2086
	ok "over an input: $arguments" status 1 $arguments
	ok 'it is named' says 'would be written over'
done
ok 'the inputs are as they were' cmp good.json self.json
ok 'the program is' cmp kept.bpf self.bpf
ok 'the expectations are' cmp kept.expect self.expect
mkdir both
cp good.json both/x.json
cp other.json both/x.filter.json
cp other.json both/x.manifest.json
ok 'over another profile: 2' status 2 compile -f json both -o both
ok 'it is named' says 'over the profile both/x.filter.json'
ok 'a manifest over a profile: 2' status 2 compile both -o new --manifest=both
ok 'it is named' says 'over the profile both/x.manifest.json'
for name in filter manifest; do
	ok "the profile is as it was: $name" cmp other.json both/x.$name.json
done
# Threads that ask for the umask at once.
if command -v strace >/dev/null && strace -o trace true 2>err; then
	(
		umask 027
		strace -f -qq -o trace -e trace=umask \
			-e inject=umask:delay_exit=20000 \
			"$seccompc" compile --quiet -j4 tree/c tree/one.json \
			good.json other.json -o masked
	)
	ok 'the umask, in threads' test -z "$(find masked -type f \
		! -perm 640)" -a "$(find masked -type f | wc -l)" -eq 4
else
	skip 'the umask, in threads: no strace'
fi

echo '# formats'
size=$(stat -c %s good.bpf)
ok 'bpf: instructions of 8 bytes' test $((size % 8)) -eq 0 -a "$size" -gt 0
ok 'c' status 0 compile good.json -f c -o good.h
ok 'c: a symbol' status 0 compile good.json -f c --symbol=my_filter -o my.h
ok 'c: is defined' grep -q 'my_filter\[\]' my.h
cat >dump.c <<'C'
#include "good.h"
#include "my.h"
#include <stdio.h>

int
main(void)
{
	return fwrite(good, sizeof(good[0]), good_len, stdout) != good_len ||
	       my_filter_len != good_len ||
	       sizeof(my_filter) != sizeof(good);
}
C
compiled() { # COMPILER...
	"$@" -Wall -Wextra -pedantic -Werror -o dump dump.c &&
		./dump >dump.bpf && cmp dump.bpf good.bpf
}
cp good.h alone.c
for cc in gcc clang; do
	if ! command -v $cc >/dev/null; then
		skip "c: $cc"
		continue
	fi
	for std in c99 c11; do
		ok "c: $cc -std=$std: the same program" compiled $cc -std=$std
		ok "c: $cc -std=$std: the header alone" $cc -std=$std -Wall \
			-Wextra -pedantic -Werror -fsyntax-only alone.c
	done
done
if command -v g++ >/dev/null; then
	ok 'c: g++: the same program' compiled g++ -x c++
else
	skip 'c: g++'
fi
ok 'json' status 0 compile good.json -f json -o good.out.json
if command -v python3 >/dev/null; then
	ok 'json: is JSON' python3 -m json.tool good.out.json
	cat >filter.py <<'PY'
import json, struct, sys
data = json.load(open(sys.argv[1]))
blob = b"".join(struct.pack("<HBBI", i["code"], i["jt"], i["jf"], i["k"])
                for i in data["filter"])
sys.exit(blob != open(sys.argv[2], "rb").read() or
         data["instructions"] * 8 != len(blob))
PY
	ok 'json: has the same program' python3 filter.py good.out.json good.bpf
	flags() {
		status 0 compile "$golden/rule-13-flags.json" -f json &&
			python3 -c 'import json, sys
data = json.load(open("out"))
sys.exit(len(data["flags"]) != 4 or
         data["listenerPath"] != "/run/listener.sock" or
         "concern" not in data["listenerMetadata"])'
	}
	ok 'json: flags and listener' flags
else
	skip 'json: python3'
fi
ok 'asm' status 0 compile good.json -f asm -o good.asm
ok 'disasm' status 0 disasm good.bpf -o dis.asm
same_listing() {
	grep -v '^;' good.asm | diff - dis.asm
}
ok 'asm: as disasm lists it' same_listing
ok 'asm: a line for each instruction' test \
	"$(grep -c -v '^;' good.asm)" -eq $((size / 8))
hostile_name() { # would end a comment, or a string
	mkdir '"*' && cp good.json '"*/ #error.json' &&
		"$seccompc" compile -f c --symbol=good '"*/ #error.json' \
			-o good.h &&
		compiled cc -std=c99 -x c
}
ok 'c: a hostile file name' hostile_name

ok 'hex' status 0 compile good.json -f hex -o good.hex
od -An -v -tx1 good.bpf | tr -d ' \n' >expected
echo >>expected
ok 'hex: as od has it, on one line' cmp good.hex expected
ok 'base64' status 0 compile good.json -f base64 -o good.base64
base64 -w 0 good.bpf >expected
echo >>expected
ok 'base64: as base64 has it, on one line' cmp good.base64 expected
: >short.bpf
for n in 1 2 3 4; do # lengths with all remainders of 3
	printf '\006\0\0\0\0\0\377\177' >>short.bpf
	base64 -w 0 short.bpf >expected
	echo >>expected
	ok "base64 of $n instructions" status 0 disasm -f base64 short.bpf
	ok "base64 of $n instructions: is right" cmp out expected
	od -An -v -tx1 short.bpf | tr -d ' \n' >expected
	echo >>expected
	ok "hex of $n instructions" status 0 disasm -f hex short.bpf
	ok "hex of $n instructions: is right" cmp out expected
done
for format in bpf c json oci x ''; do
	ok "disasm -f '$format': 2" status 2 disasm -f "$format" good.bpf
done

echo '# determinism'
mkdir -p elsewhere/deep
again() { # FORMAT
	"$seccompc" compile good.json -f "$1" -o first &&
		cp good.json elsewhere/deep/ &&
		(cd elsewhere/deep &&
			LC_ALL=C TZ=UTC "$seccompc" compile good.json \
				-f "$1" -o "$work/second") &&
		cmp first second
}
for format in bpf c asm json; do
	ok "$format: the same in another folder" again $format
done

echo '# messages'
printf '{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [\n%s\n] }\n' \
	'{ "names": ["\u001b[31mred\u0007\u202e"], "action": "SCMP_ACT_ALLOW" }' \
	>escape.json
printf '{ "defaultAction": "SCMP_ACT_\033[31mX\302\233" }\n' >raw.json
no_controls() { # FILE
	LC_ALL=C tr -d '\n -~' <"$1" | od -c | tee "$work/.controls"
	empty_dump=$(LC_ALL=C tr -d '\n -~' <"$1" | wc -c)
	[ "$empty_dump" -eq 0 ]
}
ok 'ESC in a name: compiles' status 0 compile escape.json -o x.bpf
ok 'a warning' says unknown-name
ok 'ESC in a name: no raw bytes' no_controls err
ok 'ESC raw in a file: 1' status 1 compile raw.json
ok 'ESC raw in a file: no raw bytes' no_controls err
for pass in profile resolve; do
	ok "ESC in a name: --dump=$pass" status 0 compile --dump=$pass escape.json
	ok "ESC in a name: --dump=$pass: no raw bytes" no_controls out
done
escape=$(printf '\033')
cp bad.json "${escape}[31m.json"
ok 'ESC in a file name: 1' status 1 compile "${escape}[31m.json"
ok 'ESC in a file name: no raw bytes' no_controls err
ok 'ESC in a missing file name: 1' status 1 compile "${escape}[32m.json"
ok 'ESC in a missing file name: no raw bytes' no_controls err
ok '--color=always' status 1 compile --color=always bad.json
ok '--color=always: escapes' grep -q "$escape" err
ok '--color=never' status 1 compile --color=never bad.json
ok '--color=never: none' no_controls err
ok '--color=auto' status 1 compile --color=auto bad.json
ok '--color=auto: none in a file' no_controls err
ok '--deny=NAME' status 1 compile --deny=empty-names warning.json
ok '--deny=NAME: an error' says 'error: '
ok '--deny=warnings' status 1 compile --deny=warnings warning.json
ok '--warn=NAME' status 0 compile --warn=errno-without-effect \
	"$golden/rule-05-default-errno.json"
ok '--warn=NAME: a warning' says 'warning: '
ok '--allow=NAME' status 0 compile --allow=empty-names warning.json
ok '--allow=NAME: silent' empty err
ok 'the last one counts' status 0 compile --deny=empty-names \
	--allow=empty-names warning.json
ok '--quiet' status 0 compile --quiet warning.json
ok '--quiet: no warnings' empty err
ok '--quiet: errors' status 1 compile --quiet bad.json
ok '--quiet: are printed' says 'error: '
ok '--verbose' status 0 compile --verbose good.json -o x.bpf
ok '--verbose: the length' says "$((size / 8)) instructions"
ok '--verbose: the longest path' grep -q 'at most [0-9][0-9]* executed$' err
ok '--verbose: what syscalls get' grep -q \
	'^  x86_64: of [0-9]* syscalls .* [0-9]* denied, [0-9]* cached$' err

echo '# passes'
for pass in profile select resolve decide graph order emit; do
	ok "--dump=$pass" status 0 compile --dump=$pass good.json
	ok "--dump=$pass: something" test -s out
done
ok '--dump of a bad profile: 1' status 1 compile --dump=profile bad.json

echo '# disasm, run'
head -c 64 "$golden/run" >garbage.bpf
: >empty.bpf
head -c 7 good.bpf >seven.bpf
head -c $((size - 8)) good.bpf >cut.bpf
# RET ALLOW, 4096 and 4097 times.
i=0
while [ $i -lt 4096 ]; do
	printf '\006\000\000\000\000\000\377\177'
	i=$((i + 1))
done >full.bpf
{
	cat full.bpf
	printf '\006\000\000\000\000\000\377\177'
} >long.bpf
ok 'disasm: 4096 instructions' status 0 disasm full.bpf
for name in garbage empty seven cut long none; do
	ok "disasm: $name: 1" status 1 disasm $name.bpf
	ok "disasm: $name: a message" says $name.bpf
	ok "disasm: $name: no listing" empty out
	ok "run: $name: 1" status 1 run $name.bpf -- touch was-run
	ok "run: $name: not run" not test -e was-run
done
ok 'run: a bad profile: 1' status 1 run bad.json -- touch was-run
ok 'run: NOTIFY: 1' status 1 run "$golden/rule-12-notify.json" -- touch was-run
ok 'run: a bad option: 2' status 2 run --no-such -- touch was-run
ok 'run: not run' not test -e was-run
# A filter that cannot be installed: the command must not run without it.
cat >no-filters.json <<'JSON'
{
	"defaultAction": "SCMP_ACT_ALLOW",
	"syscalls": [
		{ "names": ["seccomp"], "action": "SCMP_ACT_ERRNO" },
		{
			"names": ["prctl"],
			"action": "SCMP_ACT_ERRNO",
			"args": [{ "index": 0, "op": "SCMP_CMP_EQ", "value": 22 }]
		}
	]
}
JSON
if "$seccompc" run no-filters.json -- true 2>err; then
	ok 'run: a filter that the kernel refuses: 1' status 1 run \
		no-filters.json -- "$seccompc" run no-filters.json -- \
		touch was-run
	ok 'run: not run' not test -e was-run
else
	skip "run: no filter can be installed here: $(cat err)"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
