#!/bin/sh
# The static command of tools/build-static: static.sh SECCOMPC SOURCE-ROOT
# FOLDER CORPUS
#
# Builds it in FOLDER and holds what it does against SECCOMPC, which has glibc:
# the same files and messages for every profile there is.
set -u

[ $# -eq 4 ] || {
	echo 'usage: static.sh SECCOMPC SOURCE-ROOT FOLDER CORPUS' >&2
	exit 2
}
dynamic=$(realpath "$1")
root=$(realpath "$2")
folder=$(realpath -m "$3")
corpus=$(realpath -m "$4")

for needed in musl-gcc cmake dpkg-source apt-get gcc; do
	command -v $needed >/dev/null || {
		echo "# skipped: there is no $needed"
		exit 77
	}
done
# Folders of the names that it uses are not always its own.
other=$(mktemp -d) || exit 2
mkdir "$other/root"
echo text >"$other/root/file"
"$root/tools/build-static" --no-install --build="$other" >/dev/null 2>&1
if [ $? -ne 2 ] || [ ! -s "$other/root/file" ]; then
	echo 'not ok - a folder with other files was taken'
	exit 1
fi
rm -rf "$other"
"$root/tools/build-static" --no-install --build="$folder" \
	--docs-uri=https://example.org/docs
case $? in
0) ;;
3)
	echo '# skipped: the sources of libraries cannot be fetched'
	exit 77
	;;
*) exit 1 ;;
esac
static=$folder/seccompc

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2

echo '# the file'
readelf -lW "$static" >segments
readelf -dW "$static" >dynamic
ok 'no interpreter' not grep INTERP segments
ok 'no dynamic section' grep 'no dynamic section' dynamic
readelf -SW "$static" >sections
ok 'stripped' not grep -F .symtab sections
size=$(wc -c <"$static")
ok 'a megabyte, as docs/ci.md has it' test "$size" -gt 900000 -a \
	"$size" -lt 1150000
ok 'the same version' test "$("$static" --version)" = "$("$dynamic" --version)"
printf 'kind: Pod\nspec:\n  containers: [{name: a}]\n' >pod.yaml
"$static" check --manifest=pod.yaml >out
ok 'it reads YAML' grep -q '^pod.yaml:3:16: note: .*no-profile' out
"$static" check --format=json --manifest=pod.yaml >out
ok 'its findings say where documents are' grep -qF \
	'"https://example.org/docs/docs/diagnostics.md#kubernetes-no-profile"' out

# Nothing but the file is there, neither libraries nor /proc.
mkdir empty
cp "$static" "$root/docs/examples/fine-grained.json" empty/
if bwrap --bind / / true; then
	ok 'in an empty folder' bwrap --bind empty / --chdir / -- \
		/seccompc compile fine-grained.json -o f.bpf
	"$dynamic" compile "$root/docs/examples/fine-grained.json" -o f.bpf
	ok 'the same program' cmp f.bpf empty/f.bpf
else
	echo '# skipped: an empty folder, since bwrap does not run here'
fi

echo '# the same as with glibc'
# A run of each: exit status, messages in any order, as several threads write
# them, and all files.
one() { # FOLDER COMMAND ARGUMENT...
	rm -rf "$1"
	mkdir "$1"
	(
		cd "$1" || exit
		shift
		"$@" >stdout 2>err
		echo $? >status
		sort err >messages
		rm err
	)
}

both() { # ARGUMENT...: with -o out or none
	one static "$static" "$@"
	one dynamic "$dynamic" "$@"
	diff -r static dynamic
}

files() { # at least N that were written
	[ "$(find static/out -type f | wc -l)" -ge "$1" ] || {
		cat static/messages
		return 1
	}
}

all() { # PATH NUMBER: everything below, of which so many compile
	for format in bpf c asm json oci hex base64 dot; do
		ok "$1: -f $format" both compile -j4 --caps=docker \
			--kernel=6.1 --arch=x86_64,i386,x32 \
			--conflicts=strictest -f $format "$1" -o out/
		ok "$1: at least $2" files "$2"
	done
	ok "$1: as it stands" both compile -j1 "$1" -o out/
}

all "$root/docs/examples" 3
all "$root/tests/golden" 40
if [ -d "$corpus" ]; then
	all "$corpus" 250
else
	echo '# skipped: a folder of profiles, which is not here'
fi
example=$root/docs/examples/fine-grained.json
"$dynamic" compile "$example" -o "$work/example.bpf"
ok 'prove' both prove "$example" "$work/example.bpf"
ok 'disasm' both disasm "$work/example.bpf"
ok 'diff' both diff --unknown=default "$example" \
	"$root/docs/examples/meson/filter.json"
ok 'merge' both merge "$example" "$root/docs/examples/meson/filter.json" \
	-o out
ok 'syscalls' both syscalls
ok '--help' both --help
ok 'a manifest' both compile "$example" -o out --manifest=manifest
ok 'no such file' both compile none.json
ok 'a full device' both compile "$example" -o /dev/full
# A thread of musl's own making would have little stack.
awk 'BEGIN {
	print "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
	for (i = 0; i < 3000; i++)
		printf "%s{\"names\":[\"ioctl\"],\"args\":[{\"index\":1," \
			"\"value\":%d,\"op\":\"SCMP_CMP_EQ\"}]," \
			"\"action\":\"SCMP_ACT_ALLOW\"}\n", i ? "," : "",
			i * 65537 % 1000003
	print "]}"
}' >many.json
cp many.json again.json
ok 'thousands of rules, in threads' both compile -j2 "$work/many.json" \
	"$work/again.json" -o out/
ok 'two programs' files 2
ok 'runs a command under a filter' "$static" run "$example" -- \
	"$static" --version

# Not asserted: the machine has more to do.
start() { # COMMAND...: microseconds, the least of ten times 20 runs
	least=
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		before=$(date +%s%N)
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			"$@" >/dev/null
		done
		took=$((($(date +%s%N) - before) / 20000))
		if [ -z "$least" ] || [ "$took" -lt "$least" ]; then
			least=$took
		fi
	done
	echo "$least"
}
echo "# --version: $(start "$static" --version) us static," \
	"$(start "$dynamic" --version) us dynamic"
echo "# fine-grained.json: $(start "$static" compile "$example") us" \
	"static, $(start "$dynamic" compile "$example") us dynamic"

echo "# $passed passed, $failed failed"
[ "$failed" -eq 0 ]
