#!/bin/sh
# libseccompc as it is installed: library.sh SECCOMPC SOURCE-ROOT BUILD-ROOT
# PREFIX LIBDIR INCLUDEDIR CORPUS
#
# Installs what is in BUILD-ROOT, and builds and runs programs with nothing but
# that and pkg-config: the examples of docs/examples/library, and those in
# tests/library.  Looks at what is in the libraries.

[ $# -eq 7 ] || {
	echo 'usage: library.sh SECCOMPC SOURCE-ROOT BUILD-ROOT PREFIX LIBDIR' \
		'INCLUDEDIR CORPUS' >&2
	exit 2
}
seccompc=$(realpath "$1")
root=$(realpath "$2")
build=$(realpath "$3")
corpus=$(realpath -m "$7")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
unset CFLAGS CPPFLAGS LDFLAGS DESTDIR CPATH LIBRARY_PATH
dest=$work/dest
lib=$dest$4/$5
include=$dest$4/$6
examples=$root/docs/examples/library

profile=$corpus/moby-default-current.json
if [ ! -f "$profile" ]; then
	echo "# skipped: there is no $profile"
	profile=$root/docs/examples/fine-grained.json
fi

echo '# what is installed'
ok 'meson install' meson install -C "$build" --no-rebuild --destdir "$dest"
ok 'the header' cmp "$include/seccompc.h" "$root/compiler/seccompc.h"
ok 'the static library' test -f "$lib/libseccompc.a"
ok 'the shared library' test -L "$lib/libseccompc.so"
ok 'its name' test "$(readlink -f "$lib/libseccompc.so.0")" = \
	"$(readlink -f "$lib/libseccompc.so")"
ok 'the pkg-config file' test -f "$lib/pkgconfig/libseccompc.pc"

# Nothing but the package, and json-c from where it always is.
PKG_CONFIG_LIBDIR=$lib/pkgconfig:$(pkg-config --variable pc_path pkg-config)
PKG_CONFIG_SYSROOT_DIR=$dest
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR
ok 'its version' test "$(pkg-config --modversion libseccompc)" = \
	"$("$seccompc" --version | sed -n '1s/^seccompc //p')"

make_shared() { # PROGRAM OPTION...: out of sources, beside the examples
	output=$1
	shift
	# shellcheck disable=SC2046 # options
	gcc -Wall -Wextra -Wpedantic -Werror "$@" -o "$output" \
		$(pkg-config --cflags --libs libseccompc)
}

# All of the program is in its file, json-c as well.
make_static() {
	output=$1
	shift
	# shellcheck disable=SC2046 # options
	gcc -Wall -Wextra -Wpedantic -Werror "$@" -o "$output" -static \
		$(pkg-config --static --cflags --libs libseccompc)
}

# With the library's own, in a program that is linked with all else.
make_with_archive() {
	output=$1
	shift
	# shellcheck disable=SC2046 # options
	gcc -Wall -Wextra "$@" -o "$output" $(pkg-config --cflags libseccompc) \
		"$lib/libseccompc.a" -ljson-c
}

run() { # COMMAND...: with the installed library, leaves out and err
	LD_LIBRARY_PATH=$lib "$@" >out 2>err
}

run_fails() { # STATUS COMMAND...
	want=$1
	shift
	run "$@"
	got=$?
	[ $got -eq "$want" ] || {
		echo "exit status $got, not $want"
		cat err
		return 1
	}
}

echo '# the header by itself'
echo '#include <seccompc.h>' >header.c
echo 'struct scc_options *f(void) { return scc_options_create(); }' >>header.c
cp header.c header.cc
for cc in gcc clang; do
	command -v $cc >/dev/null || {
		echo "# skipped: there is no $cc"
		continue
	}
	for std in c99 c11 c17 c2x gnu2x; do
		# The kernel's own headers are theirs.
		ok "$cc -std=$std" $cc -std=$std -pedantic -Wall -Wextra \
			-Wno-missing-prototypes -Werror -I"$include" -c \
			header.c -o header.o
	done
done
for std in c++11 c++14 c++17 c++20; do
	ok "g++ -std=$std" g++ -std=$std -pedantic -Wall -Wextra -Werror \
		-I"$include" -c header.cc -o header.o
done

echo '# as docs/library.md says'
mkdir documented
cp "$examples"/*.c documented
sed -n -e '/^```sh$/,/^```$/!d' -e ':a' -e '/\\$/{N;s/\\\n//;ba' -e '}' \
	-e '/^cc /p' "$root/docs/library.md" >commands
while read -r line; do
	ok "$line" sh -c "cd documented && $line"
done <commands
for name in start threads runtime start-static; do
	ok "$name is there" test -x documented/$name
done

echo '# the examples'
for name in start threads runtime; do
	for std in c99 c11 c17 c2x; do
		ok "$name: $std" make_shared $name -std=$std \
			"$examples/$name.c" -pthread
	done
	for std in c++11 c++20; do
		# shellcheck disable=SC2046 # options
		ok "$name: $std" g++ -std=$std -Wall -Wextra -Werror -x c++ \
			"$examples/$name.c" -x none -o $name-c++ -pthread \
			$(pkg-config --cflags --libs libseccompc)
	done
	ok "$name: static" make_static $name-static "$examples/$name.c" \
		-pthread
	readelf -d $name-static >dynamic
	ok "$name: needs nothing" not grep -q NEEDED dynamic
done

if "$seccompc" run "$root/docs/examples/audit.json" -- true 2>err; then
	kinds='shared static'
else
	echo "# skipped: no filter can be installed here: $(cat err)"
	kinds=
fi
for kind in $kinds; do
	start=./start
	[ "$kind" = shared ] || start=./start-static
	ok "$kind: start: its own filter" run $start
	ok 'unshare is refused' grep -qx 'unshare: Operation not permitted' out
	printf '{"defaultAction":"SCMP_ACT_ALLOW"}' >allows.json
	ok "$kind: start: a filter that allows it" run_fails 1 $start \
		allows.json
	ok 'unshare works' grep -qx 'unshare is allowed' out
	printf '{"defaultAction":"SCMP_ACT_ALOW"}' >bad.json
	ok "$kind: start: no filter, no start" run_fails 1 $start bad.json
	ok 'it did nothing' not test -s out
	ok 'and says why' grep -q 'unknown-action' err
	ok "$kind: start: no profile, no start" run_fails 1 $start none.json
	case $profile in
	*/moby-default-current.json)
		ok "$kind: start: Docker's profile" run $start "$profile"
		ok 'unshare is refused' grep -qx \
			'unshare: Operation not permitted' out
		;;
	esac
done
case $kinds$profile in
shared*/moby-default-current.json)
	for make in make_shared make_static; do
		ok "calls under Docker's profile: $make" $make confined \
			-std=c11 "$root/tests/library/confined.c"
		ok 'they do what the library says' run ./confined "$profile"
		ok 'a filter is in force' grep -qx 'Seccomp:	2' out
		ok 'no new privileges' grep -qx 'NoNewPrivs:	1' out
		ok 'they were made' grep -qx '13 calls' out
	done
	;;
esac

echo '# threads, in the order of the arguments'
set -- "$root"/docs/examples/*.json "$corpus"/moby-default-20*.json
[ -f "$corpus/moby-default-current.json" ] || set -- "$root"/docs/examples/*.json
LD_LIBRARY_PATH=$lib ./threads 1 "$@" >one 2>one.err
ok 'all compile' test $? -eq 0
sed 's/: [0-9]* instructions$//' one >names
printf '%s\n' "$@" >wanted
ok 'one line for each' diff wanted names
for n in 2 8; do
	LD_LIBRARY_PATH=$lib ./threads $n "$@" >many 2>many.err
	ok "$n threads: the same" cmp one many
	ok "$n threads: the same is said" cmp one.err many.err
done
ok 'one does not compile' run_fails 1 ./threads 2 "$1" bad.json none.json "$1"
ok 'the others do' test "$(grep -c instructions out)" = 2
ok 'in its place' test "$(sed -n 2p out)" = 'bad.json: the input is refused'
ok 'nor is another one there' test "$(sed -n 3p out)" = \
	'none.json: cannot be read'

echo '# a runtime'
kernel=$(uname -r)
blob() { # CAPS...: what the command writes
	"$seccompc" compile --quiet --kernel="$kernel" "$@" "$profile" \
		-o wanted.bpf
}
ok 'the command' blob --caps=docker
ok 'a mask' run ./runtime "$profile" 00000000a80425fb got.bpf
ok 'the same bytes' cmp wanted.bpf got.bpf
ok 'no flags' grep -qx 'flags: 0x0' out
ok 'the command' blob --caps=none
ok 'without capabilities' run ./runtime "$profile" 0 got.bpf
ok 'the same bytes' cmp wanted.bpf got.bpf
ok 'the bounding set of this process' run ./runtime "$profile" self got.bpf
ok 'by its mask' run ./runtime "$profile" \
	"$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)" wanted.bpf
ok 'the same bytes' cmp wanted.bpf got.bpf
ok 'static' run ./runtime-static "$profile" 00000000a80425fb static.bpf
ok 'the command' blob --caps=docker
ok 'the same bytes' cmp wanted.bpf static.bpf
printf '{"defaultAction":"SCMP_ACT_LOG","flags":["SECCOMP_FILTER_FLAG_LOG"]}' \
	>flags.json
ok 'flags' run ./runtime flags.json 0 got.bpf
ok 'are told' grep -qx 'flags: 0x2' out
cp got.bpf before.bpf
for args in 'bad.json 0' 'none.json 0' 'flags.json x' 'flags.json 0x' \
	'flags.json 1ffffffffffffffff' 'flags.json'; do
	# shellcheck disable=SC2086 # words
	ok "runtime $args: an error" run_fails 1 ./runtime $args got.bpf
	ok 'is told' test -s err
	ok 'the file is as it was' cmp before.bpf got.bpf
done
ok 'a folder that is not there' run_fails 1 ./runtime flags.json 0 none/x
mkdir folder
ok 'a folder in the place of the file' run_fails 1 ./runtime flags.json 0 folder
ok 'nothing is left behind' test "$(find . -name '*.bpf.*' -o -name 'folder.*' |
	wc -l)" = 0

echo '# formats, as the command writes them'
ok 'a program' make_shared write -std=c11 "$root/tests/library/write.c"
for file in "$profile" "$root/docs/examples/audit.json" \
	"$root/docs/examples/fine-grained.json"; do
	for format in bpf c asm json hex base64 dot oci; do
		"$seccompc" compile --caps=docker --kernel=6.1 -f $format \
			--symbol=filter "$file" >wanted 2>wanted.err
		ok "$(basename "$file"): $format" run ./write $format "$file"
		ok 'the same bytes' cmp wanted out
		grep -v ': [0-9]* \(warning\|note\)s\?\(,.*\)\?$' wanted.err \
			>said
		ok 'the same diagnostics' diff said err
	done
	"$seccompc" compile --quiet --caps=docker --kernel=6.1 \
		--manifest=wanted "$file" -o x.bpf
	ok "$(basename "$file"): manifest" run ./write manifest "$file"
	ok 'the same bytes' cmp wanted out
done
ok 'no such format' run_fails 2 ./write elf "$profile"
ok 'a profile that is refused' run_fails 1 ./write bpf bad.json

echo '# what is in the libraries'
readelf -dW "$lib/libseccompc.so" >dynamic
sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic | sort >needed
printf '%s\n' libc.so.6 libjson-c.so.5 >wanted
ok 'json-c and the C library are needed, and nothing else' diff wanted needed
ok 'no text relocations' not grep -q TEXTREL dynamic

# Functions: of the header as a compiler reads it, of the map, of each library.
gcc -E -P "$include/seccompc.h" | grep -o '\bscc_[a-z_]*(' | tr -d '(' |
	sort -u >declared
sed -n '/^global:/,/^local:/s/^	\([a-z_]*\);$/\1/p' \
	"$root/compiler/libseccompc.map" | sort >mapped
nm -D --defined-only "$lib/libseccompc.so" |
	sed -n 's/.* [TDBRVWi] \([a-z_]*\)@@SECCOMPC_.*/\1/p' | sort >exported
nm -D --defined-only "$lib/libseccompc.so" | grep -v '@@SECCOMPC_' |
	grep -v ' A SECCOMPC_' >unversioned
nm -g --defined-only "$lib/libseccompc.a" |
	sed -n 's/^[0-9a-f]* . //p' | sort >archived
ok 'there are some' test "$(wc -l <declared)" -gt 30
ok 'the map has what the header declares' diff declared mapped
ok 'the shared library has no other names' diff declared exported
ok 'all of them have a version' not test -s unversioned
ok 'the static library has no other names' diff declared archived
# Distributions compile with -flto.
cat >inner.c <<'END'
__attribute__((visibility("hidden"))) int inner(int x) { return x + 1; }
END
cat >outer.c <<'END'
__attribute__((visibility("hidden"))) int inner(int x);
int outer(int x) { return inner(x); }
END
cat >main.c <<'END'
int outer(int x);
int inner = 2;
int main(void) { return outer(inner) != 3; }
END
ok 'objects with -flto' gcc -flto -O2 -c inner.c outer.c
ok 'are archived' ar rcs lto.a inner.o outer.o
ok 'and made one' "$root/compiler/archive" one.a lto.a objcopy ar gcc
nm -g --defined-only one.a | sed -n 's/^[0-9a-f]* . //p' >archived
ok 'without other names' test "$(cat archived)" = outer
ok 'for programs without -flto' gcc main.c one.a -o lto
ok 'which work' ./lto
ok 'its names clash with none' make_with_archive clash \
	"$root/tests/library/clash.c"
ok 'and both sides work' run ./clash
ok 'each with its own' test "$(cat out)" = 1

# What it takes from elsewhere.  None of these prints, exits, reads the
# environment or the clock, or keeps something between calls: __ctype_b_loc is
# of isdigit() and isxdigit(), which are the same in every locale; strerror()
# has no state since glibc 2.32 and is for the command alone; prctl() and
# syscall() are scc_install().
cat >allowed <<'END'
__ctype_b_loc
__cxa_finalize
__errno_location
__stack_chk_fail
_setjmp
bsearch
calloc
free
longjmp
malloc
memchr
memcmp
memcpy
memmem
memmove
memrchr
memset
prctl
qsort
realloc
snprintf
stpcpy
strchr
strcmp
strcspn
strerror
strlen
strncmp
strnlen
strrchr
strspn
strstr
strtoul
strtoull
syscall
vsnprintf
END
nm -D --undefined-only "$lib/libseccompc.so" | sed 's/^ *[Uw] //; s/@.*//' |
	grep -v '^_ITM_\|^__gmon_start__$\|^json_' | sort >asked
LC_ALL=C sort allowed >allowed.sorted
LC_ALL=C sort asked >asked.sorted
LC_ALL=C comm -13 allowed.sorted asked.sorted >unknown
ok 'no function that prints, exits or has a state' diff /dev/null unknown
# json-c's have none either, but for these.
nm -D --undefined-only "$lib/libseccompc.so" | grep -o 'json_[a-z_0-9]*' \
	>json
ok 'json-c is used' test -s json
ok 'without its state' not grep -E \
	'^json_(c_set|global_set|object_to_file|object_from_fd|util)' json

# Names in .data or .bss; what the compiler's start files bring is not ours.
readelf -SW "$lib/libseccompc.so" | sed -n \
	's/^ *\[ *\([0-9]*\)\] \.\(data\|bss\|tdata\|tbss\) .*/\1/p' >writable
readelf -sW "$build/compiler/libseccompc.so" | awk '
	NR == FNR { writable[$1] = 1; next }
	$7 in writable && $4 != "SECTION" { print $8 }' writable - |
	grep -vx '__dso_handle\|__TMC_END__\|completed\.0\|_edata\|_end\|__bss_start\|__data_start\|_fini' |
	sort -u >state
ok 'symbols are there to be looked at' test "$(readelf -sW \
	"$build/compiler/libseccompc.so" | grep -c weights_built_in)" -gt 0
ok 'no state' diff /dev/null state

echo '# other letters and numbers'
if localedef -i tr_TR -f ISO-8859-9 ./tr >/dev/null 2>&1; then
	ok 'a program' make_shared locale -std=c11 "$root/tests/library/locale.c"
	# Fields of Go are found whatever their case; slips are by a letter.
	cat >fields.json <<'END'
{ "defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
  { "names": ["PIPE", "mk\u0131dir", "raed"], "action": "SCMP_ACT_ALLOW",
    "Includes": { "caps": ["CAP_KILL"] } },
  { "names": ["write"], "action": "SCMP_ACT_KILL_PROCES" } ] }
END
	echo '{ "defaultAction": NIL }' >word.json
	for file in "$profile" fields.json word.json; do
		LC_ALL=C LD_LIBRARY_PATH=$lib ./locale "$file" >c 2>c.err
		ok "$(basename "$file")" test $? -eq 0
		LOCPATH=$work LC_ALL=tr LD_LIBRARY_PATH=$lib \
			./locale "$file" >tr.out 2>tr.err
		ok 'in Turkish' test $? -eq 0
		ok 'which writes 0,5' grep -qx '0,5 0' tr.err
		ok 'the same' cmp c tr.out
	done
else
	echo '# skipped: no other locale can be made here'
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
