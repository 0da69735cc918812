#!/bin/sh
# Projects that compile their profiles while they are built:
# builds.sh SECCOMPC SOURCE-ROOT BUILD-ROOT PREFIX BINDIR
#
# Installs what is in BUILD-ROOT, and builds the examples of docs/examples from
# copies with nothing but that: with CMake, with meson, and with meson where
# seccompc is a subproject.
set -u

[ $# -eq 5 ] || {
	echo 'usage: builds.sh SECCOMPC SOURCE-ROOT BUILD-ROOT PREFIX BINDIR' >&2
	exit 2
}
seccompc=$(realpath "$1")
root=$(realpath "$2")
build_root=$(realpath "$3")
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
# shellcheck source=tests/checks.sh
. "$(dirname "$(realpath "$0")")/checks.sh"
cd "$work" || exit 2
prefix=$work/dest$4
export CMAKE_BUILD_PARALLEL_LEVEL=2
# A project's own settings, not those of who runs the tests.
unset CC CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CMAKE_GENERATOR DESTDIR MAKEFLAGS

# What every example has to do is the same; these say how.
configure() {
	case $how in
	cmake-*) cmake -S src -B build -G "${how#cmake-}" \
		-DCMAKE_PREFIX_PATH="$prefix" ;;
	meson) meson setup build src --prefix=/usr ;;
	# The compiler of this build need not be fast.
	subproject) meson setup build src --prefix=/usr -Dbuildtype=plain ;;
	esac
}

build() {
	# A time stamp of the files that are made and one of an edit differ.
	sleep 0.05
	case $how in
	cmake-*) cmake --build build ;;
	*) ninja -C build ;;
	esac >build.out 2>&1 || {
		cat build.out
		return 1
	}
}

install_files() {
	rm -rf out
	case $how in
	cmake-*) DESTDIR=$work/$how/out cmake --install build --prefix /usr ;;
	*) meson install -C build --destdir "$work/$how/out" ;;
	esac
}

edit() { # FILE SED-COMMAND: changes the file, or fails
	cp "$1" before
	sed -i "$2" "$1"
	not cmp -s before "$1"
}

# The program has a filter, by what the kernel says, and mkdir fails so.
confined() { # ERROR
	rm -rf refused
	./build/confined >run.out || return 1
	printf 'Seccomp: 2\nmkdir: %s\n' "$1" >expected
	diff expected run.out && [ ! -e refused ]
}

fails_at() { # FILE LINE: the last build
	grep -E "(^|[ /])$1:$2:[0-9]+: error: " build.out
}

# The blob decides as its profile says, in the running kernel as well.
blob_holds() { # FILE
	"$seccompc" prove src/service.json "$1" &&
		"$seccompc" run "$1" -- true &&
		unshare true &&
		not "$seccompc" run "$1" -- unshare true
}

blob_of() { # FILE: the bytes are what the command makes
	"$seccompc" compile src/service.json -o same.bpf && cmp same.bpf "$1"
}

newest() { # FILE: its time stamp
	stat -c %y "$1"
}

# A build that fails once fails until the profile is mended.
broken() { # PROFILE
	line=$(grep -n '"action"' "src/$1" | head -n 1 | cut -d: -f1)
	before=$(newest build/confined)
	ok "$how: $1: broken" edit "src/$1" "$line s/SCMP_ACT_/SCMP_ACT_UN/"
	ok "$how: $1: the build fails" not build
	ok "$how: $1: at its line" fails_at "$1" "$line"
	ok "$how: $1: and once more" not build
	ok "$how: $1: at its line" fails_at "$1" "$line"
	ok "$how: $1: the program is not made anew" \
		test "$(newest build/confined)" = "$before"
	if [ "$1" = service.json ]; then
		ok "$how: $1: nothing can be installed" not install_files
		ok "$how: $1: nothing was" not test -e \
			out/usr/share/confined/service.bpf
	fi
	ok "$how: $1: mended" edit "src/$1" "$line s/SCMP_ACT_UN/SCMP_ACT_/"
	ok "$how: $1: it builds again" build
}

example() { # NAME: builds and changes docs/examples/NAME
	mkdir "$work/$how" || exit 2
	cd "$work/$how" || exit 2
	cp -r "$root/docs/examples/$1" src || exit 2
	[ "$how" != subproject ] || ln -s "$root" src/subprojects/seccompc
	ok "$how: configures" configure
	ok "$how: builds" build
	ok "$how: confined" confined 'Permission denied'
	ok "$how: installs" install_files
	ok "$how: the program" cmp build/confined out/usr/bin/confined
	ok "$how: the blob" blob_of out/usr/share/confined/service.bpf
	ok "$how: which is in force" blob_holds out/usr/share/confined/service.bpf
	ok "$how: and nothing else" test "$(find out -type f | wc -l)" -eq 2
}

changes() {
	before=$(newest build/confined)
	ok "$how: builds again" build
	ok "$how: with nothing to do" test "$(newest build/confined)" = "$before"
	ok "$how: another errno" edit src/filter.json 's/"errnoRet": 13/"errnoRet": 38/'
	ok "$how: builds" build
	ok "$how: it counts" confined 'Function not implemented'
	ok "$how: mkdir allowed" edit src/filter.json 's/"rmdir"/"rmdir", "mkdir"/'
	ok "$how: builds" build
	ok "$how: as two rules say, with a warning" grep -E \
		'filter.json:[0-9]+:[0-9]+: warning: ' build.out
	ok "$how: mkdir allowed" edit src/filter.json 's/"mkdir", "mkdirat"/"mkdirat"/'
	ok "$how: builds" build
	ok "$how: it counts" not confined 'Function not implemented'
	ok "$how: mkdir worked" grep 'mkdir worked' run.out
	ok "$how: another blob" edit src/service.json 's/"errnoRet": 13/"errnoRet": 38/'
	ok "$how: builds" build
	ok "$how: installs" install_files
	ok "$how: it counts" blob_of out/usr/share/confined/service.bpf
	broken filter.json
	broken service.json
	before=$(newest build/confined)
	touch "$tool"
	ok "$how: another compiler" build
	ok "$how: compiles again" test "$(newest build/confined)" != "$before"
}

echo '# the installation'
ok 'installs' meson install -C "$build_root" --no-rebuild \
	--destdir "$work/dest"
bin=$5
tool=$prefix/$bin/seccompc
ok 'the command' test -x "$tool"

echo '# CMake'
cmake_recipe() { # LINE...: configures a project of these lines
	rm -rf src build
	mkdir src
	cp "$root/docs/examples/cmake/"*.json "$root/docs/examples/cmake/main.c" src
	printf '%s\n' 'cmake_minimum_required(VERSION 3.16)' \
		'project(recipe LANGUAGES C)' 'add_executable(confined main.c)' \
		"$@" >src/CMakeLists.txt
	configure >configure.out 2>&1
}

refused() { # TEXT LINE...: it does not configure, and says so
	text=$1
	shift
	if cmake_recipe "$@" || ! tr -s ' \n' ' ' <configure.out |
		grep -F "$text"; then
		cat configure.out
		return 1
	fi
}

cmake_details() {
	mkdir "$work/details" && cd "$work/details" || exit 2
	find='find_package(seccompc 0.1 REQUIRED)'
	compile='seccompc_compile(PROFILE filter.json'
	ok 'a later version' refused 'compatible with requested version "0.2"' \
		'find_package(seccompc 0.2 REQUIRED)'
	ok 'another exact version' refused 'requested version "0.1.9"' \
		'find_package(seccompc 0.1.9 EXACT REQUIRED)'
	ok 'no profile' refused 'PROFILE is needed' "$find" \
		'seccompc_compile(TARGET confined)'
	ok 'a keyword alone' refused 'SYMBOL needs a value' "$find" \
		"$compile TARGET confined SYMBOL)"
	ok 'a word too much' refused "what is 'fast'?" "$find" \
		"seccompc_compile(fast PROFILE filter.json TARGET confined)"
	ok 'a format' refused 'FORMAT is header or blob' "$find" \
		"$compile TARGET confined FORMAT asm)"
	ok 'no use' refused 'a header needs TARGET or OUT_VAR' "$find" "$compile)"
	ok 'no target' refused 'there is no target other' "$find" \
		"$compile TARGET other)"
	ok 'weights that are no input' refused 'say WEIGHTS' "$find" \
		"$compile TARGET confined OPTIONS --weights=counts)"
	for option in -ox.h --output=x --format=asm --symbol=x other.json; do
		ok "OPTIONS $option" refused 'is no OPTION' "$find" \
			"$compile TARGET confined OPTIONS $option)"
	done
	ok 'a wrong option' cmake_recipe "$find" \
		"$compile TARGET confined OPTIONS --arch=arm)"
	ok 'stops the build' not build
	ok 'and is named' grep "unknown ABI 'arm'" build.out

	ok 'all of it' cmake_recipe "$find" "$compile
		TARGET confined SYMBOL filter WEIGHTS counts
		OUTPUT made/here/filter.h OUT_VAR header
		OPTIONS --arch=x86_64,i386 --optimize=size)
		file(WRITE \${CMAKE_BINARY_DIR}/path \${header})" \
		'seccompc_compile(PROFILE filter.json FORMAT blob WEIGHTS counts)'
	echo 'write 5' >src/counts
	ok 'builds' build
	ok 'OUTPUT' test "$(cat build/path)" = "$PWD/build/made/here/filter.h"
	ok 'confined' confined 'Permission denied'
	"$seccompc" compile --weights=src/counts src/filter.json -o one.bpf
	ok 'with weights' cmp one.bpf build/filter.bpf
	echo 'getrandom 90000' >src/counts
	ok 'other weights' build
	"$seccompc" compile --weights=src/counts src/filter.json -o two.bpf
	ok 'matter' not cmp -s one.bpf two.bpf
	ok 'and count' cmp two.bpf build/filter.bpf
	(cd src && "$seccompc" compile --weights=counts --arch=x86_64,i386 \
		--optimize=size --symbol=filter -f c filter.json) >want.h
	ok 'options count' cmp want.h build/made/here/filter.h
}

# What docs/build-systems.md says of options and weights.
meson_details() {
	mkdir "$work/meson-details" && cd "$work/meson-details" || exit 2
	cp -r "$root/docs/examples/meson" src
	cat >>src/meson.build <<-'END'
		executable('small', 'main.c',
		  seccompc_header.process('filter.json',
		    extra_args: ['--arch=x86_64,i386', '--optimize=size']))
		custom_target('filter.bpf', input: 'filter.json',
		  output: 'filter.bpf', depend_files: 'counts',
		  command: [seccompc, 'compile', '@INPUT@', '--output=@OUTPUT@',
		    '--weights=' + meson.current_source_dir() / 'counts'],
		  build_by_default: true)
	END
	echo 'write 5' >src/counts
	ok 'configures' configure
	ok 'builds' build
	(cd build && "$seccompc" compile -f c --arch=x86_64,i386 \
		--optimize=size ../src/filter.json) >want.h
	ok 'options count' cmp want.h build/small.p/filter.h
	"$seccompc" compile --weights=src/counts src/filter.json -o one.bpf
	ok 'with weights' cmp one.bpf build/filter.bpf
	echo 'getrandom 90000' >src/counts
	ok 'other weights' build
	"$seccompc" compile --weights=src/counts src/filter.json -o two.bpf
	ok 'matter' not cmp -s one.bpf two.bpf
	ok 'and count' cmp two.bpf build/filter.bpf
}

if command -v cmake >/dev/null; then
	for generator in Ninja 'Unix Makefiles'; do
		how=cmake-$generator
		if [ "$generator" != Ninja ] && ! command -v make >/dev/null; then
			echo '# skipped: CMake with make, which is not here'
			continue
		fi
		example cmake
		changes
	done
	how=cmake-Ninja
	cmake_details
else
	echo '# skipped: CMake, which is not here'
fi

echo '# meson'
how=subproject
if command -v seccompc >/dev/null; then
	echo '# skipped: as a subproject, since a seccompc is in PATH'
else
	example meson
fi
how=meson
PATH=$prefix/$bin:$PATH
example meson
changes
meson_details

echo "# $passed passed, $failed failed"
[ "$failed" -eq 0 ]
