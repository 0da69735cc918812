#!/bin/sh
# tutorial.sh SECCOMPC HTTPD EXAMPLES: the three profiles of the Kubernetes
# seccomp tutorial do what it says.  HTTPD is httpd.c, linked statically.
set -u
seccompc=$(realpath "$1") httpd=$(realpath "$2") profiles=$(realpath "$3")
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(realpath "$0")")/lib.sh"

for profile in audit violation fine-grained; do
	compile $profile
done

# A server under a profile, a client without one.
serve() { # PROFILE FILE
	rm -f "$work/port"
	HTTPD_REFUSED=$refused timeout 20 "$seccompc" run "$2" -- "$httpd" \
		>"$work/port" 2>"$work/err" &
	server=$!
	tries=0
	while [ ! -s "$work/port" ] && [ $tries -lt 100 ]; do
		kill -0 $server 2>/dev/null || break
		sleep 0.05
		tries=$((tries + 1))
	done
	port='' pid=''
	read -r port pid <"$work/port"
	"$httpd" "$port" >"$work/page" 2>>"$work/err"
	has "$work/page" 'served under a filter' "$1: a request is served"
	wait $server
	is $? 0 "$1: the server ends well"
	sed 's/^/# /' "$work/err"
}

refused=
serve 'audit' "$work/audit.bpf"
logged() { # whether the kernel logged a call of that server
	dmesg >"$work/dmesg" 2>/dev/null
	grep "type=1326.* pid=$pid comm=\"live-httpd\"" "$work/dmesg" |
		grep -q 'code=0x7ffc0000'
}
# printk drops lines past its rate, 10 in 5 s with those of all others.
tries=0
while ! logged && [ -s "$work/dmesg" ] && [ $tries -lt 2 ]; do
	sleep 6
	serve 'audit, once more' "$work/audit.bpf"
	tries=$((tries + 1))
done
if [ ! -s "$work/dmesg" ]; then
	echo '# skipped: the kernel log, which cannot be read here'
elif ! logged && pidof auditd >/dev/null; then
	echo '# skipped: the kernel log, which auditd takes here'
else
	logged
	result $? 'audit: the calls are in the kernel log'
fi

"$seccompc" run "$work/violation.bpf" -- "$httpd" >/dev/null 2>"$work/err"
is $? 126 'violation: nothing can be executed'
has "$work/err" 'the filter refuses execve' 'violation: and it says why'

refused=$work/refused
serve 'fine-grained' "$work/fine-grained.bpf"
serve 'fine-grained, from the profile' "$profiles/fine-grained.json"
[ ! -e "$work/refused" ]
result $? 'fine-grained: mkdir is refused'

[ $failed -eq 0 ]
