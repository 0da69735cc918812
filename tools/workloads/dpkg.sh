#!/bin/sh
# Packages built, installed, listed and removed, in a root of their own.
set -eu
PATH=$PATH:/usr/sbin:/sbin
mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info
: >root/var/lib/dpkg/status
for name in one two three; do
	mkdir -p "$name/DEBIAN" "$name/usr/share/$name"
	cat >"$name/DEBIAN/control" <<END
Package: $name
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.org>
Description: files to install
END
	for i in $(seq 40); do
		seq "$i" $((i * 10)) >"$name/usr/share/$name/$i"
	done
	dpkg-deb --root-owner-group -b "$name" "$name.deb"
done
dpkg --root="$PWD/root" --force-not-root --force-script-chrootless \
	--log=/dev/null -i one.deb two.deb three.deb
dpkg --root="$PWD/root" -l
dpkg --root="$PWD/root" -L one
dpkg-deb -c two.deb
dpkg --root="$PWD/root" --force-not-root --force-script-chrootless \
	--log=/dev/null -P one
