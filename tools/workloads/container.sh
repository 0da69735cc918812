#!/bin/sh
# Containers that start, work for a moment and end: bubblewrap as the
# runtime, busybox as the image.
set -eu
mkdir -p image/bin image/tmp image/proc image/dev
cp /bin/busybox image/bin
for name in sh ls cat echo sleep mkdir rm seq sort grep id hostname ps; do
	ln -s busybox image/bin/$name
done
for _ in 1 2 3 4 5 6 7 8 9 10; do
	bwrap --bind image / --proc /proc --dev /dev --unshare-pid \
		--unshare-ipc --unshare-uts --die-with-parent --as-pid-1 \
		/bin/sh -c 'id; hostname; ls -l /bin; seq 200 | sort -n |
			grep 7; mkdir /tmp/a; echo hello >/tmp/a/b
			cat /tmp/a/b; ps; rm -r /tmp/a; sleep 0.01'
done
