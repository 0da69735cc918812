# shellcheck shell=sh disable=SC2154
# Shared by the scripts beside this file.

failed=0
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

result() { # STATUS TITLE
	if [ "$1" -eq 0 ]; then
		echo "ok - $2"
	else
		echo "not ok - $2"
		failed=$((failed + 1))
	fi
}

is() { # GOT EXPECTED TITLE
	[ "$1" = "$2" ]
	result $? "$3"
	[ "$1" = "$2" ] || printf '# expected: %s\n# got: %s\n' "$2" "$1"
}

has() { # FILE TEXT TITLE
	grep -qF -e "$2" "$1"
	result $? "$3"
	grep -qF -e "$2" "$1" || sed 's/^/# /' "$1"
}

compile() { # NAME OPTION...: profiles/NAME.json to $work/NAME.bpf
	profile=$1
	shift
	"$seccompc" compile --quiet "$@" "$profiles/$profile.json" \
		-o "$work/$profile.bpf"
	result $? "$profile.json compiles"
}
