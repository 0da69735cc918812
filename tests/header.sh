#!/bin/sh
# The C header in programs: header.sh SECCOMPC SOURCE-ROOT
#
# It compiles as C and C++ of every year without a warning, and a static
# program of glibc or musl installs it first thing in main.
set -u

[ $# -eq 2 ] || {
	echo 'usage: header.sh SECCOMPC SOURCE-ROOT' >&2
	exit 2
}
seccompc=$(realpath "$1")
example=$(realpath "$2")/docs/examples/meson
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
warnings='-Wall -Wextra -Wpedantic -Werror'

here() { # COMMAND: whether it is there; says so if not
	command -v "$1" >/dev/null || {
		echo "# skipped: $1, which is not here"
		return 1
	}
}

ok 'compiles' status 0 compile -f c "$example/filter.json" -o filter.h
cp "$example/main.c" main.c
# Two that include it twice, one of which does not use it.
cat >unused.c <<'END'
#include "filter.h"
#include "filter.h"
int answer(void);
int
answer(void)
{
	return filter_len;
}
END

for cc in gcc clang; do
	here $cc || continue
	for std in c99 c11 gnu11 c17 c2x; do
		# shellcheck disable=SC2086 # a list of words
		ok "$cc -std=$std" $cc -std=$std $warnings main.c unused.c -o c
	done
done
for cc in g++ clang++; do
	here $cc || continue
	for std in c++98 c++11 gnu++17 c++20 c++2b; do
		# shellcheck disable=SC2086 # a list of words
		ok "$cc -std=$std" $cc -x c++ -std=$std $warnings main.c \
			unused.c -o c
	done
done

echo '# names that are keywords or macros'
for word in default class int new operator typeof bool linux unix main and; do
	cp "$example/filter.json" $word.json
	ok "$word.json" status 0 compile -f c $word.json -o word.h
	printf '#include "word.h"\nint main(void) { return %s_filter_len; }\n' \
		$word >word.c
	for std in gnu11 gnu2x; do
		# shellcheck disable=SC2086 # a list of words
		ok "$word.json in $std" gcc -std=$std $warnings word.c -o c
	done
	here g++ && ok "$word.json in C++" g++ -x c++ $warnings word.c -o c
	ok "--symbol=$word: 2" status 2 compile -f c --symbol=$word \
		$word.json -o word.h
done
for word in defaults new_ ain default_filter; do
	ok "--symbol=$word" status 0 compile -f c --symbol=$word main.json \
		-o word.h
	ok 'is defined' grep "sock_filter $word\\[\\]" word.h
done

# Debian's musl-gcc looks for no headers of the kernel, which lie among those of
# glibc: a folder of links to them alone, as docs/build-systems.md makes it.
mkdir kernel-headers
ln -s /usr/include/linux /usr/include/asm-generic \
	"/usr/include/$(gcc -print-multiarch)/asm" kernel-headers

alone() { # FILE: it needs no other file
	readelf -lW "$1" >headers && not grep INTERP headers
}

confined() { # FILE
	"./$1" >run.out || return 1
	printf 'Seccomp: 2\nmkdir: Permission denied\n' >expected
	diff expected run.out && [ ! -e refused ]
}

# Of all that it calls under the filter, only mkdir is refused.
nothing_else() { # FILE
	strace -o trace "./$1" >run.out || return 1
	sed -n '/PR_SET_SECCOMP/,$p' trace >after
	cat after
	grep -q '^exit_group' after && grep -q '^mkdir.* EACCES' after &&
		not grep EPERM after
}

# With standard output a terminal, stdio makes other calls.
on_a_terminal() { # FILE
	script -qec "./$1" script.out </dev/null >/dev/null &&
		grep 'Seccomp: 2' script.out
}

static() { # NAME COMMAND...
	name=$1
	shift
	# shellcheck disable=SC2086 # a list of words
	ok "$name: builds" "$@" $warnings main.c unused.c -o "$name"
	ok "$name: alone" alone "$name"
	ok "$name: confined" confined "$name"
	! here strace || ok "$name: only mkdir is refused" nothing_else "$name"
	! here script || ok "$name: on a terminal" on_a_terminal "$name"
}

static glibc gcc -static
static glibc-pie gcc -static-pie
! here g++ || static glibc-c++ g++ -x c++ -static
! here clang || static glibc-clang clang -static
! here musl-gcc || static musl musl-gcc -static -idirafter kernel-headers

echo "# $passed passed, $failed failed"
[ "$failed" -eq 0 ]
