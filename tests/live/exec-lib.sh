# shellcheck shell=sh disable=SC2154,SC2034
# Shared by the scripts that run seccomp-exec, which is in $exec.

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"
cd "$work" || exit 2
umask 022

# Programs, by instruction: nothing here comes from the compiler.
insn() { # CODE JT JF K
	printf %b "$(printf '\\0%o' $(($1 & 255)) $(($1 >> 8)) "$2" "$3" \
		$(($4 & 255)) $(($4 >> 8 & 255)) $(($4 >> 16 & 255)) \
		$(($4 >> 24 & 255)))"
}
ret() { # ACTION
	insn 6 0 0 "$1"
}
allow=0x7fff0000 eperm=0x50001 eacces=0x5000d
deny() { # NUMBER [ACTION]: refuses a syscall, allows all others
	insn 0x20 0 0 0
	insn 0x15 0 1 "$1"
	ret "${2:-$eperm}"
	ret $allow
}
# The same, but where nothing but the kernel runs it: behind an address.
deny_late() { # NUMBER
	insn 0x20 0 0 8
	insn 0x15 3 0 0
	insn 0x20 0 0 0
	insn 0x15 0 1 "$1"
	ret $eperm
	ret $allow
}
nothing() { # COUNT: instructions, RET included, that allow all
	head -c $((($1 - 1) * 8)) /dev/zero
	ret $allow
}
prctl=157 seccomp=317 execve=59 mkdir=83 rmdir=84 exit=60 exit_group=231
# shellcheck disable=SC2094 # the variable is no file
ret $allow >allow
deny $mkdir >no-mkdir
deny $mkdir $eacces >no-mkdir-13
deny $prctl >no-prctl

status() { # EXPECTED TITLE ARGUMENT...
	want=$1 label=$2
	shift 2
	timeout 10 "$exec" "$@" >out 2>err
	is $? "$want" "$label"
}
runs() { # TITLE OPTION-OR-FILTER...
	title=$1
	shift
	status 0 "$title" "$@" -- touch "$work/ran"
	[ -e ran ]
	result $? "executed: $title"
	rm -f ran
}
# Whatever is wrong, the command does not run.
refused() { # TITLE TEXT OPTION-OR-FILTER...
	title=$1 text=$2
	shift 2
	status 125 "refused: $title" "$@" -- touch "$work/ran"
	[ ! -e ran ]
	result $? "not executed: $title"
	rm -f ran
	has err "seccomp-exec: $text" "said: $title"
}
