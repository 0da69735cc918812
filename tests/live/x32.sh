#!/bin/sh
# x32.sh SECCOMPC SECCOMP_EXEC GUEST_CALLS CORPUS STORE PROGRAM...: boots a
# Debian kernel that has x32 on in qemu, and runs PROGRAMs of three ABIs there
# under profiles for all three.  guest-init is what they have to do.
#
# The kernel comes out of its package, which is downloaded once and not
# installed, into STORE.  SECCOMPC_X32_KERNEL=FILE is another one, which needs
# CONFIG_X86_X32_ABI and a serial console.
set -u
seccompc=$(realpath "$1") seccomp_exec=$(realpath "$2")
guest_calls=$(realpath "$3") corpus=$(realpath -m "$4")
store=$(realpath -m "$5")
shift 5
here=$(dirname "$(realpath "$0")")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

skip() { # REASON [FILE]
	echo "# skipped: $1"
	[ -z "${2:-}" ] || tail -n 5 "$2" | sed 's/^/# /'
	[ $failed -eq 0 ] || exit 1
	exit 77
}

# Lists of packages of its own are for those who are not root, and for images
# without any.
own="-o Dir::State::Lists=$work/lists -o Dir::Cache=$work/cache"
get() { # OPTION...
	apt-get -q -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
		"$@" >>"$work/err" 2>&1
}

download() { # OPTION...
	package=$(apt-cache "$@" depends linux-image-amd64 2>>"$work/err" |
		sed -n 's/^ *Depends: //p' | head -n 1)
	[ -n "$package" ] && (cd "$work" && get "$@" download "$package")
}

fetch_kernel() {
	if ! download; then
		mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
		# shellcheck disable=SC2086 # options are words
		get $own update
		# shellcheck disable=SC2086
		download $own || return 1
	fi
	dpkg --fsys-tarfile "$work"/linux-image-*.deb |
		tar -x -C "$work" --wildcards './boot/vmlinuz-*' 2>>"$work/err"
	rm "$work"/linux-image-*.deb
	# A test that is killed here leaves no half of a kernel.
	mkdir -p "$store" && mv "$work"/boot/vmlinuz-* "$store/new" &&
		mv "$store/new" "$store/vmlinuz"
}

compile() { # PROFILE PROGRAM OPTION...
	from=$1 to=$2
	shift 2
	"$seccompc" compile --quiet "$@" "$from" -o "$to" ||
		result 1 "$from is compiled"
}

# Profiles for all ABIs, and what the interpreter makes of all calls.
prepare() { # NAME PROFILE [NAME=VALUE]...
	name=$1 profile=$2
	shift 2
	# shellcheck disable=SC2046 # options are words
	compile "$profile" "all/$name" $(printf -- '--%s ' "$@") \
		--warn=errno-zero
	"$guest_calls" "all/$name" "$profile" "all/$name.calls" "$@" >out ||
		result 1 "$name: $(cat out)"
}

command -v qemu-system-x86_64 >/dev/null || skip 'there is no qemu'
command -v busybox >/dev/null || skip 'there is no busybox'
case "$* " in
*-x32\ *) ;;
*) skip 'this compiler cannot link programs of x32' ;;
esac
kernel=${SECCOMPC_X32_KERNEL:-$store/vmlinuz}
if [ ! -e "$kernel" ]; then
	command -v apt-get >/dev/null || skip 'there is no apt-get for a kernel'
	fetch_kernel || skip 'no kernel package can be downloaded:' "$work/err"
fi

mkdir -p "$work/root/bin" "$work/root/programs" "$work/root/all" \
	"$work/root/hand" "$work/root/real"
cp "$@" "$work/root/programs" || exit 2
cd "$work/root" || exit 2
three=arch=x86_64,i386,x32
moby=$corpus/moby-default-current.json
podman=/usr/share/containers/seccomp.json
for profile in "$moby" "$podman"; do
	[ -e "$profile" ] || continue
	name=$(basename "${profile%.json}")
	prepare "$name" "$profile" caps=docker kernel=6.1 $three
	cp "all/$name" real/
	compile "$profile" without-x32 --caps=docker --kernel=6.1 \
		--arch=x86_64,i386
done
[ -e without-x32 ] || skip "there is no default profile: $podman"
for name in actions multiplexers operators widths x32-deny; do
	prepare $name "$here/profiles/$name.json" kernel=6.1 $three
done
for calls in "$here"/profiles/*.calls; do
	name=$(basename "${calls%.calls}")
	[ -e "${calls%.calls}.json" ] || continue
	# shellcheck disable=SC2046
	compile "${calls%.calls}.json" "hand/$name" \
		$(cat "${calls%.calls}.opts" 2>/dev/null)
	cp "$calls" hand/
done

cp "$here/guest-init" init
cp "$(command -v busybox)" bin/
cp "$seccomp_exec" seccomp-exec
strip programs/* 2>err || cat err
find . | busybox cpio -o -H newc >../initrd 2>../err || {
	cat ../err
	exit 1
}

# Without KVM: not everybody has one that works, and this takes seconds.
timeout 200 qemu-system-x86_64 -accel tcg -m 512 -nodefaults -display none \
	-no-reboot -serial stdio -kernel "$kernel" -initrd ../initrd \
	-append 'console=ttyS0 quiet panic=-1 nokaslr syscall.x32=y' \
	</dev/null 2>&1 | tr -d '\r' >../console
grep -q '^# Linux' ../console || cat ../console
sed -n '/^# Linux/,$p' ../console
for abi in x86_64 i386 x32; do
	awk -v abi=$abi '$1 == "#" && $2 == "verdicts:" && $4 == abi ":" {
		all += $5; above += $8; errno += $11; other += $13 + $15 + $17
	} END {
		print "# calls of " abi ": " all + 0 ", that is " above + 0,
			"above ERRNO, " errno + 0 " ERRNO, " other + 0,
			"others"
		exit !(above && errno && other)
	}' ../console
	result $? "calls of $abi got verdicts of all kinds"
done
! grep -q '^not ok' ../console
result $? 'nothing failed in the virtual machine'
grep -q '^# the end: 0 failed' ../console
result $? 'it came to its end'
[ $failed -eq 0 ]
