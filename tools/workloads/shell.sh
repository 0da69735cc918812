#!/bin/bash
# Shell, coreutils, tar and the like, over a tree of small files.
set -eu
mkdir -p tree
for i in {1..40}; do
	mkdir -p "tree/$((i % 7))"
	seq "$i" $((i * 50)) >"tree/$((i % 7))/$i.txt"
done
for i in 1 2 3; do
	find tree -type f -name '*.txt' | sort >list
	find tree -type f -size +1k -exec wc -l {} + | tail -n 1
	grep -rl 99 tree | xargs cat | sort -n | uniq -c | sort -rn >top
	sed -n 's/^ *\([0-9]*\) .*/\1/p' top | head -n 5
	tar czf "tree-$i.tar.gz" tree
	mkdir "out-$i"
	tar xzf "tree-$i.tar.gz" -C "out-$i"
	diff -r tree "out-$i/tree"
	cp -a tree "copy-$i"
	sha256sum "tree-$i.tar.gz" >>sums
	gzip -dc "tree-$i.tar.gz" | od -A x -t x1 | tail -n 1
	du -sk "copy-$i"
	ls -lR "copy-$i" >listing
	chmod -R go-w "copy-$i"
	mv "copy-$i" "moved-$i"
	ln -sf "tree-$i.tar.gz" latest
	readlink -f latest
	date +%s
	n=0
	while read -r path; do
		name=${path##*/}
		n=$((n + $(stat -c %s "$path")))
		[ -n "$name" ] && : >"marked-$name"
	done <list
	echo $n
	rm -rf "moved-$i" "out-$i" marked-*
done
