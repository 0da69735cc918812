# What zsh offers: complete.zsh FOLDER-OF-COMPLETIONS OUTPUT, for
# completions.py.
#
# Reads command lines and presses the tabulator behind each, in a zsh of its
# own.  Prints what is offered, a line each, and an empty line.

zmodload zsh/zpty zsh/mapfile zsh/zselect || exit
export CAPTURED=$2
: >$CAPTURED
zpty shell zsh -f -i
tell() { zpty -w shell "$1" }
# It would ask first before it lists more than 100.
tell "PS1= LISTMAX=10000 fpath=(${(q)1} \$fpath); autoload -U compinit; compinit -D -u"
# What is added is noted, and added too, so that it goes on as ever.
tell 'compadd() {
	local -a hits
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	builtin compadd -A hits "$@"
	[[ $#hits -eq 0 ]] || print -rl -- $hits >>$CAPTURED
	builtin compadd "$@"
}'
tell 'capture() { zle complete-word; BUFFER=; print >>$CAPTURED }'
tell 'zle -N capture; bindkey "^I" capture; print -n RE; print ADY'
zpty -r shell out '*READY*' || exit

while IFS= read -r line; do
	: >$CAPTURED
	zpty -w -n shell "$line"$'\t'
	integer tries=0
	# An empty line ends it.
	until [[ $'\n'$mapfile[$CAPTURED] == *$'\n\n' ]]; do
		((++tries < 1000)) || exit 1
		zpty -r -t shell out
		zselect -t 1
	done
	cat $CAPTURED
done
zpty -d shell
