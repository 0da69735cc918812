#!/bin/sh
# Builds the Debian packages in a copy of the source, looks at what is in
# them, and uses it: debian.sh [--install] SOURCE-ROOT
#
# Without --install they are unpacked below a folder and used from there; with
# it, for a machine that may be changed, installed and removed again, the unit
# tests run in the build, and another build has to give the same bytes.
set -eu
install=no
if [ "${1:-}" = --install ]; then
	install=yes
	shift
fi
[ $# -eq 1 ] || {
	echo "usage: debian.sh [--install] SOURCE-ROOT" >&2
	exit 2
}
root=$(realpath "$1")

skip() {
	echo "# skipped: $1"
	exit 77
}
for needed in dpkg-buildpackage dh; do
	command -v $needed >/dev/null || skip "there is no $needed"
done
profiles=nocheck
[ $install = no ] || profiles=
(cd "$root" && dpkg-checkbuilddeps ${profiles:+-P$profiles}) ||
	skip 'what the packages need to be built is not installed'

work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
# EXIT alone is not for signals.
trap 'exit 1' HUP INT TERM
mkdir "$work/source"
# What git knows, or what may be new, without what was built.
(cd "$root" && if [ -e .git ]; then
	git -c safe.directory='*' ls-files -co --exclude-standard
else
	find . -type f ! -path './build*' ! -path './obj-*'
fi) | while IFS= read -r file; do
	[ ! -e "$root/$file" ] || printf '%s\n' "$file"
done | tar -C "$root" -T - -c | tar -C "$work/source" -x

build() { # FOLDER [nocheck]
	(cd "$1" && DEB_BUILD_OPTIONS="parallel=$(nproc)${2:+ $2}" \
		dpkg-buildpackage -us -uc -b ${2:+-P$2}) >"$work/log" 2>&1 || {
		tail -n 60 "$work/log"
		exit 1
	}
}

[ $install = no ] || {
	mkdir "$work/again"
	cp -r "$work/source" "$work/again/of"
}
echo '= dpkg-buildpackage'
build "$work/source" $profiles
cd "$work/source"

echo '= what is in them'
lib=usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
mkdir "$work/found" "$work/wanted" "$work/root"
for package in "$work"/*.deb; do
	name=$(basename "$package" | sed 's/_.*//')
	case "$name" in *-dbgsym) continue ;; esac
	dpkg-deb --fsys-tarfile "$package" | tar -t | sed -n 's,^\./,,; /[^/]$/p' |
		grep -vE "^usr/share/doc/$name/(copyright|changelog.gz)$" |
		sort >"$work/found/$name"
	dpkg-deb -x "$package" "$work/root"
done
{
	cat <<END
usr/bin/seccompc
usr/share/bash-completion/completions/seccompc
usr/share/cmake/seccompc/seccompc-config-version.cmake
usr/share/cmake/seccompc/seccompc-config.cmake
usr/share/doc/seccompc/CONTRIBUTING.md
usr/share/doc/seccompc/LICENSE
usr/share/doc/seccompc/README.md
usr/share/man/man1/seccompc.1.gz
usr/share/man/man5/seccompc-profile.5.gz
usr/share/zsh/vendor-completions/_seccompc
END
	find docs -name '*.schema.json' | sed 's,^docs,usr/share/seccompc,'
	find docs -name '*.md' -o -name '*.schema.json' \
		-o -path 'docs/examples/*' -type f \
		-o -path 'docs/images/*' -type f |
		sed 's,^,usr/share/doc/seccompc/,'
} | sort >"$work/wanted/seccompc"
cat >"$work/wanted/seccomp-exec" <<END
usr/bin/seccomp-exec
usr/share/bash-completion/completions/seccomp-exec
usr/share/lintian/overrides/seccomp-exec
usr/share/man/man1/seccomp-exec.1.gz
usr/share/zsh/vendor-completions/_seccomp-exec
END
cat >"$work/wanted/libseccompc0" <<END
$lib/libseccompc.so.0
$lib/libseccompc.so.$version
END
cat >"$work/wanted/libseccompc-dev" <<END
usr/include/seccompc.h
$lib/libseccompc.a
$lib/libseccompc.so
$lib/pkgconfig/libseccompc.pc
usr/share/man/man3/libseccompc.3.gz
END
diff -ru "$work/wanted" "$work/found"

echo '= links between documents'
find "$work/root/usr/share/doc/seccompc" -name '*.md' | while read -r file; do
	grep -o '](\([^):#]*\)[)#]' "$file" | sed 's/^](//; s/.$//' | sort -u |
		while read -r link; do
			[ -e "$(dirname "$file")/$link" ] ||
				echo "$file: $link is not there"
		done
done >"$work/links"
cat "$work/links"
[ ! -s "$work/links" ]

if command -v lintian >/dev/null; then
	echo '= lintian'
	lintian --allow-root --fail-on error,warning "$work"/*.changes
else
	echo '# skipped: lintian is not installed'
fi

echo '= unpacked'
PATH="$work/root/usr/bin:$PATH" LD_LIBRARY_PATH="$work/root/$lib" \
	PKG_CONFIG_SYSROOT_DIR="$work/root" \
	PKG_CONFIG_PATH="$work/root/$lib/pkgconfig" debian/tests/smoke
[ $install = yes ] || exit 0

echo '= built again, elsewhere and without tests'
build "$work/again/of" nocheck
for package in "$work"/*.deb; do
	cmp "$package" "$work/again/$(basename "$package")"
done

echo '= installed'
names=$(ls "$work/found")
for name in $names; do
	if dpkg-query -s "$name" >/dev/null 2>&1; then
		echo "$name is installed already: nothing is changed" >&2
		exit 1
	fi
done
trap 'dpkg --purge $names >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
for name in $names; do
	set -- "$@" "$work/${name}_$version"_*.deb
done
shift
dpkg -i "$@"
command -v seccompc | grep -qx /usr/bin/seccompc
env -u LD_LIBRARY_PATH debian/tests/smoke
# shellcheck disable=SC2086 # a list of words
dpkg --purge $names
! command -v seccompc seccomp-exec
