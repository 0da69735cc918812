# For scripts that check seccompc from outside, which set seccompc and work, a
# folder of their own, and then count in passed and failed.
# shellcheck shell=sh
passed=0 failed=0
# Nothing waits for a terminal.
exec </dev/null

ok() { # TEXT COMMAND...: passes if the command succeeds
	text=$1
	shift
	if "$@" >"$work/.log" 2>&1; then
		passed=$((passed + 1))
		echo "ok - $text"
	else
		failed=$((failed + 1))
		echo "not ok - $text"
		sed 's/^/# /' "$work/.log"
	fi
}

# Runs seccompc, leaves out and err, and compares the exit status.
status() { # STATUS ARGUMENT...
	want=$1
	shift
	"$seccompc" "$@" >out 2>err
	got=$?
	[ $got -eq "$want" ] || {
		echo "exit status $got, not $want"
		cat err
		return 1
	}
}

says() { # TEXT: standard error has it
	grep -q -F -e "$1" err || {
		cat err
		return 1
	}
}

not() {
	! "$@"
}
