#!/bin/sh
# A repository made, changed, cloned, read and packed.
set -eu
export HOME="$PWD" GIT_CONFIG_NOSYSTEM=1
git config --global user.name nobody
git config --global user.email nobody@example.org
git config --global init.defaultBranch main
git config --global gc.autoDetach false
git init -q one
cd one
i=0
while [ $i -lt 25 ]; do
	i=$((i + 1))
	mkdir -p "d$((i % 4))"
	seq 1 $((i * 20)) >"d$((i % 4))/$i.txt"
	echo "$i" >>README
	git add .
	git commit -q -m "change $i"
	git status --short
done
git checkout -q -b side HEAD~10
echo side >side
git add side
git commit -q -m side
git checkout -q main
git merge -q -m merge side
git log --stat >/dev/null
git diff HEAD~5 >/dev/null
git blame README >/dev/null
git grep -q 17
cd ..
git clone -q one two
git clone -q --no-local --bare one three.git
cd two
git fetch -q
git checkout -q HEAD~3
git checkout -q main
git gc -q
git fsck 2>/dev/null
