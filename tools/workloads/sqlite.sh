#!/bin/sh
# sqlite3: small transactions, a large one, queries, in both journal modes.
set -eu
for mode in delete wal; do
	{
		echo "pragma journal_mode = $mode;"
		echo 'create table t (id integer primary key, a text, b integer);'
		seq -f "insert into t (a, b) values ('row %g', %g);" 150
		echo 'begin;'
		seq -f "insert into t (a, b) values ('more %g', %g);" 3000
		echo 'commit; create index by_b on t (b);'
		seq -f 'select a from t where b = %g;' 200
		seq -f 'update t set b = b + 1 where id = %g;' 100
		echo 'delete from t where b % 7 = 0; vacuum;'
		echo 'select count(*), sum(b) from t;'
	} | sqlite3 "$mode.db"
	seq 20 | while read -r id; do
		sqlite3 "$mode.db" "select a from t where id = $id"
	done
done
