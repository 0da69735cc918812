#!/bin/sh
# --weights, --optimize and --tune from outside: weights.sh SECCOMPC SOURCE-ROOT
set -u
[ $# -eq 2 ] || {
	echo "usage: weights.sh SECCOMPC SOURCE-ROOT" >&2
	exit 2
}
seccompc=$(realpath "$1")
root=$(realpath "$2")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2

cp "$root/docs/examples/fine-grained.json" p.json
cp "$root"/tests/weights/strace-c.txt "$root"/tests/weights/perf-s.txt .
echo "read 5" >plain

echo '# what the options take'
ok 'without' status 0 compile p.json -o default.bpf
for option in --weights=built-in --optimize=balanced --tune=uncached; do
	ok "$option" status 0 compile $option p.json -o x.bpf
	ok "$option is the default" cmp x.bpf default.bpf
done
for option in --weights=uniform --weights=strace-c.txt --weights=perf-s.txt \
	--weights=plain --optimize=speed --optimize=size --tune=cached; do
	ok "$option" status 0 compile $option p.json -o x.bpf
	ok "$option: nothing is printed" not test -s err
	ok "$option: the same decisions" status 0 diff x.bpf default.bpf
	ok "$option: as the profile says" status 0 prove p.json x.bpf
done
ok 'the last of several counts' status 0 compile --weights=none \
	--weights=uniform p.json -o x.bpf
for option in --weights= --optimize=fast --optimize= --optimize=Speed \
	--tune=5.11 --tune=; do
	for command in compile 'merge p.json' 'intersect p.json'; do
		rm -f x.bpf
		# shellcheck disable=SC2086 # a command and an operand
		ok "$command $option: 2" \
			status 2 $command $option p.json -o x.bpf
		ok "$command $option: a message" \
			says "${option%%=*}"
		ok "$command $option: nothing is written" not test -e x.bpf
	done
done
for command in prove diff; do
	ok "$command has no program to write: 2" \
		status 2 $command --tune=cached p.json default.bpf
done
for command in compile merge intersect; do
	"$seccompc" $command --help >help
	for option in weights optimize tune; do
		ok "$command --help has --$option" grep -q "^  --$option=" help
	done
done

echo '# files'
echo precious >kept.bpf
ok 'a missing file: 1' status 1 compile --weights=none p.json -o kept.bpf
ok 'its name is in the message' says 'none: No such file'
ok 'the old output is as it was' grep -q precious kept.bpf
printf 'read 5\nwrite\n' >bad
ok 'a bad file: 1' status 1 compile --weights=bad p.json -o kept.bpf
ok 'its line is in the message' says 'bad:2:1: error: '
ok 'and the name of it' says '[weights-syntax]'
ok 'the old output is as it was' grep -q precious kept.bpf
ok 'a folder: 1' status 1 compile --weights=. p.json -o kept.bpf
ok 'no counts: 1' status 1 compile --weights=/dev/null p.json -o kept.bpf
ok 'it is said' says '[weights-empty]'
ok 'a bad file for merge: 1' status 1 merge --weights=bad p.json p.json
ok 'a bad file for intersect: 1' status 1 intersect --weights=bad p.json p.json
head -c 17000000 /dev/zero | tr '\0' '\n' >large
ok 'a file that is too large: 1' status 1 compile --weights=large p.json
ok 'it is said' says 'larger than the limit'
printf 'reed 5\nread 6\n' >odd
ok 'an unknown name: 0' status 0 compile --weights=odd p.json -o x.bpf
ok 'a warning' says "odd:1:1: warning: 'reed' is no syscall"
ok 'with a hint' says "did you mean 'read'?"
ok 'the warning silenced' status 0 compile --allow=weights-name \
	--weights=odd p.json -o x.bpf
ok 'nothing is printed' not test -s err
ok 'the warning as an error: 1' status 1 compile --deny=weights-name \
	--weights=odd p.json -o kept.bpf
ok 'and with --deny=warnings: 1' status 1 compile --deny=warnings \
	--weights=odd p.json -o kept.bpf
ok 'the old output is as it was' grep -q precious kept.bpf
ok 'a warning and --quiet: 0' status 0 compile --quiet \
	--weights=odd p.json -o x.bpf
ok 'nothing is printed' not test -s err
printf 'read 6\n' >'uniform'
ok 'a file with the name of a mode' status 0 compile --weights=./uniform \
	p.json -o x.bpf
from_input() { # STATUS FILE ARGUMENT...
	want=$1 file=$2
	shift 2
	status "$want" "$@" <"$file"
}
ok 'standard input' from_input 0 strace-c.txt compile --weights=- p.json \
	-o piped.bpf
ok 'is a file like others' status 0 compile --weights=strace-c.txt p.json \
	-o x.bpf
ok 'with the same program' cmp piped.bpf x.bpf
for command in 'compile' 'merge p.json' 'intersect p.json'; do
	# shellcheck disable=SC2086
	ok "$command: standard input twice: 2" from_input 2 strace-c.txt \
		$command --weights=- -
	ok "$command: it is said" says 'standard input'
done
mkdir many
for name in 1 2 3 4 5 6 7 8; do
	cp p.json many/$name.json
done
ok 'several at a time' status 0 compile -j 4 --weights=strace-c.txt many/ \
	-o filters/
for name in 1 2 3 4 5 6 7 8; do
	ok "the weights are the same for each: $name" \
		cmp filters/$name.bpf x.bpf
done

echo '# weights matter'
# The counts of one machine, and the same ones on other names.
table=$root/syscall-tables/weights.tbl
awk -F '\t' '!/^#/ && $3 == "-" { print $1, $2 }' "$table" >counts
awk '{ name[NR] = $1; n[NR] = $2 }
END { for (i = 1; i <= NR; i++) print name[i], n[NR + 1 - i] }' \
	counts >shuffled
ok 'the same counts' test "$(cut -d ' ' -f 2 counts | sort)" = \
	"$(cut -d ' ' -f 2 shuffled | sort)"
ok 'the counts as they are' status 0 compile --arch=x86_64 --weights=counts \
	p.json -o a.bpf
ok 'and shuffled' status 0 compile --arch=x86_64 --weights=shuffled p.json \
	-o b.bpf
ok 'shuffled weights give another program' not cmp a.bpf b.bpf
ok 'uniform ones another' status 0 compile --arch=x86_64 --weights=uniform \
	p.json -o c.bpf
ok 'than the built-in ones' not cmp a.bpf c.bpf
ok 'all of them decide the same' status 0 diff a.bpf b.bpf
sed 's/$/000/' counts >larger
ok 'a thousand times as many' status 0 compile --arch=x86_64 \
	--weights=larger p.json -o d.bpf
ok 'are the same: only ratios matter' cmp a.bpf d.bpf
ok 'the built-in ones, which are spread more evenly' status 0 compile \
	--arch=x86_64 p.json -o e.bpf
ok 'give another program than a file with them' not cmp a.bpf e.bpf

echo '# hostile weights'
# Each number decides otherwise than its neighbours, and each second count is
# half of another one: every value may be tested first, in every part.
"$seccompc" syscalls | awk 'NR > 1 && !seen[$1]++ { print $1 }' >names
awk 'BEGIN {
	split("ALLOW ERRNO LOG TRAP KILL_PROCESS", action)
	print "{ \"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\":"
	print "[\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"], \"syscalls\": ["
}
NR % 2 == 0 {
	printf "%s{ \"names\": [\"%s\"], \"action\": \"SCMP_ACT_%s\" }", \
		separator, $1, action[NR % 5 + 1]
	separator = ",\n"
}
END { print "] }" }' names >alternating.json
awk '{ name[NR] = $1 }
END {
	for (i = 1; i <= NR; i++)
		printf "%s %.0f\n", name[i * 283 % NR + 1],
			i < 46 ? 2 ^ (46 - i) : 1
}' names >steep
soon() { # COMMAND...: in at most 5 seconds of CPU time
	(ulimit -t 5 && "$@")
}
for option in --optimize=balanced --optimize=speed --optimize=size; do
	ok "$option: soon" soon status 0 compile --quiet \
		--weights=steep --tune=cached --unknown=default \
		--foreign-arch=default $option alternating.json -o hostile.bpf
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
