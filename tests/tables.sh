#!/bin/sh
# The generator of the syscall tables refuses what is malformed, and the
# updater adds what is new and nothing else.
#
#   tables.sh GENERATE SOURCE_ROOT
set -u
LC_ALL=C
export LC_ALL
[ $# -eq 2 ] || {
	echo "usage: tables.sh GENERATE SOURCE_ROOT" >&2
	exit 2
}
generate=$(realpath "$1")
source=$2/syscall-tables
facts=${SECCOMPC_SHARED:-$2/../shared}/syscalls
tab=$(printf '\t')
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
failures=0

ok() {
	echo "ok - $1"
}

not_ok() {
	echo "not ok - $1"
	[ ! -s "$dir/err" ] || sed 's/^/# /' "$dir/err"
	failures=$((failures + 1))
}

# check NAME COMMAND...: whether COMMAND succeeds.
check() {
	name=$1
	shift
	if "$@" >"$dir/check" 2>&1; then
		ok "$name"
	else
		not_ok "$name"
	fi
}

fresh() {
	rm -rf "$dir/t" "$dir/out.c" "$dir/err"
	mkdir "$dir/t"
	cp "$source"/*.tbl "$source/update" "$dir/t"
}

run_generate() {
	(cd "$dir/t" && "$generate" ../out.c x86_64=x86_64.tbl i386=i386.tbl \
		x32=x32.tbl foreign=foreign.tbl arguments=arguments.tbl \
		weights=weights.tbl) \
		2>"$dir/err"
}

# rejects FILE SED MESSAGE: FILE changed by SED is refused at the line changed.
rejects() {
	fresh
	sed "$2" "$source/$1" >"$dir/t/$1"
	line=$(diff "$source/$1" "$dir/t/$1" | sed -n '1s/^[0-9,]*[acd]//p')
	line=${line%,*}
	if [ -z "$line" ]; then
		not_ok "$1: '$2' changes nothing"
		return
	fi
	run_generate
	if [ $? -eq 1 ] && [ ! -e "$dir/out.c" ] &&
		grep -q "^$1:$line: .*$3" "$dir/err"; then
		ok "$1 refused: $2"
	else
		not_ok "$1:$line: $3: $2"
	fi
}

# The same where the line is not that of the change.
rejects_later() {
	fresh
	sed "$2" "$source/$1" >"$dir/t/$1"
	run_generate
	if [ $? -eq 1 ] && [ ! -e "$dir/out.c" ] &&
		grep -q "^[a-z0-9_]*\.tbl:[0-9]*: .*$3" "$dir/err"; then
		ok "$1 refused: $2"
	else
		not_ok "$1: $3: $2"
	fi
}

fresh
check "the tables are accepted" run_generate
check "the output has the newest call" grep -q '"rseq_slice_yield"' "$dir/out.c"

row="^5${tab}fstat${tab}"
for file in x86_64.tbl x32.tbl; do
	rejects $file "s/$row/2${tab}fstat${tab}/" "not sorted: 2 after 4"
	rejects $file "s/$row/4${tab}fstat${tab}/" "a second row for 4"
	rejects $file "s/$row/5${tab}read${tab}/" "a second row for 5 or read"
done
for number in "" -1 0x5 05 5.0 65536 99999999999999999999; do
	rejects x86_64.tbl "s/$row/$number${tab}fstat${tab}/" \
		"is not a number\|is above 65535"
done
for name in "" Fstat "f stat" 5stat "fstat\"" "fst\\\\at"; do
	rejects x86_64.tbl "s/$row/5${tab}$name${tab}/" "is not a syscall name"
done
rejects x86_64.tbl "s/$row/5${tab}abcdefghijklmnopqrstuvwxyz_01234${tab}/" \
	"more than 31 letters"
for since in "" x 6 6. .6 06.1 6.256 6.1.2.3 "6.1 " "-1" 0.5; do
	rejects x86_64.tbl "s/$row.*/5${tab}fstat${tab}$since/" \
		"is not a number\|is above 255\|is not a kernel release"
done
rejects x86_64.tbl "s/$row.*/5${tab}fstat${tab}99.1/" "newer than #release"
rejects x86_64.tbl "s/$row.*/&${tab}common/" "not 3 columns"
rejects x86_64.tbl "s/$row.*/5${tab}fstat/" "not 3 columns"
rejects x86_64.tbl "s/$row.*/5 fstat -/" "not 3 columns"
rejects x86_64.tbl "s/$row.*//" "not 3 columns"
rejects x86_64.tbl "s/$row.*/#release${tab}6.0/" "after #columns"
rejects x86_64.tbl "s/^#columns.*/&${tab}abi/" "unknown columns"
rejects x86_64.tbl "s/^#columns.*/#colums${tab}x/" "before #columns"
rejects x86_64.tbl "s/^#release.*/#release 7.0/" "before #columns"
rejects_later x86_64.tbl "/^#columns/d" "before #columns"
rejects_later x86_64.tbl "/^#release/d" "no #release"
rejects_later x86_64.tbl "/^[0-9]/d" "no rows"
rejects_later x86_64.tbl d "no #columns"
rejects_later x32.tbl "s/^#release.*/#release${tab}99.1/" "not that of"

rejects foreign.tbl "s/^breakpoint/arm_zzz/;s/^cachectl/arm_zzy/" "not sorted"
rejects foreign.tbl "s/^breakpoint/atomic_cmpxchg_32/" "twice"
rejects foreign.tbl "s/^breakpoint/bind/" "has a number"
rejects foreign.tbl "s/^breakpoint.*/breakpoint${tab}/" "column is empty"
rejects foreign.tbl "s/^breakpoint.*/breakpoint${tab}a\"m/" "not plain text"

row="^socket${tab}1${tab}type${tab}int${tab}32${tab}s${tab}-${tab}all"
start="socket${tab}1${tab}type${tab}int"
rejects arguments.tbl "s/$row/sockets${tab}1${tab}/;s/sockets.*/&x/" \
	"not 8 columns"
rejects arguments.tbl "s/^socket${tab}0/sockets${tab}0/" \
	"unknown syscall 'sockets'"
rejects arguments.tbl "s/$row/${start}${tab}32${tab}s${tab}-${tab}arm/" \
	"unknown ABI 'arm'"
rejects arguments.tbl "s/^socketcall\(.*\)i386/socketcall\1x86_64/" \
	"socketcall does not exist on x86_64"
for index in 0 2 6 x ""; do
	rejects arguments.tbl "s/$row/socket${tab}$index${tab}type${tab}\
int${tab}32${tab}s${tab}-${tab}all/" "argument\|is above 5\|not a number"
done
for width in 33 0 128 - ""; do
	rejects arguments.tbl \
		"s/$row/${start}${tab}$width${tab}s${tab}-${tab}all/" \
		"not the width\|is above 64\|not a number"
done
for sign in x ss - ""; do
	rejects arguments.tbl \
		"s/$row/${start}${tab}32${tab}$sign${tab}-${tab}all/" "sign '"
done
rejects arguments.tbl "s/$row/${start}${tab}32${tab}s${tab}99${tab}all/" \
	"is above 64"
rejects arguments.tbl "s/$row/socket${tab}1${tab}-${tab}int${tab}32${tab}s\
${tab}-${tab}all/" "column is empty"
rejects arguments.tbl "s/$row/socket${tab}1${tab}type${tab}i\"t${tab}32${tab}s\
${tab}-${tab}all/" "not plain text"
rejects arguments.tbl "s/$row/socket${tab}-${tab}-${tab}-${tab}-${tab}-\
${tab}-${tab}all/" "besides"
rejects arguments.tbl "s/^getpid${tab}-${tab}-/getpid${tab}-${tab}x/" \
	"of no argument"
rejects arguments.tbl "s/^\(_llseek${tab}0.*\)-\(${tab}i386\)/\132\2/" \
	"a width on an ABI"
rejects arguments.tbl "s/^\(accept${tab}0.*\)-\(${tab}all\)/\132\2/" \
	"a width on an ABI"
rejects arguments.tbl "s/^acct${tab}/zzz${tab}/" "unknown syscall"
rejects_later arguments.tbl "s/^acct${tab}/write${tab}/" "not sorted"
rejects arguments.tbl "/^#columns/s/width_i386/width_arm/" "unknown column"
rejects arguments.tbl "s/${tab}width_i386/${tab}i386/" "unknown column"
rejects arguments.tbl "s/${tab}abi$/${tab}note/" "unknown columns"

row=$(sed -n "s/^read$tab\([0-9]*\)${tab}-.*/\1/p" "$source/weights.tbl")
rejects weights.tbl "s/^read$tab/reed$tab/" "unknown syscall 'reed'"
rejects weights.tbl "s/^write$tab/read$tab/" "not sorted, or twice"
for share in "" x -1 1.5 1000001 $((row + 4)) $((row - 4)) 0; do
	rejects weights.tbl "s/^read${tab}[0-9]*/read$tab$share/" \
		"is not a number\|is above 1000000\|is not the mean"
done
rejects weights.tbl "s/^read$tab.*/&x/" "is not a number"
rejects weights.tbl "s/^read$tab.*/&${tab}1/" "columns with tabs between"
rejects weights.tbl "s/^mmap2.*/&1/" "calls of another name"
rejects weights.tbl "/^#columns/s/share/count/" "unknown columns"
rejects_later weights.tbl "/^[a-z_]/d" "no rows"
rejects_later weights.tbl "1s/^/a/" "before #columns"

fresh
printf '600%snew%s-' "$tab" "$tab" >>"$dir/t/x86_64.tbl"
run_generate
check "a table cut off is refused" grep -q "the last line has no end" "$dir/err"
fresh
printf '600%sn\0ew%s-\n' "$tab" "$tab" >>"$dir/t/x86_64.tbl"
run_generate
check "a NUL is refused" grep -q "a NUL character" "$dir/err"
fresh
rm "$dir/t/x32.tbl"
run_generate
check "a missing table is refused" grep -q "cannot open x32.tbl" "$dir/err"
check "no arguments are refused" sh -c "! '$generate' 2>/dev/null"

# What the tables cover, and what a kernel after that could bring.
now=$(sed -n "s/^#release$tab//p" "$source/x86_64.tbl")
next=${now%.*}.$((${now#*.} + 1))
after=${now%.*}.$((${now#*.} + 2))

last_of() {
	for last_table; do
		tail -n 1 "$source/$last_table.tbl"
	done | cut -f 1 | sort -n | tail -n 1
}

last=$(last_of x86_64 i386)
new=$((last + 1))
last_x32=$(last_of x32)
new_x32=$((last_x32 + 1))

# rows_until RELEASE ABI: what a kernel of that release had.
rows_until() {
	awk -v release="$1" 'BEGIN { split(release, r, ".") }
	/^#/ { next }
	{ split($3, s, ".") }
	s[1] * 256 + s[2] <= r[1] * 256 + r[2]' "$source/$2.tbl"
}

# A kernel tree with the numbers of the tables, as Linux release $1.
make_tree() {
	tree=$dir/linux/arch/x86/entry/syscalls
	rm -rf "$dir/linux"
	mkdir -p "$tree"
	printf 'VERSION = %s\nPATCHLEVEL = %s\nSUBLEVEL = 3\n' \
		"${1%.*}" "${1#*.}" >"$dir/linux/Makefile"
	echo "# a comment" >"$tree/syscall_64.tbl"
	rows_until "$1" x86_64 >"$dir/x86_64"
	rows_until "$1" x32 >"$dir/x32"
	awk 'NR == FNR { wide[$1] = $2; next }
	{ x32[$1] = $2 }
	END {
		for (i = 0; i < 4096; i++) {
			if (i in wide && wide[i] == x32[i])
				print i "\tcommon\t" wide[i] "\tsys_" wide[i]
			else if (i in wide)
				print i "\t64\t" wide[i] "\tsys_" wide[i]
			else if (i in x32)
				print i "\tx32\t" x32[i] "\tcompat_sys_x"
		}
	}' "$dir/x86_64" "$dir/x32" >>"$tree/syscall_64.tbl"
	rows_until "$1" i386 |
		awk '{ print $1 "\ti386\t" $2 "\tsys_" $2 }' \
			>"$tree/syscall_32.tbl"
}

# Headers of the numbers of the tables.
make_headers() {
	rm -rf "$dir/headers"
	mkdir -p "$dir/headers/asm"
	for pair in x86_64:64 i386:32 x32:x32; do
		awk -v x32="${pair#*:}" 'BEGIN { print "#ifndef _ASM" }
		!/^#/ {
			if (x32 == "x32")
				$1 = "(__X32_SYSCALL_BIT + " $1 ")"
			print "#define __NR_" $2 " " $1
		}
		END { print "#endif" }' "$source/${pair%:*}.tbl" \
			>"$dir/headers/asm/unistd_${pair#*:}.h"
	done
}

update() {
	"$dir/t/update" "$@" >"$dir/diff" 2>"$dir/err"
}

unchanged() {
	for abi in x86_64 i386 x32; do
		cmp "$source/$abi.tbl" "$dir/t/$abi.tbl" || return 1
	done
	[ "$(find "$dir/t" | wc -l)" -eq 8 ]
}

# refuses NAME MESSAGE ARGUMENT...: the updater does, and writes nothing.
refuses() {
	name=$1
	message=$2
	shift 2
	update "$@"
	if [ $? -eq 1 ] && grep -q "$message" "$dir/err" && unchanged; then
		ok "update refuses $name"
	else
		not_ok "update refuses $name"
	fi
}

fresh
make_tree "$now"
check "update with the same kernel" update --since "$now" "$dir/linux"
check "... changes nothing" unchanged

make_tree "$next"
{
	printf '337\t64\thole\tsys_hole\n'
	printf '%d\tcommon\tfresh\tsys_fresh\n' $new
	printf '%d\tx32\tfresh32\tsys_x\n' $new_x32
} >>"$tree/syscall_64.tbl"
printf '%d\ti386\tfresh\tsys_fresh\n' $new >>"$tree/syscall_32.tbl"
check "update --dry-run" update --dry-run --since="$next" "$dir/linux"
check "... prints the new rows" \
	grep -q "^+$new${tab}fresh${tab}$next" "$dir/diff"
check "... changes nothing" unchanged
refuses "a release newer than the source" "not new in $after" \
	--since "$after" "$dir/linux"
check "update with a newer kernel" update --since "$next" "$dir/linux"
# expect ABI ROW...: the table is the old one, with ROWs and the new release.
expect() {
	abi=$1
	shift
	{
		sed -n "s/^#release.*/#release$tab$next/;/^#/p" \
			"$source/$abi.tbl"
		{
			grep -v '^#' "$source/$abi.tbl"
			printf "%d\t%s\t$next\n" "$@"
		} | sort -n
	} >"$dir/expected"
	check "... $abi" cmp "$dir/expected" "$dir/t/$abi.tbl"
}

expect x86_64 337 hole $new fresh
expect i386 $new fresh
expect x32 $new fresh $new_x32 fresh32
check "... and the generator takes them" run_generate

fresh
make_tree "$next"
echo "$new common fresh sys_fresh" >>"$tree/syscall_64.tbl"
sed -i "s/^5${tab}i386${tab}open/&ed/" "$tree/syscall_32.tbl"
refuses "a renamed number" "i386: 5 is open here and opened" \
	--since "$next" "$dir/linux"
make_tree "$next"
sed -i "/^5${tab}/d" "$tree/syscall_64.tbl"
refuses "a number that vanished" "x32: 5 (fstat.*is not in the source" \
	--since "$next" "$dir/linux"
make_tree "$next"
echo "$new common openat sys_openat" >>"$tree/syscall_64.tbl"
refuses "a name with another number" "openat is 257 here and $new" \
	--since "$next" "$dir/linux"
make_tree "$next"
echo "5 i386 open sys_open" >>"$tree/syscall_32.tbl"
refuses "a number that occurs twice" "5 occurs twice" \
	--since "$next" "$dir/linux"
make_tree "$next"
: >"$tree/syscall_32.tbl"
refuses "an empty table" "no numbers for i386" --since "$next" "$dir/linux"
refuses "a directory without tables" "has neither" --since "$next" "$dir"
make_tree 6.16
check "update with an older kernel" update --since "$now" "$dir/linux"
all=$(grep -vc "^#" "$source/x86_64.tbl")
missing=$((all - $(wc -l <"$dir/x86_64")))
check "... counts what it lacks" grep -qx \
	"x86_64: 0 new, $missing newer than the source" "$dir/err"
check "... which is something" test $missing -ge 5
check "... changes nothing" unchanged

make_headers
check "update with headers" update --since "$now" "$dir/headers"
check "... changes nothing" unchanged
echo "#define __NR_fresh (__X32_SYSCALL_BIT + $new)" \
	>>"$dir/headers/asm/unistd_x32.h"
check "update with new headers" update --since "$next" "$dir/headers/asm"
check "... adds what is new" grep -qx "$new${tab}fresh${tab}$next" \
	"$dir/t/x32.tbl"
fresh
installed=/usr/include/x86_64-linux-gnu
[ -f $installed/asm/unistd_64.h ] || installed=/usr/include
newer=$(awk -v now="$now" 'BEGIN { split(now, r, ".") }
	$2 == "LINUX_VERSION_CODE" && $3 > (r[1] * 256 + r[2]) * 256 + 255' \
	/usr/include/linux/version.h 2>/dev/null)
if [ -n "$newer" ]; then
	echo "ok - skipped: the kernel headers installed are newer"
elif [ -f $installed/asm/unistd_x32.h ]; then
	check "update with the headers installed" \
		update --since "$now" $installed
	check "... changes nothing" unchanged
else
	echo "ok - skipped: no kernel headers are installed"
fi

for args in "" "--since 7.1" "$dir/linux" "--since x $dir/linux" \
	"--since 7.1 --bogus $dir/linux" "--since 7.1 a b" "--since"; do
	# shellcheck disable=SC2086
	update $args
	if [ $? -eq 2 ] && grep -q -e "--help" "$dir/err"; then
		ok "update usage: $args"
	else
		not_ok "update usage: $args"
	fi
done
check "update --help" update --help
check "... has examples" grep -q "^Examples:" "$dir/diff"

if [ -d "$facts" ]; then
	for abi in x86_64 i386 x32; do
		grep -v '^#' "$facts/$abi.tsv" | cut -f 1-3 >"$dir/expected"
		grep -v '^#' "$source/$abi.tbl" >"$dir/got"
		check "$abi.tbl has the facts" cmp "$dir/expected" "$dir/got"
	done
else
	echo "ok - skipped: no $facts"
fi

[ $failures -eq 0 ]
