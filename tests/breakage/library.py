#!/usr/bin/env python3
"""Breaks libseccompc in one place at a time: its tests must fail.

library.py BUILD_ROOT SOURCE_ROOT LIST

A LIST has breakages as in run.py, but for what must notice them:

  > PROGRAM: TEST     the test of the build's tests/PROGRAM that must fail

The changed file takes the place of the library's in that program, as in
run.py.  Prints TAP.
"""

import concurrent.futures
import functools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from run import Breakage, Build, Failure


def read_list(path):
    breakages = []
    for line in path.read_text().splitlines(keepends=True):
        last = breakages[-1] if breakages else None
        if line[0] == "=":
            breakages.append(Breakage(line[2:].strip(), [], ""))
        elif line[0] == "@":
            last.file = line[1:].strip() or last.file
            last.hunks.append([])
        elif line[0] in "-+ \t":
            last.hunks[-1].append(line)
        elif line[0] == ">":
            last.script, last.message = line[2:].strip().split(": ", 1)
        elif line[0] not in "#\n":
            sys.exit(f"{path}: what is this? {line}")
    return breakages


class Programs(Build):
    def __init__(self, build_root, source_root):
        super().__init__(build_root)
        self.source_root = source_root

    @functools.lru_cache(maxsize=None)
    def link_of(self, program):
        ninja = os.environ.get("NINJA", "ninja")
        return shlex.split(subprocess.run(
            [ninja, "-C", self.root, "-t", "commands", f"tests/{program}"],
            stdout=subprocess.PIPE, check=True,
            text=True).stdout.splitlines()[-1])

    def failures(self, program):
        """The tests that fail, by name."""
        done = subprocess.run(
            [program], cwd=self.source_root, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=200)
        if done.returncode == 77:
            return None
        return set(re.findall(r":[FE]:[^:]*:(\w+):\d+: ", done.stdout))

    def make_program(self, breakage, folder):
        self.compile(breakage, folder)
        output = folder / breakage.script
        command = [output if word == f"tests/{breakage.script}" else word
                   for word in self.link_of(breakage.script)]
        command.insert(1, folder / "changed.o")
        self.run(command)
        return output


def check(build, breakage):
    """What is wrong, or that it cannot be told here."""
    with tempfile.TemporaryDirectory() as name:
        try:
            program = build.make_program(breakage, pathlib.Path(name))
            failing = build.failures(program)
        except (Failure, subprocess.TimeoutExpired) as failure:
            return str(failure)
    if failing is None:
        print(f"# skipped: {breakage.script} cannot run here")
    elif breakage.message not in failing:
        return f"{breakage.message} did not fail, but {sorted(failing)}"
    return None


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    build = Programs(sys.argv[1], pathlib.Path(sys.argv[2]))
    breakages = read_list(pathlib.Path(sys.argv[3]))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for i, (breakage, failure) in enumerate(zip(breakages, pool.map(
                lambda b: check(build, b), breakages)), 1):
            print(f"{'not ok' if failure else 'ok'} {i} - "
                  f"{breakage.file}: {breakage.name}", flush=True)
            for line in (failure or "").splitlines():
                print(f"# {line}")
            failed += failure is not None
    print(f"1..{len(breakages)}")
    sys.exit(failed != 0)


main()
