# bash completion for seccomp-exec(1)                     -*- shell-script -*-

_seccomp_exec()
{
	local cur prev words cword i
	_init_completion || return

	for ((i = 1; i < cword; i++)); do
		if [[ ${words[i]} == -- ]]; then
			# A command line of its own.
			_command_offset $((i + 1))
			return
		fi
	done
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W '--log --spec-allow --tsync
			--allow-writable -h --help --version' -- "$cur"))
	else
		_filedir bpf
	fi
} &&
	complete -F _seccomp_exec seccomp-exec
