#!/bin/sh
# make and gcc on a dozen small files.
set -eu
i=0
while [ $i -lt 12 ]; do
	i=$((i + 1))
	cat >"file$i.c" <<END
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int part$i(int n) { return printf("%d %zu\n", n * $i, strlen("$i")); }
END
done
{
	seq -f 'int part%g(int n);' 12
	echo 'int main(int argc, char **argv) { (void)argv; return !('
	seq -f 'part%g(argc) +' 12
	echo '0); }'
} >main.c
cat >Makefile <<'END'
objects = $(patsubst %.c,%.o,$(wildcard *.c))
program: $(objects)
	gcc -o $@ $(objects)
%.o: %.c
	gcc -O2 -Wall -c -o $@ $<
END
make -j2
./program
touch file1.c
make
