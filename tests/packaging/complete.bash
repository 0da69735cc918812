# What bash offers: complete.bash FILE..., for completions.py.
# shellcheck shell=bash
#
# Reads words separated by tabs, as readline splits them, the last of which is
# to be completed.  Prints what is offered, a line each, and an empty line.

shopt -s extglob progcomp
# Only readline can be told how to go on.
compopt() { :; }
for file; do
	# shellcheck source=/dev/null
	. "$file" || exit
done

while IFS= read -r line; do
	mapfile -t -d $'\t' COMP_WORDS < <(printf '%s' "$line")
	[[ $line != *$'\t' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMP_LINE='' before=''
	for word in "${COMP_WORDS[@]}"; do
		# A space, but not around what readline splits at.
		[[ -z $COMP_LINE || $word == [=:] || $before == [=:] ]] ||
			COMP_LINE+=' '
		COMP_LINE+=$word before=$word
	done
	COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
	function=$(complete -p "${COMP_WORDS[0]}")
	function=${function#*-F } function=${function%% *}
	"$function" "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" \
		"${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}"
	[[ ${#COMPREPLY[@]} -eq 0 ]] || echo
done
