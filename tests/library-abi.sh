#!/bin/sh
# Whether programs that were written for an earlier version of libseccompc go
# on: library-abi.sh SOURCE-ROOT BUILD-ROOT CC...
#
# tests/library/abi-VERSION.c is what a version promised.  It has to compile
# with the header, and what was made of it has to run with the library.
# abi-VERSION.xml has the same out of the library's debug information.  This
# wrote it once, in a folder with the header and the library:
#
#	abidw --headers-dir . --drop-private-types --exported-interfaces-only
#	--no-corpus-path --no-comp-dir-path --no-show-locs --no-elf-needed
#	--no-parameter-names --type-id-style hash ./libseccompc.so.0
#
# That the checks would fail is tried on libraries with something changed, and
# that they let additions pass, on one that could be the next version.

[ $# -ge 3 ] || {
	echo 'usage: library-abi.sh SOURCE-ROOT BUILD-ROOT CC...' >&2
	exit 2
}
root=$(realpath "$1")
build=$(realpath "$2")
shift 2
cc="$*"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
objects=$(find "$build/compiler/libcompiler.a.p" -name '*.o')

compile() { # FOLDER SOURCE OUTPUT: against a folder's header and library
	# shellcheck disable=SC2086 # a compiler and its options
	$cc -std=c11 -Wall -Wextra -Werror -I"$1" "$2" -o "$3" \
		-L"$1" -lseccompc
}

run() { # FOLDER PROGRAM: with the folder's library
	LD_LIBRARY_PATH=$1 LD_BIND_NOW=1 "./$2"
}

# Types that only inner headers define do not count.
same_types() { # FOLDER XML: but for what was added
	abidiff --no-added-syms --headers-dir2 "$1" "$2" \
		"$1/libseccompc.so.0"
}

link() { # FOLDER [OBJECT]...: the library from the build's objects and a map
	folder=$1
	shift
	# shellcheck disable=SC2086 # lists of words
	$cc -shared -Wl,-soname,libseccompc.so.0 $objects "$@" \
		-Wl,--version-script,"$folder/libseccompc.map" -ljson-c -o \
		"$folder/libseccompc.so.0" &&
		ln -sf libseccompc.so.0 "$folder/libseccompc.so"
}

# variant NAME FILE SED-COMMAND: a library whose header or map is another.
variant() {
	mkdir -p "$1"
	cp "$root/compiler/seccompc.h" "$root/compiler/libseccompc.map" "$1"
	cp "$1/$2" before
	sed -i "$3" "$1/$2"
	! cmp -s "$1/$2" before || {
		echo "nothing in $2 was changed"
		return 1
	}
}

names() { # FILE: what a map or a program has, sorted
	grep -o 'scc_[a-z_]*;' "$1" | tr -d ';' | sort
}

mkdir now
cp "$root/compiler/seccompc.h" "$root/compiler/libseccompc.map" now
find "$build/compiler" -maxdepth 1 -name 'libseccompc.so*' ! -name '*.p' \
	-exec cp -P {} now \;

echo '# programs of each version'
for source in "$root"/tests/library/abi-*.c; do
	version=$(basename "$source" .c)
	ok "$version compiles" compile now "$source" "$version"
	ok "$version runs" run now "$version"
	# Each function is in the list of the version that brought it.
	sed -n "/^SECCOMPC_${version#abi-} /,/^}/p" now/libseccompc.map >node
	names node >has
	sed -n 's/^	(function \*)\(scc_[a-z_]*\),$/\1/p' "$source" |
		sort >promised
	ok "$version has all that is in the map" diff has promised
	readelf -sW "$version" >symbols
	grep -o 'scc_[a-z_]*@SECCOMPC_[0-9.]*' symbols | sort -u |
		sed 's/@.*//' >asked
	ok "$version asks for versions" diff asked promised
done
old=$root/tests/library/abi-0.1.c

echo '# what has to be noticed'
refused() { # TEXT FOLDER: a program of 0.1 does not compile
	ok "$1" not compile "$2" "$old" none
}
ok 'a function less in the header' variant less seccompc.h \
	'/^unsigned int scc_flags/d'
ok 'is linked' link less
refused 'is refused' less
ok 'a parameter of another type' variant parameter seccompc.h \
	's/uint64_t caps/uint32_t caps/'
ok 'is linked' link parameter
refused 'is refused' parameter
ok 'a parameter more' variant more seccompc.h \
	's/unsigned int flags);/unsigned int flags, int more);/'
ok 'is linked' link more
refused 'is refused' more
ok 'another result' variant result seccompc.h \
	's/^unsigned int scc_flags/unsigned long scc_flags/'
ok 'is linked' link result
refused 'is refused' result
ok 'a const less' variant const seccompc.h \
	's/^const char \*scc_version/char *scc_version/'
ok 'is linked' link const
refused 'is refused' const
ok 'constants in another order' variant order seccompc.h \
	's/^	SCC_OK,/	SCC_NEW, SCC_OK,/'
ok 'is linked' link order
refused 'is refused' order
ok 'a constant less' variant constant seccompc.h '/^	SCC_CACHED,/d'
ok 'is linked' link constant
refused 'is refused' constant

ok 'a function less in the library' variant gone libseccompc.map \
	'/scc_flags;/d'
ok 'is linked' link gone
refused 'no program links with it' gone
ok 'nor runs with it' not run gone abi-0.1
ok 'another version of all' variant renamed libseccompc.map \
	's/^SECCOMPC_0.1/SECCOMPC_0.2/'
ok 'is linked' link renamed
ok 'a program of 0.1 does not run with it' not run renamed abi-0.1

echo '# the next version'
ok 'a constant and a function more' variant next seccompc.h \
	's/^	SCC_DIFFERENT,/	SCC_DIFFERENT, SCC_UNKNOWN,/
	s/^const char \*scc_version.*/&\nint scc_next(void);/'
cat >>next/libseccompc.map <<'END'
SECCOMPC_0.2 {
global:
	scc_next;
} SECCOMPC_0.1;
END
cat >next.c <<'END'
#include <seccompc.h>
int
scc_next(void)
{
	return SCC_UNKNOWN;
}
END
cat >uses-next.c <<'END'
#include <seccompc.h>
int
main(void)
{
	return scc_next() != SCC_UNKNOWN || !scc_version();
}
END
# shellcheck disable=SC2086
ok 'are compiled' $cc -fPIC -Inext -c next.c -o next.o
ok 'are linked' link next next.o
ok 'a program of 0.1 runs with it' run next abi-0.1
ok 'and compiles with it' compile next "$old" again
ok 'and runs' run next again
ok 'a program of the next version' compile next uses-next.c uses-next
ok 'runs with it' run next uses-next
ok 'does not run with this one' not run now uses-next
run now uses-next >log 2>&1
ok 'which says why' grep -q 'SECCOMPC_0.2' log

echo '# types, as debug information has them'
readelf -SW now/libseccompc.so.0 >sections
if ! command -v abidiff >/dev/null; then
	echo '# skipped: there is no abidiff'
elif ! grep -q debug_info sections; then
	echo '# skipped: there is no debug information'
else
	for xml in "$root"/tests/library/abi-*.xml; do
		ok "$(basename "$xml" .xml)" same_types now "$xml"
	done
	ok 'the newest has all there is' abidiff --headers-dir2 now "$xml" \
		now/libseccompc.so.0
	ok 'additions pass' same_types next "$xml"
	ok 'a function less does not' not same_types gone "$xml"
	mkdir changed
	cp -r "$root/compiler" "$root/arch" changed
	sed -i 's/uint64_t caps)/uint32_t caps)/' \
		changed/compiler/seccompc.h changed/compiler/library.c
	# shellcheck disable=SC2086
	ok 'a parameter of another type' $cc -std=gnu11 -g -fPIC \
		-fvisibility=hidden -D_GNU_SOURCE -DSECCOMPC_VERSION='"0"' \
		-Ichanged -Ichanged/compiler -c changed/compiler/library.c \
		-o changed.o
	cp parameter/seccompc.h changed
	cp now/libseccompc.map changed
	objects="$(echo "$objects" | grep -v '/library\.c\.o$\|_library\.c\.o$')"
	ok 'is linked' link changed changed.o
	ok 'does not either' not same_types changed "$xml"
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
