# bash completion for seccompc(1)                         -*- shell-script -*-
#
# Options, choices and diagnostics are listed here; a test holds them against
# what the command says.

# Files with one of some endings, and folders.
_seccompc_files()
{
	_filedir "@($1)"
}

# Words that a list with commas can go on with.
_seccompc_list() # WORD...
{
	local done=
	[[ $cur == *,* ]] && done=${cur%,*},
	local word words=()
	for word; do
		[[ ,$done == *",$word,"* ]] || words+=("$done$word")
	done
	COMPREPLY=($(compgen -W '${words[*]}' -- "$cur"))
	# As long as one word fits, another one can follow.
	compopt -o nospace
}

_seccompc_caps()
{
	local caps="chown dac_override dac_read_search fowner fsetid kill setgid
		setuid setpcap linux_immutable net_bind_service net_broadcast
		net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio
		sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice
		sys_resource sys_time sys_tty_config mknod lease audit_write
		audit_control setfcap mac_override mac_admin syslog wake_alarm
		block_suspend audit_read perfmon bpf checkpoint_restore"
	caps=${caps^^}
	[[ $cur == *,* ]] || caps="none all docker $caps"
	_seccompc_list $caps
}

# What `check` finds: more than the compiler does.
_seccompc_findings() # OPTION
{
	COMPREPLY=($(compgen -W "$([[ $1 == --deny ]] && echo warnings
		seccompc check --list 2>/dev/null |
			awk -v option="$1" \
			'option == "--deny" || $2 != "always" { print $1 }'
		)" -- "$cur"))
}

# Diagnostics whose severity can be changed, and others that are errors.
_seccompc_diagnostics() # OPTION
{
	local adjustable="arch-spelling conflicting-rules contradicting-rules
		empty-names errno-without-effect errno-zero foreign-arch
		foreign-name ignored-field impossible-mask multiplexed-deny
		never-true not-enforceable-i386 not-in-blob notify
		repeated-index repeated-index-or unknown-capability
		unknown-denied-name unknown-field unknown-name
		voided-condition weights-name weights-total wide-constant"
	local errors="caps-needed duplicate-key exclusive-fields invalid-utf8
		json-syntax kernel-needed key-case limit missing-field
		notify-refused nul-in-string out-of-range too-complex too-long
		unknown-action unknown-arch unknown-flag unknown-operator
		weights-empty weights-syntax wrong-type"
	[[ $1 == --deny ]] && adjustable="warnings $adjustable $errors"
	COMPREPLY=($(compgen -W '$adjustable' -- "$cur"))
}

# The values of an option: succeeds if it takes one.
_seccompc_value() # COMMAND OPTION
{
	local choices
	case "$1 $2" in
	*' -o' | *' --output' | *' --manifest' | *' --config' | \
		*' --no-weaker-than' | *' --audit' | *' --baseline' | \
		*' --base' | *' --counts' | *' --exe')
		_filedir
		return 0
		;;
	*' --profile-root')
		_filedir -d
		return 0
		;;
	'check -f' | 'check --format') choices='text json sarif github' ;;
	'learn --for')
		_seccompc_list runc crun docker podman crio kubernetes oci
		return 0
		;;
	*' --for') choices='docker podman crio kubernetes oci' ;;
	*' --threshold') choices='error warning note' ;;
	'compile -f' | 'compile --format') choices='bpf hex base64 c asm json dot oci'
		;;
	'disasm -f' | 'disasm --format') choices='asm dot hex base64' ;;
	'test -f' | 'test --format') choices='text tap junit' ;;
	'diff -f' | 'diff --format' | 'syscalls -f' | 'syscalls --format' | \
		'explain -f' | 'explain --format' | 'sim -f' | 'sim --format')
		choices='text json'
		;;
	*' -f' | *' --format') choices='oci bpf asm' ;;
	*' -j' | *' --jobs') choices=$(nproc 2>/dev/null) ;;
	*' --dump')
		choices='profile select resolve decide graph order emit'
		;;
	*' --compare') choices='value action' ;;
	*' --denials') choices='exact any' ;;
	*' --dialect') choices='docker podman oci' ;;
	*' --caps')
		_seccompc_caps
		return 0
		;;
	*' --native') choices='x86_64 i386 x32' ;;
	*' --arch' | *' --abi')
		_seccompc_list x86_64 i386 x32
		return 0
		;;
	*' --want')
		choices='SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD
			SCMP_ACT_KILL SCMP_ACT_TRAP SCMP_ACT_ERRNO
			SCMP_ACT_NOTIFY SCMP_ACT_TRACE SCMP_ACT_LOG
			SCMP_ACT_ALLOW'
		;;
	*' --default')
		choices='EPERM ENOSYS EACCES SCMP_ACT_KILL_PROCESS
			SCMP_ACT_KILL_THREAD SCMP_ACT_KILL SCMP_ACT_TRAP
			SCMP_ACT_ERRNO SCMP_ACT_TRACE SCMP_ACT_LOG'
		;;
	*' --foreign-arch')
		choices='default SCMP_ACT_KILL_PROCESS SCMP_ACT_KILL_THREAD
			SCMP_ACT_KILL SCMP_ACT_TRAP SCMP_ACT_ERRNO
			SCMP_ACT_TRACE SCMP_ACT_LOG SCMP_ACT_ALLOW'
		;;
	*' --unknown')
		choices='enosys default since:'
		[[ $cur == s* ]] && compopt -o nospace
		;;
	*' --conflicts') choices='refuse runc first strictest' ;;
	*' --repeated-index') choices='refuse or and' ;;
	*' --multiplexers') choices='strict libseccomp' ;;
	'check --deny' | 'check --warn' | 'check --allow' | \
		'report --deny' | 'report --warn' | 'report --allow')
		_seccompc_findings "$2"
		return 0
		;;
	*' --deny' | *' --warn' | *' --allow')
		_seccompc_diagnostics "$2"
		return 0
		;;
	*' --color') choices='auto always never' ;;
	*' --weights')
		_filedir
		COMPREPLY+=($(compgen -W 'built-in uniform' -- "$cur"))
		return 0
		;;
	*' --optimize') choices='balanced speed size' ;;
	*' --tune') choices='uncached cached' ;;
	'learn --since' | *' --until') choices='today -10min' ;;
	*' --symbol' | *' --kernel' | *' --since' | *' --max-instructions' | \
		*' --max-path' | *' --min-cached' | *' --comm' | \
		*' --pid')
		choices=
		;;
	*) return 1 ;;
	esac
	COMPREPLY=($(compgen -W '$choices' -- "$cur"))
	return 0
}

_seccompc_options() # COMMAND
{
	local profile='--dialect= --caps= --kernel= --native= --arch=
		--foreign-arch= --unknown= --conflicts= --repeated-index=
		--multiplexers= --deny= --warn= --allow= --quiet --color='
	local tuning='--weights= --optimize= --tune='
	local options='-h --help'
	case $1 in
	'') options+=' --version' ;;
	compile)
		options+=" -o --output= -f --format= -j --jobs= --symbol=
			--dump= --manifest= -v --verbose $profile $tuning"
		;;
	check)
		options+=" --for= --threshold= --config= --no-config
			--manifest= --profile-root= --seccomp-default
			--max-instructions= --max-path= --min-cached=
			--no-weaker-than= -f --format= -o --output= --list
			$profile"
		;;
	prove) options+=" --all $profile" ;;
	diff)
		options+=" -f --format= --compare= --no-weaker -o --output=
			$profile"
		;;
	merge | intersect)
		options+=" -o --output= -f --format= --denials= $profile
			$tuning"
		;;
	explain)
		options+=" --abi= --audit= --want= --brief -f --format= -o
			--output= $profile"
		;;
	learn)
		options+=" -o --output= --base= --args --for= --no-new-privs
			--families --default= --counts= -v --verbose -q --comm= --exe=
			--pid= --since= --until= -f --follow $profile"
		;;
	report) options+=" -o --output= --baseline= --for= $profile" ;;
	run) options+=" $profile" ;;
	test) options+=" -f --format= -o --output= $profile" ;;
	sim) options+=" --trace -f --format= -o --output= $profile" ;;
	disasm) options+=' -f --format= -o --output=' ;;
	oci-annotate) options+=" -o --output= --remove $profile" ;;
	syscalls) options+=' --arch= --since= -f --format=' ;;
	esac
	COMPREPLY=($(compgen -W '$options' -- "$cur"))
	[[ ${COMPREPLY-} == *= ]] && compopt -o nospace
}

_seccompc_syscalls()
{
	COMPREPLY=($(compgen -W "$(seccompc syscalls 2>/dev/null |
		awk 'NR > 1 { print $1 }')" -- "$cur"))
}

# A call: an ABI or a syscall, and behind an ABI a syscall.
_seccompc_calls() # OPERANDS-BEFORE
{
	local calls='x86_64 i386 x32'
	[[ $1 -le 2 ]] || return
	[[ $1 -eq 1 ]] || calls=
	_seccompc_syscalls
	COMPREPLY+=($(compgen -W '$calls' -- "$cur"))
}

# What is not an option: files by the command, or names of syscalls.
_seccompc_operands() # COMMAND OPERANDS-BEFORE
{
	case $1 in
	check | compile | report) _seccompc_files json ;;
	disasm) _seccompc_files bpf ;;
	prove)
		if [[ $2 -eq 0 ]]; then
			_seccompc_files json
		else
			_seccompc_files bpf
		fi
		;;
	learn) _filedir ;;
	explain)
		if [[ $2 -eq 0 ]]; then
			_seccompc_files 'json|bpf'
		elif [[ $2 -eq 1 ]]; then
			_seccompc_syscalls
		fi
		;;
	test)
		if [[ $2 -eq 0 ]]; then
			_seccompc_files 'json|bpf'
		else
			_filedir
		fi
		;;
	sim)
		if [[ $2 -eq 0 ]]; then
			_seccompc_files 'json|bpf'
		else
			_seccompc_calls "$2"
		fi
		;;
	oci-annotate)
		if [[ $2 -eq 0 ]]; then
			_seccompc_files json
		else
			_seccompc_files 'json|bpf'
		fi
		;;
	syscalls) _seccompc_syscalls ;;
	*) _seccompc_files 'json|bpf' ;;
	esac
}

# Sets command, the operands before the word and where the first one is.
_seccompc_scan()
{
	command= operands=0 first=0
	local i
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-f) [[ $command && $command != learn ]] && ((i++)) ;;
		-[oj]) [[ $command ]] && ((i++)) ;;
		--*=*) ;;
		--)
			[[ $command == learn ]] || continue
			operands=1 first=$i
			return
			;;
		--output | --format | --jobs | --symbol | --dump | --dialect | \
			--caps | --kernel | --native | --arch | \
			--foreign-arch | --unknown | --conflicts | \
			--repeated-index | --multiplexers | --deny | --warn | \
			--allow | --color | --weights | --optimize | --tune | \
			--compare | --denials | --since | --manifest | --for | \
			--threshold | --config | --max-instructions | \
			--max-path | --min-cached | --no-weaker-than | --abi | \
			--audit | --want | --baseline | --base | --counts | \
			--default | --comm | --exe | --pid | --until)
			((i++))
			;;
		-?*) ;;
		*)
			if [[ ! $command ]]; then
				command=${words[i]}
			elif ((!operands++)); then
				first=$i
			fi
			;;
		esac
	done
}

# A command line of its own behind FILE and --, or -- alone.  words has what COMP_WORDS has
# in pieces, such as --caps = none.
_seccompc_command()
{
	local i joined pieces=0
	[[ ${words[first + 1]} == -- && $((first + 1)) -lt $cword ]] &&
		((first++))
	for ((i = 0; i <= first; i++)); do
		joined=
		while [[ $joined != "${words[i]}" &&
			$pieces -lt ${#COMP_WORDS[@]} ]]; do
			joined+=${COMP_WORDS[pieces++]}
		done
	done
	_command_offset $pieces
}

_seccompc()
{
	local cur prev words cword split command operands first
	_init_completion -s -n : || return
	_seccompc_scan

	if [[ ! $command ]]; then
		if [[ $cur == -* ]]; then
			_seccompc_options ''
		else
			COMPREPLY=($(compgen -W 'check compile prove diff merge
				intersect explain report learn run test sim disasm
				oci-annotate syscalls' -- "$cur"))
		fi
		return
	fi
	if [[ $operands -gt 0 &&
		($command == run || ${words[first]} == --) ]]; then
		_seccompc_command
		return
	fi
	if _seccompc_value "$command" "$prev"; then
		__ltrim_colon_completions "$cur"
		return
	fi
	$split && return
	if [[ $cur == -* ]]; then
		_seccompc_options "$command"
	else
		_seccompc_operands "$command" "$operands"
	fi
} &&
	complete -F _seccompc seccompc
