#!/usr/bin/env python3
"""weights.py SOURCE_ROOT: tools/record-weights, run again for two of its
workloads, agrees with syscall-tables/weights.tbl in rank, whether the kernel
writes down the calls or strace does.  Both see the same calls of a script.

What is compared is the order of a workload's syscalls by how often it makes
them, by Spearman's rank correlation over those that are at least 0.1 % of its
calls in either recording.  Between runs on one machine it is above 0.99, and
on machines with other versions of the programs above 0.95; for counts that
are shuffled it is as often below 0 as above.
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile

WORKLOADS = ["python", "shell"]
# One process at a time: nothing in it depends on who is faster.  There is one
# more if signals are ignored that strace would not ignore.
SCRIPT = """
for i in 1 2 3 4 5 6 7 8; do
	cat "$0" >/dev/null
	(cd / && /bin/date >/dev/null)
done
grep -q "SigIgn:.*0000000$" /proc/self/status || /bin/date >/dev/null
"""
LEAST = 0.9
ENOUGH = 1000  # parts per million


def read_table(path):
    """The columns of a table by workload: parts per million by name."""
    columns, rows = [], []
    for line in path.read_text().splitlines():
        if line.startswith("#columns\t"):
            columns = line.split("\t")[1:]
        elif line and not line.startswith("#"):
            rows.append(line.split("\t"))
    return {column: {row[0]: int(row[i]) for row in rows if row[i] != "-"}
            for i, column in enumerate(columns) if i > 2}


def ranks(values):
    """Ranks from 1; equal values share the mean of theirs."""
    ordered = sorted(values)
    return [ordered.index(v) + (ordered.count(v) + 1) / 2 for v in values]


def correlation(a, b):
    """Pearson's, of two lists."""
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    both = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b))
    return both / (sum((x - mean_a) ** 2 for x in a) *
                   sum((y - mean_b) ** 2 for y in b)) ** 0.5


def agreement(a, b):
    """Of two columns, over the names that matter in either."""
    names = sorted(name for name in a.keys() | b.keys()
                   if max(a.get(name, 0), b.get(name, 0)) >= ENOUGH)
    return correlation(ranks([a.get(name, 0) for name in names]),
                       ranks([b.get(name, 0) for name in names])), len(names)


def shuffled(column, seed):
    """The numbers that matter, on each other's names."""
    names = [name for name in column if column[name] >= ENOUGH]
    numbers = [column[name] for name in names]
    random.Random(seed).shuffle(numbers)
    return {**column, **dict(zip(names, numbers))}


def compare(title, recorded, table):
    """Whether they agree, and shuffled ones do not."""
    rho, count = agreement(recorded, table)
    worst = max(agreement(recorded, shuffled(table, seed))[0]
                for seed in range(100))
    good = rho >= LEAST and worst < LEAST and count >= 15
    print(f"{'' if good else 'not '}ok - {title}: {rho:.3f} over {count} "
          f"syscalls; at most {worst:.3f} of 100 shuffled tables")
    return good


def same_calls(ways, numbers):
    """Whether all ways count the same, by number, in a script."""
    counts = {}
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "script"
        script.write_text(SCRIPT)
        for name, way in ways.items():
            trace = way(pathlib.Path(folder), ["sh", script],
                        stdin=subprocess.DEVNULL,
                        env={"PATH": "/usr/bin:/bin", "NAME": "x"})
            try:
                good = trace.wait(60) == 0
                counts[name] = dict(trace.counts()[0]) if good else {}
            finally:
                trace.close()
    counts["strace"] = {f"syscall_0x{numbers[name]:x}": count
                        for name, count in counts["strace"].items()}
    total = sum(counts["strace"].values())
    same = counts["kernel"] == counts["strace"] and total >= 200
    print(f"{'' if same else 'not '}ok - the kernel and strace count the same "
          f"{total} calls of {len(counts['strace'])} kinds")
    if not same:
        print(f"# {counts}")
    return same


def has_tracefs():
    """Whether the kernel way has to work: what it needs can be opened."""
    try:
        folder = tempfile.mkdtemp(dir="/sys/kernel/tracing/instances")
        try:
            with open(f"{folder}/events/raw_syscalls/sys_enter/enable", "r+",
                      encoding="ascii"):
                # PROC_PID_INIT_INO: outside of any PID namespace
                return os.stat("/proc/self/ns/pid").st_ino == 0xEFFFFFFC
        finally:
            os.rmdir(folder)
    except OSError:
        return False


def record(root, way):
    """The columns of the workloads."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "recorded.tbl"
        subprocess.run([root / "tools/record-weights", "--way", way,
                        "--runs=1", "-o", path, *WORKLOADS],
                       check=True, timeout=250)
        return read_table(path)


def read_numbers(path):
    rows = [line.split("\t") for line in path.read_text().splitlines()
            if line and not line.startswith("#")]
    return {row[1]: int(row[0]) for row in rows}


def main():
    root = pathlib.Path(sys.argv[1])
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(root / "tools/workloads"))
    # pylint: disable=import-error,import-outside-toplevel
    from ways import WAYS
    ways = {name: way for name, way in WAYS.items() if way.works()}
    if not ways:
        print("skipped: there is no tracefs, and strace is missing or may "
              "not trace here")
        sys.exit(77)
    tables = root / "syscall-tables"
    table = read_table(tables / "weights.tbl")
    good = ["kernel" in ways or not has_tracefs()]
    print(f"{'' if good[0] else 'not '}ok - ways: {', '.join(ways)}")
    for way in ways:
        recorded = record(root, way)
        good += [compare(f"{name} by {way}", recorded[name], table[name])
                 for name in WORKLOADS]
        # One workload is not another either.
        rho, _ = agreement(recorded["python"], table["redis"])
        good.append(rho < LEAST)
        print(f"{'' if good[-1] else 'not '}ok - python is not redis: "
              f"{rho:.3f}")
    if len(ways) == len(WAYS):
        good.append(same_calls(ways, read_numbers(tables / "x86_64.tbl")))
    sys.exit(not all(good))


main()
