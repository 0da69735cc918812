#!/usr/bin/env python3
"""weights.py SOURCE_ROOT: tools/record-weights, run again for two of its
workloads, agrees with syscall-tables/weights.tbl in rank.

What is compared is the order of a workload's syscalls by how often it makes
them, by Spearman's rank correlation over those that are at least 0.1 % of its
calls in either recording.  Between runs on one machine it is above 0.99, and
on machines with other versions of the programs above 0.95; for counts that
are shuffled it is as often below 0 as above.
"""
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

WORKLOADS = ["python", "shell"]
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


def can_trace():
    """Whether there is strace, and it may trace."""
    return shutil.which("strace") and not subprocess.run(
        ["strace", "-f", "-o", "/dev/null", "true"], check=False,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode


def main():
    root = pathlib.Path(sys.argv[1])
    if not can_trace():
        print("skipped: strace is missing, or may not trace here")
        sys.exit(77)
    table = read_table(root / "syscall-tables/weights.tbl")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "recorded.tbl"
        subprocess.run([root / "tools/record-weights", "-o", path,
                        *WORKLOADS], check=True, timeout=500)
        recorded = read_table(path)
    good = [compare(name, recorded[name], table[name]) for name in WORKLOADS]
    # One workload is not another either.
    rho, _ = agreement(recorded["python"], table["redis"])
    print(f"{'' if rho < LEAST else 'not '}ok - python is not redis: "
          f"{rho:.3f}")
    sys.exit(not (all(good) and rho < LEAST))


main()
