#!/bin/sh
# exec.sh SECCOMP_EXEC HELLO TRY_INSTALL: seccomp-exec says what is wrong with
# filters, passes on what a command needs, and never executes one without all
# of its filters.
set -u
exec=$(realpath "$1") hello=$(realpath "$2") try=$(realpath "$3")
# shellcheck source-path=SCRIPTDIR source=exec-lib.sh
. "$(dirname "$(realpath "$0")")/exec-lib.sh"

if [ "$("$try" allow)" != 0 ]; then
	echo '# skipped: no filter can be installed here'
	exit 77
fi

# What a command gets.
runs 'a filter' allow
status 7 'the exit status passes' allow -- sh -c 'exit 7'
# shellcheck disable=SC2016 # the inner shell expands it
status 143 'a signal passes' allow -- sh -c 'kill -TERM $$'
state='^(NoNewPrivs|Seccomp|Seccomp_filters):'
status 0 'the state of a command' allow -- grep -E "$state" /proc/self/status
is "$(tr -s '\t\n' ' ' <out)" 'NoNewPrivs: 1 Seccomp: 2 Seccomp_filters: 1 ' \
	'no_new_privs is set and one filter in force'
is "$(echo text | "$exec" allow -- cat)" text 'standard input is its own'

# The first two that PATH leads to cannot be executed.
mkdir empty text folder program
echo text >text/hello
mkdir folder/hello
cp "$hello" program/hello
path=$work/empty:$work/text:$work/folder:$work/program
env -i A=1 PATH="$path" "$(command -v sh)" -c 'exec hello "" "a b"' >direct
env -i A=1 PATH="$path" "$exec" allow allow -- hello '' 'a b' >out
is "$(cat out)" "$(cat direct)" \
	'arguments, environment and descriptors are as without filters'
has direct 'hello||a b|' 'as they were given'
(cd program && PATH=: "$exec" ../allow -- hello) >out
has out 'hello| ' 'an empty folder in PATH is the working folder'
env -i "$exec" allow -- true
result $? 'without PATH there is a default'

env -i PATH="$work/empty:$work/program" "$exec" allow -- no-such 2>err
is $? 127 'a command that PATH does not lead to'
has err 'no-such: No such file' 'said: no such command'
status 127 'a path that leads nowhere' allow -- ./none
status 126 'a folder' allow -- ./folder
status 126 'a file without the right to be executed' allow -- ./text/hello
has err './text/hello: Permission denied' 'said: no right to be executed'
env -i PATH="$work/text" "$exec" allow -- hello 2>err
is $? 126 'the same in PATH'
printf '#!/none/such\n' >script
chmod +x script
status 127 'a script without its interpreter' allow -- ./script
has err 'but not its interpreter' 'said: no interpreter'
echo text >unknown
chmod +x unknown
status 126 'a file of no known format' allow -- ./unknown
has err 'Exec format error' 'said: no known format'

# How it is called.
status 0 --help --help
has out 'Usage: seccomp-exec' 'help is printed'
status 0 --version --version
grep -qE '^seccomp-exec [0-9.]+$' out
result $? 'the version is printed'
"$exec" --help >/dev/full
is $? 125 'help that cannot be printed'
refused 'an unknown option' 'bad option --none' --none allow
refused 'standard input' 'bad option -' -
refused 'no filter' 'FILTER is needed'
status 125 'no command' allow --
has err 'COMMAND is needed' 'said: no command'
status 125 'no --' allow touch ran
has err 'there is no --' 'said: no --'

# Programs that the kernel refuses, and only for the instruction that is named.
repaired() { # FILE INDEX: as the file with something harmless there
	head -c $(($2 * 8)) "$1"
	if [ $((($2 + 1) * 8)) -eq "$(stat -c %s "$1")" ]; then
		ret $allow
	else
		insn 0 0 0 0
	fi
	tail -c +$(($2 * 8 + 9)) "$1"
}
bad() { # INDEX TITLE TEXT: of the file `bad`
	refused "$2" "bad: instruction $1: $3" bad
	is "$("$try" bad)" 22 "the kernel refuses it: $2"
	index=$(sed -n 's/.*: instruction \([0-9]*\): .*/\1/p' err)
	repaired bad "${index:-0}" >mended
	is "$("$try" mended)" 0 "and not without that instruction: $2"
}
second() { # TEXT CODE JT JF K: the second of three
	{
		insn 0 0 0 0
		insn "$2" "$3" "$4" "$5"
		ret $allow
	} >bad
	bad 1 "$2 $3 $4 $5" "$1"
}
opcode='not an opcode that seccomp takes'
for code in 0xffff 0x94 0x9c 0x28 0x30 0x40 0x48 0xb1 0xa1 0x0e 0x100; do
	second "$opcode" $code 0 0 0
done
second 'load past the end' 0x20 0 0 64
second 'load past the end' 0x20 0 0 0xfffff000
second 'k is not a multiple of 4' 0x20 0 0 2
second 'jump past the end' 5 0 0 1
second 'jump past the end' 5 0 0 0xffffffff
for code in 0x15 0x25 0x35 0x45 0x1d 0x2d 0x3d 0x4d; do
	second 'jump past the end' $code 1 0 0
	second 'jump past the end' $code 0 1 0
done
second 'division by 0' 0x34 0 0 0
second 'shift by 32 or more' 0x64 0 0 32
second 'shift by 32 or more' 0x74 0 0 32
for code in 0x60 0x61 2 3; do
	second 'there is no M[k] past M[15]' $code 0 0 16
done
for code in 0x60 0x61; do
	second 'M[k] is read but not written' $code 0 0 0
done
{
	ret $allow
	insn 0 0 0 0
} >bad
bad 1 'no RET at the end' 'the last instruction is not RET'
{
	insn 0x15 1 0 0
	insn 2 0 0 3
	insn 0x60 0 0 3
	ret $allow
} >bad
bad 2 'M[3] written on one path alone' 'M[k] is read but not written'
nothing 4096 >most
runs '4096 instructions' most
{
	cat most
	ret $allow
} >bad
refused '4097 instructions' 'bad: more than 4096 instructions' bad
is "$("$try" bad)" 22 'the kernel refuses it: 4097 instructions'
head -c 8000000 /dev/zero >bad
refused '8 MB' 'bad: more than 4096 instructions' bad
: >bad
refused 'an empty file' 'bad: no instructions' bad
printf '{ "defaultAction": "SCMP_ACT_ALLOW" }' >bad
refused 'a profile' 'bad: a profile, it seems:' bad
truncate -s 40 bad
refused 'a profile of whole instructions' 'bad: a profile, it seems:' bad
head -c 20 no-mkdir >bad
refused 'half an instruction' 'bad: 20 bytes: not whole instructions' bad
ret 0x7fc00000 >bad
refused 'NOTIFY' 'bad: it uses NOTIFY' bad
deny $execve >bad
refused 'no execve' 'bad: it refuses execve' bad
refused 'no execve, from the first of two' 'bad: it refuses execve' bad allow
ret 0x12340000 >bad
refused 'an action that no kernel knows' 'bad: it refuses execve' bad
refused 'the second of two is bad' 'bad: it refuses' allow bad

# Files that are none, and nothing that waits.
refused 'no such file' 'none: No such file' none
refused 'no name' ': No such file' ''
refused 'a folder' 'folder: not a regular file' folder
refused 'a folder, with a slash' 'folder/: not a regular file' folder/
refused 'a file, with a slash' 'allow/: Not a directory' allow/
refused 'a file as a folder' 'allow/x: Not a directory' allow/x
refused 'a device' '/dev/zero: not a regular file' /dev/zero
mkfifo fifo
refused 'a FIFO' 'fifo: not a regular file' fifo
refused 'a FIFO, all the same' 'fifo: not a regular' --allow-writable fifo
ln -s loop loop
refused 'a link to itself' 'loop: ' loop
grep -qiE 'symbolic link' err
result $? 'said: a link to itself'
ln -s none dangling
refused 'a link to nothing' 'dangling: No such file' dangling
long=$(head -c 5000 /dev/zero | tr '\0' x)
refused 'a long name' "$(echo "$long" | head -c 4000)" "$long"
grep -qE 'File ?name too long' err
result $? 'said: a name that is too long'
escape=$(printf 'a\033[2Jb')
refused 'a name with an escape sequence' 'a?[2Jb: No such' "$escape"

# Files that others may change.
mkdir open open/own
cp allow open/own/allow
ln -s open/own/allow link
ln -s "$work/open/own" way
ln -s ../allow open/link
for each in open/own/allow link way/allow open/own/../../open/own/allow \
	open/link "$work/way/allow" ./way/../../allow; do
	runs "$each" "$each"
done
chmod g+w open/own/allow
refused 'a file that the group may write' \
	'link: others may write ./open/own/allow, mode 664' link
runs 'the same, with --allow-writable' --allow-writable link
chmod 646 open/own/allow
refused 'a file that all may write' \
	"$work/way/allow: others may write $work/open/own/allow, mode 646" \
	"$work/way/allow"
chmod 644 open/own/allow
for mode in 775 757; do
	chmod $mode open
	for each in link way/allow open/own/allow open/link \
		"$work/open/own/allow" "$work/link" open/own/../../allow; do
		case $each in
		/* | way/*) name=$work/open ;;
		*) name=./open ;;
		esac
		refused "mode $mode, $each" \
			"$each: others may write $name, mode $mode" "$each"
	done
	(cd open/own && exec "$exec" allow -- touch "$work/ran") 2>err
	is $? 125 "refused: mode $mode above the working folder"
	has err "allow: others may write ./.., mode $mode" \
		"said: mode $mode above the working folder"
	[ ! -e ran ]
	result $? "not executed: mode $mode above the working folder"
	runs "mode $mode, --allow-writable" --allow-writable open/own/allow
done
chmod 1777 open
runs 'a sticky folder' open/own/allow
runs 'a link in a sticky folder' open/link
chmod 755 open
if [ "$(id -u)" = 0 ]; then
	nobody=65534
	for each in open open/own open/own/allow; do
		chown $nobody $each
		refused "$each of somebody else" \
			"link: ./$each belongs to user $nobody" link
		runs "$each of somebody else, taken" --allow-writable link
		chown 0 $each
	done
	chmod 1777 open
	chown -h $nobody open/link
	refused "somebody else's link in a sticky folder" \
		"open/link: ./open/link belongs to user $nobody" open/link
	chown -h 0 open/link
	chmod 755 open "$work"
	cp "$exec" launcher
	cp allow theirs
	chown $nobody theirs
	for each in allow theirs; do
		setpriv --reuid $nobody --clear-groups ./launcher $each -- \
			true 2>err
		is $? 0 "run by another user: $each" || cat err
	done
else
	echo '# skipped: files of other users, this is not root'
fi

# Several filters.
"$exec" no-mkdir allow no-mkdir-13 -- grep -E "$state" /proc/self/status >out
has out "Seccomp_filters:	3" 'three filters are in force'
# Of equal actions the newest filter's errno counts.
status 1 'order' no-mkdir no-mkdir-13 -- mkdir made
has err 'Permission denied' 'the last one is the newest'
status 1 'the other order' no-mkdir-13 no-mkdir -- mkdir made
has err 'Operation not permitted' 'the last one is the newest, other order'
deny $rmdir >no-rmdir
status 1 'two that refuse different calls' no-rmdir no-mkdir -- mkdir made
status 1 'and the other call' no-rmdir no-mkdir -- rmdir empty
[ ! -e made ] && [ -d empty ]
result $? 'nothing was made or removed'
deny $seccomp >no-seccomp
{
	insn 0x20 0 0 0
	insn 0x15 0 3 $prctl
	insn 0x20 0 0 16
	insn 0x15 0 1 22
	ret $eperm
	ret $allow
} >no-more
deny_late $prctl >late
before='allow: cannot be installed: '
refused 'no prctl before another filter' \
	"${before}no-prctl, which comes before it, refuses prctl(PR_SET_NO" \
	no-prctl allow
refused 'no PR_SET_SECCOMP before another filter' \
	"${before}no-more, which comes before it, refuses prctl(PR_SET_SEC" \
	no-more allow
refused 'no seccomp(2) before another filter' \
	"${before}no-seccomp, which comes before it, refuses seccomp(2)" \
	--log no-mkdir no-seccomp allow
runs 'no prctl after another filter' allow no-prctl
runs 'no seccomp(2) where prctl will do' no-seccomp allow
runs 'no PR_SET_SECCOMP where seccomp(2) is used' --log no-more allow
refused 'what only the kernel finds refused' \
	"${before}a filter that is in force already refuses the call, or" \
	late allow
"$exec" no-prctl -- "$exec" allow -- touch ran 2>err
is $? 125 'refused: no prctl under a filter that was there before'
[ ! -e ran ]
result $? 'not executed: no prctl under a filter that was there before'
# Answers of 0 in the kernel's place, where nothing is installed.
{
	insn 0x20 0 0 8
	insn 0x15 6 0 0
	insn 0x20 0 0 0
	insn 0x15 3 0 $seccomp
	insn 0x15 0 3 $prctl
	insn 0x20 0 0 16
	insn 0x15 0 1 22
	ret 0x50000
	ret $allow
} >pretends
deny $prctl 0x50000 >pretends-all
for option in '' --log; do
	# shellcheck disable=SC2086 # no option is no word
	{
		refused "what pretends to install it, $option" \
			"${before}a filter that is in force already refuses" \
			$option pretends allow
		for each in pretends pretends-all; do
			"$exec" $each -- "$exec" $option allow -- \
				touch ran 2>err
			is $? 125 "refused: $each was there, $option"
			[ ! -e ran ]
			result $? "not executed: $each was there, $option"
		done
	}
done
has err 'answers it in the kernel' 'said: what pretends'
deny_late $execve >late
status 126 'execve that only the kernel finds refused' late -- touch ran
has err 'does the filter allow execve?' 'said: execve is refused'
{
	insn 0x20 0 0 0
	insn 0x15 1 0 $exit
	insn 0x15 0 1 $exit_group
	ret $eperm
	ret $allow
} >no-exit
status 132 'no exit after a failure ends by a signal' no-exit -- ./script

# The kernel's limit: 32768 instructions and 4 for each filter below another.
# LD is 1 there, RET is 2, and each filter has 3 more.
if [ "$(cat /proc/sys/net/core/bpf_jit_harden 2>/dev/null)" = 2 ]; then
	echo '# skipped: the stacking limit, bpf_jit_harden makes programs longer'
else
	seven='most most most most most most most'
	nothing $((32768 - 7 * (4096 + 4 + 4) - 4)) >rest
	nothing $((32768 - 7 * (4096 + 4 + 4) - 4 + 1)) >over
	# shellcheck disable=SC2086 # a list of words
	{
		runs 'just the stacking limit' $seven rest
		refused 'one past the stacking limit' \
			'the filters are too long together: 32769' $seven over
		has err ' as the kernel counts them, 1 more than the 32768' \
			'said: how far past'
		refused 'far past the stacking limit' 'the filters are' \
			$seven $seven $seven allow
		has err ": $((21 * 4104 + 5)) instr" 'said: how far past, of all'
		"$exec" $seven -- "$exec" rest -- true 2>err
		is $? 0 'just the stacking limit, in two processes' || cat err
		"$exec" $seven -- "$exec" over -- touch ran 2>err
	}
	is $? 125 'one past the stacking limit, in two processes'
	[ ! -e ran ]
	result $? 'not executed: past the limit in two processes'
	has err "over: cannot be installed: up to it the filters here have 4041 " \
		'said: what is too long'
	has err "those in force before (7, Seccomp_filters in /proc/self/status) \
are longer than the 28727 that are left (errno 12)" 'said: what was there before'
fi

# As many as there can be: 4 each, and 4 between them.
insn 0x16 0 0 0 >shortest
# shellcheck disable=SC2046
{
	refused 'the most filters that fit' \
		'shortest: cannot be installed: shortest, which' \
		$(yes shortest | head -n 4096)
	refused 'one filter more' \
		'the filters are too long together: 32772' \
		$(yes shortest | head -n 4097)
}

[ $failed -eq 0 ]
